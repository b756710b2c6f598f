"""The telephone asks which of the drafts it keeps are still there."""

import json
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from audit import clock
from issues import actions, phones
from tests import factories as f
from tests.issues.stories import at, draft_of

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]


def ask(client, body):
    """Send this as the telephone does."""
    return client.post(reverse("issues:drafts_known"), body, content_type="application/json")


def test_known_are_the_drafts_the_user_may_go_on_with(client, author, organization):
    sent, mine, of_colleague = (draft_of(organization, author) for _ in range(3))
    actions.submit(sent, by=author, now=clock.now())
    stranger = f.representative_of(f.OrganizationFactory())
    keys = [str(one.client_key) for one in (sent, mine, of_colleague)]
    body = json.dumps([*keys, str(uuid.uuid4())])

    assert sorted(ask(at(client, author), body).json()) == sorted(keys[1:])
    assert ask(at(client, stranger), body).json() == []


def test_known_asks_the_database_once(client, author, organization, django_assert_num_queries):
    keys = [draft_of(organization, author).client_key for _ in range(3)]

    with django_assert_num_queries(1):
        assert set(phones.known(author, keys)) == set(map(str, keys))


@pytest.mark.parametrize(
    "body",
    ["", "{", "{}", "7", "[7]", "[null]", '["x"]', "[[]]", "[" * 100_000, b"\xff",
     json.dumps([str(uuid.uuid4())] * 101)],
)  # fmt: skip
def test_known_refuses_what_is_no_list_of_at_most_100_keys(client, author, body):
    assert ask(at(client, author), body).status_code == 400
    assert ask(at(client, author), json.dumps([str(uuid.uuid4())] * 100)).json() == []


def test_mark_tells_persons_apart_without_naming_them(author):
    other = f.representative_of(f.OrganizationFactory())

    assert phones.mark_of(author) == phones.mark_of(author) != phones.mark_of(other)
    assert len(phones.mark_of(author)) == 32
    assert phones.mark_of(AnonymousUser()) == ""
