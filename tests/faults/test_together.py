"""Several planners, dispatchers and schedulers at once: still one copy of each thing."""

from collections import Counter

import pytest

from issues.models import Referral
from outbox.models import Hours, Notice
from tests.factories import issue_in, official_of
from tests.faults.stories import states, tell_many

pytest_plugins = ["tests.faults.stage"]


@pytest.fixture
def referrals(ledger):
    """Released, nobody told of, three officials each."""
    made = [issue_in("referred").referrals.get() for _ in range(5)]
    for one in made:
        for _ in range(3):
            official_of(one.authority)
    Referral.objects.update(handed_over_on=None, due_on=None)
    return made


def copies(sink):
    return Counter(one.content.split(b"Message-ID: ")[1].split(b"\r\n")[0] for one in sink.messages)


@pytest.mark.long_fault
def test_four_dispatchers_share_two_hundred_notices(engines, sink):
    """Beside fault 10: each takes what no other holds."""
    tell_many(200, people=20)
    Hours.objects.create(pk=1, most_a_day=10)  # or the last of them would share a digest
    sink.slow_down(0.05)  # so that all four are at it

    engines.dispatch(processes=4)

    assert states() == {"sent": 200}
    assert set(copies(sink).values()) == {1}
    assert len(sink.messages) == 200


@pytest.mark.parametrize("beats", [2, pytest.param(5, marks=pytest.mark.long_fault)])
def test_many_beats_two_workers_and_a_loop_plan_and_send_once(engines, sink, referrals, beats):
    """Fault 10: two schedulers, then five."""
    engines.start(*["beat"] * beats, "worker", "worker", "loop")
    engines.settle()

    assert Notice.objects.filter(kind="first_referral").count() == 15
    assert states() == {"sent": 15}
    assert set(copies(sink).values()) == {1}
    assert not Referral.objects.filter(handed_over_on=None).exists()


def test_a_day_without_a_beat_is_made_up_for(engines, sink, referrals):
    """Fault 11: the worker runs, and nobody tells it to look; then the clock is a day further."""
    tell_many(3)
    engines.start("worker")
    engines.move(days=1)
    assert (states(), sink.messages) == ({}, [])

    engines.restart("worker", "beat")
    engines.settle()

    assert states() == {"sent": 18}
    assert set(copies(sink).values()) == {1}
