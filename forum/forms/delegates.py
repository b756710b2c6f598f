"""What people type about who comes for an invited party, and why somebody reads the names."""

from django import forms
from django.utils.translation import gettext_lazy as _

from forum.actions.delegates import Reading
from forum.forms.shared import KeyedForm, SeenForm, helper_of
from forum.models import Delegate
from khmer import text as khmer_text
from provinces.models import Honorific

LONGEST = 200
# On a phone that several people use, one's words are not offered to the next.
UNREMEMBERED = forms.TextInput(attrs={"autocomplete": "off"})


class DelegateForm(KeyedForm):
    """Somebody who comes: by title, and only if they wish by name."""

    honorific = forms.ModelChoiceField(
        label=_("Honorific"),
        queryset=Honorific.objects.all(),
        required=False,
        empty_label=_("none"),
    )
    title = forms.CharField(
        label=_("Title or function"),
        max_length=LONGEST,
        widget=UNREMEMBERED,
        help_text=_(
            "As “Head of the community” or “Deputy director”: no personal name here,"
            " this line is shown and printed."
        ),
    )
    sex = forms.ChoiceField(
        label=_("Woman or man"), choices=Delegate.Sex.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST,
        required=False,
        widget=UNREMEMBERED,
        help_text=_(
            "Only if the person wishes. It is kept sealed, only the coordinators of the province"
            " read it, each reading is recorded. It is deleted once the minutes are published, at"
            " the latest 90 days after the session."
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        # Beside another form of the same page, no two fields have the same id.
        super().__init__(*args, auto_id="delegate_%s", **kwargs)
        self.helper = helper_of("client_key", "honorific", "title", "sex", "name")

    def clean_title(self) -> str:
        return self._words("title")

    def clean_name(self) -> str:
        return self._words("name") if self.cleaned_data["name"] else ""

    def _words(self, name: str) -> str:
        """What was typed, on one line; signs without shape alone are no words."""
        typed = " ".join(self.cleaned_data[name].split())
        if not khmer_text.INVISIBLE.sub("", typed).strip():
            raise forms.ValidationError(self.fields[name].error_messages["required"])
        return typed


class ReplaceForm(DelegateForm, SeenForm):
    """Somebody else who comes instead; ``seen`` is who was named when the page was opened."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of("client_key", "seen", "honorific", "title", "sex", "name")


class ReadNamesForm(forms.Form):
    """Why the names have to be read."""

    reason = forms.ChoiceField(
        label=_("Why do you need to read them?"),
        help_text=_("Your name, the time and this reason are recorded."),
        choices=Reading.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of("reason")
