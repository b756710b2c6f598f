"""How long the road is between the towns of two provinces."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from provinces.models.places import Province

SHORTEST, LONGEST = 10, 48 * 60


class RoadTime(models.Model):
    """Minutes on the road between two provincial towns; each pair once, its lower code first.

    ``is_edited`` where an administrator set it: loading the room's own data leaves such a row.
    """

    one = models.ForeignKey(Province, models.PROTECT, related_name="+")
    other = models.ForeignKey(Province, models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(_("time on the road"))
    is_edited = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["one_id", "other_id"]
        constraints = [
            models.CheckConstraint(
                name="road_time_has_the_lower_code_first",
                condition=models.Q(one__lt=models.F("other")),
            ),
            models.UniqueConstraint(
                fields=["one", "other"], name="road_time_of_two_provinces_stands_once"
            ),
            models.CheckConstraint(
                name="road_time_is_ten_minutes_to_two_days",
                condition=models.Q(minutes__range=(SHORTEST, LONGEST)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id}–{self.other_id}"
