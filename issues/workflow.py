"""The one table of acts: from which state, to which, by whom."""

from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import Role
from audit.errors import TransitionError
from issues.models import Issue

S = Issue.Status
OPEN = frozenset(S) - {S.CLOSED}
HANDLED = OPEN - {S.DRAFT}


class Act(StrEnum):
    """Everything that can be done with an issue."""

    EDIT = "edit"
    DISCARD = "discard"
    SUBMIT = "submit"
    RETURN = "return"
    REPLY = "reply"
    ACCEPT = "accept"
    DECLINE = "decline"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    ADDRESS = "address"
    NOTE = "note"
    DEFER = "defer"
    STUDY = "study"
    SUSPEND = "suspend"
    SEND_HIGHER = "send_higher"
    NOT_COMPETENT = "not_competent"
    RECONSIDER = "reconsider"
    REFER = "refer"
    RECALL = "recall"
    REDIRECT = "redirect"
    EXTEND = "extend"
    ESCALATE = "escalate"
    DEESCALATE = "deescalate"
    ACKNOWLEDGE = "acknowledge"
    ASK = "ask"
    ANSWER = "answer"
    RESPOND = "respond"
    DRAFT_ANSWER = "draft_answer"
    APPROVE = "approve"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    PARTLY = "partly"
    LAPSE = "lapse"
    REOPEN = "reopen"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    TIGHTEN = "tighten"
    CONCERN = "concern"
    PRESSURED = "pressured"
    LIFT = "lift"
    REPORT_BACK = "report_back"
    RECORD_CALL = "record_call"
    RECORD_LETTER = "record_letter"
    RECORD_ANSWER = "record_answer"
    CORRECT = "correct"
    LINK = "link"
    BRANCH = "branch"
    COSIGN = "cosign"
    COMMENT = "comment"
    STEP = "step"
    FIELD_CHECK = "field_check"
    TRANSCRIBE = "transcribe"


@dataclass(frozen=True)
class Transition:
    """From which states an act leads to which; no target leaves the state as it is."""

    sources: frozenset[Issue.Status]
    targets: frozenset[Issue.Status]
    who: frozenset[str]


def _row(sources: set[S] | frozenset[S], targets: set[S], *who: str) -> Transition:
    return Transition(frozenset(sources), frozenset(targets), frozenset(who))


SYSTEM = "system"
SECRETARIAT = Role.COORDINATOR.value
OFFICE = Role.OFFICIAL.value
RAISER = Role.REPRESENTATIVE.value
COSIGNER = "cosigner"  # who represents another organization than the raising one
STAYS: set[S] = set()
TAKEN_IN = {S.ACCEPTED, S.SCHEDULED, S.REFERRED}

