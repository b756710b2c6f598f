"""What organization, secretariat and office say to each other about an issue: one line of talk."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import AuditEntry
from issues.models.issue import Issue, Reader
from issues.models.referral import Referral


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Reader) -> "CommentQuerySet":
        """All to the secretariat; to an organization and an office what was meant for them.

        An office reads what was said to the offices while it held the issue, and what it said
        itself; never what another office said. Who is of an office that the issue concerns reads
        nothing, unless it is of their own organization.
        """
        if not user.is_authenticated:
            return self.none()
        own = Issue.objects.filter(organization__in=user.organization_ids)
        held = Referral.objects.answerable_by(user).filter(
            Q(ended_at=None) | Q(ended_at__gte=models.OuterRef("created_at")),
            issue=models.OuterRef("issue"),
            released_at__lte=models.OuterRef("created_at"),
        )
        said_by_it = held.filter(pk=models.OuterRef("referral"))
        rows = self.filter(
            Q(issue__in=Issue.objects.served_by(user).values("pk"))
            | Q(to_organization=True, issue__in=own.values("pk"))
            | Q(to_offices=True, referral=None) & models.Exists(held)
            | Q(to_offices=True) & models.Exists(said_by_it)
        )
        if not user.office_ids:
            return rows
        barred = Issue.objects.filter(concerns__authority__in=user.commanding_ids)
        others = barred.exclude(organization__in=user.organization_ids)
        return rows.exclude(issue__in=others.values("pk"))


class Comment(models.Model):
    """A line of talk: the secretariat always reads it, the others as its author chose."""

    client_key = models.UUIDField(unique=True, editable=False)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="comments")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=16, choices=AuditEntry.Role)
    referral = models.ForeignKey(
        Referral, models.PROTECT, null=True, blank=True, related_name="comments"
    )
    text = models.TextField(_("text"), max_length=4000)
    to_organization = models.BooleanField(_("the raising organization"), default=False)
    to_offices = models.BooleanField(_("the offices it is referred to"), default=False)
    created_at = models.DateTimeField(_("said at"))

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(name="comment_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="comment_is_read_by_its_own_side",
                condition=(~Q(role="representative") | Q(to_organization=True))
                & (~Q(role="official") | Q(to_offices=True, referral__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on {self.issue_id}"
