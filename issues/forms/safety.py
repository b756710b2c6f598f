"""What a coordinator types when the freeze of an issue is lifted."""

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.triage import ActForm, words_field
from issues.models import Issue


class LiftForm(ActForm):
    """What was agreed with the organization, and whether the public sees the issue again."""

    reason = words_field(
        _("What was agreed"),
        _("The organization and the secretariat read it. Say nothing of who pressured whom."),
    )
    publish_again = forms.BooleanField(
        label=_("Publish it again at once"),
        help_text=_("The organization agreed that everybody reads it again, as before."),
        required=False,
    )

    def __init__(self, *args: object, issue: Issue, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if issue.published_at is None:
            del self.fields["publish_again"]
