"""The link by which an office answers without an account, and what was done through it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import AuditEntry
from issues.models.issue import Issue, Reader
from issues.models.letter import Letter
from issues.models.referral import Referral
from outbox.models import Notice


class LinkQuerySet(models.QuerySet["Link"]):
    def visible_to(self, user: Reader) -> "LinkQuerySet":
        """Those of the issues whose province the user coordinates."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(referral__issue__in=Issue.objects.served_by(user).values("pk"))


class Link(models.Model):
    """What one notice about a referral lets its recipient do without an account.

    The key itself stands in the words of the notice's message alone, or as a code on the
    ``letter`` that has a link of its own; here is its digest. It ends with the referral, with a new
    ladder (``version`` is the referral's ``due_version`` when it was made), at ``expires_at``, or
    when a coordinator revokes it. ``may_act`` is false for superiors, who only read.
    """

    notice = models.OneToOneField(Notice, models.PROTECT, null=True, related_name="link")
    letter = models.OneToOneField(Letter, models.PROTECT, null=True, related_name="link")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="links")
    recipient = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    may_act = models.BooleanField()
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="link_ends_after_it_was_made", condition=Q(expires_at__gt=F("made_at"))
            ),
            models.CheckConstraint(
                name="link_stands_in_a_notice_or_on_a_letter",
                condition=Q(notice__isnull=False, letter=None)
                | Q(notice=None, letter__isnull=False),
            ),
            models.CheckConstraint(
                name="link_revoked_says_by_whom_and_when",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} → {self.recipient}"


class LinkUseQuerySet(models.QuerySet["LinkUse"]):
    def visible_to(self, user: Reader) -> "LinkUseQuerySet":
        """What was done through the links the user may read."""
        return self.filter(link__in=Link.objects.visible_to(user).values("pk"))


class LinkUse(models.Model):
    """One act through a link: who somebody says they are, and the entry of what they did.

    ``content`` is a digest of what was sent, so that the same form sent twice acts once and the
    same key with other words is refused. Nothing of the device or its address is kept.
    """

    class Act(models.TextChoices):
        ACKNOWLEDGE = "acknowledge", _("Received")
        ASK = "ask", _("Question")
        RESPOND = "respond", _("Answer")
        EXTEND = "extend", _("More time asked for")
        REDIRECT = "redirect", _("For another office")
        RESOLVE = "resolve", _("Reported resolved")

    client_key = models.UUIDField(unique=True, editable=False)
    content = models.CharField(max_length=64)
    link = models.ForeignKey(Link, models.PROTECT, related_name="uses")
    act = models.CharField(_("act"), max_length=12, choices=Act)
    name = models.CharField(_("name or title"), max_length=80)
    office = models.CharField(_("office"), max_length=110)
    at = models.DateTimeField(_("at"))
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="link_use")

    objects = LinkUseQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="link_use_says_who_and_of_which_office",
                condition=~Q(name="") & ~Q(office=""),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="uses_are_never_changed", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="uses_are_never_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'what was done through a link is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.office}"
