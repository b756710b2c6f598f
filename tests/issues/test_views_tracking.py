import pytest
from django.core.cache import cache
from django.urls import reverse

from issues.models import Issue
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.traces import NOW

pytestmark = pytest.mark.django_db
STATES = ["submitted", "returned", "accepted", "scheduled", "referred", "resolved", "closed"]


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()


def track(client, code):
    return client.post(reverse("issues:track"), {"code": code})


def page_of(client, code):
    return track(client, code).content.decode()


@pytest.mark.parametrize("state", STATES)
def test_track_shows_the_state_and_nothing_else(client, state):
    issue = issue_in(state)

    page = page_of(client, issue.tracking_code)

    assert track(client, issue.tracking_code).context["found"].stands in page
    for secret in (issue.title, issue.text, issue.reference, issue.organization.name_en):
        assert secret not in page
    assert issue.commune.full_name not in page
    assert issue.province.name_km not in page


@pytest.mark.parametrize("typed", ["{}", "{:.4} {:.8}", "km", "dashed"])
def test_track_understands_the_code_however_it_is_typed(client, typed):
    issue = issue_in("accepted", tracking_code="482199301147")
    forms = {
        "{}": "482199301147",
        "{:.4} {:.8}": " 4821 9930 1147 ",
        "km": "៤៨២១ ៩៩៣០ ១១៤៧",
        "dashed": "4821-9930\u200b-1147",
    }

    assert track(client, forms[typed]).context["found"].stands
    assert issue.tracking_code == "482199301147"


@pytest.mark.parametrize("code", ["", "4821", "4821 9930 114x", "4" * 13])
def test_track_says_what_is_wrong_with_a_code(client, code):
    answer = track(client, code)

    assert answer.context["form"].errors["code"]
    assert "found" not in answer.context


def test_track_shows_the_answer_once_it_is_public(client):
    issue = issue_in("resolved", disclosure="public")
    claim = issue.referrals.get().responses.get(kind="claim")
    before = page_of(client, issue.tracking_code)
    Issue.objects.filter(pk=issue.pk).update(published_at=NOW)
    shown = page_of(client, issue.tracking_code)
    Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW)
    frozen = page_of(client, issue.tracking_code)

    assert [claim.text in page for page in (before, shown, frozen)] == [False, True, False]


def test_track_refuses_guessing(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "wrong_tracking_code": "3/h/ip"}
    issue = issue_in("accepted", tracking_code="482199301147")

    wrong = [track(client, f"11111111111{one}").status_code for one in range(4)]
    right = track(client, issue.tracking_code)

    assert wrong == [200, 200, 200, 429]
    assert (right.status_code, "found" in right.context) == (429, False)


def test_track_counts_no_right_code(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "wrong_tracking_code": "2/h/ip"}
    issue = issue_in("accepted")

    assert [track(client, issue.tracking_code).status_code for _time in range(5)] == [200] * 5


def test_track_answers_are_kept_by_nobody(client):
    answer = track(client, issue_in("accepted").tracking_code)

    assert "no-store" in answer["Cache-Control"]


# --- the receipt --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["receipt", "receipt_pdf"])
def test_receipt_is_for_those_inside(client, name):
    issue = issue_in("accepted", disclosure="public", published_at=NOW)
    office = AuthorityFactory()
    readers = {
        "own": representative_of(issue.organization),
        "coordinator": coordinator_of(issue.province),
        "other": representative_of(OrganizationFactory()),
        "official": official_of(office),
        "elsewhere": coordinator_of(ProvinceFactory(code="16")),
    }
    address = reverse(f"issues:{name}", args=[issue.reference])
    got = {}
    for who, person in readers.items():
        client.force_login(person)
        got[who] = client.get(address).status_code

    assert got == {"own": 200, "coordinator": 200, "other": 403, "official": 403, "elsewhere": 403}


def test_receipt_bears_the_code_and_neither_title_nor_place(client):
    issue = issue_in("accepted", tracking_code="482199301147")
    client.force_login(representative_of(issue.organization))

    page = client.get(reverse("issues:receipt", args=[issue.reference])).content.decode()

    assert "4821 9930 1147" in page
    assert issue.reference in page
    assert "<svg" in page
    for secret in (issue.title, issue.text, issue.commune.name_km, issue.province.name_km):
        assert secret not in page


def test_receipt_pdf_is_a_paper(client):
    issue = issue_in("accepted")
    client.force_login(representative_of(issue.organization))

    answer = client.get(reverse("issues:receipt_pdf", args=[issue.reference]))

    assert answer.content[:5] == b"%PDF-"
    assert "no-store" in answer["Cache-Control"]
    assert issue.reference not in answer["Content-Disposition"]


def test_receipt_stands_above_the_acts_while_it_is_submitted(client):
    readers = {}
    for state in ("submitted", "accepted"):
        issue = issue_in(state, disclosure="public")
        address = reverse("issues:receipt", args=[issue.reference])
        for name, person in (
            ("organization", representative_of(issue.organization)),
            ("coordinator", coordinator_of(issue.province)),
        ):
            client.force_login(person)
            shown = client.get(issue.get_absolute_url()).content.decode()
            readers[state, name] = shown.count(f'href="{address}"')
            first = shown.index(address)
            assert (first < shown.index(issue.text)) == (state == "submitted")

    assert readers == {
        ("submitted", "organization"): 2,
        ("submitted", "coordinator"): 2,
        ("accepted", "organization"): 1,
        ("accepted", "coordinator"): 1,
    }
