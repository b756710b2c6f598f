"""What each act changes, what it refuses, what it leaves behind, and what it does once."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.utils import translation

from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from forum import actions, programme
from forum.actions import Tally, presiders
from forum.models import Forum, Invitation, Presiding, Session, Venue
from outbox import registry
from outbox.models import Notice
from tests.factories import (
    AttendanceFactory,
    AuthorityFactory,
    ContactPointFactory,
    InvitationFactory,
    OrganizationFactory,
    PresiderFactory,
    PresidingFactory,
    ProvinceFactory,
    SessionFactory,
    VenueFactory,
    announced,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import DelegateFactory
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
NOW = at(1, 9)
CHAIR, CO = Presiding.Role.CHAIR, Presiding.Role.CO_PRESIDER


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def forum_fields(**changed):
    return {
        "name_km": "វេទិកាទី១",
        "name_en": "First forum",
        "starts_on": dt.date(2026, 3, 26),
        "ends_on": dt.date(2026, 3, 28),
    } | changed


def session_fields(**changed):
    return {
        "starts_at": at(26, 8),
        "ends_at": at(26, 12),
        "venue": None,
        "new_venue": ("សាលាខេត្ត", "Hall"),
    } | changed


def published(forum, by):
    """Publish all there is of the forum's draft."""
    chosen = actions.chosen_of(actions.draft_of(forum, by), None)
    expected = programme.fingerprint(chosen)
    return actions.publish(forum, by=by, now=NOW, expected=expected)


def trail(row):
    """The acts on a row with who did them as what, oldest first."""
    entries = AuditEntry.objects.filter(subject=subject_of(row))
    return [(one.action, one.actor, one.role, one.change) for one in entries]


def told(kind):
    """Who is told this, and in which version, as (subject, version, recipient)."""
    rows = Notice.objects.filter(kind=kind).order_by("recipient")
    return list(rows.values_list("subject", "version", "recipient"))


# --- forums -------------------------------------------------------------------------------------
def test_create_forum_makes_it_once_and_leaves_a_trace(coordinator, province, neighbor):
    key, both = uuid.uuid4(), [province, neighbor]

    first = actions.create_forum(
        by=coordinator, now=NOW, client_key=key, provinces=both, **forum_fields()
    )
    again = actions.create_forum(
        by=coordinator, now=NOW, client_key=key, provinces=both, **forum_fields()
    )

    assert first == again == Forum.objects.get()
    assert set(first.provinces.all()) == set(both)
    assert trail(first) == [("forum.create_forum", coordinator, "coordinator", {})]
    assert AuditEntry.objects.get().at == NOW


@pytest.mark.parametrize("field", ["name_en", "provinces"])
def test_create_forum_with_the_same_key_and_other_content_conflicts(
    coordinator, province, neighbor, field
):
    content = forum_fields(client_key=uuid.uuid4(), provinces=[province])
    made = actions.create_forum(by=coordinator, now=NOW, **content)
    other = {"name_en": "Second", "provinces": [province, neighbor]}

    with pytest.raises(Conflict):
        actions.create_forum(by=coordinator, now=NOW, **content | {field: other[field]})

    made.refresh_from_db()
    assert (made.name_en, list(made.provinces.all())) == ("First forum", [province])


def test_create_forum_needs_a_province_one_coordinates(coordinator, neighbor):
    with pytest.raises(PermissionDenied):
        actions.create_forum(
            by=coordinator,
            now=NOW,
            client_key=uuid.uuid4(),
            provinces=[neighbor],
            **forum_fields(),
        )

    assert not Forum.objects.exists()


def test_create_forum_refuses_crossed_days(coordinator, province):
    with pytest.raises(TransitionError, match="last day"):
        actions.create_forum(
            by=coordinator,
            now=NOW,
            client_key=uuid.uuid4(),
            provinces=[province],
            **forum_fields(ends_on=dt.date(2026, 3, 25)),
        )


def test_edit_forum_changes_it_and_names_the_fields(forum, province):
    coordinator = coordinator_of(None)

    changed = actions.edit_forum(
        forum,
        by=coordinator,
        now=NOW,
        seen=1,
        provinces=[province],
        **forum_fields(name_km=forum.name_km, name_en="Other"),
    )

    assert (changed.name_en, changed.version) == ("Other", 2)
    assert list(changed.provinces.all()) == [province]
    change = {"fields": ["name_en", "provinces"]}
    assert trail(forum) == [("forum.edit_forum", coordinator, "coordinator", change)]


