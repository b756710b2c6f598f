import datetime as dt
import uuid

import pytest
from django.core import signing
from django.urls import reverse

from accounts.models import RoleAssignment
from audit import clock
from issues import claims
from issues.models import Call, Confirmation, Issue
from tests.factories import ProvinceFactory, coordinator_of, issue_in, representative_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    return issue_in("resolved")


@pytest.fixture
def link(issue):
    return link_of(issue, representative_of(issue.organization))


def link_of(issue, person, claim=None):
    token = claims.token(issue.pk, claim or issue.claims, person.pk)
    return reverse("issues:answer", args=[token])


def test_answer_shows_the_claim_and_asks_whether_it_is_solved(client, issue, link):
    page = client.get(link).content.decode()

    assert issue.title in page
    assert issue.referrals.get().responses.get(kind="claim").text in page
    assert 'name="verdict"' in page


def test_answer_names_a_confidential_issue_by_its_reference_alone(client, issue, link):
    Issue.objects.filter(pk=issue.pk).update(disclosure="confidential")

    page = client.get(link).content.decode()

    assert issue.reference in page
    assert issue.title not in page
    assert issue.referrals.get().responses.get(kind="claim").text not in page


@pytest.mark.parametrize(
    ("typed", "status", "closed_as"),
    [
        ({"verdict": "solved"}, "closed", "confirmed"),
        ({"verdict": "partly", "text": "One well of two."}, "closed", "partly"),
        ({"verdict": "not_solved", "text": "No water yet."}, "referred", ""),
    ],
)
def test_answer_is_the_persons_word(client, issue, link, typed, status, closed_as):
    client.post(link, typed, follow=True)

    issue.refresh_from_db()
    assert (issue.status, issue.closed_as) == (status, closed_as)
    assert Confirmation.objects.get().verdict == typed["verdict"]


@pytest.mark.parametrize("verdict", ["partly", "not_solved"])
def test_answer_that_it_is_not_solved_says_what_is_missing(client, issue, link, verdict):
    answer = client.post(link, {"verdict": verdict, "text": " "})

    issue.refresh_from_db()
    assert issue.status == "resolved"
    assert answer.context["form"].errors.as_data()["text"][0].code == "required"


def test_answer_twice_is_one_word(client, issue, link):
    client.post(link, {"verdict": "solved"})

    again = client.post(link, {"verdict": "not_solved", "text": "Pressed by mistake."})

    issue.refresh_from_db()
    assert (again.status_code, issue.status) == (200, "closed")
    assert Confirmation.objects.count() == 1


def test_answer_to_an_earlier_claim_judges_nothing(client, issue):
    old = link_of(issue, representative_of(issue.organization))
    Issue.objects.filter(pk=issue.pk).update(claims=issue.claims + 1)

    client.post(old, {"verdict": "solved"})

    assert Confirmation.objects.count() == 0


@pytest.mark.parametrize("spoil", ["changed", "old", "left", "other"])
def test_answer_by_a_link_that_holds_no_more_is_none(client, issue, spoil, monkeypatch):
    person = representative_of(issue.organization)
    link = link_of(issue, person)
    if spoil == "changed":
        link = link[:-2] + ("a/" if link[-2] != "a" else "b/")
    elif spoil == "old":
        monkeypatch.setattr(claims, "LASTS", dt.timedelta(seconds=-1))
    elif spoil == "left":
        RoleAssignment.objects.filter(user=person).update(ended_on=clock.today())
    else:
        link = link_of(issue, coordinator_of(issue.province))

    answer = client.post(link, {"verdict": "solved"})

    issue.refresh_from_db()
    assert (answer.status_code, issue.status) == (404, "resolved")
    assert issue.title not in answer.content.decode()


def test_answer_token_is_no_key_of_another_kind(issue):
    person = representative_of(issue.organization)

    foreign = signing.dumps([issue.pk, issue.claims, person.pk], salt="another")

    assert claims.read(foreign) is None


# --- calls --------------------------------------------------------------------------------------
def test_call_to_the_organization_is_logged_once(client, issue):
    client.force_login(coordinator_of(issue.province))
    typed = {"client_key": str(uuid.uuid4()), "outcome": "spoke", "note": "Asked whether solved."}
    address = reverse("issues:issue_call", args=[issue.reference])

    for _time in range(2):
        client.post(address, typed)

    assert list(Call.objects.values_list("issue", "referral", "outcome")) == [
        (issue.pk, None, "spoke")
    ]


def test_call_of_others_than_the_secretariat_is_refused(client, issue):
    client.force_login(representative_of(issue.organization))

    answer = client.get(reverse("issues:issue_call", args=[issue.reference]))

    assert answer.status_code == 403


def test_silent_are_old_claims_that_nobody_called_about(issue):
    ProvinceFactory()
    now = issue.resolved_at + claims.CALLED_AFTER

    before = list(claims.silent(Issue.objects.all(), now - dt.timedelta(minutes=1)))
    due = list(claims.silent(Issue.objects.all(), now))
    Call.objects.create(
        client_key=uuid.uuid4(),
        issue=issue,
        by=coordinator_of(issue.province),
        called_at=now,
        outcome="no_answer",
    )

    assert (before, due) == ([], [issue])
    assert list(claims.silent(Issue.objects.all(), now)) == []
