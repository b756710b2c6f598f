"""The register of letters: those of issues and the numbered invitations, as one list."""

import codecs
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import tablib
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from forum.models import Invitation
from issues.export import guarded
from issues.letters import subject_line
from issues.models import Letter
from khmer import numbers

LETTER, INVITATION = "letter", "invitation"
EMPTY: dict[str, Any] = {"province": None, "year": None, "direction": "", "q": ""}


@dataclass(frozen=True)
class Row:
    """One line of the register; no word of an issue stands in it."""

    on: dt.date
    is_out: bool
    number: str  # of our own book
    other_side: str
    subject: str
    reference: str
    province: str
    receiver: str
    handed_over_on: dt.date | None
    cancelled_because: str
    url: str
    scan_url: str = ""
    is_cancelled: bool = False
    their_number: str = ""  # what the sender gave it


class Register:
    """The letters a coordinator reads, as far as they match what was asked.

    Slices and counts as a paginator asks for it; a page of rows costs three queries.
    """

    def __init__(self, user: User, asked: dict[str, Any]) -> None:
        self.user, self.asked = user, EMPTY | asked
        letters = self._letters().values_list("on", "source", "pk")
        self._keys = letters.union(
            self._invitations().values_list("sent_on", "source", "pk"), all=True
        ).order_by("-on", "source", "-pk")

    def __len__(self) -> int:
        return self.count()

    def count(self) -> int:
        """How many letters match."""
        return int(self._keys.count())

    def __getitem__(self, piece: slice) -> list[Row]:
        return self.rows(list(self._keys[piece]))

    def rows(self, keys: Sequence[tuple[dt.date, str, int]]) -> list[Row]:
        """These rows in their order."""
        letters = Letter.objects.filter(pk__in=[pk for _on, one, pk in keys if one == LETTER])
        invited = Invitation.objects.filter(pk__in=[pk for _on, one, pk in keys if one != LETTER])
        found = {
            (LETTER, one.pk): _of_letter(one)
            for one in letters.select_related("authority", "organization", "issue", "province")
        } | {
            (INVITATION, one.pk): _of_invitation(one, self.user)
            for one in invited.select_related(
                "authority", "organization", "session__province", "session__forum"
            )
        }
        return [found[source, pk] for _on, source, pk in keys if (source, pk) in found]

    def years(self) -> list[int]:
        """The years in which there are letters, the latest first."""
        letters = Letter.objects.visible_to(self.user).dates("on", "year")
        sent = _numbered(self.user).datetimes("released_at", "year")
        return sorted({one.year for one in [*letters, *sent]}, reverse=True)

    def _letters(self) -> QuerySet[Any]:
        asked = self.asked
        rows: QuerySet[Any] = Letter.objects.visible_to(self.user)
        rows = rows.annotate(source=Value(LETTER, CharField()))
        if asked["province"]:
            rows = rows.filter(province=asked["province"])
        if asked["year"]:
            rows = rows.filter(on__year=asked["year"])
        if asked["direction"]:
            rows = rows.filter(direction=asked["direction"])
        if asked["q"]:
            fields = ("number", "arrival", "party", "subject", "receiver", "issue__reference")
            rows = rows.filter(_holds(asked["q"], (*fields, *NAMES)))
        return rows

    def _invitations(self) -> QuerySet[Any]:
        asked = self.asked
        rows: QuerySet[Any] = _numbered(self.user).annotate(source=Value(INVITATION, CharField()))
        if asked["province"]:
            rows = rows.filter(session__province=asked["province"])
        if asked["year"]:
            rows = rows.filter(sent_on__year=asked["year"])
        if asked["direction"] == Letter.Direction.IN:
            rows = rows.none()
        if asked["q"]:
            rows = rows.filter(_holds(asked["q"], ("letter_number", *NAMES)))
        return rows


NAMES = (
    "authority__name_km", "authority__name_en", "organization__name_km", "organization__name_en",
)  # fmt: skip


def _holds(text: str, fields: Iterable[str]) -> Q:
    """The text stands in one of the fields; its figures may be Khmer ones."""
    asked = numbers.to_ascii(text)
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": text}) | Q(**{f"{field}__icontains": asked})
    return found


def _numbered(user: User) -> QuerySet[Any]:
    """Invitations of the user's provinces that drew a number, those taken back as well."""
    rows = Invitation.objects.exclude(letter_number="").filter(released_at__isnull=False)
    if not user.serves_all:
        rows = rows.filter(session__province__in=user.served_ids)
    return rows.annotate(sent_on=TruncDate("released_at", tzinfo=timezone.get_default_timezone()))


def _of_letter(letter: Letter) -> Row:
    return Row(
        on=letter.on,
        is_out=letter.is_out,
        number=letter.entry,
        other_side=letter.other_side,
        subject=subject_line(letter),
        reference=(letter.issue.reference or "") if letter.issue else "",
        province=str(letter.province),
        receiver=letter.receiver,
        handed_over_on=letter.handed_over_on,
        cancelled_because=letter.cancelled_because,
        url=letter.get_absolute_url(),
        scan_url=reverse("issues:letter_scan", args=[letter.pk]) if letter.scan else "",
        is_cancelled=letter.cancelled_at is not None,
        their_number="" if letter.is_out else letter.number,
    )


def _of_invitation(invitation: Invitation, user: User) -> Row:
    assert invitation.released_at is not None  # noqa: S101 - only those with a number come here
    is_withdrawn = invitation.withdrawn_at is not None
    session = invitation.session
    said = {"province": session.province, "forum": session.forum}
    return Row(
        on=timezone.localdate(invitation.released_at),
        is_out=True,
        number=invitation.letter_number,
        other_side=str(invitation.party),
        subject=_("Invitation to the session in %(province)s of “%(forum)s”") % said,
        reference="",
        province=str(session.province),
        receiver="",
        handed_over_on=invitation.handed_over_on,
        cancelled_because=_("The invitation has been taken back.") if is_withdrawn else "",
        url=reverse("forum:invitation", args=[invitation.pk]),
        is_cancelled=is_withdrawn,
    )


# --- as a table ---------------------------------------------------------------------------------
def columns() -> list[str]:
    """The heads of the table, in the order of ``cells_of``."""
    return [
        _("Direction"),
        _("Number"),
        _("The sender's number"),
        _("Date"),
        _("From or to"),
        _("Subject"),
        _("Reference"),
        _("Province"),
        _("Handed over"),
        _("Received by"),
        _("Stamped scan"),
        _("Cancelled because"),
    ]


def cells_of(row: Row) -> list[str]:
    """One line; days as they sort."""
    return [
        _("Out") if row.is_out else _("In"),
        row.number,
        row.their_number,
        row.on.isoformat(),
        row.other_side,
        row.subject,
        row.reference,
        row.province,
        row.handed_over_on.isoformat() if row.handed_over_on else "",
        row.receiver,
        _("yes") if row.scan_url else "",
        row.cancelled_because,
    ]


def table(rows: Iterable[Row], kind: str) -> bytes:
    """The rows as CSV or XLSX, none of their cells a formula."""
    made = tablib.Dataset(headers=columns())
    for row in rows:
        made.append([guarded(cell) for cell in cells_of(row)])
    if kind == "xlsx":
        content: bytes = made.export("xlsx")
        return content
    return codecs.BOM_UTF8 + str(made.export("csv")).encode()
