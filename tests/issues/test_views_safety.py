import uuid

import pytest
from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Issue, Pressure
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.stories import at, page_of

pytestmark = pytest.mark.django_db
TYPED = "We visited the place, and the bridge will be built in May."


@pytest.fixture
def issue():
    return issue_in("referred", title="A road is cut", text="Nobody passes.")


@pytest.fixture
def coordinator(issue):
    return coordinator_of(issue.province)


def url(name, issue):
    return reverse(f"issues:{name}", args=[issue.reference])


def press(issue):
    return actions.pressured(issue, by=issue.author, now=clock.now())


def words(response):
    return " ".join(response.content.decode().split())


# --- the press ----------------------------------------------------------------------------------
def test_the_organization_freezes_its_issue_with_one_press_on_one_page(client, issue):
    at(client, issue.author)
    assert "We were pressured" in page_of(client, issue.author, issue)
    page = client.get(url("issue_pressured", issue))
    assert page.status_code == 200
    assert b"<textarea" not in page.content  # nothing of it is written down

    answer = client.post(url("issue_pressured", issue), follow=True)

    assert "A coordinator will call you." in words(answer)
    assert "Frozen since" in words(answer)
    assert Issue.objects.get().pressured_at
    assert url("issue_pressured", issue) not in words(answer)


def test_a_second_press_says_the_same_and_freezes_nothing_more(client, issue):
    press(issue)
    at(client, issue.author)

    answer = client.post(url("issue_pressured", issue), follow=True)

    assert "A coordinator will call you." in words(answer)
    assert Pressure.objects.count() == 1


def test_the_coordinator_freezes_it_at_the_organizations_word(client, issue, coordinator):
    at(client, coordinator)
    assert "The organization was pressured" in page_of(client, coordinator, issue)

    answer = client.post(url("issue_pressured", issue), follow=True)

    assert "Call the organization" in words(answer)


@pytest.mark.parametrize("name", ["issue_pressured", "issue_lift"])
def test_nobody_else_presses_or_lifts(client, issue, name):
    for person, status in (
        (official_of(issue.referrals.get().authority), 403),
        (representative_of(OrganizationFactory()), 404),
        (coordinator_of(ProvinceFactory(code="16")), 404),
    ):
        at(client, person)
        assert client.get(url(name, issue)).status_code == status
        assert client.post(url(name, issue)).status_code == status
    assert not Pressure.objects.exists()


# --- the end of it ------------------------------------------------------------------------------
def test_the_coordinator_lifts_it_with_a_reason(client, issue, coordinator):
    press(issue)
    at(client, coordinator)
    refused = client.post(url("issue_lift", issue), {"reason": ""})
    assert refused.status_code == 200
    assert Issue.objects.get().pressured_at

    answer = client.post(url("issue_lift", issue), {"reason": "They feel safe."}, follow=True)

    assert "The freeze is lifted" in words(answer)
    assert Issue.objects.get().pressured_at is None
    assert Pressure.objects.get().lifted_because == "They feel safe."


@pytest.mark.parametrize("published", [True, False])
def test_publishing_again_is_asked_only_of_what_was_published(
    client, issue, coordinator, published
):
    if published:
        Issue.objects.update(disclosure="public", published_at=clock.now() - DAY)
    press(issue)

    page = at(client, coordinator).get(url("issue_lift", issue))

    assert ("publish_again" in page.context["form"].fields) == published
    assert page.context["form"]["reason"].value() is None


def test_lifting_what_is_not_frozen_goes_back_to_the_issue(client, issue, coordinator):
    at(client, coordinator)

    assert client.get(url("issue_lift", issue)).status_code == 302
    refused = client.post(url("issue_lift", issue), {"reason": "They feel safe."})
    assert "Meanwhile this was done already." in words(refused)
    assert "They feel safe." in words(refused)


# --- who is told of it --------------------------------------------------------------------------
def test_history_tells_both_ends_inside_and_nothing_outside(client, issue, coordinator):
    Issue.objects.update(disclosure="public", published_at=clock.now() - DAY)
    official = official_of(issue.referrals.get().authority)
    press(issue)
    actions.lift(
        issue, by=coordinator, now=clock.now(), reason="They feel safe.", publish_again=True
    )
    secrets = ("Frozen", "freeze", "They feel safe.", "pressured")

    for person in (issue.author, coordinator):
        shown = page_of(client, person, issue)
        assert "Frozen: the organization was pressured" in shown
        assert "The freeze was lifted" in shown
        assert "They feel safe." in shown
    for person in (official, None):
        shown = page_of(client, person, issue)
        assert [one for one in secrets if one in shown] == []


def test_the_home_of_its_coordinators_begins_with_it_and_tells_nothing(client, coordinator, issue):
    elsewhere = coordinator_of(ProvinceFactory(code="16"))
    press(issue)

    shown = words(at(client, coordinator).get("/"))

    main = shown[shown.index("<main") :]
    assert main.index("Safety alerts") < main.index("Next session")
    alerts = main[main.index('id="safety"') : main.index("</section>")]
    assert issue.get_absolute_url() in alerts
    assert issue.title not in alerts
    assert "Safety alerts" not in words(at(client, elsewhere).get("/"))


