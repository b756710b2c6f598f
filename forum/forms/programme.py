"""What a press sends: what was shown of the draft, and how somebody was told."""

from django import forms

from forum.forms.shared import SeenForm
from forum.models import Told


class PublishForm(forms.Form):
    """The fingerprint of what was shown before the press."""

    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ByHandForm(SeenForm):
    """Who knows the newest date now, from whom, and which version was shown."""

    told = forms.IntegerField(widget=forms.HiddenInput)
    way = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (Told.Way.PHONE, Told.Way.LETTER)]
    )
