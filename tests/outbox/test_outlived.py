"""What grew too old: a message that goes by mail instead, and reports of nothing that is ours."""

import datetime as dt

import pytest

from outbox import delivery, receipts
from outbox.models import Channel, Notice, Receipt, TelegramChat
from tests.factories import MessageFactory, NoticeFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("channel", "state", "falls_back"),
    [
        (Channel.TELEGRAM, "queued", True),
        (Channel.SMS, "queued", True),
        (Channel.TELEGRAM, "unknown", False),  # it may have arrived
        (Channel.EMAIL, "queued", False),
    ],
)
def test_what_dies_of_age_and_surely_never_left_goes_by_mail(channel, state, falls_back):
    person = UserFactory(email="reader@vedika.example", phone="+85512000001")
    TelegramChat.objects.create(user=person, chat_id=77, linked_at=NOW)
    message = MessageFactory(
        recipient=f"user:{person.pk}", channel=channel, state=state, expires_at=NOW
    )
    NoticeFactory(recipient=f"user:{person.pk}", message=message, state=state)

    assert delivery.expire(NOW, 5) == 1

    rows = [*Notice.objects.order_by("pk").values_list("channel", "state")]
    assert rows == [("usual", "dead"), *([("email", "planned")] if falls_back else [])]


def test_old_reports_of_nothing_that_is_ours_are_deleted_once_a_day():
    MessageFactory(channel="sms", provider_id="known", message_id="<ours@vedika.example>")
    for came_at in (NOW - 43 * DAY, NOW - 41 * DAY):
        for name, reference in (("known", ""), ("", "ours"), ("strange", ""), ("", "our")):
            Receipt.objects.create(
                channel="sms",
                provider_id=name,
                reference=reference,
                status="other" if came_at < NOW - 42 * DAY else "failed",
                came_at=came_at,
            )

    assert receipts.prune_when_due(now=NOW) == 2
    left = Receipt.objects.filter(status="other").values_list("provider_id", "reference")
    assert sorted(left) == [("", "ours"), ("known", "")]
    assert receipts.prune_when_due(now=NOW + 2 * DAY - dt.timedelta(days=1, hours=1)) == 0
    assert receipts.prune_when_due(now=NOW + 2 * DAY) == 2
