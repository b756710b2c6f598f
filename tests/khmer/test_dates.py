"""Dates and times in Khmer words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer import dates, numbers


def test_long_date_is_that_of_official_papers():
    assert dates.long_date(dt.date(2018, 3, 28)) == "ថ្ងៃពុធ ទី២៨ ខែមីនា ឆ្នាំ២០១៨"


def test_short_date_has_no_labels():
    assert dates.short_date(dt.date(2018, 3, 28)) == "២៨ មីនា ២០១៨"


@pytest.mark.parametrize(
    ("time", "written"),
    [(dt.time(8, 30), "០៨:៣០"), (dt.time(0, 5), "០០:០៥"), (dt.time(17, 0, 59), "១៧:០០")],
)
def test_clock_counts_to_24_hours(time, written):
    assert dates.clock(time) == written


def test_the_week_begins_on_monday():
    monday = dt.date(2026, 1, 5)

    names = [dates.weekday_name(monday + dt.timedelta(days)) for days in range(7)]

    assert names == ["ចន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍", "អាទិត្យ"]


def test_every_month_has_its_own_name():
    names = [dates.month_name(dt.date(2026, month, 1)) for month in range(1, 13)]

    assert names == list(dates.MONTHS)
    assert len(set(names)) == 12


@given(st.dates())
def test_short_date_can_be_read_back(date):
    day, month, year = numbers.to_ascii(dates.short_date(date)).split()

    assert dt.date(int(year), dates.MONTHS.index(month) + 1, int(day)) == date
