"""What a draft's page promises is what its readers are shown."""

import html
import re

import pytest
from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Issue
from tests.factories import (
    DAY,
    AgendaItemFactory,
    EvidenceFactory,
    InvitationFactory,
    SessionFactory,
    official_of,
    representative_of,
)
from tests.issues.stories import NAME, VILLAGE, at, draft_of

pytest_plugins = ["tests.issues.people"]
pytestmark = pytest.mark.django_db
HIDDEN = "The raising organization"


def plain(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def preview_of(client, issue, audience):
    """The preview for an audience, as plain text."""
    page = at(client, issue.author).get(issue.get_absolute_url()).content.decode()
    start = page.index(f'id="preview-{audience}"')
    return plain(page[start : page.index("</section>", start)])


def facts(text, names):
    """What stands behind each of these words; a fact ends where the next one begins."""
    ends = "|".join([*names, "Photos and documents", "State of the issue", "When its turn", "$"])
    return {
        name: found.group(1).strip()
        for name in names
        if (found := re.search(rf"{name} (.*?)(?= (?:{ends})|$)", text))
    }


CHOICES = [  # who may see it, and whether the organization may be named
    ("public", True), ("public", False), ("restricted", True), ("restricted", False),
    ("confidential", False),
]  # fmt: skip
ASKED = "A bridge before the rains."


@pytest.fixture(params=CHOICES)
def draft(request, organization, author, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    disclosure, is_named = request.param
    issue = draft_of(organization, author, disclosure=disclosure, is_named=is_named, asked=ASKED)
    EvidenceFactory(issue=issue)
    return issue


def taken_in(issue, coordinator):
    actions.submit(issue, by=issue.author, now=clock.now())
    return actions.accept(Issue.objects.get(pk=issue.pk), by=coordinator, now=clock.now())


def test_the_office_sees_what_its_preview_says(client, draft, coordinator, office):
    names = ["Raised by", "Place", "Theme", "People affected"]
    promised = preview_of(client, draft, "office")
    issue = taken_in(draft, coordinator)
    due_on = clock.today() + 30 * DAY
    referral = actions.refer(
        issue, by=coordinator, now=clock.now(), authority=office, due_on=due_on
    )

    official = official_of(office)
    page = at(client, official).get(reverse("issues:referral", args=[referral.pk]))
    shown = plain(page.content.decode())

    wanted = facts(promised, names)
    assert wanted.keys() == set(names)
    assert all(f"{name} {value}" in shown for name, value in wanted.items()), (wanted, shown)
    for words in (issue.title, issue.text, ASKED, NAME, VILLAGE):
        assert (words in promised) == (words in shown)
    assert ("Photos and documents Shown" in promised) == (b"/evidence/" in page.content)
    own = plain(at(client, official).get(issue.get_absolute_url()).content.decode())
    assert all(value in own for value in wanted.values())
    assert (NAME in own, VILLAGE in own) == (NAME in promised, VILLAGE in promised)


def test_the_room_sees_what_its_preview_says(client, draft, coordinator):
    promised = preview_of(client, draft, "room")
    issue = taken_in(draft, coordinator)
    session = SessionFactory(province=issue.province, forum__provinces=[issue.province])
    AgendaItemFactory(session=session, issue=issue)
    guest = InvitationFactory(session=session).organization

    agenda = reverse("issues:agenda", args=[session.pk])
    shown = plain(at(client, representative_of(guest)).get(agenda).content.decode())

    on_agenda = promised[: promised.index("When its turn comes")]
    label = "Confidential item" if issue.disclosure == "confidential" else issue.title
    assert label in on_agenda
    assert label in shown
    for value in facts(on_agenda, ["Raised by", "Theme", "Place"]).values():
        assert value in shown
    for words in (issue.title, NAME, VILLAGE, issue.commune.full_name):
        assert (words in on_agenda) == (words in shown)


def test_the_public_sees_what_its_preview_says(client, draft, coordinator):
    promised = preview_of(client, draft, "public")
    issue = taken_in(draft, coordinator)
    address = issue.get_absolute_url()
    assert at(client, None).get(address).status_code == 404
    if issue.disclosure != "public":
        assert promised.endswith("The public sees nothing of it.")
        return

    actions.publish(issue, by=coordinator, now=clock.now())
    page = at(client, None).get(address)
    shown = plain(page.content.decode())

    wanted = facts(promised, ["People affected", "Theme", "Place"])
    assert all(f"{name} {value}" in shown for name, value in wanted.items()), (wanted, shown)
    for words in (issue.title, issue.text, ASKED, NAME, VILLAGE, HIDDEN):
        assert (words in promised) == (words in shown)
    assert "Photos and documents Not shown" in promised
    assert b"/evidence/" not in page.content
