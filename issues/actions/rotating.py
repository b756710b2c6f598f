"""Sealing anew, under the newest key, what was sealed under an older one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import models, transaction

from accounts import sealing
from forum.models import Delegate
from issues.models import Batch, ProtectedPart
from outbox.ways import ServiceAddress


@dataclass(frozen=True)
class Sealed:
    """A column whose bytes are sealed; empty or NULL where nothing is."""

    model: type[models.Model]
    field: str = "sealed"


# Every sealed column of this room and of the rooms below it; its name begins with "sealed".
# A room above adds its own when it is loaded.
SEALED = [Sealed(ProtectedPart), Sealed(Batch), Sealed(Delegate), Sealed(ServiceAddress)]
CHUNK = 500


@dataclass(frozen=True)
class Rotated:
    """What became of some rows: sealed anew, found under the newest key, opened by no key."""

    resealed: int = 0
    standing: int = 0
    unopened: int = 0


def rotate(size: int = CHUNK) -> Iterator[Rotated]:
    """Seal all rows anew, a chunk in a transaction; broken off, it goes on where it stood."""
    for column in SEALED:
        after = None
        while chunk := _chunk(column, after, size):
            after, done = chunk
            yield done


@transaction.atomic
def _chunk(column: Sealed, after: Any, size: int) -> tuple[Any, Rotated] | None:
    """What became of the rows after a primary key, of whatever kind, and the key of the last."""
    held = column.model._default_manager.exclude(**{column.field: b""})
    rows = held.exclude(**{f"{column.field}__isnull": True}).order_by("pk")
    rows = rows if after is None else rows.filter(pk__gt=after)
    found = list(rows.select_for_update(of=("self",)).only("pk", column.field)[:size])
    if not found:
        return None
    counts = {"resealed": 0, "standing": 0, "unopened": 0}
    for row in found:
        counts[_reseal(row, column)] += 1
    return found[-1].pk, Rotated(**counts)


def _reseal(row: models.Model, column: Sealed) -> str:
    """Seal one row anew, if it has to be; what became of it."""
    try:
        sealed = sealing.reseal(getattr(row, column.field))
    except InvalidToken:
        return "unopened"
    if sealed is None:
        return "standing"
    column.model._default_manager.filter(pk=row.pk).update(**{column.field: sealed})
    return "resealed"
