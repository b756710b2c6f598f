"""Which referred issues come back to a session by themselves."""

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from forum.models import Session
from issues.models import AgendaItem, Confirmation, Issue, LeftOut, Referral, Response

SAYS_SOMETHING = (Response.Kind.ANSWER, Response.Kind.CLAIM)


def waiting_for(session: Session) -> QuerySet[Issue]:
    """Referred issues of the province that head the session's agenda, the longest due first.

    Those whose offices have not answered, or not since it was disputed, and those whose review is
    due by the session's day; without what is frozen, suspended for longer, on an agenda already or
    left out by somebody.
    """
    held = Referral.objects.open().filter(issue=OuterRef("pk"), released_at__isnull=False)
    disputed = Confirmation.objects.filter(
        issue=OuterRef("referral__issue"),
        verdict=Confirmation.Verdict.NOT_SOLVED,
        created_at__gte=OuterRef("created_at"),
    )
    said = Response.objects.filter(referral=OuterRef("pk"), kind__in=SAYS_SOMETHING)
    answered = said.exclude(Exists(disputed))
    silent = held.leading().filter(~Exists(answered))
    due = held.filter(review_on__lte=session.day)
    resting = held.filter(suspended_until__gt=session.day)
    still_ahead = AgendaItem.objects.filter(
        issue=OuterRef("pk"), session__status__in=[Session.Status.PLANNED, Session.Status.OPEN]
    )
    left_out = LeftOut.objects.filter(issue=OuterRef("pk"), session=session)
    date = Coalesce("referrals__review_on", "referrals__due_on", "referrals__wanted_on")
    return (
        Issue.objects.filter(
            Exists(silent) | Exists(due),
            ~Exists(resting),
            ~Exists(still_ahead),
            ~Exists(left_out),
            province=session.province_id,
            status=Issue.Status.REFERRED,
            pressured_at=None,
        )
        .annotate(next_date=Min(date, filter=Q(referrals__ended_at=None)))
        .order_by("next_date", "pk")
    )
