"""Factories of what came to an issue later: its safety, its talk, its course."""

import uuid

import factory
from factory.django import DjangoModelFactory

from audit import clock
from audit.models import AuditEntry, subject_of
from forum.models import CalendarFeed, Delegate, IssueCall, Programme, Tick, Told
from issues import links
from issues.models import (
    Batch,
    BatchLine,
    Climb,
    Comment,
    Correction,
    Cosign,
    DraftedAnswer,
    DraftFile,
    Extension,
    FieldCheck,
    LeftOut,
    Letter,
    Link,
    LinkUse,
    Merge,
    Pack,
    Pause,
    PreparedReply,
    Pressure,
    Redirection,
    ReportBack,
    Revision,
    SavedView,
    Screen,
    Step,
)
from minutes.content import checksum_of, draw
from minutes.models import Amendment, Approval, Minutes, Passage, new_code
from minutes.models import Comment as MinutesComment
from provinces.models import Honorific, RoadTime
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    ForumFactory,
    InvitationFactory,
    NamedFactory,
    NoticeFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    ReferralFactory,
    ResponseFactory,
    SessionFactory,
    UserFactory,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)


class PressureFactory(DjangoModelFactory):
    """A freeze that stands; with ``lifted_because`` one that was lifted."""

    class Meta:
        model = Pressure

    issue = factory.LazyFunction(lambda: issue_in("accepted"))
    told_by = factory.SelfAttribute("issue.author")
    told_at = factory.LazyFunction(clock.now)
    lifted_because = ""
    lifted_at = factory.LazyAttribute(lambda made: clock.now() if made.lifted_because else None)
    lifted_by = factory.LazyAttribute(
        lambda made: coordinator_of(made.issue.province) if made.lifted_because else None
    )


class CommentFactory(DjangoModelFactory):
    """A note of the secretariat; with ``referral=…`` of that office, to the secretariat alone."""

    class Meta:
        model = Comment

    client_key = factory.LazyFunction(uuid.uuid4)
    referral = None
    issue = factory.LazyAttribute(
        lambda made: made.referral.issue if made.referral else issue_in("accepted")
    )
    by = factory.LazyAttribute(
        lambda made: (
            official_of(made.referral.authority)
            if made.referral
            else coordinator_of(made.issue.province)
        )
    )
    role = factory.LazyAttribute(lambda made: "official" if made.referral else "coordinator")
    to_offices = factory.LazyAttribute(lambda made: made.referral is not None)
    text = "We visited the place."
    created_at = factory.LazyFunction(clock.now)


class RedirectionFactory(DjangoModelFactory):
    """A proposal of an official that waits for its decision."""

    class Meta:
        model = Redirection

    referral = factory.SubFactory(ReferralFactory)
    reason = "Roads of the district are not ours."
    proposed_by = factory.LazyAttribute(lambda made: official_of(made.referral.authority))
    proposed_at = factory.LazyFunction(clock.now)


class LinkFactory(DjangoModelFactory):
    """The link of a first notice to an official; ``key`` opens it, may be given, is not kept."""

    class Meta:
        model = Link

    class Params:
        key = factory.LazyFunction(lambda: uuid.uuid4().hex + "a-cdefghijk")

    referral = factory.LazyAttribute(lambda _made: issue_in("referred").referrals.get())
    recipient = factory.LazyAttribute(
        lambda made: f"user:{official_of(made.referral.authority).pk}"
    )
    notice = factory.LazyAttribute(
        lambda made: NoticeFactory(
            subject=subject_of(made.referral), kind="first_referral", recipient=made.recipient
        )
    )
    version = factory.SelfAttribute("referral.due_version")
    may_act = True
    digest = factory.LazyAttribute(lambda made: links.digest_of(made.key))
    made_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyAttribute(lambda made: made.made_at + links.LASTS)


