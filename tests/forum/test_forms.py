"""What the forms understand, and what they say at which field."""

import datetime as dt
import uuid

import pytest
from django.utils import translation

from forum.forms.attendance import AttendanceForm
from forum.forms.forums import NewForumForm
from forum.forms.invitations import AnswerForm, InviteForm
from forum.forms.sessions import (
    EditSessionForm,
    NewSessionForm,
    PresidersForm,
    initial_of_session,
)
from forum.models import Invitation, Presiding
from provinces.fields import NumberField
from tests.factories import (
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
    PresiderFactory,
    PresidingFactory,
    VenueFactory,
    coordinator_of,
)
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def session_data(**changed):
    return {
        "province": "11",
        "day": "2026-03-26",
        "starts": "08:30",
        "ends": "12:00",
        "venue_km": "សាលាខេត្ត",
        "client_key": str(uuid.uuid4()),
    } | changed


def forum_data(**changed):
    return {
        "name_km": "វេទិកា",
        "name_en": "Forum",
        "starts_on": "2026-03-26",
        "ends_on": "2026-03-28",
        "provinces": ["11", "16"],
    } | changed


@pytest.mark.parametrize(
    ("day", "starts"),
    [("2026-03-26", "08:30"), ("២០២៦-០៣-២៦", "០៨:៣០"), (" ២៦/០៣/២០២៦ ", "08:30:00")],
)
@pytest.mark.parametrize("language", ["km", "en"])
def test_days_and_times_are_understood_in_both_digits_and_languages(
    forum, coordinator, day, starts, language
):
    with translation.override(language):
        form = NewSessionForm(session_data(day=day, starts=starts), forum=forum, user=coordinator)
        assert form.is_valid(), form.errors

    fields = form.fields_of_session()
    assert (fields["starts_at"], fields["ends_at"]) == (at(26, 8, 30), at(26, 12))
    assert set(fields) == {
        "client_key", "province", "starts_at", "ends_at", "venue", "new_venue",
    }  # fmt: skip
    assert (fields["venue"], fields["new_venue"]) == (None, ("សាលាខេត្ត", ""))


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"ends": "08:30"}, {"ends": ["The session ends before it begins."]}),
        ({"ends": ""}, {"ends": ["Say when it ends."]}),
        ({"starts": ""}, {"starts": ["Say when it begins."]}),
        ({"day": ""}, {"day": ["Choose the day, or leave both times empty."]}),
        (
            {"venue_km": "", "venue_en": "Hall"},
            {"venue_km": ["Give the new venue its Khmer name."]},
        ),
        ({"day": "2026-02-30"}, {"day": ["Enter a valid date."]}),
        ({"starts": "25:00"}, {"starts": ["Enter a valid time."]}),
    ],
)
def test_session_form_says_at_the_field_what_is_wrong(forum, coordinator, data, errors):
    form = NewSessionForm(session_data(**data), forum=forum, user=coordinator)

    assert form.errors == errors


def test_session_form_offers_the_provinces_of_forum_and_coordinator(forum, coordinator):
    form = NewSessionForm(session_data(province="16"), forum=forum, user=coordinator)

    assert list(form.errors) == ["province"]
    assert [one.pk for one in form.fields["province"].queryset] == ["11"]


def test_session_form_shows_dates_for_the_browsers_own_input(forum, coordinator):
    form = NewSessionForm(forum=forum, user=coordinator, initial={"day": dt.date(2026, 3, 26)})
    with translation.override("km"):
        shown = str(form["day"])

    assert 'type="date"' in shown
    assert 'value="2026-03-26"' in shown


def test_session_form_takes_a_day_outside_the_forum_and_none_at_all(forum, coordinator):
    outside = NewSessionForm(session_data(day="2026-04-29"), forum=forum, user=coordinator)
    nowhere = session_data(day="", starts="", ends="")
    tray = NewSessionForm(nowhere, forum=forum, user=coordinator)

    assert (outside.is_valid(), tray.is_valid()) == (True, True)
    fields = tray.fields_of_session()
    assert (fields["starts_at"], fields["ends_at"]) == (None, None)


