"""The audit trail: one entry an act, never changed, never removed."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def subject_of(row: models.Model) -> str:
    """The short name of a row, as in ``issue:12``."""
    return f"{row._meta.model_name}:{row.pk}"


class AuditEntry(models.Model):
    """One act: ids and field names only, never a person's words."""

    class Role(models.TextChoices):
        SYSTEM = "system", _("the system")
        ADMINISTRATOR = "administrator", _("an administrator")
        COORDINATOR = "coordinator", _("the secretariat")
        OFFICIAL = "official", _("the office")
        REPRESENTATIVE = "representative", _("the raising organization")

    at = models.DateTimeField(_("at"), db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_entries"
    )
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.SYSTEM)
    action = models.CharField(_("act"), max_length=60)
    subject = models.CharField(_("subject"), max_length=60)
    change = models.JSONField(_("change"), default=dict)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["subject", "at"], name="audit_by_subject")]
        constraints = [
            models.CheckConstraint(
                name="audit_only_the_system_has_no_actor",
                condition=models.Q(actor__isnull=False) | models.Q(role="system"),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="rows_are_never_changed", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="table_is_never_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the audit trail is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
