"""The agendas of the demonstration's sessions: their sections, who presents, who answers."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from audit import clock
from config.demonstration.cast import Cast
from config.demonstration.outcomes import title_in
from config.demonstration.people import OWN_OFFICE
from config.demonstration.rounds import NAMESPACE
from forum.models import Session
from issues import actions
from issues.models import AgendaItem, Issue
from provinces.models import Authority

if TYPE_CHECKING:
    from config.demonstration.stories import Story

OPENING = "ការបើកអង្គប្រជុំ និងរបាយការណ៍វឌ្ឍនភាព"
REMARKS = "មតិផ្សេងៗ និងសេចក្ដីសន្និដ្ឋាន"
REVIEWS = "ការតាមដានបញ្ហាដែលបានប្រគល់ពីមុន"
FRESH = "បញ្ហាថ្មី"
# Section: the themes that belong to it.
SECTIONS = {
    "ដីធ្លី ធនធានធម្មជាតិ និងកសិកម្ម": {
        "land", "indigenous", "forest", "environment", "agri", "fish",
    },
    "ទឹកស្អាត ផ្លូវ និងអគ្គិសនី": {"water", "roads", "power"},
    "សេវាសាធារណៈ និងកិច្ចការសង្គម": {"health", "education", "services", "labour", "protection"},
}  # fmt: skip
MINUTES = (10, 8, 8, 5, 10)  # of issues, in turn
OVER = (-120, 35, 0, -60, 190)  # seconds that they took longer
VOICES = (2, 3, 1, 4, 0)  # of community members
# What the land department will say to an issue before it has come to the session.
REPLY = (
    "មន្ទីរបានពិនិត្យសំណុំរឿងនេះរួចហើយ។ ក្រុមការងារនឹងចុះវាស់ព្រំដីរួមជាមួយរដ្ឋបាលឃុំ និងសហគមន៍"
    " ក្នុងសប្ដាហ៍ទីពីរក្រោយអង្គប្រជុំ ហើយនឹងបិទផ្សាយលទ្ធផលនៅសាលាឃុំ។"
)


# --- what was held ------------------------------------------------------------------------------
def lay_out(cast: Cast, session: Session, stories: Sequence["Story"]) -> None:
    """Put what was discussed into sections, with who presented, who answered and how long."""
    rows = [_point(session, OPENING, 1, minutes=10)]
    turns: list[Story] = []
    for heading, themes in SECTIONS.items():
        under = [one for one in stories if one.row["theme"] in themes]
        if under:
            rows.append(_point(session, heading, len(rows) + len(turns) + 1))
        for story in under:
            turns.append(story)
            _speak(cast, story, len(rows) + len(turns))
    rows.append(_point(session, REMARKS, len(rows) + len(turns) + 1, minutes=5))
    AgendaItem.objects.bulk_update(
        [one.turn for one in turns],
        ["position", "minutes", "presenter", "spoke", "communities", "used_seconds"],
    )
    AgendaItem.objects.bulk_create(rows)
    link = AgendaItem.expected.through
    link.objects.bulk_create(
        link(agendaitem_id=one.turn.pk, authority_id=one.office.pk) for one in turns
    )


def _point(session: Session, title: str, position: int, *, minutes: int = 0) -> AgendaItem:
    """A titled point; a heading where it takes no time."""
    return AgendaItem(
        session=session,
        title=title,
        position=position,
        minutes=minutes,
        used_seconds=minutes * 60,
        is_heading=not minutes,
        client_key=uuid.uuid5(NAMESPACE, f"{session.client_key} {position}"),
    )


def _speak(cast: Cast, story: "Story", position: int) -> None:
    """Who presents is the raising organization alone where it agreed to be named."""
    item, turn = story.turn, position % len(MINUTES)
    item.position, item.minutes = position, MINUTES[turn]
    item.used_seconds = item.minutes * 60 + OVER[turn]
    is_named = story.issue.is_named and story.issue.disclosure == Issue.Disclosure.PUBLIC
    item.presenter = story.organization if is_named else None
    item.spoke, item.communities = title_in(story.office, "km"), VOICES[turn]


# --- what is planned ----------------------------------------------------------------------------
def plan(cast: Cast, sessions: dict[str, Session]) -> None:
    """Reviews first, then what is new; the first session's agenda was sent to those invited."""
    by, now = cast.coordinator, clock.now()
    for code, session in sessions.items():
        actions.take_up_reviews(session, now=now)
        _head(session)
        actions.suggest_voices(session, by=by)
        if code == next(iter(sessions)):
            _prepare(cast, session, now)
            actions.send_pack(
                session, by=by, now=now, client_key=uuid.uuid5(NAMESPACE, "agenda pack")
            )


def _head(session: Session) -> None:
    """An opening, a heading before the reviews and one before what is new, and remarks."""
    held = session.agenda_items.select_related("issue")
    groups = itertools.groupby(held, lambda one: one.issue.status == Issue.Status.REFERRED)
    parts: list[Iterable[AgendaItem]] = [[_point(session, OPENING, 1, minutes=10)]]
    for is_review, items in groups:
        parts += [[_point(session, REVIEWS if is_review else FRESH, 1)], list(items)]
    parts.append([_point(session, REMARKS, 1, minutes=10)])
    rows = list(itertools.chain.from_iterable(parts))
    for position, one in enumerate(rows, start=1):
        one.position, one.used_seconds = position, 0
        if one.pk is None:
            one.client_key = uuid.uuid5(NAMESPACE, f"{session.client_key} {position}")
    AgendaItem.objects.bulk_update([one for one in rows if one.pk], ["position"])
    AgendaItem.objects.bulk_create(one for one in rows if one.pk is None)


def _prepare(cast: Cast, session: Session, now: dt.datetime) -> None:
    """The office whose account is shown has its reply to one issue ready."""
    office = Authority.objects.get(slug=OWN_OFFICE)
    official = cast.official(office)
    item = session.agenda_items.filter(expected=office, issue__pressured_at=None).last()
    if official and item:
        actions.prepare_reply(
            item, authority=office, by=official, now=now, text=REPLY, title=title_in(office, "km")
        )
