"""Warnings: each kind, its boundary where nothing is said yet, and what they cost."""

import datetime as dt

import pytest
from django.utils import translation

from forum import warnings
from forum.models import Invitation, IssueCall, Presiding, Session
from forum.warnings import Kind
from tests import factories, factories_more
from tests.forum.conftest import at

NOW = at(2, 9)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def road(db):
    return factories_more.RoadTimeFactory(minutes=195)


@pytest.fixture
def quiet(session):
    """The session of 26 March, about which there is nothing to warn of."""
    factories.PresidingFactory(session=session)
    return session


@pytest.fixture
def plan(forum, neighbor):
    """Plans a session of the neighbouring province, unless told otherwise."""

    def planned(starts_at, hours=4, **fields):
        fields = {"forum": forum, "province": neighbor, "venue": None} | fields
        ends_at = starts_at + dt.timedelta(hours=hours)
        return factories.SessionFactory(starts_at=starts_at, ends_at=ends_at, **fields)

    return planned


def found(session, now=NOW):
    return [(one.kind, one.sentence) for one in warnings.of([session], now=now)[session.pk]]


def kinds(session, now=NOW):
    return [kind for kind, _sentence in found(session, now)]


def test_of_a_session_in_order_is_nothing(quiet):
    assert warnings.of([quiet], now=NOW) == {quiet.pk: []}


# --- the other sessions -------------------------------------------------------------------------
def test_of_venue_taken_by_another_forum(quiet, plan):
    theirs = {"province": quiet.province, "venue": quiet.venue}
    other = plan(at(26, 11), forum=factories.ForumFactory(), **theirs)

    (warning,) = warnings.of([quiet], now=NOW)[quiet.pk]

    assert (warning.kind, warning.other) == (Kind.VENUE_TAKEN, other)
    sentence = "Hall is also taken by the session in Mondulkiri, 26 March 2026, 11:00–15:00."
    assert warning.sentence == sentence


def test_of_venue_taken_when_the_other_has_ended_is_nothing(quiet, plan):
    plan(at(26, 12), province=quiet.province, venue=quiet.venue)

    assert found(quiet) == []


def test_of_presider_twice_on_a_day(quiet, plan):
    other = plan(at(26, 14))
    presider = quiet.presidings.get().presider
    factories.PresidingFactory(session=other, presider=presider)

    there = "in Ratanakkiri on this day, 26 March 2026, 14:00–18:00."
    sentence = f"{presider} also presides the session {there}"
    assert found(quiet) == [(Kind.PRESIDER_TWICE, sentence)]


def test_of_team_member_twice_on_a_day(quiet, plan):
    other, person = plan(at(26, 14)), factories.UserFactory(title_en="Secretary")
    quiet.team.add(person)
    other.team.add(person)

    sentence = (
        "Secretary also goes to the session in Ratanakkiri on this day, 26 March 2026, 14:00–18:00."
    )
    assert found(quiet) == [(Kind.TEAM_TWICE, sentence)]


def test_of_parties_twice_on_a_day(quiet, plan):
    other = plan(at(26, 14))
    ministry, ngo = factories.AuthorityFactory(ministry=True), factories.OrganizationFactory()
    for session in (quiet, other):
        factories.InvitationFactory(session=session, authority=ministry)
        factories.InvitationFactory(session=session, organization=ngo, released_at=None)

    there = "is also invited to the session in Ratanakkiri on this day, 26 March 2026, 14:00–18:00."
    assert found(quiet) == [
        (Kind.AUTHORITY_TWICE, f"{ministry} {there}"),
        (Kind.ORGANIZATION_TWICE, f"{ngo} {there}"),
    ]


def test_of_parties_that_do_not_come_there_is_nothing(quiet, plan):
    ngo, other = factories.OrganizationFactory(), plan(at(26, 14))
    same_province = plan(at(26, 14), province=quiet.province)
    factories.InvitationFactory(session=quiet, organization=ngo)
    factories.InvitationFactory(session=same_province, organization=ngo)
    declined = Invitation.Status.DECLINED
    factories.InvitationFactory(session=other, organization=ngo, status=declined)
    factories.InvitationFactory(session=other, organization=ngo, withdrawn_at=NOW).refresh_from_db()

    assert found(quiet) == []


