"""Several planners, dispatchers and schedulers at once: still one copy of each thing."""

from collections import Counter

import pytest

from issues.models import Referral
from outbox.models import Notice
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


def test_four_dispatchers_share_two_hundred_notices(engines, sink):
    tell_many(200, people=20)
    sink.slow_down(0.05)  # so that all four are at it

    engines.dispatch(processes=4)

    assert states() == {"sent": 200}
    assert set(copies(sink).values()) == {1}
    assert len(sink.messages) == 200


def test_two_beats_two_workers_and_a_loop_plan_and_send_once(engines, sink, referrals):
    engines.start("beat", "beat", "worker", "worker", "loop")
    engines.settle()

    assert Notice.objects.filter(kind="first_referral").count() == 15
    assert states() == {"sent": 15}
    assert set(copies(sink).values()) == {1}
    assert not Referral.objects.filter(handed_over_on=None).exists()
