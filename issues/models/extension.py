"""More time for an office: what it asks for, and what became of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import Reader
from issues.models.referral import Referral

MOST = 2  # extensions of one referral
MOST_DAYS = 30  # of the first one, by the calendar


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def visible_to(self, user: Reader) -> "ExtensionQuerySet":
        """Those of referrals the user may read."""
        return self.filter(referral__in=Referral.objects.visible_to(user).values("pk"))

    def undecided(self) -> "ExtensionQuerySet":
        """Those nobody has decided on, of referrals that have not ended."""
        return self.filter(state=Extension.State.ASKED, referral__ended_at=None)

    def granted(self) -> "ExtensionQuerySet":
        """Those that moved a date."""
        return self.filter(state=Extension.State.GRANTED)


class Extension(models.Model):
    """An office asks for more time; a coordinator decides, or for the first one silence does.

    ``due_on`` is the date as it was, ``wanted_on`` the one asked for, ``days`` how many days of
    the calendar lie between them, ``granted_on`` the date that was given. ``turn`` counts those
    granted to a referral; ``decided_by`` is empty where silence decided.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        LAPSED = "lapsed", _("No longer needed")

    client_key = models.UUIDField(unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="extensions")
    due_on = models.DateField(_("due date before"))
    wanted_on = models.DateField(_("date asked for"))
    days = models.PositiveSmallIntegerField(_("days more"))
    reason = models.TextField(_("reason"), max_length=2000)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    granted_on = models.DateField(_("new due date"), null=True, blank=True)
    turn = models.PositiveSmallIntegerField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(state="asked"),
                name="extension_waits_once_a_referral",
            ),
            models.UniqueConstraint(
                fields=["referral", "turn"], name="extension_is_granted_once_a_turn"
            ),
            models.CheckConstraint(
                name="extension_is_granted_twice_at_most",
                condition=Q(state="granted", turn__isnull=False, turn__gte=1, turn__lte=MOST)
                | (~Q(state="granted") & Q(turn=None)),
            ),
            models.CheckConstraint(
                name="extension_granted_says_until_when",
                condition=Q(state="granted", granted_on__isnull=False)
                | (~Q(state="granted") & Q(granted_on=None)),
            ),
            models.CheckConstraint(
                name="extension_moves_the_date_on",
                condition=Q(wanted_on__gt=F("due_on"), granted_on=None)
                | Q(granted_on__isnull=False, granted_on__gt=F("due_on")),  # NULL would pass
            ),
            models.CheckConstraint(
                name="extension_decided_says_by_whom_and_when",
                condition=Q(state="asked", decided_at=None, decided_by=None, answer="")
                | Q(state="granted", decided_at__isnull=False)
                | Q(state="lapsed", decided_at__isnull=False, decided_by=None)
                | (
                    Q(state="refused", decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(answer="")
                ),
            ),
            models.CheckConstraint(name="extension_says_why", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.due_on} → {self.wanted_on}"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has still to decide."""
        return self.state == self.State.ASKED