def test_edit_forum_without_a_change_leaves_no_trace(forum, coordinator):
    same = forum_fields(name_km=forum.name_km, name_en=forum.name_en)
    both = list(forum.provinces.all())

    actions.edit_forum(forum, by=coordinator, now=NOW, seen=9, provinces=both, **same)

    assert trail(forum) == []


def test_edit_forum_read_before_another_changed_it_is_refused_by_name(
    forum, coordinator, province, neighbor
):
    both = [province, neighbor]
    first = forum_fields(name_en="First to save")
    actions.edit_forum(forum, by=coordinator, now=NOW, seen=1, provinces=both, **first)

    with pytest.raises(TransitionError, match=f"{coordinator.title_en} has changed this"):
        actions.edit_forum(
            forum,
            by=coordinator_of(neighbor),
            now=NOW,
            seen=1,
            provinces=both,
            **forum_fields(name_en="Second to save"),
        )

    forum.refresh_from_db()
    assert forum.name_en == "First to save"


def test_edit_forum_leaves_no_session_outside_its_provinces(session, neighbor):
    both = coordinator_of(None)

    with pytest.raises(TransitionError, match="Mondulkiri \\(26 March 2026, 08:00–12:00\\)"):
        actions.edit_forum(session.forum, by=both, now=NOW, provinces=[neighbor], **forum_fields())


@pytest.mark.parametrize("codes", [["11"], ["11", "16", "19"]], ids=["taken out", "added"])
def test_edit_forum_leaves_the_provinces_of_others_alone(session, neighbor, codes):
    provinces = {"11": session.province, "16": neighbor, "19": ProvinceFactory(code="19")}
    wanted, before = [provinces[code] for code in codes], list(session.forum.provinces.all())
    stranger = neighbor if codes == ["11"] else provinces["19"]

    with pytest.raises(TransitionError, match=f"Only who coordinates {stranger} may add it"):
        actions.edit_forum(
            session.forum,
            by=coordinator_of(session.province),
            now=NOW,
            provinces=wanted,
            **forum_fields(),
        )

    assert list(session.forum.provinces.all()) == before


def test_edit_forum_names_no_session_of_others(session, neighbor):
    by, both = coordinator_of(neighbor), list(session.forum.provinces.all())

    with pytest.raises(TransitionError) as refused:
        actions.edit_forum(session.forum, by=by, now=NOW, provinces=[neighbor], **forum_fields())

    assert session.when not in str(refused.value)
    assert list(session.forum.provinces.all()) == both


@pytest.mark.parametrize("year", [1, 1999, 2201, 9998])
def test_days_out_of_reach_are_refused_with_a_sentence(session, coordinator, year):
    day, forum = dt.date(year, 12, 30), session.forum
    crossed = forum_fields(starts_on=day, ends_on=day)
    both = list(forum.provinces.all())

    for refused in (
        lambda: actions.move_session(session, by=coordinator, now=NOW, day=day),
        lambda: actions.edit_forum(forum, by=coordinator, now=NOW, provinces=both, **crossed),
        lambda: actions.edit_calls(
            forum, by=coordinator, now=NOW, days={session.province: (day, day)}
        ),
    ):
        with pytest.raises(TransitionError, match="Choose a day between 2000 and 2200"):
            refused()


def test_edit_forum_may_leave_a_session_outside_its_days(session, coordinator, province, neighbor):
    later = forum_fields(starts_on=dt.date(2026, 3, 27))

    changed = actions.edit_forum(
        session.forum, by=coordinator, now=NOW, provinces=[province, neighbor], **later
    )

    assert changed.starts_on > session.day  # the board warns of it


def test_edit_forum_by_another_provinces_coordinator_is_refused(forum, province):
    stranger = coordinator_of(ProvinceFactory(code="19"))
    with pytest.raises(PermissionDenied):
        actions.edit_forum(forum, by=stranger, now=NOW, provinces=[province], **forum_fields())


# --- sessions -----------------------------------------------------------------------------------
def test_create_session_makes_it_once_and_leaves_a_trace(forum, coordinator, province):
    content = session_fields(client_key=uuid.uuid4(), province=province)

    first = actions.create_session(forum, by=coordinator, now=NOW, **content)
    again = actions.create_session(forum, by=coordinator, now=NOW, **content)

    assert first == again == Session.objects.get()
    assert (first.status, first.published_at) == (Session.Status.PLANNED, None)
    assert trail(first) == [("forum.create_session", coordinator, "coordinator", {})]


