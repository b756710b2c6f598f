"""The delegates' pages, by account and below the signed link: who sees what, and what stays."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import sealing
from audit.models import AuditEntry
from forum import replies
from forum.models import Delegate, Invitation
from tests.factories import (
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    administrator,
    ago,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import DelegateFactory, HonorificFactory
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
NAME = "Sok of the red hills"
LOGIN = 302


@pytest.fixture
def client(client):
    client.defaults |= {"HTTP_ACCEPT_LANGUAGE": "en"}
    return client


@pytest.fixture
def session(province):
    """Published, and still to come: below the link nothing is answered after the day."""
    return SessionFactory(province=province, published_at=ago(1))


@pytest.fixture
def invitation(session):
    return InvitationFactory(session=session, quota=3)


@pytest.fixture
def own(client, invitation):
    person = representative_of(invitation.organization)
    client.force_login(person)
    return person


@pytest.fixture
def token(invitation):
    person = representative_of(invitation.organization)
    return replies.token_of(invitation.pk, f"user:{person.pk}")


def named(invitation, **fields):
    """A delegate whose name is kept."""
    return DelegateFactory(invitation=invitation, sealed=sealing.seal({"name": NAME}), **fields)


def typed(**changed):
    return {
        "client_key": str(uuid.uuid4()),
        "honorific": "",
        "title": "Head of the community",
        "sex": "woman",
        "name": NAME,
    } | changed


def words(response):
    """What stands on the page, in one line without its tags."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


def said(response):
    return [str(one) for one in response.context["messages"]]


def standing(invitation):
    rows = invitation.delegates.standing()
    return list(rows.values_list("number", "title", "sex"))


# --- rights -------------------------------------------------------------------------------------
PAGES = {
    "delegates": (LOGIN, 404, 200, 404, 200, 403, 200, 404),
    "delegate": (LOGIN, 404, 200, 404, 200, 403, 200, 404),
    "session_names": (LOGIN, 403, 403, 403, 403, 403, 200, 403),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_answer_each_role(client, invitation, name):
    office = AuthorityFactory(superior=AuthorityFactory())
    by_office = InvitationFactory(session=invitation.session, authority=office)
    people = [
        (None, invitation),
        (administrator(), invitation),
        (representative_of(invitation.organization), invitation),
        (representative_of(OrganizationFactory()), invitation),
        (official_of(office), by_office),
        (official_of(office.superior), by_office),
        (coordinator_of(invitation.session.province), invitation),
        (coordinator_of(ProvinceFactory(code="19")), invitation),
    ]
    for one in (invitation, by_office):
        DelegateFactory(invitation=one)

    got = []
    for person, asked in people:
        client.logout()
        if person:
            client.force_login(person)
        arguments = {"delegate": [asked.pk, 1], "session_names": [asked.session_id]}
        address = reverse(f"forum:{name}", args=arguments.get(name, [asked.pk]))
        got.append(client.get(address).status_code)

    assert tuple(got) == PAGES[name]


# --- with an account ----------------------------------------------------------------------------
def test_delegates_page_names_one_and_never_shows_the_name(client, own, invitation):
    page = reverse("forum:delegates", args=[invitation.pk])
    HonorificFactory(name_en="H.E.")

    response = client.post(page, typed(honorific="excellency"), follow=True)

    assert response.redirect_chain == [(page, 302)]
    assert said(response) == ["Delegate 1 is named and has a place."]
    text = words(response)
    assert "Delegate 1: H.E. Head of the community (woman) Has a place Name kept" in text
    assert "1 of 3 places are filled." in text
    assert "Sok of" not in text
    assert sealing.unseal(Delegate.objects.get().sealed) == {"name": NAME}


def test_delegates_page_says_the_place_on_the_waiting_list(client, own, invitation):
    invitation.session.venue.capacity = 1
    invitation.session.venue.save()
    DelegateFactory(invitation=InvitationFactory(session=invitation.session))
    DelegateFactory(
        invitation=InvitationFactory(session=invitation.session),
        is_waiting=True,
        named_at=at(1, 8),
    )

    page = reverse("forum:delegates", args=[invitation.pk])
    response = client.post(page, typed(), follow=True)

    assert said(response) == ["Delegate 1 is named and waits: place 2 on the waiting list."]
    assert "Waits: place 2 on the waiting list" in words(response)


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"title": " \u200b "}, "title", "This field is required."),
        ({"sex": ""}, "sex", "This field is required."),
        ({"sex": "other"}, "sex", "Select a valid choice."),
        ({"honorific": "nobody"}, "honorific", "Select a valid choice."),
        ({"title": "x" * 201}, "title", "at most 200 characters"),
        ({"name": "x" * 201}, "name", "at most 200 characters"),
    ],
)
def test_delegates_page_keeps_what_was_typed(client, own, invitation, changed, field, sentence):
    response = client.post(reverse("forum:delegates", args=[invitation.pk]), typed(**changed))

    form = response.context["naming"].form
    assert response.status_code == 200
    assert list(form.errors) == [field]
    assert sentence in words(response)
    assert form["name"].value() == changed.get("name", NAME)
    assert standing(invitation) == []


