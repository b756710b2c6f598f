"""What is typed on the status page."""

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, KeyField, LineField


class HoldForm(BareForm):
    """Why all outbound is to be held back."""

    client_key = KeyField()
    reason = LineField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Everybody who works here reads it on each page while it lasts."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("client_key", "reason")


class LiftForm(forms.Form):
    """Which one is lifted, as the page showed it."""

    standstill = forms.IntegerField(widget=forms.HiddenInput)
