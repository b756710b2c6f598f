import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit import clock
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues import actions
from issues.models import FieldCheck, ReportBack, Step
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    OrganizationFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.traces import NOW, TODAY

pytestmark = pytest.mark.django_db
LATER = TODAY + dt.timedelta(days=30)


@pytest.fixture
def office():
    return AuthorityFactory()


@pytest.fixture
def issue(office):
    return issue_in("referred", authority=office)


@pytest.fixture
def coordinator(issue):
    return coordinator_of(issue.province)


def add(issue, by, key=None, **typed):
    facts = {"title": "Measure the boundary with the families", "due_on": LATER} | typed
    return actions.add_step(issue, by=by, now=NOW, client_key=key or uuid.uuid4(), **facts)


def visited(issue, by, key=None, **typed):
    facts = {
        "on": TODAY,
        "participants": "Deputy district governor; chair of the community",
        "people": 40,
        "women": 22,
        "findings": "Two of five posts stand outside the line.",
    } | typed
    return actions.record_field_check(
        issue, by=by, now=NOW, client_key=key or uuid.uuid4(), **facts
    )


def told(issue, by, key=None, **typed):
    facts = {"on": TODAY, "how": "Village meeting", "people": 61, "women": 35} | typed
    return actions.report_back(issue, by=by, now=NOW, client_key=key or uuid.uuid4(), **facts)


# --- steps --------------------------------------------------------------------------------------
def test_step_is_added_done_and_recorded(issue, coordinator, office):
    step = add(issue, coordinator, authority=office)

    actions.finish_step(step, by=coordinator, now=NOW, done_on=TODAY, note="Four of five.")

    step.refresh_from_db()
    assert (step.due_on, step.done_on, step.note, step.authority) == (
        LATER,
        TODAY,
        "Four of five.",
        office,
    )
    entries = AuditEntry.objects.filter(action="issue.step").order_by("pk")
    assert [one.change for one in entries] == [
        {"step": step.pk, "did": "added"},
        {"step": step.pk, "did": "finished"},
    ]


def test_step_sent_twice_is_one_and_with_other_words_a_conflict(issue, coordinator):
    key = uuid.uuid4()

    assert add(issue, coordinator, key) == add(issue, coordinator, key)
    with pytest.raises(Conflict):
        add(issue, coordinator, key, title="Another")
    assert Step.objects.count() == 1


def test_step_of_yesterday_and_one_too_many_are_refused(issue, coordinator, monkeypatch):
    with pytest.raises(TransitionError):
        add(issue, coordinator, due_on=TODAY - dt.timedelta(days=1))
    monkeypatch.setattr("issues.actions.course.STEPS", 1)
    add(issue, coordinator)
    with pytest.raises(TransitionError):
        add(issue, coordinator)


def test_step_is_moved_by_the_office_that_holds_the_issue_and_by_no_other(issue, office):
    referral = issue.referrals.get()
    official, stranger = official_of(office), official_of(AuthorityFactory())

    step = add(issue, official, referral=referral)
    actions.finish_step(step, by=official, now=NOW, done_on=TODAY, referral=referral)

    for person in (stranger, representative_of(issue.organization)):
        with pytest.raises(PermissionDenied):
            add(issue, person, referral=referral)
    step.refresh_from_db()
    assert step.done_on == TODAY


def test_step_is_moved_no_more_by_an_office_whose_referral_was_recalled(issue, office, coordinator):
    referral, official = issue.referrals.get(), official_of(office)
    actions.recall(referral, by=coordinator, now=NOW)
    actions.refer(issue, by=coordinator, now=NOW, authority=AuthorityFactory(), due_on=LATER)

    with pytest.raises(TransitionError):
        add(issue, official, referral=referral)


def test_step_done_stays_and_dropped_is_done_no_more(issue, coordinator):
    done, dropped = add(issue, coordinator), add(issue, coordinator, title="Second")
    actions.finish_step(done, by=coordinator, now=NOW, done_on=TODAY)
    actions.drop_step(dropped, by=coordinator, now=NOW)

    with pytest.raises(TransitionError):
        actions.drop_step(done, by=coordinator, now=NOW)
    with pytest.raises(TransitionError):
        actions.finish_step(dropped, by=coordinator, now=NOW, done_on=TODAY)
    again = actions.finish_step(done, by=coordinator, now=NOW, done_on=TODAY, note="Again")
    assert again.note == ""


# --- visits and reports ---------------------------------------------------------------------------
@pytest.mark.parametrize(("record", "model"), [(visited, FieldCheck), (told, ReportBack)])
def test_visit_and_report_sent_twice_are_one(record, model):
    issue = issue_in("resolved")
    by, key = coordinator_of(issue.province), uuid.uuid4()

    record(issue, by, key)
    record(issue, by, key)

    with pytest.raises(Conflict):
        record(issue, by, key, people=200)
    assert model.objects.count() == 1


@pytest.mark.parametrize("record", [visited, told])
def test_visit_and_report_lie_in_the_past(record):
    issue = issue_in("resolved")

    with pytest.raises(TransitionError):
        record(issue, coordinator_of(issue.province), on=TODAY + dt.timedelta(days=1))


def test_report_is_the_organizations_or_the_secretariats(office):
    issue = issue_in("closed", authority=office)

    told(issue, representative_of(issue.organization))
    told(issue, coordinator_of(issue.province))

    with pytest.raises(PermissionDenied):
        told(issue, official_of(office))
    assert ReportBack.objects.count() == 2


