"""What the forms of the room have in common: keys, versions, times of day, layouts."""

import datetime as dt
import uuid

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

from provinces.fields import in_ascii

LARGEST = 2**63 - 1  # what a key or a version can be


class ClockField(forms.TimeField):
    """A time of day in 24 hours from the browser's own time input, or typed."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    input_formats = ("%H:%M", "%H:%M:%S", "%H.%M")

    def to_python(self, value: object) -> dt.time | None:
        return super().to_python(in_ascii(value))


def helper_of(*rows: object) -> FormHelper:
    """A layout inside a form tag that the template owns."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*rows)
    return helper


class KeyedForm(forms.Form):
    """A form for something new: its key makes it once, however often it is sent."""

    client_key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def clean_client_key(self) -> uuid.UUID:
        return self.cleaned_data["client_key"] or uuid.uuid4()


class SeenForm(forms.Form):
    """A form for something that is there: it knows which version of it was read."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=LARGEST
    )
