"""What an office types that is not for it, and how the secretariat decides."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, LongField
from issues.forms.triage import OfficeForm, words_field
from issues.models import Redirection, Referral
from provinces.models import Authority


class ProposeForm(BareForm):
    """Why another office should have it, and which.

    All offices of the province are offered: a gap would tell whom the issue concerns.
    """

    reason = LongField(label=_("Why is it not for your office?"), max_length=2000, rows=4)
    to = forms.ModelChoiceField(
        Authority.objects.none(),
        label=_("Which office should have it?"),
        required=False,
        empty_label=_("I do not know"),
    )

    def __init__(self, *args: object, referral: Referral, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        offices = Authority.objects.of_province(referral.issue.province_id)
        self.fields["to"].queryset = offices.exclude(pk=referral.authority_id)


class RedirectForm(OfficeForm):
    """To which office a referral is passed on at once, by when, and why."""

    reason = words_field(_("Why?"), _("The secretariat and the organization can read this."))
    field_order = ["authority", "due_on", "reason"]

    def __init__(self, *args: object, referral: Referral, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, issue=referral.issue, today=today, **kwargs)
        self._keep_days(referral)

    def _keep_days(self, referral: Referral) -> None:
        """The next office gets as many working days as the one before was given."""
        self.fields["due_on"].initial = self.calendar.add(self.today, referral.days)
        self.fields["due_on"].help_text = _("The days are counted from when the office was told.")


class DecideForm(RedirectForm):
    """Whether a proposal is followed; then to which office, else why not."""

    YES, NO = "yes", "no"
    accepts = forms.ChoiceField(
        label=_("Your decision"),
        choices=[(YES, _("Pass it on")), (NO, _("It stays with this office"))],
        widget=forms.RadioSelect,
    )
    answer = words_field(
        _("Answer to the office"),
        _("Needed if it stays; the office reads it. Name no person and no organization here."),
        required=False,
    )
    reason = None
    field_order = ["accepts", "authority", "due_on", "answer"]

    def __init__(self, *args: object, redirection: Redirection, **kwargs: object) -> None:
        super().__init__(*args, referral=redirection.referral, **kwargs)
        self.fields["authority"].initial = redirection.to_id
        for name in ("authority", "due_on"):
            self.fields[name].required = False

    def clean_due_on(self) -> dt.date | None:
        """As for any referral; none where nothing was typed."""
        return super().clean_due_on() if self.cleaned_data["due_on"] else None

    def clean_authority(self) -> Authority | None:
        """As for any referral; none where no office was chosen."""
        return super().clean_authority() if self.cleaned_data["authority"] else None

    def clean(self) -> dict[str, Any]:
        """Each decision with what it needs."""
        typed = super().clean() or self.cleaned_data
        accepts = typed.get("accepts") == self.YES
        if accepts and not typed.get("authority") and "authority" not in self.errors:
            self.add_error("authority", _("Choose the office that is to have it."))
        if typed.get("accepts") == self.NO and not typed.get("answer"):
            self.add_error("answer", _("Tell the office why it should keep the issue."))
        return typed | {"accepts": accepts}
