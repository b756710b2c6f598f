"""What is typed of a draft, read only to look for issues like it."""

from django import forms

from issues.forms.fields import LineField, LongField
from issues.models.issue import TEXT_LENGTH, TITLE_LENGTH
from provinces.models import Locality, Theme


class TypedForm(forms.Form):
    """The words of one step as they stand on the page, not yet sent."""

    title = LineField(max_length=TITLE_LENGTH, required=False)
    text = LongField(max_length=TEXT_LENGTH, required=False)
    commune = forms.ModelChoiceField(Locality.objects.communes(), required=False)
    theme = forms.ModelChoiceField(Theme.objects.all(), required=False)

    @property
    def typed(self) -> dict[str, object]:
        """What the step asks for; what other steps ask for is not in it."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}
