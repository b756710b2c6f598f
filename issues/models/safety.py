"""What keeps people safe who speak: "we were pressured"."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import Issue
from issues.models.parts import InnerPartQuerySet


class Pressure(models.Model):
    """From when to when an issue was frozen because its organization was pressured.

    Who pressured whom and how is told by telephone; here stands only that it was.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="pressures")
    told_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    told_at = models.DateTimeField(_("told"))
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_because = models.TextField(_("what was agreed"), max_length=2000, blank=True)

    objects = InnerPartQuerySet.as_manager()

    class Meta:
        ordering = ["told_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], condition=Q(lifted_at=None), name="issue_is_frozen_once_at_a_time"
            ),
            models.CheckConstraint(
                name="pressure_lifted_says_by_whom_and_why",
                condition=Q(lifted_at=None, lifted_by=None, lifted_because="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"pressure on {self.issue_id}"
