import datetime as dt

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from accounts.models import RoleAssignment
from audit import clock
from forum.models import Session
from issues.models import (
    AgendaItem,
    ArrivalBook,
    Correction,
    Evidence,
    Interval,
    Issue,
    Outcome,
    Referral,
    Response,
)
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    CallFactory,
    ConcernFactory,
    ConfirmationFactory,
    EvidenceFactory,
    InvitationFactory,
    IssueFactory,
    LocalityFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    ReferralFactory,
    ResponseFactory,
    RoleAssignmentFactory,
    SessionFactory,
    UserFactory,
    administrator,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import (
    BatchFactory,
    BatchLineFactory,
    ClimbFactory,
    CommentFactory,
    CorrectionFactory,
    CosignFactory,
    DraftedAnswerFactory,
    DraftFileFactory,
    ExtensionFactory,
    FieldCheckFactory,
    LeftOutFactory,
    LetterFactory,
    LinkFactory,
    LinkUseFactory,
    MergeFactory,
    PackFactory,
    PauseFactory,
    PreparedReplyFactory,
    PressureFactory,
    RedirectionFactory,
    ReportBackFactory,
    RevisionFactory,
    SavedViewFactory,
    StepFactory,
)
from tests.issues.traces import DUE, NOW, TODAY

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


# --- who reads ----------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def offices():
    """A line of three offices, the middle one asked, and one that has nothing to do with it."""
    superior = AuthorityFactory(kind="administration")
    asked = AuthorityFactory(superior=superior)
    below = AuthorityFactory(kind="district", superior=asked)
    return {"superior": superior, "asked": asked, "below": below, "other": AuthorityFactory()}


def readers(issue, offices):
    """One reader of every role and standing, by name."""
    return {
        "anonymous": AnonymousUser(),
        "nobody": UserFactory(),
        "administrator": administrator(),
        "representative": representative_of(issue.organization),
        "another organization": representative_of(OrganizationFactory()),
        "coordinator": coordinator_of(issue.province),
        "coordinator of all": coordinator_of(None),
        "another province": coordinator_of(ProvinceFactory(code="16")),
    } | {name: official_of(office) for name, office in offices.items()}


def who_read(queryset, people):
    return {name for name, person in people.items() if queryset.visible_to(person).exists()}


ALL = {
    "anonymous", "nobody", "administrator", "representative", "another organization", "coordinator",
    "coordinator of all", "another province", "superior", "asked", "below", "other",
}  # fmt: skip
NEAR = {"representative", "coordinator", "coordinator of all"}
WITH_OFFICES = NEAR | {"asked", "superior"}
READ_IN = {
    "draft": {"representative"},
    "submitted": NEAR,
    "returned": NEAR,
    "accepted": NEAR,
    "scheduled": NEAR,
    "referred": WITH_OFFICES,
    "resolved": WITH_OFFICES,
    "closed": WITH_OFFICES,
}


@pytest.mark.parametrize("state", Issue.Status.values)
def test_visible_to_every_role_in_every_state(state, offices):
    issue = issue_in(state, authority=offices["asked"])
    evidence = EvidenceFactory(issue=issue)
    people = readers(issue, offices)

    assert who_read(Issue.objects.filter(pk=issue.pk), people) == READ_IN[state]
    assert who_read(Evidence.objects.filter(pk=evidence.pk), people) == READ_IN[state]
    if issue.referrals.exists():
        assert who_read(Referral.objects.filter(issue=issue), people) == READ_IN[state]


@pytest.mark.parametrize("state", ["accepted", "scheduled", "referred", "resolved", "closed"])
def test_visible_to_everybody_once_published_but_for_files_and_referrals(state, offices):
    issue = issue_in(state, authority=offices["asked"], disclosure="public", published_at=NOW - DAY)
    EvidenceFactory(issue=issue)
    people = readers(issue, offices)

    assert who_read(Issue.objects, people) == ALL
    assert who_read(Evidence.objects, people) == READ_IN[state]
    assert who_read(Referral.objects, people) <= READ_IN[state]


def test_visible_to_the_coordinator_who_drafts_for_an_organization(offices):
    coordinator = coordinator_of(ProvinceFactory())
    draft = IssueFactory(author=coordinator)

    assert who_read(Issue.objects, {"author": coordinator} | readers(draft, offices)) == {
        "author",
        "representative",
    }


