"""What a coordinator hears in a recording and writes down for the office."""

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, LongField
from issues.models import Evidence

LENGTH = Evidence._meta.get_field("transcript").max_length


class TranscriptForm(BareForm):
    """The words of a recording; ``seen`` is what stood there when the page was opened."""

    text = LongField(
        label=_("What is said in the recording"),
        max_length=LENGTH,
        rows=12,
        help_text=_(
            "The office reads this and never hears the recording. Leave out names, villages and"
            " whatever tells who speaks."
        ),
    )
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def clean_seen(self) -> str:
        """As it was kept: browsers send line breaks as two signs."""
        return self.cleaned_data["seen"].replace("\r\n", "\n")
