"""Notices of what ended at an office or altogether: passed on, recalled, withdrawn, declined."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config import notice_reading as reading
from config import notice_truths as truths
from config import notice_words as words
from config.notice_truths import Truth
from issues.models import Concern, Issue, Redirection, Referral
from issues.permissions import Audience
from outbox.models import Notice
from provinces.models import Authority

Ending = Referral.Ending
GONE = (Ending.RECALLED, Ending.OVER)
CLOSED = (Issue.Closing.WITHDRAWN, Issue.Closing.DECLINED)


# --- still true? ------------------------------------------------------------------------------
def may_know(recipient: str, issue: Issue, authority_id: int) -> bool:
    """The recipient is of the office, which the issue does not concern, and nothing is frozen.

    It need not hold the issue any more.
    """
    if issue.pressured_at or not truths.belongs(recipient, [authority_id]):
        return False
    line = set(Authority.objects.above([authority_id]).values_list("pk", flat=True))
    if recipient.startswith("user:"):
        line |= User.objects.get(pk=truths.id_of(recipient)).commanding_ids
    return not Concern.objects.filter(issue=issue, authority__in=line).exists()


def ended_as(*endings: str) -> Truth:
    """The referral ended so and its office did not get the issue anew; for who is of it."""

    def holds(notice: Notice, now: dt.datetime) -> bool:
        referral = reading.referral_of(notice)
        if referral is None or referral.ended_as not in endings:
            return False
        anew = Referral.objects.open().filter(
            issue=referral.issue_id, authority=referral.authority_id
        )
        return not anew.exists() and may_know(
            notice.recipient, referral.issue, referral.authority_id
        )

    return holds


def taken_back(notice: Notice, now: dt.datetime) -> bool:
    """The referral was recalled; for the organization that raised the issue."""
    referral = reading.referral_of(notice)
    return (
        referral is not None
        and referral.ended_as == Ending.RECALLED
        and truths.represents(notice.recipient, referral.issue.organization_id)
    )


def passed_on(notice: Notice, now: dt.datetime) -> bool:
    """The office it was passed on to still has it; for the organization."""
    referral = reading.referral_of(notice)
    return (
        referral is not None
        and referral.is_open
        and truths.represents(notice.recipient, referral.issue.organization_id)
    )


def withdrawn(notice: Notice, now: dt.datetime) -> bool:
    """The issue is still withdrawn; for its secretariat, or its organization."""
    issue = truths.issue_of(notice)
    return (
        issue is not None
        and issue.closed_as == Issue.Closing.WITHDRAWN
        and (
            truths.represents(notice.recipient, issue.organization_id)
            or truths.coordinates(notice.recipient, issue.province_id)
        )
    )


def cosigned_closed(notice: Notice, now: dt.datetime) -> bool:
    """The issue is still withdrawn or declined; for an organization that co-signs it."""
    issue = truths.issue_of(notice)
    if issue is None or issue.closed_as not in CLOSED:
        return False
    cosigners = issue.cosigns.agreed().values_list("organization", flat=True)
    return any(truths.represents(notice.recipient, one) for one in cosigners)


def proposed(notice: Notice, now: dt.datetime) -> bool:
    """The proposal still waits; for the secretariat."""
    rows = Redirection.objects.undecided().filter(pk=notice.version)
    waiting = rows.select_related("referral__issue").first()
    return waiting is not None and truths.coordinates(
        notice.recipient, waiting.referral.issue.province_id
    )


def decided(notice: Notice, now: dt.datetime) -> bool:
    """The proposal was decided on; for the office that made it."""
    rows = Redirection.objects.filter(pk=notice.version, decided_at__isnull=False)
    found = rows.select_related("referral__issue").first()
    return found is not None and may_know(
        notice.recipient, found.referral.issue, found.referral.authority_id
    )


# --- the words --------------------------------------------------------------------------------
def neutral(notice: Notice, language: str) -> dict[str, Any]:
    """A reference, for an office that reads the issue no more, and the way to the front page."""
    referral = Referral.objects.select_related("issue", "authority").get(
        pk=truths.id_of(notice.subject)
    )
    return {
        "reference": referral.issue.reference,
        "office": referral.authority.name,
        "link": f"{settings.BASE_URL}/",
    }


def cosigned(notice: Notice, language: str) -> dict[str, Any]:
    """An issue that another organization raised, and whether it was withdrawn or declined."""
    issue = truths.issue_of(notice)
    is_withdrawn = issue is not None and issue.closed_as == Issue.Closing.WITHDRAWN
    return words.issue(Audience.OFFICE)(notice, language) | {"is_withdrawn": is_withdrawn}


def redirection(notice: Notice, language: str) -> dict[str, Any]:
    """A proposal to pass a referral on; its words only where the issue is not confidential."""
    found = Redirection.objects.select_related("referral").get(pk=notice.version)
    context = words.referral(Audience.OFFICE)(notice, language)
    is_told = bool(context["title"])
    return context | {
        "because": found.reason if is_told else "",
        "decided": found.answer if is_told else "",
    }


def proposal(notice: Notice, language: str) -> dict[str, Any]:
    """As ``redirection``, with the page on which it is decided."""
    path = reverse("issues:redirection", args=[notice.version])
    return redirection(notice, language) | {"link": f"{settings.BASE_URL}{path}"}


def decision(notice: Notice, language: str) -> dict[str, Any]:
    """What became of a proposal; of an issue that went on the office is told no more than that."""
    found = Redirection.objects.get(pk=notice.version)
    if found.is_accepted:
        return neutral(notice, language) | {"is_accepted": True}
    return redirection(notice, language) | {"is_accepted": False}


KINDS = {
    "issue_withdrawn": (_("Issue withdrawn"), withdrawn, words.issue(Audience.OFFICE)),
    "cosigned_closed": (
        _("Issue closed, for a co-signer"),
        cosigned_closed,
        cosigned,
    ),
    "referral_recalled": (_("No longer asked of the office"), ended_as(*GONE), neutral),
    "referral_taken_back": (
        _("Recalled from an office, for the organization"),
        taken_back,
        words.referral(Audience.ORGANIZATION),
    ),
    "referral_passed_on": (
        _("Passed on, for the office that had it"),
        ended_as(Ending.REDIRECTED),
        neutral,
    ),
    "issue_passed_on": (
        _("Passed on, for the organization"),
        passed_on,
        words.referral(Audience.ORGANIZATION),
    ),
    "redirect_proposed": (_("Proposal to pass an issue on"), proposed, proposal),
    "redirect_decided": (_("Decision on a proposal to pass on"), decided, decision),
}
