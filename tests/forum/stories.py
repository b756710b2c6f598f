"""A round that is planned, published and sent by the real dispatcher, and what people then hold."""

import datetime as dt
from dataclasses import dataclass, field
from email import message_from_bytes, policy

from icalendar import Calendar

from forum import actions, programme
from forum.models import Session
from outbox import actions as outbox
from outbox import channels
from tests.forum.conftest import at

NOW = at(2, 9)
MINUTE = dt.timedelta(minutes=1)


def fresh(session):
    """The session as it stands in the database."""
    return Session.objects.get(pk=session.pk)


def publish(forum, by, *, now=NOW, sessions=None):
    """Publish what there is of the draft, of these sessions alone where they are given."""
    ids = None if sessions is None else {one.pk for one in sessions}
    chosen = actions.chosen_of(actions.draft_of(forum, by), ids)
    expected = programme.fingerprint(chosen)
    return actions.publish(forum, by=by, now=now, expected=expected, session_ids=ids)


def move(session, by, day, *, now=NOW):
    """Put the draft on this day of March; None for the tray."""
    there = day and dt.date(2026, 3, day)
    return actions.move_session(fresh(session), by=by, now=now, day=there)


def dispatch(now=NOW):
    """Send all that can be sent at this moment."""
    while outbox.dispatch_some(now=now):
        pass


def while_it_is_sent(monkeypatch, act):
    """Do this once, when the next message has begun and before the server has it."""
    send, waiting = channels.send, [act]

    def sending(message):
        if waiting:
            waiting.pop()()
        return send(message)

    monkeypatch.setattr(channels, "send", sending)


# --- what people hold -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Mail:
    """A message as its reader has it; ``method`` and what follows are its calendar part's."""

    subject: str
    body: str
    method: str
    sequence: int
    day: int
    event: object


def mails_of(sink, person):
    """What this person got, in the order in which it came."""
    return [_mail(one.content) for one in sink.messages if one.recipients == [person.email]]


def _mail(content):
    mail = message_from_bytes(content, policy=policy.default)
    parts = {one.get_content_type(): one for one in mail.walk()}
    body = parts["text/plain"].get_content()
    if "text/calendar" not in parts:
        return Mail(mail["Subject"], body, "", 0, 0, None)
    calendar = Calendar.from_ical(parts["text/calendar"].get_content())
    (event,) = calendar.walk("VEVENT")
    assert parts["text/calendar"].get_param("method") == calendar["METHOD"]
    return Mail(
        mail["Subject"],
        body,
        str(calendar["METHOD"]),
        event["SEQUENCE"],
        event["DTSTART"].dt.day,
        event,
    )


def told(sink, person):
    """The same, as (method, sequence, day of March)."""
    return [(one.method, one.sequence, one.day) for one in mails_of(sink, person)]


@dataclass
class Diary:
    """A calendar program: of what has one UID the newest stands, by RFC 5546, 2.1.5."""

    entries: dict = field(default_factory=dict)

    def read(self, mails):
        """Take these in the order in which they came."""
        for one in mails:
            mark = (one.sequence, one.event["DTSTAMP"].dt)
            held = self.entries.get(one.event["UID"])
            if held is None or held[0] <= mark:
                self.entries[one.event["UID"]] = (mark, one)
        return self

    def days(self):
        """The days of March on which something stands."""
        return sorted(one.day for _mark, one in self.entries.values() if one.method == "REQUEST")
