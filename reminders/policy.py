"""What administrators decide: the rungs of each ladder, who escalates by itself, and the hours.

A rung keeps its key while its day, its way or its words are changed: by it the planner knows who
was told. A new rung gets a key that no rung ever had; so does one that goes to a superior instead
of the office, or the other way round, since it then is another thing to be told.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from outbox.models import Hours, Notice
from provinces.models import Province
from reminders import permissions, policy_rules, policy_settling
from reminders.models import Ladder, ProvincePolicy, Rung

ADMINISTRATOR = AuditEntry.Role.ADMINISTRATOR
FACTS = ("offset", "audience", "channel")
WORDS = ("subject_km", "subject_en", "opening_km", "opening_en")
ASIDE = 1000  # where the days of a ladder stand while they change places
# Who changes a ladder waits for who was first; the planner goes on reading.
LOCK = "LOCK TABLE reminders_rung IN SHARE ROW EXCLUSIVE MODE"
NEXT = "SELECT nextval(pg_get_serial_sequence('reminders_rung', 'id'))"
ESCALATE = "reminders.escalate_by_itself"
HOURS = ("opens", "closes", "most_a_day")


# --- the ladder of a priority ---------------------------------------------------------------------
def version_of(priority: int) -> int:
    """Which state of the ladder is shown; 0 while nobody changed it."""
    found = Ladder.objects.filter(pk=priority).values_list("version", flat=True).first()
    return found or 0


@transaction.atomic
def save_ladder(
    priority: int, rungs: Sequence[Rung], *, by: User, now: dt.datetime, seen: int
) -> bool:
    """Make these the rungs of a priority; whether that changed anything.

    Those with a ``pk`` are rungs that stand, the others new ones; what is not among them is
    removed. The planner sees by itself that the ladder is another one (``reminders.looking``).
    ``seen`` is the ``version_of`` the ladder as it was shown. Raises TransitionError
    where somebody changed it meanwhile, or where a rule of ``policy_rules`` is broken.
    """
    _permit(by)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    if version_of(priority) != seen:
        raise TransitionError(_("Meanwhile somebody changed this ladder. Open the page again."))
    standing = {one.pk: one for one in Rung.objects.filter(priority=priority)}
    for one in rungs:
        one.priority = priority
        one.is_escalation = one.audience == Rung.Audience.SUPERIOR
        if one.pk not in standing:
            one.pk = None
    if faults := policy_rules.faults(rungs, get_language() or "en"):
        raise TransitionError(faults[0].sentence)
    change = _write(standing, rungs)
    if not change:
        return False
    policy_settling.settle(priority, now=now)
    ladder = _note_change(priority, seen, by=by, now=now)
    record("reminders.change_ladder", ladder, by=by, role=ADMINISTRATOR, at=now, **change)
    return True


def _write(standing: dict[int, Rung], rungs: Sequence[Rung]) -> dict[str, Any]:
    """Keep the rungs, and say what changed by their keys; never what the words are."""
    kept = {one.pk: one for one in rungs if one.pk and not _is_other(standing[one.pk], one)}
    added = [one for one in rungs if one.pk not in kept]
    removed = [one for pk, one in standing.items() if pk not in kept]
    changed = {
        standing[pk].key: difference
        for pk, one in kept.items()
        if (difference := _difference(standing[pk], one))
    }
    Rung.objects.filter(pk__in=[one.pk for one in removed]).delete()
    Rung.objects.filter(pk__in=kept).update(offset=F("offset") + ASIDE)
    for pk, one in kept.items():
        one.key = standing[pk].key
        one.save()
    for one in added:
        one.pk = _next_number()
        one.key = f"{one.offset:+d}.{one.pk}" if one.offset else f"0.{one.pk}"
        one.save(force_insert=True)
    said = {
        "added": {one.key: {name: getattr(one, name) for name in FACTS} for one in added},
        "removed": sorted(one.key for one in removed),
        "changed": changed,
    }
    return {name: what for name, what in said.items() if what}


def _is_other(before: Rung, after: Rung) -> bool:
    """Whether it goes to a superior and did not, or the other way round."""
    return before.is_escalation != after.is_escalation


def _difference(before: Rung, after: Rung) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: [getattr(before, name), getattr(after, name)]
        for name in FACTS
        if getattr(before, name) != getattr(after, name)
    }
    words = [name for name in WORDS if getattr(before, name) != getattr(after, name)]
    return facts | ({"words": words} if words else {})


def _next_number() -> int:
    """A number that no rung ever had, nor will have: rows may go, their numbers do not return."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        (number,) = cursor.fetchone()
    return int(number)


