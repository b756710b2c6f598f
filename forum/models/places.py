"""Where sessions are held, and who may preside them."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from forum.models.shared import Reader, in_language
from provinces.models import Honorific, Province

MOST_SEATS = 5000


class VenueQuerySet(models.QuerySet["Venue"]):
    def visible_to(self, user: Reader) -> "VenueQuerySet":
        """Venues of the user's provinces, and where a session is held that the user may read."""
        from forum.models.sessions import Session  # noqa: PLC0415 - sessions name their venue

        if getattr(user, "serves_all", False):
            return self
        readable = Session.objects.visible_to(user).values("announced__venue")
        served = getattr(user, "served_ids", ())
        return self.filter(Q(province__in=served) | Q(pk__in=readable))

    def kept_by(self, user: User) -> "VenueQuerySet":
        """Venues of the provinces the user coordinates."""
        return self if user.serves_all else self.filter(province__in=user.served_ids)


class Venue(models.Model):
    """A hall or place where sessions are held; ``capacity`` is empty where nobody counted it."""

    province = models.ForeignKey(Province, models.PROTECT, related_name="venues")
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    capacity = models.PositiveSmallIntegerField(_("seats"), null=True, blank=True)
    address_km = models.CharField(_("address in Khmer"), max_length=300, blank=True)
    address_en = models.CharField(_("address in English"), max_length=300, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    accessibility_km = models.CharField(_("accessibility, in Khmer"), max_length=500, blank=True)
    accessibility_en = models.CharField(_("accessibility, in English"), max_length=500, blank=True)
    ended_on = models.DateField(_("no longer used since"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VenueQuerySet.as_manager()

    class Meta:
        ordering = ["province", "name_km", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["province", "name_km"], name="venue_stands_once_in_a_province"
            ),
            models.CheckConstraint(
                name="venue_has_a_sensible_number_of_seats",
                condition=Q(capacity=None) | Q(capacity__gte=1, capacity__lte=MOST_SEATS),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The venue's own page."""
        return reverse("forum:venue", args=[self.pk])

    @property
    def name(self) -> str:
        """The name in the reader's language where it is given."""
        return in_language(self, "name")

    @property
    def address(self) -> str:
        """The address in the reader's language where it is given."""
        return in_language(self, "address")

    @property
    def accessibility(self) -> str:
        """What people who see, hear or walk badly should know of it, where it is given."""
        return in_language(self, "accessibility")


class PresidingRole(models.Model):
    """As what somebody presides: chair of the secretariat, governor, deputy governor, acting."""

    code = models.SlugField(_("code"), primary_key=True, max_length=30)
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_km


class PresiderQuerySet(models.QuerySet["Presider"]):
    def visible_to(self, user: Reader) -> "PresiderQuerySet":
        """All for administrators; for coordinators those of their provinces and of none."""
        if not isinstance(user, User):
            return self.none()
        if user.serves_all or user.is_role(Role.ADMINISTRATOR):
            return self
        if not user.is_role(Role.COORDINATOR):
            return self.none()
        return self.filter(Q(province=None) | Q(province__in=user.served_ids))


class Presider(models.Model):
    """A person who presides, by title and office; never two sessions at once."""

    title_km = models.CharField(_("title in Khmer"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    office = models.ForeignKey(
        PresidingRole,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="presiders",
        verbose_name=_("presiding role"),
    )
    honorific = models.ForeignKey(
        Honorific,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("honorific"),
    )
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, blank=True, related_name="presiders"
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = PresiderQuerySet.as_manager()

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
