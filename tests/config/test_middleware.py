import pytest
from django.db import OperationalError, connection

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def language(client, **headers):
    return client.get("/", headers=headers)["Content-Language"]


@pytest.mark.parametrize(
    ("wish", "spoken"),
    [
        ("", "km"),
        ("fr-FR,fr;q=0.9", "km"),
        ("en-GB,en;q=0.9", "en"),
        ("km-KH,en;q=0.9", "km"),
        ("fr,en;q=0.8,km;q=0.5", "en"),
        ("*", "km"),
    ],
)
def test_browsers_wish_counts_and_khmer_where_it_names_neither(client, wish, spoken):
    assert language(client, accept_language=wish) == spoken


def test_language_first_wins_over_the_browser_but_not_over_a_choice(client, settings):
    settings.LANGUAGE_FIRST = "km"

    assert language(client, accept_language="en") == "km"
    client.cookies["django_language"] = "en"
    assert language(client, accept_language="km") == "en"


def test_cookie_wins_over_the_browser_and_an_unknown_one_counts_for_nothing(client):
    client.cookies["django_language"] = "en"
    assert language(client, accept_language="km") == "en"
    client.cookies["django_language"] = "xx"
    assert language(client, accept_language="en") == "en"


def test_accounts_choice_wins_over_the_cookie_of_the_device(client):
    client.force_login(UserFactory(language="km"))
    client.cookies["django_language"] = "en"

    assert language(client, accept_language="en") == "km"


def test_language_is_known_even_while_the_database_is_away(client):
    client.force_login(UserFactory(language="km"))
    client.raise_request_exception = False
    client.cookies["django_language"] = "en"

    def refuse(execute, sql, params, many, context):
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        response = client.get("/")

    assert (response.status_code, response["Content-Language"]) == (500, "en")


def test_page_differs_by_language_and_person(client):
    assert {"Accept-Language", "Cookie"} <= set(client.get("/")["Vary"].split(", "))


def test_successful_writes_hint_once_and_reading_or_failing_never(client, monkeypatch):
    hints = []
    monkeypatch.setattr("config.hint.look_now", lambda: hints.append(1))

    client.get("/")
    client.post("/")
    client.post("/no-such-page/")
    assert hints == []
    client.post("/language/", {"language": "en"})
    assert hints == [1]