REFERRALS = {
    "open": ({}, WITH_OFFICES),
    "not released yet": ({"released_at": None}, NEAR),
    "resolved": ({"ended_as": "resolved"}, WITH_OFFICES),
    "recalled": ({"ended_as": "recalled"}, NEAR),
    "redirected": ({"ended_as": "redirected"}, NEAR),
    "ended with the issue": ({"ended_as": "over"}, NEAR),
}


@pytest.mark.parametrize("case", REFERRALS)
@pytest.mark.parametrize("role", Referral.Role.values)
def test_visible_to_offices_while_the_referral_is_theirs(case, role, offices):
    fields, wanted = REFERRALS[case]
    referral = ReferralFactory(authority=offices["asked"], role=role, **fields)
    EvidenceFactory(issue=referral.issue)
    people = readers(referral.issue, offices)

    assert who_read(Issue.objects, people) == wanted
    assert who_read(Referral.objects, people) == wanted
    assert who_read(Evidence.objects, people) == wanted


CONCERNS = {
    "superior": NEAR,
    "asked": NEAR | {"superior"},
    "below": WITH_OFFICES,
    "other": WITH_OFFICES,
}


@pytest.mark.parametrize("concerned", CONCERNS)
def test_visible_to_no_office_that_it_concerns_nor_to_those_below(concerned, offices):
    referral = ReferralFactory(authority=offices["asked"])
    EvidenceFactory(issue=referral.issue)
    ConcernFactory(issue=referral.issue, authority=offices[concerned])
    people = readers(referral.issue, offices)

    assert who_read(Issue.objects, people) == CONCERNS[concerned]
    assert who_read(Referral.objects, people) == CONCERNS[concerned]
    assert who_read(Evidence.objects, people) == CONCERNS[concerned]


BARRED = {
    "superior": {"superior", "asked", "below"},
    "asked": {"asked", "below"},
    "below": {"below"},
}


@pytest.mark.parametrize("concerned", BARRED)
def test_visible_to_no_concerned_office_even_once_published(concerned, offices):
    issue = issue_in("accepted", disclosure="public", published_at=NOW - DAY)
    ConcernFactory(issue=issue, authority=offices[concerned])

    assert who_read(Issue.objects, readers(issue, offices)) == ALL - BARRED[concerned]


def test_visible_to_its_representative_who_also_works_in_the_office_it_concerns(offices):
    referral = ReferralFactory(authority=offices["asked"])
    EvidenceFactory(issue=referral.issue)
    ConcernFactory(issue=referral.issue, authority=offices["other"])
    both = official_of(offices["other"])
    RoleAssignmentFactory(
        user=both, role="representative", organization=referral.issue.organization
    )

    for rows in (Issue.objects, Referral.objects, Evidence.objects):
        assert rows.visible_to(both).exists()


def test_visible_to_no_coordinator_who_also_works_in_the_office_it_concerns(offices):
    referral = ReferralFactory(authority=offices["asked"])
    EvidenceFactory(issue=referral.issue)
    ConcernFactory(issue=referral.issue, authority=offices["other"])
    both = official_of(offices["other"])
    RoleAssignmentFactory(user=both, role="coordinator", province=referral.issue.province)

    for rows in (Issue.objects, Referral.objects, Evidence.objects):
        assert not rows.visible_to(both).exists()


def test_visible_to_nobody_whose_role_has_ended(offices):
    issue = issue_in("referred", authority=offices["asked"])
    people = readers(issue, offices)
    RoleAssignment.objects.update(ended_on=dt.date(2041, 1, 1))

    assert who_read(Issue.objects, people) == set()
    assert who_read(Referral.objects, people) == set()


def test_visible_to_shows_a_row_once_whoever_asks_for_several_reasons(offices):
    issue = issue_in("referred", authority=offices["asked"])
    ReferralFactory(issue=issue, authority=offices["below"])
    EvidenceFactory(issue=issue)
    official = official_of(offices["superior"])

    assert Issue.objects.visible_to(official).count() == 1
    assert Referral.objects.visible_to(official).count() == 2
    assert Evidence.objects.visible_to(official).count() == 1


