"""E-mail addresses that take no mail: marked once, said to the coordinators, mended by another."""

import datetime as dt

import pytest

from outbox import bounces, delivery, registry, smtp
from outbox.models import FailedAddress, Notice
from outbox.outcomes import Refused
from tests.factories import (
    ContactPointFactory,
    MessageFactory,
    NoticeFactory,
    ProvinceFactory,
    UserFactory,
    coordinator_of,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2041, 7, 3, 3, 0, tzinfo=dt.UTC)


def sent_to(recipient, address, state="sent"):
    message = MessageFactory(recipient=recipient, address=address, state=state, channel="email")
    NoticeFactory(message=message, recipient=recipient, state=state, province=ProvinceFactory())
    return message


def marked():
    return list(FailedAddress.objects.values_list("channel", "address", "recipient", "code"))


def told():
    return list(Notice.objects.filter(kind="address_failed").values_list("recipient", flat=True))


@pytest.mark.parametrize(
    ("code", "said", "is_address"),
    [
        (550, b"5.1.1 no such user", True),
        (550, b"No such user here", True),
        (550, b"5.7.1 you are on a list", False),
        (552, b"5.2.2 mailbox full", False),
        (550, b"5.2.1 mailbox disabled", True),
    ],
)
def test_a_refusal_at_rcpt_means_the_address_only_where_it_says_so(code, said, is_address):
    assert smtp._read(code, said, is_address=True).is_address is is_address
    assert smtp._read(code, said).is_address is False  # after the words themselves


def test_a_refused_address_of_mail_is_marked_and_said_once():
    coordinator = coordinator_of(ProvinceFactory())
    person = UserFactory(email="gone@vedika.example")
    refused = Refused("550", "5.1.1 no such user", is_address=True)
    for _ in range(2):
        message = sent_to(f"user:{person.pk}", person.email)
        delivery._apply(message, refused, NOW)

    assert marked() == [("email", "gone@vedika.example", f"user:{person.pk}", "550")]
    assert told() == [f"user:{coordinator.pk}"]
    notice = Notice.objects.get(kind="address_failed")
    assert registry.wanted(notice, NOW)
    text = registry.render(notice, "en")
    assert "takes no mail" in text.body
    assert "/no-one-to-tell/" in text.body
    assert person.email not in text.body + text.subject


def test_a_bounce_marks_the_address_until_another_stands_there():
    coordinator_of(ProvinceFactory())
    contact = ContactPointFactory(value="office@vedika.example")
    for _ in range(2):
        assert bounces.came_back(sent_to(f"contact:{contact.pk}", contact.value), now=NOW)

    assert marked() == [("email", "office@vedika.example", f"contact:{contact.pk}", "bounce")]
    notice = Notice.objects.get(kind="address_failed")
    assert registry.wanted(notice, NOW)
    contact.value = "new@vedika.example"
    contact.save()
    assert not registry.wanted(notice, NOW)
