"""Pages of a long list, found by the place of the row before them and not by their number.

The database goes to that place by an index; so page 4,000 costs what page 1 costs. A list is read
in sections: the rows that have the value it is sorted by, and those that have none.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

Value = dt.datetime | dt.date | int | None
Key = tuple[int, Value]  # of a row: its primary key, and the value the list is sorted by
# Beyond these no row of ours lies, and the database or a time zone might refuse them.
YEARS = range(1900, 2200)
GREATEST = 2**31 - 1
MARK = "~"


@dataclass(frozen=True)
class Place:
    """Right after a row, or right before it, in a list of one order."""

    value: Value
    pk: int

    def __str__(self) -> str:
        value = "" if self.value is None else self.value
        return f"{value.isoformat() if isinstance(value, dt.date) else value}{MARK}{self.pk}"


@dataclass(frozen=True)
class Section:
    """Rows in one order: by ``key``, where they have one, then by their primary key.

    ``rows`` may also be others that name theirs, as referrals do: ``pk`` is where it stands then.
    """

    rows: QuerySet[Any]
    key: str = ""
    falls: bool = False
    pk_falls: bool = True
    pk: str = "pk"

    def keys(self, size: int, beyond: Place | None, backwards: bool) -> list[Key]:
        """The first so many keys, or those beyond a place."""
        rows = self.rows if beyond is None else self._beyond(beyond, backwards)
        names = [self.pk, *([self.key] if self.key else [])]
        found = rows.order_by(*self._order(backwards)).values_list(*names)[:size]
        return [(row[0], row[1] if self.key else None) for row in found]

    def all_keys(self) -> list[int]:
        """Every primary key, in order."""
        return list(self.rows.order_by(*self._order(False)).values_list(self.pk, flat=True))

    def _order(self, backwards: bool) -> list[str | OrderBy]:
        by_pk = f"{'-' if self.pk_falls != backwards else ''}{self.pk}"
        if not self.key:
            return [by_pk]
        # No key is empty here; said as the indexes are made, so that they serve both ways.
        key = F(self.key)
        falls = self.falls != backwards
        return [key.desc(nulls_last=True) if falls else key.asc(nulls_first=True), by_pk]

    def _beyond(self, place: Place, backwards: bool) -> QuerySet[Any]:
        further = Q(**{f"{self.pk}__{'lt' if self.pk_falls != backwards else 'gt'}": place.pk})
        if not self.key:
            return self.rows.filter(further)
        sign = "lt" if self.falls != backwards else "gt"
        # The first condition alone bounds the way through an index; an OR by itself does not.
        at = Q(**{f"{self.key}__{sign}e": place.value})
        return self.rows.filter(at, Q(**{f"{self.key}__{sign}": place.value}) | further)


@dataclass(frozen=True)
class Page:
    """Primary keys of one page in order, and the places of the pages beside it."""

    pks: list[int]
    before: str = ""
    after: str = ""


def page(
    sections: Sequence[Section], size: int, *, after: Place | None, before: Place | None
) -> Page:
    """The page after a place or before one; the first where there is neither or nothing."""
    if before is not None:
        found = _walk(list(reversed(sections)), size + 1, before, backwards=True)
        if len(found) >= size:
            shown = found[:size][::-1]
            return _page(shown, has_before=len(found) > size, has_after=True)
        after = None
    found = _walk(sections, size + 1, after, backwards=False)
    if after is not None and not found:
        after, found = None, _walk(sections, size + 1, None, backwards=False)
    return _page(found[:size], has_before=after is not None, has_after=len(found) > size)


def _walk(
    sections: Sequence[Section], size: int, beyond: Place | None, *, backwards: bool
) -> list[Key]:
    """So many keys, from the place on through the sections that follow its own."""
    found: list[Key] = []
    for section in sections:
        if len(found) >= size:
            break
        if beyond is None:
            found += section.keys(size, None, backwards)
        elif bool(section.key) == (beyond.value is not None):
            found += section.keys(size, beyond, backwards)
            beyond = None
    return found[:size]


def _page(keys: list[Key], *, has_before: bool, has_after: bool) -> Page:
    if not keys:
        return Page([])
    (first, first_value), (last, last_value) = keys[0], keys[-1]
    return Page(
        pks=[pk for pk, _value in keys],
        before=str(Place(first_value, first)) if has_before else "",
        after=str(Place(last_value, last)) if has_after else "",
    )


def place(typed: str | None, read: Callable[[str], Value]) -> Place | None:
    """The place that stands in an address; none where that is no place in a list of this order."""
    if not typed:
        return None
    with suppress(ValueError, OverflowError):
        value, mark, pk = typed.rpartition(MARK)
        if mark and pk.isascii() and pk.isdigit() and int(pk) <= GREATEST:
            return Place(read(value) if value else None, int(pk))
    return None


def moment(typed: str) -> dt.datetime:
    """A moment as ``Place`` writes it; raises ValueError."""
    value = dt.datetime.fromisoformat(typed)
    if value.tzinfo is None or value.year not in YEARS:
        raise ValueError(typed)
    return value


def day(typed: str) -> dt.date:
    """A day as ``Place`` writes it; raises ValueError."""
    value = dt.date.fromisoformat(typed)
    if value.year not in YEARS:
        raise ValueError(typed)
    return value


def number(typed: str) -> int:
    """A small number as ``Place`` writes it; raises ValueError."""
    value = int(typed)
    if not 0 <= value <= GREATEST:
        raise ValueError(typed)
    return value