def test_session_form_offers_venues_in_use_of_the_province_alone(forum, coordinator, neighbor):
    hall = VenueFactory(name_en="Hall")
    VenueFactory(province=neighbor)
    VenueFactory(name_km="ចាស់", ended_on=dt.date(2025, 1, 1))
    data = session_data(venue=hall.pk, venue_km="")
    form = NewSessionForm(data, forum=forum, user=coordinator)
    both = NewSessionForm(session_data(venue=hall.pk), forum=forum, user=coordinator)

    assert list(form.fields["venue"].queryset) == [hall]
    assert form.is_valid(), form.errors
    assert form.fields_of_session()["venue"] == hall
    assert both.errors == {"venue_km": ["Choose a venue, or type a new one, not both."]}


def test_session_form_refuses_a_venue_of_the_other_province(forum, neighbor):
    data = session_data(venue=VenueFactory(province=neighbor).pk, venue_km="")
    form = NewSessionForm(data, forum=forum, user=coordinator_of(None))

    assert form.errors == {"venue": ["This venue is in another province."]}


def test_session_form_keeps_a_venue_no_longer_used_where_it_stands(session):
    type(session.venue).objects.update(ended_on=dt.date(2025, 1, 1))
    initial = initial_of_session(session)
    form = EditSessionForm(provinces=[session.province_id], initial=initial)

    assert list(form.fields["venue"].queryset) == [session.venue]


def test_forum_form_offers_the_provinces_one_serves_first(make, neighbor):
    make.ProvinceFactory(code="01")
    boxes = NewForumForm(user=make.coordinator_of(neighbor)).fields["provinces"]

    assert boxes.queryset.first() == neighbor


def test_forum_form_needs_ordered_days_and_a_province_one_coordinates(forum, coordinator):
    data = forum_data(ends_on="2026-03-25", provinces=["16"])
    form = NewForumForm(data, user=coordinator)

    assert form.errors == {
        "ends_on": ["The last day lies before the first day."],
        "provinces": ["Choose at least one province you coordinate."],
    }


def test_new_forms_carry_a_key_and_take_it_back(forum, coordinator):
    key = uuid.uuid4()
    sent = NewForumForm(forum_data(client_key=str(key)), user=coordinator)
    bare = NewForumForm(forum_data(), user=coordinator)

    assert NewForumForm(user=coordinator)["client_key"].initial
    assert (sent.is_valid(), bare.is_valid()) == (True, True)
    assert sent.cleaned_data["client_key"] == key
    assert isinstance(bare.cleaned_data["client_key"], uuid.UUID)


def test_presiders_form_offers_standing_presiders_of_the_province(session, neighbor):
    here, everywhere = PresiderFactory(), PresiderFactory(province=None)
    PresiderFactory(province=neighbor)
    PresiderFactory(ended_on=dt.date(2025, 1, 1))
    form = PresidersForm({"chair": everywhere.pk, "co_presiders": [here.pk]}, session=session)

    assert form.is_valid()
    assert form.roles() == {here: "co_presider", everywhere: "chair"}
    assert set(form.fields["chair"].queryset) == {here, everywhere}


def test_presiders_form_shows_who_presides_and_refuses_one_in_both_roles(session):
    sitting = PresidingFactory(session=session, role=Presiding.Role.CHAIR)
    chair = sitting.presider_id

    assert PresidersForm(session=session).initial == {"chair": chair, "co_presiders": []}
    form = PresidersForm({"chair": chair, "co_presiders": [chair]}, session=session)
    assert list(form.errors) == ["co_presiders"]


