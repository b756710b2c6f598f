"""What people type about a forum."""

from crispy_forms.layout import Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.forms.shared import KeyedForm, SeenForm, helper_of
from forum.models import Forum
from provinces.fields import DayField
from provinces.models import Province


class ForumForm(forms.Form):
    """Names, days and provinces of a forum."""

    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    provinces = forms.ModelMultipleChoiceField(
        label=_("Provinces"),
        queryset=Province.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    about_km = forms.CharField(
        label=_("About, in Khmer"), max_length=2000, required=False, widget=forms.Textarea
    )
    about_en = forms.CharField(
        label=_("About, in English"), max_length=2000, required=False, widget=forms.Textarea
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = helper_of(
            *(name for name in ("client_key", "seen") if name in self.fields),
            "name_km",
            "name_en",
            Row("starts_on", "ends_on"),
            "provinces",
            "about_km",
            "about_en",
        )

    def clean_provinces(self) -> list[Province]:
        chosen = list(self.cleaned_data["provinces"])
        if not any(self.user.serves(one.pk) for one in chosen):
            raise ValidationError(_("Choose at least one province you coordinate."))
        return chosen

    def clean(self) -> None:
        starts_on, ends_on = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day lies before the first day."))


class NewForumForm(KeyedForm, ForumForm):
    """A new forum."""


class EditForumForm(SeenForm, ForumForm):
    """A forum that is there."""


def initial_of_forum(forum: Forum) -> dict[str, object]:
    """What the form shows of a forum."""
    names = ("name_km", "name_en", "about_km", "about_en", "starts_on", "ends_on")
    return {name: getattr(forum, name) for name in names} | {
        "provinces": list(forum.provinces.all()),
        "seen": forum.version,
    }
