"""Fields for what people type: figures in Khmer digits, and forms without a tag of their own."""

import datetime as dt
import uuid

from crispy_forms.helper import FormHelper
from django import forms

from khmer import numbers


class NumberField(forms.IntegerField):
    """A whole number in Latin or Khmer digits."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: object) -> int | None:
        """The number; the digits may be of either kind."""
        return super().to_python(numbers.to_ascii(value) if isinstance(value, str) else value)


class DayField(forms.DateField):
    """A day as the browser's own calendar sends it, or typed with Khmer digits."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: object) -> dt.date | None:
        """The day; the digits may be of either kind."""
        return super().to_python(numbers.to_ascii(value) if isinstance(value, str) else value)


class KeyField(forms.UUIDField):
    """The key the form was given when it was opened, and keeps when it is shown again."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(initial=uuid.uuid4)


class BareHelper(FormHelper):
    """A form without a tag of its own: the page holds the tag, the buttons and the token."""

    form_tag = False
    include_media = False
