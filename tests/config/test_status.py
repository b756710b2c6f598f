"""How the sending stands: figures of one's provinces, with what to do; the daily mail."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import translation

from audit import clock
from config import status
from config.status import Level
from issues.models import Referral
from outbox import actions, holding, registry
from outbox.models import Breaker, Heartbeat, Notice
from reminders import daily
from reminders.models import Finding
from tests.factories import (
    AuthorityFactory,
    HolidayFactory,
    NoticeFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.factories_inbox import IncomingFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2041, 7, 3, 3, 0, tzinfo=dt.UTC)  # a Wednesday, 10 o'clock
MINUTE = dt.timedelta(minutes=1)
F, L, W = Level.FINE, Level.LOOK, Level.WRONG


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def here():
    return ProvinceFactory(code="11")


@pytest.fixture
def _runs():
    for name in ("plan", "dispatch", "fetch", "reconcile", daily.STATUS):
        Heartbeat.objects.create(name=name, ran_at=NOW - MINUTE)


def lines(view, now=NOW):
    return {one.name: (one.level, one.number, one.at) for one in status.look(view, now).lines}


def finding(province, **fields):
    facts = {
        "kind": "missing", "subject": "referral:1", "told": "reminder", "rung": "+1", "version": 1,
        "first_seen_at": NOW, "latest_seen_at": NOW,
    }  # fmt: skip
    return Finding.objects.create(province=province, **facts | fields)


def fill(province, number=1):
    """Something of each in the province."""
    for rung in range(number):
        referral = issue_in("referred", province=province).referrals.get()
        for state in ("planned", "prepared", "held", "unknown", "failed", "dead", "sent"):
            NoticeFactory(province=province, state=state, due_at=NOW - 20 * MINUTE)
        IncomingFactory(province=province, state="held")
        finding(province, subject=f"referral:{referral.pk}", rung=str(rung))


@pytest.mark.usefixtures("_runs")
def test_nothing_is_wrong_where_all_runs(settings, here):
    settings.IMAP_URL = "imaps://a:b@mail.vedika.example/"
    NoticeFactory(province=here, due_at=NOW - MINUTE)
    NoticeFactory(province=here, state="sent", due_at=NOW - 60 * MINUTE)

    shown = lines(status.view_of(coordinator_of(here)))

    ran = NOW - MINUTE
    assert shown == {
        "The planner ran": (F, None, ran),
        "The dispatcher ran": (F, None, ran),
        "The mailbox was read": (F, None, ran),
        "The nightly check ran": (F, None, ran),
        "Providers that do not answer": (F, 0, None),
        "Oldest that is due and not sent": (F, None, ran),
        "Planned": (F, 1, None),
        "Prepared": (F, 0, None),
        "Held": (F, 0, None),
        "Unknown": (F, 0, None),
        "Failed": (F, 0, None),
        "Given up": (F, 0, None),
        "Mail that waits in the inbox": (F, 0, None),
        "Reminders that are missing": (F, 0, None),
        "Reminders that are too many": (F, 0, None),
    }


def test_whatever_is_wrong_is_said_in_words(here):
    fill(here)
    fill(ProvinceFactory(code="16"), 2)
    Heartbeat.objects.create(name="plan", ran_at=NOW - 6 * MINUTE)
    Breaker.objects.create(channel="email", failures=5, opened_at=NOW, probe_at=NOW)
    held = holding.hold(by=None, reason="An incident.", now=NOW)

    shown = lines(status.view_of(coordinator_of(here)))

    assert shown == {
        "All outbound is held back": (W, None, NOW),
        "The planner ran": (W, None, NOW - 6 * MINUTE),
        "The dispatcher ran": (W, None, None),
        "The nightly check ran": (W, None, None),
        "No answer by e-mail": (W, None, NOW),
        "Oldest that is due and not sent": (W, None, NOW - 20 * MINUTE),
        "Planned": (F, 1, None),
        "Prepared": (L, 1, None),
        "Held": (F, 1, None),
        "Unknown": (L, 1, None),
        "Failed": (W, 1, None),
        "Given up": (W, 1, None),
        "Mail that waits in the inbox": (L, 1, None),
        "Reminders that are missing": (W, 1, None),
        "Reminders that are too many": (F, 0, None),
    }
    everywhere = status.view_of(coordinator_of(None))
    assert lines(everywhere) == lines(status.everything())
    assert lines(everywhere)["Failed"] == (W, 3, None)
    assert lines(status.view_of(administrator()))["Failed"] == (W, 3, None)
    assert str(held) == "2041-07-03 03:00: An incident."


def test_holidays_of_next_year_are_asked_for_from_november_and_urged_in_december(here):
    name = "Holidays of next year are not confirmed"
    view = status.view_of(administrator())
    days = [dt.datetime(2041, month, 1, 3, tzinfo=dt.UTC) for month in (10, 11, 12)]
    assert [lines(view, day).get(name, [None])[0] for day in days] == [None, L, W]

    HolidayFactory(date=dt.date(2042, 1, 1), confirmed_by=administrator())

    assert name not in lines(view, days[2])


def test_status_page_leads_where_the_reader_may_go(client, here):
    fill(here)
    Heartbeat.objects.create(name="plan", ran_at=clock.now() - 6 * MINUTE)
    shown = {}
    for who in (coordinator_of(here, language="en"), administrator(language="en")):
        client.force_login(who)
        answer = client.get(reverse("status"))
        assert answer.status_code == 200
        links = re.findall(r'<td><a href="([^"]+)"', answer.content.decode())
        shown[who] = (links, "/status/hold/" in answer.content.decode())
        assert "The planner ran" in answer.content.decode()
    states = ("planned", "prepared", "held", "unknown", "failed", "dead")
    coordinator, keeper = shown.values()

    issue = Referral.objects.get().issue
    assert coordinator[0][:9] == [
        *(f"/outbox/?state={one}" for one in states), "/inbox/", "#findings",
        issue.get_absolute_url(),
    ]  # fmt: skip
    assert [one for one in keeper[0] if "holidays" not in one] == ["/inbox/"]
    assert (coordinator[1], keeper[1]) == (False, True)


def test_status_asks_the_database_as_often_whatever_stands(
    client, here, django_assert_max_num_queries
):
    client.force_login(coordinator_of(here))

    def count():
        with django_assert_max_num_queries(15) as asked:
            assert client.get(reverse("status")).status_code == 200
        return len(asked)

    fill(here)
    few = count()
    for number in range(1, 6):
        fill_more(here, number)

    assert count() == few


def fill_more(province, number):
    referral = issue_in("referred", province=province).referrals.get()
    NoticeFactory(province=province, state="failed")
    IncomingFactory(province=province, state="held")
    finding(province, subject=f"referral:{referral.pk}", rung=str(number))


# --- the daily mail -----------------------------------------------------------------------------
def dispatch(now=NOW):
    while actions.dispatch_some(now=now):
        pass


def test_administrators_are_told_once_a_day_what_is_wrong(mail_sink, here, settings, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    keeper = administrator(email="keeper@vedika.example", language="en")
    administrator(email=None)
    coordinator_of(None, email="coordinator@vedika.example")
    issue = issue_in("referred", province=here)
    NoticeFactory(subject=f"issue:{issue.pk}", province=here, state="failed")

    early = daily.when_due(now=NOW - dt.timedelta(hours=3))
    assert (early, daily.when_due(now=NOW), daily.when_due(now=NOW + MINUTE)) == (0, 1, 0)
    Heartbeat.objects.filter(name=daily.STATUS).delete()
    assert daily.when_due(now=NOW) == 0  # its key is the day
    dispatch()

    told = Notice.objects.get(kind=daily.STATUS)
    assert (told.subject, told.recipient, told.state, told.province) == (
        "status:20410703", f"user:{keeper.pk}", "sent", None,
    )  # fmt: skip
    message = told.message
    assert message.subject == "Vedika: 4 things are wrong"
    assert "– Failed: 1. They cannot be sent so." in message.body
    assert "– The planner ran. It should run every minute" in message.body
    assert f"{settings.BASE_URL}/status/" in message.body
    assert not {issue.title, issue.reference} & set(re.split(r"[\s.]+", message.body))
    assert registry.titles([told.subject])[told.subject].text == (
        "How the sending stood on Wednesday 3 July 2041"
    )
    assert daily.when_due(now=NOW + dt.timedelta(days=1)) == 1


@pytest.mark.usefixtures("_runs")
def test_administrators_are_not_told_while_nothing_is_wrong(here):
    administrator(email="keeper@vedika.example")
    NoticeFactory(province=here, state="unknown")
    Heartbeat.objects.filter(name=daily.STATUS).delete()

    assert daily.when_due(now=NOW) == 0
    assert not Notice.objects.filter(kind=daily.STATUS).exists()


def test_a_word_of_another_day_or_to_another_person_is_dropped(mail_sink, here):
    keeper = administrator(email="keeper@vedika.example")
    other = official_of(AuthorityFactory(), email="official@vedika.example")
    for day, person in ((2, keeper), (3, keeper), (3, other)):
        NoticeFactory(
            kind=daily.STATUS, subject=f"status:2041070{day}", recipient=f"user:{person.pk}",
            province=None, due_at=NOW,
        )  # fmt: skip

    dispatch()

    assert list(Notice.objects.order_by("pk").values_list("state", flat=True)) == [
        "cancelled", "sent", "cancelled",
    ]  # fmt: skip
