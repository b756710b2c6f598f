import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from audit import clock
from forum.models import Session
from issues.models import Confirmation, Issue, Referral
from outbox.models import Notice
from provinces.models import ContactPoint
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    CallFactory,
    ConfirmationFactory,
    ContactPointFactory,
    InvitationFactory,
    NoticeFactory,
    OrganizationFactory,
    ProvinceFactory,
    ReferralFactory,
    RoleAssignmentFactory,
    SessionFactory,
    UserFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import DelegateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies["django_language"] = "en"


def section(client, person, name):
    client.force_login(person)
    return client.get("/").context[name]


def text_of(response):
    return " ".join(response.content.decode().split())


# --- coordinator --------------------------------------------------------------------------------
def test_coordinator_still_sees_a_session_left_open(client):
    left = SessionFactory(starts_at=clock.now() - 3 * DAY, status="open")

    home = section(client, coordinator_of(left.province), "coordinator")

    assert [one.session for one in home.meetings] == [left]


def test_coordinator_sees_the_next_session_with_its_items_and_silent_offices(client):
    session = SessionFactory(starts_at=clock.now() + 12 * DAY)
    SessionFactory(starts_at=clock.now() + 3 * DAY, status="cancelled")
    for _ in range(2):
        AgendaItemFactory(session=session)
    AgendaItemFactory(session=session, issue=None, title="I", is_heading=True, minutes=0)
    InvitationFactory(session=session, authority=AuthorityFactory())
    InvitationFactory(session=session, authority=AuthorityFactory(), status="accepted")
    InvitationFactory(session=session)  # an organization, no office

    home = section(client, coordinator_of(ProvinceFactory()), "coordinator")

    (meeting,) = home.meetings
    assert meeting.session == session
    assert (meeting.days_left, meeting.session.items, meeting.session.silent) == (12, 2, 1)


def test_coordinator_sees_new_issues_the_oldest_first_with_their_age(client):
    young = issue_in("submitted", submitted_at=clock.now() - DAY)
    old = issue_in("submitted", submitted_at=clock.now() - 9 * DAY)
    issue_in("submitted", province=ProvinceFactory(code="16"))

    home = section(client, coordinator_of(ProvinceFactory()), "coordinator")

    assert [(one.issue, one.age) for one in home.new] == [(old, 9), (young, 1)]
    assert home.new_total == 2


def test_coordinator_decides_on_claims_and_disputes(client):
    claimed = issue_in("resolved")
    disputed = issue_in("resolved")
    ConfirmationFactory(issue=disputed, verdict=Confirmation.Verdict.NOT_SOLVED)
    Issue.objects.filter(pk=disputed.pk).update(status="referred", resolved_at=None)
    issue_in("referred")

    home = section(client, coordinator_of(ProvinceFactory()), "coordinator")

    assert home.claims.rows == [disputed, claimed]


def test_coordinator_sees_what_waits_in_the_outbox_and_what_failed(client):
    for state in ("prepared", "failed", "failed", "dead", "unknown", "sent"):
        NoticeFactory(state=state)
    NoticeFactory(state="failed", province=ProvinceFactory(code="16"))
    person = coordinator_of(ProvinceFactory())

    home = section(client, person, "coordinator")
    shown = text_of(client.get("/"))

    assert home.prepared == 1
    assert [(state, number) for state, _label, number in home.failed] == [
        (Notice.State.FAILED, 2),
        (Notice.State.UNKNOWN, 1),
        (Notice.State.DEAD, 1),
    ]
    assert "/outbox/release/" in shown
    assert "/outbox/?state=failed" in shown


def test_coordinator_sees_whom_to_call_about_passed_dates(client):
    office = AuthorityFactory()
    ContactPointFactory(authority=office, channel=ContactPoint.Channel.PHONE, value="+85512000001")
    late = [ReferralFactory(authority=office, wanted_on=clock.today() - n * DAY) for n in (2, 5)]
    ReferralFactory(wanted_on=clock.today())  # its own day is still in time

    home = section(client, coordinator_of(ProvinceFactory()), "coordinator")

    (call,) = home.calls
    assert call.office == office
    assert [row.referral for row in call.rows] == [late[1], late[0]]
    assert 'href="tel:+85512000001"' in text_of(client.get("/"))


