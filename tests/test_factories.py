"""The factories themselves: every row they make stands under every constraint."""

import inspect

import pytest
from factory.django import DjangoModelFactory

from issues.models import Issue
from tests import factories

pytestmark = pytest.mark.django_db
FACTORIES = [
    value
    for _name, value in inspect.getmembers(factories, inspect.isclass)
    if issubclass(value, DjangoModelFactory) and value._meta.model
]


@pytest.mark.parametrize("made", FACTORIES, ids=lambda made: made.__name__)
def test_factory_makes_a_row(made, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    assert made().pk


@pytest.mark.parametrize("status", Issue.Status.values)
def test_issue_in_stands_in_its_state(status):
    issue = factories.issue_in(status)

    assert issue.status == status
    assert [one.status for one in issue.intervals.all()] == ["draft", *factories.ROUTES[status]]
    assert issue.intervals.get(left_at=None).status == status
    assert issue.referrals.open().exists() == (status == "referred")


def test_issue_in_closed_without_a_solution_was_never_referred():
    issue = factories.issue_in("closed", closed_as="declined")

    assert not issue.referrals.exists()
    assert not issue.confirmations.exists()
