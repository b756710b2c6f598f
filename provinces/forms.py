"""Choosing a place step by step, and an office's addresses."""

import re
from itertools import pairwise

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.core.validators import validate_email
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from khmer import numbers
from provinces.fields import HoursField, NumberField
from provinces.models import Authority, ContactPoint, Honorific, Locality, Province, Theme
from provinces.models.roads import LONGEST, SHORTEST

REFRESH = "refresh"
LISTED = ["name_km", "name_en", "position"]
STEPS = ("province", "district", "commune", "village")
LABELS = {
    "province": _("Province"),
    "district": _("District or municipality"),
    "commune": _("Commune or sangkat"),
    "village": _("Village"),
}
EMPTY = {
    "province": _("Choose a province"),
    "district": _("Choose a district"),
    "commune": _("Choose a commune"),
    "village": _("Choose a village"),
}
MISPLACED = {
    "province": _("Choose one of the provinces."),
    "district": _("That district does not lie in the province you chose."),
    "commune": _("That commune does not lie in the district you chose."),
    "village": _("That village does not lie in the commune you chose."),
}
# The address that has the options of the next step.
NEXT_OPTIONS = {
    "province": reverse_lazy("provinces:districts"),
    "district": reverse_lazy("provinces:communes"),
    "commune": reverse_lazy("provinces:villages"),
}


def parts_of(step: str, chosen: str):
    """What may be chosen at a step below the code chosen before it, in Khmer order."""
    if not re.fullmatch(r"[0-9]+", chosen):
        return Locality.objects.none()
    if step == "district":
        return Locality.objects.districts().filter(province=chosen)
    return Locality.objects.filter(parent=chosen)


def place_initial(place: Locality | None) -> dict[str, str]:
    """The initial values of the four selects for a district, commune or village."""
    if place is None:
        return {}
    codes = {"province": 2, "district": 4, "commune": 6, "village": 8}
    return {
        step: place.code[:length] for step, length in codes.items() if length <= len(place.code)
    }


class PlaceChoice(forms.ModelChoiceField):
    """A place by its full name, so that a village is not taken for its commune."""

    def label_from_instance(self, obj):
        return obj.full_name


class PlaceFields:
    """Four selects, each offering what lies in the one before; a mixin in front of a form.

    Each choice loads the next list through htmx. Without JavaScript a button named ``refresh``
    sends the form, which is then shown again with its values, the next list and no errors.
    The form has no prefix. ``provinces`` limits the first list.
    """

    optional_places = frozenset({"village"})

    def __init__(self, *args, provinces=None, **kwargs):
        super().__init__(*args, **kwargs)
        everywhere = Province.objects.all() if provinces is None else provinces
        self._add_place("province", everywhere)
        for before, step in pairwise(STEPS):
            self._add_place(step, parts_of(step, self._chosen(before)))

    @property
    def is_refreshing(self) -> bool:
        """Whether the form was sent only to see the next list."""
        return self.is_bound and REFRESH in self.data

    def full_clean(self):
        if not self.is_refreshing:
            return super().full_clean()
        self._errors, self.cleaned_data = ErrorDict(), {}
        return None

    def is_valid(self):
        return not self.is_refreshing and super().is_valid()

    def _add_place(self, step, places):
        field = PlaceChoice(
            places,
            label=LABELS[step],
            empty_label=EMPTY[step],
            required=step not in self.optional_places,
            error_messages={"invalid_choice": MISPLACED[step]},
        )
        if step in NEXT_OPTIONS:
            field.widget.attrs |= {
                "hx-get": NEXT_OPTIONS[step],
                "hx-target": f"#id_{STEPS[STEPS.index(step) + 1]}",
                "hx-trigger": "change",
            }
        self.fields[step] = field

    def _chosen(self, step) -> str:
        if self.is_bound:
            return self.data.get(step, "")
        value = self.get_initial_for_field(self.fields[step], step)
        return getattr(value, "pk", value) or ""


