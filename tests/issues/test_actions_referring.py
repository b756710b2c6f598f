import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied

from audit.errors import Conflict, TransitionError
from issues import actions
from issues.files import Kept
from issues.models import Call, Evidence, Issue, Referral, Response
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    HolidayFactory,
    ProvinceFactory,
    ReferralFactory,
    ResponseFactory,
    RoleAssignmentFactory,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.issues.traces import DUE, NOW, TODAY, everything, secretariat, states, told, trail

pytestmark = pytest.mark.django_db
KEY = uuid.UUID(int=9)
DAY = dt.timedelta(days=1)
A_FILE = Kept(kind="pdf", content=b"%PDF-1.4 done", thumbnail=None)


@pytest.fixture
def office():
    return AuthorityFactory()


@pytest.fixture
def issue(office):
    return issue_in("referred", authority=office)


@pytest.fixture
def referral(issue):
    return issue.referrals.get()


@pytest.fixture
def official(office):
    return official_of(office)


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


def refer(issue, by, **changed):
    facts = {"authority": None, "due_on": DUE} | changed
    facts["authority"] = facts["authority"] or AuthorityFactory()
    return actions.refer(issue, by=by, now=NOW, **facts)


def endings(issue):
    return {one.pk: one.ended_as for one in issue.referrals.all()}


# --- refer --------------------------------------------------------------------------------------
def test_refer_hands_the_issue_over_at_once_and_leaves_a_trace(office, coordinator):
    issue = issue_in("accepted")

    referral = refer(issue, coordinator, authority=office, note="Repair it.")

    referral.refresh_from_db()
    issue.refresh_from_db()
    assert issue.status == "referred"
    assert states(issue)[-2:] == ["accepted", "referred"]
    assert (referral.authority, referral.role, referral.note, referral.outcome) == (
        office,
        "lead",
        "Repair it.",
        None,
    )
    assert (referral.wanted_on, referral.days, referral.released_at) == (DUE, 10, NOW)
    assert (referral.handed_over_on, referral.due_on, referral.due_version) == (None, None, 1)
    assert (referral.referred_at, referral.referred_by) == (NOW, coordinator)
    assert trail() == [
        (
            "issue.refer",
            f"issue:{issue.pk}",
            coordinator,
            "coordinator",
            {"authority": office.pk, "part": "lead", "status": ["accepted", "referred"]},
        )
    ]
    assert told() == [("issue_referred", f"referral:{referral.pk}", 1, f"user:{issue.author.pk}")]


def test_refer_counts_working_days_without_holidays(coordinator):
    HolidayFactory(date=TODAY + DAY)
    HolidayFactory(date=TODAY + 5 * DAY, province=ProvinceFactory())
    HolidayFactory(date=TODAY + 6 * DAY, province=ProvinceFactory(code="16"))

    assert refer(issue_in("accepted"), coordinator).days == 8


def test_refer_takes_a_scheduled_issue_off_the_agenda(coordinator):
    issue = issue_in("scheduled")

    refer(issue, coordinator)

    assert not issue.agenda_items.exists()


@pytest.mark.parametrize("role", ["lead", "supporting"])
def test_refer_to_one_more_office_leaves_a_review_on_the_agenda(issue, coordinator, role):
    item = AgendaItemFactory(issue=issue)

    refer(issue, coordinator, role=role)

    assert list(issue.agenda_items.all()) == [item]


def test_refer_to_several_offices_with_their_roles(issue, coordinator):
    for role in Referral.Role.values:
        refer(issue, coordinator, role=role)

    assert [one.role for one in issue.referrals.all()] == ["lead", *Referral.Role.values]
    assert states(issue)[-1] == "referred"


def test_refer_to_a_ministry_of_no_province(coordinator):
    refer(issue_in("accepted"), coordinator, authority=AuthorityFactory(ministry=True))

    assert Issue.objects.get().status == "referred"


def another_provinces():
    return AuthorityFactory(province=ProvinceFactory(code="16"))


def one_that_ended():
    return AuthorityFactory(ended_on=dt.date(2041, 1, 1))


