"""Who still holds a date that is no longer published, as one list."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from accounts.models import User
from forum import telling
from forum.models import Forum, Told
from outbox import recipients
from outbox.models import Notice


@dataclass(frozen=True)
class Holder:
    """Somebody who holds an old date, by name; the state of the message that tells the new one."""

    told: Told
    name: str
    state: str
    state_label: str
    notice: int | None


def outdated(forum: Forum, user: User, *, now: dt.datetime) -> QuerySet[Told]:
    """Whose old date or new one is still to come, in the user's provinces of the forum."""
    rows = Told.objects.visible_to(user).outdated().filter(session__forum=forum)
    new = Q(session__announced__ends_at__gt=now, session__announced__is_cancelled=False)
    return rows.filter(Q(entry__ends_at__gt=now) | new)


def shown(rows: QuerySet[Told]) -> QuerySet[Told]:
    """The same with all that a line shows, and the message of the newest change; one query."""
    subject = Concat(
        Value("session:"),
        Cast(OuterRef("session"), CharField()),
        output_field=CharField(),
    )
    messages = Notice.objects.filter(
        subject=subject,
        recipient=OuterRef("recipient"),
        version=OuterRef("session__sequence"),
        kind__in=[telling.CHANGED, telling.OFF],
    )
    return (
        rows.select_related(
            "entry__venue", "session__province", "session__forum", "session__announced__venue", "by"
        )
        .annotate(
            notice=Subquery(messages.values("pk")[:1]),
            notice_state=Subquery(messages.values("state")[:1]),
        )
        .order_by(F("session__announced__starts_at").asc(nulls_last=True), "session", "recipient")
    )


def named(rows: list[Told]) -> list[Holder]:
    """Each with the name of who it is; one query for each kind of recipient."""
    names = recipients.labels(one.recipient for one in rows)
    return [_holder(one, names.get(one.recipient, one.recipient)) for one in rows]


def _holder(told: Told, name: str) -> Holder:
    state = told.notice_state  # type: ignore[attr-defined]
    label = str(Notice.State(state).label) if state else ""
    return Holder(told, name, state or "", label, told.notice)  # type: ignore[attr-defined]
