"""What is typed about a long case: its steps, visits on the spot, the report to the community."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, KeyField, LineField, LongField
from issues.forms.triage import grouped_offices, offices_for
from issues.models import Issue
from provinces.fields import DayField, NumberField
from provinces.models import Authority

MOST_PEOPLE = 1_000_000


class StepForm(BareForm):
    """One more step, until when, and whose it is."""

    client_key = KeyField()
    title = LineField(label=_("What is to be done?"), max_length=200)
    due_on = DayField(label=_("By when?"))
    authority = forms.ModelChoiceField(
        Authority.objects.none(), label=_("By which office?"), required=False
    )

    def __init__(
        self, *args: object, issue: Issue, today: dt.date, for_office: bool, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()
        field = self.fields["authority"]
        if for_office:  # a gap would show whom the issue concerns, a group who else holds it
            field.queryset = Authority.objects.of_province(issue.province_id)
            field.empty_label = _("No office by name")
            return
        field.queryset = offices_for(issue)
        groups = grouped_offices(issue, field.queryset, with_holding=True)
        field.choices = [("", _("No office by name")), *groups]


class FinishForm(BareForm):
    """When a step was done."""

    done_on = DayField(label=_("On which day was it done?"))
    note = LineField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: object, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"].initial = today
        self.fields["done_on"].widget.attrs["max"] = today.isoformat()


class CountedForm(BareForm):
    """On which day, and how many people, of whom women."""

    client_key = KeyField()
    on = DayField(label=_("On which day?"))
    people = NumberField(label=_("How many people?"), min_value=0, max_value=MOST_PEOPLE)
    women = NumberField(label=_("of whom women"), min_value=0, max_value=MOST_PEOPLE)

    def __init__(self, *args: object, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def clean_on(self) -> dt.date:
        """A day up to today."""
        on = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("Choose today or an earlier day."), code="in_future")
        return on

    def clean(self):
        data = super().clean() or self.cleaned_data
        if "people" in data and (data.get("women") or 0) > data["people"]:
            sentence = _("There cannot be more women than people.")
            self.add_error("women", forms.ValidationError(sentence, code="too_many"))
        return data


class FieldCheckForm(CountedForm):
    """A visit on the spot."""

    participants = LongField(
        label=_("Who took part?"),
        max_length=1000,
        rows=3,
        help_text=_("Titles and offices, no names of persons."),
    )
    findings = LongField(
        label=_("What was found?"),
        max_length=4000,
        help_text=_(
            "The organization and the offices that hold the issue read it, and those above them:"
            " name no person, and of a confidential issue no place."
        ),
    )
    field_order = ["client_key", "on", "participants", "people", "women", "findings"]


class ReportBackForm(CountedForm):
    """How the community was told the answer."""

    how = LineField(
        label=_("How was it told?"),
        max_length=300,
        help_text=_("For example: at a village meeting, by loudspeaker, house by house."),
    )
    field_order = ["client_key", "on", "how", "people", "women"]
