"""What the issue's own page shows to its reader, read with a constant number of queries."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum import programme
from forum.models import Session
from issues import history, workflow
from issues.company import Company, company_of, cosigns_of, own_of
from issues.course import Course, course_of
from issues.merged import concerns_told
from issues.models import (
    Concern,
    Confirmation,
    Cosign,
    Evidence,
    Issue,
    Outcome,
    Referral,
    Response,
    Revision,
)
from issues.models.issue import Reader
from issues.permissions import (
    Audience,
    Shown,
    answers,
    audience_of,
    disclosed,
    is_late,
    parts_in,
    raised,
    serves,
)
from issues.thread import Thread, thread_of
from issues.workflow import Act
from provinces.models import Locality


@dataclass(frozen=True)
class Link:
    """A button of the page."""

    url: str
    label: str | Promise
    look: str = ""


# Acts with a page of their own, in the order of their buttons: address, words, look.
JUDGING = (
    (Act.CONFIRM, "issue_confirm", _("Yes, it is solved"), "btn-primary"),
    (Act.PARTLY, "issue_partly", _("Partly"), ""),
    (Act.DISPUTE, "issue_dispute", _("Not yet"), ""),
)
RAISING = (
    (Act.REPLY, "issue_reply", _("Answer the question"), "btn-primary"),
    (Act.EDIT, "issue_edit", _("Change"), ""),
    (Act.REPORT_BACK, "report_back", _("The community was told"), ""),
    (Act.CONCERN, "issue_concern", _("It concerns an office"), ""),
    (Act.TIGHTEN, "issue_tighten", _("Let fewer people see it"), ""),
    (Act.WITHDRAW, "issue_withdraw", _("Withdraw"), "btn-danger"),
    (Act.PRESSURED, "issue_pressured", _("We were pressured"), "btn-danger"),
)
HANDLING = (
    (Act.LIFT, "issue_lift", _("Lift the freeze"), "btn-primary"),
    (Act.ACCEPT, "issue_accept", _("Accept"), "btn-primary"),
    (Act.RETURN, "issue_return", _("Return with a question"), ""),
    (Act.REFER, "issue_refer", _("Refer"), "btn-primary"),
    (Act.PUBLISH, "issue_publish", _("Publish"), ""),
    (Act.UNMERGE, "issue_unmerge", _("Undo the merging"), ""),
    (Act.REOPEN, "issue_reopen", _("Take up again"), ""),
)
# Done more seldom: they stand behind "More".
SELDOM = (
    (Act.CORRECT, "issue_correct", _("Correct theme and place"), ""),
    (Act.LINK, "issue_alike", _("Similar issues"), ""),
    (Act.MERGE, "issue_merge", _("Merge into another"), ""),
    (Act.SPLIT, "issue_split", _("Split into several"), ""),
    (Act.BRANCH, "issue_branch", _("Its part in another province"), ""),
    (Act.STEP, "step_add", _("Add a step"), ""),
    (Act.FIELD_CHECK, "field_check", _("Record a visit on the spot"), ""),
    (Act.RECORD_CALL, "issue_call", _("Log a call to the organization"), ""),
    (Act.UNPUBLISH, "issue_unpublish", _("Take from the public"), ""),
    (Act.TIGHTEN, "issue_tighten", _("Let fewer people see it"), ""),
    (Act.CONCERN, "issue_concern", _("It concerns an office"), ""),
    (Act.DECLINE, "issue_decline", _("Decline"), "btn-danger"),
)
ON_BEHALF = (
    (Act.REPLY, "issue_reply", _("Record its answer"), ""),
    (Act.EDIT, "issue_edit", _("Change"), ""),
    (Act.REPORT_BACK, "report_back", _("The community was told"), ""),
    (Act.WITHDRAW, "issue_withdraw", _("Withdraw for the organization"), "btn-danger"),
    (Act.PRESSURED, "issue_pressured", _("The organization was pressured"), "btn-danger"),
)


@dataclass(frozen=True)
class Buttons:
    """The acts open to the reader, and the sessions on whose agenda the issue may be put."""

    judging: Sequence[Link] = ()
    acts: Sequence[Link] = ()
    handling: Sequence[Link] = ()
    seldom: Sequence[Link] = ()
    sessions: Sequence[Session] = ()


@dataclass(frozen=True)
class Held:
    """A referral the reader may see, and what its office said."""

    referral: Referral
    is_late: bool
    is_mine: bool
    said: list[Response] = field(default_factory=list)

    @property
    def is_asking(self) -> bool:
        """Its office waits for the answer to a question."""
        talk = [one.kind for one in self.said if one.kind in TALK]
        return self.referral.is_open and talk[-1:] == [Response.Kind.QUESTION]


TALK = (Response.Kind.QUESTION, Response.Kind.REPLY)
# Who reads of the words of offices and sessions only what was published.
OUTSIDE = (Audience.COSIGNER, Audience.PUBLIC)
BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Done:
    """The latest words on what was done: an office's ``claim``, or what a session ``said``."""

    at: dt.datetime = BEGINNING
    claim: str = ""
    said: str = ""

    def is_published(self, issue: Issue) -> bool:
        """A coordinator published the issue after these words were said."""
        return issue.published_at is not None and self.at <= issue.published_at