TRANSITIONS: dict[Act, Transition] = {
    Act.EDIT: _row({S.DRAFT, S.SUBMITTED, S.RETURNED}, STAYS, RAISER, SECRETARIAT),
    Act.DISCARD: _row({S.DRAFT}, STAYS, RAISER, SECRETARIAT),
    Act.SUBMIT: _row({S.DRAFT}, {S.SUBMITTED}, RAISER, SECRETARIAT),
    Act.RETURN: _row({S.SUBMITTED}, {S.RETURNED}, SECRETARIAT),
    Act.REPLY: _row({S.RETURNED}, {S.SUBMITTED}, RAISER, SECRETARIAT),
    Act.ACCEPT: _row({S.SUBMITTED}, {S.ACCEPTED}, SECRETARIAT),
    Act.DECLINE: _row({S.SUBMITTED, S.ACCEPTED, S.SCHEDULED, S.REFERRED}, {S.CLOSED}, SECRETARIAT),
    Act.MERGE: _row({S.SUBMITTED, S.ACCEPTED, S.SCHEDULED, S.REFERRED}, {S.CLOSED}, SECRETARIAT),
    Act.UNMERGE: _row({S.CLOSED}, {S.SUBMITTED, S.ACCEPTED, S.SCHEDULED, S.REFERRED}, SECRETARIAT),
    Act.SPLIT: _row({S.SUBMITTED, S.ACCEPTED}, STAYS, SECRETARIAT),
    Act.WITHDRAW: _row(HANDLED, {S.CLOSED}, RAISER, SECRETARIAT),
    Act.SCHEDULE: _row({S.ACCEPTED, S.REFERRED}, {S.SCHEDULED, S.REFERRED}, SECRETARIAT, SYSTEM),
    Act.UNSCHEDULE: _row({S.SCHEDULED, S.REFERRED}, {S.ACCEPTED, S.REFERRED}, SECRETARIAT),
    Act.ADDRESS: _row({S.SCHEDULED}, {S.RESOLVED}, SECRETARIAT),
    Act.NOTE: _row({S.SCHEDULED, S.REFERRED}, {S.ACCEPTED, S.REFERRED}, SECRETARIAT),
    Act.DEFER: _row({S.SCHEDULED}, {S.ACCEPTED}, SECRETARIAT),
    Act.STUDY: _row({S.SCHEDULED, S.REFERRED}, {S.REFERRED}, SECRETARIAT),
    Act.SUSPEND: _row({S.SCHEDULED, S.REFERRED}, {S.REFERRED}, SECRETARIAT),
    Act.SEND_HIGHER: _row({S.SCHEDULED, S.REFERRED}, {S.REFERRED}, SECRETARIAT),
    Act.NOT_COMPETENT: _row({S.SCHEDULED, S.REFERRED}, {S.REFERRED, S.CLOSED}, SECRETARIAT),
    Act.RECONSIDER: _row(
        {S.ACCEPTED, S.REFERRED, S.RESOLVED, S.CLOSED}, {S.SCHEDULED, S.REFERRED}, SECRETARIAT
    ),
    Act.REFER: _row({S.ACCEPTED, S.SCHEDULED, S.REFERRED}, {S.REFERRED}, SECRETARIAT),
    Act.RECALL: _row({S.REFERRED}, {S.REFERRED, S.ACCEPTED}, SECRETARIAT),
    Act.REDIRECT: _row({S.REFERRED}, STAYS, OFFICE, SECRETARIAT),
    Act.EXTEND: _row({S.REFERRED}, STAYS, OFFICE, SECRETARIAT, SYSTEM),
    Act.ESCALATE: _row({S.REFERRED}, STAYS, SECRETARIAT),
    Act.DEESCALATE: _row({S.REFERRED}, STAYS, SECRETARIAT),
    Act.ACKNOWLEDGE: _row({S.REFERRED}, STAYS, OFFICE),
    Act.ASK: _row({S.REFERRED}, STAYS, OFFICE),
    Act.ANSWER: _row({S.REFERRED}, STAYS, RAISER, SECRETARIAT),
    Act.RESPOND: _row({S.REFERRED}, STAYS, OFFICE),
    Act.DRAFT_ANSWER: _row({S.REFERRED}, STAYS, OFFICE),
    Act.APPROVE: _row({S.REFERRED}, STAYS, OFFICE),
    Act.RESOLVE: _row({S.REFERRED}, {S.REFERRED, S.RESOLVED}, OFFICE, SECRETARIAT),
    Act.CONFIRM: _row({S.RESOLVED}, {S.CLOSED}, RAISER, SECRETARIAT),
    Act.DISPUTE: _row({S.RESOLVED}, {S.REFERRED, S.ACCEPTED}, RAISER, SECRETARIAT),
    Act.PARTLY: _row({S.RESOLVED}, {S.CLOSED}, RAISER, SECRETARIAT),
    Act.LAPSE: _row({S.RESOLVED}, {S.CLOSED}, SYSTEM),
    Act.REOPEN: _row({S.CLOSED}, {S.ACCEPTED}, SECRETARIAT),
    Act.PUBLISH: _row(HANDLED - {S.SUBMITTED, S.RETURNED} | {S.CLOSED}, STAYS, SECRETARIAT),
    Act.UNPUBLISH: _row(frozenset(S), STAYS, SECRETARIAT),
    Act.TIGHTEN: _row(HANDLED | {S.CLOSED}, STAYS, RAISER, SECRETARIAT),
    Act.CONCERN: _row(HANDLED | {S.CLOSED}, STAYS, RAISER, SECRETARIAT),
    Act.PRESSURED: _row(HANDLED | {S.CLOSED}, STAYS, RAISER, SECRETARIAT),
    Act.LIFT: _row(HANDLED | {S.CLOSED}, STAYS, SECRETARIAT),
    Act.REPORT_BACK: _row({S.RESOLVED, S.CLOSED}, STAYS, RAISER, SECRETARIAT),
    Act.RECORD_CALL: _row(HANDLED, STAYS, SECRETARIAT),
    Act.RECORD_LETTER: _row({S.REFERRED}, STAYS, SECRETARIAT),
    Act.RECORD_ANSWER: _row({S.REFERRED}, STAYS, SECRETARIAT),
    Act.CORRECT: _row(TAKEN_IN | {S.SUBMITTED}, STAYS, SECRETARIAT),
    Act.LINK: _row(TAKEN_IN | {S.SUBMITTED, S.RETURNED}, STAYS, SECRETARIAT),
    Act.BRANCH: _row(TAKEN_IN, STAYS, SECRETARIAT),
    Act.COSIGN: _row(TAKEN_IN | {S.RESOLVED}, STAYS, COSIGNER),
    Act.COMMENT: _row(HANDLED | {S.CLOSED}, STAYS, RAISER, SECRETARIAT, OFFICE),
    Act.STEP: _row(TAKEN_IN | {S.RESOLVED}, STAYS, SECRETARIAT, OFFICE),
    Act.FIELD_CHECK: _row(TAKEN_IN | {S.RESOLVED}, STAYS, SECRETARIAT),
    Act.TRANSCRIBE: _row(HANDLED | {S.CLOSED}, STAYS, SECRETARIAT),
}

