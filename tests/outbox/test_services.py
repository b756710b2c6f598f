"""Another way of telling a person, through apprise: who sets it up, and what becomes of a try."""

import logging

import pytest
from django.urls import reverse
from django.utils import translation

from accounts import sealing
from audit import clock
from audit.models import AuditEntry
from config import settings as project_settings
from outbox import channels, delivery, recipients, service_addresses, services, telling
from outbox.models import Channel, FailedAddress, Notice, Preference
from outbox.outcomes import Refused, Sent, Unknown
from outbox.ways import ServiceAddress
from tests.factories import (
    MessageFactory,
    NoticeFactory,
    OrganizationFactory,
    ProvinceFactory,
    UserFactory,
    administrator,
    coordinator_of,
    representative_of,
)
from tests.providers import Provider

pytestmark = pytest.mark.django_db
SECRET = "s3cret-topic"
WAYS = "/account/telling/"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def server():
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def admin():
    return administrator(language="en")


@pytest.fixture
def person():
    return UserFactory(language="en", email="a@vedika.example")


@pytest.fixture
def told(person, admin, server):
    """Somebody who chose to be told at the stand-in."""
    address = server.url.replace("http:", "ntfy:") + f"/{SECRET}"
    service_addresses.set_address(person, address, by=admin, now=clock.now())
    telling.choose(person, Channel.OTHER)
    person.refresh_from_db()
    return person


def message_to(person, **facts):
    address = recipients.address_of(person, Channel.OTHER)
    return MessageFactory(
        recipient=f"user:{person.pk}", channel=Channel.OTHER, address=address, **facts
    )


# --- a try --------------------------------------------------------------------------------------
def test_send_says_it_once_in_the_words_of_telegram(told, server):
    message = message_to(told, subject="សំណើ", body="Please *look*:\nhttps://vedika.example/r/1/\n")

    assert channels.send(message) == Sent("ok", "")

    ((_path, fields, _headers),) = server.asked
    assert (fields["topic"], fields["message"]) == (
        SECRET,
        "សំណើ\n\nPlease *look*:\nhttps://vedika.example/r/1/",
    )


@pytest.mark.parametrize("answer", [(500, {}, {}), (403, {}, {}), "close"])
def test_send_does_not_know_after_a_failure_and_asks_once(told, server, answer):
    server.plan = [answer, answer]

    assert channels.send(message_to(told)) == Unknown("failed", "The service did not take it.")
    assert len(server.asked) == 1


def test_what_nobody_knows_of_is_not_sent_again(told, server):
    server.plan = [(500, {}, {})]
    message = message_to(told, state="sending")

    delivery._apply(message, channels.send(message), clock.now())

    message.refresh_from_db()
    assert (message.state, message.next_try_at) == ("unknown", None)
    assert not FailedAddress.objects.exists()


def test_send_follows_no_redirect(told, server):
    server.plan = [(307, {}, {"Location": f"{server.url}/elsewhere"})]

    assert type(channels.send(message_to(told))) is Unknown
    assert len(server.asked) == 1


def test_send_ends_in_time_however_slow_the_service_is(told, server, settings):
    settings.OTHER_TIMEOUT = 0.2
    server.plan = [0.6]

    assert channels.send(message_to(told)) == Unknown("silence", "No answer in time.")


def test_send_refuses_what_was_removed_changed_or_is_not_allowed_any_more(told, admin, settings):
    message = message_to(told)
    ServiceAddress.objects.update(sealed=sealing.seal({"address": "ntfy://"}))
    unread = channels.send(message)
    settings.OTHER_WAYS = ["slack"]
    forbidden = channels.send(message)
    settings.OTHER_WAYS = ["ntfy"]
    service_addresses.remove_address(told, by=admin)

    assert unread == Refused("address", "The address cannot be read.", is_address=True)
    assert forbidden == Refused("removed", "The address is no longer kept.")
    assert channels.send(message) == forbidden


def test_text_keeps_the_link_where_a_service_takes_little(told):
    link = "https://vedika.example/r/1/"
    message = message_to(told, subject="សំណើ" * 20, body=f"{'ក' * 900} {link}")

    text = services.text_of(message, 300)

    assert len(text) <= 300
    assert text.startswith("សំណើ")
    assert text.endswith(f"\n{link}")


def test_notice_whose_address_cannot_be_read_is_told_by_mail(told):
    ServiceAddress.objects.update(sealed=sealing.seal({"address": "ntfy://"}))
    message = message_to(told, state="sending")
    notice = NoticeFactory(message=message, recipient=message.recipient, state="sending")

    delivery._apply(message, channels.send(message), clock.now())

    kept = str(ServiceAddress.objects.get())
    assert FailedAddress.objects.values_list("channel", "address").get() == ("other", kept)
    again = Notice.objects.exclude(pk=notice.pk).filter(kind=notice.kind).get()
    assert (again.recipient, again.channel) == (notice.recipient, "email")


