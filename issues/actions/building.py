"""What a coordinator does on the page of the agenda besides the single acts: several at once."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum.models import Session
from issues.actions.agenda import (
    CHANGEABLE,
    COORDINATOR,
    arrange,
    lock_session,
    refuse_decided,
    schedule_all,
)
from issues.actions.move import lock_all
from issues.models import AgendaItem, Issue
from issues.voices import Voices


@transaction.atomic
def schedule_before(
    issues: Sequence[Issue],
    *,
    by: User,
    now: dt.datetime,
    session: Session,
    minutes: int = 10,
    before: int | None = None,
) -> list[AgendaItem]:
    """Put all these issues on the agenda before the item of that id, at the end where it is none.

    Raises TransitionError as ``schedule_all`` does.
    """
    items = schedule_all(issues, by=by, now=now, session=session, minutes=minutes)
    seen = list(session.agenda_items.values_list("pk", flat=True))
    added = [one.pk for one in items]
    rest = [pk for pk in seen if pk not in added]
    if before in rest:
        place = rest.index(before)
        order = [*rest[:place], *added, *rest[place:]]
        arrange(session, by=by, seen=seen, order=order)
    return items


@transaction.atomic
def retitle(item: AgendaItem, *, by: User, title: str, seen: str) -> AgendaItem:
    """Give a point or a heading another title, where it still has the one that was ``seen``."""
    session = lock_session(item.session_id, by, CHANGEABLE)
    if item.issue_id:
        raise TransitionError(_("This item is an issue: its title is the organization's."))
    refuse_decided(item)
    locked = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if locked.title == title:
        return locked
    if locked.title != seen:
        raise TransitionError(
            _("Meanwhile somebody else has named it “%(title)s”. Look whether yours is better.")
            % {"title": locked.title}
        )
    locked.title = title
    locked.save(update_fields=["title"])
    record("issue.retitle", session, by=by, role=COORDINATOR, item=item.pk)
    return locked


@transaction.atomic
def suggest_voices(session: Session, *, by: User) -> int:
    """Expect the likeliest office at each undecided issue without one; at how many it was found.

    Who holds a review is expected at it. What is frozen is left alone.
    """
    locked = lock_session(session.pk, by, CHANGEABLE)
    bare = locked.agenda_items.filter(
        issue__isnull=False, issue__pressured_at=None, outcome=None, expected=None
    )
    lock_all(bare.values_list("issue", flat=True))
    items = list(bare.select_related("issue"))
    voices = Voices(locked.province_id, [one.issue for one in items if one.issue])
    found = {one.pk: voices.of(one.issue) for one in items if one.issue}
    link = AgendaItem.expected.through
    link.objects.bulk_create(
        link(agendaitem_id=item, authority_id=office.pk)
        for item, offices in found.items()
        for office in offices
    )
    named = [item for item, offices in found.items() if offices]
    if named:
        record("issue.suggest_voices", locked, by=by, role=COORDINATOR, items=named)
    return len(named)
