"""The official letters of invitation, in Khmer and below in English, as they are printed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from audit.errors import TransitionError
from forum import parties, replies
from forum.models import Entry, Invitation, Presiding, Session
from forum.models.invitations import InvitationQuerySet
from khmer import dates, lunar, numbers
from paper.letters import Letter, Part
from paper.official import Head, Labelled, Signature
from provinces.models import Province

LANGUAGES = ("km", "en")  # the first is the one that is signed


@dataclass(frozen=True)
class DateLines:
    """The lines above the signature, as they are printed; an empty one is left out.

    The moon's day may be announced otherwise than it is reckoned, so all can be changed.
    """

    lunar: str
    solar: str
    english: str


def date_lines(province: Province, day: dt.date) -> DateLines:
    """The lines for a paper of that day, written in the province."""
    solar = f"ថ្ងៃទី{day.day} ខែ{dates.month_name(day)} ឆ្នាំ{day.year}"
    with translation.override("en"):
        english = formats.date_format(day, "j F Y")
    return DateLines(
        lunar=lunar.official(day),
        solar=f"{province.name_km} {numbers.to_khmer(solar)}",
        english=f"{province.name_en}, {english}",
    )


def lines_of(invitation: Invitation) -> DateLines:
    """Those of its letter: the day it left, today for a draft."""
    moment = invitation.released_at or clock.now()
    return date_lines(invitation.session.province, timezone.localdate(moment))


def for_letters(invitations: InvitationQuerySet) -> InvitationQuerySet:
    """With all that their letters say; two queries."""
    chairs = Presiding.objects.filter(role=Presiding.Role.CHAIR)
    return invitations.with_party_and_session().prefetch_related(
        Prefetch("session__presidings", chairs.select_related("presider__honorific"), "chairs")
    )


def letter_of(invitation: Invitation, typed: Mapping[str, str | None] | None = None) -> Letter:
    """The letter as it is published; a draft's bears no number and no code to answer by.

    ``typed`` are date lines to print in place of its own, by name; None leaves its own. The
    invitation comes by ``for_letters``. Raises TransitionError where there is no letter: it was
    taken back, or the session has no day.
    """
    if invitation.withdrawn_at is not None:
        raise TransitionError(_("The invitation has been taken back."))
    shown = _shown(invitation.session)
    given = {line: text for line, text in (typed or {}).items() if text is not None}
    lines = replace(lines_of(invitation), **given)
    name, pk = parties.key_of(invitation)
    parts = []
    for language in LANGUAGES:
        with translation.override(language):
            parts.append(_part(invitation, shown, lines))
    address = replies.link(invitation.pk, f"{name}:{pk}") if invitation.released_at else ""
    return {"parts": parts, "address": address}


def letters_of(
    invitations: Sequence[Invitation], typed: Mapping[str, str | None] | None = None
) -> list[Letter]:
    """All these letters, in their order."""
    return [letter_of(one, typed) for one in invitations]


def _shown(session: Session) -> Session | Entry:
    """What says day and venue: what is published, else the draft; TransitionError without a day."""
    shown: Session | Entry = session.announced or session
    if session.announced is not None and session.announced.is_cancelled:
        raise TransitionError(_("The session has been cancelled."))
    if shown.starts_at is None:
        raise TransitionError(_("The session has no day yet."))
    return shown


def _part(invitation: Invitation, shown: Session | Entry, lines: DateLines) -> Part:
    language = translation.get_language()
    return {
        "language": language,
        "digits": list(numbers.in_language(numbers.ASCII_DIGITS, language)),
        "page_of": _("Page {page} of {pages}"),
        "head": head(
            invitation.session.province.full_name,
            _number(invitation) or _("No number yet: the invitation has not been sent"),
        ),
        "title": _("Letter of invitation"),
        "note": _note(invitation),
        "addressee": {"label": _("To:"), "lines": [invitation.party.name]},
        "subject": {"label": _("Subject:"), "lines": [_subject(invitation)]},
        "references": [],
        "paragraphs": _paragraphs(invitation),
        "facts": _facts(invitation, shown),
        "closing": _closing(invitation),
        "copies": [],
        "signature": _signature(invitation.session, lines),
        "qr_title": _("To answer, scan with the telephone's camera"),
        "qr_lines": [
            line for line in (urlsplit(settings.BASE_URL).netloc, _number(invitation)) if line
        ],
    }


def head(province: str, number: str = "") -> Head:
    """What stands above every paper of the secretariat of this province, by its full name."""
    return {
        "kingdom": _("Kingdom of Cambodia"),
        "motto": _("Nation Religion King"),
        "bodies": [_("The secretariat of the dialogue forums"), province],
        "number": number,
    }


def place_and_time(session: Session | Entry, *, with_address: bool = False) -> list[Labelled]:
    """Day, time and venue, as far as they are set; the province stands in the head."""
    facts: list[Labelled] = []
    if session.starts_at is not None and session.ends_at is not None:
        begins, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
        times = f"{clock_of(begins.time())}–{clock_of(ends.time())}"
        facts.append({"label": _("Day"), "lines": [day_of(begins.date())]})
        facts.append({"label": _("Time"), "lines": [times]})
    if session.venue is not None:
        address = session.venue.address if with_address else ""
        lines = [line for line in (session.venue.name, address) if line]
        facts.append({"label": _("Venue"), "lines": lines})
    return facts


def _number(invitation: Invitation) -> str:
    if not invitation.letter_number:
        return ""
    shown = numbers.in_language(invitation.letter_number, translation.get_language())
    return _("No. %(number)s") % {"number": shown}


def _note(invitation: Invitation) -> str:
    """Which of the two is signed, and that a draft is one."""
    notes = []
    if translation.get_language() != LANGUAGES[0]:
        notes.append(_("Translation: the letter in Khmer is the one that is signed."))
    if invitation.session.announced is None or invitation.released_at is None:
        notes.append(_("DRAFT – not to be handed over"))
    return " · ".join(notes)


def _subject(invitation: Invitation) -> str:
    session = invitation.session
    return _("Invitation to the session in %(province)s of “%(forum)s”") % {
        "province": session.province,
        "forum": session.forum,
    }


def _paragraphs(invitation: Invitation) -> list[str]:
    session = invitation.session
    invited = _(
        "The secretariat has the honor to invite %(party)s to take part in the session of "
        "“%(forum)s”, which will be held as follows:"
    ) % {"party": invitation.party.name, "forum": session.forum}
    return [invited]


def _facts(invitation: Invitation, shown: Session | Entry) -> list[Labelled]:
    """Day, time, venue, places, and the theme where there is one."""
    facts = place_and_time(shown, with_address=True)
    facts.append({"label": _("Places"), "lines": [_places(invitation.quota)]})
    if theme := invitation.session.forum.theme:
        facts.append({"label": _("Theme"), "lines": [theme]})
    return facts


def day_of(day: dt.date) -> str:
    """The day in words, in the language of the paper."""
    if translation.get_language() == "en":
        return formats.date_format(day, "l j F Y")
    return dates.long_date(day)


def clock_of(time: dt.time) -> str:
    """The time of day, in the language of the paper."""
    return f"{time:%H:%M}" if translation.get_language() == "en" else dates.clock(time)


def _places(quota: int) -> str:
    number = numbers.in_language(quota, translation.get_language())
    return ngettext("%(number)s delegate", "%(number)s delegates", quota) % {"number": number}


def _closing(invitation: Invitation) -> list[str]:
    """How to answer, the forum's rules, and the words of respect."""
    closing = []
    if invitation.released_at:
        closing.append(
            _(
                "Please tell us whether you come, and who comes by title, honorific and sex: scan "
                "the code below, answer the e-mail, or tell whoever hands this letter over."
            )
        )
    rules = [line.strip() for line in invitation.session.forum.rules.splitlines() if line.strip()]
    if rules:
        closing += [_("Rules of the session:"), *rules]
    closing.append(_("Please accept the assurance of our high consideration."))
    return closing


def _signature(session: Session, lines: DateLines) -> Signature:
    """The chair, by title; behind the honorific there is room for the name."""
    chairs: list[Presiding] = session.chairs  # type: ignore[attr-defined]  # by for_letters
    chair = chairs[0].presider if chairs else None
    role = chair.title if chair else _("For the secretariat")
    honorific = chair.honorific.name if chair and chair.honorific else ""
    days = [lines.lunar, lines.solar]
    if translation.get_language() == "en":
        days = [lines.english]
    return {
        "dates": [line for line in days if line],
        "role": role,
        "name": f"{honorific} …………………………" if honorific else "",
    }
