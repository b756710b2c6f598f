"""The issue's own page for each of its readers."""

import uuid

import pytest
from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Issue
from tests import factories as f
from tests.issues.stories import NAME, VILLAGE, accepted, at, draft_of, page_of, referred, resolved

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


# --- the issue, for each audience ---------------------------------------------------------------
SECRETS = [NAME, VILLAGE, "11010101", "Department of secrets"]


def test_issue_shows_an_office_no_organization_village_or_concerned_office(
    client, author, organization, coordinator, office, enemy
):
    issue = referred(organization, author, coordinator, office, enemy)

    page = page_of(client, f.official_of(office), issue)

    assert issue.title in page
    assert "The raising organization" in page
    assert f"/referrals/{issue.referrals.get().pk}/" in page
    for secret in [*SECRETS, str(author), author.username, str(coordinator)]:
        assert secret not in page


def test_issue_shows_the_office_of_a_confidential_one_no_commune(
    client, author, organization, coordinator, office
):
    issue = referred(
        organization, author, coordinator, office, disclosure="confidential", is_named=True
    )

    page = page_of(client, f.official_of(office), issue)

    assert NAME not in page
    assert issue.commune.name_en not in page
    assert issue.province.name_en in page


def test_issue_names_the_organization_to_an_office_where_it_allowed_that(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office, is_named=True)

    assert NAME in page_of(client, f.official_of(office), issue)