def test_coordinator_sees_the_latest_call_and_offices_called_today_last(client):
    offices = [AuthorityFactory() for _ in range(2)]
    called, other = (
        ReferralFactory(authority=office, wanted_on=clock.today() - n * DAY)
        for office, n in zip(offices, (9, 2), strict=True)
    )
    CallFactory(referral=called, called_at=clock.now() - 3 * DAY, outcome="spoke")
    person = coordinator_of(ProvinceFactory())
    assert [one.office for one in section(client, person, "coordinator").calls] == offices

    CallFactory(referral=called, outcome="no_answer")

    home = section(client, person, "coordinator")
    shown = text_of(client.get("/"))
    assert [one.office for one in home.calls] == offices[::-1]
    assert shown.count("Called on") == 1
    assert ": No answer</span>" in shown
    for choice in ("spoke", "no_answer"):
        address = reverse("issues:referral_call", args=[other.pk])
        assert f'href="{address}?outcome={choice}"' in shown


def test_coordinator_sees_five_of_each_list_and_the_way_to_all(client):
    for _ in range(6):
        issue_in("submitted")
        issue_in("resolved")
        ReferralFactory(authority=AuthorityFactory(), wanted_on=clock.today() - 3 * DAY)

    home = section(client, coordinator_of(ProvinceFactory()), "coordinator")
    shown = text_of(client.get("/"))

    assert [len(home.new), len(home.claims.rows), len(home.calls)] == [5, 5, 5]
    for way in ("/issues/triage/", "/issues/?state=resolved", "/referrals/?date=overdue"):
        assert f'href="{way}"' in shown


# --- official -----------------------------------------------------------------------------------
def test_official_sees_what_awaits_an_answer_by_urgency(client):
    office = AuthorityFactory(name_en="Department of roads")
    today = clock.today()
    later = ReferralFactory(authority=office, wanted_on=today + 30 * DAY)
    week = ReferralFactory(authority=office, wanted_on=today)
    passed = ReferralFactory(authority=office, wanted_on=today - DAY)
    waiting = ReferralFactory(authority=office, handed_over_on=None)
    ReferralFactory(authority=office, role=Referral.Role.INFORMATION)

    home = section(client, official_of(office), "official")

    assert [(name, [row.referral for row in rows]) for name, rows in home.groups] == [
        ("passed", [passed]),
        ("week", [week]),
        ("later", [later]),
        ("waiting", [waiting]),
    ]
    shown = text_of(client.get("/"))
    assert "4 requests await your answer" in shown
    assert "Department of roads" in shown


def test_official_above_sees_only_how_offices_below_stand(client):
    above = AuthorityFactory()
    ReferralFactory(authority=AuthorityFactory(superior=above), wanted_on=clock.today() - DAY)

    home = section(client, official_of(above), "official")

    assert (home.awaiting, home.groups, home.below, home.below_late) == (0, [], 1, 1)


def test_official_sees_the_next_session_the_office_is_invited_to(client):
    office = AuthorityFactory()
    session = SessionFactory(published_at=clock.now())
    SessionFactory(starts_at=clock.now() + DAY, published_at=clock.now())
    InvitationFactory(session=session, authority=office)
    shown_as = session.starts_at
    Session.objects.filter(pk=session.pk).update(  # in the draft alone
        starts_at=shown_as + DAY, ends_at=session.ends_at + DAY
    )

    home = section(client, official_of(office), "official")

    (guest,) = home.guests
    assert (guest.session, guest.session.starts_at) == (session, shown_as)
    assert home.meeting is None
    assert reverse("issues:agenda", args=[session.pk]) in text_of(client.get("/"))


def test_official_sees_the_session_that_an_office_below_is_invited_to(client):
    office = AuthorityFactory()
    session = SessionFactory(published_at=clock.now())
    InvitationFactory(session=session, authority=AuthorityFactory(superior=office))

    home = section(client, official_of(office), "official")

    assert (home.guests, home.meeting.session) == ([], session)


def test_representative_answers_invitations_from_the_first_page(client):
    organization = OrganizationFactory()
    session = SessionFactory(published_at=clock.now())
    asked = InvitationFactory(session=session, organization=organization)
    off = SessionFactory(
        starts_at=clock.now() + 2 * DAY, status="cancelled", published_at=clock.now()
    )
    InvitationFactory(session=off, organization=organization)
    InvitationFactory(session=session)
    person = representative_of(organization)

    home = section(client, person, "representative")
    silent = text_of(client.get("/"))
    DelegateFactory(invitation=asked)
    asked.status, asked.answered_at, asked.answered_sequence = "accepted", clock.now(), 1
    asked.save()
    answered = text_of(client.get("/"))

    assert [(one.invitation, one.session, one.named) for one in home.guests] == [
        (asked, session, 0)
    ]
    answer = reverse("forum:invitation_answer", args=[asked.pk])
    assert f'<a class="btn btn-primary" href="{answer}">Answer the invitation' in silent
    assert "Delegates named: 1, for 2 places" in answered
    assert f'<a class="btn" href="{answer}">Change the answer' in answered


