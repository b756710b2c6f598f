"""More time for an office: asked for, decided on, granted by silence, and what is told of it."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.errors import Conflict, TransitionError
from issues import actions
from issues.models import Extension, Issue, Referral
from outbox import registry
from outbox.models import Notice
from reminders import actions as reminders
from tests import factories as f
from tests.factories_more import ExtensionFactory
from tests.issues.stories import at
from tests.issues.traces import NOW, TODAY, everything, secretariat, told, trail

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(1)
HANDED, DUE = dt.date(2041, 6, 12), dt.date(2041, 7, 10)  # Wednesdays, twenty working days
LATER = dt.date(2041, 7, 31)  # a Wednesday, three weeks after
SILENT = NOW + 5 * DAY  # a Monday: Thursday and Friday were the two working days
WHY = "The rains have not ended."


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def office():
    return f.AuthorityFactory(name_en="Department of roads", name_km="Department of roads")


@pytest.fixture
def referral(office):
    held = f.issue_in("referred", authority=office).referrals.get()
    Referral.objects.filter(pk=held.pk).update(handed_over_on=HANDED, due_on=DUE, days=20)
    return Referral.objects.get(pk=held.pk)


@pytest.fixture
def official(office):
    return f.official_of(office)


@pytest.fixture
def coordinator(referral):
    return f.coordinator_of(referral.issue.province)


def ask(referral, by, **changes):
    facts = {"by": by, "now": NOW, "client_key": uuid.uuid4(), "wanted_on": LATER, "reason": WHY}
    return actions.ask_extension(referral, **(facts | changes))


def grant(made, by, **changes):
    return actions.decide_extension(made, **({"by": by, "now": NOW, "grants": True} | changes))


def clock_of(referral):
    held = Referral.objects.get(pk=referral.pk)
    return (held.due_on, held.days, held.due_version, held.ladder_version, held.ladder_since)


AS_IT_WAS = (DUE, 20, 1, 1, None)
EXTENDED = (LATER, 35, 2, 2, TODAY)


def user(person):
    return f"user:{person.pk}"


# --- asking ---------------------------------------------------------------------------------------
def test_ask_extension_tells_the_secretariat_and_moves_nothing(referral, official, coordinator):
    key = uuid.uuid4()
    made = ask(referral, official, client_key=key)

    assert ask(referral, official, client_key=key) == made
    assert clock_of(referral) == AS_IT_WAS
    assert (made.due_on, made.days, made.state) == (DUE, 21, "asked")
    about = f"referral:{referral.pk}"
    assert told() == sorted(("extension_asked", about, made.pk, one) for one in secretariat())
    assert trail()[-1] == (
        "issue.extend", f"issue:{referral.issue_id}", official, "official",
        {"referral": referral.pk, "authority": referral.authority_id, "extension": made.pk,
         "did": "asked"},
    )  # fmt: skip
    with pytest.raises(Conflict):
        ask(referral, official, client_key=key, reason="Other words.")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"wanted_on": DUE}, "after the due date"),
        ({"wanted_on": DUE + 31 * DAY}, "30 days more at most"),
        ({"now": NOW + 40 * DAY}, "after today"),
    ],
)
def test_ask_extension_refuses_a_day_too_early_or_too_late(referral, official, changes, sentence):
    before = everything()

    with pytest.raises(TransitionError, match=sentence):
        ask(referral, official, **changes)

    assert everything() == before


def test_ask_extension_refuses_while_one_waits_and_before_the_clock(referral, official):
    ask(referral, official)
    with pytest.raises(TransitionError, match="asked for more time already"):
        ask(referral, official)
    Extension.objects.all().delete()
    Referral.objects.update(handed_over_on=None, due_on=None)
    with pytest.raises(TransitionError, match="do not count yet"):
        ask(referral, official)


def test_nobody_extends_what_is_for_information_or_of_another_office(referral, official):
    with pytest.raises(PermissionDenied):
        ask(referral, f.official_of(f.AuthorityFactory()))
    Referral.objects.update(role="information")
    with pytest.raises(PermissionDenied):
        ask(referral, official)


# --- deciding -------------------------------------------------------------------------------------
def test_grant_moves_the_date_begins_the_ladder_anew_and_tells_everybody(
    referral, official, coordinator
):
    made = ask(referral, official)
    Notice.objects.all().delete()
    entries = len(trail())

    made = grant(made, coordinator, answer="Until then.")

    assert clock_of(referral) == EXTENDED
    assert (made.state, made.granted_on, made.turn, made.decided_by) == (
        "granted", LATER, 1, coordinator,
    )  # fmt: skip
    others = {user(official), user(referral.issue.author), *secretariat()} - {user(coordinator)}
    about = f"referral:{referral.pk}"
    assert told() == sorted(("extension_decided", about, made.pk, one) for one in others)
    assert trail()[entries:] == [
        ("issue.extend", f"issue:{referral.issue_id}", coordinator, "coordinator",
         {"referral": referral.pk, "authority": referral.authority_id, "extension": made.pk,
          "did": "granted", "due_on": [str(DUE), str(LATER)]}),
    ]  # fmt: skip
    with pytest.raises(TransitionError, match="Meanwhile it was decided on"):
        grant(made, coordinator)


def test_grant_takes_another_day_and_the_next_on_which_offices_are_open(
    referral, official, coordinator
):
    made = ask(referral, official)
    f.HolidayFactory(date=dt.date(2041, 7, 22))

    made = grant(made, coordinator, until=dt.date(2041, 7, 20))  # a Saturday before a holiday

    assert (made.wanted_on, made.granted_on) == (LATER, dt.date(2041, 7, 23))
    assert clock_of(referral)[0] == dt.date(2041, 7, 23)


def test_refuse_keeps_the_date_and_tells_the_office(referral, official, coordinator):
    made = ask(referral, official)
    Notice.objects.all().delete()
    with pytest.raises(TransitionError, match="why it gets no more time"):
        grant(made, coordinator, grants=False)

    grant(made, coordinator, grants=False, answer="The road is needed now.")

    assert clock_of(referral) == AS_IT_WAS
    people = {user(official), *secretariat()} - {user(coordinator)}
    assert {one[3] for one in told()} == people


def test_a_second_one_needs_a_decision_and_there_is_no_third(referral, official, coordinator):
    grant(ask(referral, official), coordinator)
    second = ask(referral, official, wanted_on=LATER + 60 * DAY)

    assert actions.settle_extensions(now=NOW + 30 * DAY) == 0
    grant(second, coordinator, now=NOW + 30 * DAY)

    with pytest.raises(TransitionError, match="extended twice already"):
        ask(referral, official, wanted_on=LATER + 90 * DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Extension.objects.update(turn=3)


def test_extend_is_a_coordinators_own_word(referral, official, coordinator):
    facts = {"by": coordinator, "now": NOW, "client_key": uuid.uuid4(), "reason": WHY}
    made = actions.extend(referral, until=LATER, **facts)

    assert actions.extend(referral, until=LATER, **facts) == made
    assert (made.state, made.asked_by, made.decided_by) == ("granted", coordinator, coordinator)
    assert clock_of(referral) == EXTENDED


# --- silence --------------------------------------------------------------------------------------
def test_two_silent_working_days_grant_the_first_by_the_planner(referral, official):
    made = ask(referral, official)

    friday = dt.datetime(2041, 7, 5, 16, 59, tzinfo=dt.UTC)  # a minute before midnight there
    assert actions.settle_extensions(now=friday) == 0
    reminders.plan(now=friday + dt.timedelta(minutes=1))

    assert clock_of(referral) == (*EXTENDED[:4], dt.date(2041, 7, 6))
    made.refresh_from_db()
    assert (made.state, made.decided_by, made.granted_on) == ("granted", None, LATER)
    assert actions.settle_extensions(now=SILENT) == 0
    last = trail()[-1]
    assert (last[0], last[2], last[3]) == ("issue.extend", None, "system")
    assert user(official) in {one[3] for one in told() if one[0] == "extension_decided"}


def test_silence_grants_nothing_long_nothing_refused_once_and_nothing_frozen(
    referral, official, coordinator
):
    made = ask(referral, official)
    Issue.objects.update(pressured_at=NOW)
    assert actions.settle_extensions(now=SILENT) == 0
    Issue.objects.update(pressured_at=None)
    Extension.objects.update(days=31)
    assert actions.settle_extensions(now=SILENT) == 0
    Extension.objects.update(days=21)
    grant(made, coordinator, grants=False, answer="Not yet.")
    ask(referral, official)
    assert actions.settle_extensions(now=SILENT) == 0
    assert clock_of(referral) == AS_IT_WAS


def test_what_is_no_longer_needed_lapses(referral, official, coordinator):
    made = ask(referral, official)
    actions.recall(referral, by=coordinator, now=NOW, reason="A mistake.")

    assert actions.settle_extensions(now=NOW) == 1

    made.refresh_from_db()
    assert (made.state, made.decided_at, made.decided_by) == ("lapsed", NOW, None)


# --- the ladder -----------------------------------------------------------------------------------
def test_reminders_of_the_old_date_are_not_wanted_and_the_new_ones_come(
    referral, official, coordinator
):
    reminders.seed_policy()
    reminders.plan(now=dt.datetime(2041, 7, 1, 3, tzinfo=dt.UTC))  # seven working days before
    old = Notice.objects.get(kind="reminder", rung="-7")

    assert registry.wanted(old, NOW)
    grant(ask(referral, official), coordinator)
    assert not registry.wanted(old, NOW)
    assert reminders.plan(now=NOW) == 0  # nothing of the new date has come
    reminders.plan(now=dt.datetime(2041, 7, 22, 3, tzinfo=dt.UTC))

    rows = Notice.objects.filter(kind="reminder").order_by("pk")
    assert list(rows.values_list("rung", "version")) == [("-7", 1), ("-7", 2)]


# --- what is said ---------------------------------------------------------------------------------
@pytest.mark.parametrize("disclosure", ["restricted", "confidential"])
def test_notices_say_the_dates_and_no_reason_of_what_is_confidential(
    referral, official, coordinator, disclosure
):
    Issue.objects.update(disclosure=disclosure)
    made = grant(ask(referral, official), coordinator, answer="Please hurry.")
    asked, decided = (
        Notice.objects.filter(kind=kind).first()
        for kind in ("extension_asked", "extension_decided")
    )

    said = [registry.render(one, "en") for one in (asked, decided)]

    reference = referral.issue.reference
    assert [one.subject for one in said] == [
        f"{reference}: an office asks for more time", f"{reference}: more time was given",
    ]  # fmt: skip
    assert "time until Wednesday 31 July 2041, instead of Wednesday 10 July 2041" in said[1].body
    open_words = [WHY in said[0].body, "Please hurry." in said[1].body]
    assert open_words == [disclosure == "restricted"] * 2
    assert reverse("issues:extension", args=[made.pk]) in said[0].body
    assert registry.wanted(decided, NOW)
    assert not registry.wanted(asked, NOW)


# --- the pages ------------------------------------------------------------------------------------
@pytest.fixture
def _then(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.usefixtures("_then")
def test_pages_ask_decide_and_show(client, referral, official, coordinator):
    address = reverse("issues:referral_extend", args=[referral.pk])
    page = at(client, official).get(address)
    assert "If it says nothing until the end of 5 July 2041" in page.content.decode()
    key = page.context["form"].get_initial_for_field(
        page.context["form"].fields["client_key"], "client_key"
    )
    late = client.post(address, {"client_key": key, "wanted_on": "2041-12-01", "reason": WHY})
    assert "30 days more at most" in late.content.decode()
    client.post(address, {"client_key": key, "wanted_on": str(LATER), "reason": WHY})
    made = Extension.objects.get()
    assert client.get(address).status_code == 302  # one waits already

    home = at(client, coordinator).get("/").content.decode()
    decide = reverse("issues:extension", args=[made.pk])
    assert decide in home
    assert "it is granted by itself" in client.get(decide).content.decode()
    wordless = client.post(decide, {"grants": "no", "answer": ""})
    assert "why it gets no more time" in wordless.content.decode()
    done = client.post(decide, {"grants": "yes", "until": str(LATER)}, follow=True)

    assert "The secretariat gave time until" in done.content.decode()
    assert clock_of(referral) == EXTENDED
    assert decide not in client.get("/").content.decode()
    assert client.post(decide, {"grants": "yes"}).status_code == 200  # a sentence, no second move
    assert clock_of(referral) == EXTENDED


@pytest.mark.usefixtures("_then")
def test_coordinator_gives_time_on_the_same_page(client, referral, coordinator):
    address = reverse("issues:referral_extend", args=[referral.pk])
    assert address in at(client, coordinator).get(
        reverse("issues:referral", args=[referral.pk])
    ).content.decode()  # fmt: skip

    client.post(address, {"client_key": uuid.uuid4(), "until": str(LATER), "reason": WHY})

    assert clock_of(referral) == EXTENDED


def test_extension_is_read_by_who_reads_its_referral(referral, official, coordinator):
    made = ExtensionFactory(referral=referral)
    readers = (official, coordinator, f.official_of(f.AuthorityFactory()), f.administrator())

    assert [list(Extension.objects.visible_to(one)) for one in readers] == [[made], [made], [], []]
