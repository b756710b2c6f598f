import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from audit.errors import TransitionError
from audit.models import AuditEntry
from issues import actions, screen
from issues.models import Screen
from issues.screen import Card, Progress, Spent, Told
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    ReferralFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
)
from tests.issues.traces import NOW, trail

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def session():
    return SessionFactory(status="open", starts_at=NOW - dt.timedelta(hours=1))


def turn(session, *, runs=True, outcome=None, item=None, **fields):
    """An issue's turn, which runs since 90 seconds; with ``outcome={…}`` it has one."""
    made = issue_in("scheduled", session=session, **fields).agenda_items.get()
    made.started_at = NOW - 90 * SECOND if runs else None
    for name, value in (item or {}).items():
        setattr(made, name, value)
    made.save()
    if outcome is not None:
        OutcomeFactory(item=made, **outcome)
    return made


def point(session, title, **outcome):
    made = AgendaItemFactory(session=session, issue=None, title=title)
    if outcome:
        OutcomeFactory(item=made, **outcome)
    return made


def shown(session):
    return screen.showing(session, NOW)


# --- what the room is shown of a turn -------------------------------------------------------------
def test_screen_shows_title_place_time_and_the_outcome_once_it_is_shown(session):
    office = AuthorityFactory(name_en="Department of rural development")
    helper = AuthorityFactory(name_en="Commune council")
    made = turn(
        session,
        reference="11-2018-0042",
        title="ផ្លូវ",
        item={
            "minutes": 5,
            "used_seconds": 30,
            "presenter": OrganizationFactory(name_en="Forest network"),
        },
        outcome={
            "kind": "referred",
            "commitment": "The road is repaired before the rains.",
            "said_by": "Deputy governor",
            "said_office": office,
            "by_on": dt.date(2026, 12, 1),
        },
    )
    for authority, role in ((helper, "supporting"), (office, "lead")):
        ReferralFactory(issue=made.issue, outcome=made.outcome, authority=authority, role=role)

    plain = Card(
        number=1,
        label="ផ្លូវ",
        language="km",
        reference="11-2018-0042",
        place=screen.disclosed(made.issue, screen.Audience.ROOM).place,
        presenter="Forest network",
    )
    assert shown(session).current == plain
    assert "Mondulkiri" in plain.place
    assert shown(session).spent == Spent(
        allotted=300, before=30, used=120, since=screen.milliseconds(NOW - 90 * SECOND)
    )

    actions.show(made, by=coordinator_of(session.province), now=NOW)

    assert shown(session).current.outcome == Told(
        kind="referred",
        label="Referred",
        commitment="The road is repaired before the rains.",
        said_by="Deputy governor",
        offices=["Department of rural development", "Commune council"],
        by_on=dt.date(2026, 12, 1),
        review_on=None,
    )


def bare(number):
    return Card(number, "Shown by its number alone")


def test_screen_shows_by_number_alone_what_somebody_in_the_room_must_not_read(session):
    """Confidential, or concerning an office: both look the same, also once shown."""
    told = {"shown_at": NOW, "kind": "referred", "commitment": "Words", "said_by": "X"}
    common = {"session": session, "runs": False, "outcome": told}
    turn(reference="11-2018-0001", disclosure="confidential", **common)
    ConcernFactory(issue=turn(reference="11-2018-0002", **common).issue)
    turn(reference="11-2018-0003", **common)
    found = []
    for item in session.agenda_items.all():
        session.agenda_items.update(started_at=None)
        session.agenda_items.filter(pk=item.pk).update(started_at=NOW)
        found.append(shown(session).current)

    assert found[:2] == [bare(1), bare(2)]
    assert (found[2].reference, found[2].outcome.commitment) == ("11-2018-0003", "Words")
    assert shown(session).latest is None  # of the other two nothing was told
    assert shown(session).progress == Progress(addressed=0, referred=1, other=2, left=0)


def test_screen_shows_nothing_of_what_is_frozen_but_that_it_is_an_item(session):
    made = turn(session, title="Secret", reference="11-2018-0001", outcome={"shown_at": NOW})
    made.issue.pressured_at = NOW
    made.issue.save()

    assert shown(session).current == Card(1, "An item that is not shown at present")


