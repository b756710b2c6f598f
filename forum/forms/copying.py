"""What people choose to copy of a forum."""

import datetime as dt

from crispy_forms.layout import Row
from django import forms
from django.utils.translation import gettext_lazy as _

from forum import copying
from forum.forms.shared import KeyedForm, helper_of
from forum.models import Forum
from provinces.fields import DayField

NAMES = ("name_km", "name_en")
NEEDS_SESSIONS = ("presiders", "invitations")


class CopyForm(KeyedForm):
    """New names, the new first day, and what is copied."""

    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    starts_on = DayField(label=_("First day of the new forum"))
    parts = forms.MultipleChoiceField(
        label=_("What is copied"),
        choices=list(copying.PARTS.items()),
        initial=list(copying.PARTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: object, forum: Forum, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.forum = forum
        self.is_looking = "look" in self.data  # at the days alone, the names may come later
        for name in NAMES:
            self.fields[name].required = not self.is_looking
        self.helper = helper_of("client_key", Row("name_km", "name_en"), "starts_on", "parts")

    def clean_parts(self) -> list[str]:
        parts = self.cleaned_data["parts"]
        if "sessions" not in parts and any(one in parts for one in NEEDS_SESSIONS):
            raise forms.ValidationError(
                _("Who presides and who is invited can be copied only with the sessions.")
            )
        return parts

    def clean(self) -> None:
        for name in () if self.is_looking else NAMES:
            if self.cleaned_data.get(name) == getattr(self.forum, name):
                self.add_error(name, _("Give the new forum a name of its own."))

    def shift(self) -> dt.timedelta:
        """By how many days everything moves: as typed, else as proposed."""
        starts_on = self.initial["starts_on"]
        if self.is_bound:
            self.is_valid()
            starts_on = self.cleaned_data.get("starts_on") or starts_on
        return starts_on - self.forum.starts_on
