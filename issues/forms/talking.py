"""What somebody writes about an issue, and who is to read it."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, KeyField, LongField
from issues.talk import BOTH, OFFICES, ORGANIZATION, SECRETARIAT, Speaker

WHOLE = re.compile(r"[0-9]{1,18}")  # a key as our page sent it


class CommentForm(BareForm):
    """A few words and their readers; these are asked only where there is a choice."""

    client_key = KeyField()
    text = LongField(label=_("What do you want to say?"), max_length=4000, rows=4)
    audience = forms.ChoiceField(
        label=_("Who reads it?"), widget=forms.RadioSelect, initial=SECRETARIAT
    )
    offices = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, speaker: Speaker, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.speaker = speaker
        field = self.fields["audience"]
        field.choices = list(speaker.choices)
        field.help_text = speaker.always
        self.present = ",".join(str(one.pk) for one in speaker.offices)
        self.fields["offices"].initial = self.present
        if len(speaker.choices) == 1:
            del self.fields["audience"]
        if not speaker.offices:
            del self.fields["offices"]

    @property
    def said(self) -> dict[str, object]:
        """The valid form's content as the action takes it."""
        audience = self.cleaned_data.get("audience", SECRETARIAT)
        seen = self.cleaned_data.get("offices", "").split(",")
        return {
            "client_key": self.cleaned_data["client_key"],
            "text": self.cleaned_data["text"],
            "to_organization": audience in (ORGANIZATION, BOTH),
            "to_offices": audience in (OFFICES, BOTH),
            "offices_seen": {int(one) for one in seen if WHOLE.fullmatch(one)},
        }

    def show_present_offices(self) -> None:
        """Let the form, shown again, carry the offices it names now."""
        if "offices" in self.fields:
            self.data = self.data.copy()
            self.data["offices"] = self.present
