"""The list of issues as a table for spreadsheets, each row as far as its reader may see it."""

import codecs
import csv
import datetime as dt
from collections.abc import Iterator
from itertools import islice

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Role, User
from issues.listing import Listing, Row, loaded, row_of
from issues.permissions import Audience

CHUNK = 500
INSIDE = (Audience.ORGANIZATION, Audience.SECRETARIAT)
# A cell that begins so is a formula to a spreadsheet; the wide signs are to some as well.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


class Table:
    """The rows a listing asks for at this moment; ``len`` says how many.

    They are written in pieces, each read with the same few queries.
    """

    def __init__(self, listing: Listing) -> None:
        self.user, self.today = listing.user, listing.today
        self.language = translation.get_language() or "km"
        self.pks = [pk for section in listing.sections for pk in section.all_keys()]

    def __len__(self) -> int:
        return len(self.pks)

    def pieces(self) -> Iterator[bytes]:
        """The file: UTF-8 with the mark by which spreadsheets know it."""
        lines = csv.writer(_Through())
        yield codecs.BOM_UTF8
        # By the time a piece is asked for, the request's language is no longer set.
        with translation.override(self.language):
            head = [name for name, _is_inner in columns()]
        yield lines.writerow(head).encode()
        pks = iter(self.pks)
        while chunk := list(islice(pks, CHUNK)):
            with translation.override(self.language):
                written = [lines.writerow(map(guarded, cells)) for cells in self._cells(chunk)]
            yield "".join(written).encode()

    def _cells(self, pks: list[int]) -> Iterator[list[str]]:
        rows = loaded(self.user, with_text=True).filter(pk__in=pks)
        found = {issue.pk: issue for issue in rows}
        for pk in pks:
            if pk in found:  # else it was taken from this reader meanwhile
                yield cells_of(row_of(found[pk], self.user, self.today), self.user)


class _Through:
    """A file that hands back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def columns() -> list[tuple[str, bool]]:
    """The heads of the table, and whether only those inside an issue read the column."""
    return [
        (_("Reference"), False),
        (_("Title"), False),
        (_("Text"), False),
        (_("Kind"), False),
        (_("State"), False),
        (_("Closed as"), False),
        (_("Theme"), False),
        (_("Place"), False),
        (_("Organization"), False),
        (_("People affected"), False),
        (_("Of whom women"), False),
        (_("Submitted"), False),
        (_("Due date"), False),
        (_("Who may see it"), True),
        (_("Published"), True),
        (_("Times deferred"), True),
        (_("Language spoken"), True),
        (_("Priority"), True),
        (_("How it came"), True),
    ]


def cells_of(row: Row, user: User) -> list[str]:
    """One line; a cell stays empty where its reader may not know what stands there."""
    issue = row.issue
    return [
        issue.reference or "",
        issue.title,
        issue.text,
        issue.get_kind_display(),
        issue.get_status_display(),
        issue.get_closed_as_display() if issue.closed_as else "",
        issue.theme.name if issue.theme else "",
        row.shown.place,
        row.shown.organization,
        _number(issue.people),
        _number(issue.women),
        _day(issue.submitted_at),
        row.due_on.isoformat() if row.due_on else "",
        *_inner_cells(row, user),
    ]


def _inner_cells(row: Row, user: User) -> list[str]:
    issue = row.issue
    if row.shown.audience not in INSIDE:
        return [""] * sum(is_inner for _name, is_inner in columns())
    serves = user.is_role(Role.COORDINATOR) and user.serves(issue.province_id)
    return [
        issue.get_disclosure_display(),
        _day(issue.published_at),
        _number(issue.deferrals),
        issue.get_spoken_display(),
        issue.get_priority_display() if serves else "",
        issue.get_source_display() if serves else "",
    ]


def guarded(cell: str) -> str:
    """The cell, never a formula to a spreadsheet."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) else cell


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _day(moment: dt.datetime | None) -> str:
    return timezone.localdate(moment).isoformat() if moment else ""
