"""The one message of the day: what joins it, when it leaves, and what becomes of each notice."""

import datetime as dt
import threading
from dataclasses import dataclass, field

import pytest
from django.db import connection

from outbox import actions, delivery, digests, falling_back, packing, post, recipients, registry
from outbox.models import Heartbeat, Hours, Message, Notice, Preference, TelegramChat
from outbox.outcomes import Refused
from outbox.registry import Line, Manner, Text
from tests import factories
from tests.factories import AuthorityFactory, ProvinceFactory, UserFactory

ZONE = dt.timezone(dt.timedelta(hours=7))
NOW = dt.datetime(2026, 6, 8, 9, 0, tzinfo=ZONE)  # a Monday
OPENING = dt.datetime(2026, 6, 9, 7, 30, tzinfo=ZONE)
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]


@dataclass
class Kinds:
    """What the tests want of the kinds "reminder", "news", "soon" and "first"."""

    gone: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)

    def wanted(self, notice, now):
        return notice.subject not in self.gone

    def render(self, notice, language):
        return Text(f"About {notice.subject}", "All of it.\n")

    def line(self, notice, language):
        if notice.subject in self.broken:
            raise ValueError(notice.subject)
        return Line(notice.kind, f"{notice.subject} {notice.rung}", (f"http://x/{notice.pk}",))

    def note(self, notice, at):
        self.sent.append(notice.subject)

    def held(self, notices, now):
        return {one.pk: "It is frozen." for one in notices if one.subject in self.frozen}


@pytest.fixture
def kinds(monkeypatch):
    made = Kinds()
    for name in ("_kinds", "_hold", "_reasons", "_digest"):
        monkeypatch.setattr(registry, name, type(getattr(registry, name))(getattr(registry, name)))
    registry.register_hold(made.held, reasons=["It is frozen."])
    registry.register_digest(
        lambda lines, language: Text(
            f"{len(lines)} of {language}", "".join(f"{one.text}\n" for one in lines)
        )
    )
    manners = {"reminder": "daily", "news": "patient", "soon": "single", "first": "alone"}
    for kind, manner in manners.items():
        registry.register(
            kind,
            label=kind,
            wanted=made.wanted,
            render=made.render,
            sent=made.note,
            manner=Manner(manner),
            line=made.line,
            is_early=lambda notice: notice.rung.startswith("-"),
        )
    return made


@pytest.fixture
def reader(db):
    """Somebody without any role, who reads English."""
    ProvinceFactory()
    return UserFactory(email="reader@vedika.example", language="en")


def tell(reader, kind, *numbers, **more):
    more = {"due_at": NOW, "province_id": "11"} | more
    for number in numbers:
        actions.tell(kind, f"issue:{number}", recipients=[f"user:{reader.pk}"], **more)


def dispatch(now=NOW):
    while actions.dispatch_some(now=now):
        pass


def stands():
    """Each notice: its number, state and reason, and the words of its message."""
    rows = Notice.objects.exclude(kind=falling_back.KIND).order_by("pk")
    return [
        (one.subject[6:], one.state, one.reason, one.message and one.message.subject)
        for one in rows.select_related("message")
    ]


def bodies():
    return list(Message.objects.order_by("pk").values_list("subject", "body", "state"))


# --- one message ----------------------------------------------------------------------------------
def test_what_can_wait_joins_one_message_and_each_is_told_to_its_room(mail_sink, reader, kinds):
    tell(reader, "reminder", 1, 2, 3, 4, 5, 6, 7)  # more than one dispatcher packs at once
    tell(reader, "first", 8)

    dispatch()

    (alone, joined) = sorted(mail_sink.messages, key=lambda one: len(one.content))
    assert b"About issue:8" in alone.content
    assert b"Subject: 7 of en" in joined.content
    body = "".join(f"issue:{number} \n" for number in range(1, 8))
    assert ("7 of en", body, "sent") in bodies()
    assert {state for _number, state, _why, _said in stands()} == {"sent"}
    assert sorted(kinds.sent) == [f"issue:{number}" for number in range(1, 9)]


def test_the_next_ones_wait_for_the_next_working_day(mail_sink, reader):
    friday = NOW + 4 * DAY
    tell(reader, "reminder", 1, due_at=friday)
    dispatch(friday)
    tell(reader, "reminder", 2, due_at=friday)
    dispatch(friday + MINUTE)

    late = Notice.objects.get(subject="issue:2")
    assert (late.state, late.reason, late.due_at) == ("held", post.IN_DIGEST, OPENING + 6 * DAY)

    dispatch(OPENING + 6 * DAY + post.GATHER)

    assert [one[2] for one in bodies()] == ["sent", "sent"]
    assert len({*Message.objects.values_list("message_id", flat=True)}) == 2


