"""An issue's turn in a session, and what the session decided on it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.models import Session
from issues.models.issue import Issue, Reader


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: Reader) -> "AgendaItemQuerySet":
        """Turns in the sessions the user may read; what is shown of each says ``disclosed``."""
        return self.filter(session__in=Session.objects.visible_to(user).values("pk"))


class AgendaItem(models.Model):
    """A turn in a session: an issue, or a titled point without one; in order of ``position``.

    ``client_key`` is that of the form that added a titled point; an issue has none.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="agenda_items")
    issue = models.ForeignKey(
        Issue, models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"))
    minutes = models.PositiveSmallIntegerField(_("minutes allotted"), default=10)
    client_key = models.UUIDField(unique=True, null=True, editable=False)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="agenda_item_is_an_issue_or_a_titled_point",
                condition=Q(issue__isnull=False, title="") | (Q(issue=None) & ~Q(title="")),
            ),
            models.UniqueConstraint(
                fields=["session", "issue"],
                condition=Q(issue__isnull=False),
                name="issue_stands_once_on_an_agenda",
            ),
            models.UniqueConstraint(
                fields=["session", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="agenda_position_is_taken_once",
            ),
            models.CheckConstraint(
                name="agenda_item_takes_a_minute_to_eight_hours",
                condition=Q(minutes__gte=1, minutes__lte=480),
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.issue)


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def visible_to(self, user: Reader) -> "OutcomeQuerySet":
        """Outcomes on issues the user may read, and on titled points of such sessions."""
        items = AgendaItem.objects.visible_to(user).filter(issue=None)
        issues = Issue.objects.visible_to(user)
        return self.filter(Q(item__issue__in=issues.values("pk")) | Q(item__in=items.values("pk")))


class Outcome(models.Model):
    """What the session decided on an item, with the commitment in the speaker's words."""

    class Kind(models.TextChoices):
        ADDRESSED = "addressed", _("Addressed in the session")
        REFERRED = "referred", _("Referred")
        DEFERRED = "deferred", _("Deferred")
        NOTED = "noted", _("Noted")

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="outcome")
    kind = models.CharField(_("outcome"), max_length=12, choices=Kind)
    text = models.TextField(_("what was said"), max_length=4000, blank=True)
    said_by = models.CharField(_("who said it (title)"), max_length=200, blank=True)
    by_on = models.DateField(_("by when"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["item"]
        constraints = [
            models.CheckConstraint(
                name="outcome_addressed_says_what_was_said",
                condition=~Q(kind="addressed") | ~Q(text=""),
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
