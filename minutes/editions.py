"""What each reader is shown of the minutes: for pages, PDF and Word document alike.

Whatever was frozen at the approval, the issue's present disclosure decides as well: what was made
stricter since is not shown any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forum.models import Reader
from issues.models import Concern, Cosign, Issue
from issues.permissions import Audience, names_its_organization
from minutes import content as drawn
from minutes import permissions
from minutes.models import Minutes
from minutes.shape import Content, Figures, Free, Item, Names, Section


class Why(StrEnum):
    """Why an item is shown by its number alone."""

    CONFIDENTIAL = "confidential"
    WITHHELD = "withheld"
    NOT_PUBLIC = "not_public"


SENTENCES: dict[str, Promise] = {
    Why.CONFIDENTIAL: _("Confidential item"),
    Why.WITHHELD: _("An issue that is not shown at present"),
    Why.NOT_PUBLIC: _("An issue that has not been published"),
}


class Line(TypedDict):
    """An item by its number alone: ``hidden`` says why; else ``item`` is all of it."""

    number: int
    pk: int
    hidden: str
    item: Item | None


class Part(TypedDict):
    """Lines under a heading, which may be empty."""

    heading: str
    lines: list[Line]


class Correction(TypedDict):
    """An amendment; of a hidden item its number and day alone."""

    number: int
    on: str
    item: int | None  # the item's number on the agenda
    hidden: str
    text: Names
    reason: str


@dataclass(frozen=True)
class Edition:
    """The minutes as one audience reads them; ``content`` has neither sections nor passages.

    Its figures leave out the ``untold`` issues: their outcome could be found by subtracting.
    """

    audience: Audience
    content: Content
    parts: list[Part]
    passages: list[Free]
    amendments: list[Correction]
    untold: int

    @property
    def hidden(self) -> set[int]:
        """Agenda items of which nothing but the number is shown."""
        lines = (line for part in self.parts for line in part["lines"])
        return {line["pk"] for line in lines if line["hidden"]}

    def passage(self, kind: str, language: str, item: int | None = None) -> str:
        """A free passage; empty where there is none, or none to be shown."""
        wanted = (kind, item, language)
        found = (
            one for one in self.passages if (one["kind"], one["item"], one["language"]) == wanted
        )
        return next((one["text"] for one in found), "")


def edition(minutes: Minutes, content: Content, audience: Audience, user: Reader) -> Edition:
    """The content as the audience may read it; at most six queries, however many items.

    ``user`` narrows it further: nobody reads what concerns their office. A coordinator who takes
    the room's edition takes a file to hand over: it lacks what concerns any office.
    """
    items = [one for section in content["sections"] for one in section["items"]]
    ids = {one["issue"] for one in items if one["issue"] is not None}
    columns = ("disclosure", "pressured_at", "published_at", "organization_id", "is_named")
    issues = Issue.objects.filter(pk__in=ids).only(*columns).in_bulk()
    withheld = _withheld(ids, audience, user, hands_over=permissions.serves(user, minutes.session))
    hidden = {
        one["item"]: why
        for one in items
        if one["issue"] is not None
        and (why := _why(issues[one["issue"]], audience, one["issue"] in withheld))
    }
    quiet = _unnamed_presenters(items, issues)
    unseen = {one["issue"] for one in items if one["issue"] and one["item"] in hidden}
    untold = _untold(unseen, audience)
    return Edition(
        audience,
        {**content, "figures": _figures(items, untold), "sections": [], "passages": []},
        [_part(section, hidden, quiet) for section in content["sections"]],
        [one for one in content["passages"] if one["item"] not in hidden],
        _amendments(minutes, items, hidden),
        len(untold),
    )


def offered(audience: Audience) -> list[Audience]:
    """The editions that a reader of this audience may take, its own first."""
    if audience == Audience.SECRETARIAT:
        return [Audience.SECRETARIAT, Audience.ROOM, Audience.PUBLIC]
    return [audience]


# --- what is hidden -----------------------------------------------------------------------------
def _withheld(
    ids: Iterable[int], audience: Audience, user: Reader, *, hands_over: bool
) -> set[int]:
    """Issues of which this reader must not learn: frozen ones, and what concerns their office."""
    rows = Issue.objects.filter(pk__in=ids).order_by()
    if audience == Audience.SECRETARIAT:
        inside = Issue.objects.inside(user).values("pk")
        return set(rows.exclude(pk__in=inside).values_list("pk", flat=True))
    concerns = Concern.objects.none()
    if audience == Audience.ROOM and hands_over:
        concerns = Concern.objects.all()
    elif user.is_authenticated and user.office_ids:
        concerns = Concern.objects.filter(authority__in=user.commanding_ids)
    quiet = Q(pressured_at__isnull=False) | Q(pk__in=concerns.values("issue"))
    return set(rows.filter(quiet).values_list("pk", flat=True))


def _why(issue: Issue, audience: Audience, is_withheld: bool) -> str:
    if audience == Audience.PUBLIC:
        is_public = issue.disclosure == Issue.Disclosure.PUBLIC and issue.published_at
        return "" if is_public and not is_withheld else Why.NOT_PUBLIC
    if is_withheld:
        return Why.WITHHELD
    is_confidential = issue.disclosure == Issue.Disclosure.CONFIDENTIAL
    return Why.CONFIDENTIAL if is_confidential and audience == Audience.ROOM else ""


def _untold(hidden: set[int], audience: Audience) -> set[int]:
    """Hidden issues that are not even counted by outcome.

    The public's figures hold what merely has not been published: it is the most. They lack what
    concerns any office, as its officials could compare them with the edition for those invited.
    """
    if audience != Audience.PUBLIC:
        return hidden
    quiet = Q(disclosure=Issue.Disclosure.CONFIDENTIAL) | Q(pressured_at__isnull=False)
    quiet |= Q(pk__in=Concern.objects.values("issue"))
    rows = Issue.objects.filter(quiet, pk__in=hidden).order_by()
    return set(rows.values_list("pk", flat=True))


def _figures(items: Iterable[Item], untold: set[int]) -> Figures:
    told = [one for one in items if one["issue"] is not None and one["issue"] not in untold]
    outcomes = [one["outcome"] for one in told]
    return drawn.figures_of([one["kind"] if one else None for one in outcomes])


def _unnamed_presenters(items: list[Item], issues: dict[int, Issue]) -> set[int]:
    """Agenda items whose presenter is behind an issue that names nobody, or no longer does."""
    presented = {
        one["item"]: (one["issue"], one["presenter_id"])
        for one in items
        if one["issue"] is not None
        and one["presenter_id"] is not None
        and not names_its_organization(issues[one["issue"]])
    }
    wanted = [issue for issue, _presenter in presented.values()]
    rows = Cosign.objects.filter(issue__in=wanted).values_list("issue", "organization")
    behind = {*rows, *((pk, issues[pk].organization_id) for pk in wanted)}
    return {item for item, pair in presented.items() if pair in behind}


# --- what is left -------------------------------------------------------------------------------
def _part(section: Section, hidden: dict[int, str], quiet: set[int]) -> Part:
    return {
        "heading": section["heading"],
        "lines": [_line(one, hidden.get(one["item"], ""), quiet) for one in section["items"]],
    }


def _line(item: Item, hidden: str, quiet: set[int]) -> Line:
    shown: Item | None = None if hidden else item
    if shown and item["item"] in quiet:
        shown = {**item, "presenter": None, "presenter_id": None}
    return {"number": item["number"], "pk": item["item"], "hidden": hidden, "item": shown}


def _amendments(minutes: Minutes, items: list[Item], hidden: dict[int, str]) -> list[Correction]:
    if minutes.pk is None:
        return []
    numbers = {one["item"]: one["number"] for one in items}
    found: list[Correction] = []
    for one in minutes.amendments.order_by("number"):
        why = hidden.get(one.item_id or 0, "")
        found.append(
            {
                "number": one.number,
                "on": one.on.isoformat(),
                "item": numbers.get(one.item_id or 0),
                "hidden": why,
                "text": {"km": "", "en": ""} if why else {"km": one.text_km, "en": one.text_en},
                "reason": "" if why else one.reason,
            }
        )
    return found
