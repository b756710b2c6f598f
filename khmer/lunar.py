"""The Khmer lunar date that stands on official papers.

The reckoning is that of Roath Kim Soeun, "Pratitin Soryakkatik-Chankatik": twelve months of 29 and
30 days by turns, with a thirteenth month or a thirtieth day of Chesth where the signs of the year
ask for one. A lunar year is named here by the Buddhist year that begins within it. The Buddhist
year changes after the full moon of Pisakh, the animal on New Year's first day, the sak on its last.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from khmer.dates import weekday_name
from khmer.numbers import to_khmer

# The twelve months of a common year; odd ones have 29 days, even ones 30.
MONTHS = (
    "មិគសិរ",
    "បុស្ស",
    "មាឃ",
    "ផល្គុន",
    "ចេត្រ",
    "ពិសាខ",
    "ជេស្ឋ",
    "អាសាឍ",
    "ស្រាពណ៍",
    "ភទ្របទ",
    "អស្សុជ",
    "កត្ដិក",
)
CHESTH, ASADH = "ជេស្ឋ", "អាសាឍ"

# The two months of 30 days that take the place of Asadh in a leap-month year.
ASADH_TWICE = ("បឋមាសាឍ", "ទុតិយាសាឍ")

# The animals, from the year of the rat.
ANIMALS = (
    "ជូត",
    "ឆ្លូវ",
    "ខាល",
    "ថោះ",
    "រោង",
    "ម្សាញ់",
    "មមី",
    "មមែ",
    "វក",
    "រកា",
    "ច",
    "កុរ",
)

# The ten names of the years of the lesser era, by their last figure.
SAKS = (
    "សំរឹទ្ធិស័ក",
    "ឯកស័ក",
    "ទោស័ក",
    "ត្រីស័ក",
    "ចត្វាស័ក",
    "បញ្ចស័ក",
    "ឆស័ក",
    "សប្តស័ក",
    "អដ្ឋស័ក",
    "នព្វស័ក",
)

WAXING, WANING = "កើត", "រោច"
FULL_MOON = 15  # the last waxing day, in every month

# A lunar year whose first day (1 waxing Mikasar) is known, to count the others from.
KNOWN_YEAR, KNOWN_FIRST_DAY = 2562, dt.date(2017, 11, 19)

# Days from 1 waxing Mikasar to 1 waning Pisakh, on which the Buddhist year changes.
DAYS_BEFORE_BUDDHIST_YEAR = 29 + 30 + 29 + 30 + 29 + FULL_MOON

# The sun's year of the old reckoning, in 800ths of a day.
SOLAR_YEAR = 292207

# Buddhist and lesser era against the common era, once their years have changed.
BUDDHIST_ERA, LESSER_ERA = 544, 638

# Of the lesser era: its offset in 800ths of a day, and the day from which its days are counted.
LESSER_ERA_OFFSET = 373
LESSER_ERA_FIRST_ORDINAL = 1954168 - 1721425  # Julian day number less that of ordinal 0

# The sun enters Aries 2.165 days before the mean year ends, in 800ths of a day.
NEW_YEAR_LEAD = 1732


class Leap(Enum):
    """What a lunar year has more than 354 days for."""

    NONE = "none"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class LunarDate:
    """A day of the lunar calendar with the names of its year.

    ``day`` counts 1 to 15 within ``phase`` (waxing, waning); ``year`` is of the Buddhist Era.
    """

    day: int
    phase: str
    month: str
    animal: str
    sak: str
    year: int

    def __str__(self) -> str:
        """The date without its weekday: ៦រោច ខែអស្សុជ ឆ្នាំជូត ទោស័ក ព.ស.២៥៦៤."""
        written = f"{self.day}{self.phase} ខែ{self.month} ឆ្នាំ{self.animal} {self.sak}"
        return to_khmer(f"{written} ព.ស.{self.year}")


def official(day: dt.date, new_year: dt.date | None = None) -> str:
    """The lunar date line of a paper: ថ្ងៃព្រហស្បតិ៍ ៦រោច ខែអស្សុជ ឆ្នាំជូត ទោស័ក ព.ស.២៥៦៤."""
    return f"ថ្ងៃ{weekday_name(day)} {lunar_date(day, new_year)}"


def lunar_date(day: dt.date, new_year: dt.date | None = None) -> LunarDate:
    """The lunar date of a day.

    ``new_year`` is the first day of Khmer New Year in the same calendar year, where the one
    announced is not the one reckoned.
    """
    year = _lunar_year(day)
    passed = day.toordinal() - _first_ordinal(year)
    month, number = _month_and_number(year, passed)
    return LunarDate(
        day=number if number <= FULL_MOON else number - FULL_MOON,
        phase=WAXING if number <= FULL_MOON else WANING,
        month=month,
        animal=_animal(day, new_year or new_year_day(day.year)),
        sak=_sak(day),
        year=year if passed >= DAYS_BEFORE_BUDDHIST_YEAR else year - 1,
    )


def new_year_day(year: int) -> dt.date:
    """The first day of Khmer New Year (Moha Sangkran) in a common year, as reckoned."""
    return _lesser_era_day(year, lead=NEW_YEAR_LEAD)


def leung_sak_day(year: int) -> dt.date:
    """The last day of Khmer New Year (Leung Sak), its third or fourth, in a common year."""
    return _lesser_era_day(year, lead=0)


def aharkun(year: int) -> int:
    """Aharkun (អាហារគុណ): the days of the era passed when a Buddhist year begins."""
    return (year * SOLAR_YEAR + 499) // 800 + 4


def kromathupul(year: int) -> int:
    """Kromathupul (ក្រមធុពល): 800ths of a day left over by the sun's year, 1 to 800."""
    return 800 - (year * SOLAR_YEAR + 499) % 800