# --- the address --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("file:///etc/passwd", "has to begin with one of these: discord://"),
        ("json://127.0.0.1/", "has to begin with one of these: discord://"),
        ("https://discord.com/api/webhooks/1/abc", "has to begin with one of these: discord://"),
        ("ntfys://a/b, exec://rm", "has to begin with one of these: discord://"),
        ("ntfys:///topic", "cannot be read"),
        ("slack://nonsense", "cannot be read"),
        ("ntfy://office.example/topic", "only encrypted"),
        ("ntfys://office.example/one/two", "exactly one recipient"),
        ("ntfys://office.example/one?retry=2", "without retries"),
        ("slack://A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/x?Template=/etc/passwd", "no file"),
        ("ntfys://office.example/one?attach=http://127.0.0.1/", "no file"),
    ],
)
def test_scheme_of_refuses_what_nobody_may_be_told_at(address, said):
    with pytest.raises(services.Unfit, match=said):
        services.scheme_of(address)


@pytest.mark.parametrize(
    "address",
    [
        "matrixs://user:pw@office.example/#room",
        "slack://A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/x",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "workflows://office.example:443/wf/sig",
        "signal://127.0.0.1:8080/+85512345678/+85512345679",
        "whatsapp://tok@123456/+85512345678",
        "mmosts://office.example/tok3333",
    ],
)
def test_scheme_of_takes_each_service_that_is_allowed_from_the_start(address):
    assert services.scheme_of(address) == address.partition(":")[0]


def test_settings_allow_no_service_that_runs_or_writes_anything():
    assert not project_settings.NO_WAYS & set(project_settings.OTHER_WAYS)


# --- the pages ----------------------------------------------------------------------------------
def test_administrator_sets_an_address_which_the_person_chooses(client, admin, person, caplog):
    caplog.set_level(logging.DEBUG)
    page = reverse("outbox:service_address", args=[person.pk])
    address = f"ntfys://o.example/{SECRET}"
    client.force_login(admin)
    link = client.get(person.get_absolute_url()).content.decode()
    refused = client.post(page, {"address": f"json://o.example/{SECRET}"})
    sent = [client.post(page, {"address": address}) for _time in range(2)]
    shown = [client.get(one).content.decode() for one in (page, person.get_absolute_url())]
    client.force_login(person)
    shown.append(client.get(WAYS).content.decode())
    chosen = client.post(WAYS, {"channel": "other"})

    kept = ServiceAddress.objects.get()
    assert f'href="{page}"' in link
    assert "has to begin with one of these" in refused.content.decode()
    assert [one.status_code for one in (*sent, chosen)] == [302, 302, 302]
    assert recipients.resolve(f"user:{person.pk}").address == f"ntfys:{kept.pk}"
    assert sealing.unseal(bytes(kept.sealed)) == {"address": address}
    changes = AuditEntry.objects.filter(action="outbox.set_service_address")
    assert list(changes.values_list("actor", "change")) == [(admin.pk, {"scheme": [None, "ntfys"]})]
    everything = [
        refused.content.decode(),
        *shown,
        caplog.text,
        str(list(AuditEntry.objects.values())),
    ]
    assert [one for one in everything if SECRET in one] == []
    assert all("ntfys" in one for one in shown)


def test_person_page_leads_nowhere_where_no_service_is_allowed(client, admin, person, settings):
    settings.OTHER_WAYS = []
    client.force_login(admin)
    page = reverse("outbox:service_address", args=[person.pk])

    assert page not in client.get(person.get_absolute_url()).content.decode()
    assert client.get(page).status_code == 403


def test_removing_the_address_tells_the_person_by_mail_again(client, admin, told):
    client.force_login(admin)
    remove = reverse("outbox:service_address_remove", args=[told.pk])

    assert [client.post(remove).status_code for _time in range(2)] == [302, 302]

    assert not ServiceAddress.objects.exists()
    assert Preference.objects.get(user=told).channel == "email"
    assert AuditEntry.objects.filter(action="outbox.remove_service_address").count() == 1


def test_ways_offers_no_other_way_to_whom_none_was_set_up(client, person):
    client.force_login(person)

    assert 'value="other"' not in client.get(WAYS).content.decode()
    assert client.post(WAYS, {"channel": "other"}).status_code == 200
    assert not Preference.objects.exists()


def test_only_administrators_set_up_another_way(client):
    province = ProvinceFactory()
    somebody = representative_of(OrganizationFactory(provinces=[province]))
    client.force_login(coordinator_of(province))
    answers = [
        client.get(somebody.get_absolute_url()),
        client.post(reverse("outbox:service_address", args=[somebody.pk]), {"address": "x"}),
        client.post(reverse("outbox:service_address_remove", args=[somebody.pk])),
    ]

    assert [one.status_code for one in answers] == [200, 403, 403]
    assert "Another way of telling" not in answers[0].content.decode()
