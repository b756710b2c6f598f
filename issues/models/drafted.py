"""An answer that its office has drafted: it leaves once the office's director approves it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.evidence import Evidence
from issues.models.issue import Reader
from issues.models.referral import Referral, Response


def draft_path(file: "DraftFile", _name: str) -> str:
    """A random place that says nothing of the issue or of the file as it was sent."""
    return f"evidence/{file.key.hex[:2]}/{file.key.hex}"


class DraftedAnswerQuerySet(models.QuerySet["DraftedAnswer"]):
    def visible_to(self, user: Reader) -> "DraftedAnswerQuerySet":
        """Those of the user's own offices, of referrals they read; nobody else's."""
        if not user.is_authenticated:
            return self.none()
        read = Referral.objects.visible_to(user).filter(authority__in=user.office_ids)
        return self.filter(referral__in=read.values("pk"))

    def standing(self) -> "DraftedAnswerQuerySet":
        """Those that may still leave: neither sent nor withdrawn, of an open referral."""
        return self.filter(state__in=DraftedAnswer.STANDING, referral__ended_at=None)

    def waiting(self) -> "DraftedAnswerQuerySet":
        """Those that a director has still to look at."""
        return self.standing().filter(state=DraftedAnswer.State.WAITING)


class DraftedAnswer(models.Model):
    """What somebody of an office wrote, before anybody outside the office may read it.

    ``by`` and ``title`` are its author's. ``version`` rises with each change, so that a director
    approves what was read. Once approved it is a ``response`` by the same author, and
    ``decided_by`` is who approved it; ``because`` is why it was sent back.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for approval")
        RETURNED = "returned", _("Sent back")
        APPROVED = "approved", _("Approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        OVER = "over", _("Ended with the referral")

    STANDING = (State.WAITING, State.RETURNED)
    KINDS = (Response.Kind.ANSWER, Response.Kind.CLAIM)

    client_key = models.UUIDField(unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="drafts")
    kind = models.CharField(_("kind"), max_length=10, choices=Response.Kind)
    text = models.TextField(_("text"), max_length=4000)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    title = models.CharField(_("name or title"), max_length=200)
    version = models.PositiveSmallIntegerField(default=1)
    drafted_at = models.DateTimeField(_("drafted"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    because = models.TextField(_("why it was sent back"), max_length=1000, blank=True)
    response = models.OneToOneField(Response, models.PROTECT, null=True, related_name="draft")

    objects = DraftedAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["drafted_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(state__in=["waiting", "returned"]),
                name="drafted_answer_stands_once_a_referral",
            ),
            models.CheckConstraint(name="drafted_answer_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="drafted_answer_is_an_answer_or_says_when_it_was_done",
                condition=Q(kind="answer", done_on=None) | Q(kind="claim", done_on__isnull=False),
            ),
            models.CheckConstraint(
                name="drafted_answer_decided_says_by_whom_and_when",
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(
                    state__in=["returned", "approved", "withdrawn"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | Q(state="over", decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="drafted_answer_sent_back_says_why",
                condition=~Q(state="returned") | ~Q(because=""),
            ),
            models.CheckConstraint(
                name="drafted_answer_approved_became_an_answer",
                condition=Q(state="approved", response__isnull=False)
                | (~Q(state="approved") & Q(response=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"drafted answer {self.pk} on {self.referral_id}"

    @property
    def is_standing(self) -> bool:
        """Whether it may still leave; needs its referral."""
        return self.state in self.STANDING and self.referral.is_open


class DraftFileQuerySet(models.QuerySet["DraftFile"]):
    def visible_to(self, user: Reader) -> "DraftFileQuerySet":
        """Files of the drafts the user may read."""
        return self.filter(draft__in=DraftedAnswer.objects.visible_to(user).values("pk"))


class DraftFile(models.Model):
    """A photo or document of a drafted answer; it becomes evidence when that leaves.

    A table of its own, so that no list of evidence can show it before.
    """

    key = models.UUIDField(unique=True)
    draft = models.ForeignKey(DraftedAnswer, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=8, choices=Evidence.Kind)
    file = models.FileField(upload_to=draft_path, max_length=200)
    thumbnail = models.BinaryField(null=True)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    objects = DraftFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "digest"], name="draft_holds_a_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of draft {self.draft_id}"
