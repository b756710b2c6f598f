"""One factory a model, valid under every constraint; and builders of roles and of issues."""

import datetime as dt
import itertools
import secrets
import uuid
from functools import cache

import factory
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from accounts.models import Organization, Role, RoleAssignment, User
from audit import clock
from audit.models import AuditEntry
from forum.models import (
    Attendance,
    Entry,
    Forum,
    Invitation,
    Presider,
    Presiding,
    Programme,
    Session,
    Venue,
)
from issues.models import (
    AgendaItem,
    Call,
    Concern,
    Confirmation,
    Evidence,
    Interval,
    Issue,
    Outcome,
    ProtectedPart,
    Referral,
    Response,
)
from khmer import sorting
from outbox.models import Attempt, Channel, Heartbeat, Message, Notice
from provinces.models import Authority, ContactPoint, Holiday, Locality, Province, Theme

PASSWORD = "vedika-demo"
DAY = dt.timedelta(days=1)
NAMES = {
    "11": ("មណ្ឌលគិរី", "Mondulkiri"),
    "12": ("ភ្នំពេញ", "Phnom Penh"),
    "16": ("រតនគិរី", "Ratanakkiri"),
    "19": ("ស្ទឹងត្រែង", "Stung Treng"),
}
KINDS = {4: Locality.Kind.SROK, 6: Locality.Kind.KHUM, 8: Locality.Kind.PHUM}


@cache
def hashed_password() -> str:
    """``PASSWORD`` as it is stored; made once, since hashing is slow on purpose."""
    return make_password(PASSWORD)


def ago(days):
    """A moment so many days ago."""
    return clock.now() - days * DAY


class NamedFactory(DjangoModelFactory):
    """Names that differ, and the sort key that belongs to them."""

    class Meta:
        abstract = True

    name_km = factory.Sequence(lambda n: f"ឈ្មោះ {n}")
    name_en = factory.Sequence(lambda n: f"Name {n}")
    sort_key = factory.LazyAttribute(lambda made: sorting.sort_key(made.name_km))


# --- provinces ----------------------------------------------------------------------------------
class ThemeFactory(NamedFactory):
    class Meta:
        model = Theme
        django_get_or_create = ["code"]

    code = "land"


class ProvinceFactory(NamedFactory):
    """Mondulkiri, unless another ``code`` is given."""

    class Meta:
        model = Province
        django_get_or_create = ["code"]

    code = "11"
    name_km = factory.LazyAttribute(lambda made: NAMES.get(made.code, (f"ខេត្ត {made.code}",))[0])
    name_en = factory.LazyAttribute(lambda made: NAMES.get(made.code, (f"P{made.code}",))[-1])


class LocalityFactory(NamedFactory):
    """A district, commune or village, as the length of ``code`` says, with all above it."""

    class Meta:
        model = Locality
        django_get_or_create = ["code"]

    code = "110101"
    level = factory.LazyAttribute(lambda made: len(made.code))
    kind = factory.LazyAttribute(lambda made: KINDS[len(made.code)])
    province = factory.LazyAttribute(lambda made: ProvinceFactory(code=made.code[:2]))
    parent = factory.LazyAttribute(
        lambda made: LocalityFactory(code=made.code[:-2]) if len(made.code) > 4 else None
    )


class AuthorityFactory(NamedFactory):
    """A department of Mondulkiri; with ``ministry=True`` a ministry of no province."""

    class Meta:
        model = Authority

    class Params:
        ministry = factory.Trait(kind=Authority.Kind.MINISTRY, province=None)

    slug = factory.Sequence(lambda n: f"authority-{n}")
    kind = Authority.Kind.DEPARTMENT
    province = factory.SubFactory(ProvinceFactory)


class ContactPointFactory(DjangoModelFactory):
    class Meta:
        model = ContactPoint

    authority = factory.SubFactory(AuthorityFactory)
    channel = ContactPoint.Channel.EMAIL
    value = factory.Sequence(lambda n: f"office{n}@vedika.example")


