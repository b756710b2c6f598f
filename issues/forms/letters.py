"""What coordinators type about letters, and how they look through the register."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from issues import scans
from issues.actions import Incoming
from issues.files import Kept
from issues.forms.fields import PHOTOS, BareForm, KeyField, LineField
from issues.models import Issue, Letter, Referral
from khmer import numbers
from provinces.fields import DayField
from provinces.models import Authority, Province


class ScanField(forms.FileField):
    """A photo or PDF of the stamped letter; the value is an ``issues.files.Kept``."""

    widget = forms.FileInput(attrs={"accept": f"{PHOTOS},application/pdf"})

    def clean(self, data: Any, initial: Any = None) -> Kept | None:
        """The file made fit to keep, or a sentence for what is wrong with it."""
        upload = super().clean(data, initial)
        return scans.keep(upload, upload.size) if upload else None


class LetterScanForm(BareForm):
    """The scan of the stamped letter."""

    scan = ScanField(label=_("Photo or PDF of the stamped letter"))


class CancelLetterForm(BareForm):
    """Why a number is cancelled."""

    because = LineField(
        label=_("Why is it cancelled?"),
        max_length=300,
        help_text=_("The number stays in the register with this reason."),
    )


class HandOverLetterForm(BareForm):
    """When an office took in a letter, and who, by title."""

    on = DayField(label=_("On which day did the office take in the letter?"))
    receiver = LineField(
        label=_("Who took it in? The title is enough"),
        max_length=200,
        help_text=_("For example: head of the administration. No names."),
    )
    scan = ScanField(
        label=_("Photo or PDF of the stamped letter"),
        required=False,
        help_text=_("It can also be added later."),
    )

    def __init__(self, *args: object, letter: Letter, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs |= {
            "min": letter.on.isoformat(),
            "max": today.isoformat(),
        }


class IncomingForm(BareForm):
    """A letter that came in: from whom, about what, and where it belongs."""

    client_key = KeyField()
    province = forms.ModelChoiceField(label=_("Province"), queryset=Province.objects.none())
    on = DayField(label=_("When did it come in?"))
    number = LineField(label=_("The number the sender gave it"), max_length=40, required=False)
    authority = forms.ModelChoiceField(
        label=_("Office that wrote it"),
        queryset=Authority.objects.all(),
        required=False,
        empty_label=_("No office"),
    )
    organization = forms.ModelChoiceField(
        label=_("Or the organization that wrote it"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("No organization"),
    )
    party = LineField(
        label=_("Title of who signed it"),
        max_length=200,
        required=False,
        help_text=_("For example: Deputy Governor. No names."),
    )
    subject = LineField(
        label=_("Subject"),
        max_length=200,
        help_text=_("In a few words, without names of people or villages."),
    )
    reference = LineField(
        label=_("Reference of the issue"),
        max_length=20,
        required=False,
        help_text=_("Leave it empty where it belongs to no issue."),
    )
    receiver = LineField(
        label=_("Who took it in? The title is enough"), max_length=200, required=False
    )
    scan = ScanField(label=_("Photo or PDF of the letter"), required=False)

    def __init__(
        self, *args: Any, user: User, today: dt.date, referral: Referral | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.user, self.today, self.referral = user, today, referral
        provinces = Province.objects.all()
        if not user.serves_all:
            provinces = provinces.filter(pk__in=user.served_ids)
        self.fields["province"].queryset = provinces
        self.fields["organization"].queryset = Organization.objects.visible_to(user)
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        self.fields["on"].initial = today
        if len(provinces) == 1:
            self.fields["province"].initial = provinces[0]
        if referral is not None:
            self.fields["province"].initial = referral.issue.province_id
            self.fields["authority"].initial = referral.authority_id
            self.fields["reference"].initial = referral.issue.reference

    def clean_on(self) -> dt.date:
        """A day up to today."""
        on: dt.date = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("Choose today or an earlier day."), code="in_future")
        return on

    def clean_reference(self) -> Issue | None:
        """The issue of this reference, if the coordinator handles it."""
        typed = numbers.to_ascii(self.cleaned_data["reference"]).strip().upper()
        if not typed:
            return None
        issue = Issue.objects.served_by(self.user).filter(reference=typed).first()
        if issue is None:
            raise ValidationError(_("No issue of yours has this reference."), code="unknown")
        return issue

    def clean(self) -> dict[str, Any]:
        """From one side alone, and of the province of its issue."""
        data = self.cleaned_data
        if data.get("authority") and data.get("organization"):
            self.add_error("organization", _("Choose an office or an organization, not both."))
        elif not (data.get("authority") or data.get("organization") or data.get("party")):
            self.add_error("authority", _("Say who wrote it."))
        issue, province = data.get("reference"), data.get("province")
        if issue and province and issue.province_id != province.pk:
            self.add_error("province", _("The issue belongs to another province."))
        return data

    def facts(self) -> Incoming:
        """What is to be entered."""
        data = self.cleaned_data
        issue = data["reference"]
        names = ("province", "on", "subject", "number", "authority", "organization", "party")
        return Incoming(
            **{name: data[name] for name in names},
            receiver=data["receiver"],
            issue=issue,
            referral=self._referral_of(issue),
        )

    def _referral_of(self, issue: Issue | None) -> Referral | None:
        if issue is None or self.referral is None or self.referral.issue_id != issue.pk:
            return None
        return self.referral


class RegisterForm(forms.Form):
    """Which letters of the register are shown."""

    q = forms.CharField(
        label=_("Number, office or reference"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    direction = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=[("", _("Out and in")), *Letter.Direction.choices],
    )
    year = forms.TypedChoiceField(
        label=_("Year"), required=False, coerce=int, empty_value=None, choices=[]
    )
    province = forms.ModelChoiceField(
        label=_("Province"),
        required=False,
        queryset=Province.objects.none(),
        empty_label=_("All provinces"),
    )
    field_order: ClassVar = ["q", "direction", "year", "province"]

    def __init__(self, *args: Any, user: User, years: list[int], **more: Any) -> None:
        super().__init__(*args, **more)
        provinces = Province.objects.all()
        if not user.serves_all:
            provinces = provinces.filter(pk__in=user.served_ids)
        self.fields["province"].queryset = provinces
        self.fields["year"].choices = [("", _("All years"))] + [(one, str(one)) for one in years]

    def asked(self) -> dict[str, Any]:
        """What was asked and can be understood; the rest is as if it had not been said."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
