import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied

from accounts import sealing
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum.models import Session
from issues import actions
from issues.actions import Charge, Press, Said
from issues.models import Confirmation, Issue, Referral
from provinces.models import Authority
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    CallFactory,
    ConcernFactory,
    ContactPointFactory,
    HolidayFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    ReferralFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.test_actions_raising import drafted
from tests.issues.traces import DUE, NOW, TODAY, everything, secretariat, states, told, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    return issue_in("resolved")


@pytest.fixture
def referral(issue):
    return issue.referrals.get()


@pytest.fixture
def person(issue):
    return representative_of(issue.organization)


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


def words():
    return list(
        Confirmation.objects.order_by("pk").values_list(
            "issue", "claim", "verdict", "reason", "how_told", "by", "created_at"
        )
    )


def entry(act, issue, by, role, before, after):
    return (f"issue.{act}", f"issue:{issue.pk}", by, role, {"status": [before, after]})


# --- confirm, lapse, reopen ---------------------------------------------------------------------
def test_confirm_closes_the_issue_as_solved(issue, referral, person):
    actions.confirm(issue, by=person, now=NOW)

    issue.refresh_from_db()
    referral.refresh_from_db()
    assert (issue.status, issue.closed_as, issue.closed_at) == ("closed", "confirmed", NOW)
    assert issue.resolved_at is not None
    assert referral.ended_as == "resolved"
    assert words() == [(issue.pk, 1, "solved", "", "", person.pk, NOW)]
    assert states(issue)[-2:] == ["resolved", "closed"]
    assert trail() == [entry("confirm", issue, person, "representative", "resolved", "closed")]


def test_confirm_by_the_secretariat_says_how_it_was_told(issue, coordinator):
    actions.confirm(issue, by=coordinator, now=NOW, how_told="By telephone.")

    assert words() == [(issue.pk, 1, "solved", "", "By telephone.", coordinator.pk, NOW)]
    assert trail() == [entry("confirm", issue, coordinator, "coordinator", "resolved", "closed")]


def test_the_word_on_a_claim_is_the_raising_organizations(issue, referral):
    before = everything()

    for person in (
        representative_of(OrganizationFactory()),
        official_of(referral.authority),
        coordinator_of(ProvinceFactory(code="16")),
    ):
        for refused in (
            lambda by=person: actions.confirm(issue, by=by, now=NOW),
            lambda by=person: actions.dispute(issue, by=by, now=NOW, reason="No."),
            lambda by=person: actions.partly(issue, by=by, now=NOW, reason="Half."),
        ):
            with pytest.raises(PermissionDenied):
                refused()

    assert everything() == before
    assert words() == []
    assert Referral.objects.get().ended_as == "resolved"


def called(issue, days):
    CallFactory(referral=None, issue=issue, called_at=issue.resolved_at + dt.timedelta(days=days))


def test_lapse_closes_it_unconfirmed_by_nobody(issue):
    called(issue, 80)
    now = issue.resolved_at + dt.timedelta(days=90)

    actions.lapse(issue, now=now)

    issue.refresh_from_db()
    assert (issue.status, issue.closed_as, issue.closed_at) == ("closed", "unconfirmed", now)
    assert words() == []
    assert trail() == [entry("lapse", issue, None, "system", "resolved", "closed")]


@pytest.mark.parametrize(("day_of_call", "age"), [(80, 89), (-1, 90), (None, 200)])
def test_lapse_waits_for_its_time_and_a_call_since_the_claim(issue, day_of_call, age):
    if day_of_call is not None:
        called(issue, day_of_call)

    with pytest.raises(TransitionError):
        actions.lapse(issue, now=issue.resolved_at + dt.timedelta(days=age))

    issue.refresh_from_db()
    assert issue.status == "resolved"


def test_lapse_counts_a_session_that_heard_it_as_a_call(coordinator):
    issue = issue_in("resolved")
    item = AgendaItemFactory(issue=issue)
    OutcomeFactory(item=item, kind="noted", recorded_at=issue.resolved_at + dt.timedelta(days=9))

    actions.lapse(issue, now=issue.resolved_at + dt.timedelta(days=90))

    issue.refresh_from_db()
    assert issue.closed_as == "unconfirmed"


