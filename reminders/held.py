"""Open referrals as the planner reads them: by the thousand, and no more than it needs."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol, TypeVar

from django.db.models import Model, QuerySet

from issues.models import Referral

Row = TypeVar("Row", bound=Model)


def array(values: Iterable[int | str]) -> str:
    """Thousands of keys or subjects as PostgreSQL reads them quickest.

    They are numbers and plain words: nothing in them has to be quoted.
    """
    return "{" + ",".join(map(str, values)) + "}"


def among(rows: QuerySet[Row], column: str, values: Iterable[int | str]) -> QuerySet[Row]:
    """Rows of one table by thousands of keys, as one array: ``__in`` wades through each of them."""
    table = rows.model._meta.db_table
    cast = "bigint[]" if column.endswith("id") else "text[]"
    where = f'"{table}"."{column}" = ANY(%s::{cast})'
    return rows.extra(where=[where], params=[array(values)])  # noqa: S610 - named by us


def subject_of(pk: int) -> str:
    """What the notices of a referral are about."""
    return f"referral:{pk}"


class Dated(Protocol):
    """On what the days of a ladder depend."""

    @property
    def role(self) -> str: ...
    @property
    def handed_over_on(self) -> dt.date | None: ...
    @property
    def due_on(self) -> dt.date | None: ...
    @property
    def suspended_until(self) -> dt.date | None: ...
    @property
    def ladder_since(self) -> dt.date | None: ...
    @property
    def kept_low_at(self) -> dt.datetime | None: ...


class Placed(Protocol):
    """On what the superiors of a referral depend."""

    @property
    def issue_id(self) -> int: ...
    @property
    def authority_id(self) -> int: ...


class Held(NamedTuple):
    """A referral with what it needs of its issue; a ``Referral`` where so much is read at once."""

    pk: int
    issue_id: int
    authority_id: int
    role: str
    released_at: dt.datetime
    handed_over_on: dt.date | None
    due_on: dt.date | None
    due_version: int
    ladder_version: int
    ladder_since: dt.date | None
    suspended_until: dt.date | None
    kept_low_at: dt.datetime | None
    issue__province_id: str
    issue__organization_id: int
    issue__priority: int

    @classmethod
    def read(cls, pks: Collection[int]) -> "list[Held]":
        """Those of these referrals of which anybody is told, once released; one query.

        Nobody is while its issue is frozen, or its clock stands still for the organization.
        """
        rows = among(Referral.objects.running().in_hand(), "id", pks).order_by("pk")
        return list(map(cls._make, rows.values_list(*cls._fields)))
