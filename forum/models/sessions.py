"""A forum's sitting in one province, who presides it, and what was published of it."""

import datetime as dt

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.models.forums import Forum
from forum.models.places import Presider, Venue
from forum.models.shared import OneId, Reader, TsTzRange, of_own_parties
from khmer import dates
from provinces.models import Province
from provinces.reach import BEGINNING, END


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Reader) -> "SessionQuerySet":
        """Published sessions, those of the user's provinces, and those the user was asked to.

        Whoever does not serve the province reads a session as it was published: see
        ``forum.programme.as_seen_by``.
        """
        from forum.models.invitations import Invitation  # noqa: PLC0415 - they name their session

        if getattr(user, "serves_all", False):
            return self
        readable = Q(published_at__isnull=False)
        if user.is_authenticated:
            asked = Invitation.objects.left().filter(of_own_parties(user)).values("session")
            readable |= Q(province__in=user.served_ids) | Q(pk__in=asked)
        return self.filter(readable)

    def served_by(self, user: User) -> "SessionQuerySet":
        """Sessions of the provinces the user coordinates."""
        return self if user.serves_all else self.filter(province__in=user.served_ids)

    def standing(self) -> "SessionQuerySet":
        """Sessions that are not cancelled."""
        return self.exclude(status=Session.Status.CANCELLED)

    def placed(self) -> "SessionQuerySet":
        """Sessions that have a day."""
        return self.filter(starts_at__isnull=False)

    def upcoming(self, now: dt.datetime) -> "SessionQuerySet":
        """Standing sessions that have not ended, the next one first."""
        return self.standing().filter(ends_at__gte=now).order_by("starts_at")

    def announced_after(self, now: dt.datetime) -> "SessionQuerySet":
        """As they were published: not cancelled and not ended, the next one first."""
        rows = self.filter(announced__is_cancelled=False, announced__ends_at__gte=now)
        return rows.order_by("announced__starts_at", "pk")

    def announced_before(self, now: dt.datetime) -> "SessionQuerySet":
        """As they were published: not cancelled and over, the latest one first."""
        rows = self.filter(announced__is_cancelled=False, announced__ends_at__lt=now)
        return rows.order_by("-announced__starts_at", "-pk")

    def shown(self) -> "SessionQuerySet":
        """With all that ``forum.programme.as_seen_by`` looks at, and a card shows."""
        return self.select_related("forum", "province", "venue", "announced__venue")


