import pytest

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
YEAR = 365 * 24 * 60 * 60


def choose(client, language="en", **fields):
    return client.post("/language/", {"language": language} | fields)


def test_choice_is_kept_on_the_device_for_a_year(client):
    response = choose(client, next="/forums/?page=2")

    cookie = client.cookies["django_language"]
    assert (response.status_code, response["Location"]) == (302, "/forums/?page=2")
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("en", YEAR, "Lax")
    assert client.get("/")["Content-Language"] == "en"


def test_choice_of_a_signed_in_person_is_kept_with_the_account(client):
    person = UserFactory(language="km")
    client.force_login(person)

    choose(client)

    person.refresh_from_db()
    assert person.language == "en"
    assert client.get("/")["Content-Language"] == "en"


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "",
        "///x.example",
    ],
)
def test_switch_leads_nowhere_else(client, address):
    assert choose(client, next=address)["Location"] == "/"


@pytest.mark.parametrize(
    ("refused", "opened"),
    [
        ("/sessions/7/agenda/add/?x=1", "/sessions/7/agenda/"),
        ("/agenda-items/7/note/", "/"),
        ("/language/", "/"),
        ("/issues/11-2026-0001/edit/", "/issues/11-2026-0001/edit/"),
        ("/nothing/", "/nothing/"),
    ],
)
def test_switch_never_leads_to_what_only_a_form_opens(client, refused, opened):
    assert choose(client, next=refused)["Location"] == opened


def test_switch_on_the_answer_to_a_form_leads_to_where_the_form_stood(client):
    came = "http://testserver/forums/?page=2"
    shown = client.post("/accounts/login/", headers={"referer": came}).content.decode()
    foreign = client.post(
        "/accounts/login/", headers={"referer": "http://elsewhere.example/x/"}
    ).content.decode()

    assert 'name="next" value="/forums/?page=2"' in shown
    assert 'name="next" value="/accounts/login/"' in foreign


def test_unknown_language_changes_nothing(client):
    response = choose(client, "xx", next="/forums/")

    assert response["Location"] == "/forums/"
    assert "django_language" not in client.cookies


def test_choice_is_made_by_a_press_only(client):
    assert client.get("/language/").status_code == 405


def test_switch_stands_on_the_page(client):
    shown = client.get("/").content.decode()

    assert 'action="/language/"' in shown
    assert 'name="language" value="en"' in shown
