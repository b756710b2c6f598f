"""E-mail by a provider: what each of its answers means, and what it reports."""

import base64
import json

import pytest
from django.urls import reverse

from audit import clock
from outbox import actions, channels
from outbox.models import Attempt, FailedAddress, Message, Notice, Receipt
from outbox.outcomes import Refused, Sent, TryLater, Unknown
from tests.factories import MessageFactory, NoticeFactory, coordinator_of
from tests.providers import Provider

REPORTS = reverse("outbox:mail_receipt")
GOOD = {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "reader@vedika.example"}
INACTIVE = {
    "ErrorCode": 406,
    "Message": "You tried to send to a recipient that has been marked as inactive."
    " Found inactive addresses: reader@vedika.example. Inactive recipients are ones that bounced.",
}
SECRET = "name:a-long-password"


@pytest.fixture
def provider(settings):
    """Postmark's interface on this machine, and our settings for it."""
    made = Provider()
    settings.ANYMAIL_PROVIDER = "postmark"
    settings.ANYMAIL_WEBHOOK_SECRET = SECRET
    settings.ANYMAIL_SIGNING_KEY = ""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "token",
        "POSTMARK_API_URL": f"{made.url}/",
        "REQUESTS_TIMEOUT": (2, 0.5),
        "WEBHOOK_SECRET": SECRET,
        "IGNORE_UNSUPPORTED_FEATURES": True,
    }
    yield made
    made.stop()


def mail(**more):
    facts = {"address": "reader@vedika.example", "message_id": "<made-of-our-key@vedika.example>"}
    return MessageFactory.build(**(facts | more))


def test_mail_is_handed_over_with_our_name_for_it_and_is_not_tracked(provider):
    provider.plan = [(200, GOOD, {})]

    outcome = channels.send(mail())

    (sent,) = provider.sent
    assert outcome == Sent("200", "", provider_id="pm-1")
    assert (sent["To"], sent["Subject"]) == ("reader@vedika.example", "A request for your office")
    assert sent["Metadata"] == {"reference": "made-of-our-key"}
    assert (sent["TrackOpens"], sent["TrackLinks"]) == (False, "None")
    names = {one["Name"]: one["Value"] for one in sent["Headers"]}
    assert names["Message-ID"] == "<made-of-our-key@vedika.example>"
    assert names["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ((429, {}, {"Retry-After": "40"}), (TryLater, "429")),
        ((401, {}, {}), (TryLater, "401")),
        ((503, {}, {}), (TryLater, "503")),
        ((422, {"ErrorCode": 300, "Message": "Invalid metadata"}, {}), (Refused, "422")),
        ((422, INACTIVE, {}), (Refused, "refused")),
        ((500, {}, {}), (Unknown, "500")),
        ((200, "no JSON", {}), (Unknown, "200")),
        ("close", (Unknown, "silence")),
        (0.8, (Unknown, "silence")),
    ],
    ids=str,
)
def test_answer_means(provider, answer, wanted):
    provider.plan = [answer]

    outcome = channels.send(mail())

    assert (type(outcome), outcome.code) == wanted
    assert len(provider.sent) == 1
    if answer == (429, {}, {"Retry-After": "40"}):
        assert outcome.wait.total_seconds() == 40
    if outcome.code == "refused":
        assert outcome.is_address


def test_provider_that_is_not_there_got_nothing(provider, settings):
    settings.ANYMAIL = settings.ANYMAIL | {"POSTMARK_API_URL": "http://127.0.0.1:1/"}

    outcome = channels.send(mail())

    assert (type(outcome), outcome.code, outcome.unreachable) == (TryLater, "connection", True)


# --- what it reports ----------------------------------------------------------------------------
def report(client, event, secret=SECRET):
    signed = "Basic " + base64.b64encode(secret.encode()).decode()
    return client.post(
        REPORTS, json.dumps(event), content_type="application/json", HTTP_AUTHORIZATION=signed
    ).status_code


def event(kind, **more):
    return {
        "RecordType": kind,
        "MessageID": "pm-1",
        "Metadata": {"reference": "made-of-our-key"},
        "Recipient": "reader@vedika.example",
    } | more


BOUNCE = event("Bounce", Type="HardBounce", Email="reader@vedika.example", ID=4)


@pytest.fixture
def sent(db):
    message = MessageFactory(
        state="sent",
        address="reader@vedika.example",
        provider_id="pm-1",
        message_id="<made-of-our-key@vedika.example>",
    )
    notice = NoticeFactory(state="sent", message=message)
    coordinator_of(notice.province)
    return message


def test_delivered_counts_once(client, provider, sent):
    codes = [report(client, event("Delivery")) for _twice in range(2)]

    sent.refresh_from_db()
    assert codes == [204, 204]
    assert (sent.state, sent.notices.get().state) == ("delivered", "delivered")
    assert Receipt.objects.count() == 1


def test_bounce_marks_the_address_and_tells_the_coordinators(client, provider, sent):
    codes = [report(client, BOUNCE) for _twice in range(2)]

    sent.refresh_from_db()
    assert codes == [204, 204]
    assert sent.state == "failed"
    assert FailedAddress.objects.get().address == "reader@vedika.example"
    assert Notice.objects.filter(kind="address_failed").count() == 1


def test_report_that_bears_no_secret_changes_nothing(client, provider, sent, settings):
    refused = [report(client, BOUNCE, secret="name:guessed"), client.post(REPORTS).status_code]
    settings.ANYMAIL_WEBHOOK_SECRET = ""
    unguarded = report(client, BOUNCE)
    settings.ANYMAIL_PROVIDER = ""
    by_smtp = report(client, BOUNCE)

    sent.refresh_from_db()
    assert (refused, unguarded, by_smtp) == ([400, 400], 404, 404)
    assert (sent.state, Receipt.objects.exists()) == ("sent", False)


def test_report_that_is_none_is_refused_and_of_others_mail_is_kept(client, provider, sent):
    assert report(client, {"RecordType": "Delivery"}) in (204, 400)
    assert report(client, []) == 400
    other = event("Delivery", MessageID="pm-9", Metadata={"reference": "other"})
    assert report(client, other) == 204

    sent.refresh_from_db()
    assert sent.state == "sent"


@pytest.mark.django_db(transaction=True)
def test_report_that_comes_before_our_own_record_counts_with_it(client, provider, monkeypatch):
    message = MessageFactory(
        address="reader@vedika.example", message_id="<made-of-our-key@vedika.example>"
    )
    NoticeFactory(state="queued", message=message)
    monkeypatch.setattr("outbox.registry.wanted", lambda *_told: True)
    monkeypatch.setattr("outbox.checking._renew_words", lambda *_told: None)
    provider.plan = [(200, GOOD, {})]
    report(client, event("Delivery"))

    actions.dispatch_some(now=clock.now())

    message.refresh_from_db()
    assert (message.state, message.provider_id) == (Message.State.DELIVERED, "pm-1")
    assert Attempt.objects.get().outcome == "sent"
