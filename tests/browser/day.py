"""A session's day and after it, beside a scene: what is prepared, decided, written and signed."""

import uuid
from dataclasses import dataclass

from audit import clock
from forum.models import Session
from issues import actions
from issues.models import AgendaItem, Issue, Screen
from minutes.models import Minutes
from tests.browser.scene import LONG, Scene
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    InvitationFactory,
    OutcomeFactory,
    PresidingFactory,
    ReferralFactory,
    SessionFactory,
    ago,
    issue_in,
)
from tests.factories_more import (
    AmendmentFactory,
    ApprovalFactory,
    MinutesCommentFactory,
    MinutesFactory,
    PassageFactory,
    PreparedReplyFactory,
)

SAID = "មន្ទីរនឹងជួសជុលផ្លូវមុនរដូវវស្សា ហើយនឹងរាយការណ៍ជូនសមាគមជារៀងរាល់ខែ។"
TITLE = "អភិបាលរងខេត្តមណ្ឌលគិរី"


@dataclass(frozen=True)
class Day:
    """The room's key, a session as its minutes stand in each state, and comments on them."""

    room: str
    held: dict[str, Session]
    item: AgendaItem
    comment: int
    code: str


def make_day(scene: Scene, language: str) -> Day:
    """The session ahead is prepared, one is running, and four are held: with minutes or none."""
    _prepare(scene)
    room = _run(scene)
    held = {state: _hold(scene) for state in ("draft", *Minutes.Status.values)}
    commented = MinutesFactory(session=held["for_comment"], status="for_comment")
    item = held["for_comment"].agenda_items.filter(issue__isnull=False).first()
    comment = _comment(commented, item, scene)
    drafted = MinutesFactory(session=held["draft"])
    PassageFactory(minutes=drafted, language=language, text=SAID)
    _sign(held["approved"], "approved")
    published = _sign(held["published"], "published")
    return Day(room, held, item, comment.pk, published.code)


def _prepare(scene) -> None:
    """A heading, the office expected with its reply ready, and the agenda sent once."""
    session = scene.ahead
    AgendaItemFactory(session=session, issue=None, title="វិស័យដីធ្លី", is_heading=True, minutes=0)
    item = session.agenda_items.get(issue=scene.issues["scheduled"])
    item.expected.add(scene.office)
    PreparedReplyFactory(item=item, authority=scene.office, text=SAID, title=TITLE)
    by, key = scene.people["coordinator"], uuid.uuid4()
    actions.send_pack(session, by=by, now=clock.now(), client_key=key)


def _run(scene) -> str:
    """An item is recorded and shown, the next one has begun: what hangs before the room."""
    session, by = scene.running, scene.people["coordinator"]
    actions.open_floor(session, now=clock.now())
    item = _turn(scene, session, "addressed")
    type(item.outcome).objects.update(shown_at=clock.now())
    actions.start(item, by=by, now=clock.now())
    return Screen.objects.get(session=session).key


def _hold(scene) -> Session:
    """Released yesterday: a public issue, a confidential one, a point; who presided and came."""
    session = SessionFactory(
        forum=scene.ahead.forum,
        province=scene.province,
        starts_at=ago(1),
        status=Session.Status.RELEASED,
    )
    for role in ("chair", "co_presider"):
        PresidingFactory(session=session, role=role, presider__province=scene.province)
    for party in ({"organization": scene.organization}, {"authority": scene.office}):
        InvitationFactory(session=session, **party)
        AttendanceFactory(session=session, total=5, women=3, **party)
    AgendaItemFactory(session=session, issue=None, title="ពាក្យស្វាគមន៍")
    _turn(scene, session, "referred", disclosure=Issue.Disclosure.PUBLIC, published_at=ago(2))
    _turn(scene, session, "noted", disclosure=Issue.Disclosure.CONFIDENTIAL)
    return session


def _turn(scene, session, kind, **fields) -> AgendaItem:
    """An issue's turn with what was recorded of it."""
    issue = issue_in(
        "accepted",
        title=LONG,
        text=LONG,
        language="km",
        theme=scene.issues["accepted"].theme,
        organization=scene.organization,
        author=scene.people["representative"],
        **fields,
    )
    item = AgendaItemFactory(session=session, issue=issue)
    outcome = OutcomeFactory(item=item, kind=kind, text=SAID, commitment=SAID, said_by=TITLE)
    if kind == "referred":
        ReferralFactory(issue=issue, authority=scene.office, outcome=outcome, note=SAID)
    return item


def _comment(minutes, item, scene):
    """One waits for its answer, which is returned, and one has it."""
    mine = {"organization": scene.organization, "by": scene.people["representative"], "text": SAID}
    answered = {
        "answered_at": clock.now(),
        "answered_by": scene.people["coordinator"],
        "answer": SAID,
        "is_taken_up": True,
    }
    MinutesCommentFactory(minutes=minutes, kind="discussion", item=item, **mine, **answered)
    return MinutesCommentFactory(minutes=minutes, **mine)


def _sign(session, status) -> Minutes:
    """Approved with both signatures, and corrected once since."""
    minutes = MinutesFactory(session=session, status=status)
    for role in ("chair", "co_presider"):
        ApprovalFactory(minutes=minutes, role=role, name="ហត្ថលេខី", title=TITLE)
    AmendmentFactory(minutes=minutes, text_km=SAID, text_en="", reason=SAID)
    return minutes
