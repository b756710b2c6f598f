"""Every act on the minutes by every reader in every state, written out."""

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from audit.errors import TransitionError
from forum.models import Session
from minutes import workflow
from minutes.models import Minutes
from minutes.workflow import Act
from tests.factories import OrganizationFactory, ProvinceFactory, coordinator_of, representative_of
from tests.minutes.story import Story

pytestmark = pytest.mark.django_db
# By state of the minutes, in a session whose draft minutes were agreed.
COORDINATOR = {
    "draft": {Act.EDIT_PASSAGE, Act.SET_NUMBER, Act.SEND_FOR_COMMENT},
    "for_comment": {
        Act.EDIT_PASSAGE, Act.SET_NUMBER, Act.SEND_FOR_COMMENT, Act.ANSWER_COMMENT, Act.APPROVE,
    },
    "approved": {Act.ANSWER_COMMENT, Act.ADD_SCAN, Act.PUBLISH, Act.AMEND},
    "published": {Act.ADD_SCAN, Act.WITHDRAW_PUBLICATION, Act.AMEND},
}  # fmt: skip
INVITED = {"draft": set(), "for_comment": {Act.COMMENT}, "approved": set(), "published": set()}
# Before that, and once it is cancelled.
EARLY = {"planned", "open"}


def done(act, minutes, by):
    """What the table answers: ok, too early or late, or not the reader's to do."""
    try:
        workflow.check(act, minutes, by=by)
    except PermissionDenied:
        return "403"
    except TransitionError as error:
        return "no" if str(error) else "without a sentence"
    return "ok"


def wanted(act, status, session_status, acts):
    if act not in set().union(*acts.values()):
        return "403"
    if act not in acts[status]:
        return "no"
    early = {Act.EDIT_PASSAGE, Act.SET_NUMBER}
    allowed = session_status == "released" or (session_status in EARLY and act in early)
    return "ok" if allowed else "no"


def test_every_act_in_every_state_by_everybody():
    story = Story()
    nobody: dict[str, set[Act]] = {status: set() for status in COORDINATOR}
    people = {
        "coordinator": (story.coordinator, COORDINATOR),
        "representative": (story.representative, INVITED),
        "official": (story.official, INVITED),
        "anonymous": (AnonymousUser(), nobody),
        "another province": (coordinator_of(ProvinceFactory(code="16")), nobody),
        "another organization": (representative_of(OrganizationFactory()), nobody),
    }

    for status, held in itertools.product(Minutes.Status.values, Session.Status.values):
        minutes = Minutes(session=story.session, status=status)
        story.session.status = held
        for name, (person, acts) in people.items():
            got = {act: done(act, minutes, person) for act in Act}
            assert got == {act: wanted(act, status, held, acts) for act in Act}, (
                name,
                status,
                held,
            )
            assert workflow.open_acts(minutes, person) == {
                str(act) for act, answer in got.items() if answer == "ok"
            }
