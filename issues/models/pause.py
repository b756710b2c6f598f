"""While an office waits for the organization its clock stands still: one row for each such span."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from issues.models.issue import Reader
from issues.models.referral import Referral, Response

MOST = 2  # pauses of one referral: who asks again and again does not stop the clock for ever
DAYS = 10  # working days after which it goes on by itself


class PauseQuerySet(models.QuerySet["Pause"]):
    def visible_to(self, user: Reader) -> "PauseQuerySet":
        """Those of referrals the user may read."""
        return self.filter(referral__in=Referral.objects.visible_to(user).values("pk"))

    def open(self) -> "PauseQuerySet":
        """Those that have not ended."""
        return self.filter(ended_on=None)


class Pause(models.Model):
    """The clock of a referral stands still from a question of its office until the reply.

    ``ends_by`` is the last day on which it stands; ``days`` are the working days by which the due
    date moved when it ended. The referral itself carries the open one in ``paused_on`` and
    ``paused_until``, so that lists need not look here.
    """

    class Why(models.TextChoices):
        """How it ended."""

        ANSWERED = "answered", _("Answered")
        LAPSED = "lapsed", _("Nobody replied in time")
        OVER = "over", _("No longer needed")

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="pauses")
    question = models.OneToOneField(Response, models.PROTECT, related_name="pause")
    began_on = models.DateField(_("stands still since"))
    ends_by = models.DateField(_("stands still until"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_why = models.CharField(
        _("how it ended"), max_length=8, choices=Why, default="", blank=True
    )
    days = models.PositiveSmallIntegerField(_("working days"), null=True, blank=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        ordering = ["began_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(ended_on=None),
                name="pause_is_open_once_a_referral",
            ),
            models.CheckConstraint(
                name="pause_ends_after_it_began",
                condition=Q(ends_by__gt=F("began_on"))
                & (Q(ended_on=None) | Q(ended_on__gte=F("began_on"))),
            ),
            models.CheckConstraint(
                name="pause_ended_says_how",
                condition=Q(ended_on=None, ended_why="", days=None)
                | (Q(ended_on__isnull=False, days__isnull=False) & ~Q(ended_why="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.began_on} – {self.ended_on or self.ends_by}"
