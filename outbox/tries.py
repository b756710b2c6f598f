"""The facts of a try, written on both sides of the network: each in one go.

A message is sent as quickly as these two are.
"""

import datetime as dt
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from audit.models import AuditEntry
from outbox.holding import GATE
from outbox.models import Attempt, Message
from outbox.outcomes import Outcome, Sent

LOOK_BACK = 200  # entries of the trail among which one may come to stand late
LONGEST = dt.timedelta(seconds=60)  # one try; half a lease
# The lock apart from the statement that looks for the switch: that one has to see who came before.
BEGIN = """
    SELECT pg_advisory_xact_lock_shared(%(gate)s);
    INSERT INTO outbox_attempt (message_id, claim_token, began_at, outcome, code, text)
    SELECT id, claim_token, %(now)s, 'begun', '', ''
      FROM outbox_message
     WHERE id = %(message)s AND claim_token = %(token)s AND lease_until >= %(until)s
       AND NOT EXISTS (SELECT FROM outbox_standstill WHERE lifted_at IS NULL)
       AND %(number)s = (SELECT count(*) FROM audit_auditentry
                          WHERE id > %(floor)s AND actor_id IS NOT NULL)
 RETURNING id
"""
END = """
    WITH ended AS (
        UPDATE outbox_attempt
           SET outcome = 'sent', code = %(code)s, text = %(text)s, ended_at = %(now)s
         WHERE id = %(attempt)s AND outcome = 'begun'),
    moved AS (
        UPDATE outbox_message SET state = 'sent', claim_token = NULL, lease_until = NULL,
                                  provider_id = coalesce(nullif(%(provider_id)s, ''), provider_id)
         WHERE id = %(message)s AND claim_token = %(token)s
     RETURNING id),
    told AS (
        UPDATE outbox_notice AS notice SET state = 'sent', reason = ''
          FROM moved
         WHERE notice.message_id = moved.id AND notice.state <> 'cancelled'
           AND NOT EXISTS (SELECT FROM outbox_byphone WHERE notice_id = notice.id))
    SELECT id FROM moved
"""


class Acts(NamedTuple):
    """What people had done at a moment: so many entries of the trail after this one.

    Counted, as an entry may be drawn before another one and stand only after it. They only grow.
    """

    floor: int
    number: int


def acts() -> Acts:
    """What people have done by now: whatever they do adds an entry to the trail."""
    latest = AuditEntry.objects.aggregate(latest=Max("pk"))["latest"] or 0
    floor = latest - LOOK_BACK
    number = AuditEntry.objects.filter(pk__gt=floor, actor__isnull=False).count()
    return Acts(floor, number)


def begin(message: Message, *, seen: Acts, now: dt.datetime) -> Attempt | None:
    """A try begun under our claim. Once it returns the row stands.

    None where the message is not ours for as long as a try may take, all is held back, or a person
    did anything after what was ``seen``: then it has to be asked again whether it is still wanted.
    What the system does by itself, as it starts clocks of what just left, lets nobody ask again;
    so whoever begins asks after a second in any case.
    """
    facts: dict[str, Any] = {
        "gate": GATE,
        "message": message.pk,
        "token": message.claim_token,
        "now": now,
        "until": now + LONGEST,  # nobody takes it from us before
        "floor": seen.floor,
        "number": seen.number,
    }
    # In a transaction: the server would end a statement also for whoever was killed meanwhile.
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(BEGIN, facts)
        row = cursor.fetchone()
    if row is None:
        return None
    assert message.claim_token is not None  # noqa: S101 - it was claimed
    return Attempt(pk=row[0], message=message, claim_token=message.claim_token, began_at=now)


def end_sent(attempt: Attempt, outcome: Sent, now: dt.datetime) -> bool:
    """The try and its message have been sent, with what the message tells.

    False where the claim is no longer ours: then only the try has ended.
    """
    facts: dict[str, Any] = {
        "attempt": attempt.pk,
        "message": attempt.message_id,
        "token": attempt.claim_token,
        "code": outcome.code,
        "text": outcome.text,
        "provider_id": outcome.provider_id,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(END, facts)
        is_ours = cursor.fetchone() is not None
    if is_ours:
        message = attempt.message
        message.state, message.claim_token, message.lease_until = Message.State.SENT, None, None
        message.provider_id = outcome.provider_id or message.provider_id
    return is_ours


def end(attempt: Attempt, outcome: Outcome, now: dt.datetime) -> None:
    """The fact of a try that did not send, or may not have."""
    Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.BEGUN).update(
        outcome=outcome.outcome, code=outcome.code, text=outcome.text, ended_at=now
    )
