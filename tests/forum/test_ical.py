"""Calendars go out as programs expect them, and leave no entry behind when they change."""

import dataclasses
import datetime as dt
import shutil
import subprocess

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum import ical
from forum.ical import Event

UTC, DAY = dt.UTC, dt.timedelta(days=1)
EVENT = Event(
    uid="session-7@vedika.example",
    sequence=2,
    starts_at=dt.datetime(2026, 5, 20, 1, 0, tzinfo=UTC),
    ends_at=dt.datetime(2026, 5, 20, 5, 30, tzinfo=UTC),
    summary="វេទិកាសាធារណៈ, ខេត្តមណ្ឌលគិរី; លើកទី១",
    location="សាលាខេត្ត, ក្រុងសែនមនោរម្យ",
    description="សូមអញ្ជើញ៖\nម៉ោង ៨, ព្រឹក; សូមមកមុន",
    url="https://vedika.example/sessions/7/",
    stamp=dt.datetime(2026, 5, 4, 2, 0, tzinfo=UTC),
    organizer="Vedika <secretariat+7.ab12@vedika.example>",
    attendee="reader@vedika.example",
    attendee_name='អង្គការ "ក, ខ": គ; ឃ',
)
MOVED = dataclasses.replace(
    EVENT, sequence=3, starts_at=EVENT.starts_at + 2 * DAY, ends_at=EVENT.ends_at + 2 * DAY
)
CANCELLED = dataclasses.replace(MOVED, sequence=4)


def read(text):
    """The calendar and its events, as the library reads them strictly."""
    calendar = icalendar.Calendar.from_ical(text)
    assert [component.errors for component in calendar.walk() if component.errors] == []
    return calendar, calendar.events


# --- what goes out --------------------------------------------------------------------------------
def test_request_is_read_back_whole():
    calendar, (event,) = read(ical.request(EVENT))

    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert (event["UID"], event["SEQUENCE"]) == (EVENT.uid, 2)
    assert (event["SUMMARY"], event["LOCATION"]) == (EVENT.summary, EVENT.location)
    assert (event["DESCRIPTION"], event["URL"]) == (EVENT.description, EVENT.url)
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    assert (event["DTSTAMP"].dt, event["LAST-MODIFIED"].dt) == (EVENT.stamp, EVENT.stamp)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (EVENT.starts_at, EVENT.ends_at)
    assert event["ORGANIZER"] == "mailto:secretariat+7.ab12@vedika.example"
    assert event["ORGANIZER"].params == {"CN": "Vedika"}
    assert event["ATTENDEE"] == "mailto:reader@vedika.example"
    assert event["ATTENDEE"].params == {
        "CN": "អង្គការ ”ក, ខ”: គ; ឃ",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }


@pytest.mark.parametrize("make", [ical.request, ical.cancel, lambda event: ical.feed([event], "ក")])
def test_every_calendar_brings_the_time_zone_of_its_times(make):
    text = make(EVENT)

    assert "\r\nDTSTART;TZID=Asia/Phnom_Penh:20260520T080000\r\n" in text
    assert "\r\nDTEND;TZID=Asia/Phnom_Penh:20260520T123000\r\n" in text
    calendar, _events = read(text)
    (zone,) = calendar.timezones
    (standard,) = zone.standard
    assert zone["TZID"] == "Asia/Phnom_Penh"
    assert standard["TZOFFSETTO"].td == standard["TZOFFSETFROM"].td == dt.timedelta(hours=7)
    assert text.index("BEGIN:VTIMEZONE") < text.index("BEGIN:VEVENT")


def test_cancel_takes_the_same_event_out():
    calendar, (event,) = read(ical.cancel(CANCELLED))

    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (event["UID"], event["SEQUENCE"]) == (EVENT.uid, 4)
    assert event["ORGANIZER"] == "mailto:secretariat+7.ab12@vedika.example"
    assert event["ATTENDEE"] == "mailto:reader@vedika.example"
    assert "RSVP" not in event["ATTENDEE"].params


def test_feed_has_a_name_and_asks_nobody():
    called_off = dataclasses.replace(EVENT, uid="session-8@vedika.example", cancelled=True)

    text = ical.feed([EVENT, called_off], "វេទិកា, ២០២៦")

    calendar, events = read(text)

    assert calendar["METHOD"] == "PUBLISH"
    assert "\r\nNAME:វេទិកា\\, ២០២៦\r\nX-WR-CALNAME:វេទិកា\\, ២០២៦\r\n" in text
    assert calendar["REFRESH-INTERVAL"].dt == dt.timedelta(hours=1)
    assert calendar["X-PUBLISHED-TTL"] == "PT1H"
    assert [(one["UID"], one["STATUS"]) for one in events] == [
        (EVENT.uid, "CONFIRMED"),
        (called_off.uid, "CANCELLED"),
    ]
    assert not any("ATTENDEE" in one for one in events)


def test_feed_without_events_is_a_calendar():
    assert read(ical.feed([], "ក"))[1] == []


def test_request_leaves_out_what_is_empty():
    bare = dataclasses.replace(EVENT, location="", description="", url="", organizer="")

    _calendar, (event,) = read(ical.request(bare))

    assert not {"LOCATION", "DESCRIPTION", "URL", "ORGANIZER"} & set(event)


