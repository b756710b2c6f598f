"""Calendars as RFC 5545 writes them: invitations and feeds that go out, answers that come in.

Knows no model: whoever sends fills an ``Event``, whoever receives gets ``Reply``s. How a calendar
program treats them is RFC 5546; it finds an event again by its UID, and takes of two versions
the one with the higher SEQUENCE.
"""

import datetime as dt
import email
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Calendar, Timezone, TimezoneStandard, vCalAddress, vText
from icalendar import Event as Component
from icalendar.parser import Contentline, Contentlines, Parameters

PRODUCT = "-//Vedika//Forum calendar//EN"
ZONE = ZoneInfo("Asia/Phnom_Penh")
OFFSET = dt.timedelta(hours=7)  # all year, and since long before any session
REFRESH = dt.timedelta(hours=1)  # how often a program that follows a feed is asked to look

LARGEST_MAIL = 400_000  # bytes; an answer without pictures has some thousand
LARGEST_CALENDAR = 100_000  # bytes; what stands behind them is not read
MOST_PARTS = 40  # multiparts of a mail: more would only keep us busy
MOST_EVENTS = 50  # in one answer
DEEPEST = 3  # components within components that are told apart
LONGEST_COMMENT = 2000
LONGEST_ADDRESS, LONGEST_UID = 254, 255
LARGEST_SEQUENCE = 2**31 - 1  # of RFC 5545, and of a column


@dataclass(frozen=True)
class Event:
    """A meeting as it stands at ``sequence``; ``uid`` stays for its whole life, times are aware.

    ``stamp`` is when this version was made, which need not be when it is sent. ``organizer`` is
    an address, or ``Name <address>``; answers go there. ``attendee`` is who is asked.
    """

    uid: str
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    summary: str
    location: str
    description: str
    url: str
    stamp: dt.datetime
    cancelled: bool = False
    tentative: bool = False
    organizer: str = ""
    attendee: str = ""
    attendee_name: str = ""


class Answer(StrEnum):
    """What somebody who was asked to a meeting says."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    DELEGATED = "delegated"


@dataclass(frozen=True)
class Reply:
    """An answer as a calendar program wrote it; nobody has proved who sent it.

    ``sequence`` is the version that was answered, 0 where that is not said.
    """

    uid: str
    attendee: str
    answer: Answer
    sequence: int
    comment: str


class NotAReply(ValueError):
    """What came is no answer to an invitation; says why, for whoever looks after it."""


# --- what goes out --------------------------------------------------------------------------------
def request(event: Event) -> str:
    """An invitation, or its new version under the same UID and a higher SEQUENCE."""
    calendar = _calendar("REQUEST")
    calendar.add_component(_invitation(event))
    return _text(calendar)


def cancel(event: Event) -> str:
    """Takes the meeting out of the calendar; its SEQUENCE is higher than that of the last one."""
    calendar = _calendar("CANCEL")
    calendar.add_component(_invitation(event, cancelled=True))
    return _text(calendar)


def feed(events: Iterable[Event], name: str) -> str:
    """A calendar to follow; whoever is asked to a meeting is named in none of them."""
    calendar = _holding(events)
    # The first is RFC 7986, the others what programs understood before and still do.
    calendar.add("NAME", _Text(_plain(name)))
    calendar.add("X-WR-CALNAME", _Text(_plain(name)))
    calendar.add("X-WR-TIMEZONE", ZONE.key)
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    return _text(calendar)


def single(event: Event) -> str:
    """One meeting as a file to keep; it has no name, under which programs open a new calendar."""
    return _text(_holding([event]))


def _holding(events: Iterable[Event]) -> Calendar:
    calendar = _calendar("PUBLISH")
    for event in events:
        calendar.add_component(_component(event, cancelled=event.cancelled))
    return calendar


class _Text(vText):
    """Text escaped by RFC 5545 alone; the library takes ``\\N`` in it for the end of a line."""

    def to_ical(self) -> bytes:
        escaped = re.sub(r"([\\;,])", r"\\\1", str(self))
        return escaped.replace("\n", "\\n").encode()


def _plain(text: str) -> str:
    """Without what no calendar may hold; every end of a line, also Unicode's, is one newline."""
    lines = "\n".join(text.splitlines())
    kept = "".join(sign for sign in lines if sign in "\n\t" or sign.isprintable() or sign > "\x9f")
    return kept.encode(errors="ignore").decode()  # nor half a character


def _line(text: str) -> str:
    """As one line, for names and titles."""
    return " ".join(_plain(text).split())


