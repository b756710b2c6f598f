"""Open referrals as the planner reads them: by the thousand, and no more than it needs."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol, TypeVar

from django.db.models import Model, QuerySet

from issues.models import Issue, Referral

Row = TypeVar("Row", bound=Model)


def among(rows: QuerySet[Row], column: str, values: Iterable[int | str]) -> QuerySet[Row]:
    """Rows of one table by thousands of keys, as one array: ``__in`` wades through each of them.

    Keys and subjects are numbers and plain words: nothing in them has to be quoted.
    """
    table, keys = rows.model._meta.db_table, ",".join(map(str, values))
    cast = "bigint[]" if column.endswith("id") else "text[]"
    where = f'"{table}"."{column}" = ANY(%s::{cast})'
    return rows.extra(where=[where], params=["{" + keys + "}"])  # noqa: S610 - named by us


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
    released_at: dt.datetime | None
    handed_over_on: dt.date | None
    due_on: dt.date | None
    due_version: int
    ladder_version: int
    ladder_since: dt.date | None
    suspended_until: dt.date | None
    paused_on: dt.date | None
    kept_low_at: dt.datetime | None
    ended_at: dt.datetime | None
    issue__province_id: str
    issue__organization_id: int
    issue__priority: int
    issue__status: str
    issue__pressured_at: dt.datetime | None

    @classmethod
    def read(cls, pks: Collection[int]) -> "list[Held]":
        """These referrals in order of their keys; one query."""
        rows = among(Referral.objects.all(), "id", pks).order_by("pk")
        return [cls(*row) for row in rows.values_list(*cls._fields)]

    @property
    def subject(self) -> str:
        """What its notices are about."""
        return f"referral:{self.pk}"

    @property
    def is_running(self) -> bool:
        """Whether it is open and its clock does not stand still for the organization."""
        return self.ended_at is None and self.paused_on is None

    @property
    def is_told_of(self) -> bool:
        """Whether anybody is told of it, once released; nobody is while its issue is frozen."""
        return (
            self.is_running
            and self.released_at is not None
            and self.issue__status == Issue.Status.REFERRED
            and self.issue__pressured_at is None
        )
