"""Themes, and the offices that answer for them: what administrators change by themselves."""

import pytest
from django.core.exceptions import PermissionDenied

from audit.errors import Conflict
from audit.models import AuditEntry
from khmer import sorting
from provinces import actions
from provinces.models import Theme
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    ThemeFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
WATER = {"code": "water", "name_km": "ទឹក", "name_en": "Water", "position": "៣"}


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def keeper(english):
    user = administrator()
    english.force_login(user)
    return user


def trail():
    rows = AuditEntry.objects.order_by("pk")
    return [(one.action, one.subject, one.actor, one.role, one.change) for one in rows]


def others():
    """Who may not change themes."""
    return [
        coordinator_of(ProvinceFactory()),
        coordinator_of(None),
        official_of(AuthorityFactory()),
        representative_of(OrganizationFactory()),
    ]


# --- which office answers for which -------------------------------------------------------------
def test_assign_themes_is_recorded_from_what_to_what():
    office, by = AuthorityFactory(), administrator()
    land, water = ThemeFactory(code="land"), ThemeFactory(code="water")
    office.themes.add(land)

    for _time in range(2):  # the second changes nothing
        actions.assign_themes(office, by=by, themes=[water])

    assert list(office.themes.all()) == [water]
    subject, change = f"authority:{office.pk}", {"themes": [["land"], ["water"]]}
    assert trail() == [("provinces.assign_themes", subject, by, "administrator", change)]


def test_administrator_says_what_an_office_answers_for(english, keeper):
    office = AuthorityFactory()
    for code in ("land", "water"):
        ThemeFactory(code=code)
    address = f"/authorities/{office.pk}/themes/"

    page = english.get(office.get_absolute_url()).content.decode()
    answer = english.post(address, {"themes": ["land", "water"]})
    ticked = english.get(address).content.decode().count(" checked")
    emptied = english.post(address, {})

    assert f'href="{address}"' in page
    assert (answer.url, ticked) == (office.get_absolute_url(), 2)
    assert emptied.status_code == 302
    assert not office.themes.exists()


def test_an_office_that_ended_has_no_such_page(english, keeper):
    office = AuthorityFactory(ended_on="2026-01-01")

    assert english.get(f"/authorities/{office.pk}/themes/").status_code == 404
    assert "/themes/" not in english.get(office.get_absolute_url()).content.decode()


# --- themes -------------------------------------------------------------------------------------
def test_new_theme_stands_in_the_list_and_the_same_form_twice_is_one(english, keeper):
    for _time in range(2):
        assert english.post("/themes/new/", WATER).url == "/themes/"

    theme = Theme.objects.get()
    assert (theme.pk, theme.name_km, theme.name_en, theme.position) == ("water", "ទឹក", "Water", 3)
    assert theme.sort_key == sorting.sort_key("ទឹក")
    assert trail() == [("provinces.add_theme", "theme:water", keeper, "administrator", {})]


def test_a_code_that_stands_for_another_theme_is_refused(english, keeper):
    ThemeFactory(code="water", name_en="Sea")

    page = english.post("/themes/new/", WATER)

    assert (page.status_code, Theme.objects.get().name_en) == (409, "Sea")
    assert page.context["form"].non_field_errors() == ["Another theme has this code."]


def test_change_of_a_theme_says_which_fields(english, keeper):
    ThemeFactory(code="water", name_km="ទឹក", name_en="Sea", position=3)

    for _time in range(2):
        assert english.post("/themes/water/", WATER | {"code": "land"}).url == "/themes/"

    theme = Theme.objects.get()
    assert (theme.pk, theme.name_en) == ("water", "Water")
    change = {"fields": ["name_en"]}
    assert trail() == [("provinces.change_theme", "theme:water", keeper, "administrator", change)]


@pytest.mark.parametrize("changes", [{"name_km": ""}, {"name_en": ""}, {"position": "-1"}])
def test_a_theme_without_its_names_is_refused(english, keeper, changes):
    page = english.post("/themes/new/", WATER | changes)

    assert list(page.context["form"].errors) == list(changes)
    assert not Theme.objects.exists()


def test_coordinators_read_the_themes_and_change_none(english):
    theme, office = ThemeFactory(code="water", name_en="Water"), AuthorityFactory()
    office.themes.add(theme)
    english.force_login(coordinator_of(ProvinceFactory()))

    page = english.get("/themes/")

    assert [(one.pk, one.offices) for one in page.context["themes"]] == [("water", 1)]
    source = page.content.decode()
    assert [one for one in ('href="/themes/water/"', "/themes/new/") if one in source] == []
    assert 'href="/themes/"' in english.get("/authorities/").content.decode()


def test_nobody_else_changes_themes(english):
    theme, office = ThemeFactory(code="water"), AuthorityFactory()
    addresses = ["/themes/new/", "/themes/water/", f"/authorities/{office.pk}/themes/"]
    for user in others():
        english.force_login(user)
        assert [english.post(one, WATER).status_code for one in addresses] == [403, 403, 403]
        for act in (
            lambda by: actions.add_theme(Theme(code="land"), by=by),
            lambda by: actions.change_theme(theme, by=by),
            lambda by: actions.assign_themes(office, by=by, themes=[theme]),
        ):
            with pytest.raises(PermissionDenied):
                act(user)

    assert trail() == []


def test_add_theme_with_another_name_is_a_conflict():
    by = administrator()
    actions.add_theme(Theme(code="water", name_km="ទឹក", name_en="Water"), by=by)

    with pytest.raises(Conflict):
        actions.add_theme(Theme(code="water", name_km="ទឹក", name_en="Sea"), by=by)


def test_the_list_of_themes_costs_the_same_queries(english, keeper, django_assert_max_num_queries):
    ThemeFactory(code="t0")
    with django_assert_max_num_queries(12) as one:
        english.get("/themes/")
    for number in range(1, 30):
        AuthorityFactory().themes.add(ThemeFactory(code=f"t{number}"))
    with django_assert_max_num_queries(12) as thirty:
        english.get("/themes/")

    assert len(one) == len(thirty)