KHMER = st.characters(min_codepoint=0x1780, max_codepoint=0x17F9)
ODD = st.sampled_from(
    [",", ";", ":", '"', "\\", "\\n", "\\N", "\n", "\r\n", "\r", " ", "\t", "^", "\u200b", "🌾",
     "\u2028", "\x85", "\x00", "\x1b", "BEGIN:VEVENT", "\nEND:VEVENT\n", "é"]
)  # fmt: skip
TEXTS = st.lists(KHMER | ODD | st.just("ខេត្តមណ្ឌលគិរី" * 5), max_size=40).map("".join)


@settings(max_examples=100, deadline=None)
@given(summary=TEXTS, description=TEXTS, name=TEXTS)
def test_any_text_is_folded_whole_and_read_back(summary, description, name):
    event = dataclasses.replace(EVENT, summary=summary, description=description, attendee_name=name)

    text = ical.request(event)

    lines = text.encode().split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    for line in lines:  # a character torn in two would not be one, nor a stray end of a line
        assert not set("\r\n\x00\x1b\x85\u2028") & set(line.decode())
    _calendar, (found,) = read(text)
    assert found["SUMMARY"] == " ".join(clean(summary).split())
    assert found.get("DESCRIPTION", "") == clean(description)
    shown = " ".join(clean(name).split()).replace('"', "”").replace("\\", "/")
    assert found["ATTENDEE"].params.get("CN", "") == shown
    assert found["ATTENDEE"] == "mailto:reader@vedika.example"


def clean(text):
    return "\n".join(text.splitlines()).replace("\x00", "").replace("\x1b", "")


# --- one calendar, several messages ---------------------------------------------------------------
class Shelf:
    """A calendar program by RFC 5546, reading for itself: UID, then SEQUENCE, then stamp."""

    def __init__(self):
        self.versions, self.kept = {}, {}

    def apply(self, text):
        lines = text.replace("\r\n ", "").split("\r\n")
        method = next(line for line in lines if line.startswith("METHOD:"))
        start = lines.index("BEGIN:VEVENT")
        rows = (line.partition(":") for line in lines[start:])
        found = {name.partition(";")[0]: value for name, _colon, value in rows}
        uid, version = found["UID"], (int(found["SEQUENCE"]), found["DTSTAMP"])
        if version <= self.versions.get(uid, (-1, "")):
            return
        self.versions[uid] = version
        self.kept.pop(uid, None)
        if method == "METHOD:REQUEST":
            self.kept[uid] = found["DTSTART"]


def test_asked_moved_and_cancelled_leaves_nothing_behind_in_any_order():
    asked, moved, gone = ical.request(EVENT), ical.request(MOVED), ical.cancel(CANCELLED)
    shelf = Shelf()

    for message, expected in [
        (asked, {EVENT.uid: "20260520T080000"}),
        (asked, {EVENT.uid: "20260520T080000"}),
        (moved, {EVENT.uid: "20260522T080000"}),
        (asked, {EVENT.uid: "20260522T080000"}),  # an older one that was late
        (gone, {}),
        (moved, {}),
    ]:
        shelf.apply(message)
        assert shelf.kept == expected


KHAL = """
[calendars]
[[forum]]
path = {home}/forum
[sqlite]
path = {home}/cache.db
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Asia/Phnom_Penh
default_timezone = Asia/Phnom_Penh
"""
SHOWN = "{uid}|{start-long}|{end-long}|{title}|{location}|{status}"


@pytest.fixture
def khal(tmp_path):
    """Debian's khal with a calendar of its own."""
    program = shutil.which("khal")
    if program is None:
        pytest.skip("khal is not installed")
    (tmp_path / "forum").mkdir()
    (tmp_path / "config").write_text(KHAL.format(home=tmp_path))
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def run(*arguments, given=""):
        done = subprocess.run(
            [program, "-c", tmp_path / "config", *arguments],
            input=given, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.splitlines()

    return run


def test_khal_keeps_one_entry_of_an_event_however_often_it_is_told(khal, tmp_path):
    def told(text):
        file = tmp_path / "invitation.ics"
        file.write_bytes(text.encode())
        khal("import", "--batch", "-a", "forum", str(file))
        shown = khal("list", "-df", "", "-f", SHOWN, "2026-05-01", "60d")
        return [line.strip() for line in shown if line]

    names = f"{EVENT.summary}|{EVENT.location}"
    first = f"{EVENT.uid}|2026-05-20 08:00|2026-05-20 12:30|{names}|CONFIRMED"
    second = f"{EVENT.uid}|2026-05-22 08:00|2026-05-22 12:30|{names}"
    assert told(ical.request(EVENT)) == [first]
    assert told(ical.request(MOVED)) == [f"{second}|CONFIRMED"]
    assert told(ical.cancel(CANCELLED)) == [f"{second}|CANCELLED"]
    assert len(list((tmp_path / "forum").iterdir())) == 1


def test_khal_reads_a_feed(khal):
    other = dataclasses.replace(MOVED, uid="session-9@vedika.example", cancelled=True)

    shown = khal("printics", "-f", SHOWN, given=ical.feed([EVENT, other], "វេទិកា"))

    assert [line.split("|")[0] for line in shown[1:]] == [EVENT.uid, other.uid]
    assert EVENT.summary in shown[1]
    assert "CANCELLED" in shown[2]
