"""Notices (what is to be told), messages (what goes out) and attempts (each try)."""

import datetime as dt
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from outbox import barred
from outbox.calls import ByPhone
from outbox.engines import Breaker, Heartbeat, LetterBook, Standstill
from outbox.ways import (
    Channel,
    Cursor,
    FailedAddress,
    Hours,
    Preference,
    Receipt,
    TelegramChat,
    TelegramCode,
)  # fmt: skip
from provinces.models import Province

__all__ = [
    "Attempt", "Breaker", "ByPhone", "Channel", "Cursor", "FailedAddress", "Heartbeat", "Hours",
    "LetterBook", "Message", "Notice", "Preference", "Receipt", "Standstill", "TelegramChat",
    "TelegramCode",
]  # fmt: skip


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> "NoticeQuerySet":
        """Notices of the provinces the user coordinates, of nothing that concerns their office."""
        rows = self if user.serves_all else self.filter(province__in=user.served_ids)
        hidden = barred.subjects(user)
        return rows.exclude(subject__in=hidden) if hidden else rows

    def prepared(self) -> "NoticeQuerySet":
        """Notices that wait for a coordinator's press."""
        return self.filter(state=Notice.State.PREPARED)

    def about(self, subjects: Iterable[str]) -> "NoticeQuerySet":
        """Everything told about these subjects, with its message and attempts."""
        rows = self.filter(subject__in=list(subjects))
        return rows.select_related("message").prefetch_related("message__attempts")

    def may_have_left(self) -> "NoticeQuerySet":
        """Notices that left, that are leaving, or that may have arrived."""
        state = Notice.State
        left = Q(state__in=[state.SENDING, state.SENT, state.DELIVERED, state.UNKNOWN])
        return self.filter(left | models.Exists(_uncertain_tries()))

    def may_have_arrived(self) -> "NoticeQuerySet":
        """Notices with a try whose outcome nobody knows, whatever became of them later."""
        return self.filter(models.Exists(_uncertain_tries()))

    def unsettled(self) -> "NoticeQuerySet":
        """Notices that nobody told by telephone instead."""
        return self.filter(by_phone=None)

    def due(self, now: dt.datetime) -> "NoticeQuerySet":
        """Planned notices whose time has come, the most urgent first."""
        return self.filter(state=Notice.State.PLANNED, due_at__lte=now).order_by(
            "-urgency", "due_at", "pk"
        )


# What still waits, is under way, or needs somebody to look at it: few beside all that was sent.
UNFINISHED = (
    "prepared", "planned", "held", "queued", "sending", "unknown", "failed", "dead",
)  # fmt: skip


def _uncertain_tries() -> "models.QuerySet[Attempt]":
    """Of the notice in the outer query: without an answer, or with none that tells enough."""
    outcomes = [Attempt.Outcome.BEGUN, Attempt.Outcome.UNKNOWN]
    return Attempt.objects.filter(message=models.OuterRef("message"), outcome__in=outcomes)


class Notice(models.Model):
    """One thing to be told to one recipient on one channel, once.

    Its natural key (subject, kind, rung, version, recipient, channel) is unique and has no
    NULL, so that planning it twice adds nothing.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("Prepared")
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        UNKNOWN = "unknown", _("Unknown")
        FAILED = "failed", _("Failed")
        DEAD = "dead", _("Given up")
        CANCELLED = "cancelled", _("Cancelled")
        SKIPPED = "skipped", _("Skipped")

    subject = models.CharField(max_length=60)
    kind = models.CharField(_("kind"), max_length=40)
    rung = models.CharField(_("rung"), max_length=20, default="", blank=True)
    version = models.PositiveIntegerField(default=1)
    recipient = models.CharField(max_length=40)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.USUAL)
    province = models.ForeignKey(Province, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PLANNED)
    urgency = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("planned at"), db_default=models.functions.Now())
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    message = models.ForeignKey("Message", models.PROTECT, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="held"), name="notice_held"),
            models.Index(
                fields=["-urgency", "due_at"],
                condition=Q(state="planned"),
                name="notice_planned_by_time",
            ),
            models.Index(fields=["subject"], name="notice_by_subject"),
            models.Index(
                fields=["state", "province", "due_at"],
                condition=Q(state__in=UNFINISHED),
                name="notice_unfinished_by_state",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind", "rung", "version", "recipient", "channel"],
                name="notice_is_told_once",
            ),
            models.CheckConstraint(
                name="notice_that_left_has_a_message",
                condition=Q(message__isnull=False)
                | Q(
                    state__in=[
                        "prepared",
                        "planned",
                        "held",
                        "cancelled",
                        "skipped",
                        "failed",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rung} {self.subject} → {self.recipient}"

    def get_absolute_url(self) -> str:
        """The notice's own page, with the words of its message."""
        return reverse("outbox:notice", args=[self.pk])

    @property
    def key(self) -> tuple[str, ...]:
        """What makes the notice the only one of its kind."""
        return (
            self.subject,
            self.kind,
            self.rung,
            str(self.version),
            self.recipient,
            self.channel,
        )


