"""Answers to invitations, however a calendar program or a stranger writes them."""

import base64
import dataclasses
import quopri

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from forum import ical
from forum.ical import Answer, NotAReply, Reply


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def calendar(*lines, method="REPLY", before=(), end="\r\n"):
    """A calendar with one event of these lines."""
    return end.join([
        "BEGIN:VCALENDAR", "PRODID:-//Somebody//EN", "VERSION:2.0", f"METHOD:{method}", *before,
        "BEGIN:VEVENT", "UID:session-7@vedika.example", "DTSTAMP:20260505T030000Z",
        *lines, "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


ACCEPTED = calendar("SEQUENCE:2", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:reader@vedika.example")
REPLY = Reply("session-7@vedika.example", "reader@vedika.example", Answer.ACCEPTED, 2, "")


def base64_lines(text):
    return base64.encodebytes(text.encode()).decode()


# Gmail: beside a text, and once more as a file; what was added stands beside the name.
GOOGLE = f"""\
MIME-Version: 1.0
From: Reader <reader@vedika.example>
To: secretariat+7.ab12@vedika.example
Subject: Declined: session
Content-Type: multipart/mixed; boundary="00000000000036"

--00000000000036
Content-Type: multipart/alternative; boundary="00000000000034"

--00000000000034
Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes
Content-Transfer-Encoding: base64

{base64_lines("Reader has declined this invitation.")}
--00000000000034
Content-Type: text/calendar; charset="UTF-8"; method=REPLY
Content-Transfer-Encoding: 7bit

BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20260520T010000Z
DTEND:20260520T053000Z
DTSTAMP:20260505T030000Z
ORGANIZER;CN=Vedika:mailto:secretariat+7.ab12@vedika.example
UID:session-7@vedika.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN=Reader
 ;X-NUM-GUESTS=0;X-RESPONSE-COMMENT="We are away, sorry":mailto:reader@vedika
 .example
CREATED:20260504T020000Z
DESCRIPTION:
LAST-MODIFIED:20260505T030000Z
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Session
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR

--00000000000034--
--00000000000036
Content-Type: application/ics; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"
Content-Transfer-Encoding: base64

{base64_lines(ACCEPTED)}
--00000000000036--
"""

# Exchange: base64, the type's words quoted, Windows's name of a time zone, MAILTO in capitals.
OUTLOOK_CALENDAR = calendar(
    "ATTENDEE;PARTSTAT=TENTATIVE;CN=Reader:MAILTO:Reader@Vedika.example",
    'COMMENT;LANGUAGE=km-KH:អាចនឹងមក\\, មិនទាន់ប្រាកដ\\n',
    "SUMMARY;LANGUAGE=en-US:Tentative: Session",
    "DTSTART;TZID=SE Asia Standard Time:20260520T080000",
    "DTEND;TZID=SE Asia Standard Time:20260520T123000",
    "CLASS:PUBLIC",
    "PRIORITY:5",
    "TRANSP:OPAQUE",
    "STATUS:CONFIRMED",
    "SEQUENCE:2",
    "LOCATION;LANGUAGE=en-US:",
    "X-MICROSOFT-CDO-APPT-SEQUENCE:2",
    "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY",
    before=[
        "BEGIN:VTIMEZONE", "TZID:SE Asia Standard Time", "BEGIN:STANDARD",
        "DTSTART:16010101T000000", "TZOFFSETFROM:+0700", "TZOFFSETTO:+0700", "END:STANDARD",
        "END:VTIMEZONE",
    ],
)  # fmt: skip
OUTLOOK = f"""\
From: Reader <reader@vedika.example>
To: "secretariat+7.ab12@vedika.example" <secretariat+7.ab12@vedika.example>
Subject: Tentative: Session
Content-Language: en-US
X-MS-Has-Attach:
Content-Type: multipart/alternative;
\tboundary="_000_AM0PR0101_"
MIME-Version: 1.0

--_000_AM0PR0101_
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

--_000_AM0PR0101_
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body></body></html>

--_000_AM0PR0101_
Content-Type: text/calendar; charset="utf-8"; method=REPLY
Content-Transfer-Encoding: base64

{base64_lines(OUTLOOK_CALENDAR)}
--_000_AM0PR0101_--
"""

# Thunderbird: quoted-printable, and the same once more as a file.
THUNDERBIRD_CALENDAR = calendar(
    "CREATED:20260504T020000Z",
    "LAST-MODIFIED:20260505T030000Z",
    "SUMMARY:វេទិកា",
    "ORGANIZER;CN=Vedika:mailto:secretariat+7.ab12@vedika.example",
    "ATTENDEE;CN=អ្នកអាន;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:reader@vedi",
    " ka.example",
    "DTSTART;TZID=Asia/Phnom_Penh:20260520T080000",
    "DTEND;TZID=Asia/Phnom_Penh:20260520T123000",
    "SEQUENCE:2",
    "X-MOZ-RECEIVED-SEQUENCE:2",
)
THUNDERBIRD = f"""\
User-Agent: Mozilla Thunderbird
From: Reader <reader@vedika.example>
Subject: Event Invitation Reply (Accepted)
Content-type: multipart/mixed; boundary="Boundary_(ID_qyG4ZdjoAsiZ)"
MIME-version: 1.0

--Boundary_(ID_qyG4ZdjoAsiZ)
Content-type: multipart/alternative;
 boundary="Boundary_(ID_jU4nrZ8k)"

--Boundary_(ID_jU4nrZ8k)
Content-type: text/plain; charset=UTF-8
Content-transfer-encoding: 8BIT

Reader has accepted your event invitation.

--Boundary_(ID_jU4nrZ8k)
Content-type: text/calendar; method=REPLY; charset=UTF-8
Content-transfer-encoding: quoted-printable

{quopri.encodestring(THUNDERBIRD_CALENDAR.replace(chr(13), "").encode()).decode()}
--Boundary_(ID_jU4nrZ8k)--

--Boundary_(ID_qyG4ZdjoAsiZ)
Content-type: application/ics; name=invite.ics
Content-transfer-encoding: 8BIT
Content-disposition: attachment; filename=invite.ics

{THUNDERBIRD_CALENDAR}
--Boundary_(ID_qyG4ZdjoAsiZ)--
"""

# Apple: the address may be no address but that of an account, with the mail's beside it.
APPLE = calendar(
    'ATTENDEE;CN="Reader";CUTYPE=INDIVIDUAL;EMAIL="reader@vedika.example";PARTSTAT=ACC',
    " EPTED;ROLE=REQ-PARTICIPANT:/aMTY3NDM2MDQwMTY3NDM2MDQ/principal/",
    "CREATED:20260505T030000Z",
    "DTSTART;TZID=Asia/Phnom_Penh:20260520T080000",
    'ORGANIZER;CN="Vedika";EMAIL="secretariat+7.ab12@vedika.example":mailto:secret',
    " ariat+7.ab12@vedika.example",
    "REQUEST-STATUS:2.0;Success",
    "SEQUENCE:2",
)
APPLE_MAIL = f"""\
From: Reader <reader@vedika.example>
Content-Type: multipart/alternative; boundary="Apple-Mail=_FF"
Mime-Version: 1.0 (Mac OS X Mail)

--Apple-Mail=_FF
Content-Type: text/plain; charset=utf-8

--Apple-Mail=_FF
Content-Transfer-Encoding: base64
Content-Type: text/calendar; charset=utf-8; method=REPLY; name="iCal-20260505.ics"
Content-Disposition: attachment; filename="iCal-20260505.ics"

{base64_lines(APPLE)}
--Apple-Mail=_FF--
"""
DECLINED = dataclasses.replace(REPLY, answer=Answer.DECLINED, comment="We are away, sorry")
MAYBE = dataclasses.replace(REPLY, answer=Answer.TENTATIVE, comment="អាចនឹងមក, មិនទាន់ប្រាកដ")


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (ACCEPTED, REPLY),
        (GOOGLE, DECLINED),
        (OUTLOOK, MAYBE),
        (OUTLOOK_CALENDAR, MAYBE),
        (THUNDERBIRD, REPLY),
        (APPLE, REPLY),
        (APPLE_MAIL, REPLY),
    ],
    ids=["bare", "google", "outlook", "outlook-ics", "thunderbird", "apple-ics", "apple"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_read_replies_of_every_usual_program(mail, expected, end):
    raw = mail.replace("\r\n", "\n").replace("\n", end).encode()

    assert ical.read_replies(raw) == [expected]


def attendee(parameters, address="mailto:reader@vedika.example"):
    return f"ATTENDEE{parameters}:{address}"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["SEQUENCE:2", attendee(";partstat=accepted")], REPLY),
        (["sequence:2", "attendee;PARTSTAT=Accepted:MAILTO:READER@VEDIKA.EXAMPLE"], REPLY),
        ([attendee(";PARTSTAT=ACCEPTED")], dataclasses.replace(REPLY, sequence=0)),
        (["SEQUENCE:x", attendee(";PARTSTAT=ACCEPTED")], dataclasses.replace(REPLY, sequence=0)),
        (["SEQUENCE:-1", attendee(";PARTSTAT=ACCEPTED")], dataclasses.replace(REPLY, sequence=0)),
        (
            ["SEQUENCE:99999999999", attendee(";PARTSTAT=ACCEPTED")],
            dataclasses.replace(REPLY, sequence=2**31 - 1),
        ),
        (["SEQUENCE:2", attendee(";PARTSTAT=ACCEPTED", "mailto:reader%40vedika.example")], REPLY),
        (["SEQUENCE:2", attendee(";PARTSTAT=ACCEPTED", "reader@vedika.example")], REPLY),
        (["SEQUENCE:2", "no line at all", ";;:", attendee(";PARTSTAT=ACCEPTED")], REPLY),
        (["SEQUENCE:2", "DTSTART:whenever", attendee(";PARTSTAT=ACCEPTED")], REPLY),
        (
            ["SEQUENCE:2", 'ATTENDEE;DELEGATED-TO="mailto:other@vedika.example";PARTSTAT=DELEGATED'
             ":mailto:reader@vedika.example"],
            dataclasses.replace(REPLY, answer=Answer.DELEGATED),
        ),
        (
            ["SEQUENCE:2", attendee(";PARTSTAT=ACCEPTED"), "COMMENT: a\\nb\x00 ", "COMMENT:c",
             "COMMENT:c"],
            dataclasses.replace(REPLY, comment="a\nb\nc"),
        ),
        (
            ["SEQUENCE:2", attendee(";PARTSTAT=ACCEPTED"), "COMMENT:" + "ក" * 5000],
            dataclasses.replace(REPLY, comment="ក" * 2000),
        ),
    ],
)  # fmt: skip
def test_read_replies_takes_what_can_be_understood(lines, expected):
    assert ical.read_replies(calendar(*lines).encode()) == [expected]