def test_create_session_with_the_same_key_and_other_content_conflicts(forum, coordinator, province):
    content = session_fields(client_key=uuid.uuid4(), province=province)
    actions.create_session(forum, by=coordinator, now=NOW, **content)

    with pytest.raises(Conflict):
        actions.create_session(forum, by=coordinator, now=NOW, **content | {"ends_at": at(26, 11)})

    assert Session.objects.get().ends_at == at(26, 12)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_at": at(26, 8)}, "ends before it begins"),
        ({"ends_at": None}, "both times, or none"),
        ({"starts_at": None}, "both times, or none"),
    ],
)
def test_create_session_refuses_crossed_or_half_times(
    forum, coordinator, province, fields, sentence
):
    with pytest.raises(TransitionError, match=sentence):
        actions.create_session(
            forum,
            by=coordinator,
            now=NOW,
            client_key=uuid.uuid4(),
            province=province,
            **session_fields(**fields),
        )


@pytest.mark.parametrize(
    "times",
    [(at(25, 8), at(25, 12)), (at(28, 22), at(29, 1)), (None, None)],
    ids=["before the forum", "past its end", "in the tray"],
)
def test_create_session_may_lie_outside_the_forums_days_or_nowhere(
    forum, coordinator, province, times
):
    fields = session_fields(starts_at=times[0], ends_at=times[1])

    made = actions.create_session(
        forum, by=coordinator, now=NOW, client_key=uuid.uuid4(), province=province, **fields
    )

    assert (made.starts_at, made.ends_at) == times


def test_create_session_adds_a_venue_that_is_typed_once(forum, coordinator, province):
    for _number in range(2):
        actions.create_session(
            forum,
            by=coordinator,
            now=NOW,
            client_key=uuid.uuid4(),
            province=province,
            **session_fields(),
        )

    venue = Venue.objects.get()
    assert (venue.province, venue.name_km, venue.name_en) == (province, "សាលាខេត្ត", "Hall")
    assert set(forum.sessions.values_list("venue", flat=True)) == {venue.pk}
    assert trail(venue) == [("forum.create_venue", coordinator, "coordinator", {})]


def test_create_session_refuses_a_venue_of_another_province(forum, coordinator, province, neighbor):
    far = VenueFactory(province=neighbor, name_en="Far hall")

    with pytest.raises(TransitionError, match="Far hall is not in Mondulkiri"):
        actions.create_session(
            forum,
            by=coordinator,
            now=NOW,
            client_key=uuid.uuid4(),
            province=province,
            starts_at=at(26, 8),
            ends_at=at(26, 12),
            venue=far,
        )


def test_create_session_keeps_to_the_forums_provinces(forum):
    with pytest.raises(TransitionError, match="not held in this province"):
        actions.create_session(
            forum,
            by=coordinator_of(None),
            now=NOW,
            client_key=uuid.uuid4(),
            province=ProvinceFactory(code="19"),
            **session_fields(),
        )


def test_create_session_in_a_province_of_others_is_refused(forum, coordinator, neighbor):
    with pytest.raises(PermissionDenied):
        actions.create_session(
            forum,
            by=coordinator,
            now=NOW,
            client_key=uuid.uuid4(),
            province=neighbor,
            **session_fields(),
        )


def test_edit_session_moves_its_presidings_and_tells_nobody_until_published(session, coordinator):
    announced(session)
    sitting = PresidingFactory(session=session)
    official = official_of(InvitationFactory(session=session, authority=AuthorityFactory()).party)
    person = representative_of(InvitationFactory(session=session).party)

    actions.edit_session(
        session, by=coordinator, now=NOW, seen=1, **session_fields(starts_at=at(26, 9))
    )

    sitting.refresh_from_db()
    assert (sitting.starts_at, sitting.ends_at) == (at(26, 9), at(26, 12))
    change = {"fields": ["starts_at"]}
    assert trail(session) == [("forum.edit_session", coordinator, "coordinator", change)]
    assert not Notice.objects.exists()
    published(session.forum, coordinator)
    assert told("session_changed") == [
        (f"session:{session.pk}", 2, f"user:{one.pk}") for one in (official, person)
    ]


def test_publish_tells_each_change_once_and_of_nothing_in_between(session, coordinator):
    announced(session)
    representative_of(InvitationFactory(session=session).party)
    for hours in ((9, 9, 10), (11,)):
        for hour in hours:
            actions.edit_session(
                session, by=coordinator, now=NOW, **session_fields(starts_at=at(26, hour))
            )
        published(session.forum, coordinator)

    assert [version for _subject, version, _recipient in told("session_changed")] == [2, 3]
    with pytest.raises(TransitionError, match="Nothing has changed"):
        published(session.forum, coordinator)


