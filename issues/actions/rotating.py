"""Sealing anew, under the newest key, what was sealed under an older one."""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db import models, transaction

from issues import sealing
from issues.models import Batch, ProtectedPart

SEALED: tuple[type[models.Model], ...] = (ProtectedPart, Batch)
CHUNK = 500


@dataclass(frozen=True)
class Rotated:
    """What became of some rows: sealed anew, found under the newest key, opened by no key."""

    resealed: int = 0
    standing: int = 0
    unopened: int = 0


def rotate(size: int = CHUNK) -> Iterator[Rotated]:
    """Seal all rows anew, a chunk in a transaction; broken off, it goes on where it stood."""
    for model in SEALED:
        after = 0
        while chunk := _chunk(model, after, size):
            after, done = chunk
            yield done


@transaction.atomic
def _chunk(model: type[models.Model], after: int, size: int) -> tuple[int, Rotated] | None:
    rows = model._default_manager.exclude(sealed=b"").filter(pk__gt=after).order_by("pk")
    found = list(rows.select_for_update(of=("self",)).only("pk", "sealed")[:size])
    if not found:
        return None
    counts = {"resealed": 0, "standing": 0, "unopened": 0}
    for row in found:
        counts[_reseal(row)] += 1
    return found[-1].pk, Rotated(**counts)


def _reseal(row: models.Model) -> str:
    """Seal one row anew, if it has to be; what became of it."""
    try:
        sealed = sealing.reseal(row.sealed)  # type: ignore[attr-defined]
    except InvalidToken:
        return "unopened"
    if sealed is None:
        return "standing"
    type(row)._default_manager.filter(pk=row.pk).update(sealed=sealed)
    return "resealed"
