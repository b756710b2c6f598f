"""Provinces, and the districts, communes and villages in them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from provinces.models.named import Named

PROVINCE_KM, CAPITAL_KM, CAPITAL = "ខេត្ត", "រាជធានី", "12"
PREFIXES_KM = {
    "srok": "ស្រុក",
    "krong": "ក្រុង",
    "khan": "ខណ្ឌ",
    "khum": "ឃុំ",
    "sangkat": "សង្កាត់",
    "phum": "ភូមិ",
}


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
