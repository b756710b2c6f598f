"""What the console needs to know of all issues of a session at once: each list is one query."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from forum.models import Session
from issues.models import Concern, Correction, Issue, Outcome, PreparedReply, Referral
from issues.models.issue import LONG
from provinces.models import Authority


@dataclass(frozen=True)
class Before:
    """An outcome of an earlier session, on this issue or one of its thread."""

    label: str
    day: dt.date | None
    text: str
    language: str


@dataclass(frozen=True)
class Former:
    """What stood before a correction, who corrected it and when."""

    label: str
    text: str
    commitment: str
    recorded_by: str
    corrected_by: str
    corrected_at: dt.datetime


@dataclass
class Facts:
    """What is known of these issues of a session's agenda, read when it is first asked for."""

    session: Session
    user: User
    issues: Sequence[Issue]

    def before(self, issue: Issue) -> list[Before]:
        """Outcomes of earlier sessions; of other issues those that are not confidential."""
        return [
            Before(
                outcome.get_kind_display(),
                outcome.item.session.day,
                outcome.text,
                outcome.item.issue.language if outcome.item.issue else "",
            )
            for outcome in self.earlier[issue.root_id or issue.pk]
            if outcome.item.issue_id == issue.pk or not self._is_secret(outcome.item.issue)
        ]

    def _is_secret(self, issue: Issue | None) -> bool:
        return issue is None or issue.disclosure == Issue.Disclosure.CONFIDENTIAL

    @cached_property
    def roots(self) -> set[int]:
        return {one.root_id or one.pk for one in self.issues}

    @cached_property
    def threads(self) -> dict[int, tuple[int, int]]:
        """Of each thread how often it was raised, and since which year."""
        rows = Issue.objects.filter(Q(pk__in=self.roots) | Q(root__in=self.roots))
        counted = (
            rows.exclude(status=Issue.Status.DRAFT)
            .order_by()
            .values(matter=Coalesce("root_id", "pk"))
            .annotate(
                times=Count("pk", filter=Q(root=None) | Q(link=Issue.Link.AGAIN)),
                since=Min("submitted_at"),
            )
            .filter(times__gt=1)
        )
        return {
            row["matter"]: (row["times"], timezone.localdate(row["since"]).year) for row in counted
        }

    @cached_property
    def earlier(self) -> dict[int, list[Outcome]]:
        """Outcomes of other sessions on these issues and their threads, the latest first."""
        known = Issue.objects.visible_to(self.user).filter(pressured_at=None)
        known = known.filter(Q(pk__in=self.roots) | Q(root__in=self.roots))
        rows = (
            Outcome.objects.filter(item__issue__in=known.values("pk"))
            .exclude(item__session=self.session)
            .select_related("item__session", "item__issue")
            .defer(*(f"item__issue__{name}" for name in LONG))
            .order_by("-recorded_at")
        )
        found: defaultdict[int, list[Outcome]] = defaultdict(list)
        for one in rows:
            if one.item.issue:
                found[one.item.issue.root_id or one.item.issue.pk].append(one)
        return found

    @cached_property
    def referrals(self) -> dict[int, list[Referral]]:
        """All referrals of the issues with their offices."""
        found: defaultdict[int, list[Referral]] = defaultdict(list)
        rows = Referral.objects.filter(issue__in=[one.pk for one in self.issues])
        for one in rows.select_related("authority"):
            found[one.issue_id].append(one)
        return found

    @cached_property
    def replies(self) -> dict[int, list[PreparedReply]]:
        found: defaultdict[int, list[PreparedReply]] = defaultdict(list)
        rows = PreparedReply.objects.filter(item__session=self.session)
        for one in rows.select_related("authority"):
            found[one.item_id].append(one)
        return found

    @cached_property
    def traces(self) -> dict[int, list[Former]]:
        found: defaultdict[int, list[Former]] = defaultdict(list)
        rows = Correction.objects.filter(outcome__item__session=self.session)
        for one in rows.select_related("outcome", "recorded_by", "corrected_by"):
            found[one.outcome.item_id].append(_former(one))
        return found

    @cached_property
    def concerned(self) -> dict[int, set[int]]:
        found: defaultdict[int, set[int]] = defaultdict(set)
        rows = Concern.objects.filter(issue__in=[one.pk for one in self.issues])
        for issue, office in rows.values_list("issue", "authority"):
            found[issue].add(office)
        return found

    @cached_property
    def offices(self) -> list[Authority]:
        """All whom an issue of the province may be referred to."""
        return list(Authority.objects.of_province(self.session.province_id).order_by("kind"))

    @cached_property
    def known(self) -> dict[int, Authority]:
        return {one.pk: one for one in self.offices}

    @cached_property
    def lines(self) -> dict[int, set[int]]:
        """Of each office itself and all above it."""
        return {one.pk: set(self._line(one)) for one in self.offices}

    def _line(self, office: Authority) -> Iterable[int]:
        one: Authority | None = office
        while one:
            yield one.pk
            if one.superior_id and one.superior_id not in self.known:
                yield one.superior_id
            one = self.known.get(one.superior_id or 0)

    @cached_property
    def of_theme(self) -> dict[str | None, set[int]]:
        found: defaultdict[str | None, set[int]] = defaultdict(set)
        rows = Authority.themes.through.objects.filter(
            theme__in={one.theme_id for one in self.issues}
        )
        for theme, office in rows.values_list("theme", "authority"):
            found[theme].add(office)
        return found


def _former(correction: Correction) -> Former:
    before = correction.before
    return Former(
        str(Outcome.Kind(before["kind"]).label),
        before["text"],
        before["commitment"],
        str(correction.recorded_by),
        str(correction.corrected_by),
        correction.corrected_at,
    )
