"""What is typed at the end of a session, or where it does not take place."""

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.triage import ActForm, words_field


class CancelForm(ActForm):
    """Why a session does not take place."""

    because = words_field(
        _("Why does it not take place?"),
        _(
            "Everybody invited is told this sentence once the cancellation is published, and it"
            " stands on the session's page."
        ),
        max_length=500,
    )


class ReleaseForm(ActForm):
    """What happens to issues without an outcome when the draft minutes are agreed."""

    defer_rest = forms.BooleanField(
        label=_("Defer what is left to the next session"), required=False
    )