# --- the agenda ---------------------------------------------------------------------------------
HIDDEN = "An issue that is not shown at present"


def agenda_of(client, person, session):
    return words(at(client, person).get(reverse("issues:agenda", args=[session.pk])))


@pytest.fixture
def session():
    return SessionFactory(published_at=clock.now() - DAY)


def test_a_frozen_item_of_an_agenda_is_shown_by_neither_number_nor_title(client, session):
    item = AgendaItemFactory(
        session=session,
        issue=issue_in("accepted", disclosure="public", published_at=clock.now() - DAY),
    )
    issue, office = item.issue, AuthorityFactory()
    InvitationFactory(session=session, authority=office)
    other = InvitationFactory(session=session).organization
    outside = [official_of(office), representative_of(other)]
    for person in outside:
        assert issue.reference in agenda_of(client, person, session)

    press(issue)

    for person in outside:
        shown = agenda_of(client, person, session)
        assert HIDDEN in shown
        assert [one for one in (issue.reference, issue.title) if one in shown] == []
    InvitationFactory(session=session, organization=issue.organization)
    for person in (issue.author, coordinator_of(session.province)):
        assert issue.reference in agenda_of(client, person, session)


def test_an_item_that_concerns_an_office_is_not_even_a_number_to_it(client, session):
    item = AgendaItemFactory(session=session)
    office = AuthorityFactory()
    InvitationFactory(session=session, authority=office)
    ConcernFactory(issue=item.issue, authority=office)

    shown = agenda_of(client, official_of(office), session)

    assert HIDDEN in shown
    assert [one for one in (item.issue.reference, item.issue.title) if one in shown] == []


def test_who_is_coordinator_and_of_the_office_it_concerns_reads_nothing(client, session):
    item = AgendaItemFactory(session=session)
    office = AuthorityFactory()
    ConcernFactory(issue=item.issue, authority=office)
    both = official_of(office)
    RoleAssignmentFactory(user=both, role="coordinator", province=session.province)

    console = reverse("issues:console", args=[session.pk])
    for shown in (agenda_of(client, both, session), words(at(client, both).get(console))):
        assert HIDDEN in shown
        assert [one for one in (item.issue.reference, item.issue.title) if one in shown] == []
    address = reverse("issues:issue", args=[item.issue.reference])
    assert at(client, both).get(address).status_code == 404


def test_the_console_names_no_frozen_issue_and_offers_to_defer_it(client, session):
    session.status = "open"
    session.save()
    issue = issue_in("scheduled", session=session, title="A road is cut", text="Nobody passes.")
    press(issue)
    at(client, coordinator_of(session.province))

    page = client.get(reverse("issues:console", args=[session.pk]))

    shown = words(page)
    assert HIDDEN in shown
    assert [one for one in (issue.reference, issue.title, issue.text) if one in shown] == []
    assert sorted(page.context["page"].current.acts) == ["defer", "note", "start"]


# --- what was being typed -----------------------------------------------------------------------
def sent(client, name, referral, **typed):
    form = {"client_key": str(uuid.uuid4()), "text": TYPED} | typed
    return client.post(reverse(f"issues:{name}", args=[referral.pk]), form)


def takes_away(kind, issue):
    by, now = coordinator_of(issue.province), clock.now()
    if kind == "frozen":
        press(issue)
    elif kind == "recalled":
        actions.recall(issue.referrals.get(), by=by, now=now)
    else:
        actions.bar(issue, by=by, now=now, authority=issue.referrals.get().authority)


@pytest.mark.parametrize("kind", ["frozen", "recalled", "barred"])
@pytest.mark.parametrize("name", ["referral_respond", "referral_ask", "referral_resolve"])
def test_what_an_official_typed_comes_back_whatever_took_the_referral(client, issue, kind, name):
    referral = issue.referrals.get()
    official = official_of(referral.authority)
    takes_away(kind, issue)
    at(client, official)

    answer = sent(client, name, referral)

    shown = words(answer)
    assert answer.status_code == 409
    assert "This cannot be done at present" in shown
    assert TYPED in shown
    secrets = (issue.reference, issue.title, issue.text, "frozen", "pressure", "recalled")
    assert [one for one in secrets if one in shown] == []
    assert client.get(reverse(f"issues:{name}", args=[referral.pk])).status_code == 404
    assert not referral.responses.exists()


def test_receiving_what_was_taken_away_is_answered_alike(client, issue):
    referral = issue.referrals.get()
    official = official_of(referral.authority)
    press(issue)

    answer = at(client, official).post(reverse("issues:referral_acknowledge", args=[referral.pk]))

    assert (answer.status_code, "This cannot be done" in words(answer)) == (409, True)


def test_a_stranger_who_sends_a_form_learns_nothing(client, issue):
    press(issue)
    superior = AuthorityFactory()
    issue.referrals.get().authority.superior = superior
    issue.referrals.get().authority.save()

    for person in (official_of(AuthorityFactory()), official_of(superior)):
        at(client, person)
        assert sent(client, "referral_respond", issue.referrals.get()).status_code == 404