class LetterFactory(DjangoModelFactory):
    """The first notice of a referral as a letter to its office, not handed over yet."""

    class Meta:
        model = Letter

    direction = "out"
    referral = factory.LazyAttribute(lambda _made: issue_in("referred").referrals.get())
    issue = factory.SelfAttribute("referral.issue")
    province = factory.SelfAttribute("issue.province")
    number = factory.Sequence(lambda n: f"{n + 1000}/26")
    on = factory.LazyFunction(clock.today)
    authority = factory.SelfAttribute("referral.authority")
    notice = factory.LazyAttribute(
        lambda made: NoticeFactory(
            subject=subject_of(made.referral),
            kind=made.kind,
            rung=made.rung,
            recipient=f"authority:{made.authority.pk}",
            province=made.province,
        )
    )
    kind = "first_referral"
    rung = ""
    created_at = factory.LazyFunction(clock.now)
    created_by = factory.LazyAttribute(lambda made: coordinator_of(made.province))


class LinkUseFactory(DjangoModelFactory):
    """A deputy director received it through a link."""

    class Meta:
        model = LinkUse

    client_key = factory.LazyFunction(uuid.uuid4)
    content = "0" * 64
    link = factory.SubFactory(LinkFactory)
    act = "acknowledge"
    name = "Deputy director"
    office = "Department of roads"
    at = factory.LazyFunction(clock.now)
    entry = factory.LazyAttribute(
        lambda made: AuditEntry.objects.create(
            action="issue.acknowledge", subject=subject_of(made.link.referral.issue)
        )
    )


class ExtensionFactory(DjangoModelFactory):
    """An official asked for ten days more, and nobody has decided."""

    class Meta:
        model = Extension

    client_key = factory.LazyFunction(uuid.uuid4)
    referral = factory.SubFactory(ReferralFactory)
    due_on = factory.LazyAttribute(lambda made: made.referral.date)
    days = 10
    wanted_on = factory.LazyAttribute(lambda made: made.due_on + made.days * DAY)
    reason = "The rains have not ended."
    asked_by = factory.LazyAttribute(lambda made: official_of(made.referral.authority))
    asked_at = factory.LazyFunction(clock.now)


class PauseFactory(DjangoModelFactory):
    """An office asked something today, and its clock stands still."""

    class Meta:
        model = Pause

    referral = factory.SubFactory(ReferralFactory)
    question = factory.LazyAttribute(
        lambda made: ResponseFactory(referral=made.referral, kind="question")
    )
    began_on = factory.LazyFunction(clock.today)
    ends_by = factory.LazyAttribute(lambda made: made.began_on + 14 * DAY)


class DraftedAnswerFactory(DjangoModelFactory):
    """An answer that waits for the director's approval."""

    class Meta:
        model = DraftedAnswer

    client_key = factory.LazyFunction(uuid.uuid4)
    referral = factory.SubFactory(ReferralFactory)
    kind = "answer"
    text = "The bridge is on our list."
    by = factory.LazyAttribute(lambda made: official_of(made.referral.authority))
    title = factory.LazyAttribute(lambda made: made.by.title_en)
    drafted_at = factory.LazyFunction(clock.now)


class DraftFileFactory(DjangoModelFactory):
    """A document of a drafted answer."""

    class Meta:
        model = DraftFile

    key = factory.LazyFunction(uuid.uuid4)
    draft = factory.SubFactory(DraftedAnswerFactory)
    kind = "pdf"
    file = factory.django.FileField(data=b"%PDF-1.4", filename="paper.pdf")
    size = 8
    digest = factory.Sequence(lambda n: f"{n:064}")


class ClimbFactory(DjangoModelFactory):
    """A coordinator kept a referral at its office's own level."""

    class Meta:
        model = Climb

    client_key = factory.LazyFunction(uuid.uuid4)
    referral = factory.SubFactory(ReferralFactory)
    direction = "down"
    version = factory.LazyAttribute(lambda made: made.referral.due_version)
    reason = "They met and agreed."
    by = factory.LazyAttribute(lambda made: made.referral.referred_by)
    at = factory.LazyFunction(clock.now)