def avoman(year: int) -> int:
    """Avoman (អាវមាន): 692nds by which the moon's days run ahead of the sun's, 0 to 691."""
    return (11 * aharkun(year) + 25) % 692


def bodithey(year: int) -> int:
    """Bodithey (បូតិថី): the moon's age when a Buddhist year begins, 0 to 29."""
    days = aharkun(year)
    return ((11 * days + 25) // 692 + days + 29) % 30


def _lesser_era_day(year: int, lead: int) -> dt.date:
    """The day of the moment ``lead`` 800ths of a day before the lesser era's year ends."""
    moment = (year - LESSER_ERA) * SOLAR_YEAR + LESSER_ERA_OFFSET - lead
    return dt.date.fromordinal(moment // 800 + LESSER_ERA_FIRST_ORDINAL)


def _animal(day: dt.date, new_year: dt.date) -> str:
    year = day.year if day >= new_year else day.year - 1
    return ANIMALS[(year - 4) % 12]


def _sak(day: dt.date) -> str:
    year = day.year if day >= leung_sak_day(day.year) else day.year - 1
    return SAKS[(year - LESSER_ERA) % 10]


def _asks_for_month(year: int) -> bool:
    """Whether the moon's age asks for a thirteenth month.

    Two years that both stand at the edge (25 and 5, 24 and 6) share one such month: the first of
    the former pair goes without, the first of the latter has it.
    """
    age, next_age = bodithey(year), bodithey(year + 1)
    if (age, next_age) == (25, 5):
        return False
    return age >= 25 or age <= 5 or (age, next_age) == (24, 6)


def _asks_for_day(year: int) -> bool:
    """Whether the moon's days ask for one more, by a stricter rule in the sun's leap years."""
    if kromathupul(year) <= 207:
        return avoman(year) <= 126
    if avoman(year) == 137:
        return avoman(year + 1) != 0
    return avoman(year) < 137


@cache
def _leap(year: int) -> Leap:
    """What a year is lengthened by; a day that meets a month waits for the next year."""
    if _asks_for_month(year):
        return Leap.MONTH
    waited = _asks_for_month(year - 1) and _asks_for_day(year - 1)
    return Leap.DAY if waited or _asks_for_day(year) else Leap.NONE


def _months(year: int) -> Iterator[tuple[str, int]]:
    """The months of a lunar year with their days."""
    leap = _leap(year)
    for place, month in enumerate(MONTHS):
        if month == ASADH and leap is Leap.MONTH:
            yield from ((half, 30) for half in ASADH_TWICE)
        elif month == CHESTH and leap is Leap.DAY:
            yield month, 30
        else:
            yield month, 30 if place % 2 else 29


@cache
def _first_ordinal(year: int) -> int:
    """The ordinal (as ``date.toordinal``) of 1 waxing Mikasar of a lunar year."""
    known = KNOWN_FIRST_DAY.toordinal()
    if year >= KNOWN_YEAR:
        return known + sum(map(_length, range(KNOWN_YEAR, year)))
    return known - sum(map(_length, range(year, KNOWN_YEAR)))


def _length(year: int) -> int:
    return sum(days for _, days in _months(year))


def _lunar_year(day: dt.date) -> int:
    year = day.year + BUDDHIST_ERA + 1
    while _first_ordinal(year) > day.toordinal():
        year -= 1
    return year


def _month_and_number(year: int, passed: int) -> tuple[str, int]:
    """The month and the day in it, from 1, after so many days of a lunar year."""
    for month, days in _months(year):
        if passed < days:
            return month, passed + 1
        passed -= days
    raise ValueError("The lunar year has fewer days.")