def _note_change(priority: int, seen: int, *, by: User, now: dt.datetime) -> Ladder:
    latest = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    facts = {"changed_at": now, "changed_by": by, "latest_notice": latest, "version": seen + 1}
    return Ladder.objects.update_or_create(priority=priority, defaults=facts)[0]


# --- the provinces --------------------------------------------------------------------------------
def decisions(provinces: Sequence[Province]) -> dict[str, AuditEntry]:
    """By which entry each of these provinces got what stands now; none where nobody decided."""
    subjects = {subject_of(ProvincePolicy(pk=one.pk)): one.pk for one in provinces}
    rows = AuditEntry.objects.filter(action=ESCALATE, subject__in=subjects).select_related("actor")
    return {subjects[one.subject]: one for one in rows.order_by("pk")}


@transaction.atomic
def set_escalation(
    province: Province, *, by: User, now: dt.datetime, by_itself: bool, seen: int
) -> bool:
    """Say whether escalations of a province leave without a press; whether that is new.

    ``seen`` is the key of the decision that was shown, 0 where there was none. Raises
    TransitionError where somebody decided meanwhile.
    """
    _permit(by)
    ProvincePolicy.objects.get_or_create(province=province)
    policy = ProvincePolicy.objects.select_for_update().get(province=province)
    latest = decisions([province]).get(province.pk)
    if (latest.pk if latest else 0) != seen:
        raise TransitionError(_("Meanwhile somebody decided about this province. Look again."))
    before = policy.escalates_by_itself
    if before == by_itself:
        return False
    policy.escalates_by_itself = by_itself
    policy.save(update_fields=["escalates_by_itself"])
    change = {"escalates_by_itself": [before, by_itself]}
    record(ESCALATE, policy, by=by, role=ADMINISTRATOR, at=now, **change)
    return True


# --- the hours ------------------------------------------------------------------------------------
def stamp(hours: Hours) -> str:
    """The hours as they stand, in a short form that is another one once they were changed."""
    said = repr([str(getattr(hours, name)) for name in HOURS])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@transaction.atomic
def set_hours(
    *, by: User, now: dt.datetime, opens: dt.time, closes: dt.time, most_a_day: int, seen: str
) -> bool:
    """Say when offices are written to, and how often a person a day; whether that is new.

    ``seen`` is the ``stamp`` of what was shown. Raises TransitionError where somebody changed it
    meanwhile, or the hours are none.
    """
    _permit(by)
    if opens >= closes or most_a_day < 1:
        raise TransitionError(_("The hours must begin before they end."))
    Hours.objects.get_or_create(pk=1)
    hours = Hours.objects.select_for_update().get(pk=1)
    if stamp(hours) != seen:
        raise TransitionError(_("Meanwhile somebody changed the hours. Open the page again."))
    wanted = {"opens": opens, "closes": closes, "most_a_day": most_a_day}
    change = {
        name: [str(getattr(hours, name)), str(value)]
        for name, value in wanted.items()
        if getattr(hours, name) != value
    }
    if not change:
        return False
    for name, value in wanted.items():
        setattr(hours, name, value)
    hours.save()
    record("reminders.set_hours", hours, by=by, role=ADMINISTRATOR, at=now, **change)
    return True


def _permit(by: User) -> None:
    if not permissions.keeps_policy(by):
        raise PermissionDenied