@pytest.mark.parametrize(("is_named", "presenter"), [(False, ""), (True, "Village network")])
def test_screen_names_the_raising_organization_as_presenter_only_if_it_chose_so(
    session, is_named, presenter
):
    raiser = OrganizationFactory(name_en="Village network")
    turn(session, organization=raiser, is_named=is_named, item={"presenter": raiser})

    assert shown(session).current.presenter == presenter


# --- which turn -----------------------------------------------------------------------------------
def test_screen_follows_the_session_from_its_first_to_its_last_item(session):
    AgendaItemFactory(session=session, issue=None, title="Section", is_heading=True, minutes=0)
    names = ("Opening", "Anthem", "Remarks")
    opening, anthem, remarks = (point(session, name) for name in names)
    by = coordinator_of(session.province)

    def labels():
        found = shown(session)
        cards = (found.current, found.following, found.latest)
        return [card and card.label for card in cards]

    assert labels() == [None, "Opening", None]
    actions.start(opening, by=by, now=NOW)
    assert labels() == ["Opening", "Anthem", None]
    actions.note(opening, by=by, now=NOW)
    actions.stop(opening, by=by, now=NOW)
    assert labels() == ["Opening", "Anthem", None]
    actions.show(opening, by=by, now=NOW)
    actions.start(anthem, by=by, now=NOW)
    assert labels() == ["Anthem", "Remarks", "Opening"]
    actions.stop(anthem, by=by, now=NOW + 5 * SECOND)
    assert labels() == ["Anthem", "Remarks", "Opening"]  # interrupted, it is still the current one
    actions.start(remarks, by=by, now=NOW + 6 * SECOND)
    assert labels() == ["Remarks", "Anthem", "Opening"]  # passed over, not forgotten
    for one in (remarks, anthem):
        actions.note(one, by=by, now=NOW + 9 * SECOND)
    assert labels() == ["Remarks", None, "Opening"]
    assert shown(session).progress == Progress(addressed=0, referred=0, other=3, left=0)


def test_screen_counts_turns_by_their_outcome(session):
    for kind in ("addressed", "referred", "referred", "noted", "deferred"):
        point(session, "A point", kind=kind)
    point(session, "A point")

    progress = shown(session).progress

    assert (progress, progress.total) == (Progress(addressed=1, referred=2, other=2, left=1), 6)


@pytest.mark.parametrize(
    ("used", "texts"),
    [
        (0, {"main": "05:00", "used": "00:00", "allotted": "05:00"}),
        (301, {"main": "00:01", "used": "05:01", "allotted": "05:00"}),
        (6300, {"main": "100:00", "used": "105:00", "allotted": "05:00"}),
    ],
)
def test_time_is_written_as_a_stopwatch(used, texts):
    assert Spent(allotted=300, before=0, used=used, since=None).texts == texts


def test_screen_is_read_with_as_many_queries_for_one_item_as_for_ten(
    session, django_assert_num_queries
):
    InvitationFactory(session=session, authority=AuthorityFactory())

    def add(runs):
        made = turn(session, runs=runs, outcome={"kind": "referred", "shown_at": NOW})
        ReferralFactory(issue=made.issue, outcome=made.outcome)

    add(True)
    with django_assert_num_queries(3):
        shown(session)
    for _ in range(9):
        add(False)
    with django_assert_num_queries(3):
        shown(session)


# --- its address ----------------------------------------------------------------------------------
def test_renew_screen_makes_an_address_and_then_another_one(session):
    by = coordinator_of(session.province)

    first = actions.renew_screen(session, by=by, now=NOW).key
    second = actions.renew_screen(session, by=by, now=NOW).key

    assert first != second
    assert Screen.objects.get().key == second
    act = ("issue.renew_screen", f"session:{session.pk}", by, AuditEntry.Role.COORDINATOR, {})
    assert trail() == [act, act]


def test_renew_screen_is_refused_to_strangers_and_once_the_session_is_over(session):
    stranger = coordinator_of(ProvinceFactory(code="16"))
    with pytest.raises(PermissionDenied):
        actions.renew_screen(session, by=stranger, now=NOW)
    over = SessionFactory(status="released")
    by = coordinator_of(over.province)
    with pytest.raises(TransitionError):
        actions.renew_screen(over, by=by, now=NOW)
    assert not Screen.objects.exists()
