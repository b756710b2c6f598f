"""Every rule the database keeps for forums, sessions and who is in them."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from audit import clock
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
from tests.factories import (
    AttendanceFactory,
    AuthorityFactory,
    ForumFactory,
    InvitationFactory,
    OrganizationFactory,
    PresiderFactory,
    PresidingFactory,
    ProvinceFactory,
    SessionFactory,
    VenueFactory,
    announced,
)
from tests.factories_more import DelegateFactory, IssueCallFactory, ToldFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
MORNING = dt.datetime(2026, 3, 27, 8, 30, tzinfo=dt.timezone(7 * HOUR))


def refused(name):
    """The database refuses what follows by the constraint of this name."""
    return pytest.raises(IntegrityError, match=name)


def test_forum_may_not_end_before_it_starts():
    today = clock.today()
    with refused("forum_ends_no_earlier_than_it_starts"):
        ForumFactory(starts_on=today, ends_on=today - dt.timedelta(days=1))


def test_forum_and_session_are_made_once_by_their_key():
    forum, session = ForumFactory(), SessionFactory()

    with refused("client_key"), transaction.atomic():
        ForumFactory(client_key=forum.client_key)
    with refused("client_key"), transaction.atomic():
        SessionFactory(client_key=session.client_key)


def test_session_may_not_end_when_it_starts():
    with refused("session_ends_after_it_starts"):
        SessionFactory(starts_at=MORNING, ends_at=MORNING)


@pytest.mark.parametrize(
    ("status", "released_at"),
    [(Session.Status.RELEASED, None), (Session.Status.OPEN, MORNING)],
)
def test_session_is_released_exactly_while_it_has_a_time_of_release(status, released_at):
    with refused("session_released_at_matches_status"):
        SessionFactory(status=status, released_at=released_at)


@pytest.mark.parametrize(
    ("status", "because"), [(Session.Status.CANCELLED, ""), (Session.Status.OPEN, "Rain.")]
)
def test_session_says_why_exactly_while_it_is_cancelled(status, because):
    with refused("session_cancelled_says_why"):
        SessionFactory(status=status, cancelled_because=because)


def test_presider_stands_once_in_a_province_and_once_outside_all():
    ProvinceFactory()
    for province in ("11", None):
        Presider.objects.create(title_km="ប្រធាន", title_en="Chair", province_id=province)
        with refused("presider_stands_once"), transaction.atomic():
            Presider.objects.create(title_km="ប្រធាន", title_en="Other", province_id=province)


def test_presider_sits_once_in_a_session():
    sitting = PresidingFactory(is_off=True)
    with refused("presider_sits_once_in_a_session"):
        PresidingFactory(session=sitting.session, presider=sitting.presider, is_off=True)


@pytest.mark.parametrize(
    ("begins", "free"),
    [(-3 * HOUR, True), (-2 * HOUR, False), (HOUR, False), (3 * HOUR, True)],
    ids=["ends as it begins", "into it", "inside it", "begins as it ends"],
)
def test_presider_sits_in_one_session_at_a_time(begins, free):
    session = SessionFactory(starts_at=MORNING, ends_at=MORNING + 3 * HOUR)
    presider = PresidingFactory(session=session).presider
    other = SessionFactory(starts_at=MORNING + begins, ends_at=MORNING + begins + 3 * HOUR)

    if free:
        PresidingFactory(session=other, presider=presider)
        assert presider.presidings.count() == 2
    else:
        with refused("presider_sits_in_one_session_at_a_time"), transaction.atomic():
            PresidingFactory(session=other, presider=presider)
        PresidingFactory(session=other)


def test_presider_of_a_session_called_off_is_free():
    sitting = PresidingFactory(is_off=True)
    other = SessionFactory(starts_at=sitting.starts_at, ends_at=sitting.ends_at)

    PresidingFactory(session=other, presider=sitting.presider)


def test_presiding_follows_its_sessions_times_and_takes_no_others():
    sitting = PresidingFactory(session=SessionFactory(starts_at=MORNING))
    Session.objects.filter(pk=sitting.session_id).update(
        starts_at=MORNING + HOUR, ends_at=MORNING + 2 * HOUR
    )

    sitting.refresh_from_db()
    assert (sitting.starts_at, sitting.ends_at) == (MORNING + HOUR, MORNING + 2 * HOUR)
    with refused("presiding_has_its_sessions_times"), transaction.atomic():
        Presiding.objects.filter(pk=sitting.pk).update(starts_at=MORNING)


def test_presiding_gets_its_sessions_first_times_and_gives_them_back():
    sitting = PresidingFactory(session=SessionFactory(starts_at=None, ends_at=None))
    assert (sitting.starts_at, sitting.ends_at) == (None, None)

    for times in ((MORNING, MORNING + HOUR), (None, None)):
        Session.objects.filter(pk=sitting.session_id).update(starts_at=times[0], ends_at=times[1])
        sitting.refresh_from_db()
        assert (sitting.starts_at, sitting.ends_at) == times


def test_presider_is_refused_the_first_times_of_a_second_session():
    sitting = PresidingFactory(session=SessionFactory(starts_at=MORNING))
    tray = SessionFactory(starts_at=None, ends_at=None)
    PresidingFactory(session=tray, presider=sitting.presider)

    with refused("presider_sits_in_one_session_at_a_time"), transaction.atomic():
        Session.objects.filter(pk=tray.pk).update(starts_at=MORNING, ends_at=MORNING + HOUR)

    tray.refresh_from_db()
    assert tray.starts_at is None


def test_presiding_takes_the_sessions_times_whatever_is_written():
    sitting = PresidingFactory(starts_at=MORNING - HOUR, ends_at=MORNING)

    sitting.refresh_from_db()
    assert (sitting.starts_at, sitting.ends_at) == (
        sitting.session.starts_at,
        sitting.session.ends_at,
    )


@pytest.mark.parametrize(
    ("model", "rule", "values"),
    [
        (Invitation, "invitation_asks_one_party", {"quota": 2}),
        (Attendance, "attendance_counts_one_party", {"total": 2, "women": 1}),
    ],
)
def test_party_is_an_organization_or_an_authority(model, rule, values):
    session, organization, authority = SessionFactory(), OrganizationFactory(), AuthorityFactory()
    for parties in ({}, {"organization": organization, "authority": authority}):
        with refused(rule), transaction.atomic():
            model.objects.create(session=session, **values, **parties)


def change(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)


def another_sessions_invitation():
    DelegateFactory(session=SessionFactory(), invitation=InvitationFactory())


def same_number():
    first = DelegateFactory()
    DelegateFactory(invitation=first.invitation, number=first.number)


def same_entry():
    first = announced(SessionFactory()).announced
    Entry.objects.create(
        programme=first.programme, session=first.session, sequence=1, change=Entry.Change.SAME
    )


def same_programme():
    made = announced(SessionFactory()).announced.programme
    Programme.objects.create(forum=made.forum, number=made.number, published_at=MORNING)


def same_letter():
    for _number in range(2):
        InvitationFactory(letter_number="12/26")


def same_told():
    told = ToldFactory()
    ToldFactory(session=told.session, recipient=told.recipient)


def same_call():
    call = IssueCallFactory()
    IssueCallFactory(forum=call.forum, province=call.province)


# Each rule of what came with planning, drafts and publishing, broken once.
VIOLATIONS = {
    "forum_gives_notice_of_at_most_a_quarter": lambda: ForumFactory(notice_days=66),
    "forum_lies_within_reach": lambda: ForumFactory(starts_on=dt.date(1999, 12, 31)),
    "call_lies_within_reach": lambda: IssueCallFactory(closes_on=dt.date(2201, 1, 1)),
    "session_lies_within_reach": lambda: SessionFactory(
        starts_at=MORNING.replace(year=9999), ends_at=MORNING.replace(year=9999) + HOUR
    ),
    "forum_calls_once_in_a_province": same_call,
    "call_closes_no_earlier_than_it_opens": lambda: IssueCallFactory(
        opens_on=dt.date(2026, 3, 2), closes_on=dt.date(2026, 3, 1)
    ),
    "venue_stands_once_in_a_province": lambda: Venue.objects.bulk_create(
        Venue(province=ProvinceFactory(), name_km="សាល") for _number in range(2)
    ),
    "venue_has_a_sensible_number_of_seats": lambda: VenueFactory(capacity=5001),
    "session_has_both_times_or_none": lambda: change(SessionFactory(), ends_at=None),
    "session_with_approved_minutes_is_released": lambda: change(
        SessionFactory(), minutes_approved_at=MORNING
    ),
    "session_that_sits_has_its_day": lambda: change(
        SessionFactory(status="open"), starts_at=None, ends_at=None
    ),
    "session_is_published_exactly_when_announced": lambda: change(
        SessionFactory(), published_at=MORNING
    ),
    "invitation_draft_has_no_number": lambda: InvitationFactory(
        released_at=None, letter_number="1/26"
    ),
    "invitation_number_is_used_once": same_letter,
    "delegate_is_named_for_its_sessions_invitation": another_sessions_invitation,
    "delegate_is_of_one_party_at_most": lambda: DelegateFactory(organization=OrganizationFactory()),
    "delegate_has_the_number_alone": same_number,
    "delegate_who_came_has_not_left": lambda: DelegateFactory(came_at=MORNING, left_at=MORNING),
    "delegate_who_left_has_no_name": lambda: DelegateFactory(sealed=b"1", left_at=MORNING),
    "programme_version_stands_once": same_programme,
    "programme_versions_count_from_one": lambda: Programme.objects.create(
        forum=ForumFactory(), number=0, published_at=MORNING
    ),
    "session_stands_once_in_a_version": same_entry,
    "entry_has_both_times_or_none": lambda: change(
        announced(SessionFactory()).announced, ends_at=MORNING - HOUR, starts_at=MORNING
    ),
    "told_stands_once_for_a_recipient": same_told,
    "told_withdrawn_is_off": lambda: ToldFactory(is_withdrawn=True),
}
# Broken by the tests of their own in this file.
ELSEWHERE = {
    "attendance_counts_one_party", "attendance_has_no_more_women_than_people",
    "forum_ends_no_earlier_than_it_starts", "invitation_answered_at_matches_status",
    "invitation_asks_one_party", "invitation_has_a_place", "party_is_counted_once_in_a_session",
    "party_is_invited_once_to_a_session", "presider_sits_in_one_session_at_a_time",
    "presider_sits_once_in_a_session", "presider_stands_once", "session_cancelled_says_why",
    "session_ends_after_it_starts", "session_released_at_matches_status",
}  # fmt: skip
# What foreign keys point at; and one that is no constraint of Django's.
KEYS, BARE = (
    {"invitation_with_its_session", "session_with_its_times"},
    {"delegate_is_named_for_its_sessions_invitation"},
)


def test_every_constraint_is_violated_here():
    named = {
        constraint.name
        for model in apps.get_app_config("forum").get_models()
        for constraint in model._meta.constraints
    }

    assert set(VIOLATIONS) | ELSEWHERE | KEYS == named | BARE


@pytest.mark.parametrize("name", VIOLATIONS)
def test_constraint_refuses(name):
    with refused(name), transaction.atomic():
        VIOLATIONS[name]()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # those that wait for the commit


@pytest.mark.parametrize("kind", ["organization", "authority"])
@pytest.mark.parametrize(
    ("factory", "rule"),
    [
        (InvitationFactory, "party_is_invited_once_to_a_session"),
        (AttendanceFactory, "party_is_counted_once_in_a_session"),
    ],
)
def test_party_stands_once_in_a_session(factory, rule, kind):
    party = {kind: OrganizationFactory() if kind == "organization" else AuthorityFactory()}
    first = factory(**party)
    factory(**party)  # of another session

    with refused(rule):
        factory(session=first.session, **party)


@pytest.mark.parametrize("quota", [0, 201])
def test_invitation_has_a_place(quota):
    with refused("invitation_has_a_place"):
        InvitationFactory(quota=quota)


@pytest.mark.parametrize(
    ("status", "answered_at"),
    [(Invitation.Status.PENDING, MORNING), (Invitation.Status.ACCEPTED, None)],
)
def test_invitation_is_answered_exactly_when_it_has_a_time_of_answer(status, answered_at):
    with refused("invitation_answered_at_matches_status"):
        InvitationFactory(status=status, answered_at=answered_at)


def test_attendance_has_no_more_women_than_people():
    with refused("attendance_has_no_more_women_than_people"):
        AttendanceFactory(total=2, women=3)


def test_counted_sums_people_and_women():
    session = SessionFactory()
    assert session.attendances.all().counted() == {"total": 0, "women": 0}
    AttendanceFactory(session=session, total=5, women=3)
    AttendanceFactory(session=session, total=2, women=0)

    assert session.attendances.all().counted() == {"total": 7, "women": 3}


def test_upcoming_are_the_standing_sessions_that_have_not_ended_by_time():
    ended = SessionFactory(starts_at=MORNING - 5 * HOUR, ends_at=MORNING - HOUR)
    later = SessionFactory(starts_at=MORNING + 5 * HOUR)
    running = SessionFactory(starts_at=MORNING - HOUR, ends_at=MORNING + HOUR)
    SessionFactory(starts_at=MORNING + HOUR, status=Session.Status.CANCELLED)

    assert list(Session.objects.upcoming(MORNING)) == [running, later]
    assert ended in Session.objects.standing()


def test_words_are_in_the_readers_language():
    session = SessionFactory(
        starts_at=MORNING, ends_at=MORNING + 3 * HOUR, venue=VenueFactory(name_en="Hall")
    )
    tray = Session(province=session.province)
    forum = Forum(name_km="វេទិកា", name_en="Forum", about_km="អំពី", rules_en="Be on time.")
    presider = PresiderFactory.build(title_km="ប្រធាន", title_en="Chair", province=None)

    with translation.override("en"):
        assert session.when == "27 March 2026, 08:30–11:30"
        assert (str(session.venue), str(forum), forum.about) == ("Hall", "Forum", "អំពី")
        assert (tray.when, str(tray), tray.day) == ("day not set", "Mondulkiri", None)
        assert str(presider) == "Chair"
    with translation.override("km"):
        assert session.when == "ថ្ងៃសុក្រ ទី២៧ ខែមីនា ឆ្នាំ២០២៦ ០៨:៣០–១១:៣០"
        assert (str(session.venue), str(forum)) == ("សាលាខេត្ត", "វេទិកា")
        assert (forum.rules, forum.theme) == ("Be on time.", "")
        assert str(presider) == "ប្រធាន"
