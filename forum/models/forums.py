"""A forum: one round of dialogue over several provinces, and its calls for issues."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from forum.models.shared import Reader, in_language
from provinces.models import Province
from provinces.reach import FIRST, LATEST

TEAM_LIMIT = 60


class ForumQuerySet(models.QuerySet["Forum"]):
    def visible_to(self, user: Reader) -> "ForumQuerySet":
        """Forums the user coordinates, and those with a session the user may read."""
        from forum.models.sessions import Session  # noqa: PLC0415 - sessions name their forum

        if getattr(user, "serves_all", False):
            return self
        readable = Session.objects.visible_to(user).values("forum")
        served = self.model.provinces.through.objects.filter(
            province__in=getattr(user, "served_ids", ())
        ).values("forum")
        return self.filter(Q(pk__in=readable) | Q(pk__in=served))

    def served_by(self, user: User) -> "ForumQuerySet":
        """Forums held in a province the user coordinates."""
        if user.serves_all:
            return self
        through = self.model.provinces.through.objects
        return self.filter(pk__in=through.filter(province__in=user.served_ids).values("forum"))


class Forum(models.Model):
    """One round of dialogue over several provinces.

    ``notice_days`` is how many working days before a session its invited should know of it;
    ``team`` are those of the secretariat who may be sent to its sessions.
    """

    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    theme_km = models.CharField(_("theme in Khmer"), max_length=200, blank=True)
    theme_en = models.CharField(_("theme in English"), max_length=200, blank=True)
    about_km = models.TextField(_("about, in Khmer"), max_length=2000, blank=True)
    about_en = models.TextField(_("about, in English"), max_length=2000, blank=True)
    rules_km = models.TextField(_("rules, in Khmer"), max_length=4000, blank=True)
    rules_en = models.TextField(_("rules, in English"), max_length=4000, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    notice_days = models.PositiveSmallIntegerField(_("working days of notice"), default=10)
    provinces = models.ManyToManyField(Province, verbose_name=_("provinces"), related_name="forums")
    team = models.ManyToManyField(
        User, verbose_name=_("secretariat team"), related_name="forums", blank=True
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    client_key = models.UUIDField(unique=True, editable=False)

    objects = ForumQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="forum_ends_no_earlier_than_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="forum_gives_notice_of_at_most_a_quarter",
                condition=Q(notice_days__lte=65),
            ),
            models.CheckConstraint(
                name="forum_lies_within_reach",
                condition=Q(starts_on__gte=FIRST, ends_on__lte=LATEST),
            ),
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
    def theme(self) -> str:
        """The theme in the reader's language where it is given."""
        return in_language(self, "theme")

    @property
    def about(self) -> str:
        """What it is about, in the reader's language where it is given."""
        return in_language(self, "about")

    @property
    def rules(self) -> str:
        """What the invited are asked to keep to, in the reader's language where it is given."""
        return in_language(self, "rules")


class IssueCallQuerySet(models.QuerySet["IssueCall"]):
    def of_people_of(self, user: User, day: dt.date) -> "IssueCallQuerySet":
        """Open on the day, in provinces of the organizations the user represents."""
        through = Organization.provinces.through.objects
        near = through.filter(organization__in=user.organization_ids).values("province")
        rows = self.filter(opens_on__lte=day, closes_on__gte=day, province__in=near)
        return rows.select_related("forum", "province")


class IssueCall(models.Model):
    """The days on which a forum calls for the issues of one province."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="calls")
    province = models.ForeignKey(Province, models.PROTECT, related_name="+")
    opens_on = models.DateField(_("opens"))
    closes_on = models.DateField(_("closes"))

    objects = IssueCallQuerySet.as_manager()

    class Meta:
        ordering = ["closes_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["forum", "province"], name="forum_calls_once_in_a_province"
            ),
            models.CheckConstraint(
                name="call_closes_no_earlier_than_it_opens",
                condition=Q(closes_on__gte=F("opens_on")),
            ),
            models.CheckConstraint(
                name="call_lies_within_reach",
                condition=Q(opens_on__gte=FIRST, closes_on__lte=LATEST),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province}: {self.opens_on:%Y-%m-%d} – {self.closes_on:%Y-%m-%d}"
