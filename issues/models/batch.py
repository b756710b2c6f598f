"""Files of many issues at once, and the lists people keep for themselves."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import Issue, Reader


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: Reader) -> "BatchQuerySet":
        """Who sent a file reads what became of it, and nobody else."""
        return self.filter(by=user.pk) if user.is_authenticated else self.none()

    def waiting(self) -> "BatchQuerySet":
        """Batches that are to be checked or taken in, the oldest first."""
        states = [Batch.State.CHECKING, Batch.State.TAKING_IN]
        return self.filter(state__in=states).order_by("pk")


class Batch(models.Model):
    """A file of issues: read, checked line by line, then taken in as a whole or not at all.

    Its rows lie ``sealed`` under the key of the protected part until it is taken in. ``faults``
    are ``{"line": 3, "column": "theme", "sentence": …}`` in the language of who sent the file.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        FAULTY = "faulty", _("Has faults: nothing was taken in")
        CHECKED = "checked", _("Checked: waits for your word")
        TAKING_IN = "taking_in", _("Being taken in")
        DONE = "done", _("Taken in")
        FAILED = "failed", _("Not taken in")
        DROPPED = "dropped", _("Dropped")

    client_key = models.UUIDField(unique=True, editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    language = models.CharField(max_length=2, default="km")
    digest = models.CharField(max_length=64)
    sealed = models.BinaryField(default=b"")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    total = models.PositiveIntegerField(_("lines"))
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(_("issues created"), default=0)
    known = models.PositiveIntegerField(_("issues that were there already"), default=0)
    faults = models.JSONField(default=list)
    sent_at = models.DateTimeField(_("sent"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "batches"
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(state__in=["checking", "taking_in"]),
                name="batch_waiting",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="batch_has_done_no_more_than_all", condition=Q(done__lte=F("total"))
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}: {self.total}"


class BatchLine(models.Model):
    """An issue that came in a file, by the fingerprint of its line: it is never taken in twice."""

    key = models.UUIDField(unique=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField()
    issue = models.OneToOneField(Issue, models.CASCADE, related_name="batch_line")

    class Meta:
        ordering = ["line"]

    def __str__(self) -> str:
        return f"line {self.line} of {self.batch_id}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Reader) -> "SavedViewQuerySet":
        """A person's own lists."""
        return self.filter(user=user.pk) if user.is_authenticated else self.none()


class SavedView(models.Model):
    """A list of issues that a person comes back to: a name and the query string behind it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_is_named_once")
        ]

    def __str__(self) -> str:
        return self.name
