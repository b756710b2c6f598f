"""A letter that is handed over while somebody acts on its notices: neither ends the other."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import transaction

from audit import clock
from audit.errors import TransitionError
from audit.models import AuditEntry
from issues import actions
from issues.models import Referral
from outbox import actions as outbox_actions
from outbox import in_bulk, phoning
from outbox.by_letter import TOLD
from outbox.handling import Act
from outbox.models import Message, Notice
from tests import factories as f
from tests.issues.test_letters import coordinator, made, office, referral, states, told
from tests.issues.test_races import PATIENCE, at_once, in_a_thread, wait_for_locks, winners

assert all([at_once, coordinator, office, referral])  # the fixtures
pytestmark = pytest.mark.django_db(transaction=True)


def hand_over(letter, by):
    return actions.hand_over_letter(
        letter, by=by, now=clock.now(), on=clock.today(), receiver="Head of the office"
    )


def clock_started():
    acts = ["issue.hand_over", "issue.record_letter"]
    return AuditEntry.objects.filter(action__in=acts).count()


def test_told_by_phone_and_by_letter_at_once_starts_the_clock_once(at_once, referral, coordinator):
    notice = told(referral, created_at=clock.now() - dt.timedelta(hours=1))
    letter = made(notice, coordinator)
    key, now = uuid.uuid4(), clock.now()

    call, taken_in = at_once(
        referral,
        lambda: phoning.tell_by_phone(
            notice, by=coordinator, now=now, name="Clerk", told_at=now, client_key=key
        ),
        lambda: hand_over(letter, coordinator),
    )

    assert taken_in.handed_over_on == clock.today()
    by_phone = not isinstance(call, TransitionError)  # else the letter was there before it
    assert states() == [("cancelled", phoning.PHONED if by_phone else TOLD)]
    held = Referral.objects.get(pk=referral.pk)
    assert (held.handed_over_on, clock_started()) == (clock.today(), 1)


def test_letter_locks_what_waits_before_messages_as_a_press_on_many_does(referral, coordinator):
    """Who comes second is told so at once, and holds nothing that the letter needs."""
    message = f.MessageFactory(state=Message.State.QUEUED)
    waiting = told(referral, f"user:{f.official_of(referral.authority).pk}")
    told(referral, state="queued", message=message)
    letter = made(waiting, coordinator)
    facts = {"by": coordinator, "now": clock.now(), "expected": 2, "reason": "by hand"}

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Message.objects.select_for_update().get(pk=message.pk)
            taken_in = pool.submit(in_a_thread, lambda: hand_over(letter, coordinator))
            wait_for_locks(1)
            cancelled = pool.submit(
                in_a_thread,
                lambda: in_bulk.act_on_all(Act.CANCEL, Notice.objects.all(), **facts),
            )
            wait([cancelled], timeout=1)
        answers = [one.result(PATIENCE) for one in (taken_in, cancelled)]

    assert winners(answers) == 1
    assert states() == [("cancelled", TOLD)] * 2


def test_letter_and_a_press_on_what_is_prepared_do_not_wait_for_each_other(
    at_once, referral, coordinator, office
):
    office.superior = above = f.AuthorityFactory(name_en="Province")
    office.save()
    day = clock.today()
    Referral.objects.update(handed_over_on=day - dt.timedelta(40), due_on=day - dt.timedelta(20))
    own = told(referral, kind="escalated_office", rung="10", state="prepared")
    up = told(referral, f"authority:{above.pk}", "escalation", rung="10", state="prepared")
    letter = made(up, coordinator)

    pressed, taken_in = at_once(
        own,
        lambda: outbox_actions.release(own, by=coordinator, now=clock.now()),
        lambda: hand_over(letter, coordinator),
    )

    assert taken_in.handed_over_on == day
    by_press = not isinstance(pressed, TransitionError)
    assert states() == [("planned", ""), ("cancelled", TOLD)]
    assert pressed == 2 if by_press else str(pressed)
