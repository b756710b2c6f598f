"""What somebody told by telephone or by letter is not told again when the date moves."""

import datetime as dt
import uuid

import pytest

from issues.models import Referral
from outbox.by_letter import TOLD
from outbox.models import ByPhone, Notice
from reminders import actions
from tests.factories import UserFactory, issue_in, official_of

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
NOW = dt.datetime(2026, 5, 8, 8, 0, tzinfo=ZONE)
pytestmark = pytest.mark.django_db


def by_phone(notice):
    ByPhone.objects.create(
        client_key=uuid.uuid4(), notice=notice, name="Director", told_at=NOW, by=UserFactory()
    )


def by_letter(notice):
    Notice.objects.filter(pk=notice.pk).update(reason=TOLD)


@pytest.mark.parametrize(("way", "anew"), [(by_phone, 0), (by_letter, 0), (lambda one: None, 1)])
def test_a_cancelled_notice_that_was_told_otherwise_is_not_told_anew(way, anew):
    actions.seed_policy()
    referral = issue_in("referred").referrals.get()
    official_of(referral.authority)
    start = dt.datetime(2026, 3, 2, 8, 0, tzinfo=ZONE)
    Referral.objects.filter(pk=referral.pk).update(
        referred_at=start, released_at=start, handed_over_on=start.date(), due_on=NOW.date()
    )
    actions.plan(now=NOW)
    notice = Notice.objects.get(kind="reminder", state="planned")
    Notice.objects.filter(kind="reminder", pk=notice.pk).update(state="cancelled")
    way(notice)
    # Later only by a holiday, as it were: the same rungs have come, the ladder goes on.
    Referral.objects.filter(pk=referral.pk).update(due_version=2)

    actions.plan(now=NOW)

    told = Notice.objects.filter(kind="reminder", rung=notice.rung, version=2)
    assert told.exclude(state="skipped").count() == anew
