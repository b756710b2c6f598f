"""Hours on the road: completed by the shortest way, looked up, read and set."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audit.errors import TransitionError
from audit.models import AuditEntry
from provinces import actions, roads
from provinces.models import Province, RoadTime
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import RoadTimeFactory

ALL = [f"{number:02}" for number in range(1, 26)]


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def country(db):
    return [ProvinceFactory(code=code) for code in ALL]


# --- reading and completing ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "minutes"),
    [("4:30", 270), ("៤:៣០", 270), ("៤៖៣០", 270), (" 4h05 ", 245), ("0:35", 35), ("12:5", 725)],
)
def test_minutes_of_hours_and_minutes(text, minutes):
    assert roads.minutes_of(text) == minutes


@pytest.mark.parametrize("text", ["", "4", "4.5", "4:60", "-4:30", "4:30:00", "four", "4 30"])
def test_minutes_of_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        roads.minutes_of(text)


def test_clock_is_what_minutes_of_reads():
    assert [roads.clock(minutes) for minutes in (35, 270, 2880)] == ["0:35", "4:30", "48:00"]


def test_shortest_goes_round_a_slow_road_and_over_several_towns():
    direct = {("a", "b"): 10, ("c", "b"): 10, ("a", "c"): 90, ("c", "d"): 5, ("x", "y"): 7}

    assert roads.shortest(direct) == {
        ("a", "b"): 10,
        ("b", "c"): 10,
        ("a", "c"): 20,
        ("c", "d"): 5,
        ("b", "d"): 15,
        ("a", "d"): 25,
        ("x", "y"): 7,
    }


def test_estimates_hold_every_pair_and_no_way_round_is_shorter():
    known = roads.estimated()

    assert sorted(known) == [(one, other) for one in ALL for other in ALL if one < other]
    assert all(30 <= minutes <= 16 * 60 for minutes in known.values())
    for (one, other), minutes in known.items():
        ways = (
            known[roads.pair_of(one, via)] + known[roads.pair_of(via, other)]
            for via in ALL
            if via not in (one, other)
        )
        assert minutes <= min(ways)


# --- rows ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_pair_stands_once_its_lower_code_first_between_ten_minutes_and_two_days():
    one, other = ProvinceFactory(code="11"), ProvinceFactory(code="16")
    RoadTime.objects.create(one=one, other=other, minutes=195)
    third = ProvinceFactory(code="19")
    refused = {
        "road_time_of_two_provinces_stands_once": (one, other, 200),
        "road_time_has_the_lower_code_first": (other, one, 200),
        "road_time_is_ten_minutes_to_two_days": (one, third, 9),
    }
    for name, (first, second, minutes) in refused.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            RoadTime.objects.create(one=first, other=second, minutes=minutes)
    with pytest.raises(IntegrityError, match="lower_code_first"), transaction.atomic():
        RoadTime.objects.create(one=one, other=one, minutes=200)
    with pytest.raises(IntegrityError, match="two_days"), transaction.atomic():
        RoadTime.objects.create(one=one, other=third, minutes=2881)


def test_load_roads_twice_changes_nothing_and_leaves_what_was_set(country):
    actions.load_roads()
    assert RoadTime.objects.count() == 300
    stale, edited, gone = RoadTime.objects.all()[:3]
    known = dict(RoadTime.objects.values_list("pk", "minutes"))
    RoadTime.objects.filter(pk=stale.pk).update(minutes=stale.minutes + 1)
    actions.set_road_time(edited, by=administrator(), minutes=edited.minutes + 1)
    gone.delete()

    actions.load_roads()

    again = dict(RoadTime.objects.values_list("pk", "minutes"))
    assert len(again) == 300
    made = RoadTime.objects.get(one=gone.one_id, other=gone.other_id)
    assert made.minutes == gone.minutes
    expected = known | {edited.pk: edited.minutes + 1, made.pk: gone.minutes}
    assert again == {pk: minutes for pk, minutes in expected.items() if pk in again}
    assert list(RoadTime.objects.filter(is_edited=True)) == [edited]


def test_minutes_between_is_symmetric_and_one_query(country, django_assert_num_queries):
    RoadTimeFactory(one=country[10], other=country[15], minutes=195)
    RoadTimeFactory(one=country[10], other=country[18], minutes=335)

    with django_assert_num_queries(1):
        found = roads.minutes_between(["16", "11", "12"])

    assert found == {
        ("11", "11"): 0,
        ("12", "12"): 0,
        ("16", "16"): 0,
        ("11", "16"): 195,
        ("16", "11"): 195,
    }


# --- setting a time -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_set_road_time_is_recorded_from_what_to_what():
    road, by = RoadTimeFactory(minutes=195), administrator()

    for _time in range(2):  # the second changes nothing
        actions.set_road_time(road, by=by, minutes=210)

    road.refresh_from_db()
    assert (road.minutes, road.is_edited) == (210, True)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("provinces.set_road_time", f"roadtime:{road.pk}")
    assert (entry.actor, entry.role) == (by, "administrator")
    assert entry.change == {"minutes": [195, 210]}


@pytest.mark.django_db
def test_set_road_time_is_refused_to_others_and_out_of_bounds():
    road = RoadTimeFactory(minutes=195)

    for user in (coordinator_of(road.one), coordinator_of(None), official_of(AuthorityFactory())):
        with pytest.raises(PermissionDenied):
            actions.set_road_time(road, by=user, minutes=210)
    for minutes in (9, 2881):
        with pytest.raises(TransitionError):
            actions.set_road_time(road, by=administrator(), minutes=minutes)

    road.refresh_from_db()
    assert (road.minutes, road.is_edited, AuditEntry.objects.count()) == (195, False, 0)


# --- pages --------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_administrator_sets_a_time_typed_in_khmer_digits(english):
    road = RoadTimeFactory(minutes=195)
    english.force_login(administrator())

    page = english.get("/roads/?province=16").content.decode()
    form = english.get("/roads/16/11/").content.decode()
    answer = english.post("/roads/16/11/", {"minutes": "៣:៣០"})

    road.refresh_from_db()
    assert [part for part in ('href="/roads/16/11/"', ">3:15<", "an estimate") if part in page] == [
        'href="/roads/16/11/"',
        ">3:15<",
        "an estimate",
    ]
    assert 'value="3:15"' in form
    assert (answer.url, road.minutes) == ("/roads/?province=16", 210)
    assert "set by an administrator" in english.get(answer.url).content.decode()
    assert english.get("/roads/11/16/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "This field is required."),
        ("4", "Write hours and minutes with a colon between them, as 4:30."),
        ("0:09", "Write a time between 0:10 and 48:00."),
        ("48:01", "Write a time between 0:10 and 48:00."),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_stays_in_the_form(english, text, error):
    road = RoadTimeFactory(minutes=195)
    english.force_login(administrator())

    page = english.post("/roads/11/16/", {"minutes": text})

    road.refresh_from_db()
    assert (page.status_code, road.minutes) == (200, 195)
    source = page.content.decode()
    assert list(page.context["form"].errors) == ["minutes"]
    assert error in source
    assert f'value="{text}"' in source or not text


@pytest.mark.django_db
def test_a_road_between_unknown_towns_is_not_found(english):
    RoadTimeFactory()
    english.force_login(administrator())

    for address in ("/roads/11/11/", "/roads/11/99/", "/roads/11/12/", "/roads/a/b/"):
        assert english.get(address).status_code == 404


@pytest.mark.django_db
def test_coordinators_read_the_hours_from_their_own_town_and_set_none(english):
    RoadTimeFactory()
    english.force_login(coordinator_of(Province.objects.get(pk="16")))

    page = english.get("/roads/")

    ways = [(way.there.pk, way.clock) for way in page.context["ways"]]
    assert (page.context["chosen"].pk, ways) == ("16", [("11", "3:15")])
    assert "/roads/16/11/" not in page.content.decode()
    assert english.post("/roads/16/11/", {"minutes": "4:00"}).status_code == 403
    assert 'href="/roads/"' in english.get("/authorities/").content.decode()


@pytest.mark.django_db
def test_nobody_else_reads_the_hours(english):
    RoadTimeFactory()
    for user in (official_of(AuthorityFactory()), representative_of(OrganizationFactory())):
        english.force_login(user)
        assert english.get("/roads/").status_code == 403
        assert english.post("/roads/11/16/", {"minutes": "4:00"}).status_code == 403
        assert "/roads/" not in english.get("/authorities/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["99", "x", ""])
def test_hours_from_an_unknown_province_say_so(english, code):
    english.force_login(administrator())

    page = english.get(f"/roads/?province={code}")

    assert (page.status_code, page.context["ways"]) == (200, [])
    assert list(page.context["form"].errors) == ["province"]


def test_the_list_of_hours_costs_the_same_queries(english, country, django_assert_max_num_queries):
    english.force_login(administrator())
    RoadTimeFactory(one=country[0], other=country[11])
    with django_assert_max_num_queries(12) as one:
        english.get("/roads/?province=12")
    actions.load_roads()
    with django_assert_max_num_queries(12) as all_others:
        page = english.get("/roads/?province=12")

    keys = [way.there.sort_key for way in page.context["ways"]]
    assert (len(keys), keys) == (24, sorted(keys))
    assert len(one) == len(all_others)