def test_answerable_by_holds_the_offices_own_and_those_below(offices):
    theirs = ReferralFactory(authority=offices["asked"])
    below = ReferralFactory(authority=offices["below"])
    ReferralFactory(authority=offices["superior"])
    ReferralFactory(authority=offices["asked"], released_at=None)

    found = Referral.objects.answerable_by(official_of(offices["asked"]))

    assert set(found) == {theirs, below}


def test_session_visible_to_its_coordinators_and_the_invited(offices):
    session = SessionFactory()
    organization = OrganizationFactory()
    InvitationFactory(session=session, organization=organization)
    InvitationFactory(session=session, authority=offices["asked"])
    people = readers(issue_in("accepted", organization=organization), offices)

    assert who_read(Session.objects, people) == WITH_OFFICES

    announced(session)
    assert who_read(Session.objects, people) == ALL


# --- other querysets ----------------------------------------------------------------------------
def test_eligible_are_the_accepted_of_the_province_the_weightiest_and_oldest_first():
    late = issue_in("accepted", submitted_at=NOW - DAY)
    early = issue_in("accepted", submitted_at=NOW - 2 * DAY)
    urgent = issue_in("accepted", priority=2, submitted_at=NOW)
    issue_in("scheduled")
    issue_in("referred")
    issue_in("accepted", province=ProvinceFactory(code="16"))

    assert list(Issue.objects.eligible("11")) == [urgent, early, late]


def test_overdue_from_the_day_after_the_due_date():
    referral = ReferralFactory(handed_over_on=TODAY - DAY, due_on=TODAY)
    ReferralFactory(handed_over_on=TODAY - DAY, due_on=TODAY - DAY, ended_as="resolved")
    ReferralFactory(released_at=None)

    assert list(Issue.objects.overdue(TODAY)) == []
    assert list(Issue.objects.overdue(TODAY + DAY)) == [referral.issue]
    assert list(Referral.objects.overdue(TODAY)) == []
    assert list(Referral.objects.overdue(TODAY + DAY)) == [referral]


def test_matching_finds_title_text_place_and_reference():
    issue = issue_in("accepted", title="ស្ពានឈើបាក់", text="The bridge is broken.")
    issue_in("accepted", text="Something else.")

    for query in ("ស្ពាន", "bridge", issue.reference):
        assert list(Issue.objects.matching(query)) == [issue]
    assert Issue.objects.matching("").count() == 2


def test_date_is_the_wanted_one_until_the_clock_starts():
    assert ReferralFactory(released_at=None, wanted_on=DUE).date == DUE
    assert ReferralFactory(handed_over_on=TODAY, due_on=TODAY + DAY).date == TODAY + DAY


def test_absolute_url_is_the_key_while_a_draft_then_the_reference():
    draft, sent = IssueFactory(), issue_in("submitted")

    assert str(draft.client_key) in draft.get_absolute_url()
    assert sent.reference in sent.get_absolute_url()


# --- what the database itself refuses -----------------------------------------------------------
def change(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)


def twice(make, **fields):
    row = make(**fields)
    same = {name: getattr(row, name) for name in row_key(row)}
    make(**{**fields, **same})


def row_key(row):
    return {
        "AgendaItem": ("session", "position"),
        "Correction": ("outcome", "version"),
        "LeftOut": ("session", "issue"),
        "Pack": ("session", "number"),
        "PreparedReply": ("item", "authority"),
        "Revision": ("issue", "version"),
        "Concern": ("issue", "authority"),
        "Pause": ("referral",),
        "DraftedAnswer": ("referral",),
        "DraftFile": ("draft", "digest"),
        "Extension": ("referral", "turn"),
        "Confirmation": ("issue", "claim"),
        "Cosign": ("issue", "organization"),
        "Merge": ("source",),
        "Pressure": ("issue",),
        "SavedView": ("user", "name"),
        "Redirection": ("referral",),
        "Referral": ("issue", "authority"),
    }[type(row).__name__]


def same_issue_twice_on_an_agenda():
    item = AgendaItemFactory()
    AgendaItemFactory(session=item.session, issue=item.issue)


def merged_into_itself():
    source = MergeFactory().source
    change(source, merged_into=source)


