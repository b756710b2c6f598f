"""Who is likely to answer for an issue in a session: its holder, else the likeliest office."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from issues.models import Concern, Issue, Referral
from issues.suggest import suggested
from provinces.models import Authority


class Voices:
    """What is known of a province's offices towards these issues; five queries for all of them."""

    def __init__(self, province_id: str, issues: Collection[Issue]) -> None:
        keys = [one.pk for one in issues]
        self.offices = list(Authority.objects.of_province(province_id))
        self.superiors = dict(Authority.objects.values_list("pk", "superior"))
        self.of_theme = _gathered(
            Authority.themes.through.objects.values_list("theme", "authority")
        )
        concerns = Concern.objects.filter(issue__in=keys)
        self.concerned = _gathered(concerns.values_list("issue", "authority"))
        self.held = held_by(keys)

    def of(self, issue: Issue) -> list[Authority]:
        """The offices that hold the issue; where none does, the likeliest one."""
        concerned = self.concerned[issue.pk]
        if held := [one for one in self.held.get(issue.pk, []) if self._is_free(one, concerned)]:
            return held
        free = [one for one in self.offices if self._is_free(one, concerned)]
        theme = self.of_theme[issue.theme_id]
        return suggested(free, of_theme=theme, commune_id=issue.commune_id or "")[:1]

    def _is_free(self, office: Authority, concerned: Collection[int]) -> bool:
        """Whether neither the office nor one above it is concerned by the issue."""
        line: int | None = office.pk
        seen: set[int] = set()
        while line is not None and line not in seen:
            if line in concerned:
                return False
            seen.add(line)
            line = self.superiors.get(line)
        return True


def held_by(issue_ids: Iterable[int]) -> dict[int, list[Authority]]:
    """The offices that must solve or support each issue now, those that lead first; one query."""
    rows = Referral.objects.open().filter(issue__in=list(issue_ids), released_at__isnull=False)
    rows = rows.exclude(role=Referral.Role.INFORMATION).select_related("authority")
    found: dict[int, list[Authority]] = {}
    for row in sorted(rows, key=lambda one: (one.role != Referral.Role.LEAD, one.pk)):
        found.setdefault(row.issue_id, []).append(row.authority)
    return found


def _gathered(pairs: Iterable[tuple[Any, int]]) -> defaultdict[Any, list[int]]:
    found: defaultdict[Any, list[int]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