@dataclass(frozen=True)
class IssuePage:
    """Everything the template needs; what the audience may not see is not in it.

    ``claim`` is what an office reported as done, ``said`` what a session said that addressed the
    issue: the later one of them, the other is empty.
    """

    issue: Issue
    shown: Shown
    stands: str
    held: Sequence[Held]
    outcomes: Sequence[Outcome]
    evidence: Sequence[Evidence]
    confirmations: Sequence[Confirmation]
    events: Sequence[history.Event]
    claim: str
    said: str
    buttons: Buttons
    thread: Thread | None
    company: Company
    revisions: Sequence[Revision]
    course: Course

    @property
    def readings(self) -> list[history.Event]:
        """Who opened the protected part, and why; only the secretariat is told."""
        return [one for one in self.events if one.act == "read_protected"]

    @property
    def inside(self) -> bool:
        """The reader is of the raising organization or of the secretariat."""
        return self.shown.audience in history.INSIDE

    @property
    def is_public(self) -> bool:
        """The reader gets the public version."""
        return self.shown.audience == Audience.PUBLIC

    @property
    def is_outside(self) -> bool:
        """The reader gets of offices and sessions only what was published."""
        return self.shown.audience in OUTSIDE

    @property
    def for_secretariat(self) -> bool:
        """The reader is of the secretariat."""
        return self.shown.audience == Audience.SECRETARIAT


def readable(user: Reader) -> QuerySet[Issue]:
    """Issues the user may read, each with all that its page names, in one query."""
    name = "authority__name_en" if get_language() == "en" else "authority__name_km"
    marked = Concern.objects.filter(issue=OuterRef("pk"))
    joined = Issue.objects.filter(merged_into=OuterRef("pk"))
    backed = Cosign.objects.live().filter(issue=OuterRef("pk"))
    return (
        Issue.objects.visible_to(user)
        .select_related("organization", "province", "commune__parent", "theme")
        .annotate(
            concerned=ArraySubquery(concerns_told(user).values(name)),
            kept_from=ArraySubquery(marked.values("authority")),
            joined=ArraySubquery(joined.values("pk")),
            backed=ArraySubquery(backed.values("pk")),
        )
    )


def page_of(issue: Issue, user: Reader, *, now: dt.datetime, today: dt.date) -> IssuePage:
    """The page of an issue that was read from ``readable``."""
    referrals = _referrals(issue, user)
    cosigns = cosigns_of(issue)
    audience = audience_of(
        user,
        issue,
        is_referred=_is_asked(user, referrals),
        is_cosigner=own_of(cosigns, user) is not None,
    )
    company = company_of(issue, user, audience, cosigns, now=now)
    responses = _responses(issue, referrals, audience)
    confirmations = list(issue.confirmations.all()) if issue.claims else []
    rows = history.Rows.of(issue, referrals, responses, confirmations)
    inside = audience in history.INSIDE
    outcomes = _outcomes(issue, referrals, inside)
    is_outside = audience in OUTSIDE
    done = _done(issue, responses, None if is_outside else outcomes)
    told = done if not is_outside or done.is_published(issue) else Done()
    return IssuePage(
        issue=issue,
        shown=disclosed(issue, audience, is_known=company.is_known),
        stands=history.stands(issue),
        held=_held(referrals, responses, user, today),
        outcomes=outcomes,
        evidence=_evidence(issue, referrals, audience),
        confirmations=confirmations if inside else [],
        events=history.tell(rows, audience, {one.pk for one in referrals}),
        claim=told.claim,
        said=told.said,
        buttons=_buttons(issue, user, now, done, company) if isinstance(user, User) else Buttons(),
        thread=thread_of(issue, user, inside=inside),
        course=course_of(issue, user, today=today, changes=_moves_steps(user, issue, referrals)),
        revisions=list(issue.revisions.all()) if inside and issue.version > 1 else [],
        company=company,
    )


def _moves_steps(user: Reader, issue: Issue, referrals: Sequence[Referral]) -> bool:
    """The reader is of the secretariat, or of an office that holds the issue."""
    if not isinstance(user, User) or issue.status not in workflow.TRANSITIONS[Act.STEP].sources:
        return False
    return serves(user, issue) or any(one.is_open and answers(user, one) for one in referrals)


def _referrals(issue: Issue, user: Reader) -> list[Referral]:
    rows = Referral.objects.visible_to(user).filter(issue=issue)
    return list(rows.select_related("authority", "outcome"))


def _is_asked(user: Reader, referrals: Sequence[Referral]) -> bool:
    return user.is_authenticated and any(
        one.authority_id in user.answerable_ids for one in referrals
    )


