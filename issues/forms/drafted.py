"""What an author changes in a drafted answer, and what a director says against it."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, LongField
from issues.forms.referring import KeptFilesField, ResponseForm
from issues.models import DraftedAnswer, DraftFile
from provinces.fields import DayField


class ChangeForm(ResponseForm):
    """The draft as it stands, to be said otherwise."""

    client_key = None  # type: ignore[assignment]  # the version tells one change from another
    seen = forms.IntegerField(widget=forms.HiddenInput)
    done_on = DayField(label=_("When was it done?"))
    without = forms.MultipleChoiceField(
        label=_("Take off"), required=False, widget=forms.CheckboxSelectMultiple
    )
    files = KeptFilesField(label=_("More photos or documents"), required=False)
    field_order = ["seen", "text", "done_on", "without", "files"]

    def __init__(
        self,
        *args: Any,
        draft: DraftedAnswer,
        files: list[DraftFile],
        today: dt.date,
        **kwargs: Any,
    ) -> None:
        stands = {"text": draft.text, "done_on": draft.done_on, "seen": draft.version}
        super().__init__(*args, initial=stands, **kwargs)
        self.today = today
        if draft.done_on is None:
            del self.fields["done_on"]
        else:
            self.fields["text"].label = _("What was done?")
            self.fields["done_on"].widget.attrs["max"] = today.isoformat()
        if files:
            named = [
                (one.pk, f"{one.get_kind_display()} {number}")
                for number, one in enumerate(files, start=1)
            ]
            self.fields["without"].choices = named  # type: ignore[attr-defined]
        else:
            del self.fields["without"]

    def clean_done_on(self) -> dt.date:
        """A day up to today."""
        done_on: dt.date = self.cleaned_data["done_on"]
        if done_on > self.today:
            raise ValidationError(_("Choose today or an earlier day."), code="done_in_future")
        return done_on

    def clean_without(self) -> list[int]:
        """The keys of the files."""
        return [int(one) for one in self.cleaned_data["without"]]


class SendBackForm(BareForm):
    """What is to be changed before it may leave."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    because = LongField(
        label=_("What should be changed?"),
        max_length=1000,
        rows=3,
        help_text=_("Only your office reads it."),
    )


class SeenForm(forms.Form):
    """Which version of a draft was read."""

    seen = forms.IntegerField(min_value=1, max_value=32767)
