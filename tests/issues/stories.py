"""How an issue comes into each state by its own acts, and how a page is opened."""

import uuid

from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Issue
from tests import factories as f

NAME = "Association of the red hills"
VILLAGE = "The hidden village"


def at(client, user):
    """The client, signed in and speaking English."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    if user:
        client.force_login(user)
    else:
        client.logout()
    return client


def page_of(client, user, issue) -> str:
    response = at(client, user).get(reverse("issues:issue", args=[issue.reference]))
    assert response.status_code == 200
    return response.content.decode()


def draft_of(organization, author, office=None, **changes) -> Issue:
    """A draft with village and concerned office, as the form's action keeps it."""
    content = {
        "organization": organization,
        "kind": "challenge",
        "title": "The road is cut",
        "text": "Since July nobody can pass.",
        "language": "en",
        "theme": f.ThemeFactory(),
        "province": f.ProvinceFactory(),
        "commune": f.LocalityFactory(code="110101"),
        "people": 120,
        "women": 64,
        "disclosure": "restricted",
        "is_named": False,
    } | changes
    return actions.save_draft(
        by=author,
        now=clock.now(),
        client_key=uuid.uuid4(),
        content=content,
        village="11010101",
        concerns=[office] if office else [],
    )


def accepted(organization, author, coordinator, enemy=None, **changes) -> Issue:
    issue = actions.submit(
        draft_of(organization, author, enemy, **changes), by=author, now=clock.now()
    )
    return actions.accept(issue, by=coordinator, now=clock.now())


def referred(organization, author, coordinator, office, enemy=None, **changes) -> Issue:
    issue = accepted(organization, author, coordinator, enemy, **changes)
    due_on = clock.today() + 30 * f.DAY
    actions.refer(issue, by=coordinator, now=clock.now(), authority=office, due_on=due_on)
    return Issue.objects.get(pk=issue.pk)


def resolved(organization, author, coordinator, office, **changes) -> Issue:
    issue = referred(organization, author, coordinator, office, **changes)
    actions.resolve(
        issue.referrals.get(),
        by=f.official_of(office),
        now=clock.now(),
        client_key=uuid.uuid4(),
        text="The bridge stands again.",
        done_on=clock.today(),
    )
    return Issue.objects.get(pk=issue.pk)
