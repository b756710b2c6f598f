"""The words of every kind of notice, and what they never hold."""

import datetime as dt

import pytest
from django.utils import translation

from audit import clock
from config import notices
from forum.models import Session
from issues.models import Issue
from outbox import registry
from outbox.models import FailedAddress, Notice
from tests.factories import (
    AgendaItemFactory,
    ConcernFactory,
    ConfirmationFactory,
    InvitationFactory,
    OutcomeFactory,
    ResponseFactory,
    SessionFactory,
    UserFactory,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import (
    AmendmentFactory,
    BatchLineFactory,
    ClimbFactory,
    CommentFactory,
    DelegateFactory,
    DraftedAnswerFactory,
    ExtensionFactory,
    MergeFactory,
    MinutesFactory,
    PauseFactory,
    RedirectionFactory,
    ToldFactory,
)

pytestmark = pytest.mark.django_db
OFFICE = ["first_referral", "reminder", "escalation", "escalated_office", "issue_disputed"]
# Of what an office reads no more it is told by the reference alone.
ENDED = ["referral_recalled", "referral_passed_on"]
# Tells of another issue too, whose reader need not be one of this one.
BY_REFERENCE = ["cosign_refused", "merged_closed", "referral_moved"]
# Says nothing of the issue, whoever looks over a shoulder.
NEUTRAL = ["issue_pressured", "issues_recorded"]
NEUTRAL += ["status_daily", "minutes_for_comment", "minutes_published", "minutes_amended"]
NOW = dt.datetime(2026, 5, 8, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def issue():
    made = issue_in("referred", title="A road is cut", question="Which road?", reason="Twice.")
    made.organization.name_en = made.organization.name_km = "The weavers"
    made.organization.save()
    return made


OF_REFERRALS = {
    *OFFICE, *ENDED, "reminder_copy", "escalated_organization", "referral_acknowledged",
    "question_answered", "referral_taken_back", "issue_passed_on",
}  # fmt: skip


def of_response(issue):
    referral = issue.referrals.get()
    return f"referral:{referral.pk}", ResponseFactory(referral=referral).pk


def of_redirection(kind, issue):
    referral = issue.referrals.get()
    return f"referral:{referral.pk}", _redirection(kind, referral).pk


def of_extension(kind, issue):
    """A wish for more time that waits, or one that was refused with an answer."""
    referral = issue.referrals.get()
    decided = {
        "state": "refused",
        "decided_by": referral.referred_by,
        "decided_at": NOW,
        "answer": "The road is needed now.",
    }
    made = ExtensionFactory(referral=referral, **(decided if kind == "extension_decided" else {}))
    return f"referral:{referral.pk}", made.pk


def of_draft(kind, issue):
    made = DraftedAnswerFactory(referral=issue.referrals.get())
    return f"draftedanswer:{made.pk}", 1


def of_pause(kind, issue):
    referral = issue.referrals.get()
    return f"referral:{referral.pk}", PauseFactory(referral=referral).pk


def of_climb(kind, issue):
    referral = issue.referrals.get()
    return f"referral:{referral.pk}", ClimbFactory(referral=referral).pk


def of_merged_referral(kind, issue):
    return f"referral:{issue.referrals.get().pk}", MergeFactory(target=issue).pk


def _redirection(kind, referral):
    """A proposal that waits, or one that was refused with an answer."""
    if kind == "redirect_proposed":
        return RedirectionFactory(referral=referral)
    return RedirectionFactory(
        referral=referral,
        decided_by=referral.referred_by,
        decided_at=NOW,
        is_accepted=False,
        answer="It is yours by the law on roads.",
    )


def invited():
    """An invitation to a published session."""
    return InvitationFactory(session=SessionFactory(published_at=NOW))


def minutes_of(status):
    """Minutes of another session, in this state."""
    return MinutesFactory(status=status)


def failed_address():
    """A chat that takes nothing of ours any more."""
    return FailedAddress.objects.create(
        channel="telegram", address="77", recipient=f"user:{UserFactory().pk}", failed_at=NOW
    )


def decided(issue):
    """The session that referred the issue."""
    outcome = OutcomeFactory(item=AgendaItemFactory(issue=issue), kind="referred")
    issue.referrals.update(outcome=outcome)
    Session.objects.filter(pk=outcome.item.session_id).update(status="released", released_at=NOW)
    return outcome.item.session_id


# The subject, and the version where it says which row is meant.
SUBJECTS = {
    "session_changed": lambda kind, issue: (f"session:{invited().session_id}", 1),
    "session_cancelled": lambda kind, issue: (f"session:{invited().session_id}", 1),
    "agenda_pack": lambda kind, issue: (f"session:{invited().session_id}", 1),
    "session_closed_office": lambda kind, issue: (f"session:{decided(issue)}", 1),
    "session_closed_organization": lambda kind, issue: (f"session:{decided(issue)}", 1),
    "invitation": lambda kind, issue: (f"invitation:{invited().pk}", 1),
    "invitation_reminder": lambda kind, issue: (f"invitation:{invited().pk}", 1),
    "invitation_withdrawn": lambda kind, issue: (f"invitation:{invited().pk}", 1),
    "delegate_seated": lambda kind, issue: (
        f"delegate:{DelegateFactory(invitation=invited()).pk}",
        1,
    ),
    "issue_scheduled": lambda kind, issue: (
        f"agendaitem:{AgendaItemFactory(issue=issue).pk}",
        1,
    ),
    "issues_recorded": lambda kind, issue: (
        f"batch:{BatchLineFactory(issue=issue).batch_id}",
        issue.organization_id,
    ),
    "minutes_for_comment": lambda kind, issue: (f"minutes:{minutes_of('for_comment').pk}", 1),
    "minutes_published": lambda kind, issue: (f"minutes:{minutes_of('published').pk}", 1),
    "minutes_amended": lambda kind, issue: (
        f"minutes:{AmendmentFactory(minutes=minutes_of('approved')).minutes_id}",
        1,
    ),
    "address_failed": lambda kind, issue: (f"failedaddress:{failed_address().pk}", 1),
    "status_daily": lambda kind, issue: ("status:20260511", 1),
    "comment_added": lambda kind, issue: (f"comment:{CommentFactory(issue=issue).pk}", 1),
    "referral_moved": of_merged_referral,
    "redirect_proposed": of_redirection,
    "redirect_decided": of_redirection,
    "extension_asked": of_extension,
    "extension_decided": of_extension,
    "deescalated": of_climb,
    "answer_drafted": of_draft,
    "answer_sent_back": of_draft,
    "pause_lapsed": of_pause,
    "response_given": lambda kind, issue: of_response(issue),
    "question_asked": lambda kind, issue: of_response(issue),
}


def notice_of(kind, issue):
    """A notice of the kind about the issue, or about a session of its own."""
    made = Notice(kind=kind, recipient=f"user:{issue.author_id}", rung="+1", version=1)
    if kind in OF_REFERRALS:
        made.subject = f"referral:{issue.referrals.get().pk}"
    elif kind in SUBJECTS:
        made.subject, made.version = SUBJECTS[kind](kind, issue)
    else:
        made.subject = f"issue:{issue.pk}"
    return made


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("kind", list(notices.KINDS))
def test_every_kind_has_words(issue, settings, kind, language):
    notice = notice_of(kind, issue)

    text = registry.render(notice, language)

    assert text.subject
    assert "\n" not in text.subject
    assert settings.BASE_URL in text.body
    assert not {"{{", "{%", "None", "&#x27;"} & set(text.body.split())
    assert "\n\n\n" not in text.body
    if kind in (*ENDED, *BY_REFERENCE):
        assert issue.reference in text.subject
        assert issue.title not in text.subject + text.body
    elif kind in NEUTRAL:
        assert issue.reference not in text.subject + text.body
        assert issue.title not in text.subject + text.body
    elif notice.subject.split(":")[0] in ("issue", "referral", "agendaitem"):
        assert issue.reference in text.subject
        assert "A road is cut" in text.body
        page = f"/issues/{issue.reference}/"
        if kind == "redirect_proposed":  # where it is decided
            page = f"/redirections/{notice.version}/"
        elif kind == "extension_asked":
            page = f"/extensions/{notice.version}/"
        assert settings.BASE_URL + page in text.body


@pytest.mark.parametrize("kind", list(notices.KINDS))
def test_no_notice_names_an_organization_that_is_not_to_be_named(issue, kind):
    text = registry.render(notice_of(kind, issue), "en")

    assert "The weavers" not in text.subject + text.body


def test_an_office_is_told_an_organization_that_may_be_named(issue):
    Issue.objects.filter(pk=issue.pk).update(is_named=True)

    assert "The weavers" in registry.render(notice_of("first_referral", issue), "en").body


def in_both_languages(kind, issue):
    notice = notice_of(kind, issue)
    return [registry.render(notice, language) for language in ("en", "km")]


@pytest.mark.parametrize("disclosure", ["restricted", "confidential"])
@pytest.mark.parametrize("kind", list(notices.KINDS))
def test_no_subject_of_a_mail_holds_anything_of_the_issue(issue, kind, disclosure):
    Issue.objects.filter(pk=issue.pk).update(disclosure=disclosure, is_named=True)

    subjects = " ".join(one.subject for one in in_both_languages(kind, issue))

    assert [one for one in secrets_of(issue) if one in subjects] == []


@pytest.mark.parametrize("kind", list(notices.KINDS))
def test_a_confidential_issue_is_told_by_its_reference_alone(issue, kind):
    Issue.objects.filter(pk=issue.pk).update(disclosure="confidential", is_named=True)

    words = " ".join(one.subject + one.body for one in in_both_languages(kind, issue))

    assert [one for one in secrets_of(issue) if one in words] == []


def secrets_of(issue):
    """Its words, whose they are and whence, in both languages; district too."""
    district = issue.commune.parent
    places = [name for one in (issue.commune, district) for name in (one.name_km, one.name_en)]
    return {
        issue.title, issue.text, issue.question, issue.reason, issue.referrals.get().note,
        issue.organization.name_km, issue.organization.name_en, *places,
    }  # fmt: skip


def test_the_due_date_stands_in_words(issue):
    issue.referrals.update(due_on=dt.date(2026, 5, 8), handed_over_on=dt.date(2026, 4, 8))

    assert "Friday 8 May 2026" in registry.render(notice_of("reminder", issue), "en").body
    khmer = registry.render(notice_of("reminder", issue), "km").body
    assert "ថ្ងៃសុក្រ ទី៨ ខែឧសភា ឆ្នាំ២០២៦" in khmer


def test_a_reminder_never_reproaches(issue):
    for kind in OFFICE:
        text = registry.render(notice_of(kind, issue), "en")
        assert "overdue" not in (text.subject + text.body).lower()


def test_the_office_is_told_what_the_organization_says_is_missing(issue):
    ConfirmationFactory(issue=issue, verdict="not_solved", reason="The bridge is still broken.")

    office = registry.render(notice_of("issue_disputed", issue), "en").body

    assert "reports that it is not solved yet" in office
    assert "The bridge is still broken." in office
    Issue.objects.filter(pk=issue.pk).update(disclosure="confidential")
    assert "broken" not in registry.render(notice_of("issue_disputed", issue), "en").body


@pytest.mark.parametrize(
    ("kind", "is_asked"),
    [
        ("first_referral", True),
        ("reminder", True),
        ("issue_disputed", True),
        ("reminder_copy", False),
        ("escalated_organization", False),
        ("response_given", False),
    ],
)
def test_only_the_office_is_asked_to_answer_by_the_date(issue, kind, is_asked):
    issue.referrals.update(due_on=dt.date(2026, 5, 8), handed_over_on=dt.date(2026, 4, 8))

    body = registry.render(notice_of(kind, issue), "en").body

    assert ("Answer kindly asked by: Friday 8 May 2026" in body) == is_asked
    assert ("The office is asked to solve it by: Friday 8 May 2026" in body) != is_asked
    assert ("To read more and to answer:" in body) == is_asked


@pytest.mark.parametrize("kind", ["issue_submitted", "issue_replied", "issue_resolved"])
def test_the_secretariat_is_written_to_as_a_colleague(issue, kind):
    body = registry.render(notice_of(kind, issue), "en").body

    assert body.startswith("Dear colleague,")
    assert "To read more:" in body


# --- still true? --------------------------------------------------------------------------------
def is_wanted(kind, issue, recipient, **more):
    notice = notice_of(kind, issue)
    notice.recipient = f"user:{recipient.pk}"
    for name, value in more.items():
        setattr(notice, name, value)
    with translation.override("en"):
        return registry.wanted(notice, clock.now())


def test_the_office_is_told_and_nobody_else(issue):
    official = official_of(issue.referrals.get().authority)

    assert is_wanted("first_referral", issue, official)
    assert not is_wanted("first_referral", issue, issue.author)
    assert not is_wanted("first_referral", issue, official, version=2)


def test_an_office_it_concerns_is_not_told(issue):
    official = official_of(issue.referrals.get().authority)
    ConcernFactory(issue=issue, authority=issue.referrals.get().authority)

    assert not is_wanted("first_referral", issue, official)
    assert not is_wanted("issue_disputed", issue, official)


def test_the_organization_is_told_of_its_own(issue):
    stranger = representative_of(issue_in("accepted").organization)

    for kind in ("issue_accepted", "issue_referred", "referral_acknowledged", "response_given"):
        assert is_wanted(kind, issue, issue.author)
        assert not is_wanted(kind, issue, stranger)
    assert not is_wanted("issue_returned", issue, issue.author)
    assert not is_wanted("issue_declined", issue, issue.author)


def test_the_secretariat_is_told_of_its_province():
    issue = issue_in("submitted")
    submitted = Notice(kind="issue_submitted", subject=f"issue:{issue.pk}")
    here, everywhere = coordinator_of(issue.province), coordinator_of(None)

    for person, expected in [(here, True), (everywhere, True), (issue.author, False)]:
        submitted.recipient = f"user:{person.pk}"
        assert registry.wanted(submitted, clock.now()) is expected


def test_a_session_is_told_to_whom_it_invites():
    invitation = invited()
    session, guest = invitation.session, representative_of(invitation.organization)
    notice = Notice(
        kind="invitation", subject=f"invitation:{invitation.pk}", recipient=f"user:{guest.pk}"
    )

    assert registry.wanted(notice, clock.now())
    session.status, session.cancelled_because = "cancelled", "Rain."
    session.save()
    assert registry.wanted(notice, clock.now())  # nobody knows a draft
    announced(session)
    assert not registry.wanted(notice, clock.now())
    notice.kind, notice.subject, notice.version = "session_cancelled", f"session:{session.pk}", 2
    assert not registry.wanted(notice, clock.now())  # never told of the date
    ToldFactory(session=session, recipient=notice.recipient, entry=session.entries.first())
    assert registry.wanted(notice, clock.now())


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("invitation", "REQUEST"),
        ("invitation_reminder", "REQUEST"),
        ("session_changed", "REQUEST"),
        ("session_cancelled", "CANCEL"),
        ("invitation_withdrawn", "CANCEL"),
        ("delegate_seated", ""),
    ],
)
def test_messages_of_sessions_bear_what_a_calendar_reads(issue, kind, method):
    notice = notice_of(kind, issue)
    if kind == "session_cancelled":
        session = Session.objects.get(pk=notice.subject.partition(":")[2])
        session.status, session.cancelled_because = "cancelled", "Rain."
        announced(session)

    text = registry.render(notice, "en")

    assert (text.calendar.method if text.calendar else "") == method
    assert text.told == (0 if not method else 2 if kind == "session_cancelled" else 1)


def test_the_outbox_names_a_session_as_it_was_told():
    session = invited().session
    Session.objects.filter(pk=session.pk).update(
        starts_at=session.starts_at + dt.timedelta(days=7),
        ends_at=session.ends_at + dt.timedelta(days=7),
    )

    with translation.override("en"):
        title = registry.titles([f"session:{session.pk}"])[f"session:{session.pk}"]

        assert title.text == f"{session.province}, {session.when}"
    assert title.url == session.get_absolute_url()
