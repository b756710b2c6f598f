"""What a press sends: what was shown of the draft, and how somebody was told."""

from django import forms

from forum.forms.shared import LARGEST, SeenForm
from forum.models import Told


class PublishForm(forms.Form):
    """The fingerprint of what was shown before the press."""

    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)


class WayForm(SeenForm):
    """How somebody was told by hand, and of which version."""

    # Without it somebody could count as told of a day that was never named to them.
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST)
    way = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (Told.Way.PHONE, Told.Way.LETTER)]
    )


class ByHandForm(WayForm):
    """Who knows the newest date now, who held an older one."""

    told = forms.IntegerField(widget=forms.HiddenInput)


class FirstWordForm(WayForm):
    """Which of the invited, whom nothing reached, knows the date now."""

    invitation = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST)
