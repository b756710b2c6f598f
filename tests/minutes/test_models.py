"""Every rule the database keeps for minutes, and who reads their rows."""

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, transaction

from audit import clock
from forum.models import Session
from issues.models import Outcome
from minutes.models import Amendment, Approval, Comment, Minutes, Passage
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import (
    AmendmentFactory,
    ApprovalFactory,
    MinutesCommentFactory,
    MinutesFactory,
    PassageFactory,
)
from tests.minutes.story import Story

pytestmark = pytest.mark.django_db


def change(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)


def twice(factory, **fields):
    row = factory(**fields)
    factory(minutes=row.minutes, **fields)


VIOLATIONS = {
    "minutes_sent_say_when_and_until": lambda: MinutesFactory(
        status="for_comment", comment_until=None
    ),
    "minutes_are_frozen_exactly_when_approved": lambda: MinutesFactory(
        status="approved", checksum="short"
    ),
    "minutes_published_at_matches_status": lambda: MinutesFactory(
        status="published", published_at=None
    ),
    "minutes_withdrawn_are_approved": lambda: MinutesFactory(withdrawn_because="A slip."),
    "minutes_scan_says_what_it_is_and_follows_approval": lambda: MinutesFactory(
        scan="minutes/aa/aa", scan_kind="pdf"
    ),
    "comment_is_said_for_one_party": lambda: change(MinutesCommentFactory(), organization=None),
    "comment_is_on_its_place": lambda: MinutesCommentFactory(kind="discussion"),
    "comment_on_minutes_says_something": lambda: MinutesCommentFactory(text=""),
    "comment_answered_says_by_whom_and_how": lambda: MinutesCommentFactory(answered_at=clock.now()),
    "minutes_are_signed_once_a_role": lambda: twice(ApprovalFactory),
    "approval_says_who_signed": lambda: ApprovalFactory(name=""),
    "amendment_has_its_own_number": lambda: twice(AmendmentFactory),
    "amendments_count_from_one": lambda: AmendmentFactory(number=0),
    "amendment_says_what_and_why": lambda: AmendmentFactory(reason=""),
    "passage_stands_at_its_place": lambda: PassageFactory(kind="discussion"),
    "passage_stands_once_in_a_language": lambda: twice(PassageFactory),
}


def test_every_constraint_is_violated_here():
    named = {
        constraint.name
        for model in apps.get_app_config("minutes").get_models()
        for constraint in model._meta.constraints
    }

    assert set(VIOLATIONS) == named


@pytest.mark.parametrize("name", VIOLATIONS)
def test_constraint_refuses(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        VIOLATIONS[name]()


def refused(words):
    return pytest.raises(DatabaseError, match=words)


def test_approved_minutes_amendments_and_signatures_stand():
    minutes, amendment, approval = MinutesFactory(status="approved"), *_settled()

    for fields in ({"content": {}}, {"checksum": "0" * 64}, {"code": "other"}, {"number": "9"}):
        with refused("approved minutes stand as they are"), transaction.atomic():
            change(minutes, **fields)
    for row in (amendment, approval):
        with refused("Cannot update or delete"), transaction.atomic():
            change(row, on=clock.today())
        with refused("Cannot update or delete"), transaction.atomic():
            row.delete()
    with refused("Cannot delete"), transaction.atomic():
        Minutes.objects.filter(pk=minutes.pk).delete()


def _settled():
    return AmendmentFactory(), ApprovalFactory()


def test_outcomes_agenda_and_passages_are_locked_by_the_approval():
    item = AgendaItemFactory(session=MinutesFactory(status="for_comment").session)
    outcome = OutcomeFactory(item=item)
    passage = PassageFactory(minutes=item.session.minutes)
    change(item.session, minutes_approved_at=clock.now())

    for row, fields in (
        (outcome, {"text": "Other words."}),
        (item, {"minutes": 5}),
        (passage, {"text": "Other words."}),
    ):
        with refused("minutes of this session are approved"), transaction.atomic():
            change(row, **fields)
    assert Outcome.objects.get(pk=outcome.pk).text == outcome.text


SECRETARIAT = {"coordinator", "coordinator of all"}
INVITED = {"representative", "official", "superior"}


@pytest.mark.parametrize(
    ("session", "status", "wanted"),
    [
        ("open", "draft", SECRETARIAT),
        ("released", "draft", SECRETARIAT | INVITED),
        ("released", "for_comment", SECRETARIAT | INVITED),
        ("released", "published", None),
    ],
)
def test_minutes_and_their_rows_are_visible_to_who_may_read_them(session, status, wanted):
    story = Story()
    if session == "open":
        Session.objects.update(status="open", released_at=None)
    minutes = MinutesFactory(session=story.session, status=status)
    PassageFactory(minutes=minutes)
    people = _people(story)

    for model in (Minutes, Passage):
        readers = {name for name, one in people.items() if model.objects.visible_to(one).exists()}
        assert readers == (set(people) if wanted is None else wanted)
    assert not Approval.objects.visible_to(people["anonymous"]).exists()
    assert not Amendment.objects.visible_to(people["anonymous"]).exists()


def _people(story):
    superior = AuthorityFactory(kind="administration", province=story.province)
    type(superior).objects.filter(pk=story.office.pk).update(superior=superior)
    return {
        "anonymous": AnonymousUser(),
        "administrator": administrator(),
        "coordinator": story.coordinator,
        "coordinator of all": coordinator_of(None),
        "another province": coordinator_of(ProvinceFactory(code="16")),
        "representative": story.representative,
        "another organization": representative_of(OrganizationFactory()),
        "official": story.official,
        "superior": official_of(superior),
    }


def test_comments_are_visible_to_coordinators_and_to_their_own_party():
    story = Story()
    minutes = MinutesFactory(session=story.session, status="for_comment")
    comment = MinutesCommentFactory(minutes=minutes, organization=story.party)
    InvitationFactory(session=story.session, organization=OrganizationFactory())

    readers = {
        name for name, one in _people(story).items() if Comment.objects.visible_to(one).exists()
    }

    assert readers == {"coordinator", "coordinator of all", "representative"}
    assert str(comment) == f"{minutes.pk} #{comment.pk}"
