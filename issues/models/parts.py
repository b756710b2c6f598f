"""Parts of an issue: what is kept under a key, whom it concerns, its states, earlier wordings."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import TITLE_LENGTH, Issue, Reader
from issues.models.look_triggers import look_at_the_issue
from issues.models.rules import news_of_an_issue
from provinces.models import Authority


class InnerPartQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Reader) -> "InnerPartQuerySet":
        """Rows of the issues whose every field the user may read."""
        return self.filter(issue__in=Issue.objects.inside(user).values("pk"))


class ProtectedPart(models.Model):
    """What only the organization and, each time recorded, the province's coordinators read.

    Sealed is ``{"village": code, "contact": text}``; a village's name is looked up where it is
    shown.
    """

    class Reading(models.TextChoices):
        """Why somebody had to read it; a choice, since the trail keeps no personal text."""

        CONTACT = "contact", _("To reach the family or the community")
        PLACE = "place", _("To check the place, or to plan a visit")
        SAFETY = "safety", _("For the safety of people")
        ASKED = "asked", _("The organization asked for it")
        CORRECT = "correct", _("To correct or complete the issue")

    issue = models.OneToOneField(Issue, models.CASCADE, related_name="protected_part")
    sealed = models.BinaryField()

    objects = InnerPartQuerySet.as_manager()

    def __str__(self) -> str:
        return f"protected part of {self.issue_id}"


class Concern(models.Model):
    """ "This concerns that office": it, its subordinates and its officials read nothing of it."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="concerns")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="concerns")

    objects = InnerPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "authority"], name="concern_stands_once")
        ]
        triggers = [
            news_of_an_issue(
                pgtrigger.Insert | pgtrigger.Delete, "COALESCE(NEW.issue_id, OLD.issue_id)"
            ),
            look_at_the_issue(
                pgtrigger.Insert | pgtrigger.Delete, "COALESCE(NEW.issue_id, OLD.issue_id)"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.authority}"


class IntervalQuerySet(models.QuerySet["Interval"]):
    def visible_to(self, user: Reader) -> "IntervalQuerySet":
        """The states of the issues the user may read: the public sees these as well."""
        return self.filter(issue__in=Issue.objects.visible_to(user).values("pk"))


class Interval(models.Model):
    """The time an issue stood in one state; the open one has not been left.

    A trigger ends the former one where the next begins: who read the clock first may have got the
    lock second, so no state is entered before the former one was.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="intervals")
    status = models.CharField(_("state"), max_length=12, choices=Issue.Status)
    entered_at = models.DateTimeField(_("entered"))
    left_at = models.DateTimeField(_("left"), null=True)

    objects = IntervalQuerySet.as_manager()

    class Meta:
        ordering = ["entered_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], condition=Q(left_at=None), name="issue_stands_in_one_state"
            ),
            models.CheckConstraint(
                name="interval_is_left_after_it_was_entered",
                condition=Q(left_at=None) | Q(left_at__gte=F("entered_at")),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="begins_where_the_former_ends",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__left_at__isnull=True),
                declare=[("former", "timestamptz")],
                func="""
                    UPDATE issues_interval SET left_at = GREATEST(entered_at, NEW.entered_at)
                    WHERE issue_id = NEW.issue_id AND left_at IS NULL RETURNING left_at INTO former;
                    NEW.entered_at := GREATEST(NEW.entered_at, former);
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.status}"


class Revision(models.Model):
    """An earlier wording of an issue, kept when its words were changed after it was submitted.

    ``version`` is the issue's own while these words stood. Nobody changes or deletes it.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    text = models.TextField(_("text"))
    asked = models.TextField(_("what is asked"), blank=True)
    replaced_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(_("replaced"))

    objects = InnerPartQuerySet.as_manager()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "version"], name="revision_stands_once")
        ]
        triggers = [
            pgtrigger.Protect(
                name="earlier_wordings_stay", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="earlier_wordings_are_never_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'earlier wordings are append-only';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id} ({self.version})"
