"""Forums, their sessions in the provinces, who presides, who is invited, and who came."""

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary
from django.db import models
from django.db.models import F, Func, Q, Sum, Value
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from khmer import dates
from provinces.models import Authority, Province

Reader = User | AnonymousUser


class TsTzRange(Func):
    """``tstzrange(start, end, '[)')``: the span of a session, its end not included."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class OneId(Func):
    """``int8range(id, id, '[]')``: an id as a range, since GiST alone compares only ranges."""

    function = "INT8RANGE"


def of_own_parties(user: User) -> Q:
    """Rows about an organization the user represents, or an authority the user answers for."""
    return Q(organization__in=user.organization_ids) | Q(authority__in=user.answerable_ids)


class ForumQuerySet(models.QuerySet["Forum"]):
    def visible_to(self, user: Reader) -> "ForumQuerySet":
        """Forums the user coordinates, and those with a session the user may read."""
        if getattr(user, "serves_all", False):
            return self
        readable = Session.objects.visible_to(user).values("forum")
        served = self.model.provinces.through.objects.filter(
            province__in=getattr(user, "served_ids", ())
        ).values("forum")
        return self.filter(Q(pk__in=readable) | Q(pk__in=served))


class Forum(models.Model):
    """One round of dialogue over several provinces."""

    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    about_km = models.TextField(_("about, in Khmer"), max_length=2000, blank=True)
    about_en = models.TextField(_("about, in English"), max_length=2000, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    provinces = models.ManyToManyField(Province, verbose_name=_("provinces"), related_name="forums")
    version = models.PositiveIntegerField(default=1, editable=False)
    client_key = models.UUIDField(unique=True, editable=False)

    objects = ForumQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="forum_ends_no_earlier_than_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The forum's own page."""
        return reverse("forum:forum", args=[self.pk])

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_km

    @property
    def about(self) -> str:
        """What it is about, in the reader's language where it is given."""
        first, second = self.about_km, self.about_en
        if get_language() == "en":
            first, second = second, first
        return first or second


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Reader) -> "SessionQuerySet":
        """Published sessions, those of the user's provinces, and those the user is invited to."""
        if getattr(user, "serves_all", False):
            return self
        readable = Q(published_at__isnull=False)
        if user.is_authenticated:
            asked = Invitation.objects.filter(of_own_parties(user)).values("session")
            readable |= Q(province__in=user.served_ids) | Q(pk__in=asked)
        return self.filter(readable)

    def served_by(self, user: User) -> "SessionQuerySet":
        """Sessions of the provinces the user coordinates."""
        return self if user.serves_all else self.filter(province__in=user.served_ids)

    def standing(self) -> "SessionQuerySet":
        """Sessions that are not cancelled."""
        return self.exclude(status=Session.Status.CANCELLED)

    def upcoming(self, now: dt.datetime) -> "SessionQuerySet":
        """Standing sessions that have not ended, the next one first."""
        return self.standing().filter(ends_at__gte=now).order_by("starts_at")


class Session(models.Model):
    """A forum's sitting in one province.

    ``status`` is changed only by the functions in ``forum.actions`` and ``issues.actions``.
    ``version`` rises with each change of what the invited were told.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("In session")
        RELEASED = "released", _("Draft minutes agreed")
        CANCELLED = "cancelled", _("Cancelled")

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="sessions")
    province = models.ForeignKey(Province, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    venue_km = models.CharField(_("venue in Khmer"), max_length=200)
    venue_en = models.CharField(_("venue in English"), max_length=200, blank=True)
    status = models.CharField(_("state"), max_length=12, choices=Status, default=Status.PLANNED)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    released_at = models.DateTimeField(_("draft minutes agreed"), null=True, blank=True)
    cancelled_because = models.CharField(_("why it is cancelled"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    client_key = models.UUIDField(unique=True, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="session_released_at_matches_status",
                condition=Q(status="released", released_at__isnull=False)
                | (~Q(status="released") & Q(released_at=None)),
            ),
            models.CheckConstraint(
                name="session_cancelled_says_why",
                condition=(Q(status="cancelled") & ~Q(cancelled_because=""))
                | (~Q(status="cancelled") & Q(cancelled_because="")),
            ),
            # What Presiding refers to, so that its copy of the times can never differ.
            models.UniqueConstraint(
                fields=["id", "starts_at", "ends_at"], name="session_with_its_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province}, {self.day:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """The session's own page."""
        return reverse("forum:session", args=[self.pk])

    @property
    def day(self) -> dt.date:
        """The session's day in the provinces' time zone."""
        return timezone.localdate(self.starts_at)

    @property
    def when(self) -> str:
        """Day and times in words, in the reader's language, for sentences."""
        starts, ends = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        if get_language() == "en":
            return f"{formats.date_format(self.day, 'j F Y')}, {starts:%H:%M}–{ends:%H:%M}"
        times = f"{dates.clock(starts.time())}–{dates.clock(ends.time())}"
        return f"{dates.long_date(self.day)} {times}"

    @property
    def venue(self) -> str:
        """The venue in the reader's language where it is given."""
        return (self.venue_en if get_language() == "en" else self.venue_km) or self.venue_km


