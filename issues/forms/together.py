"""What people type to merge, split and branch issues, and to answer for a co-signing."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from issues.forms.fields import BareHelper, KeyField, LineField
from issues.forms.triage import ActForm, words_field
from issues.models import Issue
from issues.models.issue import TEXT_LENGTH, TITLE_LENGTH
from khmer import numbers
from provinces.fields import NumberField
from provinces.forms import PlaceFields
from provinces.models import Province

FIRST_PARTS, MOST_PARTS = 3, 5


def known(reference: str) -> str:
    """A reference as it is kept: with Latin digits, without spaces."""
    return numbers.to_ascii("".join(reference.split()))


class MergeForm(ActForm):
    """Into which issue, what its organization is told, and what becomes of the referrals."""

    into = forms.CharField(widget=forms.HiddenInput)
    note = words_field(
        _("To its organization"),
        _(
            "Say in a few words why it is the same matter. It decides by these words; do not name"
            " the other organization."
        ),
        required=False,
    )
    moves_referrals = forms.TypedChoiceField(
        label=_("The offices that hold it"),
        coerce=lambda value: value == "move",
        choices=[
            ("move", _("They go on with the other issue, with the same date")),
            ("recall", _("It is recalled from them")),
        ],
        initial="move",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: object, has_referrals: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not has_referrals:
            del self.fields["moves_referrals"]


class UnmergeForm(ActForm):
    """Why two issues are taken apart again."""

    reason = words_field(_("Reason"), _("It is kept with the merging."))


class AnswerForm(ActForm):
    """Whether it is the same matter."""

    agrees = forms.TypedChoiceField(
        label=_("Is it the same matter?"),
        coerce=lambda value: value == "yes",
        choices=[
            ("yes", _("Yes: we co-sign. The two organizations know each other then.")),
            ("no", _("No: our issue goes on by itself.")),
        ],
        widget=forms.RadioSelect,
    )


class CosignForm(ActForm):
    """Which organization co-signs; hidden where there is one alone."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("For which organization?"), empty_label=None
    )

    def __init__(
        self, *args: object, organizations: Sequence[Organization], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        field.queryset = Organization.objects.filter(pk__in=[one.pk for one in organizations])
        if len(organizations) == 1:
            field.widget, field.initial = forms.HiddenInput(), organizations[0].pk


class PartForm(forms.Form):
    """One of the issues that a long one is split into; nothing where it is left empty."""

    helper = BareHelper()
    use_required_attribute = False
    title = LineField(label=_("Title"), max_length=TITLE_LENGTH, required=False)
    text = words_field(_("Text"), max_length=TEXT_LENGTH, rows=5, required=False)

    def clean(self) -> dict[str, str]:
        """Both words or none."""
        data = super().clean() or self.cleaned_data
        for name, other in (("title", "text"), ("text", "title")):
            if data.get(other) and not data.get(name) and name not in self.errors:
                sentence = _("A part needs a title and a text.")
                self.add_error(name, forms.ValidationError(sentence, code="half"))
        return data


class SplitForm(ActForm):
    """The key of the form; its parts are forms of their own."""

    client_key = KeyField()


class BranchForm(PlaceFields, ActForm):
    """Where the issue's part in another province lies, and how many people it affects there."""

    people = NumberField(label=_("People affected there"), min_value=1, max_value=20_000_000)
    women = NumberField(label=_("of whom women"), min_value=0, max_value=20_000_000)
    client_key = KeyField()

    def __init__(self, *args: object, issue: Issue, **kwargs: object) -> None:
        provinces = Province.objects.exclude(pk=issue.province_id)
        super().__init__(*args, provinces=provinces, **kwargs)
        self.fields.pop("village", None)

    def clean(self) -> dict[str, object]:
        """No more women than people."""
        data = super().clean() or self.cleaned_data
        if (data.get("women") or 0) > (data.get("people") or 0) and "people" in data:
            sentence = _("There cannot be more women than people.")
            self.add_error("women", forms.ValidationError(sentence, code="too_many"))
        return data
