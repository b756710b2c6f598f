"""What a coordinator decides and writes down at the desk: more time, and a call."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, KeyField, LineField
from issues.models import Call
from provinces.fields import DayField

ASKED = re.compile(r"(office|organization)-(\d{1,18})")
DIGITS = re.compile(r"[0-9]{1,18}")


class PlaceForm(BareForm):
    """The decision on one wish for more time, in its place in the list."""

    GIVE, KEEP = "yes", "no"
    extension = forms.IntegerField(widget=forms.HiddenInput)
    grants = forms.ChoiceField(choices=[(GIVE, GIVE), (KEEP, KEEP)])
    answer = forms.CharField(max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        """A refusal says why."""
        typed = super().clean() or self.cleaned_data
        if typed.get("grants") == self.KEEP and not typed.get("answer"):
            self.add_error("answer", _("Tell the office why it gets no more time."))
        return typed


class DayCallForm(BareForm):
    """What came of one call to an office or an organization about some of its matters."""

    client_key = KeyField()
    party = forms.RegexField(ASKED, widget=forms.HiddenInput)
    about = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput)
    outcome = forms.ChoiceField(
        label=_("What came of the call?"), choices=Call.Outcome.choices, widget=forms.RadioSelect
    )
    again_on = DayField(
        label=_("Call again on"),
        required=False,
        help_text=_("If they asked to be called again; without a day it is tomorrow."),
    )
    spoke_to = LineField(
        label=_("Who answered? The title is enough"), max_length=120, required=False
    )
    note = LineField(
        label=_("Note"),
        max_length=500,
        required=False,
        help_text=_("Only the secretariat reads it."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        sent = self.data.getlist("about") if self.is_bound else self.initial.get("about", [])
        self.fields["about"].choices = [(one, one) for one in sent if DIGITS.fullmatch(str(one))]

    @property
    def is_organization(self) -> bool:
        """Whether the organization was called, about issues; else an office, about referrals."""
        return self.cleaned_data["party"].startswith("organization")

    @property
    def words(self) -> dict[str, Any]:
        """What the action keeps."""
        names = ("client_key", "outcome", "spoke_to", "note", "again_on")
        return {name: self.cleaned_data[name] for name in names}
