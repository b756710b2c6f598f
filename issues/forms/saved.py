"""A list of issues that a person keeps under a name."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, LineField
from issues.models import SavedView

LONGEST = SavedView._meta.get_field("query").max_length or 0


class NameForm(BareForm):
    """The name of a saved view."""

    name = LineField(label=_("Name"), max_length=SavedView._meta.get_field("name").max_length)


class SaveForm(NameForm):
    """A list as it stands in the address; ``clean_of`` takes from it what is no filter."""

    query = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, clean_of: Callable[[str], str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.clean_of = clean_of

    def clean_query(self) -> str:
        """The filters and the order alone."""
        query = self.clean_of(self.cleaned_data["query"])
        if len(query) > LONGEST:
            raise ValidationError(
                _("These filters are too long to be kept. Search with fewer words."), "too_long"
            )
        return query