def test_delegates_page_says_that_the_quota_is_filled(client, own, invitation):
    for _number in range(3):
        DelegateFactory(invitation=invitation)
    page = reverse("forum:delegates", args=[invitation.pk])
    sentence = "3 places are kept for"

    seen, sent = client.get(page), client.post(page, typed(title="One more"))

    assert sentence in words(seen)
    assert 'name="title"' not in seen.content.decode()
    assert sentence in str(sent.context["naming"].form.non_field_errors())
    assert sent.context["naming"].form["title"].value() == "One more"


def test_delegates_page_answers_the_same_key_once_and_other_content_with_409(
    client, own, invitation
):
    page, sent = reverse("forum:delegates", args=[invitation.pk]), typed()

    got = [client.post(page, one).status_code for one in (sent, sent, sent | {"title": "Guard"})]

    assert got == [302, 302, 409]
    assert standing(invitation) == [(1, "Head of the community", "woman")]


def test_delegate_page_replaces_and_asks_the_name_anew(client, own, invitation):
    former = named(invitation)
    page = reverse("forum:delegate", args=[invitation.pk, 1])

    seen = client.get(page)
    response = client.post(page, typed(seen=former.pk, title="Deputy head", name=""), follow=True)

    former.refresh_from_db()
    assert "Sok of" not in seen.content.decode() + response.content.decode()
    assert said(response) == ["Delegate 1 is replaced."]
    assert (standing(invitation), former.sealed) == ([(1, "Deputy head", "woman")], None)


def test_delegate_page_refuses_who_was_replaced_meanwhile_and_keeps_what_was_typed(
    client, own, invitation
):
    former = DelegateFactory(invitation=invitation, left_at=at(2, 9))
    DelegateFactory(invitation=invitation, number=1, title="Somebody's choice")
    page = reverse("forum:delegate", args=[invitation.pk, 1])

    response = client.post(page, typed(seen=former.pk, title="Deputy head"))

    form = response.context["naming"].form
    assert form.non_field_errors() == ["Delegate 1 was replaced or taken back meanwhile."]
    assert form["title"].value() == "Deputy head"
    assert standing(invitation) == [(1, "Somebody's choice", "woman")]


def test_delegate_page_takes_back_who_was_seen(client, own, invitation):
    one = named(invitation)
    page = reverse("forum:delegate", args=[invitation.pk, 1])
    sent = {"act": "take_back", "seen": one.pk}

    first, again = (client.post(page, sent, follow=True) for _time in range(2))

    assert said(first) == ["Delegate 1 is taken back."]
    assert said(again) == ["Delegate 1 was replaced or taken back meanwhile."]
    assert standing(invitation) == []


@pytest.mark.parametrize("seen", ["", "0", "៣"])
def test_delegate_page_of_nobody_is_not_found(client, own, invitation, seen):
    page = reverse("forum:delegate", args=[invitation.pk, 7])

    assert client.post(page, {"act": "take_back", "seen": seen}).status_code == 404


def test_delegates_once_the_session_is_open_are_only_shown(client, own, invitation):
    DelegateFactory(invitation=invitation)
    invitation.session.status = "open"
    invitation.session.save()

    shown = client.get(reverse("forum:delegates", args=[invitation.pk]))
    replaced = client.get(reverse("forum:delegate", args=[invitation.pk, 1]), follow=True)

    assert "The session has already been opened." in words(shown)
    assert "Take back" not in words(shown)
    assert said(replaced) == ["The session has already been opened."]


def test_session_page_says_how_many_are_named(client, own, invitation):
    DelegateFactory(invitation=invitation)
    DelegateFactory(invitation=invitation, left_at=at(1, 9))

    response = client.get(invitation.session.get_absolute_url())

    assert "Name your delegates (1 of 3 named)" in words(response)
    assert reverse("forum:delegates", args=[invitation.pk]) in response.content.decode()


