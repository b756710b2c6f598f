"""What was told by telephone instead; ``outbox.models`` hands it on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ByPhoneQuerySet(models.QuerySet["ByPhone"]):
    def visible_to(self, user: User) -> "ByPhoneQuerySet":
        """Calls about notices of the provinces the user coordinates."""
        return self if user.serves_all else self.filter(notice__province__in=user.served_ids)


class ByPhone(models.Model):
    """A notice whose words somebody was told by telephone: to whom, when, and by whom.

    A notice that had failed, or whose arrival nobody knows, keeps its state and counts as settled.
    """

    client_key = models.UUIDField()
    notice = models.OneToOneField("outbox.Notice", models.PROTECT, related_name="by_phone")
    name = models.CharField(_("spoken to"), max_length=120)
    told_at = models.DateTimeField(_("told"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ByPhoneQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["client_key"], name="phone_call_is_kept_once"),
            models.CheckConstraint(name="phone_call_names_somebody", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.told_at:%Y-%m-%d %H:%M}: {self.notice_id}"
