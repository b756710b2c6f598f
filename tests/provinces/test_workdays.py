import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provinces import workdays
from provinces.workdays import Calendar
from tests.factories import HolidayFactory, ProvinceFactory

DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2030, 12, 31))
CALENDARS = st.frozensets(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), max_size=40).map(
    Calendar
)
STEPS = st.integers(-60, 60)
FRIDAY, SATURDAY, MONDAY = (dt.date(2026, 5, 8), dt.date(2026, 5, 9), dt.date(2026, 5, 11))
TUESDAY = dt.date(2026, 5, 12)
PLAIN = Calendar(frozenset())


def test_add_begins_to_count_on_the_day_after():
    assert PLAIN.add(FRIDAY, 1) == MONDAY
    assert PLAIN.add(SATURDAY, 1) == MONDAY
    assert PLAIN.add(FRIDAY, 0) == FRIDAY
    assert PLAIN.add(MONDAY, -1) == FRIDAY


def test_add_passes_over_holidays():
    assert Calendar(frozenset([MONDAY])).add(FRIDAY, 1) == TUESDAY


def test_between_counts_the_end_and_not_the_start():
    assert PLAIN.between(FRIDAY, MONDAY) == 1
    assert PLAIN.between(FRIDAY, SATURDAY) == 0
    assert PLAIN.between(MONDAY, MONDAY) == 0
    assert PLAIN.between(MONDAY, FRIDAY) == -1


@given(CALENDARS, DAYS, STEPS)
def test_between_undoes_add(calendar, day, n):
    assert calendar.between(day, calendar.add(day, n)) == n


@given(CALENDARS, DAYS, st.integers(-60, 60).filter(bool))
def test_add_ends_on_a_working_day(calendar, day, n):
    assert calendar.is_working(calendar.add(day, n))


@given(CALENDARS, DAYS, DAYS, st.integers(0, 60))
def test_adding_a_holiday_never_brings_a_date_nearer(calendar, holiday, day, n):
    longer = Calendar(calendar.holidays | {holiday})

    assert longer.add(day, n) >= calendar.add(day, n)
    assert longer.add(day, -n) <= calendar.add(day, -n)


@pytest.mark.django_db
def test_calendars_have_the_countrys_holidays_and_the_provinces_own(django_assert_num_queries):
    here, there = ProvinceFactory(code="11"), ProvinceFactory(code="16")
    HolidayFactory(date=FRIDAY)
    HolidayFactory(date=MONDAY, province=here)

    with django_assert_num_queries(1):
        found = workdays.calendars([here.pk, there.pk])

    assert found == {
        "11": Calendar(frozenset([FRIDAY, MONDAY])),
        "16": Calendar(frozenset([FRIDAY])),
    }
    assert workdays.calendar_of("16") == found["16"]
