"""Which notices wait, though they are due: those about an issue whose organization was pressured.

Its province's coordinators and the organization itself go on being told; whoever else would be
told waits until the freeze is lifted.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Role, RoleAssignment, User
from issues.actions.safety import HELD
from issues.models import Issue
from outbox.models import Notice

# From an issue to each kind of subject that belongs to it.
PATHS = {
    "issue": ["pk"],
    "referral": ["referrals"],
    "redirection": ["referrals__redirections"],
    "response": ["referrals__responses"],
    "draftedanswer": ["referrals__drafts"],
    "agendaitem": ["agenda_items"],
    "comment": ["comments"],
    "cosign": ["cosigns"],
    "merge": ["merges", "merges_in"],
    "step": ["steps"],
    "fieldcheck": ["field_checks"],
    "reportback": ["report_backs"],
}


def concerning(user: User) -> list[str]:
    """The subjects of every issue that concerns an office of the user, or one above it."""
    issues = Issue.objects.filter(concerns__authority__in=user.commanding_ids).order_by()
    pks = set(issues.values_list("pk", flat=True))
    if not pks:
        return []
    return [
        f"{name}:{pk}"
        for name, paths in PATHS.items()
        for path in paths
        for pk in Issue.objects.filter(pk__in=pks).order_by().values_list(path, flat=True)
        if pk is not None
    ]


class Frozen(NamedTuple):
    """Where a frozen issue belongs: whoever is of neither learns nothing of it."""

    province: str
    organization: int


def frozen(notices: Sequence[Notice], now: dt.datetime) -> dict[int, str]:
    """Those of these notices that wait, by their key; a few queries, however many they are."""
    issues = _frozen_subjects({one.subject for one in notices})
    if not issues:
        return {}
    insiders = _Insiders(one.recipient for one in notices if one.subject in issues)
    return {
        one.pk: HELD
        for one in notices
        for issue in issues.get(one.subject, ())
        if not insiders.include(one.recipient, issue)
    }


def _frozen_subjects(subjects: Iterable[str]) -> dict[str, list[Frozen]]:
    """The frozen issues that each of these subjects belongs to; one query a kind of subject."""
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        name, _colon, pk = subject.partition(":")
        ids[name].add(int(pk))
    found: defaultdict[str, list[Frozen]] = defaultdict(list)
    for name, pks in ids.items():
        for path in PATHS.get(name, ()):
            rows = Issue.objects.frozen().filter(**{f"{path}__in": pks}).order_by()
            for pk, *place in rows.values_list(path, "province", "organization"):
                found[f"{name}:{pk}"].append(Frozen(*place))
    return dict(found)


class _Insiders:
    """Who of these recipients coordinates which provinces and represents which organizations."""

    def __init__(self, recipients: Iterable[str]) -> None:
        self.served: set[tuple[str, str | None]] = set()
        self.represented: set[tuple[str, int | None]] = set()
        pks = {int(one.partition(":")[2]) for one in recipients if one.startswith("user:")}
        roles = RoleAssignment.objects.current().filter(
            Q(role=Role.COORDINATOR) | Q(role=Role.REPRESENTATIVE), user__in=pks
        )
        for user, role, province, organization in roles.values_list(
            "user", "role", "province", "organization"
        ):
            if role == Role.COORDINATOR:
                self.served.add((f"user:{user}", province))
            else:
                self.represented.add((f"user:{user}", organization))

    def include(self, recipient: str, issue: Frozen) -> bool:
        """The recipient is of the issue's secretariat or its organization."""
        places = (f"province:{issue.province}", f"organization:{issue.organization}")
        return (
            recipient in places
            or not {(recipient, issue.province), (recipient, None)}.isdisjoint(self.served)
            or (recipient, issue.organization) in self.represented
        )