class CosignFactory(DjangoModelFactory):
    """An organization that co-signs; with ``state="asked"`` one that has not answered."""

    class Meta:
        model = Cosign

    issue = factory.LazyFunction(lambda: issue_in("accepted"))
    organization = factory.SubFactory(OrganizationFactory)
    state = Cosign.State.AGREED
    answered_at = factory.LazyAttribute(
        lambda made: None if made.state == Cosign.State.ASKED else clock.now()
    )
    answered_by = factory.LazyAttribute(
        lambda made: made.issue.author if made.answered_at else None
    )


class MergeFactory(DjangoModelFactory):
    """A merging that stands, of an issue that is closed by it."""

    class Meta:
        model = Merge

    target = factory.LazyFunction(lambda: issue_in("accepted"))
    source = factory.LazyAttribute(
        lambda made: issue_in("closed", closed_as="merged", merged_into=made.target)
    )
    by = factory.LazyAttribute(lambda made: coordinator_of(made.target.province))
    at = factory.LazyFunction(clock.now)
    before = factory.LazyAttribute(
        lambda made: {
            "status": "accepted",
            "agenda": [],
            "disclosure": made.target.disclosure,
            "version_after": made.target.version,
            "concerns": [],
            "moved": [],
            "recalled": [],
        }
    )


class SavedViewFactory(DjangoModelFactory):
    """The accepted issues, oldest first."""

    class Meta:
        model = SavedView

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"View {n}")
    query = "state=accepted&sort=oldest"


class StepFactory(DjangoModelFactory):
    class Meta:
        model = Step

    client_key = factory.LazyFunction(uuid.uuid4)
    issue = factory.LazyFunction(lambda: issue_in("referred"))
    title = "Measure the boundary with the families"
    due_on = factory.LazyFunction(clock.today)
    added_by = factory.LazyAttribute(lambda made: coordinator_of(made.issue.province))
    added_at = factory.LazyFunction(clock.now)


class FieldCheckFactory(DjangoModelFactory):
    class Meta:
        model = FieldCheck

    client_key = factory.LazyFunction(uuid.uuid4)
    issue = factory.LazyFunction(lambda: issue_in("referred"))
    on = factory.LazyFunction(clock.today)
    participants = "Deputy district governor"
    people = 40
    women = 22
    findings = "Two of five posts stand outside the line."
    recorded_by = factory.LazyAttribute(lambda made: coordinator_of(made.issue.province))
    recorded_at = factory.LazyFunction(clock.now)


class ReportBackFactory(DjangoModelFactory):
    class Meta:
        model = ReportBack

    client_key = factory.LazyFunction(uuid.uuid4)
    issue = factory.LazyFunction(lambda: issue_in("resolved"))
    on = factory.LazyFunction(clock.today)
    how = "Village meeting"
    people = 61
    women = 35
    recorded_by = factory.LazyAttribute(lambda made: coordinator_of(made.issue.province))
    recorded_at = factory.LazyFunction(clock.now)


class RevisionFactory(DjangoModelFactory):
    class Meta:
        model = Revision

    issue = factory.LazyFunction(lambda: issue_in("accepted"))
    version = 1
    title = "An earlier title"
    text = "An earlier text."
    replaced_by = factory.SelfAttribute("issue.author")
    replaced_at = factory.LazyFunction(clock.now)


class BatchFactory(DjangoModelFactory):
    """A file of two lines that was checked, its rows erased."""

    class Meta:
        model = Batch

    client_key = factory.LazyFunction(uuid.uuid4)
    by = factory.LazyFunction(lambda: coordinator_of(ProvinceFactory()))
    language = "en"
    digest = "0"
    state = Batch.State.CHECKED
    total = 2
    done = 2
    sent_at = factory.LazyFunction(clock.now)


class BatchLineFactory(DjangoModelFactory):
    class Meta:
        model = BatchLine

    key = factory.LazyFunction(uuid.uuid4)
    batch = factory.SubFactory(BatchFactory, state=Batch.State.DONE)
    line = factory.Sequence(lambda n: n + 2)
    issue = factory.LazyFunction(lambda: issue_in("submitted"))


