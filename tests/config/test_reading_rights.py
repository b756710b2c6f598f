"""Each model says who may read its rows, or stands here with the reason why it need not."""

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser

from forum.models import CalendarFeed
from issues.models import (
    Call,
    Climb,
    Confirmation,
    Correction,
    DraftedAnswer,
    DraftFile,
    Interval,
    LeftOut,
    Link,
    LinkUse,
    Outcome,
    Pack,
    Pause,
    PreparedReply,
    ProtectedPart,
    Response,
    Screen,
)
from outbox.models import Attempt, Message
from tests.factories import (
    AttemptFactory,
    CallFactory,
    ConcernFactory,
    MessageFactory,
    NoticeFactory,
    OrganizationFactory,
    ProtectedPartFactory,
    ProvinceFactory,
    ResponseFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import (
    CalendarFeedFactory,
    ClimbFactory,
    CorrectionFactory,
    DraftFileFactory,
    LeftOutFactory,
    LinkUseFactory,
    PackFactory,
    PauseFactory,
    PreparedReplyFactory,
    ScreenFactory,
)

ROOMS = {"audit", "provinces", "accounts", "outbox", "forum", "issues"}
ROOMS |= {"reminders", "minutes", "inbox"}
# Everybody may know them: the gazetteer and its roads, offices, themes, holidays, honorifics.
REFERENCE = {"Theme", "Province", "Locality", "Authority", "Holiday", "RoadTime", "Honorific"}
REFERENCE |= {"PresidingRole"}
# Set-up and engine: on no page but those of administrators, or on none.
ENGINE = {"Rung", "ProvincePolicy", "Breaker", "Heartbeat", "LetterBook", "Mailbox"}
ENGINE |= {"Cursor", "FailedAddress", "Receipt"}
ENGINE |= {"ClaimLook", "Look", "ArrivalBook"}
ENGINE |= {"Ladder", "Hours"}
# Read only through what they are a part of, by pages that found that through its right.
PARTS = {"AuditEntry", "BatchLine", "Presiding", "RoleAssignment"}
# Of a forum, a session, a published version, a delegate.
PARTS |= {"IssueCall", "Entry", "Tick"}
# Of a person, shown to nobody else.
PARTS |= {"Preference", "ServiceAddress", "TelegramChat", "TelegramCode"}
pytestmark = pytest.mark.django_db


def test_every_model_says_who_reads_it():
    open_to_all = {
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label in ROOMS and not model._meta.auto_created
        if not hasattr(model._default_manager, "visible_to") and model.__name__ != "User"
    }

    assert open_to_all == REFERENCE | ENGINE | PARTS


def test_parts_are_read_by_who_reads_their_issue():
    issue = issue_in("referred")
    referral = issue.referrals.get()
    rows = [ResponseFactory(referral=referral), CallFactory(referral=referral)]
    rows.append(ProtectedPartFactory(issue=issue))
    ClimbFactory(referral=referral)
    PauseFactory(referral=referral)
    DraftFileFactory(draft__referral=referral)
    everybody = {
        "raiser": representative_of(issue.organization),
        "coordinator": coordinator_of(issue.province),
        "office": official_of(referral.authority),
        "other": representative_of(OrganizationFactory()),
        "elsewhere": coordinator_of(ProvinceFactory(code="16")),
        "administrator": administrator(),
    }

    def readers(model):
        return {name for name, one in everybody.items() if model.objects.visible_to(one).exists()}

    assert readers(Response) == {"raiser", "coordinator", "office"}
    assert readers(Call) == readers(Climb) == {"coordinator"}
    assert readers(Pause) == {"raiser", "coordinator", "office"}
    assert readers(DraftedAnswer) == readers(DraftFile) == {"office"}
    assert readers(ProtectedPart) == {"raiser", "coordinator"}
    assert readers(Interval) == {"raiser", "coordinator", "office"}
    assert readers(Confirmation) == readers(Outcome) == set()


def test_parts_of_a_session_day_are_its_coordinators_and_replies_their_offices():
    outcome = CorrectionFactory().outcome
    session, issue = outcome.item.session, outcome.item.issue
    reply = PreparedReplyFactory(item=outcome.item)
    for make in (LeftOutFactory, PackFactory, ScreenFactory):
        make(session=session)
    everybody = {
        "raiser": representative_of(issue.organization),
        "coordinator": coordinator_of(issue.province),
        "office": official_of(reply.authority),
        "elsewhere": coordinator_of(ProvinceFactory(code="16")),
        "administrator": administrator(),
        "public": AnonymousUser(),
    }

    def readers(model):
        return {name for name, one in everybody.items() if model.objects.visible_to(one).exists()}

    for model in (Correction, LeftOut, Pack, Screen):
        assert readers(model) == {"coordinator"}
    assert readers(PreparedReply) == {"coordinator", "office"}
    ConcernFactory(issue=issue, authority=reply.authority)
    assert readers(PreparedReply) == {"coordinator"}


def test_links_and_their_uses_are_read_by_the_provinces_coordinators():
    referral = LinkUseFactory().link.referral
    issue = referral.issue
    everybody = [
        coordinator_of(issue.province),
        coordinator_of(ProvinceFactory(code="16")),
        official_of(referral.authority),
        representative_of(issue.organization),
        administrator(),
        AnonymousUser(),
    ]

    for model in (Link, LinkUse):
        seen = [model.objects.visible_to(one).exists() for one in everybody]
        assert seen == [True, False, False, False, False, False]


def test_messages_and_tries_are_read_by_the_provinces_coordinators():
    message = MessageFactory()
    notice = NoticeFactory(message=message, state="queued")
    AttemptFactory(message=message)
    here, there = coordinator_of(notice.province), coordinator_of(ProvinceFactory(code="16"))

    for model in (Message, Attempt):
        assert model.objects.visible_to(here).count() == 1
        assert not model.objects.visible_to(there).exists()


def test_a_calendar_address_is_read_by_its_owner():
    feed = CalendarFeedFactory()
    everybody = [feed.user, administrator(), coordinator_of(None), AnonymousUser()]

    seen = [CalendarFeed.objects.visible_to(one).exists() for one in everybody]

    assert seen == [True, False, False, False]
