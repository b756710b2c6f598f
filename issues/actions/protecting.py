"""What its organization or a coordinator does at any time so that fewer people see an issue."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from audit.actions import record
from audit.errors import TransitionError
from issues.actions import notify
from issues.actions.carriers import lock_with_carriers
from issues.actions.marking import mark_also
from issues.actions.move import check, enter, lock, move, role_of
from issues.actions.raising import end_referrals, leave_agendas
from issues.actions.referring import recall
from issues.merged import bring, marked_for
from issues.models import Concern, Issue, Referral
from issues.workflow import Act
from provinces.models import Authority


@transaction.atomic
def tighten(issue: Issue, *, by: User, now: dt.datetime, disclosure: str) -> Issue:
    """Let fewer people see the issue from now on; what was published is taken from the public.

    What tells the same matter elsewhere becomes as strict. Raises TransitionError for a disclosure
    that is not stricter than the present one.
    """
    carriers = lock_with_carriers(issue)
    locked = lock(issue)
    _transition, role = check(locked, Act.TIGHTEN, by=by)
    if disclosure not in locked.stricter:
        raise TransitionError(_("Choose a disclosure under which fewer people see the issue."))
    confidential = disclosure == Issue.Disclosure.CONFIDENTIAL
    moved = move(
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
    for one in carriers:
        if disclosure in one.stricter:
            _tighten_with(moved, one, by, now)
    _tell_secretariat(moved, by, role, now)
    return moved


def _tighten_with(issue: Issue, carrier: Issue, by: User, now: dt.datetime) -> None:
    """Make what tells the same matter as strict as the issue itself."""
    trace = {"disclosure": [carrier.disclosure, issue.disclosure], "with_issue": issue.pk}
    carrier.disclosure, carrier.published_at = issue.disclosure, None
    carrier.is_named = carrier.is_named and issue.disclosure != Issue.Disclosure.CONFIDENTIAL
    carrier.version += 1
    carrier.save(update_fields=["disclosure", "published_at", "is_named", "version"])
    record("issue.tighten", carrier, by=by, role=role_of(by, issue), at=now, **trace)


@transaction.atomic
def bar(issue: Issue, *, by: User, now: dt.datetime, authority: Authority) -> Issue:
    """Mark that the issue concerns this office: it and all below it see nothing of it any more.

    Their open referrals are recalled in the same act, and what tells the same matter is kept from
    them too. Raises TransitionError for an office of another province, and for one that is kept
    from the issue already.
    """
    carriers = lock_with_carriers(issue)
    locked = lock(issue)
    _transition, role = check(locked, Act.CONCERN, by=by)
    _refuse_office(locked, authority, by)
    marked = move(
        issue,
        Act.CONCERN,
        by=by,
        now=now,
        trace={"authority": authority.pk},
        version=locked.version + 1,
    )
    mark_also(marked, authority, by=by)
    _recall_from(marked, authority, by, now)
    for one in carriers:
        _bar_with(marked, one, authority, by, now)
    _tell_secretariat(marked, by, role, now)
    return lock(issue)


def _tell_secretariat(issue: Issue, by: User, role: str, now: dt.datetime) -> None:
    """Tell the coordinators what the organization decided; of their own acts they know."""
    if role != Role.REPRESENTATIVE:
        return
    told = [one for one in notify.coordinators(issue) if one != f"user:{by.pk}"]
    notify.tell("issue_protected", issue, told, now=now, version=issue.version)


def _bar_with(
    issue: Issue, carrier: Issue, authority: Authority, by: User, now: dt.datetime
) -> None:
    """Keep the office from what tells the same matter, and end what it holds of it.

    What another organization raised and goes on in this one is with no office any more, and its
    organization is not to learn whom this one fears.
    """
    if carrier.merged_into_id == issue.pk and carrier.organization_id != issue.organization_id:
        return
    line = Authority.objects.above([authority.pk])
    if carrier.concerns.filter(authority__in=line).exists():
        return
    carrier.version += 1
    carrier.save(update_fields=["version"])
    trace = {"authority": authority.pk, "with_issue": issue.pk}
    record("issue.concern", carrier, by=by, role=role_of(by, issue), at=now, **trace)
    Concern.objects.create(issue=carrier, authority=authority)
    bring(issue, carrier, authority.pk)
    _end_what_it_holds(issue, carrier, authority, by, now)


def _end_what_it_holds(
    issue: Issue, carrier: Issue, authority: Authority, by: User, now: dt.datetime
) -> None:
    """Recall its referrals of the carrier; without a leading one the carrier waits again."""
    below = Authority.objects.below([authority.pk])
    held = list(Referral.objects.open().filter(issue=carrier, authority__in=below))
    if not held:
        return
    taken = Referral.objects.filter(pk__in=[one.pk for one in held])
    taken.update(ended_at=now, ended_as=Referral.Ending.RECALLED)
    trace: dict[str, object] = {"authority": authority.pk, "with_issue": issue.pk}
    leads = Referral.objects.open().leading().filter(issue=carrier)
    if carrier.status == Issue.Status.REFERRED and not leads.exists():
        trace["status"] = [carrier.status, Issue.Status.ACCEPTED.value]
        _let_wait(carrier, now)
    record("issue.recall", carrier, by=by, role=role_of(by, issue), at=now, **trace)
    told = notify.representatives(carrier)
    for one in held:  # the office itself is told nothing: the issue concerns it
        if one.released_at:
            version = one.due_version
            notify.tell("referral_taken_back", carrier, told, now=now, version=version, about=one)


def _let_wait(carrier: Issue, now: dt.datetime) -> None:
    """Nobody leads it any more: it leaves the agendas, its other offices, and is accepted."""
    leave_agendas(carrier)
    ended = end_referrals(carrier, Referral.Ending.OVER, now)
    enter(carrier, Issue.Status.ACCEPTED, now)
    carrier.save(update_fields=["status"])
    notify.tell_offices("referral_recalled", carrier, notify.known(carrier, ended), now=now)


def _refuse_office(issue: Issue, authority: Authority, by: User) -> None:
    if authority.province_id not in (None, issue.province_id):
        raise TransitionError(
            _("%(office)s does not answer for %(province)s.")
            % {"office": authority, "province": issue.province}
        )
    line = Authority.objects.above([authority.pk])
    if line.filter(pk__in=marked_for(by, issue)).exists():
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
            recall(referral, by=by, now=now, within=Act.CONCERN)