def _responses(issue: Issue, referrals: Sequence[Referral], audience: Audience) -> list[Response]:
    """What the offices of these referrals said; outside what any of them reported."""
    rows = Response.objects.filter(referral__issue=issue)
    if audience in OUTSIDE:
        return list(rows.filter(kind=Response.Kind.CLAIM))
    known = {one.pk for one in referrals}
    return [one for one in rows if one.referral_id in known]


def _held(
    referrals: Sequence[Referral], responses: Sequence[Response], user: Reader, today: dt.date
) -> list[Held]:
    return [
        Held(
            referral=one,
            is_late=is_late(one, today),
            is_mine=isinstance(user, User) and answers(user, one),
            said=[response for response in responses if response.referral_id == one.pk],
        )
        for one in referrals
    ]


def _outcomes(issue: Issue, referrals: Sequence[Referral], inside: bool) -> list[Outcome]:
    """What sessions decided: all of it inside, for an office what came with its referral."""
    if not inside:
        return [one.outcome for one in referrals if one.outcome]
    rows = Outcome.objects.filter(item__issue=issue).select_related(
        "item__session__province", "item__session__announced__venue"
    )
    found = list(rows.order_by("recorded_at"))
    for one in found:
        one.item.session = programme.as_published(one.item.session)
    return found


def _evidence(issue: Issue, referrals: Sequence[Referral], audience: Audience) -> list[Evidence]:
    """The issue's files and those of the answers shown, without their content."""
    if audience in (Audience.ROOM, *OUTSIDE):
        return []
    shown = [one.pk for one in referrals]
    rows = issue.evidence.listed(inside=audience in history.INSIDE)
    return list(rows.filter(Q(response=None) | Q(response__referral__in=shown)))


def done_of(issue: Issue) -> Done:
    """What was done according to the latest words; two queries."""
    return _done(issue, list(Response.objects.filter(referral__issue=issue)), None)


def _done(issue: Issue, responses: Sequence[Response], outcomes: Sequence[Outcome] | None) -> Done:
    """What was done, once it is reported resolved: in an office's words, or in a session's.

    Outcomes of which only some were read are given as None.
    """
    if not issue.resolved_at or issue.status not in (Issue.Status.RESOLVED, Issue.Status.CLOSED):
        return Done()
    if outcomes is None:
        outcomes = list(Outcome.objects.filter(item__issue=issue).order_by("recorded_at"))
    kind = Response.Kind.CLAIM
    found = [Done(one.created_at, claim=one.text) for one in responses if one.kind == kind]
    addressed = [one for one in outcomes if one.kind == Outcome.Kind.ADDRESSED]
    found += [Done(one.recorded_at, said=one.text) for one in addressed]
    return max(found, key=lambda one: one.at, default=Done())


def _buttons(issue: Issue, user: User, now: dt.datetime, done: Done, company: Company) -> Buttons:
    acts = workflow.open_acts(issue, parts_in(user, issue)) - _without_sense(issue, done)
    acts -= company.idle
    is_served = serves(user, issue)
    own = RAISING if raised(user, issue) else ON_BEHALF
    others = acts - {act for act, *_words in own}  # who is of both sides has each button once
    return Buttons(
        judging=_links(JUDGING, acts, issue),
        acts=_links(own, acts, issue),
        handling=_links(HANDLING, acts, issue) if is_served else (),
        seldom=_links(SELDOM, others, issue) if is_served else (),
        sessions=_sessions(issue, user, now) if is_served and Act.SCHEDULE in acts else (),
    )


def _without_sense(issue: Issue, done: Done) -> set[Act]:
    """Acts that the table allows and the issue itself does not need."""
    idle = set() if issue.stricter else {Act.TIGHTEN}
    idle.add(Act.PRESSURED if issue.pressured_at else Act.LIFT)
    if issue.published_at:
        return idle | {Act.PUBLISH} if done.is_published(issue) else idle
    if issue.disclosure == Issue.Disclosure.PUBLIC:
        return idle | {Act.UNPUBLISH}
    return idle | {Act.PUBLISH, Act.UNPUBLISH}


def _links(
    table: Sequence[tuple[Act, str, Promise, str]], acts: frozenset[Act], issue: Issue
) -> list[Link]:
    return [
        Link(reverse(f"issues:{name}", args=[issue.reference]), _label(act, label, issue), look)
        for act, name, label, look in table
        if act in acts
    ]


def _label(act: Act, label: str | Promise, issue: Issue) -> str | Promise:
    return _("Publish again") if act == Act.PUBLISH and issue.published_at else label


def _sessions(issue: Issue, user: User, now: dt.datetime) -> list[Session]:
    rows = Session.objects.served_by(user).upcoming(now).filter(province=issue.province_id)
    return list(rows.select_related("province")[:3])


def village_named(code: str) -> str:
    """The village of this code in words; "" without one, the code itself where it is unknown."""
    village = Locality.objects.filter(pk=code).first() if code else None
    return f"{village.full_name} ({code})" if village else code