class RoadTimeFactory(DjangoModelFactory):
    """The road between Mondulkiri and Ratanakkiri, unless other provinces are given."""

    class Meta:
        model = RoadTime
        django_get_or_create = ["one", "other"]

    one = factory.LazyFunction(lambda: ProvinceFactory(code="11"))
    other = factory.LazyFunction(lambda: ProvinceFactory(code="16"))
    minutes = 195


class HonorificFactory(NamedFactory):
    class Meta:
        model = Honorific
        django_get_or_create = ["code"]

    code = "excellency"


class IssueCallFactory(DjangoModelFactory):
    """A call that is open today, of Mondulkiri."""

    class Meta:
        model = IssueCall

    forum = factory.SubFactory(ForumFactory)
    province = factory.SubFactory(ProvinceFactory)
    opens_on = factory.LazyFunction(lambda: clock.today() - DAY)
    closes_on = factory.LazyFunction(lambda: clock.today() + 14 * DAY)


class DelegateFactory(DjangoModelFactory):
    """The next delegate of an invitation; with ``invitation=None`` a guest of nobody's."""

    class Meta:
        model = Delegate

    invitation = factory.SubFactory(InvitationFactory)
    session = factory.LazyAttribute(
        lambda made: made.invitation.session if made.invitation else SessionFactory()
    )
    number = factory.LazyAttribute(
        lambda made: (
            Delegate.objects.filter(session=made.session, invitation=made.invitation).count() + 1
        )
    )
    title = "Head of the community"
    sex = Delegate.Sex.WOMAN
    named_at = factory.LazyFunction(clock.now)
    client_key = factory.LazyFunction(uuid.uuid4)


class TickFactory(DjangoModelFactory):
    """A press that says that a delegate is here, sent as it was made."""

    class Meta:
        model = Tick

    client_key = factory.LazyFunction(uuid.uuid4)
    delegate = factory.SubFactory(DelegateFactory)
    is_here = True
    at = factory.LazyFunction(clock.now)
    received_at = factory.SelfAttribute("at")
    by = factory.LazyAttribute(lambda made: coordinator_of(made.delegate.session.province))


class CalendarFeedFactory(DjangoModelFactory):
    """The calendar address of a person."""

    class Meta:
        model = CalendarFeed

    user = factory.SubFactory(UserFactory)
    nonce = factory.LazyFunction(uuid.uuid4)
    made_at = factory.LazyFunction(clock.now)


class ToldFactory(DjangoModelFactory):
    """Somebody who was told by e-mail of the session as it is published."""

    class Meta:
        model = Told

    session = factory.LazyFunction(lambda: announced(SessionFactory()))
    recipient = factory.Sequence(lambda n: f"user:{n}")
    entry = factory.SelfAttribute("session.announced")
    told_at = factory.LazyFunction(clock.now)
    way = Told.Way.EMAIL


class ProgrammeFactory(DjangoModelFactory):
    """The next version of a forum's programme, without any session."""

    class Meta:
        model = Programme

    forum = factory.SubFactory(ForumFactory)
    number = factory.LazyAttribute(lambda made: made.forum.programmes.count() + 1)
    published_at = factory.LazyFunction(clock.now)


class MinutesFactory(DjangoModelFactory):
    """A draft of a released session; ``status=…`` gives it what that state needs."""

    class Meta:
        model = Minutes

    session = factory.SubFactory(SessionFactory, status="released")
    status = Minutes.Status.DRAFT
    round = factory.LazyAttribute(lambda made: int(made.status != Minutes.Status.DRAFT))
    sent_at = factory.LazyAttribute(lambda made: clock.now() if made.round else None)
    comment_until = factory.LazyAttribute(lambda made: clock.today() + DAY if made.round else None)
    approved_at = factory.LazyAttribute(
        lambda made: clock.now() if made.status in ("approved", "published") else None
    )
    content = factory.LazyAttribute(
        lambda made: dict(draw(Minutes(session=made.session))) if made.approved_at else None
    )
    checksum = factory.LazyAttribute(
        lambda made: checksum_of(made.content) if made.approved_at else ""
    )
    code = factory.LazyAttribute(lambda made: new_code() if made.approved_at else None)
    published_at = factory.LazyAttribute(
        lambda made: clock.now() if made.status == Minutes.Status.PUBLISHED else None
    )
    publications = factory.LazyAttribute(lambda made: int(made.published_at is not None))


