"""A cancellation of which nobody was told yet: taken back, or said otherwise."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum import actions, programme, workflow
from forum.models import Entry, Presiding, Session
from outbox.models import Notice
from tests.forum.conftest import at
from tests.forum.stories import fresh

NOW = at(2, 9)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def cancelled(make, session, coordinator):
    """Published; in the draft it is called off."""
    make.PresidingFactory(session=session)
    make.announced(session)
    actions.cancel_session(session, by=coordinator, now=NOW, because="Rain.")
    return fresh(session)


@pytest.fixture
def client(coordinator):
    made = Client(headers={"accept-language": "en"})
    made.force_login(coordinator)
    return made


def test_reinstate_session_lets_it_stand_as_it_was_and_tells_nobody(cancelled, coordinator):
    actions.reinstate_session(cancelled, by=coordinator, now=NOW)

    session = fresh(cancelled)
    assert (session.status, session.cancelled_because) == (Session.Status.PLANNED, "")
    assert session.version == cancelled.version + 1
    assert programme.change_of(session) == Entry.Change.SAME
    assert list(session.presidings.values_list("is_off", flat=True)) == [False]
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.change) == (
        "forum.reinstate_session",
        {"status": ["cancelled", "planned"]},
    )
    assert not Notice.objects.exists()


def test_reinstate_session_names_where_its_presider_sits_now(make, cancelled, coordinator):
    presider = cancelled.presidings.get().presider
    other = make.SessionFactory(starts_at=at(26, 9), ends_at=at(26, 11))
    make.PresidingFactory(session=other, presider=presider)

    with pytest.raises(TransitionError, match="already presides the session in"):
        actions.reinstate_session(cancelled, by=coordinator, now=NOW)

    assert fresh(cancelled).status == Session.Status.CANCELLED
    assert Presiding.objects.get(session=cancelled).is_off


@pytest.mark.parametrize("act", ["reinstate_session", "reword_cancellation"])
def test_a_published_cancellation_stays(make, cancelled, coordinator, act):
    make.announced(cancelled)
    told = fresh(cancelled)
    more = {"because": "A storm."} if act == "reword_cancellation" else {}

    with pytest.raises(TransitionError, match="has been published"):
        getattr(actions, act)(told, by=coordinator, now=NOW, **more)

    assert act not in workflow.open_acts(told, coordinator)


def test_reword_cancellation_changes_the_reason_once(cancelled, coordinator):
    for _time in range(2):
        actions.reword_cancellation(cancelled, by=coordinator, now=NOW, because="A storm.")

    session = fresh(cancelled)
    assert (session.cancelled_because, session.version) == ("A storm.", cancelled.version + 1)
    assert AuditEntry.objects.filter(action="forum.reword_cancellation").count() == 1


def test_pages_take_the_cancellation_back_or_change_its_reason(client, cancelled):
    back = reverse("forum:session_reinstate", args=[cancelled.pk])
    reason = reverse("forum:session_reason", args=[cancelled.pk])

    page = client.get(cancelled.get_absolute_url()).content.decode()
    assert (back in page, reason in page) == (True, True)
    assert "Rain." in client.get(back).content.decode()
    assert client.post(reason, {"because": ""}).status_code == 200
    assert client.post(reason, {"because": "A storm."}).status_code == 302
    assert fresh(cancelled).cancelled_because == "A storm."
    done = client.post(back, follow=True).content.decode()
    assert "The session stands again. Nobody was told that it was cancelled." in done
    assert back not in done


def test_page_says_why_the_cancellation_cannot_be_taken_back(make, client, cancelled):
    presider = cancelled.presidings.get().presider
    other = make.SessionFactory(starts_at=at(26, 9), ends_at=at(26, 11))
    make.PresidingFactory(session=other, presider=presider)

    page = client.post(reverse("forum:session_reinstate", args=[cancelled.pk]))

    assert "already presides the session in" in page.content.decode()


def test_a_form_that_is_stale_leads_to_a_new_one(client, session, coordinator):
    path = reverse("forum:session_edit", args=[session.pk])
    actions.move_session(session, by=coordinator, now=clock.now(), day=at(27, 8).date())

    page = client.post(path, {"seen": session.version}).content.decode()

    assert "has changed this meanwhile." in page
    assert '<a href="">Open the form anew</a>' in page
    assert "&lt;a" not in page


def test_check_in_says_that_it_is_not_the_day(client, session):
    page = client.get(reverse("forum:check_in", args=[session.pk])).content.decode()

    assert "This session is on Thursday 26 March 2026 and is not open yet." in " ".join(
        page.split()
    )


def test_who_presides_may_be_nobody(client, make, session):
    make.PresidingFactory(session=session)

    page = client.post(reverse("forum:session_presiders", args=[session.pk]), {}, follow=True)

    assert "Nobody presides now." in page.content.decode()


def test_session_page_puts_first_what_comes_next(client, make, province):
    far, today = (
        make.SessionFactory(province=province, starts_at=starts_at, ends_at=ends_at)
        for starts_at, ends_at in [
            (at(26, 8).replace(year=2100), at(26, 9).replace(year=2100)),
            (clock.now(), clock.now().replace(year=2100)),
        ]
    )
    primary = [
        client.get(one.get_absolute_url()).content.decode().split('<aside class="card">')[1]
        for one in (far, today)
    ]

    assert [page.split("btn-primary")[1].split("</a>")[0].split(">")[-1] for page in primary] == [
        "Invitations",
        "Open the session",
    ]