@pytest.mark.parametrize("office", [another_provinces, one_that_ended])
def test_refer_to_an_office_that_does_not_answer_there_is_refused(office, coordinator):
    issue, authority = issue_in("accepted"), office()
    before = everything()

    with pytest.raises(TransitionError):
        refer(issue, coordinator, authority=authority)

    assert everything() == before
    assert not Referral.objects.exists()


@pytest.mark.parametrize("concerned", ["the office", "its superior"])
def test_refer_to_an_office_that_the_issue_concerns_is_refused(concerned, coordinator):
    superior = AuthorityFactory()
    office = AuthorityFactory(superior=superior)
    issue = issue_in("accepted")
    ConcernFactory(issue=issue, authority=office if concerned == "the office" else superior)
    before = everything()

    with pytest.raises(TransitionError):
        refer(issue, coordinator, authority=office)

    assert everything() == before


def test_refer_to_the_superior_of_an_office_that_it_concerns_is_possible(coordinator):
    superior = AuthorityFactory()
    issue = issue_in("accepted")
    ConcernFactory(issue=issue, authority=AuthorityFactory(superior=superior))

    assert refer(issue, coordinator, authority=superior).pk


def test_refer_to_an_office_that_holds_it_is_refused(issue, office, coordinator):
    before = everything()

    with pytest.raises(TransitionError):
        refer(issue, coordinator, authority=office)

    assert everything() == before


@pytest.mark.parametrize("role", ["supporting", "information"])
def test_refer_first_to_an_office_that_does_not_lead_is_refused(role, coordinator):
    issue = issue_in("accepted")
    before = everything()

    with pytest.raises(TransitionError):
        refer(issue, coordinator, role=role)

    assert everything() == before


@pytest.mark.parametrize("due_on", [TODAY, TODAY - DAY])
def test_refer_to_be_done_by_today_is_refused(due_on, coordinator):
    with pytest.raises(TransitionError):
        refer(issue_in("accepted"), coordinator, due_on=due_on)

    assert not Referral.objects.exists()


def test_refer_by_another_provinces_secretariat_is_refused():
    issue = issue_in("accepted")
    before = everything()

    with pytest.raises(PermissionDenied):
        refer(issue, coordinator_of(ProvinceFactory(code="16")))

    assert everything() == before


# --- hand_over ----------------------------------------------------------------------------------
def test_hand_over_starts_the_clock_by_working_days(coordinator):
    HolidayFactory(date=dt.date(2041, 7, 9))
    referral = ReferralFactory(released_at=NOW, handed_over_on=None, days=5)

    actions.hand_over(referral, on=dt.date(2041, 7, 5), now=NOW)  # a Friday

    referral.refresh_from_db()
    assert referral.handed_over_on == dt.date(2041, 7, 5)
    assert referral.due_on == dt.date(2041, 7, 15)  # Mo 8, We 10, Th 11, Fr 12, Mo 15
    assert trail() == [
        (
            "issue.hand_over",
            f"issue:{referral.issue_id}",
            None,
            "system",
            {
                "referral": referral.pk,
                "authority": referral.authority_id,
                "due_on": "2041-07-15",
            },
        )
    ]


def test_hand_over_twice_keeps_the_first_day():
    referral = ReferralFactory(released_at=NOW, handed_over_on=None)
    actions.hand_over(referral, on=TODAY, now=NOW)
    before = (everything(), list(Referral.objects.values()))

    actions.hand_over(referral, on=TODAY + DAY, now=NOW)

    assert (everything(), list(Referral.objects.values())) == before


@pytest.mark.parametrize(
    "fields", [{"released_at": None}, {"handed_over_on": None, "ended_as": "recalled"}]
)
def test_hand_over_of_what_is_not_with_the_office_does_nothing(fields):
    referral = ReferralFactory(**fields)

    actions.hand_over(referral, on=TODAY, now=NOW)

    referral.refresh_from_db()
    assert (referral.handed_over_on, referral.due_on) == (None, None)
    assert trail() == []