# --- representative -----------------------------------------------------------------------------
def test_representative_sees_what_waits_for_the_organization(client):
    organization = OrganizationFactory()
    issues = {
        status: issue_in(status, organization=organization)
        for status in ("draft", "returned", "resolved", "submitted", "referred", "closed")
    }
    issue_in("draft")

    home = section(client, representative_of(organization), "representative")

    assert (home.drafts, home.questions, home.claims) == (
        [issues["draft"]],
        [issues["returned"]],
        [issues["resolved"]],
    )
    assert {one.issue for one in home.mine} == {
        issues["submitted"],
        issues["referred"],
        issues["closed"],
    }


def test_representative_reads_one_sentence_an_issue(client):
    organization = OrganizationFactory()
    issue_in("referred", organization=organization, authority=AuthorityFactory(name_en="Roads"))
    referral = Referral.objects.get()
    Referral.objects.update(wanted_on=dt.date(2099, 4, 2), due_on=dt.date(2099, 4, 2))

    home = section(client, representative_of(organization), "representative")

    assert [one.sentence for one in home.mine] == [
        "It is with Roads, to be solved by 2 April 2099."
    ]
    Referral.objects.filter(pk=referral.pk).update(
        released_at=None, handed_over_on=None, due_on=None
    )
    home = section(client, representative_of(organization), "representative")
    assert [one.sentence for one in home.mine] == ["It is with the office that can solve it."]


def test_representative_finds_the_coordinator_of_the_province(client):
    near = coordinator_of(ProvinceFactory(), phone="+85512000002")
    coordinator_of(None)
    coordinator_of(ProvinceFactory(code="16"))

    home = section(client, representative_of(OrganizationFactory()), "representative")

    assert [one.user for one in home.coordinators] == [near]
    assert "tel:+85512000002" in text_of(client.get("/"))


def test_representative_finds_help_and_clears_the_phone_in_one_press(client):
    coordinator_of(ProvinceFactory(), phone="+85512000003", email="near@example.org")
    client.force_login(representative_of(OrganizationFactory()))

    shown = text_of(client.get("/"))

    assert "I need help" in shown
    assert "hide or withdraw" in shown
    assert "press “We were pressured” on the page of the issue" in shown
    assert "tel:+85512000003" in shown
    assert "mailto:near@example.org" in shown
    assert "Clear this phone" in shown
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache", "storage"'
    assert "_auth_user_id" not in client.session


def test_representative_comes_from_help_to_all_open_issues(client):
    person = representative_of(OrganizationFactory())
    organization = person.held[0].organization
    mine = [
        issue_in(status, organization=organization)
        for status in ("submitted", "returned", "accepted", "scheduled", "referred", "resolved")
    ]
    issue_in("closed", organization=organization)
    client.force_login(person)
    link = re.search(r'href="([^"]*state=submitted&amp;[^"]*)"', client.get("/").content.decode())

    page = client.get(html.unescape(link[1]))

    assert {row.issue for row in page.context["rows"]} == set(mine)


# --- links --------------------------------------------------------------------------------------
FORMS = [f"/issues/intake-form.pdf?language={one}" for one in ("km", "en")]


def links(client, address):
    return re.findall(r'href="([^"]*)"', client.get(address).content.decode())


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ("representative", {*FORMS, "/issues/new/"}),
        ("coordinator", {*FORMS, "/issues/new/", "/issues/import/", "/issues/triage/"}),
        ("both", {*FORMS, "/issues/new/", "/issues/import/", "/issues/triage/"}),
        ("official", set()),
    ],
)
@pytest.mark.parametrize("address", ["/", "/issues/"])
def test_what_each_may_begin_is_a_press_away(client, address, roles, expected):
    people = {
        "representative": lambda: representative_of(OrganizationFactory()),
        "coordinator": lambda: coordinator_of(ProvinceFactory()),
        "both": lambda: coordinator_of(ProvinceFactory()),
        "official": lambda: official_of(AuthorityFactory()),
    }
    person = people[roles]()
    if roles == "both":
        RoleAssignmentFactory(
            user=person, role="representative", organization=OrganizationFactory()
        )
    client.force_login(person)

    found = links(client, address)

    begun = {*FORMS, "/issues/new/", "/issues/import/", "/issues/triage/"}
    assert begun & set(found) == expected
    page = text_of(client.get(address))
    assert ("Raise an issue" in page) == (roles in ("representative", "both"))
    assert ("Record an issue for an organization" in page) == (roles in ("coordinator", "both"))


