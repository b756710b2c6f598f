"""The rows of a file while it waits: kept under the key of the protected part."""

import json
from collections.abc import Sequence

from accounts import sealing
from issues.batch.reading import Row
from issues.models import Batch


def as_text(rows: Sequence[Row]) -> str:
    """The rows in one text, the same for the same rows."""
    return json.dumps([[row.line, row.cells] for row in rows], ensure_ascii=False)


def seal(rows: Sequence[Row]) -> bytes:
    """The rows as bytes that say nothing without a key."""
    return sealing.seal({"rows": as_text(rows)})


def rows_of(batch: Batch) -> list[Row]:
    """The rows of a file that still waits."""
    rows = json.loads(sealing.unseal(bytes(batch.sealed))["rows"])
    return [Row(line, cells) for line, cells in rows]