# --- the road -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("starts_at", "is_warned"),
    [
        (at(26, 15, 15), False),  # exactly the 3:15 of the road after 12:00
        (at(26, 15, 14), True),
        (at(27, 5), False),  # eight hours before dusk
    ],
)
def test_of_road_compares_the_gap_with_the_hours_of_the_road(
    quiet, plan, road, starts_at, is_warned
):
    other, person = plan(starts_at), factories.UserFactory(title_en="Secretary")
    quiet.team.add(person)
    other.team.add(person)

    sentences = [words for kind, words in found(quiet) if kind == Kind.ROAD]

    sentence = (
        "Secretary has too little time for the road between this session and the one in "
        f"Ratanakkiri, {other.when}: it takes 3:15 hours."
    )
    assert sentences == [sentence] * is_warned


@pytest.mark.parametrize(("minutes", "is_warned"), [(360, False), (361, True)])
def test_of_road_counts_no_hours_of_the_night(quiet, plan, road, minutes, is_warned):
    """From 17:00 to 08:00 there are three hours before dusk and three after dawn."""
    road.minutes = minutes
    road.save()
    Session.objects.filter(pk=quiet.pk).update(ends_at=at(26, 17))
    other, presider = plan(at(27, 8)), quiet.presidings.get().presider
    factories.PresidingFactory(session=other, presider=presider)

    assert kinds(quiet) == [Kind.ROAD] * is_warned


def test_of_road_says_it_once_of_one_who_is_there_on_the_same_day(quiet, plan, road):
    other, presider = plan(at(26, 14)), quiet.presidings.get().presider
    factories.PresidingFactory(session=other, presider=presider)

    assert kinds(quiet) == [Kind.ROAD]


def test_of_road_that_nobody_knows_is_nothing(quiet, plan):
    other, person = plan(at(27, 8)), factories.UserFactory()
    quiet.team.add(person)
    other.team.add(person)

    assert found(quiet) == []


# --- the day ------------------------------------------------------------------------------------
def test_of_holidays_names_the_public_one_and_the_provinces_own(quiet, neighbor):
    day = dt.date(2026, 3, 26)
    factories.HolidayFactory(date=day, name_en="Rest day")
    factories.HolidayFactory(date=day, name_en="Local feast", province=quiet.province)
    factories.HolidayFactory(date=day, name_en="Elsewhere", province=neighbor)

    assert found(quiet) == [
        (Kind.HOLIDAY, "The day is a public holiday: Rest day."),
        (Kind.CLOSED, "Offices in Mondulkiri are closed on this day: Local feast."),
    ]


def test_of_weekend_and_of_a_day_outside_the_forum(quiet):
    Session.objects.filter(pk=quiet.pk).update(starts_at=at(29, 8), ends_at=at(29, 12))
    quiet.refresh_from_db()

    assert found(quiet) == [
        (Kind.WEEKEND, "The day lies in a weekend."),
        (
            Kind.OUTSIDE,
            "The day lies outside the forum, which lasts from 26 March 2026 to 28 March 2026.",
        ),
    ]


SHORT = "The invited have 9 working days of notice; the forum asks for 10."


@pytest.mark.parametrize(("today", "sentences"), [(12, []), (13, [(Kind.NOTICE, SHORT)])])
def test_of_notice_counts_working_days_from_today(quiet, today, sentences):
    assert found(quiet, now=at(today, 9)) == sentences


def test_of_notice_counts_from_the_day_the_date_was_published(quiet):
    factories.announced(quiet, at(12, 9))
    quiet.venue = None
    factories.announced(quiet, at(20, 9))  # another place, the same day

    assert kinds(quiet, now=at(24, 9)) == [Kind.NO_VENUE]


def test_of_notice_counts_anew_where_the_date_went_and_came_back(quiet):
    factories.announced(quiet, at(3, 9))
    quiet.starts_at, quiet.ends_at = at(27, 8), at(27, 12)
    factories.announced(quiet, at(4, 9))
    quiet.starts_at, quiet.ends_at = at(26, 8), at(26, 12)
    factories.announced(quiet, at(13, 9))

    assert found(quiet, now=at(20, 9)) == [(Kind.NOTICE, SHORT)]


