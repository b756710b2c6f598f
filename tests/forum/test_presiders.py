"""Lists of who may preside and as what; who goes to a session; and no two sessions at once."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import translation

from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from forum import actions
from forum.models import Presider, PresidingRole, Session
from tests import factories, factories_more
from tests.forum.conftest import at

NOW = at(2, 9)
DEPUTY = {"title_km": "អភិបាលរង", "title_en": "Deputy governor"}
ROLE = {"name_km": "អភិបាល", "name_en": "Governor", "position": 7}


@pytest.fixture(autouse=True)
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def signed_in(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def governor(db):
    fields = {"name_km": "អភិបាល", "name_en": "Governor"}
    return PresidingRole.objects.get_or_create(code="governor", defaults=fields)[0]


def trail(row):
    rows = AuditEntry.objects.filter(subject=subject_of(row))
    return list(rows.values_list("action", "role", "change"))


# --- the list -----------------------------------------------------------------------------------
def test_create_presider_makes_one_and_refuses_another_of_the_title(
    province, coordinator, governor
):
    fields = DEPUTY | {"office": governor, "honorific": factories_more.HonorificFactory()}
    made = [
        actions.create_presider(by=coordinator, now=NOW, province=province, **fields)
        for _time in range(2)
    ]

    assert made[0] == made[1] == Presider.objects.get()
    assert trail(made[0]) == [("forum.add_presider", "coordinator", {})]
    with pytest.raises(TransitionError, match="already is a presider of this title"):
        actions.create_presider(by=coordinator, now=NOW, province=province, **DEPUTY, office=None)


def test_create_presider_of_no_province_is_for_who_keeps_all(coordinator):
    with pytest.raises(PermissionDenied):
        actions.create_presider(by=coordinator, now=NOW, province=None, **DEPUTY)

    person = factories.administrator()
    made = actions.create_presider(by=person, now=NOW, province=None, **DEPUTY)

    assert trail(made) == [("forum.add_presider", "administrator", {})]


def test_edit_presider_changes_it_and_names_the_fields_alone(coordinator, province, governor):
    presider = factories.PresiderFactory(province=province)
    ended_on = dt.date(2026, 2, 1)
    for _time in range(2):
        actions.edit_presider(presider, by=coordinator, now=NOW, office=governor, ended_on=ended_on)

    presider.refresh_from_db()
    assert (presider.office, presider.ended_on) == (governor, ended_on)
    change = {"fields": ["ended_on", "office"]}
    assert trail(presider) == [("forum.edit_presider", "coordinator", change)]


def test_edit_presider_refuses_the_title_of_another_and_a_strange_coordinator(
    coordinator, province, neighbor
):
    one, other = (factories.PresiderFactory(province=province) for _number in range(2))

    with pytest.raises(TransitionError, match="already is a presider of this title"):
        actions.edit_presider(one, by=coordinator, now=NOW, title_km=other.title_km)
    stranger = factories.coordinator_of(neighbor)
    with pytest.raises(PermissionDenied):
        actions.edit_presider(one, by=stranger, now=NOW, title_km="x")


def test_presiders_lists_those_of_the_province_and_of_none(
    signed_in, province, neighbor, django_assert_max_num_queries
):
    own = factories.PresiderFactory(province=province, title_km="ក")
    factories.PresiderFactory(province=neighbor)
    chair = factories.PresiderFactory(province=None, title_km="ខ")
    path = reverse("forum:presiders")

    with django_assert_max_num_queries(9):
        page = signed_in.get(path)
    signed_in.force_login(factories.administrator())

    assert list(page.context["page_obj"]) == [own, chair]
    assert len(signed_in.get(path).context["page_obj"]) == 3
    change = reverse("forum:presider", args=[chair.pk])
    assert change not in page.content.decode()


def test_presider_forms_add_and_change_one(signed_in, province, governor):
    added = signed_in.post(
        reverse("forum:presider_add"), DEPUTY | {"province": "11", "office": "governor"}
    )
    presider = Presider.objects.get()
    path = reverse("forum:presider", args=[presider.pk])
    shown = signed_in.get(path).context["form"].initial
    changed = signed_in.post(path, DEPUTY | {"title_en": "First deputy"})

    assert (added.status_code, changed.status_code) == (302, 302)
    assert shown == DEPUTY | {"honorific": None, "office": governor, "ended_on": None}
    presider.refresh_from_db()
    kept = (presider.title_en, presider.office, presider.province)
    assert kept == ("First deputy", None, province)


def test_presider_form_of_a_coordinator_offers_no_other_province(signed_in, neighbor):
    data = DEPUTY | {"province": neighbor.pk}
    refused = signed_in.post(reverse("forum:presider_add"), data)

    assert list(refused.context["form"].errors) == ["province"]


def test_presider_new_of_a_session_takes_honorific_and_office(signed_in, session, governor):
    honorific = factories_more.HonorificFactory()
    data = DEPUTY | {"honorific": honorific.pk, "office": governor.pk}
    signed_in.post(reverse("forum:presider_new", args=[session.pk]), data)
    presider = Presider.objects.get()
    factories.PresidingFactory(session=session, presider=presider)

    page = signed_in.get(reverse("forum:session", args=[session.pk])).content.decode()

    assert (presider.honorific, presider.office) == (honorific, governor)
    assert f"{honorific} Deputy governor" in " ".join(page.split())


# --- as what people preside ---------------------------------------------------------------------
def test_presiding_roles_are_added_once_and_renamed(client, db):
    person = factories.administrator()
    client.force_login(person)
    new, path = reverse("forum:presiding_role_new"), reverse("forum:presiding_roles")
    for _time in range(2):
        client.post(new, ROLE | {"code": "advisor"})
    refused = client.post(new, ROLE | {"code": "advisor", "position": 8})
    role = PresidingRole.objects.get(code="advisor")
    client.post(reverse("forum:presiding_role", args=["advisor"]), ROLE | {"name_en": "Adviser"})

    assert "Another presiding role has this code." in refused.content.decode()
    assert "Adviser" in client.get(path).content.decode()
    assert trail(role) == [
        ("forum.add_presiding_role", "administrator", {}),
        ("forum.edit_presiding_role", "administrator", {"fields": ["name_en"]}),
    ]


def test_presiding_roles_are_the_administrators(coordinator, governor):
    with pytest.raises(PermissionDenied):
        actions.add_presiding_role(by=coordinator, now=NOW, code="advisor", **ROLE)
    with pytest.raises(PermissionDenied):
        actions.edit_presiding_role(governor, by=coordinator, now=NOW, **ROLE)


# --- who goes -----------------------------------------------------------------------------------
def test_session_team_offers_the_forums_team(signed_in, session):
    path = reverse("forum:session_team", args=[session.pk])
    empty = signed_in.get(path)
    one, two, stranger = (factories.UserFactory() for _number in range(3))
    session.forum.team.set([one, two])

    kept = signed_in.post(path, {"team": [one.pk, two.pk]})
    left = signed_in.post(path, {"team": [two.pk]})
    refused = signed_in.post(path, {"team": [stranger.pk]})

    assert "The forum has no team yet." in empty.content.decode()
    assert (kept.status_code, left.status_code) == (302, 302)
    assert list(refused.context["form"].errors) == ["team"]
    assert list(session.team.all()) == [two]


# --- never two sessions at once -----------------------------------------------------------------
def test_a_presider_of_two_sessions_in_the_tray_is_placed_in_one(session, coordinator):
    presider, in_tray = tray_of(session, number=2)
    times = {"starts_at": at(26, 8), "ends_at": at(26, 12), "venue": None}
    actions.edit_session(in_tray[0], by=coordinator, now=NOW, **times)

    with pytest.raises(TransitionError, match=f"{presider} already presides the session in"):
        actions.edit_session(in_tray[1], by=coordinator, now=NOW, **times)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_place_one_of_two_sessions_of_a_presider(session, coordinator):
    presider, in_tray = tray_of(session, number=2)
    barrier, refusals = threading.Barrier(2), []

    def place(one):
        try:
            with translation.override("en"):
                barrier.wait(timeout=10)
                actions.move_session(one, by=coordinator, now=NOW, day=dt.date(2026, 3, 27))
        except TransitionError as error:
            refusals.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=place, args=[one]) for one in in_tray]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=20)

    assert Session.objects.filter(starts_at=at(27, 8)).count() == 1
    assert refusals == [
        f"{presider} already presides the session in Mondulkiri: 27 March 2026, 08:00–11:30."
    ]


def tray_of(session, number):
    """Sessions without a day beside this one, all presided by the same person."""
    presider = factories.PresiderFactory(province=session.province)
    fields = {"forum": session.forum, "province": session.province, "starts_at": None}
    in_tray = [factories.SessionFactory(ends_at=None, **fields) for _each in range(number)]
    for one in in_tray:
        factories.PresidingFactory(session=one, presider=presider)
    return presider, in_tray
