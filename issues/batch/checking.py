"""What each line of a file says, and all that is wrong with it, in sentences."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import Organization
from issues.batch.columns import BY_NAME, LIMITS, NO, YES, heading_of, plain, short, words_of
from issues.batch.lookups import Lookups, named
from issues.batch.reading import BEYOND, Row
from issues.models import Issue
from khmer import numbers
from khmer import text as khmer_text
from provinces.fields import DayField
from provinces.models import Locality

LINES = uuid.UUID("6f1d7f6e-4c1a-4f0e-9a57-3c0f0a2f7d11")  # the name space of their keys
MOST = 20_000_000  # people, as in the form
KHMER = range(0x1780, 0x1800)
DEFAULTS = {
    "kind": Issue.Kind.CHALLENGE.value,
    "spoken": Issue.Spoken.KHMER.value,
    "interpreter": NO,
    "disclosure": Issue.Disclosure.RESTRICTED.value,
    "named": NO,
    "source": Issue.Source.IMPORT.value,
}


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell and how to mend it; it never quotes what was typed there."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Line:
    """One issue as it will be taken in: the typed fields of Issue, and its village's code."""

    line: int
    key: uuid.UUID
    content: dict[str, Any]
    village: str


@dataclass
class Checked:
    """All lines that stand, and every fault of the others."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def check(
    rows: Iterable[Row],
    lookups: Lookups,
    *,
    today: dt.date,
    tick: Callable[[int], None] = lambda done: None,
) -> Checked:
    """Understand the rows; ``tick`` is told after each how many were looked at."""
    found = Checked()
    first: dict[uuid.UUID, int] = {}
    for done, row in enumerate(rows, start=1):
        reader = RowReader(row, lookups, today)
        line = reader.read()
        if line is not None and first.setdefault(line.key, row.line) != row.line:
            sentence = _("This line is the same as line %(line)s. Remove one of them.")
            found.faults.append(Fault(row.line, BEYOND, sentence % {"line": first[line.key]}))
        elif line is not None:
            found.lines.append(line)
        found.faults += reader.faults
        tick(done)
    return found


def key_of(content: dict[str, Any], village: str) -> uuid.UUID:
    """The fingerprint of a line: the same for the same issue, however it was typed.

    Made with a key, as whoever reads the table could else find the village by trying all.
    """
    said = {
        name: plain(value) if name in LIMITS else str(getattr(value, "pk", value))
        for name, value in content.items()
    }
    typed = json.dumps(said | {"village": village}, sort_keys=True)
    return uuid.uuid5(LINES, salted_hmac("issues.batch", typed, algorithm="sha256").hexdigest())


class RowReader:
    """Reads one row; what is wrong gathers in ``faults``."""

    def __init__(self, row: Row, lookups: Lookups, today: dt.date) -> None:
        self.row, self.lookups, self.today = row, lookups, today
        self.faults: list[Fault] = []

    def read(self) -> Line | None:
        """The line; None where something is wrong with it."""
        self._refuse_broken()
        organization = self._organization()
        commune = self._commune(organization)
        village = self._village(commune)
        content = self._words() | self._people() | {
            "organization": organization,
            "kind": self._choice("kind"),
            "language": self._language(),
            "theme": self._theme(),
            "province": commune and commune.province,
            "commune": commune,
            "spoken": self._choice("spoken"),
            "needs_interpreter": self._choice("interpreter") == YES,
            "disclosure": self._choice("disclosure"),
            "source": self._choice("source"),
            "came_on": self._day(),
        }  # fmt: skip
        named_too = self._choice("named") == YES
        confidential = content["disclosure"] == Issue.Disclosure.CONFIDENTIAL
        content["is_named"] = named_too and not confidential
        if self.faults:
            return None
        return Line(self.row.line, key_of(content, village), content, village)

    # --- cells ---
    def _cell(self, name: str) -> str:
        return self.row.cells.get(name) or ""

    def _is_broken(self, name: str) -> bool:
        return self.row.cells.get(name, "") is None

    def _fault(self, column: str, sentence: str, **values: object) -> None:
        """Note what is wrong in a column; a broken cell has been spoken of already."""
        if not self._is_broken(column) or column == BEYOND:
            self.faults.append(Fault(self.row.line, column, sentence % values))

    def _refuse_broken(self) -> None:
        for name in [name for name, cell in self.row.cells.items() if cell is None]:
            sentence = _(
                "This cell holds a formula or an error. Copy the cell and paste it as a value."
            )
            if name == BEYOND:
                sentence = _(
                    "Something stands under no heading. Move it under the right one; in CSV, put "
                    "a text with the separating sign between quotes."
                )
            self.faults.append(Fault(self.row.line, name, sentence))

    def _required(self, name: str) -> str:
        typed = self._cell(name)
        if not typed:
            self._fault(name, _("“%(heading)s” is empty. Fill it in."), heading=heading_of(name))
        return typed

    # --- words ---
    def _words(self) -> dict[str, str]:
        """Title, text and what is asked, as the form keeps them."""
        title = " ".join(_visible(self._cell("title")).split())
        words = {"title": title, "text": _visible(self._cell("text"))}
        words["asked"] = _visible(self._cell("asked"))
        for name, text in words.items():
            if not text and BY_NAME[name].is_required:
                self._fault(
                    name, _("“%(heading)s” is empty. Fill it in."), heading=heading_of(name)
                )
            if len(text) > LIMITS[name]:
                self._fault(
                    name,
                    _("The text has %(length)s characters. Shorten it to %(limit)s."),
                    length=len(text),
                    limit=LIMITS[name],
                )
        return words

    def _choice(self, name: str) -> str:
        typed = self._cell(name)
        if not typed:
            return DEFAULTS.get(name, "")
        value = words_of(name).get(plain(typed))
        if value is None:
            words = ", ".join(short(label) for _value, label in BY_NAME[name].choices)
            self._fault(
                name, _("This word is not known here. Write one of: %(words)s."), words=words
            )
        return value or ""

    def _language(self) -> str:
        if self._cell("language"):
            return self._choice("language")
        return "km" if any(ord(sign) in KHMER for sign in self._cell("text")) else "en"

    def _theme(self) -> object:
        typed = self._required("theme")
        theme = self.lookups.theme(typed) if typed else None
        if typed and theme is None:
            self._fault(
                "theme",
                _("No theme has this name. Take one from the second sheet of the template."),
            )
        return theme

    # --- figures ---
    def _people(self) -> dict[str, int | None]:
        people, women = self._number("people", 1), self._number("women", 0)
        if people is not None and women is not None and women > people:
            self._fault(
                "women", _("There cannot be more women than people. Correct one of the numbers.")
            )
        return {"people": people, "women": women}

    def _number(self, name: str, least: int) -> int | None:
        typed = numbers.to_ascii(self._required(name))
        if not typed:
            return None
        figures = typed.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
        if not (figures.isascii() and figures.isdecimal() and len(figures) < 12):
            self._fault(name, _("This is no whole number. Write figures alone, as 120."))
            return None
        if not least <= int(figures) <= MOST:
            self._fault(
                name,
                _("Write a number from %(least)s to %(most)s."),
                least=least,
                most=MOST,
            )
            return None
        return int(figures)

    def _day(self) -> dt.date | None:
        typed = self._cell("came_on")
        if not typed:
            return None
        try:
            day = DayField().to_python(typed)
        except ValidationError:
            self._fault("came_on", _("This is no day. Write it as 2026-03-28 or 28/03/2026."))
            return None
        if day and day > self.today:
            self._fault("came_on", _("This day is still to come. Write the day on which it came."))
        return day

    # --- who and where ---
    def _organization(self) -> Organization | None:
        typed = self._required("organization")
        found = self.lookups.organizations(typed) if typed else []
        if typed and not found:
            self._fault(
                "organization",
                _(
                    "No organization of your provinces has this name. Take its short name from the "
                    "template, or register it first."
                ),
            )
        if len(found) > 1:
            self._fault(
                "organization",
                _("Several organizations have this name. Write the short name of the one."),
            )
        return found[0] if len(found) == 1 else None

    def _commune(self, organization: Organization | None) -> Locality | None:
        commune = self._place()
        if commune is None:
            return None
        if not self.lookups.user.serves(commune.province_id):
            self._fault(
                "commune",
                _(
                    "This commune does not lie in a province you serve. Correct it, or leave the "
                    "line to the coordinator there."
                ),
            )
        elif organization and commune.province_id not in self.lookups.works_in[organization.pk]:
            self._fault(
                "organization",
                _(
                    "The organization does not work in this province. Correct the commune, or add "
                    "the province to the organization."
                ),
            )
        return commune

    def _place(self) -> Locality | None:
        typed = numbers.to_ascii(self._required("commune"))
        if not typed:
            return None
        if typed.isdecimal():
            found = [one for one in [self.lookups.communes.get(typed.zfill(6))] if one]
        else:
            found = list(self._of_province(self.lookups.communes_named(typed)))
        found = self._of_district(found)
        if len(found) == 1:
            return found[0]
        self._fault(
            "commune",
            _("Several communes have this name. Write the code of six figures.")
            if found
            else _("No such commune is there. Correct its name, district or province, or write "
                   "its code of six figures."),
        )  # fmt: skip
        return None

    def _of_province(self, communes: list[Locality]) -> Iterator[Locality]:
        """Those of the province that was typed; without one, those of the user's provinces."""
        typed = numbers.to_ascii(self._cell("province"))
        if not typed:
            served = [one for one in communes if self.lookups.user.serves(one.province_id)]
            return iter(served or communes)
        codes = self.lookups.province_codes
        code = codes.get(typed.zfill(2)) or codes.get(named(typed))
        if code is None:
            self._fault("province", _("No province has this name. Correct it, or leave it empty."))
        return (one for one in communes if code in (None, one.province_id))

    def _of_district(self, communes: list[Locality]) -> list[Locality]:
        typed = numbers.to_ascii(self._cell("district"))
        if not typed or not communes:
            return communes
        district = typed.zfill(4) if typed.isdecimal() else typed
        return [one for one in communes if self.lookups.is_district(district, one.parent)]

    def _village(self, commune: Locality | None) -> str:
        typed = numbers.to_ascii(self._cell("village"))
        if not typed or commune is None or not self.lookups.user.serves(commune.province_id):
            return ""
        typed = typed.zfill(8) if typed.isdecimal() and len(typed) > 6 else typed
        found = self.lookups.villages_named(typed, commune.pk)
        if len(found) != 1:
            self._fault(
                "village",
                _("Several villages of the commune have this name. Write the code of the one.")
                if found
                else _("The commune has no such village. Correct its name, or leave it empty."),
            )
        return found[0] if len(found) == 1 else ""


def _visible(typed: str) -> str:
    """The text, or nothing where only signs without shape were typed."""
    return typed if khmer_text.INVISIBLE.sub("", typed).strip() else ""
