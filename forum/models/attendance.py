"""How many came, counted by hand for each party."""

from django.db import models
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from forum.models.sessions import Session
from forum.models.shared import ONE_PARTY, Party, Reader
from provinces.models import Authority


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, user: Reader) -> "AttendanceQuerySet":
        """Who came to the sessions of the provinces the user coordinates."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(session__in=Session.objects.served_by(user).values("pk"))

    def counted(self) -> dict[str, int]:
        """The sum: ``total`` people, of whom ``women``."""
        sums = self.aggregate(total=Sum("total", default=0), women=Sum("women", default=0))
        return {"total": sums["total"], "women": sums["women"]}


class Attendance(Party):
    """How many came for an organization or authority: total, of whom women.

    Counted by hand; it stands before what was ticked at the door for the same party.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    total = models.PositiveSmallIntegerField(_("people"))
    women = models.PositiveSmallIntegerField(_("of whom women"))

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="attendance_counts_one_party", condition=ONE_PARTY),
            models.CheckConstraint(
                name="attendance_has_no_more_women_than_people",
                condition=models.Q(women__lte=F("total")),
            ),
            models.UniqueConstraint(
                fields=["session", "organization", "authority"],
                nulls_distinct=False,
                name="party_is_counted_once_in_a_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.total}"
