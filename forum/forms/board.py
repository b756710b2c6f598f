"""Where a session is put on the planning board."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forum import board, spots
from forum.forms.shared import SeenForm, helper_of
from forum.models import Session
from provinces import workdays
from provinces.fields import DayField


class MoveForm(SeenForm):
    """The day of a session, empty for the tray; the board may name a week of a province instead."""

    day = DayField(
        label=_("Day"),
        required=False,
        help_text=_("Leave it empty to put the session into the tray."),
    )
    week = DayField(required=False, widget=forms.HiddenInput)
    province = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, session: Session, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"day": session.day, "seen": session.version})
        super().__init__(*args, **kwargs)
        self.session = session
        self.helper = helper_of("seen", "day")

    def clean_province(self) -> str:
        province: str = self.cleaned_data["province"]
        if province not in ("", self.session.province_id):
            raise forms.ValidationError(
                _("A session stays in its province. Plan another one for the other province.")
            )
        return province

    def where(self) -> dict[str, dt.date | int | None]:
        """The cleaned data as ``forum.actions.move_session`` takes them."""
        day, week = self.cleaned_data["day"], self.cleaned_data["week"]
        if week:
            calendar = workdays.calendar_of(self.session.province_id)
            day = board.day_in(self.session, spots.monday_of(week), calendar)
        return {"day": day, "seen": self.cleaned_data["seen"]}
