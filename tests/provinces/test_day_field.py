"""Days that are typed: in either kind of digits, and none that no calendar could show."""

import datetime as dt

import pytest
from django import forms
from django.utils import translation

from provinces.fields import DayField


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2000-01-01", dt.date(2000, 1, 1)),
        ("២២០០-១២-៣១", dt.date(2200, 12, 31)),
        ("", None),
    ],
)
def test_day_within_reach_is_taken(typed, day):
    assert DayField(required=False).clean(typed) == day


@pytest.mark.parametrize("typed", ["0001-01-01", "1999-12-31", "២២០១-០១-០១", "9999-12-31"])
def test_day_out_of_reach_is_refused_with_a_sentence(typed):
    with (
        translation.override("en"),
        pytest.raises(forms.ValidationError, match="Choose a day between 2000 and 2200"),
    ):
        DayField().clean(typed)