def _calendar(method: str) -> Calendar:
    """An empty calendar with our time zone."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("TZID", ZONE.key)
    standard.add("DTSTART", dt.datetime(1970, 1, 1))  # noqa: DTZ001 - local by definition
    standard.add("TZOFFSETFROM", OFFSET)
    standard.add("TZOFFSETTO", OFFSET)
    standard.add("TZNAME", "+07")
    zone.add_component(standard)
    calendar.add_component(zone)
    return calendar


def _component(event: Event, *, cancelled: bool) -> Component:
    made = Component()
    made.add("UID", _Text(event.uid))
    made.add("SEQUENCE", event.sequence)
    made.add("DTSTAMP", event.stamp.astimezone(dt.UTC))
    made.add("LAST-MODIFIED", event.stamp.astimezone(dt.UTC))
    made.add("DTSTART", event.starts_at.astimezone(ZONE))
    made.add("DTEND", event.ends_at.astimezone(ZONE))
    made.add("SUMMARY", _Text(_line(event.summary)))
    for name, text in (("LOCATION", _line(event.location)), ("DESCRIPTION", event.description)):
        if text:
            made.add(name, _Text(_plain(text)))
    if event.url:
        made.add("URL", event.url)
    standing = "TENTATIVE" if event.tentative else "CONFIRMED"
    made.add("STATUS", "CANCELLED" if cancelled else standing)
    made.add("TRANSP", "TRANSPARENT" if cancelled else "OPAQUE")
    if event.organizer:
        name, address = parseaddr(event.organizer)
        made.add("ORGANIZER", _person(address, name))
    return made


def _invitation(event: Event, *, cancelled: bool = False) -> Component:
    """The event with who is asked: they, and nobody else, may answer."""
    made = _component(event, cancelled=cancelled)
    asked = _person(event.attendee, event.attendee_name)
    asked.params |= {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT"}
    if not cancelled:
        asked.params |= {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    made.add("ATTENDEE", asked)
    return made


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    # A parameter may hold no straight quotes, and a backslash at its end takes the next one in.
    if shown := _line(name).replace('"', "”").replace("\\", "/"):
        person.params["CN"] = shown
    return person


def _text(calendar: Calendar) -> str:
    """Lines ended by CRLF, folded at 75 octets between whole characters; not sorted by name."""
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


# --- what comes in --------------------------------------------------------------------------------
def read_replies(raw: bytes) -> list[Reply]:
    """The answers in a calendar, or in the calendar part of a whole mail.

    One for each event and person in it: whoever stores them checks that the one who wrote is the
    one who was asked. Raises NotAReply for anything else, whatever a stranger sends.
    """
    if len(raw) > LARGEST_MAIL:
        raise NotAReply(_("It is too large for an answer to an invitation."))
    found = None
    for content, method in _calendars(raw):
        found = NotAReply(_("It has a calendar, but no answer to an invitation."))
        if replies := _read(content, method):
            return replies
    raise found or NotAReply(_("It has no calendar."))


def _calendars(raw: bytes) -> list[tuple[str, str]]:
    """Each calendar that can be read, with the method its part is announced with."""
    text = _decode(raw[:LARGEST_CALENDAR], "").lstrip()
    if text[:15].upper() == "BEGIN:VCALENDAR":
        return [(text, "")]
    try:
        if raw.lower().count(b"boundary") > MOST_PARTS:
            return []
        mail = email.message_from_bytes(raw)
        return [found for part in _parts(mail) if (found := _content(part))]
    except Exception as error:  # whatever the library runs into in what a stranger wrote
        raise NotAReply(_("It cannot be read as a mail.")) from error


def _parts(mail: Message) -> Iterator[Message]:
    """The calendar parts; a mail within the mail is somebody else's, and is left alone."""
    if mail.get_content_maintype() == "multipart":
        payload = mail.get_payload()
        for part in payload if isinstance(payload, list) else []:
            yield from _parts(part)  # type: ignore[arg-type]
        return
    is_file = (mail.get_filename() or "").lower().endswith(".ics")
    if is_file or mail.get_content_type() in ("text/calendar", "application/ics"):
        yield mail


def _content(part: Message) -> tuple[str, str] | None:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return None
    text = _decode(content[:LARGEST_CALENDAR], part.get_content_charset() or "")
    return text, str(part.get_param("method") or "")


