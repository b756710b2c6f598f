"""Calls of coordinators: to the offices that hold an issue, and to its organization."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import Issue, Reader
from issues.models.look_triggers import looks_of_a_call
from issues.models.referral import Referral


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, user: Reader) -> "CallQuerySet":
        """Calls about issues of the provinces the user coordinates."""
        if not user.is_authenticated:
            return self.none()
        served = Issue.objects.served_by(user).values("pk")
        return self.filter(Q(referral__issue__in=served) | Q(issue__in=served))


class Call(models.Model):
    """A telephone call as a coordinator logged it; for coordinators alone.

    It went to the office of a ``referral``, or to the organization that raised an ``issue``.
    """

    class Outcome(models.TextChoices):
        SPOKE = "spoke", _("Spoke with them")
        NO_ANSWER = "no_answer", _("No answer")
        CALL_BACK = "asked_to_call_back", _("Asked to call back")

    client_key = models.UUIDField(unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, related_name="calls")
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, related_name="calls")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    called_at = models.DateTimeField(_("called"))
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    spoke_to = models.CharField(_("who answered"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    again_on = models.DateField(_("call again on"), null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["called_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="call_went_to_an_office_or_an_organization",
                condition=Q(referral__isnull=False, issue=None)
                | Q(referral=None, issue__isnull=False),
            ),
            models.CheckConstraint(
                name="call_again_was_asked_for",
                condition=Q(again_on=None) | Q(outcome="asked_to_call_back"),
            ),
        ]
        triggers = looks_of_a_call()

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.called_at}"
