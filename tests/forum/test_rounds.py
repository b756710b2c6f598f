"""A whole round: a forum's team and rules, its calls, its page, and another one like it."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from forum import actions, copying, rounds
from forum.actions import Tally
from forum.forms.calls import CallsForm
from forum.forms.copying import CopyForm
from forum.forms.forums import EditForumForm, NewForumForm, initial_of_forum
from forum.models import Forum, Invitation, IssueCall, Session
from outbox.models import Notice
from tests.factories import (
    DAY,
    AuthorityFactory,
    ForumFactory,
    HolidayFactory,
    InvitationFactory,
    OrganizationFactory,
    PresiderFactory,
    PresidingFactory,
    ProvinceFactory,
    SessionFactory,
    VenueFactory,
    announced,
    coordinator_of,
    representative_of,
)
from tests.factories_more import DelegateFactory, IssueCallFactory
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
NOW = at(1, 9)
OPENS, CLOSES = dt.date(2026, 3, 1), dt.date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _english(client):
    client.defaults |= {"HTTP_ACCEPT_LANGUAGE": "en"}
    with translation.override("en"):
        yield


def trail(row):
    entries = AuditEntry.objects.filter(subject=subject_of(row))
    return [(one.action, one.actor, one.change) for one in entries]


def forum_fields(**changed):
    return {
        "name_km": "វេទិកា",
        "name_en": "Forum",
        "starts_on": dt.date(2026, 3, 26),
        "ends_on": dt.date(2026, 3, 28),
    } | changed


def address(name, row):
    return reverse(f"forum:{name}", args=[row.pk])


# --- team and rules -----------------------------------------------------------------------------
def test_create_forum_keeps_theme_rules_and_team(coordinator, province):
    texts = {"theme_en": "Land", "rules_km": "សូមមកទាន់ពេល។", "notice_days": 7}

    made = actions.create_forum(
        by=coordinator,
        now=NOW,
        client_key=uuid.uuid4(),
        provinces=[province],
        team=[coordinator],
        **forum_fields(**texts),
    )

    assert (made.theme, made.rules, made.notice_days) == ("Land", "សូមមកទាន់ពេល។", 7)
    assert list(made.team.all()) == [coordinator]


def test_team_are_coordinators_of_the_forums_provinces_or_of_all(forum, province, neighbor):
    everywhere, here = coordinator_of(None), coordinator_of(province)
    both = [province, neighbor]
    stranger = representative_of(OrganizationFactory(), title_en="Stranger")

    with pytest.raises(TransitionError, match="Stranger coordinates none of these provinces"):
        actions.edit_forum(
            forum, by=here, now=NOW, provinces=both, team=[stranger], **forum_fields()
        )
    actions.edit_forum(
        forum, by=here, now=NOW, provinces=both, team=[everywhere, here], **forum_fields()
    )

    assert set(forum.team.all()) == {everywhere, here}
    assert "team" in trail(forum)[0][2]["fields"]


def test_edit_forum_keeps_who_left_and_everybody_where_no_team_is_given(forum, province, neighbor):
    gone, here = coordinator_of(province), coordinator_of(neighbor)
    forum.team.set([gone])
    gone.role_assignments.update(ended_on=clock.today())
    both = [province, neighbor]

    actions.edit_forum(forum, by=here, now=NOW, provinces=both, **forum_fields(name_en="Other"))
    assert list(forum.team.all()) == [gone]
    actions.edit_forum(
        forum, by=here, now=NOW, provinces=both, team=[gone, here], **forum_fields(name_en="Other")
    )
    assert set(forum.team.all()) == {gone, here}


def test_forum_form_offers_coordinators_and_says_who_does_not_fit(forum, coordinator, neighbor):
    far = coordinator_of(neighbor, title_en="Far one")
    representative_of(OrganizationFactory())
    data = {
        "name_km": "វេទិកា", "name_en": "Forum", "starts_on": "2026-03-26",
        "ends_on": "2026-03-28", "provinces": ["11"], "notice_days": "១២",
    }  # fmt: skip
    form = NewForumForm(data | {"team": [far.pk]}, user=coordinator)

    assert set(form.fields["team"].queryset) == {coordinator, far}
    assert form.errors == {"team": ["Far one coordinates none of these provinces."]}
    sound = NewForumForm(data | {"team": [coordinator.pk]}, user=coordinator)
    assert sound.is_valid(), sound.errors
    assert (sound.cleaned_data["team"], sound.cleaned_data["notice_days"]) == ([coordinator], 12)


def test_forum_form_keeps_a_member_who_no_longer_coordinates(forum, coordinator, province):
    gone = coordinator_of(province)
    forum.team.set([gone])
    gone.role_assignments.update(ended_on=clock.today())
    form = EditForumForm(user=coordinator, initial=initial_of_forum(forum))

    assert set(form.fields["team"].queryset) == {coordinator, gone}


# --- calls for issues ---------------------------------------------------------------------------
def test_edit_calls_sets_moves_and_takes_them_away(forum, coordinator, province):
    def call(days):
        actions.edit_calls(forum, by=coordinator, now=NOW, days={province: days})
        return list(forum.calls.values_list("province", "opens_on", "closes_on"))

    assert call((OPENS, CLOSES)) == [("11", OPENS, CLOSES)]
    assert call((OPENS, CLOSES)) == [("11", OPENS, CLOSES)]  # again: no second trace
    assert call((OPENS, CLOSES + DAY)) == [("11", OPENS, CLOSES + DAY)]
    assert call(None) == []
    assert trail(forum) == [("forum.edit_calls", coordinator, {"provinces": ["11"]})] * 3
    forum.refresh_from_db()
    assert forum.version == 4


def test_edit_calls_leaves_other_provinces_alone(forum, coordinator, province, neighbor):
    theirs = IssueCallFactory(forum=forum, province=neighbor)

    actions.edit_calls(forum, by=coordinator, now=NOW, days={province: (OPENS, CLOSES)})
    with pytest.raises(PermissionDenied):
        actions.edit_calls(forum, by=coordinator, now=NOW, days={neighbor: None})

    assert set(forum.calls.values_list("province", flat=True)) == {"11", "16"}
    assert IssueCall.objects.filter(pk=theirs.pk).exists()


def test_edit_calls_refuses_crossed_days_and_what_another_changed(forum, coordinator, province):
    with pytest.raises(TransitionError, match="In Mondulkiri the call would close before"):
        actions.edit_calls(forum, by=coordinator, now=NOW, days={province: (CLOSES, OPENS)})
    actions.edit_calls(forum, by=coordinator, now=NOW, days={province: (OPENS, CLOSES)}, seen=1)

    with pytest.raises(TransitionError, match=f"{coordinator.title_en} has changed this"):
        actions.edit_calls(forum, by=coordinator_of(None), now=NOW, days={province: None}, seen=1)


def test_forum_form_shows_the_provinces_of_others_as_fixed(forum, coordinator, province, neighbor):
    far = ProvinceFactory(code="19")
    data = {
        "name_km": "វេទិកា", "name_en": "Forum", "starts_on": "2026-03-26", "ends_on": "2026-03-28",
    }  # fmt: skip

    def form(user, *codes):
        sent = data | {"provinces": codes}
        return EditForumForm(sent, user=user, initial=initial_of_forum(forum))

    kept = form(coordinator, "11")
    assert kept.is_valid(), kept.errors
    assert kept.cleaned_data["provinces"] == [province, neighbor]
    boxes = {str(one.data["value"]): one.data for one in kept["provinces"]}
    assert {pk: (one["selected"], "disabled" in one["attrs"]) for pk, one in boxes.items()} == {
        "11": (True, False),
        "16": (True, True),
    }
    assert "checked" in boxes["16"]["attrs"]
    assert list(form(coordinator, "11", "19").errors) == ["provinces"]
    everywhere = form(coordinator_of(None), "19")
    assert everywhere.is_valid(), everywhere.errors
    assert everywhere.cleaned_data["provinces"] == [far]


def test_edit_forum_takes_the_calls_of_a_given_up_province_with_it(forum, province):
    coordinator = coordinator_of(None)
    for code in ("11", "16"):
        IssueCallFactory(forum=forum, province_id=code)

    actions.edit_forum(forum, by=coordinator, now=NOW, provinces=[province], **forum_fields())

    assert list(forum.calls.values_list("province", flat=True)) == ["11"]


def test_calls_form_says_at_the_field_what_is_wrong(province, neighbor):
    data = {
        "opens_11": "២០២៦-០៣-០១", "closes_11": "",
        "opens_16": "2026-03-20", "closes_16": "2026-03-01",
    }  # fmt: skip
    form = CallsForm(data, provinces=[province, neighbor], calls={})

    assert form.errors == {
        "closes_11": ["Say until when issues are called for."],
        "closes_16": ["The call closes before it opens."],
    }


def test_calls_page_saves_the_days_of_ones_own_provinces(client, forum, coordinator):
    client.force_login(coordinator)
    path = address("forum_calls", forum)
    page = client.get(path)

    saved = client.post(
        path, {"seen": 1, "opens_11": "2026-03-01", "closes_11": "2026-03-20"}, follow=True
    ).content.decode()

    assert [row.province.pk for row in page.context["form"].rows()] == ["11"]
    assert "The days of the calls are saved." in saved
    assert "Issues were called for until 20 March 2026." in saved


def test_calls_are_shown_by_their_days_to_everybody_who_sees_the_forum(client, forum, province):
    announced(SessionFactory(forum=forum, province=province))
    call = IssueCallFactory(forum=forum, province=province)
    today = clock.today()

    def shown(opens, closes):
        IssueCall.objects.filter(pk=call.pk).update(opens_on=opens, closes_on=closes)
        return client.get(forum.get_absolute_url()).content.decode()

    assert "Issues are called for until" in shown(today, today)
    assert "Issues were called for until" in shown(today - 2 * DAY, today - DAY)
    assert "Issues will be called for from" in shown(today + DAY, today + 2 * DAY)


def test_representative_is_told_at_home_what_is_called_for_now(client, province, neighbor):
    forum = ForumFactory(name_en="Spring round")
    until = clock.today()
    IssueCallFactory(forum=forum, province=province, closes_on=until)
    IssueCallFactory(province=province, opens_on=until + DAY)
    IssueCallFactory(province=province, closes_on=until - DAY)
    IssueCallFactory(province=neighbor)
    client.force_login(representative_of(OrganizationFactory(provinces=[province])))

    page = " ".join(client.get("/").content.decode().split())

    assert page.count("are called for until") == 1
    assert "Issues for the forum “Spring round” in Mondulkiri are called for until" in page
    client.force_login(representative_of(OrganizationFactory(provinces=[])))
    assert "are called for until" not in client.get("/").content.decode()


# --- a copy -------------------------------------------------------------------------------------
ALL = list(copying.PARTS)


@pytest.fixture
def past(forum, session, province, neighbor, coordinator):
    """The forum with all there is to copy; its one session on 26 March 2026, a Thursday."""
    Forum.objects.filter(pk=forum.pk).update(theme_en="Land", rules_en="Be on time.", notice_days=7)
    forum.refresh_from_db()
    forum.team.set([coordinator])
    session.team.set([coordinator])
    PresidingFactory(session=session, presider__title_en="Chair", role="chair")
    InvitationFactory(session=session, quota=5, status="accepted")
    InvitationFactory(session=session, withdrawn_at=NOW)
    ended = OrganizationFactory(ended_on=clock.today())
    InvitationFactory(session=session, organization=ended)
    InvitationFactory(session=session, authority=AuthorityFactory(ended_on=clock.today()))
    IssueCallFactory(forum=forum, province=province, opens_on=OPENS, closes_on=CLOSES)
    IssueCallFactory(forum=forum, province=neighbor, opens_on=OPENS, closes_on=CLOSES)
    SessionFactory(forum=forum, province=province, starts_at=at(27, 8), status="cancelled")
    SessionFactory(forum=forum, province=neighbor, starts_at=at(28, 8))
    return forum


def copy_of(past, by, parts=ALL, **changed):
    content = {
        "client_key": uuid.uuid4(),
        "name_km": "ថ្មី",
        "name_en": "New",
        "starts_on": dt.date(2027, 3, 25),
    } | changed
    return actions.copy_forum(past, by=by, now=NOW, parts=parts, **content)


def test_copy_forum_takes_everything_that_stands_and_tells_nobody(past, session, coordinator):
    copied = copy_of(past, coordinator)

    made = copied.forum
    assert (made.starts_on, made.ends_on) == (dt.date(2027, 3, 25), dt.date(2027, 3, 27))
    assert (made.theme_en, made.rules_en, made.notice_days) == ("Land", "Be on time.", 7)
    assert set(made.provinces.all()) == set(past.provinces.all())
    assert list(made.team.all()) == [coordinator]
    calls = made.calls.values_list("province", "opens_on", "closes_on")
    assert list(calls) == [("11", OPENS + 364 * DAY, CLOSES + 364 * DAY)]
    new = made.sessions.get()
    assert (new.starts_at, new.ends_at) == (at(26, 8) + 364 * DAY, at(26, 12) + 364 * DAY)
    assert (new.venue, new.status, new.announced) == (session.venue, "planned", None)
    assert list(new.team.all()) == [coordinator]
    assert [str(one.presider) for one in new.presidings.all()] == ["Chair"]
    asked = new.invitations.values_list("quota", "status", "released_at")
    assert list(asked) == [(5, "pending", None)]
    assert copied.in_tray == []
    assert not Notice.objects.exists()
    change = {"of": past.pk, "parts": sorted(ALL)}
    assert trail(made) == [("forum.copy_forum", coordinator, change)]


def test_copy_forum_takes_what_is_chosen_alone(past, coordinator):
    bare = copy_of(past, coordinator, parts=[]).forum
    plain = copy_of(past, coordinator, parts=["sessions"]).forum

    assert (bare.theme_en, bare.calls.count(), bare.team.count()) == ("", 0, 0)
    assert (bare.sessions.count(), plain.sessions.count()) == (0, 1)
    session = plain.sessions.get()
    assert (session.presidings.count(), session.invitations.count()) == (0, 0)


def test_copy_forum_lays_a_session_in_the_tray_whose_presider_sits_elsewhere(past, coordinator):
    presider = past.sessions.get(starts_at=at(26, 8)).presidings.get().presider
    there = SessionFactory(starts_at=at(26, 11) + 364 * DAY)
    PresidingFactory(session=there, presider=presider)

    copied = copy_of(past, coordinator)
    without = copy_of(past, coordinator, parts=["sessions"])

    (new,) = copied.in_tray
    assert (new.starts_at, new.presidings.get().presider) == (None, presider)
    assert without.in_tray == []
    assert without.forum.sessions.get().starts_at == at(26, 8) + 364 * DAY


def test_copy_forum_leaves_presiders_and_venues_that_are_no_more(past, session, coordinator):
    type(session.venue).objects.update(ended_on=clock.today())
    presiding = session.presidings.get()
    type(presiding.presider).objects.update(ended_on=clock.today())

    new = copy_of(past, coordinator).forum.sessions.get()

    assert (new.venue, new.presidings.count()) == (None, 0)


def test_copy_forum_makes_it_once_by_its_key(past, coordinator):
    content = {"client_key": uuid.uuid4()}

    first = copy_of(past, coordinator, **content)
    again = copy_of(past, coordinator, **content)
    with pytest.raises(Conflict):
        copy_of(past, coordinator, name_en="Other", **content)

    assert first.forum == again.forum
    assert Session.objects.filter(forum=first.forum).count() == 1


@pytest.mark.parametrize("parts", [(), ("sessions",), ("calls",)])
def test_copy_forum_leaves_nothing_out_of_reach(past, coordinator, parts):
    gap = dt.timedelta(days=(past.ends_on - past.starts_on).days if not parts else 30)
    SessionFactory(forum=past, province_id="11", starts_at=at(26, 8) + gap)
    past.calls.update(closes_on=past.starts_on + gap)

    with pytest.raises(TransitionError, match="Choose a day between 2000 and 2200"):
        copy_of(past, coordinator, parts, starts_on=dt.date(2200, 12, 31) - gap + DAY)

    assert not Forum.objects.filter(name_en="New").exists()


def test_copy_forum_belongs_to_its_coordinators(past):
    with pytest.raises(PermissionDenied):
        copy_of(past, representative_of(OrganizationFactory()))

    assert Forum.objects.count() == 1


def test_copy_forum_takes_as_many_queries_for_twenty_sessions(past, coordinator, province):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            copy_of(past, coordinator, starts_on=dt.date(2030, 3, 25 + Forum.objects.count() % 3))
        return len(captured)

    coordinator.serves("11")
    few = cost()
    for number in range(20):
        one = SessionFactory(forum=past, province=province, starts_at=at(number % 20 + 2, 14))
        PresidingFactory(session=one)
        InvitationFactory(session=one)

    assert cost() <= few + 1


def test_proposed_day_is_the_same_weekday_ahead():
    old = Forum(starts_on=dt.date(2018, 3, 26))
    coming = Forum(starts_on=dt.date(2026, 12, 7))

    assert copying.proposed_day(old, dt.date(2026, 11, 22)) == dt.date(2027, 3, 15)
    assert copying.proposed_day(coming, dt.date(2026, 11, 22)) == dt.date(2027, 12, 6)
    assert copying.proposed_day(old, dt.date(2026, 11, 22)).weekday() == old.starts_on.weekday()


def test_copy_form_needs_a_name_of_its_own_and_sessions_for_their_people(past):
    data = {"name_km": past.name_km, "name_en": past.name_en, "starts_on": "2027-03-25"}
    form = CopyForm(data | {"parts": ["presiders"]}, forum=past, initial={})

    assert form.errors == {
        "name_km": ["Give the new forum a name of its own."],
        "name_en": ["Give the new forum a name of its own."],
        "parts": ["Who presides and who is invited can be copied only with the sessions."],
    }


def test_copy_page_shows_the_days_before_and_says_what_went_into_the_tray(
    client, past, coordinator
):
    client.force_login(coordinator)
    path = address("forum_copy", past)
    HolidayFactory(date=dt.date(2026, 3, 27))
    data = {
        "client_key": str(uuid.uuid4()), "name_km": "ថ្មី", "name_en": "New",
        "starts_on": "2026-03-27", "parts": ALL,
    }  # fmt: skip

    looked = client.post(path, data | {"look": "1"})
    shown = " ".join(looked.content.decode().split())
    assert Forum.objects.count() == 1
    assert "all days move by 1 day." in shown
    assert "Sessions come to other days of the week." in shown
    assert "Offices are closed" in shown
    own_name = data | {"look": "1", "name_km": "", "name_en": past.name_en}
    assert not client.post(path, own_name).context["form"].errors
    fresh = client.get(path).context["form"].initial
    assert ("name_km" in fresh, "name_en" in fresh) == (False, False)
    weekend = client.post(path, data | {"look": "1", "starts_on": "2026-03-28"})
    assert "Weekend" in weekend.content.decode()

    same_day = data | {"starts_on": "2026-03-26"}
    warned = client.post(path, same_day | {"look": "1"}).content.decode()
    made = client.post(path, same_day, follow=True).content.decode()
    assert "Chair presides the session in Mondulkiri then" in warned
    assert "1 session has no day yet, because one who presides it sits elsewhere" in made
    assert client.post(path, same_day | {"name_en": "Other"}).status_code == 409


# --- the page -----------------------------------------------------------------------------------
def test_page_counts_what_stands_around_each_session_for_its_coordinators(
    client, forum, province, coordinator
):
    venue = VenueFactory(name_km="សាល", capacity=60)
    session = announced(SessionFactory(forum=forum, province=province, venue=venue, status="open"))
    coming = InvitationFactory(session=session, status="accepted")
    InvitationFactory(session=session)
    InvitationFactory(session=session, released_at=None)
    InvitationFactory(session=session, withdrawn_at=NOW)
    DelegateFactory(invitation=coming)
    client.force_login(coordinator)

    def figures():
        found = client.get(forum.get_absolute_url())
        return found.context["parts"][0].cards[0].figures, found.content.decode()

    found, page = figures()
    assert (found.sent, found.coming, found.silent, found.drafts) == (2, 1, 1, 1)
    assert (found.named, found.capacity, found.came) == (1, 60, None)
    assert "2 sent, 1 coming, 1 not answered" in page
    actions.record_attendance(session, by=coordinator, now=NOW, tallies=[Tally(coming, 3, 2)])
    found, page = figures()
    assert found.came == (3, 2)
    assert "3 people, of whom 2 women" in page


def test_page_tells_its_coordinators_what_is_new_to_publish(client, forum, province, coordinator):
    session = announced(SessionFactory(forum=forum, province=province))
    client.force_login(coordinator)
    assert client.get(forum.get_absolute_url()).context["news"] == 0

    actions.move_session(session, by=coordinator, now=NOW, day=None)
    page = client.get(forum.get_absolute_url())

    assert page.context["news"] == 1
    shown = " ".join(page.content.decode().split())
    assert "Version 1 of the programme was published" in shown
    assert "1 session has something new to publish." in shown
    assert "Changed since it was published: Postponed" in shown


def test_page_shows_the_rules_to_everybody_and_the_secretariats_part_to_it_alone(
    client, forum, province
):
    Forum.objects.filter(pk=forum.pk).update(rules_en="Be on time.", theme_en="Land and water")
    announced(SessionFactory(forum=forum, province=province))
    forum.team.set([coordinator_of(province, title_en="Team member")])

    shown = client.get(forum.get_absolute_url()).content.decode()

    assert "Be on time." in shown
    assert "Land and water" in shown
    for hidden in ("Team member", "For the secretariat", "not answered"):
        assert hidden not in shown


def test_parts_are_the_provinces_with_their_sessions_by_day(forum, province, neighbor):
    later = SessionFactory(forum=forum, province=province, starts_at=at(28, 8))
    first = SessionFactory(forum=forum, province=province, starts_at=at(26, 8))
    tray = SessionFactory(forum=forum, province=province, starts_at=None, ends_at=None)
    user = coordinator_of(None)

    parts = rounds.parts_of(rounds.with_round(Forum.objects.all()).get(), user)

    assert [(part.province.pk, [card.session for card in part.cards]) for part in parts] == [
        ("11", [first, later, tray]),
        ("16", []),
    ]


def test_page_asks_at_most_twelve_queries(client, forum, province, coordinator):
    for number in range(8):
        session = announced(
            SessionFactory(forum=forum, province=province, starts_at=at(number + 2, 8))
        )
        PresidingFactory(session=session, presider=PresiderFactory())
        InvitationFactory(session=session, status=Invitation.Status.ACCEPTED)
        InvitationFactory(session=session, released_at=None)
    IssueCallFactory(forum=forum, province=province)
    forum.team.set([coordinator])
    client.force_login(coordinator)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(forum.get_absolute_url()).status_code == 200

    assert len(captured) <= 12
