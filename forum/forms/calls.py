"""What people type about when a forum calls for the issues of each province."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from forum.forms.shared import SeenForm
from forum.models import IssueCall
from provinces.fields import DayField
from provinces.models import Province

Days = tuple[dt.date, dt.date]


class CallRow(NamedTuple):
    """One province with its two days."""

    province: Province
    opens: forms.BoundField
    closes: forms.BoundField


class CallsForm(SeenForm):
    """The two days of each province; a province without days has no call."""

    def __init__(
        self,
        *args: object,
        provinces: Sequence[Province],
        calls: Mapping[str, IssueCall],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.provinces = provinces
        for one in provinces:
            call = calls.get(one.pk)
            self.fields[f"opens_{one.pk}"] = _day(_("Opens"), call and call.opens_on)
            self.fields[f"closes_{one.pk}"] = _day(_("Closes"), call and call.closes_on)

    def rows(self) -> list[CallRow]:
        """The page's rows, one a province."""
        return [
            CallRow(one, self[f"opens_{one.pk}"], self[f"closes_{one.pk}"])
            for one in self.provinces
        ]

    def clean(self) -> None:
        for one in self.provinces:
            opens, closes = self._pair(one)
            if opens and not closes and f"closes_{one.pk}" not in self.errors:
                self.add_error(f"closes_{one.pk}", _("Say until when issues are called for."))
            elif closes and not opens and f"opens_{one.pk}" not in self.errors:
                self.add_error(f"opens_{one.pk}", _("Say from when issues are called for."))
            elif opens and closes and closes < opens:
                self.add_error(f"closes_{one.pk}", _("The call closes before it opens."))

    def days(self) -> dict[Province, Days | None]:
        """The days of each province, as ``forum.actions`` takes them."""
        pairs = {one: self._pair(one) for one in self.provinces}
        return {
            one: (opens, closes) if opens and closes else None
            for one, (opens, closes) in pairs.items()
        }

    def _pair(self, province: Province) -> tuple[dt.date | None, dt.date | None]:
        data = self.cleaned_data
        return data.get(f"opens_{province.pk}"), data.get(f"closes_{province.pk}")


def _day(label: str, value: dt.date | None) -> DayField:
    return DayField(label=label, initial=value, required=False)
