"""The coordinator's desk: wishes for more time, whom to call today, and whom nobody can tell."""

import uuid

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from audit import clock
from audit.models import AuditEntry
from issues import calls, no_one
from issues.models import Call, Extension, Issue, Referral
from outbox.models import FailedAddress, Notice
from tests.factories import (
    DAY,
    AuthorityFactory,
    CallFactory,
    ContactPointFactory,
    MessageFactory,
    NoticeFactory,
    ProvinceFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import ExtensionFactory
from tests.issues.stories import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


@pytest.fixture
def office():
    """With an official, so that somebody can be told."""
    made = AuthorityFactory(name_en="Department of roads", name_km="Department of roads")
    official_of(made)
    return made


def late(office, days=2, **fields):
    """An open referral whose date passed so many days ago."""
    held = issue_in("referred", authority=office).referrals.get()
    day = clock.today() - days * DAY
    fields = {"wanted_on": day, "due_on": day} | fields
    Referral.objects.filter(pk=held.pk).update(**fields)
    return Referral.objects.select_related("issue", "authority").get(pk=held.pk)


def counted(client, user, address, django_assert_max_num_queries, most):
    at(client, user)
    with django_assert_max_num_queries(most) as queries:
        answer = client.get(reverse(address))
    assert answer.status_code == 200
    return answer.content.decode(), len(queries)


# --- more time ----------------------------------------------------------------------------------
def test_extensions_stand_in_one_list_and_are_decided_in_place(client, coordinator, office):
    first = ExtensionFactory(referral=late(office))
    there = issue_in("referred", province=ProvinceFactory(code="16"))
    elsewhere = ExtensionFactory(referral=there.referrals.get())
    address = reverse("issues:extensions")
    page = at(client, coordinator).get(address).content.decode()

    for words in (first.referral.issue.reference, "Department of roads", first.reason):
        assert words in page
    assert "it is granted by itself" in page
    assert elsewhere.referral.issue.reference not in page

    refused = client.post(address, {"extension": first.pk, "grants": "no", "answer": ""})
    assert refused.status_code == 422
    assert "why it gets no more time" in refused.content.decode()
    kept = {"extension": first.pk, "grants": "no", "answer": "The road is needed."}
    assert client.post(address, kept).url == address
    first.refresh_from_db()
    assert (first.state, first.answer) == ("refused", "The road is needed.")
    again = client.post(address, {"extension": first.pk, "grants": "yes"}, follow=True)
    assert "Meanwhile it was decided on." in again.content.decode()
    assert client.post(address, {"extension": elsewhere.pk, "grants": "yes"}).status_code == 404


def test_several_first_wishes_are_granted_in_one_press_and_others_are_not(
    client, coordinator, office
):
    some = [ExtensionFactory(referral=late(AuthorityFactory())) for _ in range(2)]
    longer = ExtensionFactory(referral=late(office), days=40)
    second = ExtensionFactory(referral=late(AuthorityFactory()), state="asked")
    ExtensionFactory(
        referral=second.referral,
        state="refused",
        decided_by=coordinator,
        decided_at=clock.now(),
        answer="Not yet.",
    )
    chosen = [one.pk for one in (*some, longer, second)]

    answer = at(client, coordinator).post(
        reverse("issues:extensions"), {"together": "1", "chosen": chosen}, follow=True
    )

    assert "2 offices have more time." in answer.content.decode()
    states = dict(Extension.objects.values_list("pk", "state"))
    assert [states[one] for one in chosen] == ["granted", "granted", "asked", "asked"]


def test_extensions_ask_the_database_as_often_for_one_as_for_many(
    client, coordinator, django_assert_max_num_queries
):
    ExtensionFactory(referral=late(AuthorityFactory()))
    _page, few = counted(
        client, coordinator, "issues:extensions", django_assert_max_num_queries, 20
    )
    for _ in range(6):
        ExtensionFactory(referral=late(AuthorityFactory()))
    page, many = counted(
        client, coordinator, "issues:extensions", django_assert_max_num_queries, 20
    )
    assert page.count("asked on") == 7
    assert many == few


# --- calls --------------------------------------------------------------------------------------
def reasons(user, now=None):
    """Whom to call, and why, by the name of the office or organization."""
    rows = calls.today(user, now or clock.now())
    return {str(one.party): [each.reasons for each in one.abouts] for one in rows}


def test_calls_say_why_and_at_which_number(client, coordinator, office):
    ContactPointFactory(authority=office, channel="phone", value="+85512000001")
    passed = late(office)
    unsure = late(AuthorityFactory(name_en="Office of water", name_km="Office of water"), days=-9)
    official = official_of(unsure.authority)
    NoticeFactory(
        subject=f"referral:{unsure.pk}", recipient=f"user:{official.pk}", state="unknown",
        message=MessageFactory(),
    )  # fmt: skip
    Referral.objects.update(acknowledged_at=clock.now(), acknowledged_by=coordinator)
    claimed = issue_in("resolved")
    representative_of(claimed.organization, phone="+85512000002")
    Issue.objects.filter(pk=claimed.pk).update(resolved_at=clock.now() - 46 * DAY)
    at(client, coordinator)

    found = reasons(coordinator)
    page = client.get(reverse("issues:calls")).content.decode()

    assert found == {
        "Department of roads": [["the date has passed"]],
        "Office of water": [["it is not known whether a message arrived"]],
        str(claimed.organization): [
            ["asked for the third time whether it is solved; without a word it lapses"]
        ],
    }
    assert 'href="tel:+85512000001"' in page
    assert 'href="tel:+85512000002"' in page
    assert passed.issue.reference in page
    home = client.get("/").content.decode()
    assert reverse("issues:calls") in home


def test_no_answer_since_a_reminder_no_address_and_an_unconfirmed_letter_are_reasons(
    coordinator, office
):
    reminded = late(office)
    NoticeFactory(
        subject=f"referral:{reminded.pk}", kind="reminder", state="sent", message=MessageFactory(),
        due_at=clock.now() - 3 * DAY,
    )  # fmt: skip
    nobody = AuthorityFactory(name_en="Office of forests", name_km="Office of forests")
    late(nobody, handed_over_on=None, due_on=None, released_at=clock.now() - 4 * DAY)

    assert reasons(coordinator) == {
        "Department of roads": [["no answer since the reminder"]],
        "Office of forests": [
            ["no address is known", "it is not confirmed that the request or letter arrived"]
        ],
    }


@pytest.mark.parametrize(
    ("outcome", "again_on", "back_after"),
    [("no_answer", None, 1), ("asked_to_call_back", 3, 3), ("asked_to_call_back", None, 1),
     ("spoke", None, 5)],
)  # fmt: skip
def test_who_was_called_comes_back_when_it_is_time(
    coordinator, office, outcome, again_on, back_after
):
    referral = late(office)
    today = clock.today()
    CallFactory(
        referral=referral, called_at=clock.now(), outcome=outcome,
        again_on=today + again_on * DAY if again_on else None,
    )  # fmt: skip

    def is_on_the_list(days):
        return bool(reasons(coordinator, clock.now() + days * DAY))

    assert [is_on_the_list(days) for days in (0, back_after - 1, back_after)] == [
        False, False, True
    ]  # fmt: skip


def test_a_call_is_logged_once_for_all_it_was_about_and_leaves_the_list(
    client, coordinator, office
):
    held = [late(office), late(office, days=5)]
    address, key = reverse("issues:calls"), str(uuid.uuid4())
    form = {
        "client_key": key,
        "party": f"office-{office.pk}",
        "about": [one.pk for one in held],
        "outcome": "asked_to_call_back",
        "spoke_to": "Deputy director",
        "again_on": (clock.today() + 2 * DAY).isoformat(),
    }
    at(client, coordinator)
    assert client.post(address, form | {"outcome": ""}).status_code == 422
    assert client.post(address, form | {"about": ["²"]}).status_code == 422
    for _ in range(2):  # pressed twice
        answer = client.post(address, form, follow=True)
        assert "The call was logged." in answer.content.decode()

    logged = Call.objects.order_by("referral")
    assert [(one.referral, one.spoke_to, one.again_on) for one in logged] == [
        (one, "Deputy director", clock.today() + 2 * DAY) for one in held
    ]
    assert "Nobody has to be called today." in answer.content.decode()
    again = client.post(address, form | {"spoke_to": "Somebody else"}, follow=True)
    assert "sent before with other words" in again.content.decode()
    at(client, coordinator_of(ProvinceFactory(code="16")))
    assert client.post(address, form).status_code == 404


def test_a_call_to_an_organization_is_logged_in_the_list(client, coordinator):
    claimed = issue_in("resolved")
    Issue.objects.filter(pk=claimed.pk).update(resolved_at=clock.now() - 46 * DAY)
    form = {
        "client_key": str(uuid.uuid4()),
        "party": f"organization-{claimed.organization_id}",
        "about": [claimed.pk],
        "outcome": "spoke",
    }
    at(client, coordinator).post(reverse("issues:calls"), form)

    assert [(one.issue, one.outcome) for one in Call.objects.all()] == [(claimed, "spoke")]
    assert reasons(coordinator) == {}


def test_calls_ask_the_database_as_often_for_one_as_for_many(
    client, coordinator, django_assert_max_num_queries
):
    def fill():
        office = AuthorityFactory()
        ContactPointFactory(authority=office, channel="phone")
        CallFactory(referral=late(office), called_at=clock.now() - DAY, outcome="no_answer")
        claimed = issue_in("resolved")
        Issue.objects.filter(pk=claimed.pk).update(resolved_at=clock.now() - 46 * DAY)

    fill()
    _page, few = counted(client, coordinator, "issues:calls", django_assert_max_num_queries, 30)
    for _ in range(5):
        fill()
    page, many = counted(client, coordinator, "issues:calls", django_assert_max_num_queries, 30)
    assert page.count('role="radiogroup"') == 12
    assert many == few


# --- no one to tell -----------------------------------------------------------------------------
def test_no_one_lists_who_has_nobody_or_whose_address_failed(client, coordinator, office):
    empty = AuthorityFactory(name_en="Office of forests", name_km="Office of forests")
    waiting = late(empty, days=-5)
    late(office, days=-5)
    contact = ContactPointFactory(
        authority=AuthorityFactory(name_en="Office of water"), value="office@vedika.example"
    )
    late(contact.authority, days=-5)
    official = User.objects.get(role_assignments__authority=office)
    for address, person in ((official.email, official), (contact.value, contact)):
        kind = "user" if person is official else "contact"
        FailedAddress.objects.create(
            channel="email", address=address, recipient=f"{kind}:{person.pk}",
            failed_at=clock.now(),
        )  # fmt: skip

    def found():
        rows = no_one.no_one(coordinator)
        return {str(one.party): one.reason for one in rows if not one.is_organization}

    failed = "The e-mail address we have takes no mail."
    assert found() == {
        "Office of forests": "Nobody is known there, and no address.",
        "Department of roads": failed,
        str(contact.authority): failed,
    }
    lost = NoticeFactory(
        subject=f"referral:{waiting.pk}", recipient=f"authority:{empty.pk}", state="failed"
    )
    page = at(client, coordinator).get(reverse("issues:no_one")).content.decode()
    assert f'href="{lost.get_absolute_url()}"' in page  # there it is printed, or told by phone
    assert f"{reverse('accounts:person_new')}?role=official&amp;authority={empty.pk}" in page
    assert reverse("provinces:contact_new", args=[empty.pk]) in page
    assert reverse("issues:referral", args=[waiting.pk]) in page
    assert reverse("issues:no_one") in client.get("/").content.decode()

    User.objects.filter(pk=official.pk).update(email="new@vedika.example")  # corrected
    contact.value = "other@vedika.example"
    contact.save()
    official_of(empty)
    assert found() == {}


def test_an_address_works_again_once_for_a_coordinator_of_its_province(client, coordinator, office):
    late(office, days=-5)
    official = User.objects.get(role_assignments__authority=office)
    failed = FailedAddress.objects.create(
        channel="email", address=official.email, recipient=f"user:{official.pk}",
        failed_at=clock.now(),
    )  # fmt: skip
    address = reverse("issues:works_again", args=[failed.pk])
    others = (coordinator_of(ProvinceFactory(code="16")), official)
    assert [at(client, one).post(address).status_code for one in others] == [404, 403]
    page = at(client, coordinator).get(reverse("issues:no_one")).content.decode()
    assert f'action="{address}"' in page
    assert "This address works again" in page

    answers = [client.post(address, follow=True).content.decode() for _ in range(2)]

    assert "They are told again from now on." in answers[0]
    assert "This was noted already." in answers[1]
    assert (FailedAddress.objects.count(), no_one.no_one(coordinator)) == (0, [])
    entries = AuditEntry.objects.filter(action="outbox.works_again")
    assert list(entries.values_list("subject", "actor", "role", "change")) == [
        (f"failedaddress:{failed.pk}", coordinator.pk, "coordinator", {"channel": "email"})
    ]


def test_no_one_lists_organizations_without_a_person_and_asks_as_often_for_many(
    client, coordinator, django_assert_max_num_queries
):
    def fill():
        issue = issue_in("accepted")
        User.objects.filter(role_assignments__organization=issue.organization).update(email=None)
        late(AuthorityFactory())
        return issue

    silent = fill()
    page, few = counted(client, coordinator, "issues:no_one", django_assert_max_num_queries, 25)
    assert str(silent.organization) in page
    assert f"role=representative&amp;organization={silent.organization_id}" in page
    for _ in range(5):
        fill()
    _page, many = counted(client, coordinator, "issues:no_one", django_assert_max_num_queries, 25)
    assert many == few
    assert Notice.objects.count() == 0
