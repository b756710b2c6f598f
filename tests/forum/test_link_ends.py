"""What a signed link does not do: last for ever, name whoever once it is over, be found, flood."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.errors import TransitionError
from forum import actions, events, replies
from forum.models import Invitation
from tests.factories import InvitationFactory, SessionFactory, announced, coordinator_of
from tests.factories_more import DelegateFactory
from tests.forum import test_ical_replies as samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client):
    client.defaults |= {"HTTP_ACCEPT_LANGUAGE": "en"}
    return client


@pytest.fixture
def invitation(settings):
    settings.REPLY_ADDRESS = "secretariat@vedika.example"
    return InvitationFactory(session=SessionFactory(published_at=clock.now()), quota=3)


@pytest.fixture
def token(invitation):
    return replies.token_of(invitation.pk, f"organization:{invitation.organization_id}")


def hold(invitation, days_ago):
    """The session was published, and held so many days ago."""
    session = invitation.session
    session.ends_at = clock.now() - dt.timedelta(days=days_ago)
    session.starts_at = session.ends_at - dt.timedelta(hours=3)
    announced(session)


def pages(token):
    one = [reverse(f"forum:{name}", args=[token]) for name in ("reply", "reply_delegates")]
    return [*one, reverse("forum:reply_delegate", args=[token, 1])]


def typed(**more):
    made = {"client_key": uuid.uuid4(), "title": "Head of the community", "sex": "woman"}
    return made | more


# --- how long -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 404)])
def test_link_ends_thirty_days_after_the_session(client, invitation, token, days, status):
    hold(invitation, days)
    page, named, one = pages(token)

    got = [client.get(page), client.get(named), client.post(page, {"status": "declined"})]
    named_by_post = client.post(named, typed())

    assert [one.status_code for one in (*got, named_by_post)] == [status] * 4
    assert client.get(f"{page}letter.pdf").status_code == 404
    assert client.post(one, {"act": "take_back"}).status_code == 404
    invitation.refresh_from_db()
    assert (invitation.status, invitation.delegates.count()) == ("pending", 0)


@pytest.mark.parametrize(("days", "result"), [(29, "closed"), (31, "unsigned")])
def test_calendar_address_ends_with_the_link(invitation, days, result):
    hold(invitation, days)
    address = replies.address(invitation.pk, f"organization:{invitation.organization_id}")
    lines = ["ATTENDEE;PARTSTAT=ACCEPTED:mailto:reader@vedika.example", "SEQUENCE:2"]
    uid = events.uid_of(invitation.session)
    raw = samples.calendar(*lines).replace("session-7@vedika.example", uid).encode()

    taken = actions.take_calendar_reply(raw, address=address, now=clock.now())

    assert [str(one.result) for one in taken] == [result]


def test_link_of_a_postponed_session_waits_for_its_day(client, invitation, token):
    invitation.session.starts_at = invitation.session.ends_at = None
    announced(invitation.session)

    assert "The session was postponed." in client.get(pages(token)[0]).text


# --- naming -------------------------------------------------------------------------------------
def test_naming_is_refused_once_the_session_is_over(client, invitation, token):
    hold(invitation, 1)
    one = DelegateFactory(invitation=invitation)
    by = coordinator_of(invitation.session.province)
    _page, named, its = pages(token)

    refused = client.post(named, typed())
    replaced = client.post(its, typed(seen=one.pk))
    kept = client.post(its, {"act": "take_back", "seen": one.pk}, follow=True)

    assert all("The session is over." in answer.text for answer in (refused, replaced, kept))
    with translation.override("en"), pytest.raises(TransitionError, match=r"^The session is over"):
        actions.take_back_delegate(one, by=by, now=clock.now())
    assert list(invitation.delegates.standing()) == [one]
    assert Invitation.objects.get().status == "pending"


def test_link_of_a_withdrawn_invitation_lists_nobody(client, invitation, token):
    DelegateFactory(invitation=invitation, title="Chief of the hills", came_at=clock.now())
    Invitation.objects.update(withdrawn_at=clock.now())
    page, named, one = pages(token)

    seen = [
        client.get(page),
        client.get(named),
        client.post(named, typed(sex="")),
        client.get(one, follow=True),
        client.post(one, typed(sex=""), follow=True),
    ]

    assert not any("Chief of the hills" in answer.text for answer in seen)
    assert all("The invitation has been taken back." in one.text for one in (seen[1], *seen[3:]))


@pytest.mark.parametrize("seen", ["9" * 5000, "9" * 30, "-1", "x"])
def test_number_that_no_page_sends_is_refused_in_words(client, invitation, token, seen):
    one = DelegateFactory(invitation=invitation)

    answer = client.post(pages(token)[2], {"act": "take_back", "seen": seen}, follow=True)

    assert "could not be read" in answer.text
    assert list(invitation.delegates.standing()) == [one]


# --- searches and floods ------------------------------------------------------------------------
def test_link_is_found_by_no_search_and_its_forms_are_accepted(client, token):
    for page in (*pages(token)[:2], f"{pages(token)[0]}letter.pdf", "/i/nothing/"):
        answer = client.get(page)
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "same-origin"


def test_link_takes_so_many_answers_an_hour(client, invitation, token, settings):
    rates = settings.ACCOUNT_RATE_LIMITS
    assert rates["reply_link"] == "600/h/ip,60/h/key"
    settings.ACCOUNT_RATE_LIMITS = {**rates, "reply_link": "9/h/ip,2/h/key"}
    other = replies.token_of(invitation.pk, f"user:{invitation.organization_id}")
    page, named, _one = pages(token)

    answers = [client.post(page, {"status": "accepted"}) for _time in range(3)]

    assert [one.status_code for one in answers] == [302, 302, 429]
    assert "Too many tries" in answers[2].text
    assert client.post(named, typed()).status_code == 429
    assert client.get(page).status_code == 200
    assert client.post(pages(other)[0], {"status": "accepted"}).status_code != 429
    assert invitation.delegates.count() == 0