class HolidayFactory(DjangoModelFactory):
    """A day on which all offices are closed, unless a ``province`` is given."""

    class Meta:
        model = Holiday

    date = factory.Sequence(lambda n: dt.date(2030, 1, 1) + n * DAY)
    name_km = "ថ្ងៃឈប់សម្រាក"
    name_en = "Holiday"
    source = "a test"


# --- accounts -----------------------------------------------------------------------------------
class OrganizationFactory(NamedFactory):
    """An NGO of Mondulkiri, unless ``provinces=[…]`` are given."""

    class Meta:
        model = Organization
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"organization-{n}")
    kind = Organization.Kind.NGO

    @factory.post_generation
    def provinces(self, create, extracted, **kwargs):
        self.provinces.set([ProvinceFactory()] if extracted is None else extracted)


class UserFactory(DjangoModelFactory):
    """A person without any role, whose password is ``PASSWORD``."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    title_km = factory.Sequence(lambda n: f"មន្ត្រី {n}")
    title_en = factory.Sequence(lambda n: f"Person {n}")
    email = factory.LazyAttribute(lambda made: f"{made.username}@vedika.example")
    password = factory.LazyFunction(hashed_password)


class RoleAssignmentFactory(DjangoModelFactory):
    class Meta:
        model = RoleAssignment

    user = factory.SubFactory(UserFactory)
    role = Role.ADMINISTRATOR


def administrator(**person) -> User:
    """A new administrator."""
    return RoleAssignmentFactory(user=UserFactory(**person), role=Role.ADMINISTRATOR).user


def coordinator_of(province: Province | None, **person) -> User:
    """A new coordinator of the province; of all provinces for ``None``."""
    person = UserFactory(**person)
    return RoleAssignmentFactory(user=person, role=Role.COORDINATOR, province=province).user


def official_of(authority: Authority, **person) -> User:
    """A new official of the authority."""
    person = UserFactory(**person)
    return RoleAssignmentFactory(user=person, role=Role.OFFICIAL, authority=authority).user


def representative_of(organization: Organization, **person) -> User:
    """A new representative of the organization."""
    person = UserFactory(**person)
    return RoleAssignmentFactory(
        user=person, role=Role.REPRESENTATIVE, organization=organization
    ).user


class AuditEntryFactory(DjangoModelFactory):
    class Meta:
        model = AuditEntry

    action = "issue.accept"
    subject = "issue:1"


# --- forum --------------------------------------------------------------------------------------
class ForumFactory(DjangoModelFactory):
    """A forum of three days in Mondulkiri, unless ``provinces=[…]`` are given."""

    class Meta:
        model = Forum
        skip_postgeneration_save = True

    name_km = factory.Sequence(lambda n: f"វេទិកា {n}")
    name_en = factory.Sequence(lambda n: f"Forum {n}")
    starts_on = factory.LazyFunction(lambda: clock.today() + 30 * DAY)
    ends_on = factory.LazyAttribute(lambda made: made.starts_on + 2 * DAY)
    client_key = factory.LazyFunction(uuid.uuid4)

    @factory.post_generation
    def provinces(self, create, extracted, **kwargs):
        self.provinces.set([ProvinceFactory()] if extracted is None else extracted)


class VenueFactory(DjangoModelFactory):
    class Meta:
        model = Venue
        django_get_or_create = ["province", "name_km"]

    province = factory.SubFactory(ProvinceFactory)
    name_km = "សាលាខេត្ត"
    name_en = "Provincial hall"


class SessionFactory(DjangoModelFactory):
    """A planned session of four hours in 30 days; with ``published_at=…`` it is published so."""

    class Meta:
        model = Session
        skip_postgeneration_save = True

    forum = factory.SubFactory(ForumFactory)
    province = factory.SubFactory(ProvinceFactory)
    starts_at = factory.LazyFunction(lambda: ago(-30))
    ends_at = factory.LazyAttribute(lambda made: made.starts_at + dt.timedelta(hours=4))
    venue = factory.LazyAttribute(lambda made: VenueFactory(province=made.province))
    client_key = factory.LazyFunction(uuid.uuid4)
    released_at = factory.LazyAttribute(
        lambda made: made.ends_at if made.status == Session.Status.RELEASED else None
    )
    status = Session.Status.PLANNED
    cancelled_because = factory.LazyAttribute(
        lambda made: "The road is under water." if made.status == Session.Status.CANCELLED else ""
    )

    @classmethod
    def _create(cls, model_class, *args, published_at=None, **kwargs):
        session = model_class.objects.create(*args, **kwargs)
        return announced(session, published_at) if published_at else session


def announced(session: Session, at: dt.datetime | None = None) -> Session:
    """The session, published as it stands."""
    at = at or clock.now()
    number = session.forum.programmes.count() + 1
    programme = Programme.objects.create(forum=session.forum, number=number, published_at=at)
    session.sequence += 1
    session.announced = Entry.objects.create(
        programme=programme,
        session=session,
        sequence=session.sequence,
        change=Entry.Change.MOVED if session.announced_id else Entry.Change.NEW,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        venue=session.venue,
        is_cancelled=session.status == Session.Status.CANCELLED,
        because=session.cancelled_because,
    )
    session.published_at = session.published_at or at
    session.save()
    return session


class PresiderFactory(DjangoModelFactory):
    class Meta:
        model = Presider

    title_km = factory.Sequence(lambda n: f"អភិបាលរង {n}")
    title_en = factory.Sequence(lambda n: f"Deputy governor {n}")
    province = factory.SubFactory(ProvinceFactory)


class PresidingFactory(DjangoModelFactory):
    """The times are the session's: the database refuses any other."""

    class Meta:
        model = Presiding

    session = factory.SubFactory(SessionFactory)
    presider = factory.SubFactory(PresiderFactory)
    role = Presiding.Role.CO_PRESIDER
    starts_at = factory.SelfAttribute("session.starts_at")
    ends_at = factory.SelfAttribute("session.ends_at")


