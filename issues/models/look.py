"""When the planner looks at a referral or a claim again, so that it need not read all of them.

Whatever changes the answer asks for a look at once: PostgreSQL itself writes it, in the
transaction of the change, whoever makes it (``look_triggers``). The planner puts it on to the next
moment something is to be told, or takes it away where nothing is awaited.
"""

from django.db import models

from issues.models.issue import Issue
from issues.models.referral import Referral


class Look(models.Model):
    """When a referral is looked at next; no row where nothing is awaited."""

    referral = models.OneToOneField(
        Referral, models.CASCADE, primary_key=True, related_name="next_look"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="look_by_time")]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.at}"


class ClaimLook(models.Model):
    """When a claim that waits for the organization's word is looked at next."""

    issue = models.OneToOneField(Issue, models.CASCADE, primary_key=True, related_name="next_look")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="claim_look_by_time")]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.at}"
