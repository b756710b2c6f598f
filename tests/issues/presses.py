"""Every kind of outcome as one press on the console, for tests that run through them all."""

import datetime as dt
import uuid

from issues import actions
from issues.actions import Charge, Press, Said
from tests.issues.traces import NOW

REVIEW = dt.date(2041, 8, 1)  # 21 working days after TODAY
LATE = dt.date(2041, 9, 2)  # a due date after the suspension
WORDS = "The administration will see to it."
NEW = (
    "addressed", "referred", "study", "suspended", "higher", "not_competent", "declined",
    "deferred", "withdrawn", "noted",
)  # fmt: skip
# What may be decided on an issue that an office has already.
REVIEWED = (
    "referred", "kept", "rested", "higher", "not_competent", "declined", "withdrawn", "noted",
)  # fmt: skip
STORED = {"declined": "not_competent", "kept": "study", "rested": "suspended"}


def press(
    kind, item, by, office, *, now=NOW, key=None, corrects=None, words=WORDS, due_on=LATE, role=None
):
    """Record the outcome; a kind of ``STORED`` is one without an office that is charged."""
    act, facts = ACTS[kind]
    if act in CHARGING:
        charges = [] if kind in STORED else [Charge(office.pk, due_on, role or "lead")]
        facts = facts | {"charges": charges}
    facts = facts | {"said": Said(words), "press": Press(key or uuid.uuid4(), corrects)}
    return act(item, by=by, now=now, **facts)


ACTS = {
    "addressed": (actions.address, {}),
    "referred": (actions.refer_in_session, {}),
    "study": (actions.study, {"review_on": REVIEW}),
    "kept": (actions.study, {"review_on": REVIEW}),
    "suspended": (actions.suspend, {"until": REVIEW}),
    "rested": (actions.suspend, {"until": REVIEW}),
    "higher": (actions.send_higher, {}),
    "not_competent": (actions.not_competent, {}),
    "declined": (actions.not_competent, {}),
    "deferred": (actions.defer, {}),
    "withdrawn": (actions.withdraw_in_session, {}),
    "noted": (actions.note, {}),
}
CHARGING = {
    actions.refer_in_session,
    actions.study,
    actions.suspend,
    actions.send_higher,
    actions.not_competent,
}


def every_pair(kinds):
    """A walk in which each kind follows each once, itself as well."""
    for place, one in enumerate(kinds):
        yield one
        for other in kinds[place + 1 :]:
            yield one
            yield other
    yield kinds[0]
