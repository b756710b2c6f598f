"""Notices that are due, of a real kind, since the engines are processes of their own."""

from audit import clock
from outbox import actions
from outbox.models import Message
from tests.factories import issue_in, representative_of


def tell_many(count, *, people=None, urgency=0, kind="issue_accepted", version=1):
    """Plan so many notices about a fresh issue, to as many ``people`` with an address each."""
    issue = issue_in("accepted" if kind == "issue_accepted" else "referred")
    readers = [representative_of(issue.organization) for _ in range(people or count)]
    for number in range(count // len(readers)):
        actions.tell(
            kind,
            f"issue:{issue.pk}",
            recipients=[f"user:{one.pk}" for one in readers],
            due_at=clock.now(),
            version=version + number,
            urgency=urgency,
            province_id=issue.province_id,
        )
    return readers


def states():
    """How many messages stand in each state."""
    found = {}
    for state in Message.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found