@pytest.mark.parametrize("moment", [NOW + 9 * 60 * MINUTE, NOW - 2 * DAY, NOW - 3 * 60 * MINUTE])
def test_outside_the_hours_it_waits_for_the_opening_and_until_the_planner_has_looked(
    mail_sink, reader, moment
):
    tell(reader, "reminder", 1, due_at=moment)
    dispatch(moment)
    opening = Notice.objects.get().due_at
    assert (opening.astimezone(ZONE).time(), opening.astimezone(ZONE).weekday() < 5) == (
        dt.time(7, 30),
        True,
    )

    dispatch(opening + MINUTE)
    assert mail_sink.messages == []

    Heartbeat.objects.create(name="plan", ran_at=opening + MINUTE)
    dispatch(opening + 2 * MINUTE)
    assert len(mail_sink.messages) == 1


def test_hours_are_read(mail_sink, reader):
    Hours.objects.create(pk=1, opens=dt.time(8), closes=dt.time(9))
    tell(reader, "reminder", 1)
    dispatch(NOW)

    assert Notice.objects.get().due_at == dt.datetime(2026, 6, 9, 8, tzinfo=ZONE)


def test_a_digest_that_could_not_leave_in_the_hours_waits_and_takes_the_next_days_along(
    mail_sink, reader
):
    tell(reader, "reminder", 1)
    mail_sink.refuse("rcpt", "450 later")
    evening = NOW.replace(hour=16, minute=59)
    dispatch(evening)
    dispatch(evening + 2 * 60 * MINUTE)
    message = Message.objects.get()
    assert (message.state, message.next_try_at, message.attempts.count()) == ("queued", OPENING, 1)

    mail_sink.reset()
    tell(reader, "reminder", 2, due_at=OPENING)
    Heartbeat.objects.create(name="plan", ran_at=OPENING)
    packing.pack(OPENING, 5)
    digests.pack(OPENING, 5)
    dispatch(OPENING)

    assert bodies() == [("2 of en", "issue:1 \nissue:2 \n", "sent")]
    assert Message.objects.get().message_id == message.message_id


# --- who takes one --------------------------------------------------------------------------------
def test_officials_take_digests_as_usual_others_single_notices_and_both_may_choose():
    office = AuthorityFactory()
    official, refused = factories.official_of(office), factories.official_of(office)
    other, chose = UserFactory(), UserFactory()
    Preference.objects.create(user=chose, is_digest=True)
    Preference.objects.create(user=refused, is_digest=False)
    people = [f"user:{one.pk}" for one in (official, other, chose, refused)]
    takers = recipients.digest_takers([*people, "contact:4", "organization:3"])
    assert takers == {people[0], people[2], "contact:4"}


def test_the_seventh_of_a_day_goes_into_the_digest_unless_it_is_urgent(mail_sink, reader):
    Hours.objects.create(pk=1, most_a_day=6)
    tell(reader, "news", *range(1, 6))
    tell(reader, "soon", 6, 7, 8, due_at=NOW + MINUTE)
    tell(reader, "news", 9, due_at=NOW + MINUTE)
    tell(reader, "first", 10, due_at=NOW + MINUTE)

    dispatch(NOW)
    dispatch(NOW + MINUTE)

    singles = {one[3] for one in stands() if one[3] != "3 of en"}
    assert singles == {f"About issue:{number}" for number in (1, 2, 3, 4, 5, 10, 6)}
    assert [one[0] for one in stands() if one[3] == "3 of en"] == ["7", "8", "9"]


# --- what happens between -------------------------------------------------------------------------
def test_what_is_over_leaves_the_digest_before_it_is_sent(mail_sink, reader, kinds):
    tell(reader, "reminder", 1, 2, 3, 4, 5)
    packing.pack(NOW, 10)
    digests.pack(NOW, 10)
    kinds.gone, kinds.broken, kinds.frozen = {"issue:2"}, {"issue:3"}, {"issue:4"}

    delivery.deliver(delivery.claim(NOW, 5), delivery.Watch(NOW))

    assert stands() == [
        ("1", "sent", "", "2 of en"),
        ("2", "cancelled", packing.OVERTAKEN, None),
        ("3", "failed", packing.BROKEN, None),
        ("4", "held", "It is frozen.", None),
        ("5", "sent", "", "2 of en"),
    ]
    assert bodies() == [("2 of en", "issue:1 \nissue:5 \n", "sent")]


def test_a_digest_with_nothing_left_ends_and_is_made_anew_the_same_day(mail_sink, reader, kinds):
    tell(reader, "reminder", 1)
    packing.pack(NOW, 5)
    digests.pack(NOW, 5)
    kinds.gone = {"issue:1"}
    dispatch()
    assert (bodies()[0][2], stands()) == (
        "cancelled", [("1", "cancelled", packing.OVERTAKEN, None)]
    )  # fmt: skip

    tell(reader, "reminder", 2)
    dispatch()

    assert bodies() == [("1 of en", "issue:2 \n", "sent")]
    assert len(mail_sink.messages) == 1


def test_one_that_never_began_is_joined(mail_sink, reader):
    for number in (1, 2):
        tell(reader, "reminder", number)
        packing.pack(NOW, 5)
        digests.pack(NOW, 5)

    assert bodies() == [("2 of en", "issue:1 \nissue:2 \n", "queued")]


