"""What the secretariat sets right in an issue and decides as it takes it in."""

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareHelper, SeenField
from issues.forms.triage import ActForm, offices_for, suggested_offices
from issues.models import Issue
from provinces.forms import NEXT_OPTIONS, PlaceFields, place_initial
from provinces.models import Authority, Province, Theme

WRITTEN = ("theme", "commune", "priority", "disclosure", "seen")
# For browsers without JavaScript: the communes of the district that was chosen.
NEXT_LIST = (
    "{% load i18n %}<noscript>"
    '<button type="submit" class="btn" name="refresh" value="1" formnovalidate>'
    '{% translate "Show the next list" %}</button></noscript>'
)


class CorrectForm(PlaceFields, ActForm):
    """Theme, place and priority of an issue; its province stays. What is left out stays too."""

    optional_places = frozenset({"province", "district", "commune", "village"})
    theme = forms.ModelChoiceField(Theme.objects.all(), label=_("Theme"), empty_label=None)
    priority = forms.TypedChoiceField(
        label=_("Priority"), coerce=int, choices=Issue.Priority, widget=forms.RadioSelect
    )
    seen = SeenField()

    def __init__(self, *args: object, issue: Issue, **kwargs: object) -> None:
        self.issue = issue
        own = {"theme": issue.theme_id, "priority": issue.priority, "seen": issue.version}
        initial = own | place_initial(issue.commune)
        provinces = Province.objects.filter(pk=issue.province_id)
        super().__init__(*args, initial=initial, provinces=provinces, **kwargs)
        del self.fields["province"], self.fields["village"]
        self.fields["district"].widget.attrs["hx-get"] = f"{NEXT_OPTIONS['district']}?only=1"
        del self.fields["commune"].widget.attrs["hx-get"]
        self.helper = BareHelper()
        place = Div("district", "commune", HTML(NEXT_LIST), css_class="flow")
        self.helper.layout = Layout("theme", place, "priority", "seen")

    def _chosen(self, step: str) -> str:
        return self.issue.province_id if step == "province" else super()._chosen(step)

    def clean(self) -> dict[str, object]:
        """A commune to the district, where one was chosen."""
        data = super().clean() or self.cleaned_data
        if data.get("district") and not data.get("commune") and "commune" not in self.errors:
            self.add_error("commune", forms.ValidationError(_("Choose a commune."), "commune"))
        return data

    @property
    def content(self) -> dict[str, object]:
        """What the action is given."""
        return {name: value for name, value in self.cleaned_data.items() if name in WRITTEN}


class AcceptForm(CorrectForm):
    """What the secretariat sets right as it takes an issue in, and whom it may refer it to."""

    disclosure = forms.ChoiceField(
        label=_("Who may see it?"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("You may let fewer people see it; only its organization could let more."),
    )
    office = forms.ModelChoiceField(
        Authority.objects.none(),
        label=_("Refer it at once to"),
        required=False,
        help_text=_("You name the date on the next page; until then nothing is sent."),
    )

    def __init__(self, *args: object, issue: Issue, **kwargs: object) -> None:
        super().__init__(*args, issue=issue, **kwargs)
        present = Issue.Disclosure(issue.disclosure)
        disclosure = self.fields["disclosure"]
        disclosure.initial = present.value
        disclosure.choices = [(one, one.label) for one in (present, *issue.stricter)]
        self._offer_offices()
        self.helper.layout.extend(["disclosure", "office"])

    def _offer_offices(self) -> None:
        field = self.fields["office"]
        field.queryset = offices_for(self.issue)
        theme, commune = str(self["theme"].value() or ""), str(self["commune"].value() or "")
        groups, _first = suggested_offices(
            self.issue, field.queryset, theme_id=theme, commune_id=commune
        )
        field.choices = [("", _("Nobody yet: it waits for a session")), *groups]

    def watch(self, address: str) -> None:
        """Fetch the offices anew from this address as theme or place are changed."""
        asking = {
            "hx-get": address,
            "hx-target": "#id_office",
            "hx-trigger": "change",
            "hx-include": "#id_theme, #id_commune",
        }
        for name in ("theme", "commune"):
            self.fields[name].widget.attrs |= asking