DIGEST = "digest"  # the kind of a message that joins several notices


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> "MessageQuerySet":
        """Messages that told a notice the user may read."""
        return self.filter(notices__in=Notice.objects.visible_to(user)).distinct()


class Message(models.Model):
    """What goes out to one person on one channel, its words frozen when it was made."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        UNKNOWN = "unknown", _("Unknown")
        FAILED = "failed", _("Failed")
        DEAD = "dead", _("Given up")
        CANCELLED = "cancelled", _("Cancelled")

    recipient = models.CharField(max_length=40)
    channel = models.CharField(max_length=12, choices=Channel)
    kind = models.CharField(max_length=40)
    day = models.DateField()
    address = models.CharField(_("address"), max_length=254)
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    reply_to = models.CharField(max_length=254, default="", blank=True)  # empty: to the sender
    calendar = models.TextField(default="", blank=True)  # RFC 5545, as it goes out
    calendar_method = models.CharField(max_length=10, default="", blank=True)
    told = models.PositiveIntegerField(default=0)  # the version its words tell of
    message_id = models.CharField(max_length=200, unique=True)
    provider_id = models.CharField(max_length=100, default="", blank=True)  # theirs
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)  # NULL: only a coordinator starts it again
    urgency = models.SmallIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["queued", "unknown"]),
                name="message_open_by_next_try",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state="sending"), name="message_leased"
            ),
            models.Index(
                fields=["recipient", "day"],
                condition=~Q(kind="digest"),
                name="message_single_by_day",
            ),
            models.Index(
                fields=["channel", "provider_id"],
                condition=~Q(provider_id=""),
                name="message_by_provider_id",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "channel", "day", "kind"],
                condition=Q(kind="digest"),
                name="digest_is_sent_once_a_day",
            ),
            models.CheckConstraint(
                name="message_names_its_way", condition=~Q(channel=Channel.USUAL)
            ),
            models.CheckConstraint(
                name="message_is_leased_exactly_while_sending",
                condition=Q(state="sending", claim_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="sending") & Q(claim_token=None, lease_until=None)),
            ),
            models.CheckConstraint(
                name="message_has_a_calendar_exactly_with_its_method",
                condition=Q(calendar="", calendar_method="")
                | (~Q(calendar="") & Q(calendar_method__in=["REQUEST", "CANCEL", "PUBLISH"])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"

    @property
    def is_digest(self) -> bool:
        """Whether it joins what could wait, of one person, channel and day."""
        return self.kind == DIGEST

    @property
    def carried(self) -> NoticeQuerySet:
        """The notices that share its fate: without what somebody ended, or told by telephone."""
        rows = Notice.objects.filter(message=self).exclude(state=Notice.State.CANCELLED)
        return rows.unsettled()


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def errors(self) -> "AttemptQuerySet":
        """Tries that did not end well, whoever is to blame."""
        return self.exclude(outcome__in=ENDED_WELL)

    def visible_to(self, user: User) -> "AttemptQuerySet":
        """Tries of the messages the user may read."""
        return self.filter(message__in=Message.objects.visible_to(user).values("pk"))


ENDED_WELL = ("begun", "sent")  # or have not ended


class Attempt(models.Model):
    """One try to send a message: written before the connection and after it."""

    class Outcome(models.TextChoices):
        BEGUN = "begun", _("Begun")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused")
        TRY_LATER = "try_later", _("Try later")
        UNKNOWN = "unknown", _("Unknown")

    message = models.ForeignKey(Message, models.PROTECT, related_name="attempts")
    claim_token = models.UUIDField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.BEGUN)
    code = models.CharField(max_length=20, blank=True)
    text = models.CharField(max_length=500, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["ended_at"],
                condition=~Q(outcome__in=ENDED_WELL),
                name="attempt_errors_by_time",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "claim_token"], name="claim_makes_one_attempt"
            ),
            models.CheckConstraint(
                name="attempt_has_ended_exactly_when_it_has_an_outcome",
                condition=Q(outcome="begun", ended_at=None)
                | (~Q(outcome="begun") & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.outcome}"
