import pytest

from audit.errors import TransitionError
from issues import actions
from issues.models import Issue
from tests.factories import (
    AgendaItemFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    representative_of,
)
from tests.issues.traces import NOW, everything, states, told, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    return issue_in("submitted")


@pytest.fixture
def coordinator(issue):
    return coordinator_of(issue.province)


@pytest.fixture
def person(issue):
    """The one representative with an address; the issue's author has none."""
    issue.author.email = None
    issue.author.save()
    return representative_of(issue.organization)


def test_accept_gives_theme_and_priority_and_tells_the_organization(issue, coordinator, person):
    theme = ThemeFactory(code="water")

    actions.accept(issue, by=coordinator, now=NOW, theme=theme, priority=2)

    issue.refresh_from_db()
    assert (issue.status, issue.theme, issue.priority) == ("accepted", theme, 2)
    assert states(issue) == ["draft", "submitted", "accepted"]
    subject = f"issue:{issue.pk}"
    assert trail() == [
        (
            "issue.accept",
            subject,
            coordinator,
            "coordinator",
            {"status": ["submitted", "accepted"]},
        )
    ]
    assert told() == [("issue_accepted", subject, 1, f"user:{person.pk}")]


def test_accept_keeps_theme_and_priority_where_none_are_given(issue, coordinator):
    actions.accept(issue, by=coordinator, now=NOW)
    assert Issue.objects.filter(theme=issue.theme, priority=issue.priority).exists()

    urgent = issue_in("submitted", priority=2)
    actions.accept(urgent, by=coordinator, now=NOW, priority=0)
    assert Issue.objects.get(pk=urgent.pk).priority == 0


def test_return_asks_and_forgets_the_former_answer(issue, coordinator, person):
    Issue.objects.update(reply="an older answer")

    actions.return_(issue, by=coordinator, now=NOW, question="In which commune?")

    issue.refresh_from_db()
    assert (issue.status, issue.question, issue.reply) == ("returned", "In which commune?", "")
    assert states(issue) == ["draft", "submitted", "returned"]
    subject = f"issue:{issue.pk}"
    assert trail() == [
        ("issue.return", subject, coordinator, "coordinator", {"status": ["submitted", "returned"]})
    ]
    assert told() == [("issue_returned", subject, 1, f"user:{person.pk}")]


def test_decline_closes_with_its_reason_and_tells_the_organization(issue, coordinator, person):
    actions.decline(issue, by=coordinator, now=NOW, reason="Not of this forum.")

    issue.refresh_from_db()
    assert (issue.status, issue.closed_as, issue.closed_at, issue.reason) == (
        "closed",
        "declined",
        NOW,
        "Not of this forum.",
    )
    subject = f"issue:{issue.pk}"
    assert trail() == [
        ("issue.decline", subject, coordinator, "coordinator", {"status": ["submitted", "closed"]})
    ]
    assert told() == [("issue_declined", subject, 1, f"user:{person.pk}")]


def test_decline_ends_referrals_leaves_agendas_and_the_public():
    issue = issue_in("referred", disclosure="public", published_at=NOW)
    AgendaItemFactory(issue=issue)

    actions.decline(issue, by=coordinator_of(issue.province), now=NOW, reason="Not here.")

    issue.refresh_from_db()
    assert issue.published_at is None
    assert [(one.ended_as, one.ended_at) for one in issue.referrals.all()] == [("over", NOW)]
    assert not issue.agenda_items.exists()


def test_decline_again_after_a_reopening_is_told_again(issue, coordinator, person):
    for _time in range(2):
        actions.decline(issue, by=coordinator, now=NOW, reason="Not here.")
        actions.reopen(issue, by=coordinator, now=NOW, reason="Perhaps.")

    assert [(kind, version) for kind, _subject, version, _to in told()] == [
        ("issue_declined", 1),
        ("issue_declined", 2),
    ]


def test_publish_and_unpublish_move_nothing_else():
    issue = issue_in("accepted", disclosure="public")
    coordinator = coordinator_of(issue.province)

    actions.publish(issue, by=coordinator, now=NOW)
    assert Issue.objects.published().get().published_at == NOW
    actions.unpublish(issue, by=coordinator, now=NOW)

    assert not Issue.objects.published().exists()
    assert states(issue) == ["draft", "submitted", "accepted"]
    subject = f"issue:{issue.pk}"
    assert trail() == [
        ("issue.publish", subject, coordinator, "coordinator", {}),
        ("issue.unpublish", subject, coordinator, "coordinator", {}),
    ]
    assert told() == []


@pytest.mark.parametrize("disclosure", ["restricted", "confidential"])
def test_publish_of_what_the_organization_keeps_back_is_refused(disclosure):
    issue = issue_in("accepted", disclosure=disclosure)
    coordinator = coordinator_of(issue.province)
    before = everything()

    with pytest.raises(TransitionError):
        actions.publish(issue, by=coordinator, now=NOW)

    assert everything() == before