def place_layout() -> Div:
    """The four selects and, for browsers without JavaScript, the button for the next list."""
    button = (
        "{% load i18n %}<noscript>"
        '<button type="submit" class="btn" name="refresh" value="1" formnovalidate>'
        '{% translate "Show the next list" %}</button></noscript>'
    )
    return Div(*STEPS, HTML(button), css_class="fieldset")


class ContactPointForm(forms.ModelForm):
    """An address of an office and in which language it is written to."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[("km", _("Khmer")), ("en", _("English"))]
    )

    class Meta:
        model = ContactPoint
        fields = ["channel", "value", "label", "language", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*self.Meta.fields)

    def clean(self):
        data = super().clean()
        value = data.get("value", "")
        if data.get("channel") == ContactPoint.Channel.EMAIL and value:
            self._check_email(value)
        elif data.get("channel") == ContactPoint.Channel.PHONE:
            data["value"] = numbers.to_ascii(value)
        if self._stands(data):
            self.add_error("value", _("The office has this address already."))
        return data

    def _stands(self, data):
        """Whether another address of the office is the same; the office itself is no field."""
        same = {"channel": data.get("channel"), "value": data.get("value")}
        others = self.instance.authority.contacts.exclude(pk=self.instance.pk)
        return others.filter(**same).exists()

    def _check_email(self, value):
        try:
            validate_email(value)
        except forms.ValidationError as error:
            self.add_error("value", error)


class ThemesForm(forms.Form):
    """For which themes an office answers."""

    themes = forms.ModelMultipleChoiceField(
        Theme.objects.all(),
        label=_("Themes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "When an issue of one of these themes comes in, this office is suggested for it,"
            " the one nearest to the place first."
        ),
    )

    def __init__(self, *args, authority: Authority, **kwargs):
        super().__init__(*args, initial={"themes": authority.themes.all()}, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


class SuperiorForm(forms.Form):
    """Which authority is told next when this one is silent; a circle is refused when it is kept."""

    superior = forms.ModelChoiceField(
        Authority.objects.none(),
        label=_("Told next when it is silent"),
        required=False,
        empty_label=_("No authority above it"),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, authority: Authority, **kwargs):
        initial = {"superior": authority.superior_id, "seen": authority.superior_id}
        super().__init__(*args, initial=initial, **kwargs)
        others = Authority.objects.current().exclude(pk=authority.pk)
        near = Q(province=authority.province_id) | Q(province=None)
        self.fields["superior"].queryset = others.filter(near | Q(pk=authority.superior_id))
        self.helper = FormHelper()
        self.helper.form_tag = False


class ListedForm(forms.ModelForm):
    """The names of a listed thing and its place among the others; its code stays."""

    position = NumberField(
        label=_("Place in the list"), min_value=0, max_value=1000, help_text=_("1 stands first.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*self.Meta.fields)


class NewListed:
    """A new thing of a list: the form sent twice is one thing, as its code is its key."""

    def validate_unique(self):
        """The action finds out: the same thing sent again is no fault."""


class ThemeForm(ListedForm):
    """A theme that is known."""

    class Meta:
        model = Theme
        fields = LISTED


class NewThemeForm(NewListed, ThemeForm):
    """A new theme."""

    class Meta(ThemeForm.Meta):
        fields = ["code", *LISTED]
        help_texts = {"code": _("A short Latin word that never changes, as land or water.")}


class HonorificForm(ListedForm):
    """An honorific that is known."""

    class Meta:
        model = Honorific
        fields = LISTED


class NewHonorificForm(NewListed, HonorificForm):
    """A new honorific."""

    class Meta(HonorificForm.Meta):
        fields = ["code", *LISTED]
        help_texts = {"code": _("A short Latin word that never changes, as mr or doctor.")}


class RoadsForm(forms.Form):
    """From which province the roads are shown."""

    province = forms.ModelChoiceField(
        Province.objects.all(),
        label=_("From the town of"),
        empty_label=None,
        error_messages={"invalid_choice": MISPLACED["province"]},
    )


class RoadTimeForm(forms.Form):
    """How long the road is between two provinces."""

    minutes = HoursField(
        label=_("Hours and minutes by car"),
        min_value=SHORTEST,
        max_value=LONGEST,
        help_text=_("Write it as 4:30."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