def test_edit_session_read_before_another_changed_it_is_refused_by_name(session, coordinator):
    actions.edit_session(
        session, by=coordinator, now=NOW, seen=1, **session_fields(starts_at=at(26, 9))
    )

    with pytest.raises(TransitionError, match=coordinator.title_en):
        actions.edit_session(
            session,
            by=coordinator_of(None),
            now=NOW,
            seen=1,
            **session_fields(starts_at=at(26, 10)),
        )


def test_edit_session_into_another_session_of_its_presider_names_that_one(
    session, coordinator, neighbor
):
    sitting = PresidingFactory(session=session)
    other = SessionFactory(province=neighbor, starts_at=at(27, 8), ends_at=at(27, 12))
    PresidingFactory(session=other, presider=sitting.presider)

    with pytest.raises(TransitionError) as refusal:
        actions.edit_session(
            session,
            by=coordinator,
            now=NOW,
            **session_fields(starts_at=at(27, 11), ends_at=at(27, 15)),
        )

    presider = sitting.presider.title_en
    assert str(refusal.value) == (
        f"{presider} already presides the session in Ratanakkiri: 27 March 2026, 08:00–12:00."
    )
    session.refresh_from_db()
    assert (session.starts_at, session.version) == (at(26, 8), 1)
    assert not Notice.objects.exists()


def test_publish_makes_the_draft_what_everybody_goes_by(session, coordinator):
    made = published(session.forum, coordinator)

    session.refresh_from_db()
    entry = session.announced
    assert (made.number, session.published_at, session.sequence) == (1, NOW, 1)
    assert (entry.programme, entry.change, entry.starts_at, entry.venue) == (
        made,
        "new",
        session.starts_at,
        session.venue,
    )


def test_publish_of_a_draft_that_changed_meanwhile_is_refused(session, coordinator):
    chosen = actions.chosen_of(actions.draft_of(session.forum, coordinator), None)
    seen = programme.fingerprint(chosen)
    actions.edit_session(session, by=coordinator, now=NOW, **session_fields(starts_at=at(26, 9)))

    with pytest.raises(TransitionError, match="the draft has changed"):
        actions.publish(session.forum, by=coordinator, now=NOW, expected=seen)

    session.refresh_from_db()
    assert session.announced is None


def test_move_session_keeps_its_hours_and_goes_into_the_tray_and_back(session, coordinator):
    moved = actions.move_session(session, by=coordinator, now=NOW, day=dt.date(2026, 3, 27))
    assert (moved.starts_at, moved.ends_at) == (at(27, 8), at(27, 12))

    laid = actions.move_session(moved, by=coordinator, now=NOW, day=None)
    assert (laid.starts_at, laid.ends_at, laid.venue) == (None, None, session.venue)

    placed = actions.move_session(laid, by=coordinator, now=NOW, day=dt.date(2026, 3, 28))
    assert (placed.starts_at, placed.ends_at) == (at(28, 8), at(28, 11, 30))
    assert [act for act, *_rest in trail(session)] == ["forum.edit_session"] * 3


def test_session_that_sits_keeps_its_day(session, coordinator):
    Session.objects.filter(pk=session.pk).update(status="open")

    for day in (None, dt.date(2026, 3, 27)):
        with pytest.raises(TransitionError, match="keeps its day and times"):
            actions.move_session(session, by=coordinator, now=NOW, day=day)
    actions.edit_session(session, by=coordinator, now=NOW, **session_fields())

    session.refresh_from_db()
    assert (session.starts_at, session.venue.name_en) == (at(26, 8), "Hall")


def test_set_team_takes_people_of_the_forums_team_alone(session, coordinator):
    stranger = coordinator_of(session.province, title_en="Stranger")
    session.forum.team.set([coordinator])

    actions.set_team(session, by=coordinator, now=NOW, team=[coordinator])
    with pytest.raises(TransitionError, match="Stranger is not of the forum's team"):
        actions.set_team(session, by=coordinator, now=NOW, team=[coordinator, stranger])

    assert list(session.team.all()) == [coordinator]
    change = {"team": [[], [coordinator.pk]]}
    assert trail(session) == [("forum.set_team", coordinator, "coordinator", change)]


def test_open_session_on_another_day_has_to_be_confirmed(session, coordinator):
    with pytest.raises(TransitionError):
        actions.open_session(session, by=coordinator, now=session.starts_at - dt.timedelta(days=1))

    session.refresh_from_db()
    assert session.status == Session.Status.PLANNED
    actions.open_session(session, by=coordinator, now=session.starts_at)


def test_open_session_opens_it(session, coordinator):
    actions.open_session(session, by=coordinator, now=NOW, confirmed=True)

    session.refresh_from_db()
    assert session.status == Session.Status.OPEN
    change = {"status": ["planned", "open"]}
    assert trail(session) == [("forum.open_session", coordinator, "coordinator", change)]