# --- recall -------------------------------------------------------------------------------------
def test_recall_of_the_last_lead_makes_the_issue_eligible_again(
    issue, referral, coordinator, official
):
    supporting = ReferralFactory(issue=issue, role="supporting")

    actions.recall(referral, by=coordinator, now=NOW, reason="Not their road.")

    issue.refresh_from_db()
    referral.refresh_from_db()
    assert issue.status == "accepted"
    assert endings(issue) == {referral.pk: "recalled", supporting.pk: "over"}
    assert (referral.ended_at, referral.ended_because) == (NOW, "Not their road.")
    assert not Referral.objects.visible_to(official).exists()
    assert not Issue.objects.visible_to(official).exists()
    assert trail() == [
        (
            "issue.recall",
            f"issue:{issue.pk}",
            coordinator,
            "coordinator",
            {
                "referral": referral.pk,
                "authority": referral.authority_id,
                "status": ["referred", "accepted"],
            },
        )
    ]


@pytest.mark.parametrize("which", ["lead", "supporting", "information"])
def test_recall_leaves_the_issue_referred_while_another_leads(issue, referral, coordinator, which):
    other = ReferralFactory(issue=issue, role=which)

    actions.recall(other, by=coordinator, now=NOW, reason="Not theirs.")

    issue.refresh_from_db()
    assert issue.status == "referred"
    assert endings(issue) == {referral.pk: "", other.pk: "recalled"}


def test_recall_of_the_last_lead_takes_a_review_off_the_agenda(issue, referral, coordinator):
    AgendaItemFactory(issue=issue)

    actions.recall(referral, by=coordinator, now=NOW, reason="Not theirs.")

    assert not issue.agenda_items.exists()


# --- acknowledge, ask, respond ------------------------------------------------------------------
def test_acknowledge_is_said_once_and_told_to_the_organization(issue, referral, official, office):
    for person in (official, official_of(office)):
        actions.acknowledge(referral, by=person, now=NOW)

    referral.refresh_from_db()
    assert (referral.acknowledged_at, referral.acknowledged_by) == (NOW, official)
    assert trail() == [
        (
            "issue.acknowledge",
            f"issue:{issue.pk}",
            official,
            "official",
            {"referral": referral.pk, "authority": office.pk},
        )
    ]
    assert told() == [
        ("referral_acknowledged", f"referral:{referral.pk}", 1, f"user:{issue.author.pk}")
    ]


SAYING = {
    "respond": (actions.respond, "answer"),
    "ask": (actions.ask, "question"),
}


@pytest.mark.parametrize("act", SAYING)
def test_saying_something_keeps_it_and_tells_organization_and_secretariat(
    issue, referral, official, office, coordinator, act
):
    say, kind = SAYING[act]

    response = say(referral, by=official, now=NOW, client_key=KEY, text="A team comes.")

    response.refresh_from_db()
    assert (response.referral, response.kind, response.text, response.by, response.created_at) == (
        referral,
        kind,
        "A team comes.",
        official,
        NOW,
    )
    issue.refresh_from_db()
    assert issue.status == "referred"
    assert endings(issue) == {referral.pk: ""}
    assert trail() == [
        (
            f"issue.{act}",
            f"issue:{issue.pk}",
            official,
            "official",
            {"referral": referral.pk, "authority": office.pk},
        )
    ]
    subject = f"referral:{referral.pk}"
    people = sorted([f"user:{issue.author.pk}", *secretariat()])
    notice = "question_asked" if act == "ask" else "response_given"
    assert told() == [(notice, subject, response.pk, one) for one in people]


def claim(referral, by, **changed):
    facts = {"client_key": KEY, "text": "Done.", "done_on": TODAY} | changed
    return actions.resolve(referral, by=by, now=NOW, **facts)


@pytest.mark.parametrize("act", ["respond", "ask", "resolve"])
def test_the_same_form_twice_says_it_once(referral, official, act):
    says = {
        "respond": lambda: actions.respond(
            referral, by=official, now=NOW, client_key=KEY, text="Soon."
        ),
        "ask": lambda: actions.ask(referral, by=official, now=NOW, client_key=KEY, text="Where?"),
        "resolve": lambda: claim(referral, official),
    }
    first = says[act]()
    before = everything()

    assert says[act]() == first
    assert everything() == before
    assert Response.objects.count() == 1


