import logging
import re

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.test import Client, RequestFactory

from config.views import errors
from tests.factories import AuthorityFactory, UserFactory, issue_in, official_of

REFERENCE = re.compile(r'<b class="reference">([0-9A-F]{8})</b>')


@pytest.fixture
def request_of_nobody():
    return RequestFactory().get("/somewhere/secret/")


def shown(response):
    return " ".join(response.content.decode().split())


@pytest.mark.django_db
def test_error_has_a_reference_that_stands_in_the_log_without_the_address(client, caplog):
    client.cookies["django_language"] = "en"

    with caplog.at_level(logging.WARNING, logger="config.views.errors"):
        response = client.get("/nothing/secret/")

    (reference,) = REFERENCE.findall(shown(response))
    assert response.status_code == 404
    (message,) = [one.getMessage() for one in caplog.records if one.name == "config.views.errors"]
    assert reference in message
    assert "secret" not in message


@pytest.mark.django_db
def test_not_found_is_the_same_page_whether_it_exists_or_not(client):
    hidden = issue_in("submitted")
    client.force_login(official_of(AuthorityFactory()))

    pages = [
        REFERENCE.sub("", shown(client.get(f"/issues/{reference}/")))
        for reference in (hidden.reference, "11-2026-0000")
    ]

    for reference in (hidden.reference, "11-2026-0000"):
        pages = [page.replace(reference, "") for page in pages]
    pages = [
        re.sub(r'(csrf[^"]*token[^"]*"[^"]*"[^"]*"|x-csrftoken": ")[^"]*', "", p) for p in pages
    ]
    assert pages[0] == pages[1]


@pytest.mark.django_db
def test_form_without_token_is_refused_with_a_sentence():
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})

    response = strict.post("/language/", {"language": "en"})

    assert response.status_code == 403
    assert "Nothing was saved." in shown(response)
    assert REFERENCE.search(shown(response))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("view", "error", "status"),
    [
        (errors.bad_request, SuspiciousOperation("x"), 400),
        (errors.bad_request, RequestDataTooBig("x"), 413),
        (errors.permission_denied, PermissionError("x"), 403),
        (errors.page_not_found, LookupError("x"), 404),
    ],
)
def test_every_error_is_one_page_with_its_code(request_of_nobody, view, error, status):
    response = view(request_of_nobody, error)

    assert response.status_code == status
    assert REFERENCE.search(shown(response))


@pytest.mark.django_db
def test_too_many_tries_is_the_same_page(request_of_nobody):
    assert errors.too_many_requests(request_of_nobody).status_code == 429


def test_failure_of_ours_asks_nothing_of_the_database(request_of_nobody):
    # No django_db mark: a query would fail this test.
    response = errors.server_error(request_of_nobody)

    assert response.status_code == 500
    assert REFERENCE.search(shown(response))


def test_failure_of_the_error_page_itself_still_answers(request_of_nobody, settings, caplog):
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [], "APP_DIRS": False}]

    response = errors.server_error(request_of_nobody)

    assert response.status_code == 500
    assert re.search(r"[0-9A-F]{8}", shown(response))


@pytest.mark.django_db
def test_failure_in_a_view_is_answered_by_our_page(client, monkeypatch):
    client.force_login(UserFactory())
    client.raise_request_exception = False
    monkeypatch.setattr("config.homes.visitor", lambda user, now: 1 / 0)

    response = client.get("/", headers={"accept-language": "en"})

    assert response.status_code == 500
    assert "Something went wrong on our side" in shown(response)
    assert "ZeroDivisionError" not in shown(response)
