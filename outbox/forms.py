"""What a coordinator writes in the outbox."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CancelForm(forms.Form):
    """Why something is not to be sent."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("For example: told by telephone."),
        widget=forms.TextInput,
    )


class ReleaseForm(forms.Form):
    """How many prepared notices the page showed when it was sent."""

    number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
