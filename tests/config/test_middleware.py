import pytest
from django.db import OperationalError, connection

from tests.factories import UserFactory, coordinator_of, issue_in

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


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/issues/%00/", 404),
        ("/issues/a%00b/edit/", 404),
        ("/sessions/7/invitations/?q=%00", 400),
        ("/published/?a%00=1", 400),
        ("/published/?q=" + "x" * 8_001, 400),
    ],
)
def test_what_no_database_can_look_for_is_answered_by_a_page(client, address, status, signed_in):
    if signed_in:
        client.force_login(UserFactory(language="en"))

    response = client.get(address)

    assert response.status_code == status
    assert b'<b class="reference">' in response.content


def test_address_that_only_takes_a_form_says_so(client):
    response = client.get("/language/", headers={"accept-language": "en"})

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Open the page again from the menu." in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/issues/", "/issues/{reference}/", "/nothing/"])
def test_no_page_of_a_signed_in_person_stays_in_the_browser(client, address):
    issue = issue_in("accepted")
    client.force_login(coordinator_of(issue.province))

    response = client.get(address.format(reference=issue.reference))

    assert response["Cache-Control"] == "private, no-store"


def test_pages_of_visitors_may_be_kept(client):
    assert "no-store" not in client.get("/").get("Cache-Control", "")


def test_the_answer_to_a_form_may_be_gone_back_to(client):
    issue = issue_in("submitted")
    client.force_login(coordinator_of(issue.province))

    response = client.post(f"/issues/{issue.reference}/return/", {"question": ""})

    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")


def test_signing_out_clears_what_the_browser_holds(client):
    client.force_login(coordinator_of(issue_in("accepted").province))

    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache", "storage"'
