"""The acts on the minutes: what they write, whom they tell, what they refuse."""

import datetime as dt
import threading
import uuid
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import translation

from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from forum.models import Session
from issues.files import Kept
from minutes import actions, content
from minutes.models import Comment, Minutes, Passage
from outbox.models import Notice
from tests.factories import (
    AgendaItemFactory,
    InvitationFactory,
    OrganizationFactory,
    representative_of,
)
from tests.factories_more import DelegateFactory
from tests.minutes.story import NOW, SIGNED, TODAY, UNTIL, Story

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def story():
    return Story()


def traces():
    """What the acts on minutes left in the trail."""
    rows = AuditEntry.objects.filter(action__startswith="minutes.").order_by("pk")
    return [(one.action, one.role, one.change) for one in rows]


def told(kind):
    rows = Notice.objects.filter(kind=kind)
    return sorted((one.recipient, one.version) for one in rows)


def everybody(story, version):
    people = (story.representative, story.official)
    return sorted((f"user:{one.pk}", version) for one in people)


# --- the draft ----------------------------------------------------------------------------------
def test_edit_passage_writes_it_once_and_refuses_who_was_slower(story):
    first = story.write("We opened.", seen=0)
    same = story.write("We opened.", seen=0)
    second = story.write("We opened late.", seen=1)
    with pytest.raises(actions.Stale, match="has changed this passage meanwhile"):
        story.write("Mine.", seen=1)
    story.write("A word.", kind="discussion", item=story.items["public"])

    assert (first.pk, first.version, same.pk, second.version) == (second.pk, 1, first.pk, 2)
    assert list(Passage.objects.order_by("pk").values_list("kind", "item", "language", "text")) == [
        ("opening", None, "en", "We opened late."),
        ("discussion", story.items["public"].pk, "en", "A word."),
    ]
    assert traces()[0] == (
        "minutes.edit_passage", "coordinator", {"passage": first.pk, "version": 1},
    )  # fmt: skip
    assert Minutes.objects.get().status == "draft"


def test_edit_passage_refuses_places_that_are_none(story):
    elsewhere = AgendaItemFactory(issue=None)

    for kind, item in (
        ("discussion", None),
        ("opening", story.items["public"]),
        ("discussion", elsewhere),
        ("discussion", story.items["heading"]),
    ):
        with pytest.raises(TransitionError):
            story.write(kind=kind, item=item)
    assert not Passage.objects.exists()


def test_set_number_keeps_it_until_the_approval(story):
    act = {"by": story.coordinator, "now": NOW}
    actions.set_number(story.session, number="12/26", **act)
    actions.set_number(story.session, number="12/26", **act)
    story.settled()

    with pytest.raises(TransitionError, match="The minutes are approved"):
        actions.set_number(story.session, number="13/26", **act)
    assert Minutes.objects.get().number == "12/26"
    assert [action for action, _role, _change in traces()].count("minutes.set_number") == 1


def test_send_for_comment_tells_everybody_once_a_round(story):
    InvitationFactory(session=story.session, organization=OrganizationFactory(), released_at=None)
    story.send(seen=0)
    with pytest.raises(TransitionError, match="Meanwhile"):
        story.send(seen=0)
    story.send(seen=1, until=UNTIL + DAY)
    with pytest.raises(TransitionError, match="has passed"):
        story.send(until=TODAY - DAY)

    minutes = Minutes.objects.get()
    assert (minutes.status, minutes.round, minutes.comment_until) == ("for_comment", 2, UNTIL + DAY)
    assert told(actions.FOR_COMMENT) == sorted(everybody(story, 1) + everybody(story, 2))
    assert traces() == [
        (
            "minutes.send_for_comment",
            "coordinator",
            {"round": 1, "status": ["draft", "for_comment"]},
        ),
        ("minutes.send_for_comment", "coordinator", {"round": 2}),
    ]


# --- comments -----------------------------------------------------------------------------------
def test_comment_is_said_once_for_the_party_and_answered_once(story):
    story.send()
    key = uuid.uuid4()
    said = story.say(client_key=key)
    again = story.say(client_key=key)
    with pytest.raises(Conflict):
        story.say("Other words.", client_key=key)
    answer = {"by": story.coordinator, "now": NOW, "is_taken_up": True}
    actions.answer_comment(said, answer="It was added.", **answer)
    actions.answer_comment(said, answer="It was added.", **answer)
    with pytest.raises(TransitionError, match="was answered"):
        actions.answer_comment(said, answer="No.", **answer)

    row = Comment.objects.get()
    assert (row.pk, again.pk, row.party, row.round) == (said.pk, said.pk, story.party, 1)
    assert (row.is_taken_up, row.answer, row.answered_by) == (
        True, "It was added.", story.coordinator,
    )  # fmt: skip
    assert traces()[1:] == [
        ("minutes.comment", "representative", {"comment": said.pk}),
        ("minutes.answer_comment", "coordinator", {"comment": said.pk, "taken_up": True}),
    ]


def test_comment_is_only_for_the_party_itself_while_it_waits_for_comments(story):
    with pytest.raises(TransitionError, match="have not been sent"):
        story.say()
    story.send()
    for stranger in (story.official, story.coordinator, representative_of(OrganizationFactory())):
        with pytest.raises(PermissionDenied):
            story.say(by=stranger)
    story.approve()
    with pytest.raises(TransitionError):
        story.say()

    assert not Comment.objects.exists()


