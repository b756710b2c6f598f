"""How a person chooses to be told: the way, and the chat with our bot that they link by a code."""

import datetime as dt
import hashlib
import secrets

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from outbox import digests, gateway, recipients, services, telegram
from outbox.models import Channel, FailedAddress, Preference, TelegramChat, TelegramCode
from provinces import workdays

LIFE = dt.timedelta(minutes=30)
SILENCE = 3  # working days that early reminders may be muted


def offered(person: User) -> list[Channel]:
    """The ways that are set up here and for which the person has an address."""
    return [one for one in set_up() if recipients.address_of(person, one)]


def shown(person: User) -> list[Channel]:
    """The ways a person may look at: another one only where administrators gave an address."""
    has_other = bool(recipients.address_of(person, Channel.OTHER))
    return [one for one in set_up() if one != Channel.OTHER or has_other]


def set_up() -> list[Channel]:
    """The ways that are set up here."""
    ways = {
        Channel.TELEGRAM: telegram.is_set_up(),
        Channel.SMS: gateway.is_set_up(),
        Channel.OTHER: services.is_set_up(),
    }
    return [Channel.EMAIL, *(one for one, is_there in ways.items() if is_there)]


@transaction.atomic
def choose(person: User, channel: str, *, is_digest: bool | None = None) -> None:
    """Tell the person by this way from now on; what failed there before is tried again.

    ``is_digest``: what can wait in one message a day, or by itself; None as usual for their role.
    Raises TransitionError where they have no address for it.
    """
    if channel not in offered(person):
        raise TransitionError(_("There is no address of yours for this yet."))
    _set(person, channel)
    _set_digest(person, is_digest)
    address = recipients.address_of(person, channel)
    FailedAddress.objects.filter(channel=channel, address=address).delete()


def _set_digest(person: User, is_digest: bool | None) -> None:
    chosen = Preference.objects.select_for_update(of=("self",)).get(user=person)
    if chosen.is_digest is not is_digest:
        _record("outbox.choose_digest", person, is_digest=[chosen.is_digest, is_digest])
        Preference.objects.filter(user=person).update(is_digest=is_digest)


# --- silence --------------------------------------------------------------------------------------
def may_mute(person: User) -> bool:
    """Only officials get reminders."""
    return person.is_role(Role.OFFICIAL)


def muted_until(person: User, *, now: dt.datetime) -> dt.date | None:
    """Until which day, that one included, the person gets no early reminder; None for none."""
    return recipients.mutes([f"user:{person.pk}"], timezone.localdate(now)).get(f"user:{person.pk}")


@transaction.atomic
def mute(person: User, *, days: int, now: dt.datetime) -> dt.date:
    """Send the person no reminder before its date for so many working days; the last of them.

    Today counts where it is one. What is due or late, and what is new, goes on. Raises
    PermissionDenied, or TransitionError where it is too long.
    """
    if not may_mute(person):
        raise PermissionDenied
    if not 1 <= days <= SILENCE:
        raise TransitionError(_("Early reminders can be muted for at most 3 working days."))
    calendar = workdays.national()
    until = calendar.add(calendar.open_from(timezone.localdate(now)), days - 1)
    _set_silence(person, until)
    return until


@transaction.atomic
def unmute(person: User, *, now: dt.datetime) -> None:
    """Send early reminders again, and at once what waited; without a silence nothing changes."""
    _set_silence(person, None)
    digests.unmute(f"user:{person.pk}", now)


def _set_silence(person: User, until: dt.date | None) -> None:
    before = Preference.objects.filter(user=person).values_list("muted_until", flat=True).first()
    if before != until:
        Preference.objects.update_or_create(user=person, defaults={"muted_until": until})
        _record("outbox.mute", person, muted_until=[before and str(before), until and str(until)])


# --- the chat -------------------------------------------------------------------------------------
@transaction.atomic
def new_code(person: User, *, now: dt.datetime) -> str:
    """A code by which a chat is linked, once and soon; the one before no longer counts."""
    code = secrets.token_urlsafe(24)  # Telegram takes at most 64 of these signs
    TelegramCode.objects.update_or_create(
        user=person, defaults={"code_hash": _hash(code), "expires_at": now + LIFE}
    )
    _record("outbox.make_telegram_code", person)
    return code


@transaction.atomic
def link(code: str, chat_id: int, *, now: dt.datetime) -> User | None:
    """Link the chat to the person who was given the code, and tell them there from now on.

    None for a code that is wrong, was used or is too old.
    """
    codes = TelegramCode.objects.select_for_update(of=("self",)).select_related("user")
    found = codes.filter(code_hash=_hash(code), expires_at__gt=now, user__is_active=True).first()
    if found is None:
        return None
    person = found.user
    found.delete()
    _forget(TelegramChat.objects.filter(chat_id=chat_id).exclude(user=person))
    TelegramChat.objects.update_or_create(
        user=person, defaults={"chat_id": chat_id, "linked_at": now}
    )
    FailedAddress.objects.filter(channel=Channel.TELEGRAM, address=str(chat_id)).delete()
    _record("outbox.link_telegram", person)
    _set(person, Channel.TELEGRAM)
    return person


@transaction.atomic
def unlink(person: User) -> None:
    """Tell the person in no chat any more, but by e-mail; without a chat nothing changes."""
    _forget(TelegramChat.objects.filter(user=person))


def _forget(chats: QuerySet[TelegramChat]) -> None:
    for chat in chats.select_for_update(of=("self",)).select_related("user"):
        person = chat.user
        chat.delete()
        told_there = Preference.objects.filter(user=person, channel=Channel.TELEGRAM)
        told_there.update(channel=Channel.EMAIL)  # how often they are told stays
        _record("outbox.unlink_telegram", person)


def person_of(chat_id: int) -> User | None:
    """Who linked this chat and still has an account."""
    return User.objects.filter(telegram_chat__chat_id=chat_id, is_active=True).first()


def _set(person: User, channel: str) -> None:
    before = Preference.objects.filter(user=person).values_list("channel", flat=True).first()
    Preference.objects.update_or_create(user=person, defaults={"channel": channel})
    if before != channel:
        _record("outbox.choose_channel", person, channel=[before, str(channel)])


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _record(action: str, person: User, **change: object) -> None:
    role = person.held[0].role if person.held else AuditEntry.Role.SYSTEM
    record(action, person, by=person, role=role, at=None, **change)