def test_reopen_takes_a_closed_issue_up_again(coordinator):
    issue = issue_in("closed")

    actions.reopen(issue, by=coordinator, now=NOW, reason="The bridge broke again.")

    issue.refresh_from_db()
    assert (issue.status, issue.closed_as, issue.closed_at, issue.resolved_at, issue.reason) == (
        "accepted",
        "",
        None,
        None,
        "The bridge broke again.",
    )
    assert states(issue)[-2:] == ["closed", "accepted"]
    assert list(Issue.objects.eligible("11")) == [issue]
    assert trail() == [entry("reopen", issue, coordinator, "coordinator", "closed", "accepted")]


# --- dispute ------------------------------------------------------------------------------------
def test_dispute_gives_the_office_the_issue_back_with_a_new_date(
    issue, referral, person, coordinator
):
    official = official_of(referral.authority, username="the_official")
    HolidayFactory(date=TODAY.replace(day=8))

    actions.dispute(issue, by=person, now=NOW, reason="Only the sign was painted.")

    issue.refresh_from_db()
    referral.refresh_from_db()
    due_on = DUE.replace(day=18)  # ten working days, one of them a holiday
    assert (issue.status, issue.resolved_at, issue.claims) == ("referred", None, 1)
    assert (referral.ended_at, referral.ended_as, referral.due_version) == (None, "", 2)
    assert (referral.wanted_on, referral.days) == (due_on, 10)
    assert (referral.handed_over_on, referral.due_on) == (TODAY, due_on)
    assert words() == [
        (issue.pk, 1, "not_solved", "Only the sign was painted.", "", person.pk, NOW)
    ]
    assert states(issue)[-2:] == ["resolved", "referred"]
    assert trail() == [entry("dispute", issue, person, "representative", "resolved", "referred")]
    claimant = referral.responses.get().by
    assert told() == sorted(
        [
            *(("issue_disputed", f"issue:{issue.pk}", 1, one) for one in secretariat()),
            ("issue_disputed", f"referral:{referral.pk}", 2, f"user:{official.pk}"),
            ("issue_disputed", f"referral:{referral.pk}", 2, f"user:{claimant.pk}"),
        ]
    )


def test_dispute_tells_an_office_without_officials_at_its_own_address(issue, referral, person):
    referral.authority.role_assignments.all().delete()
    contact = ContactPointFactory(authority=referral.authority)

    actions.dispute(issue, by=person, now=NOW, reason="No.")

    assert told()[-1] == ("issue_disputed", f"referral:{referral.pk}", 2, f"contact:{contact.pk}")


def test_dispute_of_a_second_claim_is_told_and_kept_again(issue, referral, person):
    for turn in (1, 2):
        actions.dispute(issue, by=person, now=NOW, reason="No.")
        actions.resolve(
            referral,
            by=official_of(referral.authority),
            now=NOW,
            client_key=uuid.uuid4(),
            text=f"Done {turn}.",
            done_on=TODAY,
        )

    assert [(claim, verdict) for _issue, claim, verdict, *_rest in words()] == [
        (1, "not_solved"),
        (2, "not_solved"),
    ]
    assert Issue.objects.get().claims == 3
    assert {version for kind, about, version, _to in told() if about.startswith("referral")} == {
        2,
        3,
    }


def test_dispute_of_what_was_addressed_in_a_session_makes_it_eligible_again(coordinator):
    session = SessionFactory(status=Session.Status.OPEN)
    issue = issue_in("scheduled", session=session)
    actions.address(issue.agenda_items.get(), by=coordinator, now=NOW, said=Said("Solved."))

    actions.dispute(issue, by=representative_of(issue.organization), now=NOW, reason="It is not.")

    issue.refresh_from_db()
    assert (issue.status, issue.resolved_at) == ("accepted", None)
    assert states(issue)[-2:] == ["resolved", "accepted"]
    assert not issue.referrals.exists()


def test_dispute_reopens_no_office_of_an_earlier_life(coordinator):
    """Solved by an office once, reopened, then addressed in a session: that office is done."""
    issue = issue_in("closed")
    actions.reopen(issue, by=coordinator, now=NOW, reason="Again.")
    session = SessionFactory(status=Session.Status.OPEN)
    item = actions.schedule(issue, by=coordinator, now=NOW, session=session)
    actions.address(item, by=coordinator, now=NOW, said=Said("Solved."))

    actions.dispute(issue, by=coordinator, now=NOW, reason="No.")

    assert Issue.objects.get().status == "accepted"
    assert [one.ended_as for one in issue.referrals.all()] == ["resolved"]