def test_issue_shows_an_office_nothing_that_others_said(
    client, author, organization, coordinator, office
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    actions.return_(issue, by=coordinator, now=clock.now(), question="Which elder told you?")
    actions.reply(issue, by=author, now=clock.now(), text="The elder of the old quarter.")
    actions.accept(issue, by=coordinator, now=clock.now())
    other = f.AuthorityFactory(name_en="Department of water", name_km="Department of water")
    for one in (office, other):
        due_on = clock.today() + 30 * f.DAY
        actions.refer(issue, by=coordinator, now=clock.now(), authority=one, due_on=due_on)
    actions.respond(
        issue.referrals.get(authority=other),
        by=f.official_of(other),
        now=clock.now(),
        client_key=uuid.uuid4(),
        text="Our pumps are old.",
    )
    issue.refresh_from_db()

    page = page_of(client, f.official_of(office), issue)

    for secret in ("Which elder", "old quarter", "Department of water", "Our pumps", "Returned"):
        assert secret not in page
    inside = page_of(client, author, issue)
    for words in ("Which elder", "old quarter", "Department of water", "Our pumps"):
        assert words in inside


def test_issue_shows_the_public_its_public_version_alone(
    client, author, organization, coordinator, office
):
    issue = resolved(organization, author, coordinator, office, disclosure="public", is_named=True)
    actions.publish(issue, by=coordinator, now=clock.now())
    f.EvidenceFactory(issue=issue)

    page = page_of(client, None, issue)

    for shown in (issue.title, issue.text, issue.theme.name_en, issue.commune.name_en):
        assert shown in page
    assert "The bridge stands again." in page
    assert "its organization has not confirmed it yet" in page
    assert "120, of whom 64 women" in page
    for hidden in [*SECRETS, office.name, "evidence", str(author), str(coordinator)]:
        assert hidden not in page


def test_issue_addressed_in_a_session_shows_the_public_what_was_said(
    client, author, organization, coordinator
):
    issue = accepted(organization, author, coordinator, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())
    session = f.SessionFactory(status="open")
    item = actions.schedule(issue, by=coordinator, now=clock.now(), session=session)
    said = actions.Said("The gate is opened today.", said_by="Deputy governor")
    actions.address(item, by=coordinator, now=clock.now(), said=said)
    assert said.text not in page_of(client, None, issue)
    actions.publish(issue, by=coordinator, now=clock.now())

    page = page_of(client, None, issue)

    assert "What was said in the session" in page
    assert "The gate is opened today." in page
    assert "Deputy governor" not in page
    assert "The gate is opened today." in page_of(client, author, issue).split("Is it solved?")[1]


def test_issue_addressed_and_disputed_shows_the_public_no_words_of_the_session(
    client, author, organization, coordinator
):
    issue = accepted(organization, author, coordinator, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())
    session = f.SessionFactory(status="open")
    item = actions.schedule(issue, by=coordinator, now=clock.now(), session=session)
    said = actions.Said("The gate is opened today.")
    actions.address(item, by=coordinator, now=clock.now(), said=said)
    actions.dispute(issue, by=author, now=clock.now(), reason="It is closed again.")

    assert "The gate is opened today." not in page_of(client, None, issue)


@pytest.mark.parametrize("act", ["confirm", "dispute", "partly"])
def test_issue_shows_coordinators_how_the_organizations_word_was_told(
    client, author, organization, coordinator, office, act
):
    issue = resolved(organization, author, coordinator, office)
    why = {} if act == "confirm" else {"reason": "The bridge fell again."}
    told = {"how_told": "By telephone on 3 March"}
    getattr(actions, act)(issue, by=coordinator, now=clock.now(), **why, **told)

    assert "By telephone on 3 March" in page_of(client, coordinator, issue)
    if act == "dispute":
        official = f.official_of(office)
        assert "By telephone on 3 March" not in page_of(client, official, issue)


def test_issue_shows_any_other_signed_in_person_the_public_version(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())
    other = f.representative_of(f.OrganizationFactory(provinces=[f.ProvinceFactory(code="16")]))

    page = page_of(client, other, issue)

    assert issue.title in page
    for hidden in (*SECRETS, office.name):
        assert hidden not in page


def test_issue_is_not_found_for_who_may_not_read_it(
    client, author, organization, coordinator, office, enemy
):
    issue = referred(organization, author, coordinator, office, enemy)
    below = f.AuthorityFactory(superior=enemy)
    people = [
        None,
        f.representative_of(f.OrganizationFactory()),
        f.official_of(f.AuthorityFactory()),
        f.official_of(enemy),
        f.official_of(below),
        f.coordinator_of(f.ProvinceFactory(code="16")),
        f.administrator(),
    ]

    url = issue.get_absolute_url()
    assert [at(client, one).get(url).status_code for one in people] == [404] * len(people)


def test_issue_hides_a_published_one_from_the_office_it_concerns(
    client, author, organization, coordinator, enemy
):
    issue = accepted(organization, author, coordinator, enemy, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())

    assert at(client, f.official_of(enemy)).get(issue.get_absolute_url()).status_code == 404


def test_issue_shows_inside_who_raised_it_and_whom_it_concerns(
    client, author, organization, coordinator, office, enemy
):
    issue = referred(organization, author, coordinator, office, enemy)

    for user in (author, coordinator):
        page = page_of(client, user, issue)
        for shown in (NAME, enemy.name, office.name, "Must not see it"):
            assert shown in page
        assert VILLAGE not in page


def test_issue_tells_coordinators_alone_who_read_the_protected_part(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office)
    actions.read_protected(issue, by=coordinator, reason="place")

    told = {
        name: "Coordinator Dara" in page_of(client, user, issue).split('id="timeline"')[1]
        for name, user in [
            ("coordinator", f.coordinator_of(None)),
            ("author", author),
            ("official", f.official_of(office)),
        ]
    }

    assert told == {"coordinator": True, "author": False, "official": False}


ALWAYS = {"pressured", "receipt", "tighten", "concern"}
ACTS = {
    "submitted": ALWAYS | {"edit", "withdraw", "files"},
    "returned": ALWAYS | {"reply", "edit", "withdraw", "files"},
    "accepted": ALWAYS | {"withdraw", "files"},
    "referred": ALWAYS | {"withdraw", "files"},
    "resolved": ALWAYS | {"confirm", "partly", "dispute", "withdraw", "files", "told"},
    "closed": ALWAYS | {"told"},
}
PROTECTED = {"protected"}
LATER = {"steps", "visits", "call"}
TOGETHER = {"merge", "similar", "correct"}
HANDLING = {
    "submitted": PROTECTED | TOGETHER | {"accept", "return", "decline", "split", "call"},
    "returned": PROTECTED | {"similar", "call"},
    "accepted": PROTECTED | TOGETHER | LATER | {"refer", "decline", "split", "branch"},
    "referred": PROTECTED | TOGETHER | LATER | {"refer", "decline", "branch"},
    "resolved": PROTECTED | LATER,
    "closed": PROTECTED | {"reopen"},
}


def links_of(page: str, issue: Issue) -> set[str]:
    start = f'href="/issues/{issue.reference}/'
    return {part.split('/"')[0] for part in page.split(start)[1:] if "/" in part[:20]}


@pytest.mark.parametrize("status", ACTS)
def test_issue_offers_each_reader_the_acts_that_are_open(
    client, author, organization, coordinator, office, status
):
    issue = f.issue_in(status, organization=organization, author=author, authority=office)

    assert links_of(page_of(client, author, issue), issue) == ACTS[status]
    expected = ACTS[status] | HANDLING[status]
    assert links_of(page_of(client, coordinator, issue), issue) == expected
    if status in ("referred", "resolved"):
        assert links_of(page_of(client, f.official_of(office), issue), issue) == set()


def test_issue_offers_to_publish_only_what_may_be_published(client, coordinator, organization):
    public = f.issue_in("accepted", organization=organization, disclosure="public")
    restricted = f.issue_in("accepted", organization=organization)

    assert "publish" in links_of(page_of(client, coordinator, public), public)
    assert "publish" not in links_of(page_of(client, coordinator, restricted), restricted)
    actions.publish(public, by=coordinator, now=clock.now())
    links = links_of(page_of(client, coordinator, public), public)
    assert "unpublish" in links
    assert "publish" not in links


def test_issue_leads_a_coordinator_to_the_agenda_of_the_next_session(
    client, coordinator, organization
):
    issue = f.issue_in("accepted", organization=organization)
    session = f.SessionFactory(province=issue.province, forum__provinces=[issue.province])

    page = page_of(client, coordinator, issue)

    assert reverse("issues:agenda", args=[session.pk]) in page


@pytest.mark.parametrize("status", ["accepted", "referred", "resolved", "closed"])
def test_issue_asks_a_constant_number_of_queries(
    client, author, organization, coordinator, office, status, django_assert_max_num_queries
):
    issue = f.issue_in(status, organization=organization, authority=office)
    f.OutcomeFactory(item=f.AgendaItemFactory(issue=issue))
    people = [author, coordinator]
    if issue.referrals.exists():
        people.append(f.official_of(office))
    for user in people:
        at(client, user)
        with django_assert_max_num_queries(20):
            client.get(issue.get_absolute_url())


# --- what the public reads -----------------------------------------------------------------------
def test_the_public_reads_what_was_done_only_once_it_is_published_again(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())
    actions.resolve(
        issue.referrals.get(),
        by=f.official_of(office),
        now=clock.now(),
        client_key=uuid.uuid4(),
        text="The bridge stands again.",
        done_on=clock.today(),
    )
    publish = reverse("issues:issue_publish", args=[issue.reference])

    page = page_of(client, None, issue)
    assert "The bridge stands again." not in page
    assert "It is reported resolved" in page
    assert "Publish again" in page_of(client, coordinator, issue)
    assert "The bridge stands again." in client.get(publish).content.decode()

    client.post(publish)

    assert publish not in page_of(client, coordinator, issue)
    assert "The bridge stands again." in page_of(client, None, issue)