def two_items_run():
    session = SessionFactory()
    AgendaItemFactory(session=session, issue=None, started_at=NOW)
    AgendaItemFactory(session=session, issue=None, started_at=NOW)


def granted(**changes):
    """An extension that a coordinator granted once."""
    day = dt.date(2060, 1, 1)
    facts = {"state": "granted", "turn": 1, "granted_on": day, "decided_at": NOW}
    return facts | {"wanted_on": day, "due_on": day - dt.timedelta(9)} | changes


def letter_of_a_notice_twice():
    first = LetterFactory()
    LetterFactory(referral=first.referral, notice=first.notice)


VIOLATIONS = {
    "agenda_item_is_an_issue_or_a_titled_point": lambda: change(
        AgendaItemFactory(), title="Opening"
    ),
    "issue_stands_once_on_an_agenda": same_issue_twice_on_an_agenda,
    "agenda_position_is_taken_once": lambda: twice(AgendaItemFactory, issue=None),
    "agenda_item_takes_a_minute_to_eight_hours": lambda: AgendaItemFactory(minutes=0),
    "agenda_heading_is_no_turn": lambda: change(
        AgendaItemFactory(issue=None, is_heading=True, minutes=0), started_at=NOW
    ),
    "one_item_of_a_session_runs_at_a_time": two_items_run,
    "outcome_that_stops_an_issue_says_why": lambda: OutcomeFactory(kind="withdrawn", text=""),
    "outcome_under_review_says_until_when": lambda: OutcomeFactory(kind="study"),
    "outcome_commitment_says_who_made_it": lambda: OutcomeFactory(commitment="Soon.", said_by=""),
    "outcome_is_corrected_once_a_version": lambda: twice(CorrectionFactory),
    "office_prepares_one_reply_an_item": lambda: twice(PreparedReplyFactory),
    "prepared_reply_says_something": lambda: PreparedReplyFactory(text=""),
    "issue_is_left_out_once": lambda: twice(LeftOutFactory),
    "pack_has_its_own_number": lambda: twice(PackFactory),
    "outcome_addressed_says_what_was_said": lambda: OutcomeFactory(kind="addressed", text=""),
    "issue_has_a_reference_once_submitted": lambda: change(
        issue_in("submitted"), submitted_at=None
    ),
    "issue_commune_lies_in_its_province": lambda: IssueFactory(
        commune=LocalityFactory(code="160101")
    ),
    "issue_has_no_more_women_than_people": lambda: IssueFactory(people=3, women=4),
    "issue_is_complete_once_submitted": lambda: change(issue_in("submitted"), theme=None),
    "issue_says_why_it_follows": lambda: change(issue_in("accepted"), link="again"),
    "call_again_was_asked_for": lambda: CallFactory(again_on=NOW.date()),
    "pause_is_open_once_a_referral": lambda: twice(PauseFactory),
    "pause_ends_after_it_began": lambda: PauseFactory(ends_by=clock.today()),
    "pause_ended_says_how": lambda: PauseFactory(ended_on=clock.today()),
    "referral_paused_says_until_when": lambda: ReferralFactory(paused_on=clock.today()),
    "drafted_answer_stands_once_a_referral": lambda: twice(DraftedAnswerFactory),
    "drafted_answer_says_something": lambda: DraftedAnswerFactory(text=""),
    "drafted_answer_is_an_answer_or_says_when_it_was_done": lambda: DraftedAnswerFactory(
        kind="claim"
    ),
    "drafted_answer_decided_says_by_whom_and_when": lambda: DraftedAnswerFactory(state="withdrawn"),
    "drafted_answer_sent_back_says_why": lambda: change(
        DraftedAnswerFactory(), state="returned", decided_at=NOW, decided_by=UserFactory()
    ),
    "drafted_answer_approved_became_an_answer": lambda: DraftedAnswerFactory(
        state="approved", decided_at=NOW, decided_by=UserFactory()
    ),
    "draft_holds_a_file_once": lambda: twice(DraftFileFactory, digest="0" * 64),
    "extension_waits_once_a_referral": lambda: twice(ExtensionFactory),
    "extension_is_granted_once_a_turn": lambda: twice(ExtensionFactory, **granted()),
    "extension_is_granted_twice_at_most": lambda: ExtensionFactory(**granted(turn=3)),
    "extension_granted_says_until_when": lambda: ExtensionFactory(**granted(granted_on=None)),
    "extension_moves_the_date_on": lambda: ExtensionFactory(days=0),
    "extension_decided_says_by_whom_and_when": lambda: ExtensionFactory(decided_at=NOW),
    "extension_says_why": lambda: ExtensionFactory(reason=""),
    "climb_says_why": lambda: ClimbFactory(reason=""),
    "climb_up_names_its_height_and_rung": lambda: ClimbFactory(direction="up"),
    "call_went_to_an_office_or_an_organization": lambda: CallFactory(issue=issue_in("referred")),
    "link_stands_in_a_notice_or_on_a_letter": lambda: LinkFactory(notice=None),
    "letter_names_the_other_side": lambda: change(
        LetterFactory(), organization=OrganizationFactory()
    ),
    "letter_out_has_its_number": lambda: LetterFactory(number=""),
    "letter_number_is_used_once": lambda: (
        LetterFactory(number="1/26"),
        LetterFactory(number="1/26"),
    ),
    "letter_in_has_its_arrival": lambda: LetterFactory(arrival="11-0001/26"),
    "letter_arrival_is_used_once": lambda: [
        LetterFactory(kind="", notice=None, direction="in", arrival=one)
        for one in ["11-0001/26"] * 2
    ],
    "arrival_book_is_one_a_province_and_year": lambda: [
        ArrivalBook.objects.create(province=one, year=2026) for one in [ProvinceFactory()] * 2
    ],
    "notice_has_one_letter_an_office": letter_of_a_notice_twice,
    "letter_of_a_notice_goes_out_to_an_office": lambda: LetterFactory(
        direction="in", arrival="11-0001/26"
    ),
    "letter_about_a_referral_names_its_issue": lambda: LetterFactory(
        issue=None, province=ProvinceFactory()
    ),
    "letter_handed_over_went_out_and_stands": lambda: LetterFactory(handed_over_on=NOW.date()),
    "letter_scan_says_what_it_is": lambda: LetterFactory(scan="letters/1/1"),
    "letter_cancelled_says_by_whom_and_why": lambda: LetterFactory(cancelled_at=NOW),
    "evidence_recording_stays_inside": lambda: EvidenceFactory(kind="audio", is_inside=False),
    "step_is_done_or_dropped": lambda: StepFactory(done_on=clock.today(), dropped_at=clock.now()),
    "field_check_has_no_more_women_than_people": lambda: FieldCheckFactory(people=1, women=2),
    "report_back_has_no_more_women_than_people": lambda: ReportBackFactory(people=1, women=2),
    "revision_stands_once": lambda: twice(RevisionFactory, issue=issue_in("accepted")),
    "issue_affects_somebody": lambda: IssueFactory(people=0, women=0),
    "issue_closed_at_matches_status": lambda: change(issue_in("closed"), closed_as=""),
    "issue_resolved_at_matches_status": lambda: change(issue_in("resolved"), resolved_at=None),
    "issue_published_is_public": lambda: change(issue_in("accepted"), published_at=NOW),
    "issue_published_is_accepted": lambda: change(
        issue_in("submitted"), published_at=NOW, disclosure="public"
    ),
    "issue_merged_says_into_which": lambda: change(MergeFactory().source, merged_into=None),
    "issue_is_not_merged_into_itself": merged_into_itself,
    "issue_is_merged_once": lambda: twice(MergeFactory),
    "merge_undone_says_by_whom": lambda: change(MergeFactory(), undone_at=NOW),
    "organization_cosigns_an_issue_once": lambda: twice(CosignFactory),
    "cosign_answered_says_by_whom_and_when": lambda: change(CosignFactory(), answered_by=None),
    "concern_stands_once": lambda: twice(ConcernFactory),
    "issue_stands_in_one_state": lambda: Interval.objects.filter(issue=issue_in("accepted")).update(
        left_at=None
    ),
    "interval_is_left_after_it_was_entered": lambda: Interval.objects.filter(
        issue=issue_in("accepted")
    ).update(left_at=dt.datetime(2000, 1, 1, tzinfo=dt.UTC)),
    "authority_holds_an_issue_once_at_a_time": lambda: twice(ReferralFactory),
    "referral_clock_starts_at_the_hand_over": lambda: change(
        ReferralFactory(), handed_over_on=None
    ),
    "referral_handed_over_was_released": lambda: change(ReferralFactory(), released_at=None),
    "referral_acknowledged_says_by_whom_and_when": lambda: change(
        ReferralFactory(), acknowledged_at=NOW
    ),
    "referral_expected_was_acknowledged": lambda: change(
        ReferralFactory(), expected_on=clock.today()
    ),
    "link_ends_after_it_was_made": lambda: LinkFactory(made_at=NOW, expires_at=NOW),
    "link_revoked_says_by_whom_and_when": lambda: change(LinkFactory(), revoked_at=NOW),
    "link_use_says_who_and_of_which_office": lambda: LinkUseFactory(office=""),
    "referral_ended_says_how": lambda: change(ReferralFactory(), ended_at=NOW),
    "response_claim_says_when_it_was_done": lambda: ResponseFactory(kind="claim", done_on=None),
    "response_says_something": lambda: ResponseFactory(text=""),
    "claim_is_judged_once": lambda: twice(ConfirmationFactory),
    "confirmation_unless_solved_says_why": lambda: ConfirmationFactory(
        verdict="not_solved", reason=""
    ),
    "comment_says_something": lambda: CommentFactory(text=""),
    "comment_is_read_by_its_own_side": lambda: CommentFactory(role="representative"),
    "redirection_waits_once_a_referral": lambda: twice(RedirectionFactory),
    "redirection_decided_says_by_whom_and_how": lambda: change(
        RedirectionFactory(), decided_at=NOW
    ),
    "batch_has_done_no_more_than_all": lambda: change(BatchFactory(), done=3),
    "saved_view_is_named_once": lambda: twice(SavedViewFactory),
    "issue_is_frozen_once_at_a_time": lambda: twice(PressureFactory),
    "pressure_lifted_says_by_whom_and_why": lambda: change(PressureFactory(), lifted_at=NOW),
}


