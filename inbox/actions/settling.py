"""What becomes of a mail by itself: it answers, it is an answer of a machine, or a person looks."""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction

from accounts.models import User
from audit.errors import TransitionError
from forum import actions as forum_actions
from forum import ical, replies
from forum.actions.replying import Result
from inbox import made, matching, raw, reading
from inbox.matching import About, Part
from inbox.models import Incoming
from inbox.reading import Mail
from issues import actions as issue_actions
from issues.files import Kept
from issues.models import DraftedAnswer
from outbox import bounces
from outbox.models import Message

log = logging.getLogger(__name__)
State, Why = Incoming.State, Incoming.Why
MOST_TRIES = 3  # of a mail that ends the process each time
COUNTED = {Result.NOTED, Result.SAME}


def settle_some(*, now: dt.datetime, limit: int = 50, goes_on: Callable[[], bool]) -> int:
    """Settle what nobody has read yet, while ``goes_on``; each alone. How many were."""
    done = 0
    for pk in list(Incoming.objects.fresh().values_list("pk", flat=True)[:limit]):
        if not goes_on():
            break
        settle(pk, now=now)
        done += 1
    return done


def settle(pk: int, *, now: dt.datetime) -> None:
    """Read one mail and do what it says; one that cannot be read waits for a person, alone."""
    row = _begin(pk)
    if row is None:
        return
    try:
        _settle(row, now)
    except (OperationalError, InterfaceError):
        raise
    except bounces.InFlight:
        log.info("Mail %s came back before its try had ended: it is looked at again.", pk)
    except Exception as error:  # whatever a stranger's mail runs into; its words stay out of logs
        log.error("Mail %s could not be read: %s.", pk, type(error).__name__)
        _end(pk, State.HELD, why=Why.BROKEN)


@transaction.atomic
def _begin(pk: int) -> Incoming | None:
    """Count the try before it is made; None where there is nothing to do any more."""
    rows = Incoming.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(pk=pk, state=State.NEW).first()
    if row is None:
        return None
    row.tries += 1
    row.save(update_fields=["tries"])
    if row.tries > MOST_TRIES:
        _end(pk, State.HELD, why=Why.BROKEN)
        return None
    return row


@transaction.atomic
def _end(pk: int, state: str, **facts: object) -> None:
    """Set what became of a mail that is still new."""
    Incoming.objects.filter(pk=pk, state=State.NEW).update(state=state, **facts)


def _settle(row: Incoming, now: dt.datetime) -> None:
    mail = reading.read(raw.opened(row))
    Incoming.objects.filter(pk=row.pk).update(sender=mail.sender, title=mail.subject)
    end = partial(_end, row.pk)
    if not row.is_whole:
        end(State.HELD, why=Why.TOO_LARGE, province=matching.province_of(mail.sender))
    elif mail.bounce:
        _settle_bounce(mail, end, now)
    elif _is_own(mail):
        end(State.AUTO)
    elif asked := _asked(mail, now):
        _settle_calendar(row, mail, asked, now)
    elif mail.is_auto:
        found = matching.about(mail)
        end(State.AUTO, message=found.message, **_places(found, mail))
    else:
        _settle_words(row, mail, now)


def _places(found: About, mail: Mail) -> dict[str, object]:
    """Where a mail belongs, and with it who reads it."""
    province = found.province_id or matching.province_of(mail.sender)
    return {"issue": found.issue, "referral": found.referral, "province": province}


# --- of machines ----------------------------------------------------------------------------------
def _is_own(mail: Mail) -> bool:
    """A mail of ours that somebody or some rule sent back to us."""
    ours = {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower(), settings.REPLY_ADDRESS.lower()}
    return mail.sender in ours - {""} or (
        bool(mail.message_id) and Message.objects.filter(message_id=mail.message_id).exists()
    )


def _settle_bounce(mail: Mail, end: Callable[..., None], now: dt.datetime) -> None:
    """Mark the message that did not arrive; only who had it knows what names it."""
    assert mail.bounce is not None  # noqa: S101 - asked before
    message = bounces.read(mail.recipients)
    if message is None:
        message = Message.objects.filter(message_id__in=mail.bounce.message_ids).first()
    if message is None:
        return end(State.HELD, why=Why.CAME_BACK)
    if mail.bounce.failed:
        bounces.came_back(message, now=now)
    notice = message.notices.first()
    return end(State.BOUNCE, message=message, province=notice.province_id if notice else None)