def test_cancel_session_frees_its_presiders_and_tells_nobody_until_published(session, coordinator):
    announced(session)
    sitting = PresidingFactory(session=session)
    invited = InvitationFactory(session=session, status=Invitation.Status.DECLINED)
    person = representative_of(invited.party)

    actions.cancel_session(session, by=coordinator, now=NOW, because="The road is cut.")

    session.refresh_from_db()
    sitting.refresh_from_db()
    assert (session.status, sitting.is_off) == (Session.Status.CANCELLED, True)
    assert session.cancelled_because == "The road is cut."
    change = {"status": ["planned", "cancelled"]}
    assert trail(session) == [("forum.cancel_session", coordinator, "coordinator", change)]
    assert not Notice.objects.exists()
    published(session.forum, coordinator)
    assert told("session_cancelled") == [(f"session:{session.pk}", 2, f"user:{person.pk}")]


def test_a_published_cancellation_tells_the_invited_why(session, coordinator):
    announced(session)
    representative_of(InvitationFactory(session=session).party)

    actions.cancel_session(session, by=coordinator, now=NOW, because="The road is cut.")
    published(session.forum, coordinator)

    (notice,) = Notice.objects.filter(kind="session_cancelled")
    assert "Why: The road is cut." in registry.render(notice, "en").body


# --- who presides -------------------------------------------------------------------------------
def test_set_presiders_replaces_who_sat_before(session, coordinator):
    before = PresidingFactory(session=session, role=CHAIR)
    chair, deputy = PresiderFactory(province=None), PresiderFactory()

    actions.set_presiders(session, by=coordinator, now=NOW, roles={chair: CHAIR, deputy: CO})

    rows = session.presidings.values_list("presider", "role", "starts_at", "ends_at")
    assert set(rows) == {
        (chair.pk, "chair", session.starts_at, session.ends_at),
        (deputy.pk, "co_presider", session.starts_at, session.ends_at),
    }
    [(act, _by, _role, change)] = trail(session)
    assert act == "forum.set_presiders"
    assert change["presiders"][0] == [[before.presider_id, "chair"]]


def test_set_presiders_again_leaves_no_second_trace(session, coordinator):
    roles = {PresiderFactory(): CHAIR}
    for _time in range(2):
        actions.set_presiders(session, by=coordinator, now=NOW, roles=roles)

    assert len(trail(session)) == 1


def test_set_presiders_refuses_one_who_sits_elsewhere_then(session, coordinator, neighbor):
    other = SessionFactory(province=neighbor, starts_at=at(26, 11), ends_at=at(26, 15))
    busy = PresidingFactory(session=other, presider=PresiderFactory(province=None)).presider

    with pytest.raises(TransitionError, match="Ratanakkiri: 26 March 2026, 11:00–15:00"):
        actions.set_presiders(session, by=coordinator, now=NOW, roles={busy: CHAIR})

    assert not session.presidings.exists()


def test_the_databases_refusal_becomes_the_same_sentence(session, neighbor, monkeypatch):
    other = SessionFactory(province=neighbor, starts_at=at(26, 11), ends_at=at(26, 15))
    busy = PresidingFactory(session=other).presider
    checks = []
    check = presiders._check_free

    def late_check(*arguments):
        """Nothing is found before the write, as if the other session came after the check."""
        checks.append(arguments)
        if len(checks) > 1:
            check(*arguments)

    monkeypatch.setattr(presiders, "_check_free", late_check)
    with (
        pytest.raises(TransitionError, match="Ratanakkiri"),
        presiders.free([busy.pk], session, session.starts_at, session.ends_at),
    ):
        PresidingFactory(session=session, presider=busy)


def test_other_refusals_of_the_database_are_no_overlap(session):
    with (
        pytest.raises(IntegrityError),
        presiders.free([], session, session.starts_at, session.ends_at),
    ):
        InvitationFactory(session=session, quota=0)


@pytest.mark.parametrize("fields", [{"ended_on": dt.date(2025, 1, 1)}, {"province": "16"}])
def test_set_presiders_refuses_who_has_left_or_is_of_another_province(
    session, coordinator, neighbor, fields
):
    if "province" in fields:
        fields = {"province": neighbor}
    with pytest.raises(TransitionError, match="does not preside in Mondulkiri"):
        actions.set_presiders(
            session, by=coordinator, now=NOW, roles={PresiderFactory(**fields): CHAIR}
        )


