"""What waits on desks of the demonstration: more time, a director, a letter, a failed mail.

Each piece stands there by the same acts people use; only the post server's refusal is told.
"""

import datetime as dt
import uuid

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.actions import set_approval
from accounts.models import Role, RoleAssignment, User
from audit import clock
from audit.models import subject_of
from config.demonstration.cast import Cast
from config.demonstration.people import OWN_OFFICE, OWN_PROVINCE
from config.demonstration.rounds import NAMESPACE
from issues import actions
from issues.models import Call, Issue, Referral
from outbox import falling_back, packing
from outbox.models import Attempt, Channel, Message, Notice
from provinces import workdays
from provinces.models import Authority, ContactPoint

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
REASON = "ក្រុមការងារត្រូវចុះវាស់វែងនៅភូមិពីរទៀត មុននឹងធ្វើរបាយការណ៍។"
GRANTED = "ផ្លូវទៅភូមិលិចទឹក មន្ទីរបានសុំពេលបន្ថែមតាមទូរស័ព្ទ។"
ASK = "សូមរដ្ឋបាលខេត្តជួយសម្របសម្រួលរវាងមន្ទីរពីរ ហើយជូនដំណឹងដល់សហគមន៍។"
DRAFT = "រដ្ឋបាលខេត្តនឹងកោះប្រជុំមន្ទីរទាំងពីរនៅសប្ដាហ៍ក្រោយ ហើយនឹងអញ្ជើញតំណាងសហគមន៍ចូលរួម។"
SPOKE_TO = "អនុប្រធានមន្ទីរ"
PROMISED = "មន្ទីរនឹងឆ្លើយក្រោយកិច្ចប្រជុំផ្ទៃក្នុង។"
REPORT = "របាយការណ៍អំពីការចុះពិនិត្យដល់ទីកន្លែង"
RECEIVER = "ការិយាល័យរដ្ឋបាល"
ADMINISTRATION = f"{OWN_PROVINCE}-administration"


def fill(cast: Cast) -> None:
    """Lay everything out; what is missing of the stories is left out."""
    now = clock.now()
    _ask_for_time(cast, now)
    _lay_before_director(cast, now)
    _come_back(cast, now)
    _call(cast, now)
    _write(cast, now)


def _key(word: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"desk {word}")


def open_referrals(**wanted: object) -> list[Referral]:
    """Open referrals of the own province that an office answers for, the nearest date first."""
    rows = Referral.objects.open().exclude(role=Referral.Role.INFORMATION)
    rows = rows.filter(
        issue__province=OWN_PROVINCE,
        issue__status=Issue.Status.REFERRED,
        issue__pressured_at=None,
        paused_on=None,
        **wanted,
    )
    return list(rows.select_related("issue", "authority").order_by("due_on", "pk"))


# --- more time ------------------------------------------------------------------------------------
def _ask_for_time(cast: Cast, now: dt.datetime) -> None:
    """The office whose account is shown asks for time; another was given some already."""
    today = timezone.localdate(now)
    waiting = open_referrals(authority__slug=OWN_OFFICE, due_on__gt=today)
    if waiting:
        asked = waiting[0]
        actions.ask_extension(
            asked,
            by=cast.officials[asked.authority_id],
            now=now - HOUR,
            client_key=_key("more time"),
            wanted_on=asked.date + 14 * DAY,
            reason=REASON,
        )
    others = [one for one in open_referrals(due_on__gt=today) if one.authority.slug != OWN_OFFICE]
    if others:
        actions.extend(
            others[0],
            by=cast.coordinator,
            now=now - DAY,
            client_key=_key("time by telephone"),
            until=others[0].date + 7 * DAY,
            reason=GRANTED,
        )


