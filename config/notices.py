"""Registers for each kind of notice whether it is still wanted and what it says."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config import notice_approval as approval
from config import notice_batches as batches
from config import notice_channels as channels
from config import notice_climbs as climbs
from config import notice_digest as digest
from config import notice_endings as endings
from config import notice_extensions as extensions
from config import notice_holds, notice_reading
from config import notice_links as links
from config import notice_minutes as minutes
from config import notice_pauses as pauses
from config import notice_policy as policy
from config import notice_session_day as session_day
from config import notice_sessions as sessions
from config import notice_status as status
from config import notice_talk as talk
from config import notice_together as together
from config import notice_truths as truths
from config import notice_words as words
from forum import telling
from issues.actions import move
from issues.actions.safety import HELD
from issues.models import AgendaItem, Comment, Issue, Referral
from issues.permissions import Audience
from outbox import barred, beneath, registry
from outbox.registry import Title
from reminders import actions as reminders
from reminders import claims

S = Issue.Status
OFFICE, ORGANIZATION = Audience.OFFICE, Audience.ORGANIZATION
FOUND = 200  # rows of one kind that a search in the outbox looks behind
Row = tuple[Promise, truths.Truth, words.Words]

KINDS: dict[str, Row] = {
    reminders.FIRST: (
        _("First notice of a referral"),
        truths.first_referral,
        words.referral(OFFICE),
    ),
    reminders.REMINDER: (
        _("Reminder"),
        truths.reminder,
        policy.own(is_escalation=False)(words.referral(OFFICE)),
    ),
    reminders.COPY: (
        _("Reminder, for the coordinators"),
        truths.reminder_copy,
        words.referral(OFFICE),
    ),
    reminders.ESCALATION: (
        _("Escalation to the superior office"),
        truths.escalation,
        policy.own(is_escalation=True)(climbs.escalation(OFFICE)),
    ),
    reminders.ESCALATED_OFFICE: (
        _("Escalation, for the office itself"),
        truths.escalated_office,
        climbs.escalation(OFFICE),
    ),
    reminders.ESCALATED_ORGANIZATION: (
        _("Escalation, for the organization"),
        truths.escalated_organization,
        climbs.escalation(ORGANIZATION),
    ),
    claims.CONFIRMATION: (
        _("Question whether it is solved"),
        truths.confirmation_asked,
        words.confirmation,
    ),
    "issue_partly": (
        _("Issue partly solved"),
        truths.to_secretariat(S.REFERRED, S.ACCEPTED, S.SCHEDULED),
        words.issue(OFFICE),
    ),
    "issue_submitted": (
        _("Issue submitted"),
        truths.to_secretariat(S.SUBMITTED),
        words.issue(OFFICE),
    ),
    "issue_replied": (
        _("Answer to the secretariat's question"),
        truths.to_secretariat(S.SUBMITTED),
        words.issue(OFFICE),
    ),
    "issue_returned": (
        _("Question of the secretariat"),
        truths.to_organization(S.RETURNED),
        words.issue(ORGANIZATION),
    ),
    "issue_accepted": (
        _("Issue accepted"),
        truths.to_organization(*truths.UNDERWAY),
        words.issue(ORGANIZATION),
    ),
    "issue_declined": (_("Issue declined"), truths.declined, words.issue(ORGANIZATION)),
    "issue_scheduled": (
        _("Issue on an agenda"),
        truths.to_organization(S.SCHEDULED, S.REFERRED),
        words.issue(ORGANIZATION),
    ),
    "issue_referred": (
        _("Issue referred"),
        truths.to_organization(S.REFERRED),
        words.issue_or_referral(ORGANIZATION),
    ),
    "referral_acknowledged": (
        _("Referral received"),
        truths.to_organization(S.REFERRED),
        words.referral(ORGANIZATION),
    ),
    "response_given": (_("Answer of an office"), truths.response_given, words.response),
    "question_asked": (_("Question of an office"), truths.response_given, pauses.question),
    "question_answered": (
        _("Answer to an office's question"),
        truths.question_answered,
        words.referral(OFFICE),
    ),
    "issue_resolved": (
        _("Issue reported resolved"),
        truths.to_secretariat(S.RESOLVED),
        words.issue(OFFICE),
    ),
    "issue_disputed": (
        _("Issue not solved"),
        truths.disputed,
        words.dispute,
    ),
    "issue_pressured": (_("Safety alert"), truths.pressured, words.alert),
    "issue_protected": (
        _("Shown to fewer people by its organization"),
        truths.protected,
        words.issue(OFFICE),
    ),
    **sessions.KINDS,
    **endings.KINDS,
    **extensions.KINDS,
    **together.KINDS,
    **talk.KINDS,
    **batches.KINDS,
    **channels.KINDS,
    **climbs.KINDS,
    **minutes.KINDS,
    **approval.KINDS,
    **pauses.KINDS,
    **session_day.KINDS,
    **status.KINDS,
}


# What a room takes note of as a notice leaves, and of several that left.
SENT = dict.fromkeys(sessions.KINDS, telling.note_sent)
LEFT = {reminders.FIRST: reminders.note_hand_over}

# What holds a link by which an office answers, or one above it reads, without an account.
SEALED = {
    reminders.FIRST: links.seal(may_act=True),
    reminders.REMINDER: links.seal(may_act=True),
    reminders.ESCALATED_OFFICE: links.seal(may_act=True),
    "question_answered": links.seal(may_act=True),
    reminders.ESCALATION: links.seal(may_act=False),
}


def register() -> None:
    """Tell the outbox every kind of notice there is, and how their subjects are called."""
    for kind, (label, wanted, said) in KINDS.items():
        hooks: dict[str, Any] = {"sent": SENT[kind]} if kind in SENT else {}
        shown = words.render(links.with_link(said) if kind in SEALED else said)
        if kind in LEFT:
            hooks["left"] = LEFT[kind]
        if kind in SEALED:
            hooks["seal"] = SEALED[kind]
        if kind in digest.MANNERS:
            lined = links.with_link(said) if kind in SEALED else said
            hooks |= {
                "manner": digest.MANNERS[kind],
                "line": digest.line_of(kind, label, lined),
                "is_early": digest.is_early,
            }
        registry.register(kind, label=label, wanted=wanted, render=shown, **hooks)
    registry.register_digest(digest.render)
    registry.register_reading(notice_reading.together)
    registry.register_hold(notice_holds.frozen, reasons=[HELD])
    barred.register(notice_holds.concerning)
    beneath.register("referral", move.lock_with_its_issue)
    for name, titles, find in SUBJECTS:
        registry.register_subject(name, titles=titles, find=find)


# --- what the coordinators read instead of ``referral:12`` --------------------------------------
def _issues(ids: list[int]) -> dict[int, Title]:
    return {one.pk: _title(one) for one in Issue.objects.filter(pk__in=ids)}


def _of_issues(model: type[Model]) -> Callable[[list[int]], dict[int, Title]]:
    """The title of the issue that a row of this model belongs to."""

    def titles(ids: list[int]) -> dict[int, Title]:
        rows = model._default_manager.filter(pk__in=ids).select_related("issue")
        return {one.pk: _title(one.issue) for one in rows if one.issue}  # type: ignore[attr-defined]

    return titles


def _title(issue: Issue) -> Title:
    confidential = issue.disclosure == Issue.Disclosure.CONFIDENTIAL
    text = issue.reference or "–" if confidential else str(issue)
    return Title(text, issue.get_absolute_url())


def _find_issues(text: str) -> Iterable[int]:
    rows = Issue.objects.filter(reference__icontains=text)
    return rows.order_by("-pk").values_list("pk", flat=True)[:FOUND]


def _find_of_issues(model: type[Model]) -> Callable[[str], Iterable[int]]:
    def find(text: str) -> Iterable[int]:
        rows = model._default_manager.filter(issue__reference__icontains=text)
        return rows.order_by("-pk").values_list("pk", flat=True)[:FOUND]

    return find


SUBJECTS = (
    ("issue", _issues, _find_issues),
    ("referral", _of_issues(Referral), _find_of_issues(Referral)),
    ("comment", _of_issues(Comment), _find_of_issues(Comment)),
    ("agendaitem", _of_issues(AgendaItem), _find_of_issues(AgendaItem)),
    *sessions.SUBJECTS,
    batches.SUBJECT,
    channels.SUBJECT,
    minutes.SUBJECT,
    approval.SUBJECT,
    status.SUBJECT,
)