class Session(models.Model):
    """A forum's sitting in one province.

    What stands here is the draft its coordinators work on; ``announced`` is what was published
    of it latest, and what the invited and the public go by. Without times it lies in the tray.
    ``status`` is changed only by the functions in ``forum.actions`` and ``issues.actions``;
    ``version`` rises with each change of the draft, ``sequence`` with each one that is published.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("In session")
        RELEASED = "released", _("Draft minutes agreed")
        CANCELLED = "cancelled", _("Cancelled")

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="sessions")
    province = models.ForeignKey(Province, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    venue = models.ForeignKey(
        Venue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("venue"),
    )
    team = models.ManyToManyField(
        User, verbose_name=_("secretariat team"), related_name="sessions", blank=True
    )
    status = models.CharField(_("state"), max_length=12, choices=Status, default=Status.PLANNED)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    announced = models.ForeignKey(
        "Entry", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    sequence = models.PositiveIntegerField(default=0, editable=False)
    released_at = models.DateTimeField(_("draft minutes agreed"), null=True, blank=True)
    minutes_approved_at = models.DateTimeField(_("minutes approved"), null=True, editable=False)
    cancelled_because = models.CharField(_("why it is cancelled"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    client_key = models.UUIDField(unique=True, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_it_starts",
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="session_has_both_times_or_none",
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False),
            ),
            models.CheckConstraint(
                name="session_lies_within_reach",
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__gte=BEGINNING, ends_at__lte=END),
            ),
            models.CheckConstraint(
                name="session_that_sits_has_its_day",
                condition=Q(status__in=["planned", "cancelled"]) | Q(starts_at__isnull=False),
            ),
            models.CheckConstraint(
                name="session_released_at_matches_status",
                condition=Q(status="released", released_at__isnull=False)
                | (~Q(status="released") & Q(released_at=None)),
            ),
            models.CheckConstraint(
                name="session_with_approved_minutes_is_released",
                condition=Q(minutes_approved_at=None) | Q(status="released"),
            ),
            models.CheckConstraint(
                name="session_cancelled_says_why",
                condition=(Q(status="cancelled") & ~Q(cancelled_because=""))
                | (~Q(status="cancelled") & Q(cancelled_because="")),
            ),
            models.CheckConstraint(
                name="session_is_published_exactly_when_announced",
                condition=Q(published_at=None, announced=None, sequence=0)
                | Q(published_at__isnull=False, announced__isnull=False, sequence__gte=1),
            ),
            # What Presiding refers to, so that its copy of the times can never differ.
            models.UniqueConstraint(
                fields=["id", "starts_at", "ends_at"], name="session_with_its_times"
            ),
        ]
        triggers = [
            # The compound foreign key follows times that change, not the first ones that are set.
            pgtrigger.Trigger(
                name="presidings_get_the_first_times",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                condition=pgtrigger.Q(old__starts_at__isnull=True, new__starts_at__isnull=False),
                func="""
                    UPDATE forum_presiding SET starts_at = NEW.starts_at, ends_at = NEW.ends_at
                    WHERE session_id = NEW.id;
                    RETURN NULL;
                """,
            )
        ]

    def __str__(self) -> str:
        if self.day is None:
            return f"{self.province}"
        return f"{self.province}, {self.day:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """The session's own page."""
        return reverse("forum:session", args=[self.pk])

    @property
    def day(self) -> dt.date | None:
        """The session's day in the provinces' time zone; None while it lies in the tray."""
        return timezone.localdate(self.starts_at) if self.starts_at else None

    @property
    def when(self) -> str:
        """Day and times in words, in the reader's language, for sentences."""
        return in_words(self.starts_at, self.ends_at)


def in_words(starts_at: dt.datetime | None, ends_at: dt.datetime | None) -> str:
    """Day and times in the reader's language: ``26 March 2018, 08:00–11:30``."""
    if starts_at is None or ends_at is None:
        return gettext("day not set")
    starts, ends = timezone.localtime(starts_at), timezone.localtime(ends_at)
    if get_language() == "en":
        return f"{formats.date_format(starts.date(), 'j F Y')}, {starts:%H:%M}–{ends:%H:%M}"
    times = f"{dates.clock(starts.time())}–{dates.clock(ends.time())}"
    return f"{dates.long_date(starts.date())} {times}"


class Presiding(models.Model):
    """Who presides a session and as what.

    ``starts_at`` and ``ends_at`` repeat the session's: a compound foreign key with
    ON UPDATE CASCADE and two triggers keep them equal, so that one constraint can refuse overlaps.
    """

    class Role(models.TextChoices):
        CHAIR = "chair", _("Chair")
        CO_PRESIDER = "co_presider", _("Co-presider")

    session = models.ForeignKey(Session, models.CASCADE, related_name="presidings")
    presider = models.ForeignKey(Presider, models.PROTECT, related_name="presidings")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    starts_at = models.DateTimeField(null=True, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)
    is_off = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "presider"], name="presider_sits_once_in_a_session"
            ),
            ExclusionConstraint(
                name="presider_sits_in_one_session_at_a_time",
                expressions=[
                    (
                        OneId("presider_id", "presider_id", Value("[]")),
                        "&&",
                    ),
                    (
                        TsTzRange("starts_at", "ends_at", RangeBoundary()),
                        "&&",
                    ),
                ],
                condition=Q(is_off=False, starts_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="presiding_takes_the_sessions_times",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                    SELECT starts_at, ends_at INTO NEW.starts_at, NEW.ends_at
                    FROM forum_session WHERE id = NEW.session_id;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.presider}"
