"""What a person says of a mail that waits."""

from django import forms
from django.utils.translation import gettext_lazy as _

from inbox.made import LONGEST
from issues.forms.fields import BareForm, LineField, LongField
from issues.models import Issue, Referral


class DismissForm(BareForm):
    """Why nothing is made of a mail."""

    reason = LineField(
        label=_("Reason"),
        max_length=300,
        help_text=_("For example: advertising, or answered by telephone."),
    )


class AttachForm(BareForm):
    """Where a mail belongs, who wrote it, and what they say."""

    target = forms.ChoiceField(label=_("Where it belongs"), widget=forms.RadioSelect)
    title = LineField(
        label=_("Who wrote it"),
        max_length=200,
        help_text=_("Name or title, and office or organization."),
    )
    text = LongField(
        label=_("What they write"),
        max_length=LONGEST,
        help_text=_("What was quoted and the signature are cut off; the whole mail is kept."),
    )

    def __init__(
        self, *args: object, issue: Issue, referrals: list[Referral], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.referrals = {f"referral:{one.pk}": one for one in referrals}
        answers = [
            (key, _("Answer of %(office)s") % {"office": one.authority})
            for key, one in self.referrals.items()
        ]
        note = (f"issue:{issue.pk}", _("Note for the secretariat on the issue"))
        self.fields["target"].choices = [*answers, note]

    @property
    def referral(self) -> Referral | None:
        """The referral that was chosen; None for the issue itself."""
        return self.referrals.get(self.cleaned_data["target"])
