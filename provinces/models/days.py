"""Days on which offices are closed."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from provinces.models.places import Province


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
