"""How long the road is between two provinces: read, looked up, and completed for all pairs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from django.db.models import Q

from khmer import numbers
from provinces import gazetteer
from provinces.models import Province, RoadTime

# Hours and minutes; between them also the Khmer colon, ៖, and an h.
_CLOCK = re.compile(r"([0-9]{1,3})\s*[:៖h]\s*([0-5]?[0-9])")


def minutes_of(text: str) -> int:
    """The minutes of "4:30", in Latin or Khmer digits; ValueError for anything else.

    "4" is refused, since it may be hours or minutes.
    """
    found = _CLOCK.fullmatch(numbers.to_ascii(text.strip().lower()))
    if not found:
        raise ValueError(text)
    return int(found[1]) * 60 + int(found[2])


def clock(minutes: int) -> str:
    """The minutes as hours and minutes: "4:30"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def pair_of(one: str, other: str) -> tuple[str, str]:
    """Two codes as a row has them, the lower one first."""
    return (one, other) if one < other else (other, one)


def minutes_between(province_ids: Iterable[str]) -> dict[tuple[str, str], int]:
    """Minutes on the road between any two of the provinces, looked up in either order; one query.

    From a province to itself it is 0. A pair whose time is not known is missing.
    """
    codes = set(province_ids)
    found = {(code, code): 0 for code in codes}
    rows = RoadTime.objects.filter(one__in=codes, other__in=codes)
    for one, other, minutes in rows.values_list("one_id", "other_id", "minutes"):
        found[one, other] = found[other, one] = minutes
    return found


@dataclass(frozen=True)
class Way:
    """The road from one province to another, as a list shows it."""

    there: Province
    minutes: int
    is_edited: bool

    @property
    def clock(self) -> str:
        """Hours and minutes: "4:30"."""
        return clock(self.minutes)


def ways_from(province: Province) -> list[Way]:
    """The roads from a province to the others, in their Khmer order; one query."""
    rows = RoadTime.objects.filter(Q(one=province) | Q(other=province))
    ways = [
        Way(row.other if row.one_id == province.pk else row.one, row.minutes, row.is_edited)
        for row in rows.select_related("one", "other")
    ]
    return sorted(ways, key=lambda way: way.there.sort_key)


def estimated() -> dict[tuple[str, str], int]:
    """The minutes of all pairs, from the room's own data on neighbouring towns."""
    rows = gazetteer.data("roads")["roads"]
    return shortest({pair_of(one, other): minutes_of(hours) for one, other, hours in rows})


def shortest(direct: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """The shortest way of each pair that roads connect, by the method of Floyd and Warshall."""
    towns = sorted({town for pair in direct for town in pair})
    known = {pair_of(*pair): minutes for pair, minutes in direct.items()}
    for via, (one, other) in product(towns, combinations(towns, 2)):
        first, second = known.get(pair_of(one, via)), known.get(pair_of(via, other))
        if first is None or second is None:
            continue
        known[one, other] = min(known.get((one, other), first + second), first + second)
    return known
