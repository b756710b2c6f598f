"""What a recorder types at the console: what the session decided, who spoke, what is corrected.

An office is taken by its key alone: the actions check it. Lists to choose from are filled by the
page, once for all its forms.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from crispy_forms.bootstrap import AccordionGroup
from crispy_forms.layout import Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from issues.actions import Press, Said
from issues.forms.fields import BareHelper, KeyField, LineField, LongField, SeenField
from issues.forms.triage import ActForm, words_field
from issues.models import Outcome
from provinces.fields import DayField, NumberField

COMMITMENT = ("commitment", "said_by", "said_office", "by_on")
NEEDS_WORDS = frozenset(
    {
        Outcome.Kind.ADDRESSED,
        Outcome.Kind.SUSPENDED,
        Outcome.Kind.NOT_COMPETENT,
        Outcome.Kind.WITHDRAWN,
    }
)
Choices = Iterable[tuple[str, Any]]


class OfficeField(forms.IntegerField):
    """The key of an office, chosen from a list that only a page that is shown needs."""

    widget = forms.Select(attrs={"data-offices": ""})

    def __init__(self, *, label: str, required: bool = True, help_text: str = "") -> None:
        super().__init__(label=label, required=required, help_text=help_text, min_value=1)


class PressForm(ActForm):
    """A press of a recorder: its key, and when it was pressed where it waited on the device."""

    client_key = KeyField()
    at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id=f"{type(self).__name__.lower()}_%s", **kwargs)
        self.helper = BareHelper()
        self.helper.layout = Layout(*self.layout())

    def layout(self) -> list[object]:
        """The fields as they stand on the page, what is seldom typed folded away."""
        return list(self.fields)

    def offer(self, offices: Choices, today: dt.date) -> None:
        """Fill the lists to choose from and suggest days, for a page that is shown."""
        for field in self.fields.values():
            if isinstance(field, OfficeField):
                field.widget.choices = [("", _("Choose an office")), *offices]
            if isinstance(field, DayField):
                field.widget.attrs["min"] = (today + dt.timedelta(days=1)).isoformat()

    def suggest(self, office: int | None) -> None:
        """Propose an office, where the form asks for one."""


class FloorForm(PressForm):
    """A press that needs no words: the item's time begins, ends."""

    @property
    def content(self) -> dict[str, object]:
        """When it was pressed."""
        return {"at": self.cleaned_data["at"]}


class ShowForm(PressForm):
    """The outcome is shown on the room's screen, or hidden."""

    @property
    def content(self) -> dict[str, object]:
        """Nothing was typed."""
        return {}


class SpeakersForm(PressForm):
    """Which officials spoke, by title, and how many of the communities."""

    spoke = LongField(
        label=_("Officials who spoke (titles, one a line)"),
        help_text=_("Titles, no names."),
        max_length=1000,
        rows=3,
        required=False,
    )
    communities = NumberField(
        label=_("How many of the communities spoke"),
        min_value=0,
        max_value=1000,
        required=False,
        initial=0,
    )
    seen_spoke = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_communities = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def content(self) -> dict[str, object]:
        """The titles, a line each, and the number; and what stood when they were typed."""
        typed = self.cleaned_data
        seen = typed["seen_spoke"].replace("\r\n", "\n"), typed["seen_communities"]
        lines = (line.strip() for line in typed["spoke"].split("\n"))
        return {
            "spoke": "\n".join(line for line in lines if line),
            "communities": typed["communities"] or 0,
            "seen": None if typed["seen_communities"] is None else seen,
        }


# --- what was decided ---------------------------------------------------------------------------
class SaidForm(PressForm):
    """The ground of all decisions: the words, and a commitment with who made it and by when.

    ``corrects`` is the version of the outcome that the recorder saw; empty for the first one.
    """

    corrects = SeenField()
    text = words_field(_("What was said"), max_length=4000, required=False)
    commitment = words_field(_("Commitment, in the speaker's words"), rows=3, required=False)
    said_by = LineField(label=_("Who said it (title, no name)"), max_length=200, required=False)
    said_office = OfficeField(label=_("Office of who said it"), required=False)
    by_on = DayField(label=_("By when"), required=False)

    def layout(self) -> list[object]:
        """The commitment is folded away."""
        first = [name for name in self.fields if name not in COMMITMENT]
        if "commitment" not in self.fields:
            return first
        folded = ["commitment", Row("said_by", "said_office"), "by_on"]
        return [*first, AccordionGroup(_("Commitment: who said it, and by when"), *folded)]

    def clean(self) -> dict[str, Any]:
        """A commitment says who made it."""
        typed = super().clean() or self.cleaned_data
        if typed.get("commitment") and not typed.get("said_by") and "said_by" not in self.errors:
            self.add_error("said_by", _("Write by title who made the commitment."))
        return typed

    @property
    def said(self) -> Said:
        """What was said, as the actions take it."""
        typed = self.cleaned_data
        return Said(
            typed["text"],
            typed["commitment"],
            typed["said_by"],
            typed["said_office"],
            typed["by_on"],
        )

    @property
    def content(self) -> dict[str, object]:
        """What was said, and the press that it came by."""
        typed = self.cleaned_data
        press = Press(typed["client_key"], typed["corrects"])
        return {"said": self.said, "press": press}


class AddressForm(SaidForm):
    """What was said when an issue was addressed in the session."""

    text = words_field(_("What was said"), max_length=4000)


class DeferForm(SaidForm):
    """Why there was no time."""

    text = words_field(_("Why (optional)"), required=False)
    commitment = said_by = said_office = by_on = None

    def clean(self) -> dict[str, Any]:
        """Nobody commits to anything."""
        return self.cleaned_data | dict.fromkeys(("commitment", "said_by"), "")

    @property
    def said(self) -> Said:
        """The reason alone."""
        return Said(self.cleaned_data["text"])


class WithdrawForm(DeferForm):
    """Why its organization takes the issue back."""

    text = words_field(_("Why its organization takes it back"))


class NoteForm(SaidForm):
    """What was noted."""

    text = words_field(_("What was noted (optional)"), max_length=4000, required=False)


class RewordForm(SaidForm):
    """Other words for an outcome that stands; ``kind`` is what it is."""

    def __init__(self, *args: object, kind: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = kind in NEEDS_WORDS


def grouped(offices: Iterable[Any]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Offices by their kind, for the lists of all forms of a page."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for one in offices:
        groups.setdefault(str(one.get_kind_display()), []).append((one.pk, str(one)))
    return list(groups.items())
