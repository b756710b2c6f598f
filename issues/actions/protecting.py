"""What a coordinator does at any time so that fewer people see an issue."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions.move import check, lock, move
from issues.actions.referring import recall
from issues.models import Concern, Issue, Referral
from issues.workflow import Act
from provinces.models import Authority


@transaction.atomic
def tighten(issue: Issue, *, by: User, now: dt.datetime, disclosure: str) -> Issue:
    """Let fewer people see the issue from now on; what was published is taken from the public.

    Raises TransitionError for a disclosure that is not stricter than the present one.
    """
    locked = lock(issue)
    check(locked, Act.TIGHTEN, by=by)
    if disclosure not in locked.stricter:
        raise TransitionError(_("Choose a disclosure under which fewer people see the issue."))
    confidential = disclosure == Issue.Disclosure.CONFIDENTIAL
    return move(
        issue,
        Act.TIGHTEN,
        by=by,
        now=now,
        trace={"disclosure": [locked.disclosure, str(disclosure)]},
        disclosure=disclosure,
        is_named=locked.is_named and not confidential,
        published_at=None,
        version=locked.version + 1,
    )


@transaction.atomic
def bar(issue: Issue, *, by: User, now: dt.datetime, authority: Authority) -> Issue:
    """Mark that the issue concerns this office: it and all below it see nothing of it any more.

    Their open referrals are recalled in the same act. Raises TransitionError for an office of
    another province, and for one that is kept from the issue already.
    """
    locked = lock(issue)
    check(locked, Act.CONCERN, by=by)
    _refuse_office(locked, authority)
    marked = move(
        issue,
        Act.CONCERN,
        by=by,
        now=now,
        trace={"authority": authority.pk},
        version=locked.version + 1,
    )
    Concern.objects.create(issue=marked, authority=authority)
    _recall_from(marked, authority, by, now)
    return lock(issue)


def _refuse_office(issue: Issue, authority: Authority) -> None:
    if authority.province_id not in (None, issue.province_id):
        raise TransitionError(
            _("%(office)s does not answer for %(province)s.")
            % {"office": authority, "province": issue.province}
        )
    line = Authority.objects.above([authority.pk])
    if issue.concerns.filter(authority__in=line).exists():
        raise TransitionError(
            _("%(office)s is kept from this issue already.") % {"office": authority}
        )


def _recall_from(issue: Issue, authority: Authority, by: User, now: dt.datetime) -> None:
    """Recall what the office and those below it hold; with the last leading one all the rest."""
    below = Authority.objects.below([authority.pk])
    held = Referral.objects.open().filter(issue=issue, authority__in=below)
    for pk in held.values_list("pk", flat=True):
        referral = Referral.objects.open().filter(pk=pk).first()
        if referral is not None:
            recall(referral, by=by, now=now)
