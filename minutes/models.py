"""The minutes of a session, their free passages, and what was said, signed and amended of them."""

import secrets
import uuid
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.models import Invitation, Presiding, Reader, Session, of_own_parties
from forum.models.shared import ONE_PARTY, Party
from issues.models import AgendaItem
from issues.models.agenda import locked_once_approved

TEXT_LENGTH = 4000
REMARK_LENGTH = 2000
LANGUAGES = [("km", _("Khmer")), ("en", _("English"))]
SESSION_OF_MINUTES = (
    "(SELECT session_id FROM minutes_minutes WHERE id = COALESCE(NEW.minutes_id, OLD.minutes_id))"
)
# What stands under the checksum never changes.
STANDS = """
    IF OLD.approved_at IS NOT NULL AND
        ROW(OLD.session_id, OLD.number, OLD.content, OLD.checksum, OLD.code, OLD.approved_at)
        IS DISTINCT FROM
        ROW(NEW.session_id, NEW.number, NEW.content, NEW.checksum, NEW.code, NEW.approved_at)
    THEN
        RAISE EXCEPTION 'approved minutes stand as they are' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def visible_to(self, user: Reader) -> "MinutesQuerySet":
        """Published ones, those of the user's provinces, and agreed ones the user was asked to.

        The room agreed on the draft when the session was released, and knows it from then on.
        """
        if getattr(user, "serves_all", False):
            return self
        readable = Q(status=Minutes.Status.PUBLISHED)
        if user.is_authenticated:
            asked = Invitation.objects.left().filter(of_own_parties(user)).values("session")
            readable |= Q(session__province__in=user.served_ids)
            readable |= Q(session__in=asked, session__status=Session.Status.RELEASED)
        return self.filter(readable)

    def approved(self) -> "MinutesQuerySet":
        """Those whose content stands."""
        return self.filter(approved_at__isnull=False)


class Minutes(models.Model):
    """The record of one session; its row is made by the first act, until then it is all draft.

    ``round`` counts how often it was sent for comment, ``publications`` how often it was
    published; ``withdrawn_because`` says why it is not at present. With the approval ``content``
    is frozen as ``minutes.content`` draws it, under its ``checksum``; ``code`` is the address at
    which a paper is checked. ``scan`` is the signed page.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        FOR_COMMENT = "for_comment", _("Sent for comment")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")

    class ScanKind(models.TextChoices):
        IMAGE = "image", _("Photo")
        PDF = "pdf", _("Document")

    session = models.OneToOneField(Session, models.PROTECT, related_name="minutes")
    status = models.CharField(_("state"), max_length=12, choices=Status, default=Status.DRAFT)
    number = models.CharField(_("number of the minutes"), max_length=40, blank=True)
    round = models.PositiveSmallIntegerField(default=0, editable=False)
    sent_at = models.DateTimeField(_("sent for comment"), null=True, editable=False)
    comment_until = models.DateField(_("comments until"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    publications = models.PositiveSmallIntegerField(default=0, editable=False)
    withdrawn_because = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)
    content = models.JSONField(null=True, editable=False)
    checksum = models.CharField(max_length=64, blank=True, editable=False)
    code = models.CharField(max_length=32, null=True, unique=True, editable=False)  # noqa: DJ001 - drafts have none
    scan = models.FileField(max_length=200, blank=True, editable=False)
    scan_kind = models.CharField(max_length=8, choices=ScanKind, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "minutes"
        ordering = ["session"]
        constraints = [
            models.CheckConstraint(
                name="minutes_sent_say_when_and_until",
                condition=Q(status="draft", round=0, sent_at=None, comment_until=None)
                | Q(round__gte=1, sent_at__isnull=False, comment_until__isnull=False)
                & ~Q(status="draft"),
            ),
            models.CheckConstraint(
                name="minutes_are_frozen_exactly_when_approved",
                condition=Q(
                    status__in=["draft", "for_comment"],
                    approved_at=None,
                    content=None,
                    checksum="",
                    code=None,
                )
                | Q(
                    status__in=["approved", "published"],
                    approved_at__isnull=False,
                    content__isnull=False,
                    checksum__regex="^[0-9a-f]{64}$",
                    code__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="minutes_published_at_matches_status",
                condition=Q(status="published", published_at__isnull=False, publications__gte=1)
                | ~Q(status="published") & Q(published_at=None),
            ),
            models.CheckConstraint(
                name="minutes_withdrawn_are_approved",
                condition=Q(withdrawn_because="") | Q(status="approved", publications__gte=1),
            ),
            models.CheckConstraint(
                name="minutes_scan_says_what_it_is_and_follows_approval",
                condition=Q(scan="", scan_kind="")
                | ~Q(scan="") & ~Q(scan_kind="") & Q(approved_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="content_stands_once_approved",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=STANDS,
            ),
            pgtrigger.Protect(name="are_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.get_status_display()}"

    def get_absolute_url(self) -> str:
        """The page of the minutes, below their session's."""
        return reverse("minutes:minutes", args=[self.session_id])

    @property
    def is_approved(self) -> bool:
        """Whether the content stands; published minutes are approved ones too."""
        return self.approved_at is not None

    @property
    def is_published(self) -> bool:
        """Whether everybody may read the public edition."""
        return self.status == Minutes.Status.PUBLISHED


class OfMinutesQuerySet(models.QuerySet[Any]):
    """Rows that are read with their minutes."""

    def visible_to(self, user: Reader) -> "OfMinutesQuerySet":
        """Those of the minutes the user may read; ``minutes.editions`` says what is shown."""
        return self.filter(minutes__in=Minutes.objects.visible_to(user).values("pk"))


class Place(models.TextChoices):
    """Where a free passage stands in the minutes; a discussion belongs to an item."""

    OPENING = "opening", _("Opening")
    DISCUSSION = "discussion", _("Discussion of an item")
    OTHER = "other", _("Other points")
    CLOSING = "closing", _("Closing")


AT_ITS_PLACE = Q(kind="discussion", item__isnull=False) | ~Q(kind="discussion") & Q(item=None)


class Passage(models.Model):
    """Free text in the minutes in one language; it may change until they are approved."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="passages")
    kind = models.CharField(_("place"), max_length=12, choices=Place)
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    text = models.TextField(_("text"), max_length=TEXT_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(_("changed"))

    objects = OfMinutesQuerySet.as_manager()

    class Meta:
        ordering = ["minutes", "pk"]
        constraints = [
            models.CheckConstraint(name="passage_stands_at_its_place", condition=AT_ITS_PLACE),
            models.UniqueConstraint(
                fields=["minutes", "kind", "item", "language"],
                nulls_distinct=False,
                name="passage_stands_once_in_a_language",
            ),
        ]
        triggers = [locked_once_approved(SESSION_OF_MINUTES)]

    def __str__(self) -> str:
        return f"{self.minutes_id} {self.kind} {self.language}"


class MinutesCommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Reader) -> "MinutesCommentQuerySet":
        """All for the province's coordinators; an invited party's people read their own."""
        if not user.is_authenticated:
            return self.none()
        served = Session.objects.served_by(user).values("pk")
        return self.filter(Q(minutes__session__in=served) | of_own_parties(user))

    def waiting(self) -> "MinutesCommentQuerySet":
        """Those the secretariat has not answered."""
        return self.filter(answered_at=None)


class Comment(Party):
    """What somebody invited says, for their party, on a passage or an item; with its answer."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="comments")
    round = models.PositiveSmallIntegerField(editable=False)
    kind = models.CharField(_("place"), max_length=12, choices=Place)
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(_("comment"), max_length=REMARK_LENGTH)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("said at"))
    client_key = models.UUIDField(unique=True, editable=False)
    is_taken_up = models.BooleanField(_("taken up"), null=True)
    answer = models.TextField(_("answer"), max_length=REMARK_LENGTH, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)

    objects = MinutesCommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(name="comment_is_said_for_one_party", condition=ONE_PARTY),
            models.CheckConstraint(name="comment_is_on_its_place", condition=AT_ITS_PLACE),
            models.CheckConstraint(name="comment_on_minutes_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="comment_answered_says_by_whom_and_how",
                condition=Q(answered_at=None, answered_by=None, is_taken_up=None, answer="")
                | Q(
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    is_taken_up__isnull=False,
                )
                & ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_id} #{self.pk}"


class Approval(models.Model):
    """One of the two signatures: as what somebody presided, and who they were on that day."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="approvals")
    role = models.CharField(_("role"), max_length=12, choices=Presiding.Role)
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=200)
    on = models.DateField(_("signed on"))

    objects = OfMinutesQuerySet.as_manager()

    class Meta:
        ordering = ["minutes", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["minutes", "role"], name="minutes_are_signed_once_a_role"
            ),
            models.CheckConstraint(
                name="approval_says_who_signed", condition=~Q(name="") & ~Q(title="")
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_id} {self.role}"


class Amendment(models.Model):
    """A correction after the approval: numbered, with its reason, never changed itself."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField(_("number"))
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="+")
    text_km = models.TextField(_("in Khmer"), max_length=TEXT_LENGTH, blank=True)
    text_en = models.TextField(_("in English"), max_length=TEXT_LENGTH, blank=True)
    reason = models.TextField(_("reason"), max_length=REMARK_LENGTH)
    on = models.DateField(_("decided on"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    client_key = models.UUIDField(unique=True, editable=False)

    objects = OfMinutesQuerySet.as_manager()

    class Meta:
        ordering = ["minutes", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["minutes", "number"], name="amendment_has_its_own_number"
            ),
            models.CheckConstraint(name="amendments_count_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="amendment_says_what_and_why",
                condition=(~Q(text_km="") | ~Q(text_en="")) & ~Q(reason=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_id} §{self.number}"


def new_code() -> str:
    """A code for the verification address that nobody can guess."""
    return secrets.token_urlsafe(16)


def scan_path() -> str:
    """A random place that says nothing of the session or of the file as it was sent."""
    key = uuid.uuid4().hex
    return f"minutes/{key[:2]}/{key}"
