"""Form fields that understand Khmer digits as well as Latin ones."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from khmer import numbers
from provinces import reach, roads


def in_ascii(value: Any) -> Any:
    """What was typed, its figures in Latin digits; anything but text stays."""
    return numbers.to_ascii(value.strip()) if isinstance(value, str) else value


class NumberField(forms.IntegerField):
    """A whole number in Latin or Khmer digits."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: object) -> int | None:
        """The number; the digits may be of either kind."""
        return super().to_python(in_ascii(value))


class AnyDayField(forms.DateField):
    """A day to look for: from the browser's own calendar, or typed, the day before the month."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: object) -> dt.date | None:
        """The day; the digits may be of either kind."""
        return super().to_python(in_ascii(value))


class DayField(AnyDayField):
    """A day to be kept: one that is centuries away is mistyped, and no calendar could show it."""

    default_error_messages: ClassVar = {"out_of_reach": reach.OUT_OF_REACH}

    def to_python(self, value: object) -> dt.date | None:
        """The day, within reach."""
        day = super().to_python(value)
        if not reach.has_days(day):
            raise forms.ValidationError(self.error_messages["out_of_reach"], code="out_of_reach")
        return day


class HoursField(forms.IntegerField):
    """A time typed as hours and minutes, "4:30" or ៤:៣០; its value is in minutes.

    ``min_value`` and ``max_value`` are minutes, which the errors say as hours.
    """

    widget = forms.TextInput(attrs={"autocomplete": "off"})
    default_error_messages: ClassVar = {
        "invalid": _("Write hours and minutes with a colon between them, as 4:30."),
    }

    def __init__(self, *, min_value: int, max_value: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        bounds = {"low": roads.clock(min_value), "high": roads.clock(max_value)}
        sentence = format_lazy(_("Write a time between {low} and {high}."), **bounds)
        self.validators += [
            MinValueValidator(min_value, sentence),
            MaxValueValidator(max_value, sentence),
        ]

    def to_python(self, value: object) -> int | None:
        """The minutes; the digits may be of either kind."""
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return roads.minutes_of(value)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        """Minutes as hours and minutes; what was typed stays as it was typed."""
        return roads.clock(value) if isinstance(value, int) else value