def test_delegates_page_costs_the_same_for_one_and_for_thirty(client, own, invitation):
    page = reverse("forum:delegates", args=[invitation.pk])
    Invitation.objects.filter(pk=invitation.pk).update(quota=40)
    honorific = HonorificFactory()

    def cost(number):
        while invitation.delegates.count() < number:
            DelegateFactory(invitation=invitation, honorific=honorific, is_waiting=True)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    assert cost(1) == cost(30)


# --- below the signed link ----------------------------------------------------------------------
def test_link_page_names_replaces_and_takes_back_without_an_account(client, token, invitation):
    back = reverse("forum:reply", args=[token])
    page = reverse("forum:reply_delegates", args=[token])
    one = reverse("forum:reply_delegate", args=[token, 1])

    added = client.post(page, typed(), follow=True)
    form = client.get(one)
    former = Delegate.objects.get()
    replaced = client.post(one, typed(seen=former.pk, title="Deputy head"), follow=True)
    between = standing(invitation)
    made = Delegate.objects.get(left_at=None)
    gone = client.post(one, {"act": "take_back", "seen": made.pk}, follow=True)

    pages = (added, replaced, gone)
    assert [one.redirect_chain for one in pages] == [[(back, 302)]] * 3
    assert "Delegate 1: Head of the community (woman)" in words(added)
    assert form.status_code == 200
    assert (between, standing(invitation)) == ([(1, "Deputy head", "woman")], [])
    assert "Sok of" not in "".join(one.content.decode() for one in (*pages, form))
    acts = AuditEntry.objects.values_list("action", "role", "change__way")
    assert list(acts) == [
        ("forum.name_delegates", "representative", "link"),
        ("forum.replace_delegate", "representative", "link"),
        ("forum.take_back_delegate", "representative", "link"),
    ]


def test_link_page_keeps_what_was_typed(client, token, invitation):
    page = reverse("forum:reply_delegates", args=[token])

    response = client.post(page, typed(sex=""))

    assert response.status_code == 200
    assert response.context["naming"].form["title"].value() == "Head of the community"
    assert standing(invitation) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_was_changed_leads_nowhere(client, token, invitation, method):
    DelegateFactory(invitation=invitation)
    wrong = f"{token}x"

    got = [
        getattr(client, method)(reverse("forum:reply_delegates", args=[wrong])).status_code,
        getattr(client, method)(reverse("forum:reply_delegate", args=[wrong, 1])).status_code,
    ]

    assert got == [404, 404]


def test_link_of_one_invitation_reaches_no_other_ones_delegates(client, token, invitation):
    theirs = DelegateFactory(invitation=InvitationFactory(session=invitation.session))
    one = reverse("forum:reply_delegate", args=[token, 1])

    got = client.post(one, {"act": "take_back", "seen": theirs.pk}).status_code

    theirs.refresh_from_db()
    assert (got, theirs.left_at) == (404, None)


# --- names --------------------------------------------------------------------------------------
def test_names_page_asks_why_and_shows_them_once(client, coordinator, invitation):
    named(invitation)
    client.force_login(coordinator)
    page = reverse("forum:session_names", args=[invitation.session_id])

    asked = client.get(page)
    refused = client.post(page, {})
    shown = client.post(page, {"reason": "cards"})
    again = client.get(page)

    names = [NAME in words(one) for one in (asked, refused, shown, again)]
    readings = AuditEntry.objects.filter(action="forum.read_names")
    assert names == [False, False, True, False]
    assert [(one.actor, one.change) for one in readings] == [(coordinator, {"reason": "cards"})]
    assert "no-store" in shown.headers["Cache-Control"]
    party = invitation.party.name_en
    assert f"{NAME} {party} Delegate 1: Head of the community (woman)" in words(shown)


def test_names_page_without_names_asks_nothing(client, coordinator, invitation):
    DelegateFactory(invitation=invitation)
    client.force_login(coordinator)

    response = client.get(reverse("forum:session_names", args=[invitation.session_id]))

    assert "No names are kept" in words(response)
    assert "<fieldset" not in response.content.decode()


def test_pages_of_a_session_hold_no_name(client, coordinator, token, invitation):
    named(invitation)
    own = representative_of(invitation.organization)
    pages = [
        invitation.session.get_absolute_url(),
        reverse("forum:invitations", args=[invitation.session_id]),
        reverse("forum:delegates", args=[invitation.pk]),
        reverse("forum:delegate", args=[invitation.pk, 1]),
        reverse("forum:reply_delegates", args=[token]),
        reverse("forum:reply", args=[token]),
    ]
    for reader in (coordinator, own, None):
        client.logout()
        if reader:
            client.force_login(reader)
        for page in pages:
            assert "Sok of" not in client.get(page).content.decode()