class MinutesCommentFactory(DjangoModelFactory):
    """What somebody of an invited organization says on the opening."""

    class Meta:
        model = MinutesComment

    minutes = factory.SubFactory(MinutesFactory, status="for_comment")
    round = 1
    kind = "opening"
    text = "Please add the date."
    organization = factory.SubFactory(OrganizationFactory)
    by = factory.LazyAttribute(lambda made: representative_of(made.organization))
    created_at = factory.LazyFunction(clock.now)
    client_key = factory.LazyFunction(uuid.uuid4)


class AmendmentFactory(DjangoModelFactory):
    """A correction of approved minutes as a whole."""

    class Meta:
        model = Amendment

    minutes = factory.SubFactory(MinutesFactory, status="approved")
    number = 1
    text_en = "It was ten, not two."
    reason = "A slip of the pen."
    on = factory.LazyFunction(clock.today)
    made_by = factory.LazyAttribute(lambda made: coordinator_of(made.minutes.session.province))
    made_at = factory.LazyFunction(clock.now)
    client_key = factory.LazyFunction(uuid.uuid4)


class PassageFactory(DjangoModelFactory):
    """The opening in English."""

    class Meta:
        model = Passage

    minutes = factory.SubFactory(MinutesFactory)
    kind = "opening"
    language = "en"
    text = "The session was opened."
    edited_by = factory.LazyAttribute(lambda made: coordinator_of(made.minutes.session.province))
    edited_at = factory.LazyFunction(clock.now)


class ApprovalFactory(DjangoModelFactory):
    """The chair's signature."""

    class Meta:
        model = Approval

    minutes = factory.SubFactory(MinutesFactory, status="approved")
    role = "chair"
    name = "Chair Name"
    title = "Chair of the secretariat"
    on = factory.LazyFunction(clock.today)


# --- the session day ----------------------------------------------------------------------------
class PreparedReplyFactory(DjangoModelFactory):
    """What an office has ready for an item."""

    class Meta:
        model = PreparedReply

    item = factory.SubFactory(AgendaItemFactory)
    authority = factory.SubFactory(AuthorityFactory)
    text = "The line was measured in May."
    title = "Director"
    written_by = factory.LazyAttribute(lambda made: official_of(made.authority))
    written_at = factory.LazyFunction(clock.now)


class CorrectionFactory(DjangoModelFactory):
    """The first version of an outcome, kept."""

    class Meta:
        model = Correction

    outcome = factory.SubFactory(OutcomeFactory)
    version = 1
    before = factory.LazyAttribute(lambda made: {"kind": "deferred", "text": ""})
    recorded_by = factory.SelfAttribute("outcome.recorded_by")
    recorded_at = factory.SelfAttribute("outcome.recorded_at")
    corrected_by = factory.SelfAttribute("outcome.recorded_by")
    corrected_at = factory.LazyFunction(clock.now)


class LeftOutFactory(DjangoModelFactory):
    """A review that was taken off an agenda."""

    class Meta:
        model = LeftOut

    session = factory.SubFactory(SessionFactory)
    issue = factory.LazyFunction(lambda: issue_in("referred"))
    left_out_by = factory.LazyAttribute(lambda made: coordinator_of(made.session.province))
    left_out_at = factory.LazyFunction(clock.now)


class PackFactory(DjangoModelFactory):
    """The first sending of a session's agenda."""

    class Meta:
        model = Pack

    session = factory.SubFactory(SessionFactory)
    number = 1
    sent_by = factory.LazyAttribute(lambda made: coordinator_of(made.session.province))
    sent_at = factory.LazyFunction(clock.now)
    client_key = factory.LazyFunction(uuid.uuid4)


class ScreenFactory(DjangoModelFactory):
    class Meta:
        model = Screen

    session = factory.SubFactory(SessionFactory, status="open")
