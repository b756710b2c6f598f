"""An issue's turn in a session, and what the session decided on it."""

import secrets
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from forum.models import Session
from issues.models.issue import Issue, Reader
from provinces.models import Authority

# A session whose minutes are approved keeps its agenda and its outcomes as they are.
LOCKED_ONCE_APPROVED = """
    IF EXISTS (
        SELECT 1 FROM forum_session WHERE minutes_approved_at IS NOT NULL AND id = {session}
    ) THEN
        RAISE EXCEPTION 'the minutes of this session are approved' USING ERRCODE = '23514';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""
NEWS_OF_THE_SESSION = """
    UPDATE issues_screen SET revision = revision + 1 WHERE session_id = {session};
    RETURN NULL;
"""
SESSION_OF_ITEM = (
    "(SELECT session_id FROM issues_agendaitem WHERE id = COALESCE(NEW.item_id, OLD.item_id))"
)
ANY = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete


def locked_once_approved(session: str) -> pgtrigger.Trigger:
    """Refuses every write in a session whose minutes are approved; ``session`` is SQL."""
    return pgtrigger.Trigger(
        name="stands_once_the_minutes_are_approved",
        operation=ANY,
        when=pgtrigger.Before,
        func=LOCKED_ONCE_APPROVED.format(session=session),
    )


def news_of_the_session(session: str) -> pgtrigger.Trigger:
    """Tells the session's screen of every write; ``session`` is SQL."""
    return pgtrigger.Trigger(
        name="is_news_to_the_screen",
        operation=ANY,
        when=pgtrigger.After,
        func=NEWS_OF_THE_SESSION.format(session=session),
    )


class OfSessionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Reader) -> "OfSessionQuerySet":
        """Those of the sessions whose province the user coordinates."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(session__in=Session.objects.served_by(user).values("pk"))


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: Reader) -> "AgendaItemQuerySet":
        """Turns in the sessions the user may read; what is shown of each says ``disclosed``."""
        return self.filter(session__in=Session.objects.visible_to(user).values("pk"))

    def turns(self) -> "AgendaItemQuerySet":
        """Without the headings: what takes time and gets an outcome."""
        return self.filter(is_heading=False)


class AgendaItem(models.Model):
    """A turn in a session: an issue, or a titled point without one; in order of ``position``.

    A heading opens a section that goes on to the next one. ``client_key`` is that of the form
    that added a titled point; an issue has none. The one item that runs has ``started_at``;
    ``used_seconds`` are those of its earlier runs.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="agenda_items")
    issue = models.ForeignKey(
        Issue, models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    is_heading = models.BooleanField(default=False, editable=False)
    position = models.PositiveSmallIntegerField(_("position"))
    minutes = models.PositiveSmallIntegerField(_("minutes allotted"), default=10)
    presenter = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organization that presents it"),
    )
    expected = models.ManyToManyField(
        Authority,
        blank=True,
        related_name="expected_items",
        verbose_name=_("offices expected to answer"),
    )
    started_at = models.DateTimeField(null=True, editable=False)
    used_seconds = models.PositiveIntegerField(default=0, editable=False)
    spoke = models.TextField(_("officials who spoke (titles)"), max_length=1000, blank=True)
    communities = models.PositiveSmallIntegerField(_("community members who spoke"), default=0)
    client_key = models.UUIDField(unique=True, null=True, editable=False)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="agenda_item_is_an_issue_or_a_titled_point",
                condition=Q(issue__isnull=False, title="") | (Q(issue=None) & ~Q(title="")),
            ),
            models.UniqueConstraint(
                fields=["session", "issue"],
                condition=Q(issue__isnull=False),
                name="issue_stands_once_on_an_agenda",
            ),
            models.UniqueConstraint(
                fields=["session", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="agenda_position_is_taken_once",
            ),
            models.CheckConstraint(
                name="agenda_item_takes_a_minute_to_eight_hours",
                condition=Q(is_heading=True, minutes=0)
                | Q(is_heading=False, minutes__gte=1, minutes__lte=480),
            ),
            models.CheckConstraint(
                name="agenda_heading_is_no_turn",
                condition=Q(is_heading=False) | Q(issue=None, presenter=None, started_at=None),
            ),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(started_at__isnull=False),
                name="one_item_of_a_session_runs_at_a_time",
            ),
        ]
        triggers = [
            locked_once_approved("COALESCE(NEW.session_id, OLD.session_id)"),
            news_of_the_session("COALESCE(NEW.session_id, OLD.session_id)"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.issue)


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def visible_to(self, user: Reader) -> "OutcomeQuerySet":
        """Outcomes on issues the user may read, and on titled points of such sessions."""
        items = AgendaItem.objects.visible_to(user).filter(issue=None)
        issues = Issue.objects.visible_to(user)
        return self.filter(Q(item__issue__in=issues.values("pk")) | Q(item__in=items.values("pk")))


class Outcome(models.Model):
    """What the session decided on an item, with the commitment in the speaker's words.

    ``review_on`` is the next review of a study, the end of a suspension. ``shown_at`` says since
    when the room's screen shows it. ``replaced`` is what the outcome changed on referrals that
    were open before, so that a correction can put it back: of each its id and former dates.
    ``version`` rises with every correction, ``client_key`` is that of the press that stands.
    """

    class Kind(models.TextChoices):
        ADDRESSED = "addressed", _("Addressed in the session")
        REFERRED = "referred", _("Referred")
        STUDY = "study", _("Accepted for study")
        SUSPENDED = "suspended", _("Suspended")
        HIGHER = "higher", _("Sent to a higher level")
        NOT_COMPETENT = "not_competent", _("Not within competence")
        DEFERRED = "deferred", _("Deferred")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        NOTED = "noted", _("Noted")

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="outcome")
    kind = models.CharField(_("outcome"), max_length=16, choices=Kind)
    text = models.TextField(_("what was said"), max_length=4000, blank=True)
    commitment = models.TextField(_("commitment"), max_length=2000, blank=True)
    said_by = models.CharField(_("who said it (title)"), max_length=200, blank=True)
    said_office = models.ForeignKey(
        Authority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("office of who said it"),
    )
    by_on = models.DateField(_("by when"), null=True, blank=True)
    review_on = models.DateField(_("next review"), null=True, blank=True)
    replaced = models.JSONField(default=list, editable=False)
    shown_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    client_key = models.UUIDField(unique=True, null=True, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["item"]
        constraints = [
            models.CheckConstraint(
                name="outcome_addressed_says_what_was_said",
                condition=~Q(kind="addressed") | ~Q(text=""),
            ),
            models.CheckConstraint(
                name="outcome_that_stops_an_issue_says_why",
                condition=~Q(kind__in=["suspended", "not_competent", "withdrawn"]) | ~Q(text=""),
            ),
            models.CheckConstraint(
                name="outcome_under_review_says_until_when",
                condition=~Q(kind__in=["study", "suspended"]) | Q(review_on__isnull=False),
            ),
            models.CheckConstraint(
                name="outcome_commitment_says_who_made_it",
                condition=Q(commitment="") | ~Q(said_by=""),
            ),
        ]
        triggers = [
            locked_once_approved(SESSION_OF_ITEM),
            news_of_the_session(SESSION_OF_ITEM),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def visible_to(self, user: Reader) -> "CorrectionQuerySet":
        """The trace of outcomes is the secretariat's alone."""
        if not user.is_authenticated:
            return self.none()
        sessions = Session.objects.served_by(user).values("pk")
        return self.filter(outcome__item__session__in=sessions)


class Correction(models.Model):
    """What stood as an outcome before it was corrected; it stays for good.

    ``before`` holds the former columns, ``client_key`` the press that had recorded them.
    """

    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="corrections")
    version = models.PositiveSmallIntegerField()
    before = models.JSONField()
    client_key = models.UUIDField(unique=True, null=True, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    corrected_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["outcome", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "version"], name="outcome_is_corrected_once_a_version"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.outcome_id} v{self.version}"


class PreparedReplyQuerySet(models.QuerySet["PreparedReply"]):
    def visible_to(self, user: Reader) -> "PreparedReplyQuerySet":
        """The user's own offices', and all of the sessions whose province the user coordinates.

        None on what concerns the user's office, nor on what is frozen.
        """
        if not user.is_authenticated:
            return self.none()
        sessions = Session.objects.served_by(user).values("pk")
        own = Q(authority__in=user.office_ids) & Q(item__issue__pressured_at=None)
        if user.office_ids:
            own &= ~Q(item__issue__concerns__authority__in=user.commanding_ids)
        return self.filter(Q(item__session__in=sessions) | own).distinct()


class PreparedReply(models.Model):
    """What an office that is expected to answer has ready before the session."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="prepared_replies")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    text = models.TextField(_("prepared reply"), max_length=4000)
    title = models.CharField(_("who will say it (title)"), max_length=200, blank=True)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects = PreparedReplyQuerySet.as_manager()

    class Meta:
        ordering = ["item", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "authority"], name="office_prepares_one_reply_an_item"
            ),
            models.CheckConstraint(name="prepared_reply_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} ← {self.authority_id}"


class LeftOut(models.Model):
    """A review that a coordinator took off the agenda, so that it does not come back by itself."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="left_out")
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="+")
    left_out_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    left_out_at = models.DateTimeField()

    objects = OfSessionQuerySet.as_manager()

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "issue"], name="issue_is_left_out_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} − {self.issue_id}"


class Pack(models.Model):
    """A sending of the agenda to those invited; ``number`` counts those of a session."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="packs")
    number = models.PositiveSmallIntegerField()
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("sent"))
    client_key = models.UUIDField(unique=True, editable=False)

    objects = OfSessionQuerySet.as_manager()

    class Meta:
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="pack_has_its_own_number"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} #{self.number}"


def room_key() -> str:
    """The secret part of the address at which a room follows its session."""
    return secrets.token_urlsafe(16)


class Screen(models.Model):
    """What the room's screen is asked for: one row a session, that all phones read.

    ``revision`` rises with every change the screen could show: triggers see to that. ``key``
    makes the address for phones without an account; it opens only while the session sits.
    """

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="screen")
    key = models.CharField(max_length=32, unique=True, default=room_key, editable=False)
    revision = models.PositiveBigIntegerField(default=1, editable=False)

    objects = OfSessionQuerySet.as_manager()

    class Meta:
        ordering = ["session"]

    def __str__(self) -> str:
        return f"{self.session_id} r{self.revision}"
