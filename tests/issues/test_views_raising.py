"""Pages of who raises an issue: the form, drafts, and the short acts of its organization."""

import pytest
from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Issue
from issues.sealing import village_of
from tests import factories as f
from tests.issues.stories import NAME, VILLAGE, accepted, at, draft_of, page_of, resolved
from tests.issues.typed import typed

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]


# --- drafts -------------------------------------------------------------------------------------
def test_draft_shows_what_each_will_see(client, author, organization, enemy):
    issue = draft_of(organization, author, enemy)

    response = at(client, author).get(issue.get_absolute_url())

    page = response.content.decode()
    secretariat, rest = page.split('id="preview-office"')
    office, public = rest.split('id="preview-public"')
    assert NAME in secretariat
    assert enemy.name in secretariat
    assert NAME not in office
    assert "The raising organization" in office
    assert enemy.name not in rest
    assert "The public sees nothing of it." in public
    assert issue.text not in public


def test_draft_shows_the_public_version_where_it_may_be_published(client, author, organization):
    issue = draft_of(organization, author, disclosure="public")

    page = at(client, author).get(issue.get_absolute_url()).content.decode()

    public = page.split('id="preview-public"')[1]
    assert issue.text in public
    assert NAME not in public


def test_draft_shows_the_village_in_no_box(client, author, organization):
    issue = draft_of(organization, author)

    page = at(client, author).get(issue.get_absolute_url()).content.decode()

    assert VILLAGE not in page


def test_draft_is_hidden_from_everybody_else(client, author, organization, coordinator, office):
    url = draft_of(organization, author).get_absolute_url()
    other = f.representative_of(f.OrganizationFactory())

    for user in (other, coordinator, f.official_of(office), f.administrator()):
        for part in ("", "edit/", "submit/"):
            assert at(client, user).get(url + part).status_code == 404
        for part in ("submit/", "files/", "edit/"):
            assert client.post(url + part).status_code == 404


def test_draft_is_shared_by_the_representatives_of_the_organization(client, author, organization):
    url = draft_of(organization, author).get_absolute_url()

    assert at(client, f.representative_of(organization)).get(url).status_code == 200


def test_draft_edit_shows_the_village_and_keeps_changes(client, author, organization):
    issue = draft_of(organization, author)
    url = reverse("issues:draft_edit", args=[issue.client_key])

    page = at(client, author).get(url).content.decode()
    response = client.post(url, typed(organization, title="Shorter").dict())

    issue.refresh_from_db()
    assert VILLAGE in page
    assert response.url == issue.get_absolute_url()
    assert issue.title == "Shorter"


def test_draft_submit_gives_the_reference(client, author, organization):
    issue = draft_of(organization, author)

    response = at(client, author).post(
        reverse("issues:draft_submit", args=[issue.client_key]), follow=True
    )

    issue.refresh_from_db()
    assert issue.status == "submitted"
    assert response.redirect_chain[-1][0] == f"/issues/{issue.reference}/"
    assert f"Its reference is {issue.reference}." in response.content.decode()


def test_draft_submit_pressed_twice_sends_once(client, author, organization):
    url = reverse("issues:draft_submit", args=[draft_of(organization, author).client_key])

    first, second = (at(client, author).post(url) for _ in range(2))

    assert first.url == second.url
    assert Issue.objects.get().intervals.count() == 2


def test_draft_leads_to_the_issue_once_it_was_sent(client, author, organization):
    issue = draft_of(organization, author)
    url = issue.get_absolute_url()
    sent = actions.submit(issue, by=author, now=clock.now())

    assert at(client, author).get(url).url == f"/issues/{sent.reference}/"


# --- edit and short acts ------------------------------------------------------------------------
def test_issue_edit_is_possible_until_the_issue_is_accepted(client, author, organization):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])

    response = at(client, author).post(url, typed(organization, title="Mended").dict())

    issue.refresh_from_db()
    assert response.url == issue.get_absolute_url()
    assert issue.title == "Mended"