# What also the secretariat does not do with an issue while it is frozen, as its organization was
# pressured: it would come before the public, the room or an office, or live on unfrozen elsewhere.
STOPPED = {
    Act.PUBLISH, Act.REFER, Act.REDIRECT, Act.EXTEND, Act.ESCALATE, Act.STUDY, Act.SUSPEND,
    Act.SEND_HIGHER, Act.NOT_COMPETENT, Act.ADDRESS, Act.PARTLY, Act.MERGE, Act.SPLIT, Act.BRANCH,
}  # fmt: skip
INSIDE = frozenset({SECRETARIAT, RAISER})


def permit(act: Act, parts: frozenset[str]) -> Transition:
    """The table's row; PermissionDenied for who may never do the act in one of these parts."""
    transition = TRANSITIONS[act]
    if not transition.who & parts:
        raise PermissionDenied
    return transition


def check(act: Act, issue: Issue, parts: frozenset[str]) -> Transition:
    """The table's row, if the act may be done now in one of these parts.

    Raises PermissionDenied for who may never, TransitionError when somebody was faster.
    """
    transition = permit(act, parts)
    if issue.status not in transition.sources:
        raise TransitionError(
            _("This is no longer possible: meanwhile the issue is “%(state)s”.")
            % {"state": issue.get_status_display()}
        )
    if _is_stopped(act, issue, parts):
        raise TransitionError(_("This cannot be done at present."))
    return transition


def refusal(act: Act, issue: Issue, parts: frozenset[str]) -> str:
    """Why the act cannot be done now, for its page; empty where it can. As ``check`` else."""
    try:
        check(act, issue, parts)
    except TransitionError as error:
        return str(error)
    return ""


def _is_stopped(act: Act, issue: Issue, parts: frozenset[str]) -> bool:
    """The issue is frozen, and the act waits with it: those of offices and the system all do."""
    if issue.pressured_at is None:
        return False
    return act in STOPPED or not TRANSITIONS[act].who & parts & INSIDE


def open_acts(issue: Issue, parts: frozenset[str]) -> frozenset[Act]:
    """The acts that somebody with these parts may do with the issue as it stands."""
    return frozenset(
        act
        for act, transition in TRANSITIONS.items()
        if transition.who & parts
        and issue.status in transition.sources
        and not _is_stopped(act, issue, parts)
    )