def test_what_may_have_left_is_sent_again_with_the_same_words(mail_sink, reader, kinds):
    tell(reader, "reminder", 1, 2)
    mail_sink.close("data", keep=True)
    dispatch()
    assert {one[1] for one in stands()} == {"unknown"}
    mail_sink.reset()
    kinds.gone = {"issue:2"}
    tell(reader, "reminder", 3, due_at=NOW + MINUTE)

    dispatch(NOW + 16 * MINUTE)

    assert bodies() == [("2 of en", "issue:1 \nissue:2 \n", "sent")]
    assert [one[1] for one in stands()] == ["sent", "sent", "held"]


def test_what_may_have_left_is_not_sent_again_while_one_of_it_is_frozen(mail_sink, reader, kinds):
    tell(reader, "reminder", 1, 2)
    mail_sink.close("data")
    dispatch()
    mail_sink.reset()
    kinds.frozen = {"issue:2"}

    dispatch(NOW + 16 * MINUTE)

    assert {one[1:3] for one in stands()} == {("unknown", "It is frozen.")}
    assert mail_sink.messages == []


def test_a_crash_between_claim_and_try_loses_nothing(mail_sink, reader):
    tell(reader, "reminder", 1, 2)
    packing.pack(NOW, 5)
    digests.pack(NOW, 5)
    delivery.claim(NOW, 5)  # and killed
    tell(reader, "reminder", 3)
    dispatch()
    assert [one[1] for one in stands()] == ["sending", "sending", "held"]

    dispatch(NOW + 3 * MINUTE)

    assert len(mail_sink.messages) == 1
    assert [one[1] for one in stands()] == ["sent", "sent", "held"]


# --- the coordinators -----------------------------------------------------------------------------
def test_cancel_takes_one_out_and_retry_sends_all_the_others(mail_sink, reader):
    tell(reader, "reminder", 1, 2, 3)
    packing.pack(NOW, 5)
    digests.pack(NOW, 5)
    officer = factories.coordinator_of(None)
    first, second, _third = Notice.objects.order_by("pk")
    actions.cancel(first, by=officer, reason="Told by telephone.")
    mail_sink.refuse("rcpt", "550 no such mailbox")
    dispatch()
    assert [one[1] for one in stands()] == ["cancelled", "failed", "failed"]

    mail_sink.reset()
    actions.retry(second, by=officer, now=NOW)
    dispatch()

    assert stands() == [
        ("1", "cancelled", "Told by telephone.", None),
        ("2", "sent", "", "2 of en"),
        ("3", "sent", "", "2 of en"),
    ]


def test_what_telegram_refused_is_told_in_one_digest_by_mail(
    mail_sink, reader, settings, monkeypatch
):
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT = "1:token", "bot"
    TelegramChat.objects.create(user=reader, chat_id=77, linked_at=NOW)
    Preference.objects.create(user=reader, channel="telegram")
    refused = Refused("403", "blocked", is_address=True)
    real = delivery.channels.send
    monkeypatch.setattr(
        delivery.channels,
        "send",
        lambda message: refused if message.channel == "telegram" else real(message),
    )
    tell(reader, "reminder", 1, 2)

    dispatch()
    dispatch(NOW + MINUTE)

    rows = Message.objects.order_by("pk").values_list("channel", "kind", "subject", "state")
    assert list(rows) == [
        ("telegram", "digest", "2 of en", "failed"),
        ("email", "digest", "2 of en", "sent"),
    ]
    told = Notice.objects.filter(kind="reminder").order_by("pk")
    assert list(told.values_list("channel", "state")) == [
        ("usual", "failed"), ("usual", "failed"), ("email", "sent"), ("email", "sent"),
    ]  # fmt: skip


# --- silence --------------------------------------------------------------------------------------
def test_muted_early_reminders_wait_and_are_told_later_or_skipped(mail_sink, reader, kinds):
    Preference.objects.create(user=reader, muted_until=NOW.date() + DAY)
    tell(reader, "reminder", 1, 2, rung="-7")
    tell(reader, "reminder", 3, rung="0")

    dispatch()

    wednesday = OPENING + DAY
    assert bodies() == [("1 of en", "issue:3 0\n", "sent")]
    assert [one[1:3] for one in stands()][:2] == [("held", post.MUTED)] * 2
    assert {one.due_at for one in Notice.objects.filter(state="held")} == {wednesday}

    kinds.gone = {"issue:2"}  # a newer rung took over
    dispatch(wednesday + post.GATHER)

    assert [one[1] for one in stands()] == ["sent", "skipped", "sent"]
    assert bodies()[1] == ("1 of en", "issue:1 -7\n", "sent")


# --- two at once ----------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_at_once_make_one_message(mail_sink, reader):
    tell(reader, "reminder", *range(1, 13))
    start = threading.Barrier(2)

    def run():
        try:
            start.wait(10)
            dispatch()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    dispatch()

    assert [one[0::2] for one in bodies()] == [("12 of en", "sent")]
    assert len(mail_sink.messages) == 1