class InvitationFactory(DjangoModelFactory):
    """Of an organization; with ``authority=…`` of that authority; ``released_at=None``: a draft."""

    class Meta:
        model = Invitation

    session = factory.SubFactory(SessionFactory)
    authority = None
    organization = factory.Maybe(
        "authority", yes_declaration=None, no_declaration=factory.SubFactory(OrganizationFactory)
    )
    released_at = factory.LazyFunction(lambda: ago(1))
    status = Invitation.Status.PENDING
    answered_at = factory.LazyAttribute(
        lambda made: None if made.status == Invitation.Status.PENDING else clock.now()
    )
    answered_sequence = factory.LazyAttribute(
        lambda made: 0 if made.status == Invitation.Status.PENDING else made.session.sequence
    )


class AttendanceFactory(DjangoModelFactory):
    """Of an organization; with ``authority=…`` of that authority."""

    class Meta:
        model = Attendance

    session = factory.SubFactory(SessionFactory)
    authority = None
    organization = factory.Maybe(
        "authority", yes_declaration=None, no_declaration=factory.SubFactory(OrganizationFactory)
    )
    total = 5
    women = 3


# --- issues -------------------------------------------------------------------------------------
class IssueFactory(DjangoModelFactory):
    """A draft; ``issue_in`` makes issues of every other state, with the rows that belong to it."""

    class Meta:
        model = Issue

    client_key = factory.LazyFunction(uuid.uuid4)
    title = factory.Sequence(lambda n: f"ផ្លូវចូលភូមិខូច {n}")
    text = "ផ្លូវចូលភូមិត្រូវបានកាត់ផ្ដាច់នៅរដូវវស្សា។"
    language = "km"
    theme = factory.SubFactory(ThemeFactory)
    province = factory.SubFactory(ProvinceFactory)
    commune = factory.LazyAttribute(lambda made: LocalityFactory(code=f"{made.province.code}0101"))
    organization = factory.LazyAttribute(
        lambda made: OrganizationFactory(provinces=[made.province])
    )
    author = factory.LazyAttribute(lambda made: representative_of(made.organization))
    people = 120
    women = 64
    created_at = factory.LazyFunction(lambda: ago(20))

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        issue = model_class(*args, **kwargs)
        if issue.status != Issue.Status.DRAFT and not issue.tracking_code:
            issue.tracking_code = f"{secrets.randbelow(10**12):012d}"
        if issue.follows and not issue.link:
            issue.link = Issue.Link.REMAINDER
            issue.root_id = issue.follows.root_id or issue.follows.pk
        issue.write_index()
        issue.save()
        return issue


