"""Mail as it came, what became of it, and how far each mailbox has been read."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from issues.models import Comment, DraftedAnswer, Issue, Referral, Response
from outbox.models import Message
from provinces.models import Province


class Mailbox(models.Model):
    """A mailbox that is read, and up to which mail it has been.

    A server counts its mails upwards, anew only under another ``uidvalidity`` (RFC 3501, 2.3.1.1).
    """

    name = models.CharField(max_length=254, unique=True)
    uidvalidity = models.BigIntegerField(default=0)
    latest_uid = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.name


class IncomingQuerySet(models.QuerySet["Incoming"]):
    def visible_to(self, user: User) -> "IncomingQuerySet":
        """Mail of the provinces the user coordinates.

        What is of no province is read by coordinators of all and by administrators. Where it is
        known which issue it is about, it is read by nobody who may not read that.
        """
        if user.serves_all:
            rows = self.all()
        else:
            mine = Q(province__in=user.served_ids)
            if user.is_role(Role.ADMINISTRATOR):
                mine |= Q(province=None)
            rows = self.filter(mine)
        if not user.office_ids:
            return rows
        readable = Issue.objects.visible_to(user).values("pk")
        return rows.filter(Q(issue=None) | Q(issue__in=readable))

    def fresh(self) -> "IncomingQuerySet":
        """Mail nobody has read yet, that was not tried before others."""
        return self.filter(state=Incoming.State.NEW).order_by("tries", "pk")

    def held(self) -> "IncomingQuerySet":
        """Mail that waits for a person."""
        return self.filter(state=Incoming.State.HELD)


class Incoming(models.Model):
    """A mail, whole and sealed as it came, and what became of it.

    Of one that is not ``is_whole`` only the headers were fetched: it is too large.
    ``response``, ``comment`` and ``draft`` are what was made of it, ``message`` is the one of ours
    that it answers or brings back, ``refused`` the places of its attachments that could not be
    taken over.
    """

    class State(models.TextChoices):
        NEW = "new", _("New")
        HELD = "held", _("Waits for you")
        ATTACHED = "attached", _("On its issue")
        CALENDAR = "calendar", _("Answer of a calendar")
        BOUNCE = "bounce", _("Came back")
        AUTO = "auto", _("Automatic")
        DISMISSED = "dismissed", _("Put aside")

    class Why(models.TextChoices):
        """Why it waits for a person."""

        UNKNOWN_SENDER = "unknown_sender", _("The sender is not known here.")
        OTHER_PARTY = "other_party", _("The sender is known, but not of this office.")
        NO_ACCOUNT = "no_account", _("It comes from an office's own address, of no person.")
        FAKED = "faked", _("The mail server says that the sender may be faked.")
        UNPROVEN = "unproven", _("It is not certain that the sender wrote it.")
        CLOSED = "closed", _("The issue is closed.")
        ENDED = "ended", _("The referral has ended.")
        FROZEN = "frozen", _("About this issue you speak by telephone only.")
        NO_MATCH = "no_match", _("It is not known what it is about.")
        SEVERAL = "several", _("It may be about several referrals.")
        REFUSED = "refused", _("Nothing can be added there now.")
        EMPTY = "empty", _("It says nothing, and has no file that can be kept.")
        CALENDAR = "calendar", _("A calendar answered, but the answer does not count.")
        CAME_BACK = "came_back", _("A mail came back, and it is not known which.")
        TOO_LARGE = "too_large", _("It is too large: the whole lies in the mailbox only.")
        BROKEN = "broken", _("It could not be read.")

    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="mails")
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    size = models.PositiveIntegerField()
    is_whole = models.BooleanField(default=True)
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.NEW)
    why = models.CharField(_("why it waits"), max_length=16, choices=Why, default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    title = models.CharField(_("subject"), max_length=300, blank=True)
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, related_name="+", verbose_name=_("province")
    )
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, related_name="mails")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, related_name="mails")
    response = models.ForeignKey(Response, models.PROTECT, null=True, related_name="mails")
    comment = models.ForeignKey(Comment, models.PROTECT, null=True, related_name="mails")
    draft = models.ForeignKey(DraftedAnswer, models.PROTECT, null=True, related_name="mails")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="answers")
    refused = models.JSONField(default=list)
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = IncomingQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["tries", "id"], condition=Q(state="new"), name="incoming_new"),
            models.Index(
                fields=["province", "-received_at"],
                condition=Q(state="held"),
                name="incoming_held_by_province",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "uidvalidity", "uid"], name="incoming_stands_once_in_its_mailbox"
            ),
            models.UniqueConstraint(fields=["sha256"], name="incoming_is_kept_once"),
            models.CheckConstraint(
                name="incoming_held_says_why", condition=~Q(state="held") | ~Q(why="")
            ),
            models.CheckConstraint(
                name="incoming_attached_says_to_what",
                condition=~Q(state="attached")
                | Q(response__isnull=False)
                | Q(comment__isnull=False)
                | Q(draft__isnull=False),
            ),
            models.CheckConstraint(
                name="incoming_handled_says_by_whom_and_when",
                condition=Q(handled_by=None, handled_at=None)
                | Q(handled_by__isnull=False, handled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="incoming_put_aside_says_by_whom_and_why",
                condition=(Q(state="dismissed", handled_by__isnull=False) & ~Q(reason=""))
                | (~Q(state="dismissed") & Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}: {self.state}"

    def get_absolute_url(self) -> str:
        """The mail's own page."""
        return reverse("inbox:incoming", args=[self.pk])

    @property
    def is_within_office(self) -> bool:
        """Whether it is an answer that did not leave its office: nobody else reads its words."""
        return self.draft is not None and self.draft.state != DraftedAnswer.State.APPROVED
