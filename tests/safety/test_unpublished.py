"""Nobody comes upon what is confidential or restricted; see ``walking``."""

import logging

import pytest
from django.urls import reverse

from accounts.models import Organization, User
from audit import clock
from forum.models import Delegate, Invitation, Session
from issues.models import Issue
from provinces.models import Locality
from tests.factories import (
    DAY,
    announced,
    issue_in,
    official_of,
)
from tests.safety.fixtures import (  # noqa: F401
    line,
    office,
    organization,
    people,
    things,
    walk,
)
from tests.safety.walking import (
    EVERY,
    LINKS,
    MARK,
    PLACE,
    READING,
    WORDS,
    codes,
    publish_all,
    references,
    text_of,
)

pytestmark = pytest.mark.django_db
ORGANIZATION, PERSON, COMMUNE = "Quietorganization", "Quietperson", "Quietcommune"
PLACES = ("provinces:districts", "provinces:communes", "provinces:villages")  # the gazetteer


# --- confidential, restricted -------------------------------------------------------------------
def test_an_office_reads_a_confidential_matter_without_organization_place_or_person(walk, line):
    Issue.objects.update(disclosure="confidential", is_named=False)
    Delegate.objects.all().delete()  # who comes is no secret
    Invitation.objects.filter(organization__isnull=False).delete()
    for issue in Issue.objects.select_related("organization", "author"):
        Organization.objects.filter(pk=issue.organization_id).update(
            name_km=ORGANIZATION, name_en=ORGANIZATION
        )
        User.objects.filter(pk=issue.author_id).update(title_km=PERSON, title_en=PERSON)
    Locality.objects.filter(level=6).update(name_km=COMMUNE, name_en=COMMUNE)
    secrets = [ORGANIZATION, PERSON, COMMUNE]
    walk.search = WORDS  # the page repeats the name of the place that is looked for

    for name, methods in [("office", EVERY), ("above", READING)]:
        official = official_of(line[name])
        assert walk.finds(official, secrets, besides=PLACES + LINKS, methods=methods) == set()
        own = {"issues:issue", "issues:referral", "issues:issues"}
        assert {one for one, *_rest in walk.finds(official, [MARK], only=own)} == own


def test_an_office_finds_no_confidential_matter_by_its_place(walk, line):
    Issue.objects.update(disclosure="confidential", is_named=False)
    lists = {"issues:issues", "issues:referrals"}

    walk.search = WORDS
    found = walk.finds(official_of(line["office"]), [MARK], only=lists)
    assert {name for name, method, _mark in found if method == "SEARCH"} == lists
    for search in (PLACE, {"q": COMMUNE}):
        walk.search = search
        Locality.objects.filter(level=6).update(name_km=COMMUNE, name_en=COMMUNE)
        for issue in Issue.objects.select_related("commune__parent", "province"):
            issue.write_index()
            issue.save()
        found = walk.finds(official_of(line["office"]), [MARK], only={"issues:issues"})
        assert {method for _name, method, _mark in found} == {"GET"}


def test_the_public_comes_upon_nothing_of_what_is_restricted(walk):
    Issue.objects.update(disclosure="restricted", published_at=None)
    session = walk.things["session"][0]
    announced(Session.objects.get(pk=session), clock.now() - DAY)

    assert walk.finds(None, [MARK, *references()], besides=LINKS) == set()


OUTSIDERS = (
    "anonymous", "administrator", "other_representative", "other_official", "other_coordinator",
)  # fmt: skip


@pytest.mark.parametrize("reader", OUTSIDERS)
def test_who_has_nothing_to_do_with_it_comes_upon_nothing_unpublished(walk, people, reader):
    marks = [MARK, *references()]
    walk.codes = codes()

    for disclosure, methods in [("restricted", EVERY), ("confidential", ("GET", "SEARCH", "CODE"))]:
        Issue.objects.update(disclosure=disclosure, published_at=None, is_named=False)
        assert walk.finds(people[reader], marks, besides=LINKS, methods=methods) == set()


def test_a_code_of_a_receipt_opens_the_state_alone(walk):
    Issue.objects.update(disclosure="restricted", published_at=None)
    walk.codes = codes()

    track = list(walk.answers("issues:track", "–", "/track/", ["CODE"]))

    assert len(track) == len(references())
    for _method, answer in track:
        assert answer.context["found"].stands in text_of(answer)
        assert [one for one in [MARK, *references()] if one in text_of(answer)] == []


@pytest.mark.parametrize("disclosure", ["restricted", "confidential"])
def test_no_suggestion_leads_another_organization_to_it(client, walk, disclosure):
    issue = Issue.objects.get(reference=walk.things["referred"][0])
    same = {"title": issue.title, "text": issue.text, "theme": issue.theme}
    draft = issue_in("draft", commune=issue.commune, **same)
    client.force_login(draft.author)
    path = reverse("issues:draft_alike", args=[draft.client_key])
    publish_all()
    assert issue.reference in text_of(client.get(path))  # else it would prove nothing

    Issue.objects.update(disclosure=disclosure, published_at=None)

    page = text_of(client.get(path))
    assert [one for one in references() if one in page] == []


@pytest.mark.parametrize("reader", ["representative", "coordinator", "official"])
def test_no_title_address_or_log_holds_anything_of_it(walk, people, caplog, reader):
    Issue.objects.update(disclosure="restricted", published_at=None)
    logging.disable(logging.NOTSET)

    with caplog.at_level(logging.INFO):
        found = walk.finds(people[reader], [MARK], methods=READING)  # looks at titles, addresses

    assert "issues:issue" in {name for name, *_rest in found}
    assert caplog.records
    assert [one for one in caplog.records if MARK in f"{one.getMessage()} {one.exc_text}"] == []
