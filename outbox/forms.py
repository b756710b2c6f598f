"""What a coordinator writes in the outbox."""

from django import forms
from django.utils.translation import gettext_lazy as _

from outbox.models import Channel

LABELS = {
    Channel.EMAIL: _("By e-mail"),
    Channel.TELEGRAM: _("By Telegram"),
    Channel.SMS: _("By SMS: the subject and a link"),
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


class TellingForm(forms.Form):
    """By which way a person is told; only what is set up here is offered."""

    channel = forms.ChoiceField(label=_("How you are told"), widget=forms.RadioSelect)

    def __init__(self, *args, ways, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(one.value, LABELS[one]) for one in ways]