def test_issue_edit_after_it_was_accepted_is_refused_with_a_sentence(
    client, author, organization, coordinator
):
    issue = accepted(organization, author, coordinator)
    url = reverse("issues:issue_edit", args=[issue.reference])

    opened = at(client, author).get(url, follow=True)
    sent = client.post(url, typed(organization, title="Too late").dict())

    issue.refresh_from_db()
    assert "meanwhile the issue is “Accepted”" in opened.content.decode()
    assert "meanwhile the issue is “Accepted”" in sent.content.decode()
    assert "Too late" in sent.content.decode()
    assert issue.title == "The road is cut"


def test_issue_edit_by_a_coordinator_keeps_the_village_unseen(
    client, author, organization, coordinator
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])

    page = at(client, coordinator).get(url).content.decode()
    client.post(url, typed(organization, title="Clearer", village="").dict())

    assert VILLAGE not in page
    assert village_of(issue) == "11010101"


def test_issue_edit_shows_the_sealed_village_to_who_typed_it_and_never_loses_it(
    client, author, organization
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])

    form = at(client, author).get(url).context["form"]
    shown = {name: form[name].value() for name in ("district", "commune", "village")}
    client.post(url, typed(organization, title="Mended", **shown).dict())

    assert shown["village"] == village_of(issue) == "11010101"
    assert Issue.objects.get().title == "Mended"


def test_issue_edit_lets_a_coordinator_who_drafted_it_change_the_village(
    client, organization, coordinator
):
    issue = actions.submit(draft_of(organization, coordinator), by=coordinator, now=clock.now())
    f.LocalityFactory(code="11010102")
    url = reverse("issues:issue_edit", args=[issue.reference])

    shown = at(client, coordinator).get(url).context["form"]["village"].value()
    client.post(url, typed(organization, village="11010102").dict())
    changed = village_of(issue)
    client.post(url, typed(organization, village="").dict())

    assert (shown, changed, village_of(issue)) == ("11010101", "11010102", "")


def test_issue_edit_by_two_at_once_tells_the_later_and_keeps_what_was_typed(
    client, author, organization, coordinator
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])
    seen = at(client, author).get(url).context["form"]["seen"].value()
    at(client, coordinator).post(url, typed(organization, title="Clearer", seen=seen).dict())

    page = at(client, author).post(url, typed(organization, title="Mine", seen=seen).dict())

    issue.refresh_from_db()
    assert b"Somebody else has changed this issue meanwhile" in page.content
    assert page.context["form"]["title"].value() == "Mine"
    assert f'name="seen" value="{seen}"' in page.content.decode()
    assert (issue.title, issue.version) == ("Clearer", seen + 1)


def test_issue_edit_by_a_coordinator_lets_no_more_people_see_it(
    client, author, organization, coordinator
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])

    response = at(client, coordinator).post(url, typed(organization, disclosure="public").dict())

    issue.refresh_from_db()
    assert b"Only the organization may let more people see its issue." in response.content
    assert issue.disclosure == "restricted"


def test_issue_reply_sends_the_answer(client, author, organization, coordinator):
    issue = f.issue_in("returned", organization=organization)
    url = reverse("issues:issue_reply", args=[issue.reference])

    response = at(client, author).post(url, {"text": "In the north."})

    issue.refresh_from_db()
    assert response.url == issue.get_absolute_url()
    assert (issue.status, issue.reply) == ("submitted", "In the north.")


def test_issue_reply_by_a_coordinator_says_how_it_was_told(client, organization, coordinator):
    issue = f.issue_in("returned", organization=organization)
    url = reverse("issues:issue_reply", args=[issue.reference])

    silent = at(client, coordinator).post(url, {"text": "In the north."})
    client.post(url, {"text": "In the north.", "how_told": "By telephone"})

    issue.refresh_from_db()
    assert b"How was it told?" in silent.content
    assert issue.reply == "In the north.\n– By telephone"


