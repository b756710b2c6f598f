"""The reminder policy: which rungs the ladder has, where it climbs by itself; what was amiss."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from provinces.models import Province


class Rung(models.Model):
    """One step of the ladder, in working days round the due date, for issues of one priority."""

    class Audience(models.TextChoices):
        OFFICIALS = "officials", _("the officials")
        WITH_COPY = "with_copy", _("the officials, a copy to the coordinators")
        SUPERIOR = "superior", _("the next superior authority")

    priority = models.PositiveSmallIntegerField(_("priority"))
    key = models.CharField(_("rung"), max_length=8)
    offset = models.SmallIntegerField(_("working days after the due date"))
    audience = models.CharField(_("to whom"), max_length=12, choices=Audience)
    is_escalation = models.BooleanField(_("escalation"), default=False)

    class Meta:
        ordering = ["priority", "offset"]
        constraints = [
            models.UniqueConstraint(fields=["priority", "key"], name="rung_stands_once"),
            models.UniqueConstraint(
                fields=["priority", "offset"], name="rung_has_a_day_of_its_own"
            ),
            models.CheckConstraint(
                name="rung_escalates_exactly_to_a_superior",
                condition=models.Q(is_escalation=True, audience="superior")
                | (models.Q(is_escalation=False) & ~models.Q(audience="superior")),
            ),
            models.CheckConstraint(
                name="rung_escalates_only_after_the_date",
                condition=models.Q(is_escalation=False) | models.Q(offset__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.priority}: {self.key}"


class ProvincePolicy(models.Model):
    """What one province agreed: whether an escalation leaves without a coordinator's press."""

    province = models.OneToOneField(
        Province, models.CASCADE, primary_key=True, related_name="reminder_policy"
    )
    escalates_by_itself = models.BooleanField(_("escalates by itself"), default=False)

    class Meta:
        verbose_name_plural = "province policies"

    def __str__(self) -> str:
        return str(self.province)


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> "FindingQuerySet":
        """Findings of the provinces the user coordinates; administrators see all of them."""
        if user.serves_all or user.is_role(Role.ADMINISTRATOR):
            return self
        return self.filter(province__in=user.served_ids)

    def standing(self) -> "FindingQuerySet":
        """What the latest reconciliation still found."""
        return self.filter(cleared_at=None)


class Finding(models.Model):
    """A notice that should stand and does not, or the other way round; nobody mends it silently.

    ``told``, ``rung`` and ``version`` say which notice of the subject, as in ``Notice``.
    """

    class Kind(models.TextChoices):
        MISSING = "missing", _("Missing: its day has come, and nobody was to be told")
        EXTRA = "extra", _("Too many: told before its day, or of a date that never was")

    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.CharField(max_length=60)
    told = models.CharField(max_length=40)
    rung = models.CharField(max_length=20, default="", blank=True)
    version = models.PositiveIntegerField()
    province = models.ForeignKey(Province, models.PROTECT, related_name="+")
    first_seen_at = models.DateTimeField(_("first seen"))
    latest_seen_at = models.DateTimeField(_("last seen"))
    cleared_at = models.DateTimeField(_("cleared"), null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["first_seen_at", "pk"]
        indexes = [
            models.Index(
                fields=["province", "kind"],
                condition=models.Q(cleared_at=None),
                name="finding_standing_by_province",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "told", "rung", "version"],
                condition=models.Q(cleared_at=None),
                name="finding_stands_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.told} {self.rung} {self.subject}"
