"""The organization's word from a link, and the call that asks for it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, LongField
from issues.models import Confirmation


class AnswerForm(BareForm):
    """Is it solved? Yes, or what is missing."""

    verdict = forms.ChoiceField(
        label=_("Is it solved?"),
        choices=[
            (Confirmation.Verdict.SOLVED, _("Yes, it is solved")),
            (Confirmation.Verdict.PARTLY, _("Partly: something remains")),
            (Confirmation.Verdict.NOT_SOLVED, _("Not yet")),
        ],
        widget=forms.RadioSelect,
    )
    text = LongField(
        label=_("What remains, or why is it not solved?"),
        max_length=1600,
        rows=4,
        required=False,
        help_text=_("Needed unless it is solved. The office reads it: name no person."),
    )

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("verdict") not in (None, Confirmation.Verdict.SOLVED) and not data.get("text"):
            sentence = _("Say in a few words what is missing, so that the office can act.")
            self.add_error("text", forms.ValidationError(sentence, code="required"))
        return data
