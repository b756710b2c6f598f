"""What a recorder types at the console where an office is given something, by when."""

import datetime as dt
from typing import Any

from crispy_forms.bootstrap import AccordionGroup
from crispy_forms.layout import Row
from django import forms
from django.utils.translation import gettext_lazy as _

from issues.actions import Charge
from issues.forms.console import OfficeField, SaidForm
from issues.forms.triage import USUAL_DAYS, in_words, words_field
from issues.models import Referral
from provinces.fields import DayField, NumberField
from provinces.workdays import Calendar

MOST_DAYS = 250  # working days of a year
OTHERS = (2, 3, 4)  # offices besides the leading one


class DueForm(SaidForm):
    """The ground of what an office is given by a date: typed as such, or in working days.

    Needs ``calendar`` and ``today`` to count them.
    """

    authority = OfficeField(label=_("Office"))
    days = NumberField(
        label=_("Working days"),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Counted from today; the date is shown beside each number."),
    )
    due_on = DayField(
        label=_("or the date itself"),
        required=False,
        help_text=_("A date that is written here counts instead."),
    )
    field_order = ["client_key", "at", "corrects", "authority", "days", "due_on", "text"]
    with_office = True

    def __init__(self, *args: object, calendar: Calendar, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.calendar, self.today = calendar, today
        self.fields["days"].widget.attrs["list"] = "workdays"
        self.fields["authority"].required = self.with_office
        if self.with_office:
            self.fields["days"].initial = USUAL_DAYS

    def layout(self) -> list[object]:
        """Days and date stand side by side."""
        found = [one for one in super().layout() if one != "due_on"]
        found[found.index("days")] = Row("days", "due_on")
        return found

    def suggest(self, office: int | None) -> None:
        """Propose the office where one is needed; the recorder decides."""
        if (
            self.with_office
        ):  # else an office nobody named would get it, or it would not be declined
            self.fields["authority"].initial = office

    def clean(self) -> dict[str, Any]:
        """One date wherever an office is given something; one that was typed as such counts."""
        typed = super().clean()
        days, due_on = typed.get("days"), typed.get("due_on")
        if days and not due_on:
            typed["due_on"] = self.calendar.add(self._counted_from(typed), days)
        elif due_on and due_on <= self.today:
            self.add_error("due_on", _("Choose a due date after today."))
        elif typed.get("authority") and not due_on and not {"days", "due_on"} & set(self.errors):
            self.add_error("days", _("Write by when the office has to solve it."))
        return typed

    def _counted_from(self, _typed: dict[str, Any]) -> dt.date:
        return self.today

    @property
    def charges(self) -> list[Charge]:
        """What the offices are given, the leading one first; none where no office was named."""
        typed = self.cleaned_data
        return [Charge(typed["authority"], typed["due_on"])] if typed["authority"] else []

    @property
    def content(self) -> dict[str, object]:
        """The charges besides what was said."""
        return super().content | {"charges": self.charges}

    @property
    def remark(self) -> str:
        """Where offices are closed on the day, when it is due then."""
        due_on = self.cleaned_data["due_on"] if self.charges else None
        if due_on is None or (open_on := self.calendar.open_from(due_on)) == due_on:
            return ""
        return _("Offices are closed on the day you chose: it is due on %(day)s.") % {
            "day": in_words(open_on)
        }


class ReferForm(DueForm):
    """To whom the session referred an issue: one office that leads, up to three others."""

    text = words_field(
        _("What is asked of the office"),
        _("As it was said in the session. Name no person and no organization here."),
        required=False,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].label = _("Leading office")
        parts = [
            (Referral.Role.SUPPORTING.value, Referral.Role.SUPPORTING.label),
            (Referral.Role.INFORMATION.value, Referral.Role.INFORMATION.label),
        ]
        for number in OTHERS:
            self.fields[f"authority_{number}"] = OfficeField(label=_("Office"), required=False)
            self.fields[f"role_{number}"] = forms.ChoiceField(
                label=_("Its part"), choices=parts, required=False
            )
        rows = [Row(f"authority_{number}", f"role_{number}") for number in OTHERS]
        self.helper.layout.append(AccordionGroup(_("Other offices"), *rows))

    def clean(self) -> dict[str, Any]:
        """Each office once."""
        typed = super().clean()
        named = {typed.get("authority")}
        for number in OTHERS:
            office = typed.get(f"authority_{number}")
            if office and office in named:
                self.add_error(f"authority_{number}", _("This office is named already."))
            named.add(office)
        return typed

    @property
    def charges(self) -> list[Charge]:
        """The leading office's, then those of the others."""
        typed = self.cleaned_data
        others = [
            Charge(office, typed["due_on"], typed[f"role_{number}"] or Referral.Role.SUPPORTING)
            for number in OTHERS
            if (office := typed[f"authority_{number}"])
        ]
        return [*super().charges, *others]


class ReviewForm(DueForm):
    """The ground of what comes back to a session; an office only where nobody leads the issue."""

    until = DayField(label=_("Next review"))
    field_order = ["client_key", "at", "corrects", "until", "text", "authority", "days", "due_on"]
    with_office = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].label = _("Office that leads it")
        self.fields["authority"].help_text = _("Only where no office leads it yet.")

    def clean_until(self) -> dt.date:
        """A day after today."""
        until = self.cleaned_data["until"]
        if until <= self.today:
            raise forms.ValidationError(_("Choose a day after today."), code="review_in_past")
        return until


class StudyForm(ReviewForm):
    """What is studied, and when it comes back."""

    text = words_field(_("What is studied or checked"), required=False)

    @property
    def content(self) -> dict[str, object]:
        """The day of the review besides."""
        return super().content | {"review_on": self.cleaned_data["until"]}


class SuspendForm(ReviewForm):
    """Until when it rests, and why."""

    text = words_field(_("Why it is suspended"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].label = _("Suspended until")
        self.fields["days"].widget.attrs = {"data-from": "until"}
        self.fields["days"].help_text = _("Counted from the end of the suspension.")

    def _counted_from(self, typed: dict[str, Any]) -> dt.date:
        return typed.get("until") or self.today

    @property
    def content(self) -> dict[str, object]:
        """The last day of rest besides."""
        return super().content | {"until": self.cleaned_data["until"]}


class HigherForm(DueForm):
    """Which higher office has to decide."""

    text = words_field(_("What is asked of the higher level"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].label = _("Higher office")


class NotCompetentForm(DueForm):
    """Which office it is for instead, or why it goes no further."""

    text = words_field(
        _("Reason"), _("Its organization is told this where the issue goes no further.")
    )
    with_office = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].label = _("Another office that gets it")
        self.fields["authority"].help_text = _("Without an office the issue is declined.")
