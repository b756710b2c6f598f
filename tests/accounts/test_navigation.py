"""The links of ``config.context`` for each role."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from config import context
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    UserFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
VISITOR = ["Home", "Forums", "Published issues", "Follow an issue"]


def links(rf, user, path="/"):
    request = rf.get(path)
    request.user = user
    with translation.override("en"):
        return context.navigation(request)["navigation"]


def labels(rf, user):
    return [link.label for link in links(rf, user)]


def test_navigation_is_that_of_the_role(rf):
    assert labels(rf, AnonymousUser()) == VISITOR
    assert labels(rf, UserFactory()) == VISITOR
    assert labels(rf, coordinator_of(ProvinceFactory())) == [
        "Today",
        "Issues",
        "Referrals",
        "Forums",
        "Outbox",
        "Letters",
        "Inbox",
        "Status",
        "Organizations",
        "Authorities",
        "People",
    ]
    assert labels(rf, official_of(AuthorityFactory())) == [
        "Today",
        "Issues",
        "Referrals",
        "Forums",
        "Authorities",
    ]
    assert labels(rf, representative_of(OrganizationFactory())) == [
        "Today",
        "Issues",
        "Forums",
        "Organizations",
        "Authorities",
    ]
    assert labels(rf, administrator()) == [
        "Today",
        "Issues",
        "Forums",
        "Inbox",
        "Status",
        "Organizations",
        "Authorities",
        "People",
    ]


def test_link_of_the_page_is_marked(rf):
    found = links(rf, administrator(), "/authorities/3/")

    assert [link.label for link in found if link.current] == ["Authorities"]