def test_import_leads_to_the_blank_form(client):
    client.force_login(coordinator_of(ProvinceFactory()))

    assert set(FORMS) <= set(links(client, "/issues/import/"))


# --- others -------------------------------------------------------------------------------------
def test_somebody_with_several_roles_has_the_sections_of_each(client):
    person = coordinator_of(ProvinceFactory())
    RoleAssignmentFactory(user=person, role="official", authority=AuthorityFactory())
    client.force_login(person)

    context = client.get("/").context

    assert context["coordinator"]
    assert context["official"]
    assert "representative" not in context


def test_administrator_finds_people_authorities_and_organizations(client):
    client.force_login(administrator())

    shown = text_of(client.get("/"))

    assert 'class="tile" href="/people/"' in shown
    assert 'class="tile" href="/authorities/"' in shown
    assert 'class="tile" href="/organizations/"' in shown


@pytest.mark.parametrize("signed_in", [False, True])
def test_visitor_sees_what_is_published_and_nothing_else(client, signed_in):
    weavers = OrganizationFactory(name_en="Weavers of Bousra")
    shown_issue = issue_in(
        "accepted", disclosure="public", published_at=clock.now(), organization=weavers
    )
    hidden_issue = issue_in("accepted", disclosure="public")
    ahead = SessionFactory(published_at=clock.now())
    past = SessionFactory(published_at=clock.now(), starts_at=clock.now() - 40 * DAY)
    SessionFactory()
    SessionFactory(published_at=clock.now(), status="cancelled")
    if signed_in:
        client.force_login(UserFactory())

    response = client.get("/")

    home = response.context["home"]
    assert (home.upcoming, home.past) == ([ahead], [past])
    assert [one.issue for one in home.published] == [shown_issue]
    shown = text_of(response)
    assert weavers.name_en not in shown
    assert hidden_issue.title not in shown
    assert 'action="/published/"' in shown


# --- queries ------------------------------------------------------------------------------------
def _fill(office, organization):
    issue_in("submitted", organization=organization)
    issue_in("resolved", organization=organization)
    issue_in("draft", organization=organization)
    issue_in("accepted", disclosure="public", published_at=clock.now())
    late = clock.today() - DAY
    issue = issue_in("accepted", organization=organization)
    CallFactory(referral=ReferralFactory(issue=issue, authority=office, wanted_on=late))
    ReferralFactory(issue=issue, wanted_on=late)
    session = SessionFactory(published_at=clock.now())
    InvitationFactory(session=session, authority=office)
    NoticeFactory(state="failed")


@pytest.mark.parametrize(
    "who", ["visitor", "coordinator", "official", "representative", "administrator"]
)
def test_home_asks_the_database_as_often_whatever_waits(client, who, django_assert_max_num_queries):
    office, organization = AuthorityFactory(), OrganizationFactory()
    people = {
        "visitor": lambda: None,
        "coordinator": lambda: coordinator_of(ProvinceFactory()),
        "official": lambda: official_of(office),
        "representative": lambda: representative_of(organization),
        "administrator": administrator,
    }
    person = people[who]()

    def count():
        if person:
            client.force_login(person)
        with django_assert_max_num_queries(22) as queries:
            assert client.get("/").status_code == 200
        return len(queries)

    _fill(office, organization)
    few = count()
    for _ in range(5):
        _fill(office, organization)

    assert count() == few


def test_home_shows_whom_to_call_of_a_frozen_issue(client):
    issue = issue_in("accepted")
    representative_of(issue.organization, phone="+85512000009")
    representative_of(OrganizationFactory(), phone="+85512000010")
    Issue.objects.filter(pk=issue.pk).update(pressured_at=clock.now())
    client.force_login(coordinator_of(issue.province))

    shown = text_of(client.get("/"))

    assert 'href="tel:+85512000009"' in shown
    assert "+85512000010" not in shown
