"""What a coordinator sends now leaves at once and alone, whatever else its reader waits for."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from outbox import actions, in_bulk, post
from outbox.handling import BY_HAND, Act
from outbox.models import Message, Notice, Preference
from tests.factories import ProvinceFactory, coordinator_of
from tests.outbox.test_digest import (  # noqa: F401 - the fixtures of the digest
    DAY,
    NOW,
    OPENING,
    bodies,
    dispatch,
    kinds,
    reader,
    stands,
    tell,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
NIGHT = NOW - dt.timedelta(hours=3)  # six o'clock: nobody is written to
ALONE = ("About issue:1", "All of it.\n", "sent")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def officer(reader):  # noqa: F811
    return coordinator_of(ProvinceFactory(), language="en")


def one():
    return Notice.objects.get(subject="issue:1")


@pytest.mark.parametrize(
    ("state", "reason"),
    [("planned", ""), ("held", post.IN_DIGEST), ("held", post.MUTED), ("held", f"{BY_HAND}wait")],
)
def test_send_now_leaves_alone_outside_the_hours_and_the_others_wait(
    mail_sink, reader, officer, state, reason  # noqa: F811
):  # fmt: skip
    Preference.objects.create(user=reader, muted_until=NOW.date() + DAY)
    tell(reader, "reminder", 1, rung="-7", due_at=OPENING)
    tell(reader, "reminder", 2, rung="0", due_at=NIGHT)
    Notice.objects.filter(subject="issue:1").update(state=state, reason=reason)

    actions.send_now(one(), by=officer, now=NIGHT)
    dispatch(NIGHT)

    assert bodies() == [ALONE]
    assert stands() == [
        ("1", "sent", "", "About issue:1"),
        ("2", "held", post.IN_DIGEST, None),
    ]


def test_send_now_holds_also_where_the_issue_was_frozen_meanwhile(
    mail_sink, reader, officer, kinds  # noqa: F811
):  # fmt: skip
    tell(reader, "reminder", 1)
    actions.send_now(one(), by=officer, now=NOW)
    kinds.frozen = {"issue:1"}
    dispatch()
    assert (one().state, one().reason) == ("held", "It is frozen.")

    kinds.frozen = set()
    dispatch(NIGHT + DAY)

    assert bodies() == [ALONE]


def test_send_now_in_bulk_leaves_each_alone_but_what_its_reader_asked_to_be_spared(
    mail_sink, reader, officer, client  # noqa: F811
):  # fmt: skip
    Preference.objects.create(user=reader, muted_until=NOW.date() + DAY)
    tell(reader, "reminder", 1, 2, rung="0", due_at=OPENING)
    tell(reader, "reminder", 3, rung="-7", due_at=OPENING)
    everything = {"by": officer, "now": NIGHT, "expected": 2}

    assert in_bulk.act_on_all(Act.SEND, Notice.objects.all(), **everything) == 2
    dispatch(NIGHT)

    assert bodies() == [ALONE, ("About issue:2", "All of it.\n", "sent")]
    assert stands()[2] == ("3", "planned", "", None)
    assert Message.objects.filter(urgency=post.PRESSED).count() == 2


def test_the_page_says_that_each_leaves_alone_and_to_how_many_people(
    client, reader, officer  # noqa: F811
):  # fmt: skip
    tell(reader, "reminder", 1, 2, rung="0", due_at=OPENING)
    client.force_login(officer)

    page = client.get(f"{reverse('outbox:bulk', args=['send'])}?state=planned")

    said = page.content.decode()
    assert "2 notices will leave at once, each as a message of its own." in said
    assert "Nothing of it waits for working hours" in said
    assert page.context["press"].people == 1
    assert "as a message of its own" in client.get(one().get_absolute_url()).content.decode()
