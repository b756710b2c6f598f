"""How the engines stand: what ran when, which way is spared, what holds everything back.

``outbox.models`` hands all of it on.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from outbox.ways import Channel


class Breaker(models.Model):
    """Whether a channel's provider can be reached: open after some failures in a row.

    While open one message a minute probes; its tries are not counted. For a while after
    ``closed_at`` not all go through at once: so many were ``let_through`` since.
    """

    channel = models.CharField(primary_key=True, max_length=12, choices=Channel)
    failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    let_through = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["channel"]
        constraints = [
            models.CheckConstraint(
                name="breaker_that_is_open_has_a_next_probe",
                condition=Q(opened_at=None, probe_at=None)
                | Q(opened_at__isnull=False, probe_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {'open' if self.opened_at else 'closed'}"


class Heartbeat(models.Model):
    """When each engine ran last: the planner and the dispatcher, wherever they run."""

    name = models.CharField(primary_key=True, max_length=40)
    ran_at = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LetterBook(models.Model):
    """The number of the year's latest official letter, whatever it was about."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    latest = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"{self.year}: {self.latest}"


class StandstillQuerySet(models.QuerySet["Standstill"]):
    def visible_to(self, user: User) -> "StandstillQuerySet":
        """All of them, for coordinators and administrators."""
        keeps = any(user.is_role(one) for one in (Role.COORDINATOR, Role.ADMINISTRATOR))
        return self.all() if keeps else self.none()

    def standing(self) -> "StandstillQuerySet":
        """The one that nobody has lifted; at most one row."""
        return self.filter(lifted_at=None)


class Standstill(models.Model):
    """All outbound held back: by whom, when and why, and who let it go on.

    While one stands no message is made and none is sent. Nobody stands in ``set_by`` or
    ``lifted_by`` where a command did it. ``client_key`` is that of the form that set it.
    ``restored_from`` is when the backup was made that this database was restored from: what is
    due when such a one is lifted may have left before, and waits for a coordinator's press.
    """

    client_key = models.UUIDField()
    reason = models.CharField(_("reason"), max_length=300)
    set_at = models.DateTimeField(_("held since"))
    set_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    restored_from = models.DateTimeField(null=True)

    objects = StandstillQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["client_key"], name="standstill_is_set_once"),
            models.UniqueConstraint(
                models.ExpressionWrapper(Q(lifted_at=None), models.BooleanField()),
                condition=Q(lifted_at=None),
                name="standstill_stands_alone",
            ),
            models.CheckConstraint(name="standstill_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="standstill_lifted_by_somebody_says_when",
                condition=Q(lifted_by=None) | Q(lifted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.set_at:%Y-%m-%d %H:%M}: {self.reason}"