class ProtectedPartFactory(DjangoModelFactory):
    class Meta:
        model = ProtectedPart

    issue = factory.SubFactory(IssueFactory)
    sealed = b"sealed"


class ConcernFactory(DjangoModelFactory):
    class Meta:
        model = Concern

    issue = factory.SubFactory(IssueFactory)
    authority = factory.SubFactory(AuthorityFactory)


class IntervalFactory(DjangoModelFactory):
    class Meta:
        model = Interval

    issue = factory.SubFactory(IssueFactory)
    status = factory.SelfAttribute("issue.status")
    entered_at = factory.SelfAttribute("issue.created_at")


class AgendaItemFactory(DjangoModelFactory):
    """An issue's turn, last in its session; with ``issue=None`` a point with a ``title``."""

    class Meta:
        model = AgendaItem

    issue = factory.LazyFunction(lambda: issue_in("accepted"))
    session = factory.LazyAttribute(lambda made: _session_for(made.issue))
    title = factory.LazyAttribute(lambda made: "" if made.issue else "Opening")
    position = factory.LazyAttribute(lambda made: made.session.agenda_items.count() + 1)


class OutcomeFactory(DjangoModelFactory):
    class Meta:
        model = Outcome

    item = factory.SubFactory(AgendaItemFactory)
    kind = Outcome.Kind.NOTED
    text = "The administration will look into it."
    said_by = "Deputy governor"
    recorded_by = factory.LazyAttribute(lambda made: coordinator_of(made.item.session.province))
    recorded_at = factory.LazyFunction(clock.now)


class ReferralFactory(DjangoModelFactory):
    """An open lead referral, handed over when it was made."""

    class Meta:
        model = Referral

    issue = factory.LazyFunction(lambda: issue_in("accepted"))
    authority = factory.LazyAttribute(lambda made: AuthorityFactory(province=made.issue.province))
    referred_at = factory.LazyFunction(lambda: ago(10))
    referred_by = factory.LazyAttribute(lambda made: coordinator_of(made.issue.province))
    note = "Please repair the road before the rains."
    days = 20
    wanted_on = factory.LazyFunction(lambda: clock.today() + 18 * DAY)
    released_at = factory.SelfAttribute("referred_at")
    handed_over_on = factory.LazyAttribute(
        lambda made: made.released_at.date() if made.released_at else None
    )
    due_on = factory.LazyAttribute(lambda made: made.wanted_on if made.handed_over_on else None)
    ended_as = ""
    ended_at = factory.LazyAttribute(lambda made: clock.now() if made.ended_as else None)


class ResponseFactory(DjangoModelFactory):
    class Meta:
        model = Response

    client_key = factory.LazyFunction(uuid.uuid4)
    referral = factory.SubFactory(ReferralFactory)
    kind = Response.Kind.ANSWER
    text = "A team will visit the village."
    done_on = factory.LazyAttribute(
        lambda made: clock.today() - DAY if made.kind == Response.Kind.CLAIM else None
    )
    by = factory.LazyAttribute(lambda made: official_of(made.referral.authority))
    title = factory.LazyAttribute(lambda made: made.by.title_en)
    created_at = factory.LazyFunction(clock.now)