def test_add_presider_adds_a_title_once(session, coordinator):
    names = {"title_km": "អភិបាលរង", "title_en": "Deputy governor"}
    first = actions.add_presider(session, by=coordinator, now=NOW, **names)
    again = actions.add_presider(session, by=coordinator, now=NOW, **names)

    assert first == again
    assert first.province == session.province
    assert trail(first) == [("forum.add_presider", coordinator, "coordinator", {})]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_seat_a_presider_in_one_session_alone(coordinator, province, forum):
    sessions = [
        SessionFactory(forum=forum, province=province, starts_at=at(26, 8), ends_at=at(26, 12))
        for _number in range(2)
    ]
    presider = PresiderFactory()
    barrier, refusals = threading.Barrier(2), []

    def seat(session):
        try:
            with translation.override("en"):
                barrier.wait(timeout=10)
                actions.set_presiders(session, by=coordinator, now=NOW, roles={presider: CHAIR})
        except TransitionError as error:
            refusals.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=seat, args=[one]) for one in sessions]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=20)

    assert Presiding.objects.count() == 1
    assert refusals == [
        f"{presider.title_en} already presides the session in Mondulkiri: "
        "26 March 2026, 08:00–12:00."
    ]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_forum_of_one_key(coordinator, province):
    key, barrier, made = uuid.uuid4(), threading.Barrier(2), []

    def send():
        try:
            barrier.wait(timeout=10)
            made.append(
                actions.create_forum(
                    by=coordinator,
                    now=NOW,
                    client_key=key,
                    provinces=[province],
                    **forum_fields(),
                ).pk
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=20)

    forum = Forum.objects.get()
    assert made == [forum.pk, forum.pk]
    assert len(trail(forum)) == 1


# --- who is invited, who came -------------------------------------------------------------------
def test_invite_asks_several_parties_whose_people_are_told_with_the_session(session, coordinator):
    organization, department, silent = OrganizationFactory(), AuthorityFactory(), AuthorityFactory()
    people = [representative_of(organization) for _number in range(2)]
    official = official_of(department)
    ContactPointFactory(authority=department)
    contact = ContactPointFactory(authority=silent)

    made = actions.invite(
        session,
        by=coordinator,
        now=NOW,
        quota=3,
        organizations=[organization],
        authorities=[department, silent],
    )

    assert [(one.party, one.quota, one.status) for one in made] == [
        (organization, 3, "pending"),
        (department, 3, "pending"),
        (silent, 3, "pending"),
    ]
    change = {"invitations": [one.pk for one in made]}
    assert trail(session) == [("forum.invite", coordinator, "coordinator", change)]
    assert {one.released_at for one in made} == {None}
    assert not Notice.objects.exists()
    published(session.forum, coordinator)
    asked, office, address = (f"invitation:{one.pk}" for one in made)
    assert set(told("invitation")) == {
        (asked, 1, f"user:{people[0].pk}"),
        (asked, 1, f"user:{people[1].pk}"),
        (office, 1, f"user:{official.pk}"),
        (address, 1, f"contact:{contact.pk}"),
    }
    sent = Notice.objects.filter(kind="invitation")
    assert set(sent.values_list("province", "due_at")) == {("11", NOW)}


def test_invite_again_asks_only_the_new(session, coordinator):
    first, second = OrganizationFactory(), OrganizationFactory()
    actions.invite(session, by=coordinator, now=NOW, quota=3, organizations=[first])

    made = actions.invite(session, by=coordinator, now=NOW, quota=5, organizations=[first, second])

    assert [one.party for one in made] == [second]
    assert session.invitations.get(organization=first).quota == 3


def test_invite_takes_as_many_queries_for_thirty_as_for_one(
    session, coordinator, django_assert_max_num_queries
):
    many = [AuthorityFactory() for _number in range(30)]
    for one in many:
        official_of(one)
    coordinator.serves("11")

    with django_assert_max_num_queries(11):
        actions.invite(session, by=coordinator, now=NOW, quota=1, authorities=many)


def test_invite_refuses_a_party_that_has_ended_or_answers_elsewhere(session, coordinator, neighbor):
    ended = OrganizationFactory(ended_on=dt.date(2025, 1, 1))
    with pytest.raises(TransitionError, match="no longer exists"):
        actions.invite(session, by=coordinator, now=NOW, quota=1, organizations=[ended])
    far = AuthorityFactory(province=neighbor)
    with pytest.raises(TransitionError, match="does not answer for Mondulkiri"):
        actions.invite(session, by=coordinator, now=NOW, quota=1, authorities=[far])
    ministry = AuthorityFactory(ministry=True)

    assert actions.invite(session, by=coordinator, now=NOW, quota=1, authorities=[ministry])


