"""What the tables of the room have in common."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import get_language

from accounts.models import Organization, User
from provinces.models import Authority

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


def in_language(row: models.Model, name: str) -> str:
    """``name_km`` or ``name_en`` of the row: in the reader's language where it is given."""
    first, second = getattr(row, f"{name}_km"), getattr(row, f"{name}_en")
    if get_language() == "en":
        first, second = second, first
    return str(first or second)


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


ONE_PARTY = Q(organization=None, authority__isnull=False) | Q(
    organization__isnull=False, authority=None
)