# --- a director -----------------------------------------------------------------------------------
def _lay_before_director(cast: Cast, now: dt.datetime) -> None:
    """The provincial administration answers only after its Deputy Governor has agreed."""
    office = Authority.objects.get(slug=ADMINISTRATION)
    issue = (
        Issue.objects.filter(province=OWN_PROVINCE, status=Issue.Status.ACCEPTED, pressured_at=None)
        .filter(referrals=None)
        .exclude(disclosure=Issue.Disclosure.CONFIDENTIAL)
        .order_by("pk")
        .first()
    )
    if issue is None:
        return
    author = _let_director_approve(office)
    referral = actions.refer(
        issue,
        by=cast.coordinator,
        now=now - 3 * DAY,
        authority=office,
        due_on=workdays.calendar_of(OWN_PROVINCE).add(timezone.localdate(now), 15),
        note=ASK,
    )
    actions.hand_over(referral, on=timezone.localdate(now - 3 * DAY), now=now - 3 * DAY)
    actions.respond(
        referral, by=author, now=now - HOUR, client_key=_key("draft for the director"), text=DRAFT
    )


def _let_director_approve(office: Authority) -> User:
    """The official whose account is shown approves; answers a second one who writes."""
    director = RoleAssignment.objects.current().get(role=Role.OFFICIAL, authority=office)
    author = User.objects.create(
        username=f"office-{office.slug}",
        email=f"office-{office.slug}@vedika.example",
        title_km=f"មន្ត្រី{office.name_km}",
        title_en=f"Official of the {office.name_en}",
        password=make_password(None),
    )
    RoleAssignment.objects.create(user=author, role=Role.OFFICIAL, authority=office)
    administrator = User.objects.get(username="admin")
    set_approval(office, by=administrator, needs_approval=True, directors=[director])
    office.refresh_from_db()
    return author


# --- a mail that failed ---------------------------------------------------------------------------
def _come_back(cast: Cast, now: dt.datetime) -> None:
    """What a district was sent did not arrive: its address takes no mail."""
    late = open_referrals(authority__kind=Authority.Kind.DISTRICT)
    contacts = ContactPoint.objects.filter(channel=ContactPoint.Channel.EMAIL)
    for one in late[-1:]:
        contact = contacts.get(authority=one.authority)
        _refuse(one, f"contact:{contact.pk}", contact.value, now - 2 * HOUR)


def _refuse(referral: Referral, recipient: str, address: str, at: dt.datetime) -> None:
    message = written_to(referral, recipient, address, at, Message.State.FAILED)
    Attempt.objects.create(
        message=message,
        claim_token=_key(f"try {address}"),
        began_at=at,
        ended_at=at,
        outcome=Attempt.Outcome.REFUSED,
        code="550",
        text="5.1.1 User unknown",
    )
    falling_back.mark(message, "550", at)


def written_to(
    referral: Referral, recipient: str, address: str, at: dt.datetime, state: str
) -> Message:
    """The first message of a referral to one of its office, and what became of it."""
    notice = Notice.objects.create(
        subject=subject_of(referral),
        kind="first_referral",
        recipient=recipient,
        province_id=referral.issue.province_id,
        due_at=at,
    )
    message = Message.objects.create(
        recipient=recipient,
        channel=Channel.EMAIL,
        kind=notice.kind,
        day=timezone.localdate(at),
        address=address,
        language="km",
        **packing.words(notice, "km"),
        message_id=packing.message_id(notice),
        state=state,
        created_at=at,
        expires_at=at + 7 * DAY,
        tries=1,
    )
    Notice.objects.filter(pk=notice.pk).update(state=state, message=message)
    return message


# --- telephone and paper --------------------------------------------------------------------------
def _call(cast: Cast, now: dt.datetime) -> None:
    """An office that is late said on the telephone yesterday when to call again."""
    for late in open_referrals(due_on__lt=timezone.localdate(now))[:1]:
        actions.record_call(
            late,
            by=cast.coordinator,
            now=now - DAY,
            client_key=_key("call"),
            outcome=Call.Outcome.CALL_BACK,
            spoke_to=SPOKE_TO,
            note=PROMISED,
            again_on=timezone.localdate(now),
        )


def _write(cast: Cast, now: dt.datetime) -> None:
    """A report that a department sent on paper, in the register of letters."""
    for late in open_referrals(authority__slug=OWN_OFFICE)[:1]:
        actions.take_in_letter(
            actions.Incoming(
                province=late.issue.province,
                on=timezone.localdate(now - DAY),
                subject=REPORT,
                number="០៤៧ ស.ជ.ណ",
                authority=late.authority,
                receiver=RECEIVER,
                issue=late.issue,
                referral=late,
            ),
            by=cast.coordinator,
            now=now,
            client_key=_key("report on paper"),
        )