# --- of calendars ---------------------------------------------------------------------------------
def _asked(mail: Mail, now: dt.datetime) -> tuple[str, replies.Asked] | None:
    """The signed address to which a calendar answers, and the invitation it was made for."""
    for address in mail.recipients:
        if found := replies.read_address(address, now):
            return address, found
    return None


def _settle_calendar(
    row: Incoming, mail: Mail, asked: tuple[str, replies.Asked], now: dt.datetime
) -> None:
    """Hand the answer to the forum, where it comes from one of the party that was invited."""
    address, invited = asked
    end = partial(_end, row.pk, province=invited.invitation.session.province_id)
    content = raw.opened(row)
    try:
        ical.read_replies(content)
    except ical.NotAReply:  # somebody wrote by hand
        return end(State.AUTO) if mail.is_auto else end(State.HELD, why=Why.NO_MATCH)
    if why := _against(mail, matching.is_of_party(mail.sender, invited.invitation)):
        return end(State.HELD, why=why)
    with transaction.atomic():
        taken = forum_actions.take_calendar_reply(content, address=address, now=now)
        if all(one.result in COUNTED for one in taken):
            return end(State.CALENDAR)
        return end(State.HELD, why=Why.CALENDAR)


def _against(mail: Mail, is_known: bool) -> str:
    """Why the sender is not believed; empty where they are."""
    if reading.is_faked(mail, settings.TRUSTED_AUTHSERV):
        return Why.FAKED
    return "" if is_known else Why.UNKNOWN_SENDER


# --- of people ------------------------------------------------------------------------------------
def _settle_words(row: Incoming, mail: Mail, now: dt.datetime) -> None:
    """An answer on the referral, at once or as a draft, or a comment; else a person looks."""
    found = matching.about(mail)
    part = matching.part_of(mail.sender, found)
    if reading.is_faked(mail, settings.TRUSTED_AUTHSERV):
        part = Part(Why.FAKED)
    elif part.user and not _is_theirs(mail, part.user, found):
        part = Part(Why.UNPROVEN)
    facts = _places(found, mail) | {"message": found.message}
    if part.referral:
        facts["referral"] = part.referral
    if part.user is None:
        return _end(row.pk, State.HELD, why=part.why, **facts)
    files = made.files_of(mail)
    text = made.words_of(mail) or (made.see_files(part.user) if files.kept else "")
    facts["refused"] = files.refused
    if not text:
        return _end(row.pk, State.HELD, why=Why.EMPTY, **facts)
    said = _Said(made.key_of(mail, row.sha256, text), text, files.kept)
    try:
        return _say(row, part, found, said, now, facts)
    except (TransitionError, PermissionDenied):
        return _end(row.pk, State.HELD, why=Why.REFUSED, **facts)


def _is_theirs(mail: Mail, user: User, found: About) -> bool:
    """Whether the sender surely wrote it: a name is easily put on a mail, a reference is public.

    Either a server of ours says so, or the mail names what we told this very person alone.
    """
    is_answer = found.told == f"user:{user.pk}"
    return is_answer or reading.is_proven(mail, settings.TRUSTED_AUTHSERV)


@dataclass(frozen=True)
class _Said:
    """What is said, and the key under which it is said once."""

    key: uuid.UUID
    text: str
    files: list[Kept]


@transaction.atomic
def _say(
    row: Incoming,
    part: Part,
    found: About,
    said: _Said,
    now: dt.datetime,
    facts: dict[str, object],
) -> None:
    """Say it and note so in one; who was faster with the same mail has done it all."""
    assert part.user is not None  # noqa: S101 - asked before
    assert found.issue is not None  # noqa: S101 - nobody has a part in nothing
    locked = Incoming.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.state != State.NEW:
        return
    words: dict[str, Any] = {"by": part.user, "now": now, "client_key": said.key, "text": said.text}
    if part.referral:
        made_of_it = issue_actions.respond(part.referral, files=said.files, **words)
        is_draft = isinstance(made_of_it, DraftedAnswer)  # its director has to approve it first
        facts["draft" if is_draft else "response"] = made_of_it
    else:
        facts["comment"] = issue_actions.comment(
            found.issue, to_organization=True, to_offices=False, **words
        )
        if said.files:
            issue_actions.add_evidence(
                found.issue, by=part.user, now=now, files=said.files, is_inside=True
            )
    _end(row.pk, State.ATTACHED, **facts)
