"""Two at once about dates: one decision, one move, and nobody's hand-over is forgotten."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import connection, transaction

from issues import actions
from issues.models import Extension, Look, Referral
from provinces.actions import set_superior
from provinces.actions.offices import LOCK
from provinces.models import Authority, Holiday
from tests import factories as f
from tests.factories import HolidayFactory, administrator
from tests.issues.test_extending import DUE, HANDED, LATER, SILENT, WHY
from tests.issues.test_races import (
    PATIENCE,
    acts_done,
    at_once,
    in_a_thread,
    wait_for_locks,
    winners,
)
from tests.issues.traces import NOW

assert at_once  # the fixture
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def referral():
    held = f.issue_in("referred").referrals.get()
    Referral.objects.filter(pk=held.pk).update(handed_over_on=HANDED, due_on=DUE, days=20)
    return Referral.objects.get(pk=held.pk)


def test_decision_and_silence_move_the_date_once(at_once, referral):
    official = f.official_of(referral.authority)
    coordinator = f.coordinator_of(referral.issue.province)
    made = actions.ask_extension(
        referral, by=official, now=NOW, client_key=uuid.uuid4(), wanted_on=LATER, reason=WHY
    )

    answers = at_once(
        referral.issue,
        lambda: actions.decide_extension(made, by=coordinator, now=SILENT, grants=True),
        lambda: actions.settle_extensions(now=SILENT),
    )

    done = Extension.objects.get()
    by_silence = done.decided_by_id is None
    assert answers[1] == by_silence
    assert winners([answers[0]]) == (not by_silence)
    held = Referral.objects.get(pk=referral.pk)
    assert (done.state, held.due_on, held.due_version) == ("granted", LATER, 2)
    assert acts_done().count("issue.extend") == 2  # asked and granted


def test_the_same_day_from_two_and_a_hand_over_meanwhile(at_once, referral):
    """Whoever comes first, the clock that starts meanwhile knows the new day."""
    fresh = f.issue_in("referred").referrals.get()
    Referral.objects.filter(pk=fresh.pk).update(handed_over_on=None, due_on=None, days=20)
    admin, day = administrator(), dt.date(2041, 6, 19)

    def add():
        made = HolidayFactory.build(date=day)
        return actions.add_holiday(made, by=admin, now=NOW)

    at_once(fresh, add, add, lambda: actions.hand_over(fresh, on=HANDED, now=NOW))

    rows = Referral.objects.filter(pk__in=[referral.pk, fresh.pk]).values_list("due_on", flat=True)
    assert set(rows) == {DUE + dt.timedelta(1)}
    assert Referral.objects.get(pk=referral.pk).due_version == 2
    assert Holiday.objects.count() == 1
    assert acts_done().count("provinces.add_holiday") == 1


def test_clock_that_starts_and_a_freeze_that_is_lifted_do_not_wait_for_each_other():
    """Lifting writes the looks of its referrals before it locks these, as every act may."""
    held = f.issue_in("referred").referrals.get()
    Referral.objects.filter(pk=held.pk).update(handed_over_on=None, due_on=None, days=20)
    coordinator = f.coordinator_of(held.issue.province)
    actions.pressured(held.issue, by=held.issue.author, now=NOW)

    def lift():
        return actions.lift(held.issue, by=coordinator, now=NOW, reason="They feel safe.")

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Look.objects.select_for_update().get(pk=held.pk)
            lifted = pool.submit(in_a_thread, lift)
            wait_for_locks(1)
            told = {(held.pk, held.due_version)}
            started = pool.submit(
                in_a_thread, lambda: actions.hand_over_all(told, on=HANDED, now=NOW)
            )
            wait([started], timeout=1)  # it waits for nobody, and holds nothing of the issue's
        answers = [one.result(PATIENCE) for one in (lifted, started)]

    assert answers[0].pressured_at is None
    assert Referral.objects.get(pk=held.pk).handed_over_on is None  # the planner sees to it


def test_two_superiors_set_at_once_close_no_circle():
    one, other = f.AuthorityFactory(), f.AuthorityFactory()
    admin = administrator()

    def place(low, high):
        return set_superior(low, by=admin, superior=high, seen=None)

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK)
            running = [
                pool.submit(in_a_thread, lambda: place(one, other)),
                pool.submit(in_a_thread, lambda: place(other, one)),
            ]
            wait_for_locks(2)
        answers = [each.result(PATIENCE) for each in running]

    assert winners(answers) == 1
    assert Authority.objects.exclude(superior=None).count() == 1