class Presider(models.Model):
    """A person who presides, by title and office; never two sessions at once."""

    title_km = models.CharField(_("title in Khmer"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, blank=True, related_name="presiders"
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        ordering = ["title_km", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["title_km", "province"],
                nulls_distinct=False,
                name="presider_stands_once",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return self.title_en if get_language() == "en" else self.title_km


class Presiding(models.Model):
    """Who presides a session and as what.

    ``starts_at`` and ``ends_at`` repeat the session's: a compound foreign key with
    ON UPDATE CASCADE keeps them equal, so that one constraint can refuse overlaps.
    """

    class Role(models.TextChoices):
        CHAIR = "chair", _("Chair")
        CO_PRESIDER = "co_presider", _("Co-presider")

    session = models.ForeignKey(Session, models.CASCADE, related_name="presidings")
    presider = models.ForeignKey(Presider, models.PROTECT, related_name="presidings")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
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
                condition=Q(is_off=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.presider}"


class Party(models.Model):
    """An organization or an authority: exactly one of the two."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def party(self) -> Organization | Authority:
        """Whoever it is."""
        return self.organization or self.authority  # type: ignore[return-value]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: Reader) -> "InvitationQuerySet":
        """Invitations to sessions of the user's provinces, and those of the user's own parties."""
        if not user.is_authenticated:
            return self.none()
        if user.serves_all:
            return self
        return self.filter(Q(session__province__in=user.served_ids) | of_own_parties(user))


class Invitation(Party):
    """An organization or authority asked to a session, with the places it may fill."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Not answered")
        ACCEPTED = "accepted", _("Coming")
        DECLINED = "declined", _("Not coming")

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    session = models.ForeignKey(Session, models.PROTECT, related_name="invitations")
    quota = models.PositiveSmallIntegerField(_("places"), default=2)
    status = models.CharField(_("answer"), max_length=12, choices=Status, default=Status.PENDING)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="invitation_asks_one_party",
                condition=Q(organization=None, authority__isnull=False)
                | Q(organization__isnull=False, authority=None),
            ),
            models.UniqueConstraint(
                fields=["session", "organization", "authority"],
                nulls_distinct=False,
                name="party_is_invited_once_to_a_session",
            ),
            models.CheckConstraint(
                name="invitation_has_a_place", condition=Q(quota__gte=1, quota__lte=200)
            ),
            models.CheckConstraint(
                name="invitation_answered_at_matches_status",
                condition=Q(status="pending", answered_at=None)
                | (~Q(status="pending") & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.session}"


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, user: Reader) -> "AttendanceQuerySet":
        """Who came to the sessions of the provinces the user coordinates."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(session__in=Session.objects.served_by(user).values("pk"))

    def counted(self) -> dict[str, int]:
        """The sum: ``total`` people, of whom ``women``."""
        sums = self.aggregate(total=Sum("total", default=0), women=Sum("women", default=0))
        return {"total": sums["total"], "women": sums["women"]}


class Attendance(Party):
    """How many came for an organization or authority: total, of whom women."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    total = models.PositiveSmallIntegerField(_("people"))
    women = models.PositiveSmallIntegerField(_("of whom women"))

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="attendance_counts_one_party",
                condition=Q(organization=None, authority__isnull=False)
                | Q(organization__isnull=False, authority=None),
            ),
            models.CheckConstraint(
                name="attendance_has_no_more_women_than_people",
                condition=Q(women__lte=F("total")),
            ),
            models.UniqueConstraint(
                fields=["session", "organization", "authority"],
                nulls_distinct=False,
                name="party_is_counted_once_in_a_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.total}"
