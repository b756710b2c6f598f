"""What people of every role find on their pages: each state of an issue, long names, all dates."""

from dataclasses import dataclass

from accounts.models import Organization, User
from audit import clock
from forum.models import Session
from issues.models import Issue, Referral, Response
from outbox.models import Notice
from provinces.models import Authority, Province
from reminders.actions import seed_policy
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AttendanceFactory,
    AuthorityFactory,
    ContactPointFactory,
    ForumFactory,
    InvitationFactory,
    LocalityFactory,
    NoticeFactory,
    OrganizationFactory,
    PresidingFactory,
    ProvinceFactory,
    SessionFactory,
    ThemeFactory,
    administrator,
    ago,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

LONG = "ផ្លូវលំចូលភូមិត្រូវបានកាត់ផ្ដាច់នៅរដូវវស្សាសិស្សានុសិស្សមិនអាចទៅសាលារៀនបានអស់រយៈពេលបីខែ"
OFFICE = (
    "មន្ទីររៀបចំដែនដីនគរូបនីយកម្មសំណង់និងសុរិយោដីខេត្តមណ្ឌលគិរី",
    "Department of Land Management, Urban Planning, Construction and Cadastre of Mondulkiri",
)
STATES = ("submitted", "returned", "accepted", "scheduled", "referred", "resolved", "closed")


@dataclass(frozen=True)
class Scene:
    """The people, and one row of everything that has a page."""

    province: Province
    organization: Organization
    office: Authority
    superior: Authority
    people: dict[str, User]
    ahead: Session
    running: Session
    issues: dict[str, Issue]
    late: Referral
    notice: Notice


def make_scene(language: str) -> Scene:
    """Mondulkiri on an ordinary day, with everybody reading ``language``."""
    seed_policy()
    province = ProvinceFactory()
    for code in ("11010101", "110102", "110201"):
        LocalityFactory(code=code)
    organization = OrganizationFactory(name_km="សមាគមទឹកស្អាត", provinces=[province])
    superior = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION, province=province)
    office = AuthorityFactory(
        name_km=OFFICE[0], name_en=OFFICE[1], province=province, superior=superior
    )
    ContactPointFactory(authority=office, channel="phone", value="000 000 001")
    people = {
        "coordinator": coordinator_of(province, language=language),
        "official": official_of(office, language=language),
        "representative": representative_of(organization, language=language),
        "administrator": administrator(language=language),
    }
    ahead, running = _sessions(province, organization, office)
    issues = _issues(people["representative"], organization, office, ahead)
    _put_on_agenda(running)
    say_it_in_khmer()
    late = _make_late(issues["referred"])
    notice = NoticeFactory(
        subject=f"referral:{late.pk}",
        kind="first_referral",
        recipient=f"user:{people['official'].pk}",
        province=province,
        state=Notice.State.SENT,
    )
    return Scene(
        province, organization, office, superior, people, ahead, running, issues, late, notice
    )


def _sessions(province, organization, office) -> tuple[Session, Session]:
    """One in twelve days, invited; one that runs today."""
    forum = ForumFactory(provinces=[province], starts_on=clock.today())
    ahead = SessionFactory(
        forum=forum, province=province, starts_at=ago(-12), published_at=clock.now()
    )
    running = SessionFactory(
        forum=forum,
        province=province,
        starts_at=clock.now() - DAY / 24,
        status=Session.Status.OPEN,
        published_at=clock.now(),
    )
    PresidingFactory(session=ahead)
    InvitationFactory(session=ahead, organization=organization)
    InvitationFactory(session=ahead, authority=office)
    InvitationFactory(session=running, organization=organization, status="accepted")
    AttendanceFactory(session=running, organization=organization)
    return ahead, running


def _issues(author, organization, office, ahead) -> dict[str, Issue]:
    """One of each state and one that everybody may read."""
    common = {
        "title": LONG,
        "theme": ThemeFactory(name_km="ដីធ្លី", name_en="Land"),
        "organization": organization,
        "author": author,
        "language": "km",
    }
    made = {state: issue_in(state, authority=office, session=ahead, **common) for state in STATES}
    made["draft"] = issue_in("draft", **common)
    made["public"] = issue_in(
        "closed",
        authority=office,
        disclosure=Issue.Disclosure.PUBLIC,
        published_at=clock.now(),
        **common,
    )
    return made


def _put_on_agenda(running) -> None:
    AgendaItemFactory(session=running, issue=None, title="ពាក្យស្វាគមន៍")
    issue_in("scheduled", session=running)


def say_it_in_khmer() -> None:
    """What people typed, so that only our own words may be English."""
    Issue.objects.filter(status="returned").update(question="តើនៅភូមិណា?")
    Referral.objects.update(note="សូមជួសជុលផ្លូវមុនរដូវវស្សា។")
    Response.objects.update(text="ក្រុមការងារនឹងចុះទៅភូមិ។")


def _make_late(issue) -> Referral:
    """Its date passed four days ago."""
    referral = issue.referrals.get()
    referral.wanted_on = referral.due_on = clock.today() - 4 * DAY
    referral.save(update_fields=["wanted_on", "due_on"])
    return referral