# --- the approval -------------------------------------------------------------------------------
def test_approve_freezes_the_minutes_and_locks_the_session(story):
    story.write()
    minutes = story.settled()

    row = Minutes.objects.select_related("session").get()
    assert (row.status, row.approved_at, row.session.minutes_approved_at) == ("approved", NOW, NOW)
    assert row.checksum == minutes.checksum == content.checksum_of(row.content)
    assert row.content == content.draw(row)
    assert len(row.code) >= 20
    assert [(one.role, one.name, one.title, one.on) for one in row.approvals.all()] == [
        (one.role, one.name, one.title, one.on) for one in SIGNED
    ]
    assert row.content["approvals"][0]["name"] == "Chair Name"
    assert traces()[-1] == (
        "minutes.approve", "coordinator", {"scan": False, "status": ["for_comment", "approved"]},
    )  # fmt: skip
    with pytest.raises(TransitionError, match="The minutes are approved"):
        story.write("Later.")


def test_approve_refuses_minutes_that_are_not_those_the_form_was_opened_with(story):
    story.send()
    seen = content.checksum_of(content.draw(actions.of_session(story.session)))
    story.write("Added by somebody else.")

    with pytest.raises(actions.Stale, match="changed meanwhile"):
        story.approve(seen=seen)
    seen = content.checksum_of(content.draw(actions.of_session(story.session)))
    assert story.approve(seen=seen).is_approved


CHAIR, DEPUTY = SIGNED


@pytest.mark.parametrize(
    ("signatures", "sentence"),
    [
        ([CHAIR], "Both who presided"),
        ([CHAIR, CHAIR], "Both who presided"),
        ([CHAIR, replace(DEPUTY, name=" ")], "Both who presided"),
        ([CHAIR, replace(DEPUTY, on=TODAY + DAY)], "lies ahead"),
        ([CHAIR, replace(DEPUTY, on=dt.date(2026, 3, 25))], "before the session"),
    ],
)
def test_approve_asks_for_both_signatures_of_possible_days(story, signatures, sentence):
    story.send()

    with pytest.raises(TransitionError, match=sentence):
        story.approve(signatures=signatures)
    assert Session.objects.get().minutes_approved_at is None


def test_approve_takes_signatures_of_a_session_that_was_opened_before_its_day(story):
    Session.objects.update(
        starts_at=NOW + 9 * DAY, ends_at=NOW + 9 * DAY + DAY / 8, released_at=NOW - DAY
    )
    story.send()
    with pytest.raises(TransitionError, match="before the session"):
        story.approve(signatures=[CHAIR, replace(DEPUTY, on=TODAY - 2 * DAY)])

    signed = [replace(one, on=TODAY) for one in SIGNED]
    assert story.approve(signatures=signed).is_approved


def test_approve_waits_until_every_issue_has_its_outcome(story):
    story.send()
    outcome = story.items["public"].outcome
    outcome.delete()

    with pytest.raises(TransitionError, match="1 issue has no outcome yet"):
        story.approve()
    outcome.pk = None
    outcome.save()
    assert story.approve().is_approved


@pytest.mark.django_db(transaction=True)
def test_approve_by_two_at_once_happens_once():
    story = Story()
    story.send()
    answers = []

    def press():
        try:
            with translation.override("en"):
                answers.append(story.approve().status)
        except TransitionError as error:
            answers.append(str(error)[:24])
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(answers) == ["The minutes are approved", "approved"]
    assert Minutes.objects.get().approvals.count() == 2


def test_add_scan_replaces_the_former_file(
    story, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    story.send()
    first = story.approve(scan=Kept("image", b"first", None)).scan.name
    with django_capture_on_commit_callbacks(execute=True):
        actions.add_scan(
            story.session, by=story.coordinator, now=NOW, scan=Kept("pdf", b"second", None)
        )

    row = Minutes.objects.get()
    assert (row.scan_kind, row.scan.open().read()) == ("pdf", b"second")
    row.scan.close()
    assert not default_storage.exists(first)
    assert traces()[-1] == ("minutes.add_scan", "coordinator", {"replaced": True})


# --- before the public --------------------------------------------------------------------------
def test_publish_tells_everybody_and_forgets_names(story):
    DelegateFactory(session=story.session, invitation=story.invitation, sealed=b"name")
    story.settled()
    published = story.publish()
    with pytest.raises(TransitionError, match="are published"):
        story.publish()
    act = {"by": story.coordinator, "now": NOW}
    withdrawn = actions.withdraw_publication(story.session, because="A slip.", **act)
    again = story.publish()

    assert (published.published_at, withdrawn.published_at) == (NOW, None)
    assert (withdrawn.status, withdrawn.withdrawn_because) == ("approved", "A slip.")
    assert (again.status, again.publications, again.withdrawn_because) == ("published", 2, "")
    assert not story.session.delegates.exclude(sealed=None).exists()
    assert told(actions.PUBLISHED) == sorted(everybody(story, 1) + everybody(story, 2))


def test_amend_counts_from_one_and_tells_everybody(story):
    with pytest.raises(TransitionError):
        story.amend()
    story.settled()
    key = uuid.uuid4()
    first = story.amend(client_key=key)
    again = story.amend(client_key=key)
    with pytest.raises(Conflict):
        story.amend(client_key=key, reason="Another.")
    second = story.amend(item=story.items["public"])
    for wrong in ({"text_en": " "}, {"on": TODAY + DAY}, {"on": TODAY - DAY}):
        with pytest.raises(TransitionError):
            story.amend(**wrong)

    assert (first.number, again.pk, second.number) == (1, first.pk, 2)
    assert told(actions.AMENDED) == sorted(everybody(story, 1) + everybody(story, 2))
    assert traces()[-1] == (
        "minutes.amend", "coordinator", {"amendment": 2, "item": story.items["public"].pk},
    )  # fmt: skip