def test_issue_withdraw_closes_with_the_reason(client, author, organization):
    issue = f.issue_in("accepted", organization=organization)
    url = reverse("issues:issue_withdraw", args=[issue.reference])

    empty = at(client, author).post(url, {"text": " "})
    response = client.post(url, {"text": "It was solved by the village."})

    issue.refresh_from_db()
    assert empty.status_code == 200
    assert response.status_code == 302
    assert (issue.closed_as, issue.reason) == ("withdrawn", "It was solved by the village.")


def test_issue_confirm_closes_the_issue(client, author, organization, coordinator, office):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_confirm", args=[issue.reference])

    assert at(client, author).get(url).status_code == 200
    response = client.post(url)

    issue.refresh_from_db()
    assert response.status_code == 302
    assert issue.closed_as == "confirmed"


def test_issue_confirm_by_a_coordinator_says_how_it_was_told(
    client, author, organization, coordinator, office
):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_confirm", args=[issue.reference])

    at(client, coordinator).post(url, {})
    assert not issue.confirmations.exists()
    client.post(url, {"how_told": "By telephone on 3 March"})

    said = issue.confirmations.get()
    assert (said.verdict, said.how_told) == ("solved", "By telephone on 3 March")


def test_issue_dispute_opens_it_again(client, author, organization, coordinator, office):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_dispute", args=[issue.reference])

    at(client, author).post(url, {"text": "The bridge fell again."})

    issue.refresh_from_db()
    assert issue.status == "referred"
    assert issue.confirmations.get().reason == "The bridge fell again."


def test_issue_partly_leads_to_the_issue_of_what_remains(
    client, author, organization, coordinator, office
):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_partly", args=[issue.reference])

    response = at(client, author).post(url, {"text": "The second bridge."})

    rest = Issue.objects.get(follows=issue)
    assert response.url == rest.get_absolute_url()
    assert rest.reference in page_of(client, author, issue)


@pytest.mark.parametrize("act", ["edit", "reply", "withdraw", "confirm", "dispute", "partly"])
def test_acts_of_the_organization_are_refused_to_an_office_and_hidden_from_others(
    client, author, organization, coordinator, office, act
):
    issue = resolved(organization, author, coordinator, office)
    url = reverse(f"issues:issue_{act}", args=[issue.reference])
    others = f.representative_of(f.OrganizationFactory())

    for send in (at(client, f.official_of(office)).get, client.post):
        assert send(url).status_code == 403
    for send in (at(client, others).get, client.post):
        assert send(url).status_code == 404
    assert at(client, None).get(url).status_code == 302


@pytest.mark.parametrize("act", ["reply", "confirm", "dispute", "partly"])
def test_acts_that_are_too_late_say_so(client, author, organization, act):
    issue = f.issue_in("accepted", organization=organization)
    url = reverse(f"issues:issue_{act}", args=[issue.reference])

    opened = at(client, author).get(url, follow=True)
    sent = client.post(url, {"text": "My words."})

    for response in (opened, sent):
        assert "This is no longer possible" in response.content.decode()


def test_draft_delete_asks_first_and_is_for_its_organization(client, author, organization):
    issue = draft_of(organization, author)
    url = reverse("issues:draft_delete", args=[issue.client_key])
    stranger = f.representative_of(f.OrganizationFactory())

    assert at(client, stranger).post(url).status_code == 404
    assert "removed for good" in at(client, author).get(url).content.decode()
    assert Issue.objects.exists()
    assert client.post(url).url == reverse("issues:issues")
    assert not Issue.objects.exists()


def test_draft_delete_of_what_was_sent_meanwhile_deletes_nothing(client, author, organization):
    issue = draft_of(organization, author)
    url = reverse("issues:draft_delete", args=[issue.client_key])
    actions.submit(issue, by=author, now=clock.now())

    at(client, author).post(url)

    assert Issue.objects.get().status == "submitted"
