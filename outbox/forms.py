"""What a coordinator writes in the outbox."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outbox.models import Channel

LABELS = {
    Channel.EMAIL: _("By e-mail"),
    Channel.TELEGRAM: _("By Telegram"),
    Channel.SMS: _("By SMS: the subject and a link"),
    Channel.OTHER: _("By another way, set up by administrators"),
}


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


OFTEN = [
    ("", _("As is usual: officials in one message a day, everybody else each by itself")),
    ("True", _("In one message a day")),
    ("False", _("Each by itself")),
]


class MuteForm(forms.Form):
    """For how long somebody is spared early reminders."""

    days = forms.IntegerField(
        label=_("Working days, today included (at most 3)"), min_value=1, initial=1
    )


class TellingForm(forms.Form):
    """By which way a person is told; only what is set up here is offered."""

    channel = forms.ChoiceField(label=_("How you are told"), widget=forms.RadioSelect)
    often = forms.TypedChoiceField(
        label=_("What can wait"),
        choices=OFTEN,
        coerce={"True": True, "False": False}.get,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,  # its sentences would not fit into a phone's list
        help_text=_(
            "Reminders to offices always come in one message a day. First requests, escalations, "
            "invitations and warnings always come at once."
        ),
    )

    def __init__(self, *args, ways, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(one.value, LABELS[one]) for one in ways]


class ReasonForm(forms.Form):
    """Why something is kept back."""

    reason = forms.CharField(label=_("Reason"), max_length=280)


class BulkForm(forms.Form):
    """How many notices the page showed when it was sent; an act that needs one has a reason."""

    number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=280)

    def __init__(self, *args, needs_reason, **kwargs):
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]


class PhoneForm(forms.Form):
    """Who was told by telephone, and when."""

    name = forms.CharField(
        label=_("Whom you spoke to"),
        max_length=120,
        help_text=_("Name and office, as they gave it."),
    )
    told_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    client_key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)


class OtherWayForm(forms.Form):
    """By which other way a person is told; only what they have an address for is offered."""

    channel = forms.ChoiceField(label=_("By which way"), widget=forms.RadioSelect)
    may_arrive_twice = forms.BooleanField(
        label=_("It may arrive twice"),
        required=False,
        help_text=_("Nobody knows whether the first one arrived."),
    )

    def __init__(self, *args: Any, ways: list[str], is_uncertain: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(one, LABELS[Channel(one)]) for one in ways]
        if not is_uncertain:
            del self.fields["may_arrive_twice"]
