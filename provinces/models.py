"""Provinces, their localities and authorities, the themes they answer for, and closed days."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khmer import text as khmer_text

if TYPE_CHECKING:
    from accounts.models import User

LINE_BELOW = """
    WITH RECURSIVE line(id) AS (
        SELECT unnest(%s::bigint[])
        UNION SELECT a.id FROM provinces_authority a JOIN line ON a.superior_id = line.id
    ) SELECT id FROM line
"""
LINE_ABOVE = """
    WITH RECURSIVE line(id, superior_id) AS (
        SELECT id, superior_id FROM provinces_authority WHERE id = ANY(%s::bigint[])
        UNION SELECT a.id, a.superior_id FROM provinces_authority a JOIN line
            ON a.id = line.superior_id
    ) SELECT id FROM line
"""

PROVINCE_KM, CAPITAL_KM, CAPITAL = "ខេត្ត", "រាជធានី", "12"
PREFIXES_KM = {
    "srok": "ស្រុក",
    "krong": "ក្រុង",
    "khan": "ខណ្ឌ",
    "khum": "ឃុំ",
    "sangkat": "សង្កាត់",
    "phum": "ភូមិ",
}


class Named(models.Model):
    """A thing with a Khmer and a Latin name, sorted in Khmer order by ``sort_key``."""

    name_km = models.CharField(_("Khmer name"), max_length=200)
    name_en = models.CharField(_("Latin name"), max_length=200)
    sort_key = models.CharField(max_length=800, editable=False, db_collation="C", default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_km


class Theme(Named):
    """What an issue is about; authorities answer for themes."""

    code = models.SlugField(_("code"), primary_key=True, max_length=20)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "code"]


class Province(Named):
    """One of the 25 provinces; its code begins the code of everything in it."""

    code = models.CharField(_("code"), primary_key=True, max_length=2)
    aliases = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            models.CheckConstraint(
                name="province_code_is_two_digits", condition=models.Q(code__regex=r"^\d{2}$")
            )
        ]

    @property
    def prefix_km(self) -> str:
        """What stands before the Khmer name."""
        return CAPITAL_KM if self.code == CAPITAL else PROVINCE_KM

    @property
    def full_name(self) -> str:
        """The name with ខេត្ត or រាជធានី in front in Khmer, with "province" behind in English."""
        if get_language() != "en":
            return f"{self.prefix_km}{self.name_km}"
        return self.name_en if self.code == CAPITAL else f"{self.name_en} province"


class LocalityQuerySet(models.QuerySet["Locality"]):
    def districts(self) -> "LocalityQuerySet":
        """Units right below a province."""
        return self.filter(level=Locality.Level.DISTRICT)

    def communes(self) -> "LocalityQuerySet":
        """Units below a district."""
        return self.filter(level=Locality.Level.COMMUNE)

    def villages(self) -> "LocalityQuerySet":
        """Units below a commune."""
        return self.filter(level=Locality.Level.VILLAGE)


class Locality(Named):
    """A district, commune or village of the gazetteer, under its official code."""

    class Level(models.IntegerChoices):
        DISTRICT = 4, _("district")
        COMMUNE = 6, _("commune")
        VILLAGE = 8, _("village")

    class Kind(models.TextChoices):
        SROK = "srok", _("district")
        KRONG = "krong", _("municipality")
        KHAN = "khan", _("khan")
        KHUM = "khum", _("commune")
        SANGKAT = "sangkat", _("sangkat")
        PHUM = "phum", _("village")

    code = models.CharField(_("code"), primary_key=True, max_length=8)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    province = models.ForeignKey(Province, models.PROTECT, related_name="localities")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    aliases = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    objects = LocalityQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        verbose_name_plural = "localities"
        indexes = [models.Index(fields=["province", "level"], name="locality_by_province_level")]
        constraints = [
            models.CheckConstraint(
                name="locality_code_has_the_length_of_its_level",
                condition=models.Q(level=models.functions.Length("code")),
            ),
            models.CheckConstraint(
                name="locality_code_begins_with_its_provinces",
                condition=models.Q(code__startswith=models.F("province_id")),
            ),
            models.CheckConstraint(
                name="locality_code_begins_with_its_parents",
                condition=models.Q(parent__isnull=True, level=4)
                | models.Q(
                    parent__isnull=False, level__gt=4, code__startswith=models.F("parent_id")
                ),
            ),
        ]

    @property
    def prefix_km(self) -> str:
        """What stands before the Khmer name: its kind, a part of the name itself."""
        return PREFIXES_KM[self.kind]

    @property
    def full_name(self) -> str:
        """The name with its kind in front in Khmer (ឃុំ…) and behind in English."""
        if get_language() == "en":
            return f"{self.name_en} {self.get_kind_display()}"
        return f"{self.prefix_km}{self.name_km}"


class AuthorityQuerySet(models.QuerySet["Authority"]):
    def current(self) -> "AuthorityQuerySet":
        """Authorities that still exist."""
        return self.filter(ended_on=None)

    def below(self, ids: Iterable[int]) -> "AuthorityQuerySet":
        """These authorities and all that have one of them somewhere above."""
        return self.filter(pk__in=RawSQL(LINE_BELOW, [list(ids)]))  # noqa: S611 - no text of users

    def above(self, ids: Iterable[int]) -> "AuthorityQuerySet":
        """These authorities and all their superiors."""
        return self.filter(pk__in=RawSQL(LINE_ABOVE, [list(ids)]))  # noqa: S611 - no text of users

    def named(self, query: str) -> "AuthorityQuerySet":
        """Authorities with the query in a name, however it was typed."""
        return self.filter(
            models.Q(name_km__contains=khmer_text.norm(query)) | models.Q(name_en__icontains=query)
        )

    def of_province(self, province_id: str) -> "AuthorityQuerySet":
        """Whom an issue of the province may be referred to: its own authorities and ministries."""
        return self.current().filter(models.Q(province=province_id) | models.Q(province=None))


class Authority(Named):
    """An office, not a person: it is told, and behind it its superior."""

    class Kind(models.TextChoices):
        ADMINISTRATION = "administration", _("provincial administration")
        DEPARTMENT = "department", _("provincial department")
        DISTRICT = "district", _("district administration")
        COMMUNE = "commune", _("commune or sangkat council")
        MINISTRY = "ministry", _("ministry")

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, blank=True, related_name="authorities"
    )
    locality = models.ForeignKey(
        Locality, models.PROTECT, null=True, blank=True, related_name="authorities"
    )
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subordinates"
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="authorities")
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors"
    )

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        verbose_name_plural = "authorities"
        constraints = [
            models.CheckConstraint(
                name="authority_is_not_its_own_superior",
                condition=models.Q(superior=None) | ~models.Q(superior=models.F("pk")),
            ),
            models.CheckConstraint(
                name="authority_of_no_province_is_a_ministry",
                condition=models.Q(kind="ministry", province=None)
                | (~models.Q(kind="ministry") & models.Q(province__isnull=False)),
            ),
            models.CheckConstraint(
                name="authority_with_a_successor_has_ended",
                condition=models.Q(successor=None) | models.Q(ended_on__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="superiors_form_no_circle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("superior_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__superior__isnull=False),
                func="""
                    IF EXISTS (
                        WITH RECURSIVE line(id, superior_id) AS (
                            SELECT id, superior_id FROM provinces_authority
                             WHERE id = NEW.superior_id
                            UNION SELECT a.id, a.superior_id FROM provinces_authority a
                             JOIN line ON a.id = line.superior_id
                        ) SELECT 1 FROM line WHERE id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'authority % would stand above itself', NEW.slug
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def get_absolute_url(self) -> str:
        """The authority's own page."""
        return reverse("provinces:authority", args=[self.pk])

    @property
    def line(self) -> list["Authority"]:
        """Its superiors, the nearest first; one query."""
        above = {one.pk: one for one in Authority.objects.above([self.pk])}
        found: list[Authority] = []
        one = above.get(self.superior_id) if self.superior_id else None
        while one:
            found.append(one)
            one = above.get(one.superior_id) if one.superior_id else None
        return found


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def visible_to(self, user: "User") -> "ContactPointQuerySet":
        """All for administrators; for coordinators those of their provinces and of ministries."""
        if user.serves_all or user.is_role("administrator"):
            return self
        if not user.served_ids:
            return self.none()
        return self.filter(
            models.Q(authority__province__in=user.served_ids) | models.Q(authority__province=None)
        )


class ContactPoint(models.Model):
    """An address of an office itself, where no official of it has an account."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("telephone")
        POST = "post", _("post")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="contacts")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    value = models.CharField(_("address or number"), max_length=254)
    label = models.CharField(_("whose"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=2, default="km")
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        ordering = ["authority", "channel", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel", "value"], name="contact_stands_once"
            )
        ]

    def __str__(self) -> str:
        return self.value


class Holiday(models.Model):
    """A day on which offices are closed: everywhere, or in one province."""

    date = models.DateField(_("date"))
    name_km = models.CharField(_("Khmer name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200)
    source = models.CharField(_("source"), max_length=200)
    province = models.ForeignKey(
        Province, models.CASCADE, null=True, blank=True, related_name="holidays"
    )
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(
                fields=["date", "province"],
                nulls_distinct=False,
                name="holiday_stands_once_a_day_and_province",
            )
        ]

    def __str__(self) -> str:
        return self.name_en

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_km
