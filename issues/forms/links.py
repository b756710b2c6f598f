"""What somebody of an office types who came by a link, without an account."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues.forms.extending import AskForm
from issues.forms.fields import BareForm, KeyField, LineField
from issues.forms.redirecting import ProposeForm
from issues.forms.referring import QuestionForm, ResolveForm, ResponseForm
from issues.models import LinkUse, Referral
from provinces.fields import DayField

Act = LinkUse.Act
WHO = ["name", "office"]


class WhoForm(BareForm):
    """Who one is: nobody has signed in here."""

    client_key = KeyField()
    name = LineField(
        label=_("Your name or title"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Only the secretariat and your office read it."),
    )
    office = LineField(label=_("Your office"), max_length=110)


class ReceivedForm(WhoForm):
    """It was received; when an answer is expected."""

    expected_on = DayField(
        label=_("When do you expect to answer?"),
        required=False,
        help_text=_("You may leave it empty. The due date stays as it is."),
    )
    field_order = ["client_key", "expected_on", *WHO]

    def __init__(self, *args: object, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["expected_on"].widget.attrs["min"] = today.isoformat()

    def clean_expected_on(self) -> dt.date | None:
        """Today or later."""
        day = self.cleaned_data["expected_on"]
        if day and day < self.today:
            raise ValidationError(_("Choose today or a later day."), code="too_early")
        return day


class LinkQuestionForm(QuestionForm, WhoForm):
    """A question of the office."""

    field_order = ["client_key", "text", *WHO]


class LinkResponseForm(ResponseForm, WhoForm):
    """An answer of the office, with its photos and documents."""

    field_order = ["client_key", "text", "files", *WHO]


class LinkResolveForm(ResolveForm, WhoForm):
    """What was done, and when, with what shows it."""

    field_order = ["client_key", "text", "done_on", "files", *WHO]


class LinkExtendForm(AskForm, WhoForm):
    """Until when the office needs, and why."""

    field_order = ["client_key", "wanted_on", "reason", *WHO]


class LinkRedirectForm(ProposeForm, WhoForm):
    """Why another office should have it, and which."""

    field_order = ["client_key", "reason", "to", *WHO]


FORMS: dict[str, type[WhoForm]] = {
    Act.ACKNOWLEDGE: ReceivedForm,
    Act.ASK: LinkQuestionForm,
    Act.RESPOND: LinkResponseForm,
    Act.RESOLVE: LinkResolveForm,
    Act.EXTEND: LinkExtendForm,
    Act.REDIRECT: LinkRedirectForm,
}


def form_for(
    act: str, referral: Referral, today: dt.date, data: object = None, files: object = None
) -> WhoForm:
    """The form of an act; the office is the one asked, until somebody types another."""
    more: dict[str, Any] = {"initial": {"office": referral.authority.name}}
    if act in (Act.ACKNOWLEDGE, Act.RESOLVE, Act.EXTEND):
        more["today"] = today
    if act in (Act.EXTEND, Act.REDIRECT):
        more["referral"] = referral
    if act == Act.EXTEND:
        more["is_first"] = not referral.extensions.granted().exists()
    return FORMS[act](data, files, **more)
