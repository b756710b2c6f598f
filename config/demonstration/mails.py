"""What came into the demonstration's mailbox: an answer that was matched, and what waits.

Each mail is read by what reads those of a real mailbox; only its way here is told.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage

from audit import clock
from config.demonstration.cast import Cast
from config.demonstration.desk import HOUR, open_referrals, written_to
from config.demonstration.people import OWN_OFFICE
from config.demonstration.rounds import NAMESPACE
from inbox import actions
from inbox.actions import Fetched
from inbox.models import Incoming, Mailbox
from issues.models import Issue, Referral
from outbox.models import Attempt, Message
from provinces.models import Authority, ContactPoint

MAILBOX = "reply@vedika.example/INBOX"
TO = "reply@vedika.example"
DEPARTMENT, DISTRICT = Authority.Kind.DEPARTMENT, Authority.Kind.DISTRICT

ANSWER = """ជម្រាបសួរលេខាធិការដ្ឋាន

មន្ទីរបានចុះពិនិត្យដល់ទីកន្លែងរួចហើយ ហើយកំពុងរៀបចំរបាយការណ៍។ មន្ទីរនឹងផ្ញើរបាយការណ៍នោះមុនកាលកំណត់។

សូមអរគុណ

> {quoted}
"""
FROM_COMMUNE = """សូមជូនលេខាធិការដ្ឋាន

ក្រុមប្រឹក្សាឃុំបានប្រជុំជាមួយអ្នកភូមិអំពីរឿងនេះ កាលពីសប្ដាហ៍មុន។ អ្នកភូមិស្នើសុំឱ្យមន្ទីរចុះមកពិនិត្យម្ដងទៀត មុនរដូវវស្សា។

ស្មៀនឃុំ
"""
MEETING = """ជម្រាបសួរលេខាធិការដ្ឋាន

មន្ទីរស្នើសុំជួបប្រជុំជាមួយលេខាធិការដ្ឋាននៅសប្ដាហ៍ក្រោយ ដើម្បីពិភាក្សាអំពីដំណោះស្រាយ។ សូមជម្រាបថ្ងៃដែលអាចជួបបាន។

មន្ត្រីមន្ទីរ
"""
VISIT = """Dear secretariat,

The working group of the district will visit the place next Tuesday. Please tell us which office of
the province takes part.

Office of the district administration
"""
QUESTION = """Dear secretariat,

Our director asks when the agenda of the next session will be sent, and how many minutes an office
has for each item. Thank you.

Official of the department
"""
AWAY = """ការិយាល័យបិទសម្រាប់ថ្ងៃឈប់សម្រាក។ យើងនឹងអានសំបុត្ររបស់អ្នកនៅថ្ងៃធ្វើការបន្ទាប់។"""


@dataclass(frozen=True)
class Mail:
    """A mail as its sender wrote it; ``hours`` ago it came."""

    sender: str
    subject: str
    text: str
    hours: int
    headers: dict[str, str]


def fill(cast: Cast) -> None:
    """Let the mails come in, once; what is missing of the stories is left out."""
    now = clock.now()
    mailbox, is_new = Mailbox.objects.get_or_create(name=MAILBOX)
    if not is_new:
        return
    mails = [*_matched(cast, now), *_held(cast), *_automatic()]
    for number, one in enumerate(sorted(mails, key=lambda one: -one.hours), start=1):
        _receive(mailbox, number, one, now - one.hours * HOUR)


def _receive(mailbox: Mailbox, number: int, written: Mail, at: dt.datetime) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = written.sender, TO, written.subject
    mail["Date"] = at
    mail["Message-ID"] = f"<demonstration-{number}@mail.example>"
    for name, value in written.headers.items():
        mail[name] = value
    mail.set_content(written.text)
    content = mail.as_bytes()
    fetched = Fetched(1, number, content, len(content), at)
    actions.keep(mailbox, fetched, now=at)
    actions.settle(Incoming.objects.get(mailbox=mailbox, uid=number).pk, now=at)


# --- matched --------------------------------------------------------------------------------------
def _matched(cast: Cast, now: dt.datetime) -> Iterator[Mail]:
    """An official answers the message of an open referral that only they were given."""
    for referral in _departments(cast)[-1:]:
        official = cast.officials[referral.authority_id]
        at = referral.released_at or now - 50 * HOUR
        sent = written_to(referral, f"user:{official.pk}", official.email, at, Message.State.SENT)
        Attempt.objects.create(
            message=sent,
            claim_token=uuid.uuid5(NAMESPACE, "told by mail"),
            began_at=at,
            ended_at=at,
            outcome=Attempt.Outcome.SENT,
            code="250",
        )
        subject, text = f"Re: {sent.subject}", ANSWER.format(quoted=sent.subject)
        yield Mail(official.email, subject, text, 26, {"In-Reply-To": sent.message_id})


def _departments(cast: Cast) -> list[Referral]:
    """Open referrals of departments with an official, but not of the office that is shown."""
    found = open_referrals(authority__kind=DEPARTMENT)
    return [
        one
        for one in found
        if one.authority.slug != OWN_OFFICE
        and one.authority_id in cast.officials
        and one.issue.disclosure != Issue.Disclosure.CONFIDENTIAL
    ]


# --- what waits for a person ----------------------------------------------------------------------
def _held(cast: Cast) -> Iterator[Mail]:
    """Of an unknown sender, of an office's own address, unproven, and about nothing known."""
    for one in _departments(cast)[:1]:
        subject = f"ចម្លើយអំពី {one.issue.reference}"
        yield Mail("ស្មៀនឃុំ <clerk@commune.example>", subject, FROM_COMMUNE, 30, {})
        asker = cast.officials[one.authority_id].email
        yield Mail(asker, "Question about the next session", QUESTION, 20, {})
    for one in open_referrals(authority__slug=OWN_OFFICE)[:1]:
        sender = cast.officials[one.authority_id].email
        yield Mail(sender, f"សំណើជួបប្រជុំ {one.issue.reference}", MEETING, 5, {})
    for one in open_referrals(authority__kind=DISTRICT)[:1]:
        if address := _address_of(one.authority):
            yield Mail(address, f"Visit to the place: {one.issue.reference}", VISIT, 3, {})


def _automatic() -> Iterator[Mail]:
    """A machine answers: it waits for nobody."""
    for one in open_referrals(authority__kind=DISTRICT)[:1]:
        if address := _address_of(one.authority):
            headers = {"Auto-Submitted": "auto-replied"}
            yield Mail(address, "ការឆ្លើយតបស្វ័យប្រវត្តិ", AWAY, 40, headers)


def _address_of(office: Authority) -> str:
    """Where it takes mail; empty where that is not known."""
    rows = ContactPoint.objects.filter(authority=office, channel=ContactPoint.Channel.EMAIL)
    return next(iter(rows.filter(is_active=True).values_list("value", flat=True)), "")
