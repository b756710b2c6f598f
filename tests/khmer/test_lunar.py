"""The lunar date of official papers, against published ones and the moon itself."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer import lunar
from khmer.lunar import LunarDate

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(1950, 1, 1), dt.date(2100, 12, 31)
DATES = st.dates(FIRST, LAST)

# Mean new moon of January 2000 and mean lunation, in days.
NEW_MOON, LUNATION = dt.date(2000, 1, 6).toordinal() + 0.76, 29.530589


def all_days():
    return map(dt.date.fromordinal, range(FIRST.toordinal(), LAST.toordinal() + 1))


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ("2018-03-26", "ថ្ងៃចន្ទ ១០កើត ខែចេត្រ ឆ្នាំរកា នព្វស័ក ព.ស.២៥៦១"),
        ("2018-03-27", "ថ្ងៃអង្គារ ១១កើត ខែចេត្រ ឆ្នាំរកា នព្វស័ក ព.ស.២៥៦១"),
        ("2018-03-28", "ថ្ងៃពុធ ១២កើត ខែចេត្រ ឆ្នាំរកា នព្វស័ក ព.ស.២៥៦១"),
        ("2018-04-30", "ថ្ងៃចន្ទ ១រោច ខែពិសាខ ឆ្នាំច សំរឹទ្ធិស័ក ព.ស.២៥៦២"),
        ("2018-10-17", "ថ្ងៃពុធ ៨កើត ខែអស្សុជ ឆ្នាំច សំរឹទ្ធិស័ក ព.ស.២៥៦២"),
        ("2020-10-08", "ថ្ងៃព្រហស្បតិ៍ ៦រោច ខែអស្សុជ ឆ្នាំជូត ទោស័ក ព.ស.២៥៦៤"),
        ("2022-05-16", "ថ្ងៃចន្ទ ១រោច ខែពិសាខ ឆ្នាំខាល ចត្វាស័ក ព.ស.២៥៦៦"),
        ("2025-07-11", "ថ្ងៃសុក្រ ១រោច ខែអាសាឍ ឆ្នាំម្សាញ់ សប្តស័ក ព.ស.២៥៦៩"),
    ],
)
def test_official_is_the_line_on_papers(date, written):
    assert lunar.official(dt.date.fromisoformat(date)) == written


def test_lunar_date_gives_the_parts():
    assert lunar.lunar_date(dt.date(2020, 10, 8)) == LunarDate(
        day=6, phase="រោច", month="អស្សុជ", animal="ជូត", sak="ទោស័ក", year=2564
    )


# Full moons of Pisakh (Visak Bochea) as announced.
@pytest.mark.parametrize(
    "date", ["2018-04-29", "2019-05-18", "2020-05-06", "2021-04-26", "2022-05-15", "2023-05-04"]
)
def test_visak_bochea_is_the_full_moon_of_pisakh(date):
    day = lunar.lunar_date(dt.date.fromisoformat(date))

    assert (day.day, day.phase, day.month) == (15, "កើត", "ពិសាខ")


# First and last days as announced by the government; those of 2020 were put off as holidays only.
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2018-04-14", "2018-04-16"),
        ("2019-04-14", "2019-04-16"),
        ("2020-04-13", "2020-04-16"),
        ("2023-04-14", "2023-04-16"),
        ("2024-04-13", "2024-04-16"),
        ("2025-04-14", "2025-04-16"),
    ],
)
def test_new_year_is_as_announced(first, last):
    year = int(first[:4])

    assert lunar.new_year_day(year).isoformat() == first
    assert lunar.leung_sak_day(year).isoformat() == last


def test_animal_changes_on_the_first_and_sak_on_the_last_day_of_new_year():
    days = [lunar.lunar_date(dt.date(2024, 4, day)) for day in range(12, 17)]

    assert [day.animal for day in days] == ["ថោះ", "រោង", "រោង", "រោង", "រោង"]
    assert [day.sak for day in days] == ["បញ្ចស័ក"] * 4 + ["ឆស័ក"]


def test_an_announced_new_year_goes_before_the_reckoned_one():
    day = dt.date(2024, 4, 13)

    assert lunar.lunar_date(day, new_year=dt.date(2024, 4, 14)).animal == "ថោះ"


def test_buddhist_year_changes_after_the_full_moon_of_pisakh():
    assert lunar.lunar_date(dt.date(2022, 5, 15)).year == 2565
    assert lunar.lunar_date(dt.date(2022, 5, 16)).year == 2566


def test_each_day_follows_the_day_before():
    before = lunar.lunar_date(FIRST - DAY)
    for date in all_days():
        day = lunar.lunar_date(date)
        assert _follows(day, before), date
        before = day


def _follows(day: LunarDate, before: LunarDate) -> bool:
    if day.day > 1:
        return (day.day, day.phase, day.month) == (before.day + 1, before.phase, before.month)
    if day.phase == lunar.WANING:
        return (before.day, before.phase, before.month) == (15, lunar.WAXING, day.month)
    return before.day in (14, 15) and before.phase == lunar.WANING and _next_month(before, day)


def _next_month(before: LunarDate, day: LunarDate) -> bool:
    first, second = lunar.ASADH_TWICE
    after = dict(zip(lunar.MONTHS, lunar.MONTHS[1:] + lunar.MONTHS[:1], strict=True))
    if day.month == first:
        return before.month == lunar.CHESTH
    return day.month == (after | {first: second, second: "ស្រាពណ៍"})[before.month]


def test_full_moons_stand_in_the_sky():
    for date in all_days():
        day = lunar.lunar_date(date)
        if (day.day, day.phase) == (15, lunar.WAXING):
            age = (date.toordinal() + 0.5 - NEW_MOON) % LUNATION
            assert abs(age - LUNATION / 2) < 2, date


def test_pisakh_stays_in_its_season():
    full_moons = [
        date
        for date in all_days()
        if (day := lunar.lunar_date(date)).month == "ពិសាខ"
        and (day.day, day.phase) == (15, lunar.WAXING)
    ]

    assert [date.year for date in full_moons] == list(range(1950, 2101))
    assert all((4, 15) <= (date.month, date.day) <= (5, 31) for date in full_moons)


@given(DATES)
def test_year_names_agree_with_one_another(date):
    day = lunar.lunar_date(date)

    assert day.animal in lunar.ANIMALS
    assert day.sak in lunar.SAKS
    assert day.year - date.year in (543, 544)


@given(st.integers(2400, 2700))
def test_signs_of_the_year_stay_in_their_ranges(year):
    assert lunar.aharkun(year + 1) - lunar.aharkun(year) in (365, 366)
    assert 1 <= lunar.kromathupul(year) <= 800
    assert 0 <= lunar.avoman(year) <= 691
    assert 0 <= lunar.bodithey(year) <= 29


@pytest.mark.parametrize("date", [dt.date.min, dt.date.max])
def test_the_ends_of_the_calendar_have_a_date(date):
    assert lunar.official(date)
