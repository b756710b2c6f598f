"""Days on which offices are closed."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from provinces.models.places import Province

# The source of days that were reckoned, as it is stored, and as people are told of it.
RECKONED = "Python package holidays, country KH"
TO_CONFIRM = _("Calculated in advance; please confirm it against the sub-decree")
CONFIRMED = _("Calculated in advance, then confirmed by an administrator")


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def of_year(self, year: int) -> "HolidayQuerySet":
        """The days of one year, by date, those of the whole country first."""
        rows = self.filter(date__year=year).select_related("province", "confirmed_by")
        return rows.order_by("date", models.F("province").asc(nulls_first=True))

    def unconfirmed(self) -> "HolidayQuerySet":
        """Days that no administrator has confirmed."""
        return self.filter(confirmed_by=None)

    def awaits_confirmation(self, year: int) -> bool:
        """Whether the year has no day yet, or one that nobody confirmed; one query."""
        found = list(self.filter(date__year=year).values_list("confirmed_by", flat=True))
        return not found or None in found


def source_from_words(typed: str) -> str:
    """The source as it is stored: whoever left our words standing changed nothing."""
    return RECKONED if typed in (str(TO_CONFIRM), str(CONFIRMED)) else typed


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

    objects = HolidayQuerySet.as_manager()

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
    def source_in_words(self) -> str:
        """Where it is known from, without the name of a program."""
        if self.source != RECKONED:
            return self.source
        return str(CONFIRMED if self.confirmed_by_id else TO_CONFIRM)

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_km
