"""What the bot understands, and what it answers to whom; a chat nobody linked learns nothing."""

import datetime as dt
import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Role, User
from audit.errors import TransitionError
from inbox.matching import REFERENCE
from issues import actions
from issues.models import Referral
from khmer import numbers
from outbox import telling

MOST = 20  # referrals in one answer
LISTING = ("my referrals", "referrals", "/referrals", "លិខិតរបស់ខ្ញុំ", "បញ្ហារបស់ខ្ញុំ")
ACKNOWLEDGING = re.compile(r"^/?(?:acknowledge|received|បានទទួល)(?![^\s\d])", re.IGNORECASE)


def answer(chat_id: int, text: str, *, wish: str, now: dt.datetime) -> str:
    """Do what the text says, for the person of this chat, and answer in their language.

    ``wish`` is the language of whoever writes, where nobody has linked the chat.
    """
    said = numbers.to_ascii(" ".join(text.split()))
    word, _space, rest = said.partition(" ")
    person = telling.person_of(chat_id)
    if word.lower() == "/start" and rest and (linked := telling.link(rest, chat_id, now=now)):
        return _in_language(linked, wish, _greet)
    if person is None:
        return _in_language(None, wish, _not_linked)
    return _in_language(person, wish, lambda: _obey(person, said, now))


def _in_language(person: User | None, wish: str, say: Callable[[], str]) -> str:
    language = (person.language if person else wish) or settings.LANGUAGE_CODE
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(known):
        return say()


def _obey(person: User, said: str, now: dt.datetime) -> str:
    low = said.lower()
    if low == "/stop":
        telling.unlink(person)
        return _("This chat is no longer linked. You are told by e-mail again.")
    if low in LISTING:
        return _list(person, now)
    if ACKNOWLEDGING.match(said):
        return _acknowledge(person, said, now)
    return _("Thank you. Write “my referrals”, “acknowledge” with a reference, or /stop.")


def _greet() -> str:
    return _("Thank you. This chat is linked: what concerns you is told to you here.")


def _not_linked() -> str:
    return _("Good day. To be told here, please link this chat from your account in Vedika.")


# --- my referrals -----------------------------------------------------------------------------
def _held(person: User) -> QuerySet[Referral]:
    """Open referrals of the person's own offices that they may read."""
    rows = Referral.objects.visible_to(person).open()
    return rows.filter(authority__in=person.office_ids, released_at__isnull=False)


def _list(person: User, now: dt.datetime) -> str:
    """References, ages and links: whoever looks at the telephone learns nothing more."""
    if not person.is_role(Role.OFFICIAL):
        return _("This is for officials: you are told here of what concerns you.")
    rows = _held(person).select_related("issue").order_by("referred_at", "pk")
    number, shown = rows.count(), list(rows[:MOST])
    if not shown:
        return _("No referral of your office is open. Thank you.")
    head = ngettext("%(number)s open referral:", "%(number)s open referrals:", number)
    lines = [head % {"number": _figures(number)}, *(_line(one, now) for one in shown)]
    if number > len(shown):
        link = f"{settings.BASE_URL}{reverse('issues:referrals')}"
        lines.append(_("The others: %(link)s") % {"link": link})
    return "\n".join(lines)


def _line(referral: Referral, now: dt.datetime) -> str:
    days = max((now - referral.referred_at).days, 0)
    age = ngettext("%(days)s day", "%(days)s days", days) % {"days": _figures(days)}
    link = f"{settings.BASE_URL}{reverse('issues:referral', args=[referral.pk])}"
    return f"{referral.issue.reference} · {age}\n{link}"


def _figures(number: int) -> str:
    return numbers.in_language(number, translation.get_language())


# --- acknowledge 12-2026-0001 -------------------------------------------------------------------
def _acknowledge(person: User, said: str, now: dt.datetime) -> str:
    """Say that the office received it; whatever is not theirs to say is simply not found."""
    found = REFERENCE.search(said)
    if found is None:
        return _("Please write the reference behind it, as “acknowledge 11-2026-0001”.")
    reference = found[1]
    held = _held(person).filter(issue__reference=reference)
    rows = list(held.select_related("issue", "authority"))
    if not rows:
        return _("No open referral of your office has this reference.")
    try:
        with transaction.atomic():
            for one in rows:
                actions.acknowledge(one, by=person, now=now)
    except (TransitionError, PermissionDenied) as error:
        return str(error) or _("No open referral of your office has this reference.")
    return _("Thank you. It is noted that your office received %(reference)s.") % {
        "reference": reference
    }
