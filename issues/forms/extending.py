"""What an office types that needs more time, and how the secretariat decides."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from issues.actions.extending import latest_first
from issues.forms.fields import BareForm, KeyField, LongField
from issues.forms.triage import in_words, words_field
from issues.models import Extension, Referral
from issues.models.extension import MOST_DAYS
from khmer import numbers
from provinces.fields import DayField


class _UntilForm(BareForm):
    """A new date for a referral: after today and after the date it has."""

    def __init__(self, *args: object, referral: Referral, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.referral, self.today = referral, today
        self.after = max(referral.date, today)
        earliest = self.after + dt.timedelta(1)
        self.fields[self.day].widget.attrs["min"] = earliest.isoformat()

    def check_day(self, day: dt.date | None) -> dt.date | None:
        """Refuse a day that moves nothing on."""
        if day and day <= self.after:
            raise forms.ValidationError(
                _("Choose a day after today and after the due date."), code="too_early"
            )
        return day


class AskForm(_UntilForm):
    """Until when an office needs, and why."""

    day = "wanted_on"
    client_key = KeyField()
    wanted_on = DayField(label=_("New due date"))
    reason = LongField(
        label=_("Why is more time needed?"),
        max_length=2000,
        rows=4,
        help_text=_("The secretariat and the organization read it."),
    )

    def __init__(self, *args: object, is_first: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.latest = latest_first(self.referral.date, self.today) if is_first else None
        if self.latest:
            field = self.fields["wanted_on"]
            field.widget.attrs["max"] = self.latest.isoformat()
            field.help_text = _("At most %(count)s days more: until %(day)s.") % {
                "count": numbers.in_language(MOST_DAYS, get_language()),
                "day": in_words(self.latest),
            }

    def clean_wanted_on(self) -> dt.date | None:
        """A day after the date, the first time at most thirty days later."""
        day = self.check_day(self.cleaned_data["wanted_on"])
        if day and self.latest and day > self.latest:
            raise forms.ValidationError(
                _("At first you can ask for 30 days more at most."), code="too_late"
            )
        return day


class GiveForm(_UntilForm):
    """Until when a coordinator gives an office time, and why."""

    day = "until"
    client_key = KeyField()
    until = DayField(label=_("New due date"))
    reason = LongField(
        label=_("Why is more time needed?"),
        max_length=2000,
        rows=4,
        help_text=_("How the office told you, and why. The office and the organization read it."),
    )

    def clean_until(self) -> dt.date | None:
        """A day after the date it has."""
        return self.check_day(self.cleaned_data["until"])


class DecideForm(_UntilForm):
    """Whether an office gets more time: until the day it asked for or another, else why not."""

    YES, NO = "yes", "no"
    day = "until"
    grants = forms.ChoiceField(
        label=_("Your decision"),
        choices=[(YES, _("Give more time")), (NO, _("The date stays"))],
        widget=forms.RadioSelect,
    )
    until = DayField(label=_("New due date"), required=False)
    answer = words_field(
        _("Answer to the office"),
        _("Needed if the date stays; the office reads it. Name no person and no organization."),
        required=False,
    )

    def __init__(self, *args: object, extension: Extension, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = extension.wanted_on

    def clean_until(self) -> dt.date | None:
        """A day after the date it has; nothing is the day that was asked for."""
        is_given = self.cleaned_data.get("grants") == self.YES
        day = self.cleaned_data["until"]
        return self.check_day(day) if is_given else None

    def clean(self) -> dict[str, Any]:
        """Each decision with what it needs."""
        typed = super().clean() or self.cleaned_data
        if typed.get("grants") == self.NO and not typed.get("answer"):
            self.add_error("answer", _("Tell the office why it gets no more time."))
        return typed | {"grants": typed.get("grants") == self.YES}
