"""Notices of superiors turned to by hand, and of a referral kept at its office's own level."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit import clock
from config import notice_reading as reading
from config import notice_truths as truths
from config import notice_words as words
from issues.models import Climb, Issue, Referral
from issues.permissions import Audience
from outbox.models import Notice
from reminders import by_hand
from reminders.offices import Offices


def calmed(notice: Notice, now: dt.datetime) -> bool:
    """It is still kept low; for the office, its superiors and the organization."""
    made = Climb.objects.filter(pk=notice.version, direction=Climb.Direction.DOWN).first()
    rows = Referral.objects.open().filter(
        pk=truths.id_of(notice.subject),
        kept_low_at__isnull=False,
        issue__status=Issue.Status.REFERRED,
    )
    referral = rows.select_related("issue").first()
    if made is None or referral is None or referral.climbs.filter(pk__gt=made.pk).exists():
        return False
    if truths.represents(notice.recipient, referral.issue.organization_id):
        return True
    above = Offices.read([referral.issue_id]).climb(referral)
    return truths.may_read(notice.recipient, referral, [referral.authority_id, *above])


def escalation(audience: Audience) -> words.Words:
    """As of any referral; ``is_early`` says that its date lies ahead."""
    said = words.referral(audience)

    def with_date(notice: Notice, language: str) -> dict[str, Any]:
        held = reading.referral_of(notice)
        is_early = held is not None and held.due_on is not None and held.due_on >= clock.today()
        return said(notice, language) | {"is_early": is_early}

    return with_date


KINDS = {
    by_hand.CALMED: (
        _("At the office's own level again"),
        calmed,
        words.referral(Audience.OFFICE),
    ),
}
