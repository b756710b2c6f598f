"""What an administrator types about a day on which offices are closed."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm, LineField
from provinces.fields import DayField
from provinces.models import Holiday, Province
from provinces.models.days import source_from_words


class HolidayForm(BareForm):
    """A closed day, in the country or in one province."""

    date = DayField(label=_("Day"))
    name_km = LineField(label=_("Khmer name"), max_length=200)
    name_en = LineField(label=_("English name"), max_length=200)
    source = LineField(
        label=_("Source"),
        max_length=200,
        help_text=_("Where it was announced, as the number of the sub-decree."),
    )
    province = forms.ModelChoiceField(
        Province.objects.all(),
        label=_("Where"),
        required=False,
        empty_label=_("The whole country"),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: object, year: int, holiday: Holiday | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.holiday = holiday or Holiday()
        day = self.fields["date"].widget.attrs
        if holiday is None:
            day["min"], day["max"] = dt.date(year, 1, 1).isoformat(), f"{year}-12-31"

    def clean_source(self) -> str:
        """What was typed; of a day that was reckoned the source it had."""
        return source_from_words(self.cleaned_data["source"])

    def day(self) -> Holiday:
        """The day as it was typed, not kept."""
        typed = self.cleaned_data
        return Holiday(
            pk=self.holiday.pk,
            date=typed["date"],
            name_km=typed["name_km"],
            name_en=typed["name_en"],
            source=typed["source"],
            province=typed["province"],
            confirmed_by_id=self.holiday.confirmed_by_id,
        )
