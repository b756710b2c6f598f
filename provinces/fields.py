"""Form fields that understand Khmer digits as well as Latin ones."""

import datetime as dt
from typing import Any

from django import forms

from khmer import numbers


def in_ascii(value: Any) -> Any:
    """What was typed, its figures in Latin digits; anything but text stays."""
    return numbers.to_ascii(value.strip()) if isinstance(value, str) else value


class NumberField(forms.IntegerField):
    """A whole number in Latin or Khmer digits."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: object) -> int | None:
        """The number; the digits may be of either kind."""
        return super().to_python(in_ascii(value))


class DayField(forms.DateField):
    """A day as the browser's own calendar sends it, or typed, the day before the month."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: object) -> dt.date | None:
        """The day; the digits may be of either kind."""
        return super().to_python(in_ascii(value))