def test_the_same_key_with_other_content_is_a_conflict(referral, official):
    facts = {"by": official, "now": NOW, "client_key": KEY}
    actions.respond(referral, text="Soon.", **facts)
    elsewhere = issue_in("referred", authority=referral.authority).referrals.get()
    before = everything()

    for other in (
        lambda: actions.respond(referral, text="Never.", **facts),
        lambda: actions.ask(referral, text="Soon.", **facts),
        lambda: actions.respond(elsewhere, text="Soon.", **facts),
        lambda: claim(referral, official, text="Soon."),
    ):
        with pytest.raises(Conflict):
            other()

    assert everything() == before
    assert Response.objects.count() == 1


def test_a_claim_sent_again_with_another_day_is_a_conflict(referral, official):
    claim(referral, official)

    with pytest.raises(Conflict):
        claim(referral, official, done_on=TODAY - DAY)


# --- resolve ------------------------------------------------------------------------------------
def test_resolve_is_a_claim_that_ends_the_referral_and_tells_the_secretariat(
    issue, referral, official, office, coordinator
):
    response = claim(referral, official, done_on=TODAY - DAY)

    issue.refresh_from_db()
    referral.refresh_from_db()
    assert (issue.status, issue.resolved_at, issue.claims) == ("resolved", NOW, 1)
    assert (referral.ended_as, referral.ended_at) == ("resolved", NOW)
    assert (response.kind, response.text, response.done_on) == ("claim", "Done.", TODAY - DAY)
    assert states(issue)[-2:] == ["referred", "resolved"]
    subject = f"issue:{issue.pk}"
    assert trail() == [
        (
            "issue.resolve",
            subject,
            official,
            "official",
            {"referral": referral.pk, "authority": office.pk, "status": ["referred", "resolved"]},
        )
    ]
    assert told() == [("issue_resolved", subject, 1, one) for one in secretariat()]


def test_resolve_with_two_leads_only_after_both(issue, referral, official):
    second = ReferralFactory(issue=issue)

    claim(referral, official)
    issue.refresh_from_db()
    assert (issue.status, issue.claims, issue.resolved_at) == ("referred", 0, None)
    assert endings(issue) == {referral.pk: "resolved", second.pk: ""}
    assert told() == []

    claim(second, official_of(second.authority), client_key=uuid.uuid4())
    issue.refresh_from_db()
    assert (issue.status, issue.claims) == ("resolved", 1)


def test_resolve_ends_supporting_and_informed_offices_and_leaves_the_agenda(
    issue, referral, official
):
    others = [ReferralFactory(issue=issue, role=role).pk for role in ("supporting", "information")]
    AgendaItemFactory(issue=issue)

    claim(referral, official)

    assert endings(issue) == {referral.pk: "resolved"} | dict.fromkeys(others, "over")
    assert not issue.agenda_items.exists()


def test_resolve_of_a_supporting_office_leaves_the_lead_with_it(issue, referral):
    supporting = ReferralFactory(issue=issue, role="supporting")

    claim(supporting, official_of(supporting.authority))

    issue.refresh_from_db()
    assert issue.status == "referred"
    assert endings(issue) == {referral.pk: "", supporting.pk: "resolved"}


def test_resolve_of_an_informed_office_is_refused(issue):
    informed = ReferralFactory(issue=issue, role="information")
    before = everything()

    with pytest.raises(PermissionDenied):
        claim(informed, official_of(informed.authority))

    assert everything() == before
    assert not Response.objects.exists()


def test_resolve_by_the_secretariat_on_the_offices_behalf(referral, coordinator):
    claim(referral, coordinator)

    assert [(act, by, role) for act, _subject, by, role, _change in trail()] == [
        ("issue.resolve", coordinator, "coordinator")
    ]


def test_resolve_cannot_have_been_done_tomorrow(referral, official):
    before = everything()

    with pytest.raises(TransitionError):
        claim(referral, official, done_on=TODAY + DAY)

    assert everything() == before


