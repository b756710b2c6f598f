"""What was published of a forum, version by version, and who was told which version."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.models.forums import Forum
from forum.models.places import Venue
from forum.models.sessions import Session, in_words
from forum.models.shared import Reader


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, user: Reader) -> "ProgrammeQuerySet":
        """Versions of the forums the user coordinates."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(forum__in=Forum.objects.served_by(user).values("pk"))


class Programme(models.Model):
    """One published version of a forum's programme; it never changes."""

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="programmes")
    number = models.PositiveIntegerField(_("version"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["forum", "number"], name="programme_version_stands_once"
            ),
            models.CheckConstraint(
                name="programme_versions_count_from_one", condition=Q(number__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forum}, {self.number}"


class Entry(models.Model):
    """A session as one version of the programme shows it.

    ``sequence`` is the session's own: it stands in calendars as SEQUENCE, and rises only where
    something changed for those who come. Without times the session was postponed.
    """

    class Change(models.TextChoices):
        NEW = "new", _("New")
        MOVED = "moved", _("Moved")
        POSTPONED = "postponed", _("Postponed")
        CANCELLED = "cancelled", _("Cancelled")
        SAME = "same", _("As before")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="entries")
    session = models.ForeignKey(Session, models.PROTECT, related_name="entries")
    sequence = models.PositiveIntegerField()
    change = models.CharField(_("change"), max_length=12, choices=Change)
    starts_at = models.DateTimeField(_("starts"), null=True)
    ends_at = models.DateTimeField(_("ends"), null=True)
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, related_name="+")
    is_cancelled = models.BooleanField(default=False)
    because = models.CharField(_("why it is cancelled"), max_length=500, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "session"], name="session_stands_once_in_a_version"
            ),
            models.CheckConstraint(
                name="entry_has_both_times_or_none",
                # The comparison alone would let a row with one of them pass.
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.change}"

    @property
    def is_held(self) -> bool:
        """It has a day on which people should come."""
        return self.starts_at is not None and not self.is_cancelled

    @property
    def when(self) -> str:
        """Day and times in words, in the reader's language."""
        return in_words(self.starts_at, self.ends_at)


class ToldQuerySet(models.QuerySet["Told"]):
    def visible_to(self, user: Reader) -> "ToldQuerySet":
        """Who was told of the sessions of the provinces the user coordinates."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(session__in=Session.objects.served_by(user).values("pk"))

    def outdated(self) -> "ToldQuerySet":
        """Those who still hold what is no longer published: another day, time, venue, or at all."""
        same = Q(is_withdrawn=True) | Q(is_off=True, session__announced__is_cancelled=True)
        same |= Q(is_off=True, session__announced__starts_at=None)
        same |= Q(
            is_off=False,
            session__announced__is_cancelled=False,
            entry__starts_at=F("session__announced__starts_at"),
            entry__ends_at=F("session__announced__ends_at"),
        ) & (
            Q(entry__venue=F("session__announced__venue"))
            | Q(entry__venue=None, session__announced__venue=None)
        )
        return self.filter(session__announced__isnull=False).exclude(
            pk__in=self.model.objects.filter(same).values("pk")
        )


class Told(models.Model):
    """What somebody knows of a session: the entry told latest, when, and in which way.

    ``recipient`` is one of the outbox's (``user:3``), or ``organization:7`` and ``authority:4``
    for a letter handed over there. ``is_off`` says that it was a cancellation or postponement,
    or that the invitation was withdrawn: they expect no session.
    """

    class Way(models.TextChoices):
        EMAIL = "email", _("e-mail")
        LETTER = "letter", _("letter")
        PHONE = "phone", _("telephone")

    session = models.ForeignKey(Session, models.CASCADE, related_name="told")
    recipient = models.CharField(max_length=40)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="told")
    is_off = models.BooleanField(default=False)
    is_withdrawn = models.BooleanField(default=False)
    told_at = models.DateTimeField(_("told"))
    way = models.CharField(_("way"), max_length=8, choices=Way)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = ToldQuerySet.as_manager()

    class Meta:
        ordering = ["session", "recipient"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "recipient"], name="told_stands_once_for_a_recipient"
            ),
            models.CheckConstraint(
                name="told_withdrawn_is_off", condition=Q(is_withdrawn=False) | Q(is_off=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} → {self.recipient}"