class CallFactory(DjangoModelFactory):
    class Meta:
        model = Call

    client_key = factory.LazyFunction(uuid.uuid4)
    referral = factory.SubFactory(ReferralFactory)
    by = factory.LazyAttribute(
        lambda made: coordinator_of((made.issue or made.referral.issue).province)
    )
    issue = None
    called_at = factory.LazyFunction(clock.now)
    outcome = Call.Outcome.SPOKE


class ConfirmationFactory(DjangoModelFactory):
    class Meta:
        model = Confirmation

    issue = factory.LazyFunction(lambda: issue_in("resolved"))
    claim = factory.SelfAttribute("issue.claims")
    verdict = Confirmation.Verdict.SOLVED
    reason = factory.LazyAttribute(
        lambda made: "" if made.verdict == Confirmation.Verdict.SOLVED else "It is still there."
    )
    by = factory.LazyAttribute(lambda made: representative_of(made.issue.organization))
    created_at = factory.LazyFunction(clock.now)


class EvidenceFactory(DjangoModelFactory):
    """A tiny file in the storage of uploads: use it under a temporary ``MEDIA_ROOT``."""

    class Meta:
        model = Evidence

    key = factory.LazyFunction(uuid.uuid4)
    issue = factory.SubFactory(IssueFactory)
    kind = Evidence.Kind.PDF
    file = factory.LazyFunction(lambda: ContentFile(b"%PDF-1.4", name="file"))
    size = 8
    digest = factory.LazyAttribute(lambda made: made.key.hex * 2)
    added_by = factory.SelfAttribute("issue.author")
    added_at = factory.LazyFunction(clock.now)


ROUTES = {
    "draft": [],
    "submitted": ["submitted"],
    "returned": ["submitted", "returned"],
    "accepted": ["submitted", "accepted"],
    "scheduled": ["submitted", "accepted", "scheduled"],
    "referred": ["submitted", "accepted", "referred"],
    "resolved": ["submitted", "accepted", "referred", "resolved"],
    "closed": ["submitted", "accepted", "referred", "resolved", "closed"],
}
CLOSED_UNSOLVED = {Issue.Closing.DECLINED, Issue.Closing.WITHDRAWN, Issue.Closing.MERGED}
NUMBERS = itertools.count(1)


def issue_in(status, *, authority=None, session=None, **fields) -> Issue:
    """An issue in that state, with reference, times, intervals and the rows that belong to it.

    Begun 20 days ago, it changed its state every second day. A scheduled one stands on the
    agenda of ``session``; one that was referred has a lead referral to ``authority``, a resolved
    one its claim too, a closed one its confirmation (``closed_as="declined"`` and so on: none).
    """
    status = str(status)
    route = ROUTES[status]
    if fields.get("closed_as") in CLOSED_UNSOLVED:
        route = ["submitted", "accepted", "closed"]
    issue = IssueFactory(**_facts_of(status, route) | fields)
    _add_intervals(issue, ["draft", *route])
    if status == "scheduled":
        AgendaItemFactory(issue=issue, session=session or _session_for(issue))
    if "referred" in route:
        _add_referral(issue, route, authority)
    return issue


def _facts_of(status, route):
    facts = {"status": status}
    if route:
        facts["submitted_at"] = _entered(0)
        facts["reference"] = factory.LazyAttribute(
            lambda made: f"{made.province.code}-2026-{next(NUMBERS):04}"
        )
    if "resolved" in route:
        facts |= {"resolved_at": _entered(route.index("resolved")), "claims": 1}
    if status == "closed":
        closed_at = _entered(route.index("closed"))
        facts |= {"closed_at": closed_at, "closed_as": Issue.Closing.CONFIRMED}
    if status == "returned":
        facts["question"] = "In which village is it?"
    return facts