def test_invite_form_offers_who_is_not_invited_yet(session, neighbor):
    asked = InvitationFactory(session=session).party
    here, far = (
        OrganizationFactory(name_en="Bees"),
        OrganizationFactory(name_en="Bee keepers", provinces=[neighbor]),
    )
    office, ministry = AuthorityFactory(name_en="Office"), AuthorityFactory(ministry=True)
    AuthorityFactory(province=neighbor)
    invitations = session.invitations.all()

    form = InviteForm(session=session, asked=invitations, q="")
    found = InviteForm(session=session, asked=invitations, q="bee")

    assert list(form.fields["organizations"].queryset) == [here]
    assert set(form.fields["authorities"].queryset) == {office, ministry}
    assert set(found.fields["organizations"].queryset) == {here, far}
    assert not found.fields["authorities"].queryset.exists()
    sent = InviteForm(
        {"organizations": [asked.pk], "quota": "៣"}, session=session, asked=invitations, q=""
    )
    assert sent.is_valid(), sent.errors  # somebody else invited them a moment ago
    assert sent.cleaned_data["quota"] == 3


@pytest.mark.parametrize(
    ("data", "field"), [({"quota": "2"}, "__all__"), ({"quota": "0"}, "quota")]
)
def test_invite_form_needs_somebody_and_a_place(session, data, field):
    form = InviteForm(data, session=session, asked=session.invitations.all(), q="")

    assert field in form.errors


def test_answer_form_takes_yes_and_no_alone():
    given = {value: AnswerForm({"status": value}).is_valid() for value in Invitation.Status.values}

    assert given == {"pending": False, "accepted": True, "declined": True}


def attendance(session, data=None, counts=None):
    """The form for the session's invitations; ``data`` by field name and position."""
    invitations = list(session.invitations.all())
    if data is not None:
        keys = {f"{name}_{invitations[place].pk}": value for (name, place), value in data.items()}
        shown = counts or {}
        for one in invitations:
            total, women = shown.get((one.organization_id, one.authority_id), ("", ""))
            keys |= {f"initial-total_{one.pk}": total, f"initial-women_{one.pk}": women}
        data = keys
    return AttendanceForm(data, invitations=invitations, counts=counts or {})


def test_attendance_form_gives_the_lines_that_were_changed(session):
    first, second, third = (InvitationFactory(session=session) for _number in range(3))
    counts = {(one.organization_id, None): (4, 2) for one in (first, second)}
    data = {
        ("total", 0): "៥", ("women", 0): "៣",
        ("total", 1): "4", ("women", 1): "2",
        ("total", 2): "", ("women", 2): "",
    }  # fmt: skip
    form = attendance(session, data, counts)

    assert form.is_valid(), form.errors
    assert form.tallies() == [(first, 5, 3)]
    assert [row.invitation for row in form.rows()] == [first, second, third]


def test_attendance_form_keeps_what_another_wrote_since_the_page_was_shown(session):
    invitation = InvitationFactory(session=session)
    form = attendance(session, {("total", 0): "", ("women", 0): ""})
    form.fields[f"total_{invitation.pk}"].initial = 7  # written meanwhile

    assert form.is_valid()
    assert form.tallies() == []


@pytest.mark.parametrize(
    ("total", "women", "field", "sentence"),
    [
        ("2", "3", "women", "There cannot be more women than people."),
        ("2", "", "women", "Say how many of them were women."),
        ("", "2", "total", "Say how many people came in all."),
        ("x", "2", "total", "Enter a whole number."),
        ("-1", "0", "total", "Ensure this value is greater than or equal to 0."),
    ],
)
def test_attendance_form_says_at_the_field_what_is_wrong(session, total, women, field, sentence):
    invitation = InvitationFactory(session=session)
    form = attendance(session, {("total", 0): total, ("women", 0): women})

    assert sentence in form.errors[f"{field}_{invitation.pk}"]


@pytest.mark.parametrize(("typed", "number"), [("12", 12), (" ១២ ", 12), ("1២", 12)])
def test_number_field_understands_both_digits(typed, number):
    assert NumberField().clean(typed) == number