# --- who reads what -------------------------------------------------------------------------------
def test_course_is_read_inside_and_by_the_office_asked(issue, office, coordinator):
    add(issue, coordinator), visited(issue, coordinator)
    readers = {
        "own": representative_of(issue.organization),
        "coordinator": coordinator,
        "office": official_of(office),
        "other office": official_of(AuthorityFactory()),
        "other": representative_of(OrganizationFactory()),
    }

    read = {
        name: (
            Step.objects.visible_to(person).count(),
            FieldCheck.objects.visible_to(person).count(),
        )
        for name, person in readers.items()
    }
    ConcernFactory(issue=issue, authority=office)
    barred = official_of(office)

    assert read == {
        "own": (1, 1),
        "coordinator": (1, 1),
        "office": (1, 1),
        "other office": (0, 0),
        "other": (0, 0),
    }
    assert Step.objects.visible_to(barred).count() == 0


def test_report_is_read_inside_alone(office):
    issue = issue_in("resolved", authority=office)
    told(issue, coordinator_of(issue.province))

    assert ReportBack.objects.visible_to(representative_of(issue.organization)).count() == 1
    assert ReportBack.objects.visible_to(official_of(office)).count() == 0


# --- pages ----------------------------------------------------------------------------------------
def test_pages_lead_a_coordinator_through_a_long_case(client, issue, coordinator):
    client.force_login(coordinator)
    typed = {"client_key": uuid.uuid4(), "title": "Measure the boundary", "due_on": clock.today()}
    client.post(reverse("issues:step_add", args=[issue.reference]), typed)
    step = Step.objects.get()
    client.post(
        reverse("issues:step_finish", args=[step.pk]),
        {"done_on": clock.today(), "note": "Four posts."},
    )
    visit = {
        "client_key": uuid.uuid4(),
        "on": clock.today(),
        "participants": "Chair of the community",
        "people": "៤០",
        "women": "22",
        "findings": "Two posts stand outside.",
    }
    client.post(reverse("issues:field_check", args=[issue.reference]), visit)

    page = client.get(issue.get_absolute_url()).content.decode()

    for words in ("Measure the boundary", "Four posts.", "Two posts stand outside."):
        assert words in page


def test_page_of_a_visit_refuses_more_women_than_people(client, issue, coordinator):
    client.force_login(coordinator)
    typed = {
        "client_key": uuid.uuid4(),
        "on": clock.today(),
        "participants": "Chair",
        "people": 4,
        "women": 5,
        "findings": "A ford.",
    }

    answer = client.post(reverse("issues:field_check", args=[issue.reference]), typed)

    assert answer.context["form"].errors.as_data()["women"][0].code == "too_many"
    assert FieldCheck.objects.count() == 0


# --- the office's pages ---------------------------------------------------------------------------
def typed_step(**more):
    typed = {"client_key": uuid.uuid4(), "title": "Ask the ministry", "due_on": clock.today()}
    return typed | more


def test_the_office_adds_and_does_a_step_from_its_referral(client, issue, office):
    back = reverse("issues:referral", args=[issue.referrals.get().pk])
    address = reverse("issues:step_add", args=[issue.reference])
    client.force_login(official_of(office))
    assert address in client.get(back).content.decode()

    assert client.post(address, typed_step()).url == back

    step = Step.objects.get()
    shown = client.get(back).content.decode()
    assert "Ask the ministry" in shown
    assert reverse("issues:step_finish", args=[step.pk]) in shown


def test_the_course_stands_on_the_referral_and_is_moved_by_who_may(client, issue, office):
    superior = AuthorityFactory()
    office.superior = superior
    office.save()
    coordinator = coordinator_of(issue.province)
    step = add(issue, coordinator)
    address = reverse("issues:step_add", args=[issue.reference])
    finish = reverse("issues:step_finish", args=[step.pk])
    readers = {
        "office": official_of(office),
        "coordinator": coordinator,
        "organization": representative_of(issue.organization),
        "above": official_of(superior),
    }

    found = {}
    for name, person in readers.items():
        client.force_login(person)
        page = client.get(reverse("issues:referral", args=[issue.referrals.get().pk]))
        shown = page.content.decode()
        found[name] = (step.title in shown, address in shown, finish in shown)

    assert found == {
        "office": (True, True, True),
        "coordinator": (True, True, True),
        "organization": (True, False, False),
        "above": (True, False, False),
    }


@pytest.mark.parametrize("published", [True, False])
def test_an_office_that_lost_it_keeps_what_it_typed(client, issue, office, coordinator, published):
    step = add(issue, coordinator)
    if published:
        type(issue).objects.update(disclosure="public", published_at=clock.now())
    actions.recall(issue.referrals.get(), by=coordinator, now=NOW, reason="The secret reason.")
    client.force_login(official_of(office))
    note = {"done_on": clock.today(), "note": "Four posts stand."}

    for name, key, typed, kept in (
        ("step_add", issue.reference, typed_step(), "Ask the ministry"),
        ("step_finish", step.pk, note, "Four posts stand."),
        ("step_drop", step.pk, {}, ""),
    ):
        answer = client.post(reverse(f"issues:{name}", args=[key]), typed)
        shown = answer.content.decode()
        assert answer.status_code == 409
        assert kept in shown
        assert [one for one in (issue.title, "The secret reason.") if one in shown] == []
    assert Step.objects.count() == 1


def test_who_never_had_it_gets_no_step_page(client, issue, office, coordinator):
    step = add(issue, coordinator)
    client.force_login(official_of(AuthorityFactory()))

    for name, key in (("step_add", issue.reference), ("step_finish", step.pk)):
        assert client.post(reverse(f"issues:{name}", args=[key]), {}).status_code == 404
    client.force_login(official_of(office))
    told_url = reverse("issues:report_back", args=[issue.reference])
    assert client.post(told_url, {}).status_code == 403
