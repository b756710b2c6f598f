"""What a coordinator types who escalates by hand, or keeps a referral at its own level."""

from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, KeyField, LongField


class ClimbForm(BareForm):
    """Why it is escalated now, or no longer."""

    client_key = KeyField()
    reason = LongField(
        label=_("Reason"),
        max_length=500,
        rows=3,
        help_text=_("For the secretariat alone: neither the offices nor the organization read it."),
    )
