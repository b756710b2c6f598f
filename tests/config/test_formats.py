import datetime as dt

import pytest
from django.utils import translation

from provinces.fields import DayField, NumberField


@pytest.mark.parametrize("language", ["km", "en"])
@pytest.mark.parametrize("typed", ["2026-03-28", "28/03/2026", "28-03-2026", "២៨/០៣/២០២៦"])
def test_day_is_understood_alike_in_both_languages(language, typed):
    with translation.override(language):
        assert DayField().clean(typed) == dt.date(2026, 3, 28)


@pytest.mark.parametrize("language", ["km", "en"])
@pytest.mark.parametrize("typed", ["1240", "១២៤០"])
def test_number_is_understood_alike_in_both_languages(language, typed):
    with translation.override(language):
        assert NumberField().clean(typed) == 1240
