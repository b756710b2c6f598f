"""Turning to the next superior by hand, and keeping the matter at the office's own level."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import Issue, Reader
from issues.models.referral import Referral


class ClimbQuerySet(models.QuerySet["Climb"]):
    def visible_to(self, user: Reader) -> "ClimbQuerySet":
        """Those of the provinces the user coordinates; the reasons are for the secretariat."""
        if not user.is_authenticated:
            return self.none()
        served = Issue.objects.served_by(user).values("pk")
        return self.filter(referral__issue__in=served)


class Climb(models.Model):
    """A coordinator turned to a superior authority by hand, or kept a referral at its own level.

    ``height`` counts the superiors: the one that was told, and on the way down how many had been
    told by then. ``rung`` is the rung of the ladder that a way up stands for.
    """

    class Direction(models.TextChoices):
        UP = "up", _("Escalated")
        DOWN = "down", _("Kept at its own level")

    client_key = models.UUIDField(unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="climbs")
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    height = models.PositiveSmallIntegerField(default=0)
    rung = models.CharField(_("rung"), max_length=20, default="", blank=True)
    version = models.PositiveSmallIntegerField()  # of the referral's date
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))

    objects = ClimbQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(name="climb_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="climb_up_names_its_height_and_rung",
                condition=(Q(direction="up", height__gte=1) & ~Q(rung=""))
                | Q(direction="down", rung=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.get_direction_display()} {self.rung}"
