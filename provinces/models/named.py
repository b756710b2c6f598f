"""What has a name in two languages."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


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


class Listed(Named):
    """A named thing under a code that never changes, in an order that administrators choose."""

    code = models.SlugField(_("code"), primary_key=True, max_length=20)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering = ["position", "code"]


class Honorific(Listed):
    """What stands before the name of a person who is written to: ឯកឧត្តម, H.E."""