def test_dispute_reopens_only_the_latest_referral_of_an_office_that_had_it_twice(coordinator):
    issue = issue_in("closed")
    former = issue.referrals.get()
    actions.reopen(issue, by=coordinator, now=NOW, reason="Again.")
    facts = {"by": coordinator, "now": NOW}
    latest = actions.refer(issue, authority=former.authority, due_on=DUE, **facts)
    actions.resolve(latest, client_key=uuid.uuid4(), text="Done.", done_on=TODAY, **facts)

    actions.dispute(issue, reason="No.", **facts)

    assert {one.pk: one.ended_as for one in issue.referrals.all()} == {
        former.pk: "resolved",
        latest.pk: "",
    }


def test_dispute_reopens_every_lead_but_no_supporting_office(person):
    issue = issue_in("referred")
    leads = [issue.referrals.get(), ReferralFactory(issue=issue)]
    supporting = ReferralFactory(issue=issue, role="supporting")
    for one in (supporting, *leads):
        actions.resolve(
            one,
            by=official_of(one.authority),
            now=NOW,
            client_key=uuid.uuid4(),
            text="Done.",
            done_on=TODAY,
        )

    actions.dispute(issue, by=representative_of(issue.organization), now=NOW, reason="No.")

    assert set(Referral.objects.open().filter(issue=issue)) == set(leads)


def test_dispute_leaves_an_office_that_has_ended(issue, person):
    Authority.objects.filter(pk=issue.referrals.get().authority_id).update(ended_on=TODAY)

    actions.dispute(issue, by=person, now=NOW, reason="Still no water.")

    issue.refresh_from_db()
    assert (issue.status, issue.referrals.get().ended_as) == ("accepted", "resolved")


# --- partly -------------------------------------------------------------------------------------
def test_partly_closes_it_and_leaves_what_remains_with_the_office(issue, person, coordinator):
    ConcernFactory(issue=issue)
    Issue.objects.filter(pk=issue.pk).update(priority=2, disclosure="confidential")
    held = issue.referrals.get()

    rest = actions.partly(issue, by=person, now=NOW, reason="The second bridge is still broken.")

    issue.refresh_from_db()
    rest.refresh_from_db()
    assert (issue.status, issue.closed_as, issue.closed_at) == ("closed", "partly", NOW)
    assert (rest.status, rest.follows, rest.submitted_at) == ("referred", issue, NOW)
    assert (rest.link, rest.root) == ("remainder", issue)
    assert rest.reference not in (None, issue.reference)
    assert rest.tracking_code not in (None, issue.tracking_code)
    assert (rest.text, rest.author) == ("The second bridge is still broken.", issue.author)
    copied = "kind title theme province commune organization people women disclosure priority"
    assert [getattr(rest, name) for name in copied.split()] == [
        getattr(issue, name) for name in copied.split()
    ]
    assert [one.authority for one in rest.concerns.all()] == [
        one.authority for one in issue.concerns.all()
    ]
    assert states(rest) == ["referred"]
    again = rest.referrals.get()
    assert (again.authority, again.role, again.released_at) == (held.authority, "lead", NOW)
    assert (again.due_on, again.days) == (None, 10)  # its clock starts when the office is told
    assert list(Issue.objects.matching("second bridge")) == [rest]
    assert words() == [
        (issue.pk, 1, "partly", "The second bridge is still broken.", "", person.pk, NOW)
    ]
    assert trail() == [
        entry("partly", issue, person, "representative", "resolved", "closed"),
        (
            "issue.derive",
            f"issue:{rest.pk}",
            person,
            "representative",
            {"reference": rest.reference, "follows": issue.pk, "link": "remainder"},
        ),
        (
            "issue.refer",
            f"issue:{rest.pk}",
            person,
            "representative",
            {"referral": again.pk, "authority": again.authority_id},
        ),
    ]
    assert told() == [("issue_partly", f"issue:{rest.pk}", 1, one) for one in secretariat()]


def test_partly_of_what_was_addressed_in_a_session_waits_for_the_next(coordinator):
    item = AgendaItemFactory(
        issue=issue_in("scheduled"), session=SessionFactory(status=Session.Status.OPEN)
    )
    actions.address(item, by=coordinator, now=NOW, said=Said("The head teacher is sent."))
    issue = Issue.objects.get(pk=item.issue_id)

    rest = actions.partly(issue, by=issue.author, now=NOW, reason="One class still waits.")

    assert (rest.status, rest.referrals.count()) == ("accepted", 0)