def test_uninvite_deletes_a_draft_of_which_nobody_knows(session, coordinator):
    invitation = InvitationFactory(session=session, released_at=None)
    representative_of(invitation.party)

    actions.uninvite(invitation, by=coordinator, now=NOW)

    assert not session.invitations.exists()
    assert not Notice.objects.exists()
    change = {"organization": invitation.organization_id}
    assert trail(session) == [("forum.uninvite", coordinator, "coordinator", change)]
    with pytest.raises(TransitionError, match="taken back"):
        actions.uninvite(invitation, by=coordinator, now=NOW)


def test_uninvite_keeps_a_draft_under_which_somebody_is_in_the_list(session, coordinator):
    draft = InvitationFactory(session=session, released_at=None)
    DelegateFactory(invitation=draft)

    with pytest.raises(TransitionError, match="in the list"):
        actions.uninvite(draft, by=coordinator, now=NOW)

    assert session.invitations.get() == draft


def test_uninvite_withdraws_what_was_sent_and_tells_its_people(session, coordinator):
    invitation = InvitationFactory(session=session, status=Invitation.Status.ACCEPTED)
    person = representative_of(invitation.party)

    actions.uninvite(invitation, by=coordinator, now=NOW)

    invitation.refresh_from_db()
    assert invitation.withdrawn_at == NOW
    assert [who for *_what, who in told("invitation_withdrawn")] == [f"user:{person.pk}"]
    with pytest.raises(TransitionError, match="taken back"):
        actions.uninvite(invitation, by=coordinator, now=NOW)
    again = InvitationFactory(session=session, organization=invitation.organization)
    assert list(session.invitations.standing()) == [again]


def test_uninvite_keeps_what_was_counted(session, coordinator):
    counted = InvitationFactory(session=session)
    AttendanceFactory(session=session, organization=counted.organization)

    with pytest.raises(TransitionError, match="counted"):
        actions.uninvite(counted, by=coordinator, now=NOW)

    assert list(session.invitations.standing()) == [counted]


def test_answer_invitation_says_who_answered_as_what(session, coordinator):
    asked = InvitationFactory(session=session)
    office = InvitationFactory(session=session, authority=AuthorityFactory())
    people = [
        (asked, representative_of(asked.party), "representative", "account"),
        (office, official_of(office.party), "official", "account"),
        (InvitationFactory(session=session), coordinator, "coordinator", "recorded"),
    ]
    for invitation, person, role, way in people:
        actions.answer_invitation(invitation, by=person, now=NOW, status="accepted")

        invitation.refresh_from_db()
        assert (invitation.status, invitation.answered_at) == ("accepted", NOW)
        change = {"status": ["pending", "accepted"], "way": way}
        assert trail(invitation) == [("forum.answer_invitation", person, role, change)]


def test_answer_invitation_again_changes_nothing_and_another_answer_counts(session, coordinator):
    invitation = InvitationFactory(session=session)
    for status in ("accepted", "accepted", "declined"):
        actions.answer_invitation(invitation, by=coordinator, now=NOW, status=status)

    assert [change["status"] for *_rest, change in trail(invitation)] == [
        ["pending", "accepted"],
        ["accepted", "declined"],
    ]


def test_answer_invitation_of_others_is_refused(session, neighbor):
    above = AuthorityFactory()
    invitation = InvitationFactory(session=session, authority=AuthorityFactory(superior=above))
    strangers = [
        official_of(above),
        representative_of(OrganizationFactory()),
        coordinator_of(neighbor),
    ]
    for person in strangers:
        with pytest.raises(PermissionDenied):
            actions.answer_invitation(invitation, by=person, now=NOW, status="accepted")


def test_record_attendance_writes_several_rows_at_once(coordinator):
    session = SessionFactory(status=Session.Status.OPEN)
    first, second, third = (InvitationFactory(session=session) for _number in range(3))
    office = InvitationFactory(session=session, authority=AuthorityFactory())
    AttendanceFactory(session=session, organization=second.party, total=9, women=9)
    AttendanceFactory(session=session, authority=office.party, total=1, women=0)
    AttendanceFactory(session=session, organization=third.party, total=4, women=1)

    actions.record_attendance(
        session,
        by=coordinator,
        now=NOW,
        tallies=[Tally(first, 5, 3), Tally(second, None, None), Tally(office, 2, 1)],
    )

    rows = session.attendances.values_list("organization", "authority", "total", "women")
    assert set(rows) == {
        (first.organization_id, None, 5, 3),
        (None, office.authority_id, 2, 1),
        (third.organization_id, None, 4, 1),
    }
    change = {"total": [14, 11], "women": [10, 5]}
    assert trail(session) == [("forum.record_attendance", coordinator, "coordinator", change)]


