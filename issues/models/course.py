"""The course of a long case: its steps, visits on the spot, and what the community was told."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import Issue, Reader
from issues.models.parts import InnerPartQuerySet
from issues.models.referral import Referral
from provinces.models import Authority


class CourseQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Reader) -> "CourseQuerySet":
        """Those of issues the user reads from inside, or as an office asked."""
        asked = Referral.objects.visible_to(user).values("issue")
        inside = Issue.objects.inside(user).values("pk")
        return self.filter(Q(issue__in=inside) | Q(issue__in=asked))


class Step(models.Model):
    """One step on the way of a long case, with a date of its own."""

    client_key = models.UUIDField(unique=True, editable=False)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="steps")
    title = models.CharField(_("step"), max_length=200)
    authority = models.ForeignKey(
        Authority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("office"),
    )
    due_on = models.DateField(_("by when"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="step_is_done_or_dropped",
                condition=Q(done_on=None) | Q(dropped_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FieldCheck(models.Model):
    """A visit on the spot: when, who took part (by title), and what was found."""

    client_key = models.UUIDField(unique=True, editable=False)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="field_checks")
    on = models.DateField(_("day"))
    participants = models.TextField(_("who took part (titles)"), max_length=1000)
    people = models.PositiveIntegerField(_("people present"))
    women = models.PositiveIntegerField(_("of whom women"))
    findings = models.TextField(_("what was found"), max_length=4000)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="field_check_has_no_more_women_than_people",
                condition=Q(women__lte=F("people")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.issue_id}"


class ReportBack(models.Model):
    """When and how the answer was told to the community, and to how many."""

    client_key = models.UUIDField(unique=True, editable=False)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="report_backs")
    on = models.DateField(_("day"))
    how = models.CharField(_("how it was told"), max_length=300)
    people = models.PositiveIntegerField(_("people told"))
    women = models.PositiveIntegerField(_("of whom women"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = InnerPartQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="report_back_has_no_more_women_than_people",
                condition=Q(women__lte=F("people")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.issue_id}"