# --- a whole journey ----------------------------------------------------------------------------
def test_journey_leaves_no_word_of_a_person_in_the_audit_trail(coordinator):
    secrets = {
        "title": "ស្ពានឈើបាក់ខ្ទេច",
        "text": "Grandmother was hurt at the ford.",
        "village": "ភូមិពូលុងសាក",
        "organization": "Highland Weavers",
        "words": "Words that somebody spoke.",
    }
    organization = OrganizationFactory(name_en=secrets["organization"])
    office, said = AuthorityFactory(), secrets["words"]
    issue = drafted(
        organization=organization,
        title=secrets["title"],
        text=secrets["text"],
        village=secrets["village"],
        disclosure="public",
    )
    person, official = issue.author, official_of(office)
    facts = {"now": NOW}
    actions.edit(
        issue, by=person, content={"title": secrets["title"], "people": 9, "women": 1}, **facts
    )
    actions.submit(issue, by=person, **facts)
    actions.return_(issue, by=coordinator, question=said, **facts)
    actions.reply(issue, by=person, text=said, **facts)
    actions.accept(issue, by=coordinator, **facts)
    actions.publish(issue, by=coordinator, **facts)
    session = SessionFactory(status=Session.Status.OPEN)
    actions.add_point(session, by=coordinator, title=said, minutes=5, client_key=uuid.uuid4())
    item = actions.schedule(issue, by=coordinator, session=session, **facts)
    charges, words = [Charge(office.pk, DUE + DAY)], Said(said, said, said)
    outcome = actions.refer_in_session(item, by=coordinator, charges=charges, said=words, **facts)
    corrected = Press(uuid.uuid4(), corrects=outcome.version)
    actions.suspend(
        item, by=coordinator, until=TODAY + DAY, charges=charges, said=words, press=corrected,
        **facts,
    )  # fmt: skip
    reworded = Press(uuid.uuid4(), corrects=outcome.version + 1)
    actions.reword(item, by=coordinator, said=Said(said + "."), press=reworded, **facts)
    actions.record_speakers(item, by=coordinator, spoke=said, communities=2, **facts)
    referral = Referral.objects.open().get()
    actions.release(session, by=coordinator, **facts)
    actions.hand_over(referral, on=TODAY, **facts)
    actions.acknowledge(referral, by=official, **facts)
    for say in (actions.ask, actions.respond):
        say(referral, by=official, client_key=uuid.uuid4(), text=said, **facts)
    claim = {"text": said, "done_on": TODAY}
    actions.resolve(referral, by=official, client_key=uuid.uuid4(), **claim, **facts)
    actions.dispute(issue, by=person, reason=said, **facts)
    actions.resolve(referral, by=official, client_key=uuid.uuid4(), **claim, **facts)
    rest = actions.partly(issue, by=person, reason=said, how_told=said, **facts)
    actions.decline(rest, by=coordinator, reason=said, **facts)
    actions.reopen(rest, by=coordinator, reason=said, **facts)
    second = actions.refer(rest, by=coordinator, authority=office, due_on=DUE, note=said, **facts)
    actions.recall(second, by=coordinator, reason=said, **facts)
    actions.withdraw(rest, by=person, reason=said, **facts)

    entries = AuditEntry.objects.all()
    written = " ".join(f"{one.action} {one.subject} {one.change}" for one in entries)
    assert [name for name, secret in secrets.items() if secret in written] == []
    assert len(entries) == 30
    assert sealing.unseal(rest.protected_part.sealed) == {
        "village": secrets["village"],
        "contact": "",
    }
    stood = (
        "draft submitted returned submitted accepted scheduled referred scheduled referred resolved"
    )
    assert states(issue) == [*stood.split(), "referred", "resolved", "closed"]


def test_dispute_gives_no_dates_to_a_referral_that_was_never_released():
    issue = issue_in("resolved")
    issue.referrals.update(released_at=None, handed_over_on=None, due_on=None)

    actions.dispute(issue, by=issue.author, now=NOW, reason="It is still there.")

    held = issue.referrals.get()
    assert (held.ended_at, held.handed_over_on, held.due_on) == (None, None, None)