def test_every_constraint_is_violated_here():
    named = {
        constraint.name
        for model in apps.get_app_config("issues").get_models()
        for constraint in model._meta.constraints
    }

    assert set(VIOLATIONS) == named


@pytest.mark.parametrize("name", VIOLATIONS)
def test_constraint_refuses(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        violate(name)


def violate(name):
    VIOLATIONS[name]()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # those that wait for the commit


def test_referral_handed_over_has_its_due_date():
    referral = ReferralFactory()

    with pytest.raises(IntegrityError, match="clock_starts"), transaction.atomic():
        change(referral, due_on=None)


@pytest.mark.parametrize("name", ["client_key", "reference"])
def test_unique_field_refuses(name):
    first, second = issue_in("accepted"), issue_in("accepted")

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change(second, **{name: getattr(first, name)})


@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_stood_before_a_correction_stays(act):
    rows = Correction.objects.filter(pk=CorrectionFactory().pk)

    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        rows.update(version=9) if act == "update" else rows.delete()

    assert rows.get().version == 1


def test_response_key_is_used_once():
    first, second = ResponseFactory(), ResponseFactory()

    with pytest.raises(IntegrityError, match="client_key"), transaction.atomic():
        change(second, client_key=first.client_key)


def test_line_of_a_file_and_its_issue_stand_once():
    line = BatchLineFactory()

    with pytest.raises(IntegrityError, match="key"), transaction.atomic():
        BatchLineFactory(key=line.key)
    with pytest.raises(IntegrityError, match="issue_id"), transaction.atomic():
        BatchLineFactory(issue=line.issue)


def test_item_has_one_outcome():
    outcome = OutcomeFactory()

    with pytest.raises(IntegrityError, match="item_id"), transaction.atomic():
        OutcomeFactory(item=outcome.item)


@translation.override("en")
def test_rows_say_what_they_are():
    issue = issue_in("accepted", title="A road")
    item = AgendaItemFactory(issue=issue)

    assert [str(issue), str(item)] == [f"{issue.reference} A road"] * 2
    assert str(AgendaItem(title="Opening")) == "Opening"
    assert str(Outcome(kind="noted")) == "Noted"
    assert str(Response(kind="claim", referral_id=7)) == "Reported resolved 7"