def _decode(content: bytes, charset: str) -> str:
    """As the part says it is written; where that is unknown or wrong as UTF-8, as far as it is."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        charset = "utf-16"
    try:
        return content.decode(charset or "utf-8").removeprefix("\ufeff")
    except (LookupError, ValueError):  # no such charset, or not in it
        return content.decode("utf-8", errors="replace").removeprefix("\ufeff")


# --- a calendar, line by line ---------------------------------------------------------------------
Property = tuple[Parameters, str]


@dataclass
class _Found:
    """The properties of one event by name, each as often as it stands there."""

    properties: dict[str, list[Property]] = field(default_factory=dict)

    def add(self, name: str, parameters: Parameters, value: str) -> None:
        self.properties.setdefault(name, []).append((parameters, value))

    def all(self, name: str) -> list[Property]:
        return self.properties.get(name, [])

    def value(self, name: str) -> str:
        """Of the first one, else nothing."""
        return next((value.strip() for _parameters, value in self.all(name)), "")


def _read(text: str, announced: str) -> list[Reply]:
    """The answers of one calendar, none where it is for something else.

    Its own METHOD counts, as with Outlook; a part that only announces one is believed.
    """
    method, events = "", []
    for path, found in _components(text):
        if path == ("VCALENDAR",):
            method = method or found.value("METHOD").upper()
        elif path == ("VCALENDAR", "VEVENT"):
            events.append(found)
    if (method or announced.strip().upper()) != "REPLY":
        return []
    return [reply for one in events[:MOST_EVENTS] for reply in _answers(one)]


def _components(text: str) -> Iterator[tuple[tuple[str, ...], _Found]]:
    """Every component with the names of those around it.

    Only its lines are read, by name: dates and time zones of whichever program need not make sense.
    """
    open_ones: list[tuple[str, _Found]] = []
    for name, parameters, value in _lines(text):
        if name == "BEGIN":
            open_ones.append((value.strip().upper(), _Found()))
        elif name == "END":
            yield from _closed(open_ones)
        elif open_ones:
            open_ones[-1][1].add(name, parameters, value)
    while open_ones:  # cut off: what stands there counts
        yield from _closed(open_ones)


def _closed(open_ones: list[tuple[str, _Found]]) -> Iterator[tuple[tuple[str, ...], _Found]]:
    if open_ones:
        path = tuple(name for name, _found in open_ones[:DEEPEST])
        yield path, open_ones.pop()[1]


def _lines(text: str) -> Iterator[tuple[str, Parameters, str]]:
    """Each line's name, parameters and value; one that is none is left out."""
    unfolded = Contentlines.from_ical(text.replace("\r\n", "\n").replace("\r", "\n"))  # type: ignore[no-untyped-call]
    for line in unfolded:
        try:
            name, parameters, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
        except ValueError:
            continue
        yield name.upper(), parameters, value


def _answers(event: _Found) -> Iterator[Reply]:
    """One for each person who answers: RFC 5546 wants one, who delegates may name the other."""
    uid = _line(event.value("UID"))
    if not uid or len(uid) > LONGEST_UID:
        return
    for parameters, value in event.all("ATTENDEE")[:MOST_EVENTS]:
        address = _address(value) or _address(_parameter(parameters, "EMAIL"))
        state = _parameter(parameters, "PARTSTAT").lower()
        if address and state in set(Answer):
            yield Reply(
                uid=uid,
                attendee=address,
                answer=Answer(state),
                sequence=_number(event.value("SEQUENCE")),
                comment=_comment(event, parameters),
            )


def _address(value: str) -> str:
    """``MAILTO:Name@Example.org`` as an address in small letters; nothing where it is none."""
    address = _plain(unquote(re.sub(r"(?i)^\s*mailto:", "", value))).strip().lower()
    is_one = len(address) <= LONGEST_ADDRESS and re.fullmatch(r"[^\s@<>]+@[^\s@<>:/]+", address)
    return address if is_one else ""


def _parameter(parameters: Parameters, name: str) -> str:
    value = parameters.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value).strip()


def _number(value: str) -> int:
    return min(int(value), LARGEST_SEQUENCE) if re.fullmatch(r"[0-9]{1,18}", value) else 0


def _comment(event: _Found, parameters: Parameters) -> str:
    """What they added; Google says it beside the name."""
    said = [value for _parameters, value in event.all("COMMENT")]
    said.append(_parameter(parameters, "X-RESPONSE-COMMENT"))
    lines = dict.fromkeys(_plain(one).strip() for one in said)
    return "\n".join(line for line in lines if line)[:LONGEST_COMMENT]