def test_read_replies_of_several_events_and_people():
    second = ACCEPTED.split("BEGIN:VEVENT")[1].split("END:VEVENT")[0].replace("session-7", "8")
    both = ACCEPTED.replace(
        "END:VCALENDAR",
        f"BEGIN:VEVENT{second}ATTENDEE;PARTSTAT=DECLINED:mailto:other@vedika.example\r\n"
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:third@vedika.example\r\nEND:VEVENT\r\nEND:VCALENDAR",
    )
    other = dataclasses.replace(REPLY, uid="8@vedika.example")

    assert ical.read_replies(both.encode()) == [
        REPLY,
        other,
        dataclasses.replace(other, attendee="other@vedika.example", answer=Answer.DECLINED),
    ]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("utf-16", "utf-16"), ("nowhere-8", "utf-8"), ("us-ascii", "utf-8")],
)
def test_read_replies_in_whatever_characters_it_is_written(charset, encoding):
    text = calendar("SEQUENCE:2", attendee(";PARTSTAT=ACCEPTED"), "COMMENT:សូមអរគុណ")
    head = f"Content-Type: text/calendar; charset={charset}\nContent-Transfer-Encoding: base64\n\n"
    raw = head.encode() + base64.encodebytes(text.encode(encoding))

    assert ical.read_replies(raw) == [dataclasses.replace(REPLY, comment="សូមអរគុណ")]


