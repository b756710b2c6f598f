"""Answers that wait for a director, as their readers see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.utils.translation import gettext as _

from accounts.models import BY_LINK, Role, RoleAssignment, User
from issues.actions.approving import authored
from issues.models import DraftedAnswer, DraftFile, Issue, Referral
from issues.models.issue import LONG_OF_ISSUE
from issues.permissions import answers, directs, needs_approval, serves
from issues.workflow import Act

State = DraftedAnswer.State
ANSWERING = {Act.RESPOND, Act.RESOLVE}


@dataclass(frozen=True)
class Shown:
    """A draft with its files, and what its reader may do with it now."""

    draft: DraftedAnswer
    author: str
    files: list[DraftFile]
    may_approve: bool
    may_change: bool
    has_director: bool


def of_referral(user: User, referral: Referral) -> dict[str, Any]:
    """The standing draft for its own office; for the secretariat only that it is stuck."""
    is_office = answers(user, referral)
    if not referral.is_open or not (is_office or serves(user, referral.issue)):
        return {}
    draft = referral.drafts.standing().select_related("by", "decided_by").first()
    if draft is None:
        return {}
    draft.referral = referral
    needs, has = referral.authority.needs_approval, referral.authority.has_director
    if not is_office:
        waits = draft.state == State.WAITING
        return {"is_stuck": needs and not has and waits}
    shown = Shown(
        draft=draft,
        author=_author(draft),
        files=list(draft.files.defer("thumbnail")),
        may_approve=directs(user, referral) and draft.state == State.WAITING,
        may_change=authored(user, draft),
        has_director=has or not needs,
    )
    return {"drafted": shown}


def _author(draft: DraftedAnswer) -> str:
    """By name in the reader's language; through a link whoever they said they are."""
    return draft.title if draft.by.username == BY_LINK else draft.by.title or draft.title


def closed(user: User, referral: Referral) -> set[str]:
    """What the user cannot do while a draft of the office stands: write another one."""
    if not needs_approval(user, referral):
        return set()
    return {str(one) for one in ANSWERING} if referral.drafts.standing().exists() else set()


def words_for(user: User, referral: Referral) -> dict[str, str]:
    """What is said otherwise at a form whose answer the director has to approve first."""
    if not needs_approval(user, referral):
        return {}
    return {
        "explanation": _(
            "Your director reads it first. It leaves your office once it is approved; until then"
            " nobody else reads it, and the reminders go on."
        ),
        "submit_label": _("Lay it before the director"),
        "success": _("Your director was asked to approve it."),
    }


# --- first pages ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Waiting:
    """The first drafts that wait, and how many there are in all."""

    rows: Sequence[DraftedAnswer] = ()
    total: int = 0


@dataclass(frozen=True)
class OfOffice:
    """What a director has to approve, and what came back to its author."""

    for_approval: Waiting
    sent_back: Waiting


def of_office(user: User, limit: int) -> OfOffice:
    """The oldest first; asks nothing where there can be none."""
    directed = user.directed_ids
    rows = DraftedAnswer.objects.visible_to(user).standing()
    waiting = rows.filter(state=State.WAITING, referral__authority__in=directed)
    back = rows.filter(state=State.RETURNED, by=user)
    return OfOffice(
        for_approval=_some(waiting, limit) if directed else Waiting(),
        sent_back=_some(back, limit) if user.office_ids else Waiting(),
    )


def stuck(issues: QuerySet[Issue], limit: int) -> Waiting:
    """Drafts on these issues that nobody can approve: their office has no director any more."""
    director = RoleAssignment.objects.current().filter(
        role=Role.OFFICIAL,
        approves=True,
        user__is_active=True,
        authority=OuterRef("referral__authority"),
    )
    rows = DraftedAnswer.objects.waiting().filter(
        ~Exists(director),
        referral__authority__needs_approval=True,
        referral__issue__in=issues.order_by().values("pk"),
        referral__issue__status=Issue.Status.REFERRED,
    )
    return _some(rows, limit)


def _some(rows: QuerySet[DraftedAnswer], limit: int) -> Waiting:
    rows = rows.select_related("referral__authority", "referral__issue", "by")
    rows = rows.defer("text", *(f"referral__{name}" for name in LONG_OF_ISSUE))
    found = list(rows.annotate(total=Window(Count("pk"))).order_by("drafted_at", "pk")[:limit])
    for one in found:
        one.author = _author(one)  # type: ignore[attr-defined]
    return Waiting(found, found[0].total if found else 0)
