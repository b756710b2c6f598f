"""The reminder policy: which rungs the ladder has, and where it climbs by itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _

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
