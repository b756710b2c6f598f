"""Letters: made of a notice with a number, handed over, taken in, scanned, cancelled."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from audit import once
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from issues import letters, links
from issues.actions.handing import record_letter
from issues.actions.links import revoke_link
from issues.actions.move import lock
from issues.files import Kept
from issues.models import ArrivalBook, Issue, Letter, Link, Referral, letter_scan_path
from issues.permissions import serves
from outbox import by_letter, letter_words
from outbox import letters as book
from outbox.models import Notice
from provinces.models import Authority, Province

LANGUAGES = ("km", "en")


# --- out ----------------------------------------------------------------------------------------
@transaction.atomic
def make_letter(notice: Notice, *, by: User, now: dt.datetime) -> Letter:
    """The letter that tells a notice to its office, with a number and a link of its own.

    Made twice, or for another official of the same office, it is the same letter. Raises
    TransitionError for a notice that goes to no office, or that may not be told now.
    """
    referral = letters.referral_of(notice)
    if referral is None:
        raise TransitionError(_("This notice cannot be had as a letter."))
    issue = lock(referral.issue)
    if not serves(by, issue):
        raise PermissionDenied
    office = letters.offices_of([notice], referral).get(notice.pk)
    if office is None:
        raise TransitionError(_("This notice cannot be had as a letter."))
    if made := letters.standing_of(notice, office, referral):
        return made
    if letter_words.refusal(notice, now):
        raise TransitionError(_("This is not to be told at present, also not by letter."))
    made = _draw(notice, referral, office, by, now)
    _link(made, referral, now)
    _record("letter.make", made, by, now)
    return made


def _draw(
    notice: Notice, referral: Referral, office: Authority, by: User, now: dt.datetime
) -> Letter:
    today = timezone.localdate(now)
    (number,) = book.draw(1, on=today)
    return Letter.objects.create(
        direction=Letter.Direction.OUT,
        province=referral.issue.province,
        number=number,
        on=today,
        authority=office,
        issue=referral.issue,
        referral=referral,
        notice=notice,
        kind=notice.kind,
        rung=notice.rung,
        version=notice.version,
        created_at=now,
        created_by=by,
    )


def _link(letter: Letter, referral: Referral, now: dt.datetime) -> None:
    """A link for whoever holds the paper; none where its page could show nothing."""
    if links.is_closed_to_links(referral.issue):
        return
    Link.objects.create(
        letter=letter,
        referral=referral,
        recipient=f"authority:{letter.authority_id}",
        version=referral.due_version,
        may_act=letter.authority_id == referral.authority_id,
        digest=links.digest_of(letters.key_of(letter)),
        made_at=now,
        expires_at=now + links.LASTS,
    )


@transaction.atomic
def hand_over_letter(
    letter: Letter,
    *,
    by: User,
    now: dt.datetime,
    on: dt.date,
    receiver: str,
    scan: Kept | None = None,
) -> Letter:
    """An office took in the letter on this day: it counts as told, and the clock starts with it.

    Its notice is not sent any more as far as it still waits, and what waited with it leaves. The
    same press twice changes nothing. Raises TransitionError for a cancelled letter, and for a
    day before the letter's own or after today.
    """
    held, issue = _locked(letter, by)
    if held.handed_over_on:
        if (held.handed_over_on, held.receiver) == (on, receiver):
            return held
        raise TransitionError(_("It is noted already that this letter was handed over."))
    if not held.is_of_notice or held.cancelled_at or issue is None:
        raise TransitionError(_("This letter cannot be handed over."))
    _refuse_day(held, on, timezone.localdate(now))
    assert held.referral is not None  # noqa: S101 - by the database's own rule
    assert held.notice is not None  # noqa: S101 - the same
    assert held.authority is not None  # noqa: S101 - the same
    held.words = _words(held, issue)
    held.handed_over_on, held.receiver = on, receiver
    _keep(held, scan)
    held.save()
    referral = Referral.objects.get(pk=held.referral.pk)
    if _starts_clock(held, referral):
        record_letter(referral, by=by, now=now, on=on)
    Link.objects.filter(letter=held, revoked_at=None).update(expires_at=now + links.LASTS)
    group = letters.group_of(held.notice, held.authority, held.referral)
    told = by_letter.count_as_told(group, by=by)
    by_letter.let_others_go(told, by=by, now=now)
    _record("letter.hand_over", held, by, now, on=str(on), scan=scan is not None)
    return held


def _refuse_day(letter: Letter, on: dt.date, today: dt.date) -> None:
    if on > today:
        raise TransitionError(_("Choose today or an earlier day."))
    if on < letter.on:
        raise TransitionError(_("The letter was only written after that day."))


def _starts_clock(letter: Letter, referral: Referral) -> bool:
    """It is the first thing the office that was asked hears of the referral."""
    return (
        letter.authority_id == referral.authority_id
        and referral.handed_over_on is None
        and referral.released_at is not None
        and referral.is_open
    )


def _words(letter: Letter, issue: Issue) -> dict[str, Any]:
    """What it says, by language, for as long as it can be said."""
    assert letter.notice is not None  # noqa: S101 - asked for before
    said: dict[str, Any] = {"disclosure": issue.disclosure}
    for language in LANGUAGES:
        text = letter_words.render(letter.notice, language)
        said[language] = {
            "subject": text.subject,
            "paragraphs": text.paragraphs,
            "facts": [[fact.label, fact.lines] for fact in text.facts],
        }
    return said


# --- in -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Incoming:
    """What a coordinator writes down of a letter that came in."""

    province: Province
    on: dt.date
    subject: str
    number: str = ""
    authority: Authority | None = None
    organization: Organization | None = None
    party: str = ""
    receiver: str = ""
    issue: Issue | None = None
    referral: Referral | None = None


@transaction.atomic
def take_in_letter(
    facts: Incoming,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    scan: Kept | None = None,
) -> Letter:
    """Enter a letter that came in under the next number; the same form sent twice enters one.

    Raises PermissionDenied for another province or issue, Conflict for the same key with other
    content, TransitionError for a day to come.
    """
    if not by.serves(facts.province.pk) or (facts.issue and not serves(by, facts.issue)):
        raise PermissionDenied
    if facts.on > timezone.localdate(now):
        raise TransitionError(_("Choose today or an earlier day."))
    arrivals = _opened(facts.province, facts.on.year)  # a second press of the form waits here
    if entered := once.made_before(Letter.objects.all(), client_key, vars(facts)):
        return entered
    made = _enter(facts, _next_arrival(arrivals), by, now, client_key)
    if scan is not None:
        _keep(made, scan)
        made.save(update_fields=["scan", "scan_kind"])
    _record("letter.take_in", made, by, now, scan=scan is not None)
    return made


def _opened(province: Province, year: int) -> ArrivalBook:
    """The book of a province and year, locked until the transaction ends."""
    ArrivalBook.objects.bulk_create(
        [ArrivalBook(province=province, year=year)], ignore_conflicts=True
    )
    return ArrivalBook.objects.select_for_update().get(province=province, year=year)


def _next_arrival(arrivals: ArrivalBook) -> str:
    """The next number of a locked book, as ``11-0012/26``; given back where it all fails."""
    arrivals.latest += 1
    arrivals.save(update_fields=["latest"])
    return f"{arrivals.province_id}-{arrivals.latest:04}/{arrivals.year % 100:02}"


def _enter(
    facts: Incoming, arrival: str, by: User, now: dt.datetime, client_key: uuid.UUID
) -> Letter:
    try:
        with transaction.atomic():
            return Letter.objects.create(
                **vars(facts),
                client_key=client_key,
                direction=Letter.Direction.IN,
                arrival=arrival,
                created_at=now,
                created_by=by,
            )
    except IntegrityError as error:  # the same form under another province or year, at once
        raise once.otherwise() from error


# --- both ---------------------------------------------------------------------------------------
@transaction.atomic
def add_letter_scan(letter: Letter, *, by: User, now: dt.datetime, scan: Kept) -> Letter:
    """Keep the scan of the stamped letter, made fit by ``issues.scans.keep``; a former one goes."""
    held, _issue = _locked(letter, by)
    if held.cancelled_at:
        raise TransitionError(_("This letter was cancelled."))
    former, storage = held.scan.name, held.scan.storage
    _keep(held, scan)
    held.save(update_fields=["scan", "scan_kind"])
    if former:
        transaction.on_commit(lambda: storage.delete(former))
    _record("letter.add_scan", held, by, now, replaced=bool(former))
    return held


@transaction.atomic
def cancel_letter(letter: Letter, *, by: User, now: dt.datetime, because: str) -> Letter:
    """Cancel a letter that nobody took in; its number stays in the register, with the reason.

    Its link opens nothing any more, and the notice can be had as another letter.
    """
    held, _issue = _locked(letter, by)
    if held.cancelled_at:
        return held
    if held.handed_over_on:
        raise TransitionError(_("It was handed over, so its number stands."))
    held.cancelled_at, held.cancelled_by, held.cancelled_because = now, by, because
    held.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_because"])
    for link in Link.objects.filter(letter=held).select_related("referral__issue"):
        revoke_link(link, by=by, now=now)
    _record("letter.cancel", held, by, now)
    return held


def _locked(letter: Letter, by: User) -> tuple[Letter, Issue | None]:
    """The letter behind its issue's lock, for who coordinates the province."""
    if not by.serves(letter.province_id):
        raise PermissionDenied
    issue = lock(letter.issue) if letter.issue else None
    if issue is not None and not serves(by, issue):
        raise PermissionDenied
    rows = Letter.objects.select_related("referral__authority", "authority", "notice")
    return rows.select_for_update(of=("self",)).get(pk=letter.pk), issue


def _keep(letter: Letter, scan: Kept | None) -> None:
    if scan is None:
        return
    letter.scan = letter.scan.storage.save(letter_scan_path(), ContentFile(scan.content))
    letter.scan_kind = scan.kind


def _record(action: str, letter: Letter, by: User, now: dt.datetime, **change: object) -> None:
    """Ids alone: no word of a letter stands in the trail."""
    about = {"referral": letter.referral_id} if letter.referral_id else {}
    role = AuditEntry.Role.COORDINATOR
    record(action, letter, by=by, role=role, at=now, **about, **change)
