"""Who else stands behind an issue, and what was merged with it, as its page shows it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Organization, User
from issues import workflow
from issues.actions.merging import UNDO_WITHIN
from issues.models import Cosign, Evidence, Issue
from issues.models.evidence import EvidenceQuerySet
from issues.models.issue import Reader
from issues.permissions import Audience, raised, serves
from issues.workflow import Act

INSIDE = (Audience.ORGANIZATION, Audience.SECRETARIAT)
State = Cosign.State


@dataclass(frozen=True)
class Company:
    """The other organizations and issues of the matter, as far as the reader may know of them.

    ``names`` are the organizations that co-sign, ``asked`` those that have not answered,
    ``number`` how many co-sign; ``own`` the reader's own co-signing, ``may_cosign`` whether they
    could. ``goes_on`` is the issue in which a merged one goes on, ``question`` what its
    organization is asked then; ``sources`` and ``files`` are those of what was merged into it,
    ``idle`` the acts that make no sense for such an issue.
    """

    number: int = 0
    names: Sequence[str] = ()
    asked: Sequence[str] = ()
    own: Cosign | None = None
    is_known: bool = False
    may_cosign: bool = False
    goes_on: Issue | None = None
    question: Cosign | None = None
    sources: Sequence[Issue] = ()
    files: Sequence[Evidence] = ()
    idle: frozenset[Act] = frozenset()

    @property
    def may_leave(self) -> bool:
        """The reader's organization co-signs of its own accord, and not after a merging."""
        return self.own is not None and self.own.merge_id is None


def cosigns_of(issue: Issue) -> list[Cosign]:
    """The co-signings that stand or are asked for, each with its organization.

    One query for an issue from ``page.readable``, none where there is no such row.
    """
    if not issue.backed:  # type: ignore[attr-defined]
        return []
    return list(issue.cosigns.live().select_related("organization"))


def own_of(cosigns: Sequence[Cosign], user: Reader) -> Cosign | None:
    """The co-signing of an organization of the user; that after a merging before others."""
    if not isinstance(user, User):
        return None
    mine = [
        one
        for one in cosigns
        if one.state == State.AGREED and one.organization_id in user.organization_ids
    ]
    return max(mine, key=lambda one: one.merge_id is not None, default=None)


def company_of(
    issue: Issue,
    user: Reader,
    audience: Audience,
    cosigns: Sequence[Cosign],
    *,
    now: dt.datetime,
) -> Company:
    """The company of an issue from ``page.readable``; no query where it was never merged."""
    agreed = [one for one in cosigns if one.state == State.AGREED]
    own = own_of(cosigns, user)
    for_secretariat = audience == Audience.SECRETARIAT
    waiting = [one for one in cosigns if one.state == State.ASKED]
    goes_on = _goes_on(issue, user)
    return Company(
        number=len(agreed),
        names=[one.organization.name for one in agreed] if audience in INSIDE else (),
        asked=[one.organization.name for one in waiting] if for_secretariat else (),
        own=own,
        is_known=own is not None and own.merge_id is not None,
        may_cosign=own is None and may_cosign(issue, user),
        goes_on=goes_on,
        question=question_of(issue, user),
        sources=_sources(issue, user, audience),
        files=_files(issue, user, audience),
        idle=_idle(issue, goes_on, user, now),
    )


def _idle(issue: Issue, goes_on: Issue | None, user: Reader, now: dt.datetime) -> frozenset[Act]:
    idle = set()
    if issue.merged_into_id is None or not _may_be_undone(issue, user, now):
        idle.add(Act.UNMERGE)
    if goes_on and goes_on.is_open:
        idle.add(Act.REOPEN)
    return frozenset(idle)


def _may_be_undone(issue: Issue, user: Reader, now: dt.datetime) -> bool:
    """The merging is of the last day, for the secretariat; nobody else is offered to undo it."""
    if not isinstance(user, User) or not serves(user, issue):
        return False
    return issue.merges.standing().filter(at__gte=now - UNDO_WITHIN).exists()


def may_cosign(issue: Issue, user: Reader) -> bool:
    """The issue is published and may be co-signed by who represents another organization."""
    if not isinstance(user, User) or raised(user, issue) or not user.organization_ids:
        return False
    acts = workflow.open_acts(issue, frozenset({workflow.COSIGNER}))
    return issue.published_at is not None and Act.COSIGN in acts


def organizations_for(issue: Issue, user: User) -> list[Organization]:
    """The user's organizations that could co-sign the issue and do not."""
    rows = Organization.objects.current().filter(pk__in=user.organization_ids)
    rows = rows.exclude(pk=issue.organization_id)
    agreed = issue.cosigns.agreed().values("organization")
    return list(rows.exclude(pk__in=agreed))


def _goes_on(issue: Issue, user: Reader) -> Issue | None:
    """The issue in which a merged one goes on, for who may read it."""
    if issue.merged_into_id is None:
        return None
    return Issue.objects.visible_to(user).filter(pk=issue.merged_into_id).first()


def question_of(issue: Issue, user: Reader) -> Cosign | None:
    """What an organization of the user is asked about the merging of this issue."""
    if issue.merged_into_id is None or not isinstance(user, User):
        return None
    rows = Cosign.objects.asked().filter(issue=issue.merged_into_id)
    rows = rows.filter(organization__in=user.organization_ids)
    return rows.select_related("merge", "issue__theme", "issue__province").first()


def files_with_merged(issue: Issue, user: User, *, inside: bool) -> EvidenceQuerySet:
    """The issue's own files, and those of what was merged into it that the user may see."""
    seen = Evidence.objects.visible_to(user).filter(issue__merged_into=issue)
    rows = Evidence.objects.filter(Q(issue=issue) | Q(pk__in=seen.values("pk")), response=None)
    return rows.listed(inside=inside)


def _sources(issue: Issue, user: Reader, audience: Audience) -> list[Issue]:
    if audience not in INSIDE or not issue.joined:  # type: ignore[attr-defined]
        return []
    rows = Issue.objects.visible_to(user).filter(merged_into=issue)
    return list(rows.only("reference", "client_key", "status").order_by("pk"))


def _files(issue: Issue, user: Reader, audience: Audience) -> list[Evidence]:
    """Files of what was merged into it, that the reader may see."""
    if audience not in (*INSIDE, Audience.OFFICE) or not issue.joined:  # type: ignore[attr-defined]
        return []
    seen = Evidence.objects.visible_to(user).filter(issue__merged_into=issue, response=None)
    rows = Evidence.objects.filter(
        Q(pk__in=seen.values("pk")) | _words_of_merged(issue, user, audience)
    )
    inside = isinstance(user, User) and serves(user, issue)
    return list(rows.listed(inside=inside))


def _words_of_merged(issue: Issue, user: Reader, audience: Audience) -> Q:
    """What an office reads instead of the recordings of what was merged into its issue.

    Not of what is frozen, nor of what concerns its office or one above it.
    """
    if audience != Audience.OFFICE or not isinstance(user, User):
        return Q(pk__in=())
    barred = Issue.objects.filter(concerns__authority__in=user.commanding_ids)
    sources = Issue.objects.filter(merged_into=issue, pressured_at=None).exclude(pk__in=barred)
    words = Q(response=None, kind=Evidence.Kind.AUDIO) & ~Q(transcript="")
    return Q(issue__in=sources.values("pk")) & words