def _entered(step):
    """When the so-manieth state after draft was entered."""
    return ago(18 - 2 * step)


def _add_intervals(issue, states):
    moments = [issue.created_at, *map(_entered, range(len(states) - 1)), None]
    for state, entered_at, left_at in zip(states, moments, moments[1:], strict=False):
        IntervalFactory(issue=issue, status=state, entered_at=entered_at, left_at=left_at)


def _session_for(issue):
    province = issue.province if issue else ProvinceFactory()
    return SessionFactory(province=province, forum__provinces=[province])


def _add_referral(issue, route, authority):
    resolved = "resolved" in route
    referral = ReferralFactory(
        issue=issue,
        authority=authority or AuthorityFactory(province=issue.province),
        referred_at=_entered(route.index("referred")),
        ended_at=issue.resolved_at,
        ended_as=Referral.Ending.RESOLVED if resolved else "",
    )
    if resolved:
        ResponseFactory(referral=referral, kind=Response.Kind.CLAIM, created_at=issue.resolved_at)
    if issue.closed_as == Issue.Closing.CONFIRMED:
        ConfirmationFactory(issue=issue, created_at=issue.closed_at)


# --- outbox -------------------------------------------------------------------------------------
class NoticeFactory(DjangoModelFactory):
    """A planned notice that is due; one in a state past planning gets its message."""

    class Meta:
        model = Notice

    subject = factory.Sequence(lambda n: f"referral:{n}")
    kind = "referral"
    recipient = factory.Sequence(lambda n: f"user:{n}")
    province = factory.SubFactory(ProvinceFactory)
    state = Notice.State.PLANNED
    due_at = factory.LazyFunction(clock.now)
    message = factory.LazyAttribute(
        lambda made: (
            None
            if made.state in UNSENT
            else MessageFactory(recipient=made.recipient, state=made.state)
        )
    )


UNSENT = {
    Notice.State.PREPARED,
    Notice.State.PLANNED,
    Notice.State.HELD,
    Notice.State.CANCELLED,
    Notice.State.SKIPPED,
    Notice.State.FAILED,
}


class MessageFactory(DjangoModelFactory):
    """Queued and ready to go; leased while ``state="sending"``."""

    class Meta:
        model = Message

    recipient = factory.Sequence(lambda n: f"user:{n}")
    channel = Channel.EMAIL
    kind = "referral"
    day = factory.LazyFunction(clock.today)
    address = factory.Sequence(lambda n: f"reader{n}@vedika.example")
    language = "en"
    subject = "A request for your office"
    body = "Please see what is asked of your office."
    message_id = factory.Sequence(lambda n: f"<{n}@vedika.example>")
    state = Message.State.QUEUED
    created_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyAttribute(lambda made: made.created_at + 14 * DAY)
    next_try_at = factory.SelfAttribute("created_at")
    claim_token = factory.LazyAttribute(
        lambda made: uuid.uuid4() if made.state == Message.State.SENDING else None
    )
    lease_until = factory.LazyAttribute(
        lambda made: made.created_at + DAY / 24 if made.claim_token else None
    )


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = Attempt

    message = factory.SubFactory(MessageFactory)
    claim_token = factory.LazyFunction(uuid.uuid4)
    began_at = factory.LazyFunction(clock.now)
    outcome = Attempt.Outcome.BEGUN
    ended_at = factory.LazyAttribute(
        lambda made: None if made.outcome == Attempt.Outcome.BEGUN else made.began_at
    )


class HeartbeatFactory(DjangoModelFactory):
    class Meta:
        model = Heartbeat
        django_get_or_create = ["name"]

    name = "plan"
    ran_at = factory.LazyFunction(clock.now)
