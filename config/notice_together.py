"""Notices of merged, co-signed and split issues."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config import notice_endings as endings
from config import notice_truths as truths
from config import notice_words as words
from config.notice_truths import Truth
from issues.models import Cosign, Issue, Merge, Referral
from issues.permissions import Audience
from outbox.models import Notice

Closing = Issue.Closing
S = Issue.Status
ORGANIZATION, COSIGNER = Audience.ORGANIZATION, Audience.COSIGNER
ENDED = (Closing.CONFIRMED, Closing.PARTLY, Closing.UNCONFIRMED)


def _speaks_for(notice: Notice, cosigns: "list[Cosign]") -> bool:
    return any(truths.represents(notice.recipient, one.organization_id) for one in cosigns)


def _behind(issue: Issue) -> list[Cosign]:
    """The other organizations that made the issue their own as well."""
    return list(issue.cosigns.agreed())


def cosign_asked(notice: Notice, now: dt.datetime) -> bool:
    """The merging stands, and the recipient's organization has not answered."""
    merge = Merge.objects.standing().filter(pk=notice.version).first()
    if merge is None:
        return False
    return _speaks_for(notice, list(Cosign.objects.asked().filter(issue=merge.target_id)))


def merged(notice: Notice, now: dt.datetime) -> bool:
    """The merging stands; for who raised or co-signed the issue that goes on in another."""
    merge = Merge.objects.standing().filter(pk=notice.version).select_related("source").first()
    return merge is not None and (
        truths.represents(notice.recipient, merge.source.organization_id)
        or _speaks_for(notice, _behind(merge.source))
    )


def unmerged(notice: Notice, now: dt.datetime) -> bool:
    """The issue is not merged now; for its organization."""
    issue = truths.issue_of(notice)
    return (
        issue is not None
        and issue.merged_into_id is None
        and truths.represents(notice.recipient, issue.organization_id)
    )


def cosigned(notice: Notice, now: dt.datetime) -> bool:
    """The organization still co-signs; for the raising one and the secretariat."""
    found = Cosign.objects.agreed().filter(pk=notice.version).select_related("issue").first()
    return found is not None and (
        truths.represents(notice.recipient, found.issue.organization_id)
        or truths.coordinates(notice.recipient, found.issue.province_id)
    )


def cosign_refused(notice: Notice, now: dt.datetime) -> bool:
    """The issue goes on by itself; for its secretariat, and that of the other issue."""
    refused = Cosign.objects.filter(pk=notice.version, state=Cosign.State.REFUSED)
    found, issue = refused.select_related("issue").first(), truths.issue_of(notice)
    if found is None or issue is None or issue.merged_into_id:
        return False
    provinces = {issue.province_id, found.issue.province_id}
    return any(truths.coordinates(notice.recipient, one) for one in provinces)


def to_cosigners(state: str, *closings: str) -> Truth:
    """The issue stands so; for the organizations that co-sign it."""

    def holds(notice: Notice, now: dt.datetime) -> bool:
        issue = truths.issue_of(notice)
        return (
            issue is not None
            and issue.status == state
            and (not closings or issue.closed_as in closings)
            and issue.claims == notice.version
            and _speaks_for(notice, _behind(issue))
        )

    return holds


def to_raiser(notice: Notice, now: dt.datetime) -> bool:
    """The recipient speaks for the organization that raised the issue."""
    return truths.to_organization(*S)(notice, now)


def references(notice: Notice, language: str) -> dict[str, Any]:
    """The two issues by their references alone: not each reader serves both provinces.

    The link leads to the one that the reader may open.
    """
    issue = truths.issue_of(notice)
    if issue is None:
        raise LookupError(notice.subject)
    found = Cosign.objects.filter(pk=notice.version).select_related("issue").first()
    other = found.issue if found else issue
    mine = issue if truths.coordinates(notice.recipient, issue.province_id) else other
    return {
        "reference": issue.reference,
        "other": other.reference if found else "",
        "link": f"{settings.BASE_URL}{mine.get_absolute_url()}",
    }


# --- an issue that was merged into another ------------------------------------------------------
def merged_closed(notice: Notice, now: dt.datetime) -> bool:
    """The issue it went on in is withdrawn or declined; for those behind it, and secretariats."""
    issue = truths.issue_of(notice)
    target = issue and issue.merged_into
    if issue is None or target is None or target.closed_as not in endings.CLOSED:
        return False
    provinces = {issue.province_id, target.province_id}
    return (
        truths.represents(notice.recipient, issue.organization_id)
        or _speaks_for(notice, _behind(issue))
        or any(truths.coordinates(notice.recipient, one) for one in provinces)
    )


def of_its_own(notice: Notice, language: str) -> dict[str, Any]:
    """The reference of the reader's own issue, and nothing of the one it went on in."""
    issue = truths.issue_of(notice)
    if issue is None:
        raise LookupError(notice.subject)
    is_theirs = truths.represents(notice.recipient, issue.organization_id)
    return {
        "reference": issue.reference,
        "link": f"{settings.BASE_URL}{issue.get_absolute_url()}",
        "is_secretariat": not (is_theirs or _speaks_for(notice, _behind(issue))),
    }


def moved(notice: Notice, now: dt.datetime) -> bool:
    """The office holds it under this reference; for who is of it."""
    rows = Referral.objects.open().filter(pk=truths.id_of(notice.subject))
    held = rows.select_related("issue").first()
    return held is not None and truths.may_read(notice.recipient, held, [held.authority_id])


def other_reference(notice: Notice, language: str) -> dict[str, Any]:
    """A referral by its reference, and the reference under which its office knew it before."""
    held = Referral.objects.get(pk=truths.id_of(notice.subject))
    merge = Merge.objects.select_related("source", "target").get(pk=notice.version)
    former = merge.source if held.issue_id == merge.target_id else merge.target
    return words.referral(Audience.OFFICE)(notice, language) | {"before": former.reference}


KINDS = {
    "merged_closed": (_("The issue it went on in was closed"), merged_closed, of_its_own),
    "referral_moved": (_("Followed under another reference"), moved, other_reference),
    "cosign_asked": (
        _("Question whether it is the same matter"),
        cosign_asked,
        words.issue(COSIGNER),
    ),
    "issue_merged": (_("Issue merged into another"), merged, words.issue(COSIGNER)),
    "issue_unmerged": (_("Merging undone"), unmerged, words.issue(ORGANIZATION)),
    "cosigned": (_("Issue co-signed"), cosigned, words.issue(Audience.OFFICE)),
    "cosign_refused": (
        _("Not the same matter, says its organization"),
        cosign_refused,
        references,
    ),
    "cosigned_resolved": (
        _("Reported resolved, for a co-signer"),
        to_cosigners(S.RESOLVED),
        words.issue(COSIGNER),
    ),
    "cosigned_ended": (
        _("Closed after a claim, for a co-signer"),
        to_cosigners(S.CLOSED, *ENDED),
        words.issue(COSIGNER),
    ),
    "issue_split": (_("Issue split into several"), to_raiser, words.issue(ORGANIZATION)),
    "issue_branched": (
        _("Part of an issue in another province"),
        to_raiser,
        words.issue(ORGANIZATION),
    ),
}