def test_resolve_keeps_its_evidence(settings, tmp_path, referral, official):
    settings.MEDIA_ROOT = tmp_path

    response = claim(referral, official, files=[A_FILE])

    assert [(one.response, one.added_by) for one in Evidence.objects.all()] == [
        (response, official)
    ]


# --- who is an official of it -------------------------------------------------------------------
OFFICIAL_ACTS = {
    "acknowledge": lambda one, by: actions.acknowledge(one, by=by, now=NOW),
    "ask": lambda one, by: actions.ask(one, by=by, now=NOW, client_key=KEY, text="Where?"),
    "respond": lambda one, by: actions.respond(one, by=by, now=NOW, client_key=KEY, text="Soon."),
    "resolve": claim,
}


@pytest.mark.parametrize("act", OFFICIAL_ACTS)
def test_no_official_of_a_superior_or_lower_office_acts_for_it(act, referral, office):
    office.superior = AuthorityFactory()
    office.save()
    before = everything()

    for other in (office.superior, AuthorityFactory(superior=office), AuthorityFactory()):
        with pytest.raises(PermissionDenied):
            OFFICIAL_ACTS[act](referral, official_of(other))

    assert everything() == before


@pytest.mark.parametrize("act", OFFICIAL_ACTS)
def test_no_official_acts_before_the_release(act, issue):
    waiting = ReferralFactory(issue=issue, released_at=None)
    before = everything()

    with pytest.raises(PermissionDenied):
        OFFICIAL_ACTS[act](waiting, official_of(waiting.authority))

    assert everything() == before


@pytest.mark.parametrize("act", OFFICIAL_ACTS)
def test_no_official_acts_whom_it_concerns_through_another_office(act, issue, referral, official):
    concerned = AuthorityFactory()
    ConcernFactory(issue=issue, authority=concerned)
    RoleAssignmentFactory(user=official, role="official", authority=concerned)
    before = everything()

    with pytest.raises(PermissionDenied):
        OFFICIAL_ACTS[act](referral, official)

    assert everything() == before


@pytest.mark.parametrize("act", OFFICIAL_ACTS)
@pytest.mark.parametrize("ending", ["recalled", "resolved", "over"])
def test_nothing_is_done_with_a_referral_that_ended(act, ending, issue):
    ended = ReferralFactory(issue=issue, ended_as=ending)
    before = everything()

    with pytest.raises(TransitionError):
        OFFICIAL_ACTS[act](ended, official_of(ended.authority))

    assert everything() == before


@pytest.mark.parametrize("act", [*OFFICIAL_ACTS, "recall"])
@pytest.mark.parametrize("ending", ["recalled", "resolved", "over"])
def test_of_a_referral_that_ended_strangers_learn_nothing(act, ending, issue):
    ended = ReferralFactory(issue=issue, ended_as=ending)
    before = everything()
    acts = OFFICIAL_ACTS | {
        "recall": lambda one, by: actions.recall(one, by=by, now=NOW, reason="Not theirs.")
    }

    for stranger in (official_of(AuthorityFactory()), coordinator_of(ProvinceFactory(code="16"))):
        with pytest.raises(PermissionDenied):
            acts[act](ended, stranger)

    assert everything() == before


# --- evidence -----------------------------------------------------------------------------------
def test_evidence_sent_twice_is_kept_once(settings, tmp_path, issue):
    settings.MEDIA_ROOT = tmp_path
    person = issue.author

    for _time in range(2):
        actions.add_evidence(issue, by=person, now=NOW, files=[A_FILE, A_FILE])

    row = Evidence.objects.get()
    with row.file.open() as kept:
        assert kept.read() == A_FILE.content
    assert (row.digest, row.size, row.added_by) == (A_FILE.digest, len(A_FILE.content), person)
    assert trail() == [
        ("issue.add_evidence", f"issue:{issue.pk}", person, "representative", {"files": 1})
    ]


