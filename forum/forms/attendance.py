"""What people count of who came."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from forum.actions import Tally
from forum.models import Invitation
from forum.turnout import Key, Line
from khmer import numbers
from provinces.fields import NumberField

MOST_PEOPLE = 10_000


class AttendanceRow(NamedTuple):
    """One line of the attendance table."""

    invitation: Invitation
    total: forms.BoundField
    women: forms.BoundField
    line: Line | None


class AttendanceForm(forms.Form):
    """Total and women for each invited party; only the lines somebody changed are written."""

    def __init__(
        self,
        *args: object,
        invitations: Sequence[Invitation],
        counts: Mapping[Key, tuple[int, int]],
        lines: Mapping[Key, Line] = MappingProxyType({}),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.invitations = invitations
        self.lines = lines
        for one in invitations:
            line = self._line(one)
            total, women = counts.get((one.organization_id, one.authority_id), (None, None))
            ticked = line.ticked if line and line.ticked.total else None
            self.fields[f"total_{one.pk}"] = _count_field(
                _("People"), total, hint=ticked and ticked.total
            )
            self.fields[f"women_{one.pk}"] = _count_field(
                _("Of whom women"), women, hint=ticked and ticked.women
            )

    def rows(self) -> list[AttendanceRow]:
        """The table's lines in the order of the invitations."""
        return [
            AttendanceRow(one, self[f"total_{one.pk}"], self[f"women_{one.pk}"], self._line(one))
            for one in self.invitations
        ]

    def _line(self, invitation: Invitation) -> Line | None:
        return self.lines.get((invitation.organization_id, invitation.authority_id))

    def clean(self) -> None:
        for one in self.invitations:
            total, women = self._pair(one)
            if women is not None and total is None and f"total_{one.pk}" not in self.errors:
                self.add_error(f"total_{one.pk}", _("Say how many people came in all."))
            elif total is not None and women is None and f"women_{one.pk}" not in self.errors:
                self.add_error(f"women_{one.pk}", _("Say how many of them were women."))
            elif total is not None and women is not None and women > total:
                self.add_error(f"women_{one.pk}", _("There cannot be more women than people."))

    def tallies(self) -> list[Tally]:
        """The lines that differ from what the page showed."""
        changed = {name.split("_")[1] for name in self.changed_data}
        return [Tally(one, *self._pair(one)) for one in self.invitations if str(one.pk) in changed]

    def _pair(self, invitation: Invitation) -> tuple[int | None, int | None]:
        data = self.cleaned_data
        return data.get(f"total_{invitation.pk}"), data.get(f"women_{invitation.pk}")


def _count_field(label: str, value: int | None, *, hint: int | None) -> NumberField:
    # The hidden initial value tells what this person saw from what another wrote meanwhile.
    field = NumberField(
        label=label,
        initial=value,
        min_value=0,
        max_value=MOST_PEOPLE,
        required=False,
        show_hidden_initial=True,
    )
    if hint is not None:  # what was ticked, until somebody counts by hand
        field.widget.attrs["placeholder"] = numbers.in_language(hint, get_language())
    return field
