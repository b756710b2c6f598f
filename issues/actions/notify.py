"""Whom an act of an issue's life tells, as notices added inside the act."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import models

from accounts.models import Role, RoleAssignment, User
from audit.models import subject_of
from issues.models import Issue, Referral
from outbox import actions as outbox_actions
from outbox import recipients
from outbox.models import Notice
from provinces.models import Authority

LEFT = (
    Notice.State.SENDING,
    Notice.State.SENT,
    Notice.State.DELIVERED,
    Notice.State.UNKNOWN,
)  # it may be in the office's hands


def representatives(issue: Issue) -> list[str]:
    """Those who speak for the raising organization."""
    return recipients.representatives([issue.organization_id])[issue.organization_id]


def coordinators(issue: Issue) -> list[str]:
    """The coordinators of the issue's province, or of all where it has none of its own."""
    return recipients.coordinators([issue.province_id])[issue.province_id]


def officials(authority_id: int) -> list[str]:
    """The officials of one authority, or its own addresses where no official has one."""
    return recipients.officials([authority_id])[authority_id]


def cosigners(issue: Issue) -> list[str]:
    """Those who speak for the other organizations that made the issue their own as well."""
    return representatives_of(issue.cosigns.agreed().values_list("organization", flat=True))


def representatives_of(organization_ids: Iterable[int]) -> list[str]:
    """Those who speak for one of these organizations."""
    groups = recipients.representatives(organization_ids)
    return list(dict.fromkeys(one for group in groups.values() for one in group))


def offices(issue: Issue, authority_ids: Iterable[int]) -> dict[int, list[str]]:
    """Whom to tell of each office: nobody whom the issue concerns, nobody while it is frozen."""
    if issue.pressured_at:
        return {}
    concerned = issue.concerns.values_list("authority", flat=True)
    barred = set(Authority.objects.below(concerned).values_list("pk", flat=True))
    told = recipients.officials(set(authority_ids) - barred)
    roles = RoleAssignment.objects.current().filter(role=Role.OFFICIAL, authority__in=barred)
    silent = {f"user:{one}" for one in roles.values_list("user", flat=True)}
    return {one: [person for person in told[one] if person not in silent] for one in told}


def tell(
    kind: str,
    issue: Issue,
    told: list[str],
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
    urgency: int = 0,
) -> None:
    """Tell these people at once, of the issue itself or of a row ``about`` it."""
    outbox_actions.tell(
        kind,
        subject_of(about or issue),
        recipients=told,
        due_at=now,
        version=version,
        province_id=issue.province_id,
        urgency=urgency,
    )


# --- what ends ----------------------------------------------------------------------------------
def tell_of_closing(
    kind: str,
    issue: Issue,
    told: list[str],
    ended: Sequence[Referral],
    *,
    by: User,
    now: dt.datetime,
) -> None:
    """Tell these people, the co-signers and the offices that held it that the issue is closed.

    Also those whose own issue was merged into it, of that one alone.
    """
    version = issue.intervals.filter(status=Issue.Status.CLOSED).count()
    tell(kind, issue, told, now=now, version=version)
    others = [one for one in cosigners(issue) if one not in told]
    tell("cosigned_closed", issue, others, now=now, version=version)
    tell_offices("referral_recalled", issue, ended, now=now)
    _tell_merged(issue, {*told, *others, f"user:{by.pk}"}, now)


def _tell_merged(issue: Issue, knowing: set[str], now: dt.datetime) -> None:
    """Tell the organizations behind the issues that went on in this one, and the secretariats."""
    rows = issue.merges_in.standing().select_related("source")
    sources = [one.source for one in rows.prefetch_related("source__cosigns")]
    if not sources:
        return
    behind = {one.pk: {one.organization_id, *_agreed(one)} for one in sources}
    people = recipients.representatives(set().union(*behind.values()))
    provinces = {issue.province_id, *(one.province_id for one in sources)}
    secretariats = recipients.coordinators(provinces)
    closing = issue.intervals.get(left_at=None)
    outbox_actions.tell_all(
        Notice(
            kind="merged_closed",
            subject=subject_of(one),
            recipient=recipient,
            version=closing.pk,  # of every closing once, whichever issue it went on in
            province_id=one.province_id,
            due_at=now,
        )
        for one in sources
        for recipient in {
            *(person for each in behind[one.pk] for person in people[each]),
            *secretariats[one.province_id],
            *secretariats[issue.province_id],
        }
        - knowing
    )


def _agreed(issue: Issue) -> set[int]:
    """The organizations that co-sign an issue whose co-signings were read."""
    return {one.organization_id for one in issue.cosigns.all() if one.state == one.State.AGREED}


def tell_offices(
    kind: str,
    issue: Issue,
    referrals: Sequence[Referral],
    *,
    now: dt.datetime,
    version: int | None = None,
) -> None:
    """Tell the office of each of these referrals of it, unless it was never released.

    The version of the notice is that of the referral's date, where no other is given.
    """
    released = [one for one in referrals if one.released_at]
    people = offices(issue, {one.authority_id for one in released}) if released else {}
    outbox_actions.tell_all(
        Notice(
            kind=kind,
            subject=subject_of(referral),
            recipient=recipient,
            version=version or referral.due_version,
            province_id=issue.province_id,
            due_at=now,
        )
        for referral in released
        for recipient in people.get(referral.authority_id, [])
    )


def known(issue: Issue, referrals: Sequence[Referral]) -> list[Referral]:
    """Those of these referrals that their office knows of: a notice left, or it was handed over."""
    people = offices(issue, {one.authority_id for one in referrals})
    subjects = [subject_of(one) for one in referrals]
    rows = Notice.objects.filter(subject__in=subjects, state__in=LEFT)
    left = set(rows.values_list("subject", "recipient"))
    return [
        one
        for one in referrals
        if one.handed_over_on
        or one.acknowledged_at
        or any((subject_of(one), person) in left for person in people.get(one.authority_id, []))
    ]