def test_of_notice_counts_from_today_while_the_move_is_a_draft(quiet):
    quiet.starts_at, quiet.ends_at = at(27, 8), at(27, 12)
    factories.announced(quiet, at(3, 9))
    Session.objects.filter(pk=quiet.pk).update(starts_at=at(26, 8), ends_at=at(26, 12))
    quiet.refresh_from_db()

    assert found(quiet, now=at(13, 9)) == [(Kind.NOTICE, SHORT)]


@pytest.mark.parametrize(("closes", "is_warned"), [(25, False), (26, True)])
def test_of_call_still_open_on_the_day(quiet, closes, is_warned):
    days = {"opens_on": dt.date(2026, 2, 1), "closes_on": dt.date(2026, 3, closes)}
    IssueCall.objects.create(forum=quiet.forum, province=quiet.province, **days)

    sentence = "The call for issues in Mondulkiri is open until 26 March 2026."
    assert found(quiet) == [(Kind.CALL_OPEN, sentence)] * is_warned


# --- who and where ------------------------------------------------------------------------------
def test_of_presiders_says_whether_anybody_is_named(session):
    assert found(session) == [(Kind.NO_OFFICIAL, "It is not set yet who presides.")]

    factories.PresidingFactory(session=session, role=Presiding.Role.CHAIR)

    sentence = "Nobody but the chair presides yet: no official of the province."
    assert found(session) == [(Kind.NO_OFFICIAL, sentence)]


@pytest.mark.parametrize(("quota", "is_warned"), [(20, False), (21, True)])
def test_of_more_places_than_seats(quiet, quota, is_warned):
    quiet.venue.capacity = 40
    quiet.venue.save()
    factories.InvitationFactory(session=quiet, quota=20)
    factories.InvitationFactory(session=quiet, quota=quota, released_at=None)
    factories.InvitationFactory(session=quiet, quota=9, status=Invitation.Status.DECLINED)

    sentence = "41 places are kept for the invited; Hall holds 40."
    assert found(quiet) == [(Kind.TOO_MANY, sentence)] * is_warned


def test_of_a_venue_that_is_no_longer_used_then(quiet):
    quiet.venue.ended_on = dt.date(2026, 3, 26)
    quiet.venue.save()

    sentence = "Hall is no longer used since 26 March 2026."
    assert found(quiet) == [(Kind.VENUE_ENDED, sentence)]


# --- whom it is about ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled", "cancelled_because": "The road is under water."},
        {"status": "open"},
        {"starts_at": None, "ends_at": None},
        {"starts_at": at(1, 8), "ends_at": at(1, 12)},
    ],
    ids=["cancelled", "open", "in the tray", "over"],
)
def test_of_a_session_that_needs_none_is_nothing(session, fields):
    Session.objects.filter(pk=session.pk).update(**fields)
    session.refresh_from_db()

    assert warnings.of([session], now=NOW) == {session.pk: []}


def test_of_a_session_beside_a_cancelled_one_is_nothing(quiet, plan):
    theirs = {"province": quiet.province, "venue": quiet.venue, "status": "cancelled"}
    plan(at(26, 8), **theirs)

    assert found(quiet) == []


def test_of_speaks_khmer_with_khmer_figures(quiet):
    quiet.venue.capacity = 5
    quiet.venue.save()
    factories.InvitationFactory(session=quiet, quota=12)
    with translation.override("km"):
        ((_kind, sentence),) = found(quiet)

    assert "១២" in sentence
    assert "៥" in sentence


# --- what it costs ------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [1, 8])
def test_of_asks_six_queries_however_many_sessions(
    quiet, plan, road, number, django_assert_num_queries
):
    sessions = [quiet, *(plan(at(26, 13)) for _each in range(number))]
    for one in sessions[1:]:
        factories.PresidingFactory(session=one)
        factories.InvitationFactory(session=one)
        factories.InvitationFactory(session=one, authority=factories.AuthorityFactory())
        one.team.add(factories.UserFactory())

    with django_assert_num_queries(6):
        of_all = warnings.of(sessions, now=NOW)

    assert set(of_all) == {one.pk for one in sessions}


def test_total_and_counts_of_kinds(session):
    session.venue = None
    session.save()
    of_all = warnings.of([session], now=NOW)

    assert warnings.total(of_all) == 2
    assert warnings.counts(of_all[session.pk]) == {Kind.NO_OFFICIAL: 1, Kind.NO_VENUE: 1}