def test_evidence_over_the_limit_is_refused(settings, tmp_path, issue):
    settings.MEDIA_ROOT, settings.EVIDENCE_MAX_FILES = tmp_path, 1
    files = [A_FILE, Kept(kind="pdf", content=b"%PDF-1.4 more", thumbnail=None)]

    with pytest.raises(TransitionError):
        actions.add_evidence(issue, by=issue.author, now=NOW, files=files)

    assert not Evidence.objects.exists()


def test_evidence_of_an_official_belongs_to_an_answer_on_this_very_issue(
    settings, tmp_path, issue, referral, official
):
    settings.MEDIA_ROOT = tmp_path
    elsewhere = issue_in("referred")
    answer = ResponseFactory(referral=referral, by=official)
    facts = {"by": official, "now": NOW, "files": [A_FILE]}

    actions.add_evidence(issue, response=answer, **facts)
    for refused in (
        lambda: actions.add_evidence(elsewhere, response=answer, **facts),
        lambda: actions.add_evidence(issue, **facts),
    ):
        with pytest.raises(PermissionDenied):
            refused()

    assert [one.issue for one in Evidence.objects.all()] == [issue]


def test_evidence_is_removed_from_a_draft_alone(
    settings, tmp_path, issue, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    draft = issue_in("draft")
    for one in (draft, issue):
        actions.add_evidence(one, by=one.author, now=NOW, files=[A_FILE])
    sent, drafted = issue.evidence.get(), draft.evidence.get()
    path = tmp_path / drafted.file.name

    with pytest.raises(PermissionDenied):
        actions.remove_evidence(sent, by=issue.author)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_evidence(drafted, by=draft.author)

    assert list(Evidence.objects.all()) == [sent]
    assert not path.exists()


# --- before the draft minutes are agreed --------------------------------------------------------
def test_resolve_before_the_release_is_refused_also_to_a_coordinator(issue, coordinator):
    waiting = ReferralFactory(issue=issue, released_at=None)
    untouched = everything()

    with pytest.raises(TransitionError):
        actions.resolve(
            waiting, by=coordinator, now=NOW, client_key=KEY, text="Done.", done_on=TODAY
        )

    assert everything() == untouched
    actions.recall(waiting, by=coordinator, now=NOW, reason="A wrong office.")


# --- letters ------------------------------------------------------------------------------------
def test_record_letter_starts_the_clock_and_says_who_recorded_it(issue, coordinator):
    letter = ReferralFactory(issue=issue, handed_over_on=None, days=10)

    actions.record_letter(letter, by=coordinator, now=NOW, on=TODAY)

    letter.refresh_from_db()
    assert (letter.handed_over_on, letter.due_on) == (TODAY, DUE)
    change = {
        "referral": letter.pk,
        "authority": letter.authority_id,
        "on": str(TODAY),
        "due_on": str(DUE),
    }
    subject = f"issue:{issue.pk}"
    assert trail() == [("issue.record_letter", subject, coordinator, "coordinator", change)]


@pytest.mark.parametrize("days", [1, -100_00])
def test_record_letter_refuses_a_day_to_come_and_one_before_the_referral(issue, coordinator, days):
    letter = ReferralFactory(issue=issue, handed_over_on=None)

    with pytest.raises(TransitionError):
        actions.record_letter(letter, by=coordinator, now=NOW, on=TODAY + days * DAY)

    assert trail() == []


def test_record_letter_a_second_time_or_before_the_release_is_refused(issue, coordinator):
    for letter in (
        ReferralFactory(issue=issue),
        ReferralFactory(issue=issue, released_at=None),
    ):
        with pytest.raises(TransitionError):
            actions.record_letter(letter, by=coordinator, now=NOW, on=TODAY)


# --- due dates ----------------------------------------------------------------------------------
def test_refer_to_a_closed_day_gives_until_the_next_working_day(coordinator):
    HolidayFactory(date=dt.date(2041, 7, 8), province=None)
    issue = issue_in("accepted")

    held = refer(issue, coordinator, due_on=dt.date(2041, 7, 6))  # a Saturday, then the holiday

    assert (held.wanted_on, held.days) == (dt.date(2041, 7, 9), 3)
    actions.hand_over(held, on=TODAY, now=NOW)
    held.refresh_from_db()
    assert held.due_on == held.wanted_on


# --- the reason of a recall ---------------------------------------------------------------------
def test_recall_keeps_its_reason_apart_from_what_was_asked(referral, coordinator):
    asked = referral.note

    actions.recall(referral, by=coordinator, now=NOW, reason="A wrong office.")

    referral.refresh_from_db()
    assert (referral.note, referral.ended_because) == (asked, "A wrong office.")


# --- questions ----------------------------------------------------------------------------------
@pytest.mark.parametrize("on_behalf", [False, True])
def test_answer_is_kept_and_told_to_the_office(issue, referral, official, coordinator, on_behalf):
    by = coordinator if on_behalf else issue.author
    actions.ask(referral, by=official, now=NOW, client_key=uuid.uuid4(), text="Where?")
    assert Response.objects.unanswered().count() == 1

    said = actions.answer(referral, by=by, now=NOW, client_key=KEY, text="At the bridge.")

    assert (said.kind, said.on_behalf) == ("reply", on_behalf)
    assert not Response.objects.unanswered().exists()
    told_of = [one for one in told() if one[0] == "question_answered"]
    subject = f"referral:{referral.pk}"
    assert told_of == [("question_answered", subject, said.pk, f"user:{official.pk}")]
    again = actions.answer(referral, by=by, now=NOW, client_key=KEY, text="At the bridge.")
    assert again == said


def test_answer_without_an_open_question_is_refused(issue, referral):
    untouched = everything()

    with pytest.raises(TransitionError):
        actions.answer(referral, by=issue.author, now=NOW, client_key=KEY, text="At the bridge.")

    assert everything() == untouched


def test_claim_written_by_a_coordinator_is_on_behalf_of_the_office(referral, coordinator):
    claim = actions.resolve(
        referral, by=coordinator, now=NOW, client_key=KEY, text="Done.", done_on=TODAY
    )

    assert claim.on_behalf


# --- calls --------------------------------------------------------------------------------------
def log_call(referral, by, **changed):
    words = {"outcome": "spoke", "spoke_to": "The director", "note": "Will look."} | changed
    return actions.record_call(referral, by=by, now=NOW, client_key=KEY, **words)


def test_record_call_keeps_the_words_and_leaves_only_the_outcome_in_the_trace(
    issue, referral, coordinator
):
    call = log_call(referral, coordinator)

    assert (call.referral, call.by, call.called_at) == (referral, coordinator, NOW)
    assert (call.outcome, call.spoke_to, call.note) == ("spoke", "The director", "Will look.")
    change = {"referral": referral.pk, "outcome": "spoke"}
    assert trail() == [
        ("issue.record_call", f"issue:{issue.pk}", coordinator, "coordinator", change)
    ]
    assert told() == []


def test_record_call_twice_with_one_form_is_one_call(referral, coordinator):
    first = log_call(referral, coordinator)

    assert log_call(referral, coordinator) == first
    assert len(trail()) == 1
    with pytest.raises(Conflict):
        log_call(referral, coordinator, outcome="no_answer")
    assert Call.objects.count() == 1


def test_record_call_with_the_key_of_another_referral_is_a_conflict(issue, referral, coordinator):
    log_call(referral, coordinator)

    with pytest.raises(Conflict):
        log_call(ReferralFactory(issue=issue, role="supporting"), coordinator)

    assert len(trail()) == 1


@pytest.mark.parametrize("fields", [{"ended_as": "recalled"}, {"released_at": None}])
def test_record_call_about_what_the_office_does_not_hold_is_refused(issue, coordinator, fields):
    other = ReferralFactory(issue=issue, **fields)

    with pytest.raises(TransitionError):
        log_call(other, coordinator)

    assert (trail(), Call.objects.count()) == ([], 0)


def test_record_call_is_for_the_provinces_coordinators_alone(issue, referral, official):
    elsewhere = coordinator_of(ProvinceFactory(code="16"))

    for person in (issue.author, official, elsewhere):
        with pytest.raises(PermissionDenied):
            log_call(referral, person)

    assert (trail(), Call.objects.count()) == ([], 0)