def test_record_attendance_refuses_more_women_than_people_and_other_sessions(coordinator):
    session = SessionFactory(status=Session.Status.OPEN)
    invitation = InvitationFactory(session=session)
    with pytest.raises(TransitionError, match="more women than people"):
        actions.record_attendance(
            session, by=coordinator, now=NOW, tallies=[Tally(invitation, 1, 2)]
        )
    with pytest.raises(TransitionError, match="invited to the session"):
        actions.record_attendance(
            session, by=coordinator, now=NOW, tallies=[Tally(InvitationFactory(), 1, 0)]
        )

    assert not session.attendances.exists()


def test_record_attendance_refuses_a_party_twice_and_one_uninvited(coordinator):
    session = SessionFactory(status=Session.Status.OPEN)
    stands = InvitationFactory(session=session)
    gone = InvitationFactory(session=session, organization=stands.party, withdrawn_at=NOW)
    for tallies, words in [
        ([Tally(stands, 2, 1), Tally(stands, 3, 1)], "counted once"),
        ([Tally(stands, 2, 1), Tally(gone, 3, 1)], "Only those invited"),
    ]:
        with pytest.raises(TransitionError, match=words):
            actions.record_attendance(session, by=coordinator, now=NOW, tallies=tallies)

    assert not session.attendances.exists()


def test_record_attendance_of_nothing_leaves_no_entry(coordinator):
    session = SessionFactory(status=Session.Status.OPEN)

    actions.record_attendance(session, by=coordinator, now=NOW, tallies=[])

    assert trail(session) == []


# --- every act, every state, every role ---------------------------------------------------------
def acts(session, invitation):
    """Each act with a call that would do it."""
    later = {"starts_at": at(26, 8), "ends_at": at(26, 12), "venue": None}  # the times stay
    return {
        "edit_session": lambda **who: actions.edit_session(session, **who, **later),
        "cancel_session": lambda **who: actions.cancel_session(session, because="Rain.", **who),
        "reword_cancellation": lambda **who: actions.reword_cancellation(
            session, because="A storm.", **who
        ),
        "reinstate_session": lambda **who: actions.reinstate_session(session, **who),
        "open_session": lambda **who: actions.open_session(session, confirmed=True, **who),
        "set_presiders": lambda **who: actions.set_presiders(
            session, roles={PresiderFactory(): CHAIR}, **who
        ),
        "set_team": lambda **who: actions.set_team(session, team=[who["by"]], **who),
        "invite": lambda **who: actions.invite(
            session, quota=1, organizations=[OrganizationFactory()], **who
        ),
        "uninvite": lambda **who: actions.uninvite(invitation, **who),
        "answer_invitation": lambda **who: actions.answer_invitation(
            invitation, status="accepted", **who
        ),
        "record_attendance": lambda **who: actions.record_attendance(
            session, tallies=[Tally(invitation, 2, 1)], **who
        ),
    }


POSSIBLE = {
    "planned": {
        "edit_session",
        "cancel_session",
        "open_session",
        "set_presiders",
        "set_team",
        "invite",
        "uninvite",
        "answer_invitation",
    },
    "open": {
        "edit_session",
        "set_presiders",
        "set_team",
        "invite",
        "uninvite",
        "answer_invitation",
        "record_attendance",
    },
    "released": {"record_attendance"},
    "cancelled": {"reword_cancellation", "reinstate_session"},
}
EVER = sorted(set().union(*POSSIBLE.values()))  # fmt: skip


@pytest.mark.parametrize("act", EVER)
@pytest.mark.parametrize("status", sorted(POSSIBLE))
def test_act_is_possible_in_these_states_alone(forum, province, coordinator, status, act):
    released_at = NOW if status == "released" else None
    session = SessionFactory(
        forum=forum,
        province=province,
        status=status,
        released_at=released_at,
        starts_at=at(26, 8),
        ends_at=at(26, 12),
    )
    forum.team.set([coordinator])
    call = acts(session, InvitationFactory(session=session))[act]

    if act in POSSIBLE[status]:
        call(by=coordinator, now=NOW)
        assert AuditEntry.objects.get().action == f"forum.{act}"
    else:
        with pytest.raises(TransitionError):
            call(by=coordinator, now=NOW)
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("act", EVER)
def test_act_belongs_to_the_provinces_coordinators(session, neighbor, act):
    invitation = InvitationFactory(session=session)
    person = representative_of(invitation.party)
    strangers = [coordinator_of(neighbor), official_of(AuthorityFactory())]
    if act != "answer_invitation":
        strangers.append(person)

    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            acts(session, invitation)[act](by=stranger, now=NOW)
    assert not AuditEntry.objects.exists()
