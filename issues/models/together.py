"""Several organizations behind one matter: co-signing, and the merging of issues."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from issues.models.issue import Issue, Reader


class MergeQuerySet(models.QuerySet["Merge"]):
    def visible_to(self, user: Reader) -> "MergeQuerySet":
        """Merges of issues in the hands of the user as a coordinator."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(source__in=Issue.objects.served_by(user).values("pk"))

    def standing(self) -> "MergeQuerySet":
        """Merges that nobody has undone."""
        return self.filter(undone_at=None)


class Merge(models.Model):
    """One issue closed because it goes on in another; ``before`` is what an undo restores.

    ``before`` holds ids, states and dates of both issues, never their words.
    """

    source = models.ForeignKey(Issue, models.PROTECT, related_name="merges")
    target = models.ForeignKey(Issue, models.PROTECT, related_name="merges_in")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("merged"))
    note = models.TextField(_("to the organization"), max_length=2000, blank=True)
    moves_referrals = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_because = models.TextField(_("reason"), max_length=2000, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at=None), name="issue_is_merged_once"
            ),
            models.CheckConstraint(
                name="merge_undone_says_by_whom",
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"


class CosignQuerySet(models.QuerySet["Cosign"]):
    def visible_to(self, user: Reader) -> "CosignQuerySet":
        """Their own organization's, those on what they raised once agreed, and all they serve.

        Until it agrees, neither organization sees the other.
        """
        if not user.is_authenticated:
            return self.none()
        agreed = Q(state=Cosign.State.AGREED)
        return self.filter(
            Q(issue__in=Issue.objects.served_by(user).values("pk"))
            | Q(organization__in=user.organization_ids)
            | agreed & Q(issue__organization__in=user.organization_ids)
        )

    def agreed(self) -> "CosignQuerySet":
        """Organizations that made the issue their own as well."""
        return self.filter(state=Cosign.State.AGREED)

    def live(self) -> "CosignQuerySet":
        """Organizations that made the issue their own, or are asked to."""
        return self.filter(state__in=[Cosign.State.ASKED, Cosign.State.AGREED])

    def asked(self) -> "CosignQuerySet":
        """Organizations that were asked and have not answered."""
        return self.filter(state=Cosign.State.ASKED)


class Cosign(models.Model):
    """An organization stands behind another's issue, or is asked to, since its own was merged."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked to co-sign")
        AGREED = "agreed", _("Co-signed")
        REFUSED = "refused", _("Did not co-sign")
        ENDED = "ended", _("No longer co-signs")

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="cosigns")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="cosigns")
    merge = models.ForeignKey(Merge, models.PROTECT, null=True, related_name="cosigns")
    state = models.CharField(_("state"), max_length=8, choices=State)
    asked_at = models.DateTimeField(_("asked"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = CosignQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "organization"],
                condition=Q(state__in=["asked", "agreed"]),
                name="organization_cosigns_an_issue_once",
            ),
            models.CheckConstraint(
                name="cosign_answered_says_by_whom_and_when",
                condition=Q(state="asked", answered_at=None, answered_by=None)
                | (~Q(state="asked") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.state} {self.issue_id}"