def test_read_replies_believes_the_part_where_the_calendar_says_no_method():
    head = "Content-Type: text/calendar; method=reply\n\n"

    assert ical.read_replies((head + ACCEPTED.replace("METHOD:REPLY\r\n", "")).encode()) == [REPLY]
    with pytest.raises(NotAReply):
        ical.read_replies((head + ACCEPTED.replace("METHOD:REPLY", "METHOD:REQUEST")).encode())


def test_read_replies_of_a_file_with_a_foreign_type():
    head = 'Content-Type: application/octet-stream; name="reply.ICS"\n\n'

    assert ical.read_replies((head + ACCEPTED).encode()) == [REPLY]


def test_read_replies_leaves_a_mail_within_the_mail_alone():
    head = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"

    with pytest.raises(NotAReply, match="It has no calendar"):
        ical.read_replies((head + OUTLOOK + "\n--b--\n").encode())


NO_ANSWER = "It has a calendar, but no answer to an invitation."


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "It has no calendar."),
        (b"\x00\xff\xfe\x80" * 99, "It has no calendar."),
        (b"Subject: Thank you\n\nWe shall come.", "It has no calendar."),
        (b"x" * 400_001, "It is too large for an answer to an invitation."),
        (b"boundary" * 41, "It has no calendar."),
        (b"BEGIN:VCALENDAR", NO_ANSWER),
        (ACCEPTED.replace("REPLY", "REQUEST").encode(), NO_ANSWER),
        (ACCEPTED.replace("REPLY", "COUNTER").encode(), NO_ANSWER),
        (ACCEPTED.replace("VEVENT", "VTODO").encode(), NO_ANSWER),
        (ACCEPTED.replace("UID:", "X-ID:").encode(), NO_ANSWER),
        (ACCEPTED.replace("UID:", "UID:" + "1" * 255).encode(), NO_ANSWER),
        (ACCEPTED.replace("ATTENDEE", "X-ATTENDEE").encode(), NO_ANSWER),
        (ACCEPTED.replace("ACCEPTED", "NEEDS-ACTION").encode(), NO_ANSWER),
        (ACCEPTED.replace("reader@", "").encode(), NO_ANSWER),
        (ACCEPTED.replace("reader@", "r" * 255 + "@").encode(), NO_ANSWER),
        (b"Content-Type: text/calendar\nContent-Transfer-Encoding: base64\n\n%%%", NO_ANSWER),
    ],
)
def test_read_replies_says_why_it_is_none(raw, sentence):
    with pytest.raises(NotAReply) as refused:
        ical.read_replies(raw)
    assert str(refused.value) == sentence


PIECES = st.sampled_from(
    [b"BEGIN:VCALENDAR\n", b"METHOD:REPLY\n", b"BEGIN:VEVENT\n", b"END:VEVENT\n", b"END:", b"UID:1",
     b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b\n", b'ATTENDEE;CN="', b"\n ", b"\r", b";=", b"\xff",
     b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"\n--b\n", b"\n\n", b"charset=hex;",
     b"Content-Type: text/calendar; method=REPLY;", b"Content-Transfer-Encoding: base64\n", b"%00",
     b"Content-Type: text/calendar; charset*=utf-7''x; filename*0=\xff.ics\n\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.binary(max_size=12), max_size=25).map(b"".join))
def test_read_replies_never_stumbles(raw):
    try:
        replies = ical.read_replies(raw)
    except NotAReply:
        return
    assert all(one.uid and "@" in one.attendee for one in replies)
    assert not any("\x00" in one.uid + one.attendee + one.comment for one in replies)
