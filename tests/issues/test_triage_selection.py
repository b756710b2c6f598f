import pytest
from django.core.exceptions import PermissionDenied

from audit import clock
from audit.models import AuditEntry
from issues import actions
from issues.actions import Bulk
from issues.models import Issue
from tests.factories import ProvinceFactory, ThemeFactory, ago, coordinator_of, issue_in

pytestmark = pytest.mark.django_db
BOARD = "/issues/triage/"


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def coordinator(english):
    user = coordinator_of(ProvinceFactory())
    english.force_login(user)
    return user


def waiting(title, days, state="submitted", **fields):
    """An issue that was sent so many days ago."""
    issue = issue_in(state, title=title, **fields)
    Issue.objects.filter(pk=issue.pk).update(submitted_at=ago(days))
    return Issue.objects.get(pk=issue.pk)


def selected(client, bulk, issues, tab="new"):
    query = {"tab": tab, "act": bulk, "issue": [one.reference for one in issues]}
    return client.get(f"{BOARD}selected/", query)


def confirmed(client, bulk, issues, expected=None, tab="new", **typed):
    sent = {"issue": [one.reference for one in issues], "expected": expected or len(issues)}
    return client.post(f"{BOARD}selected/?tab={tab}&act={bulk}", sent | typed, follow=True)


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def test_the_confirm_page_states_the_number_and_lists_the_references(english, coordinator):
    issues = [waiting("title", n) for n in (3, 4)]
    late = issue_in("accepted")

    page = selected(english, "accept", [*issues, late]).content.decode()

    assert "<h1>You accept 2 issues</h1>" in page
    assert all(f'name="issue" value="{one.reference}"' in page for one in issues)
    assert f'value="{late.reference}"' not in page
    assert late.reference in page.split("With these it is not possible")[1]
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("bulk", "typed", "values"),
    [
        ("accept", {}, {"status": "accepted"}),
        ("decline", {"reason": "Not of this forum."}, {"reason": "Not of this forum."}),
        ("theme", {"theme": "roads"}, {"theme": "roads"}),
        ("priority", {"priority": "1"}, {"priority": 1}),
        ("disclosure", {"disclosure": "confidential"}, {"disclosure": "confidential"}),
    ],
)
def test_each_act_is_done_with_all_that_were_selected(english, coordinator, bulk, typed, values):
    ThemeFactory(code="roads")
    issues = [waiting("title", n) for n in (3, 4, 5)]

    answer = confirmed(english, bulk, issues, **typed)

    assert said(answer) == ["Done with 3 issues."]
    assert Issue.objects.filter(**values).count() == 3
    entries = AuditEntry.objects.values_list("action", flat=True)
    act = {"theme": "correct", "priority": "correct", "disclosure": "tighten"}.get(bulk, bulk)
    assert list(entries) == [f"issue.{act}"] * 3


def test_a_selection_without_its_reason_is_not_declined(english, coordinator):
    issues = [waiting("title", 3)]

    page = confirmed(english, "decline", issues, reason="")

    assert list(page.context["form"].errors) == ["reason"]
    assert not Issue.objects.filter(status="closed").exists()


def test_what_somebody_else_decided_meanwhile_is_named_and_the_rest_is_done(english, coordinator):
    issues = [waiting("title", n) for n in (5, 4, 3)]
    actions.decline(issues[1], by=coordinator, now=clock.now(), reason="No.")

    answer = confirmed(english, "accept", issues)

    done, left = said(answer)
    assert done == "Done with 2 issues."
    assert left == (
        f"{issues[1].reference}: This is no longer possible: meanwhile the issue is “Closed”."
    )


@pytest.mark.parametrize("expected", [1, 3, "x"])
def test_nothing_is_done_where_the_number_is_another_one(english, coordinator, expected):
    issues = [waiting("title", n) for n in (5, 4)]

    page = confirmed(english, "accept", issues, expected=expected)

    assert "Nothing was done" in page.context["form"].non_field_errors()[0]
    assert Issue.objects.filter(status="submitted").count() == 2


def test_issues_of_another_province_are_not_in_a_selection(english, coordinator):
    own, other = waiting("own", 3), waiting("other", 4, province=ProvinceFactory(code="16"))

    shown = selected(english, "accept", [own, other]).context
    page = confirmed(english, "accept", [own, other])

    assert (shown["issues"], shown["others"]) == ([own], [])
    assert "Nothing was done" in page.context["form"].non_field_errors()[0]
    assert not Issue.objects.filter(status="accepted").exists()


@pytest.mark.parametrize("bulk", ["", "publish", "accept"])
def test_without_an_act_or_an_issue_the_board_says_so(english, coordinator, bulk):
    answer = english.get(f"{BOARD}selected/", {"act": bulk}, follow=True)

    assert said(answer) == ["Choose an act and at least one issue with which it is possible."]


def test_a_selection_of_everything_on_the_page_needs_no_script(english, coordinator):
    waiting("title", 3)

    assert english.get(BOARD, {"all": 1}).content.decode().count('form="selection" checked') == 1


def test_each_refuses_who_does_not_serve_one_of_them(coordinator):
    own, other = issue_in("submitted"), issue_in("submitted", province=ProvinceFactory(code="16"))

    with pytest.raises(PermissionDenied):
        actions.each([own.pk, other.pk], Bulk.ACCEPT, by=coordinator, now=clock.now(), expected=2)

    assert not Issue.objects.filter(status="accepted").exists()
