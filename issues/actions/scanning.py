"""Files that wait for the virus scanner."""

import datetime as dt
import logging
from typing import BinaryIO, cast

from django.db import transaction

from audit.actions import record
from issues import viruses
from issues.models import Evidence

Scan = Evidence.Scan
log = logging.getLogger(__name__)


def scan_some(*, now: dt.datetime, limit: int = 200) -> int:
    """Ask the scanner about files that wait, the oldest first; how many it answered about.

    Any number of these may run at once: each takes what no other holds. A file about which
    nothing was told waits for the next run.
    """
    if not viruses.is_configured():
        return 0
    waiting = Evidence.objects.filter(scan=Scan.PENDING).order_by("added_at", "pk")
    answered = 0
    for pk in list(waiting.values_list("pk", flat=True)[:limit]):
        try:
            answered += _scan(pk, now)
        except viruses.ScannerAway:
            log.warning("The virus scanner cannot be reached; files wait for it.")
            break
        except (viruses.ScannerError, OSError):
            log.warning("The virus scanner told nothing about file %d; it waits.", pk)
    return answered


@transaction.atomic
def _scan(pk: int, now: dt.datetime) -> bool:
    """Scan one file, unless another run holds it or it is gone."""
    rows = Evidence.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(pk=pk, scan=Scan.PENDING).defer("thumbnail").first()
    if row is None:
        return False
    with row.file.open("rb") as content:
        is_infected = viruses.is_infected(cast("BinaryIO", content))
    if is_infected:
        _refuse(row, now)
    else:
        row.scan = Scan.CLEAN
        row.save(update_fields=["scan"])
    return True


def _refuse(row: Evidence, now: dt.datetime) -> None:
    """Keep the row, so that who added the file sees what became of it; delete all content."""
    storage, name = row.file.storage, str(row.file.name)
    row.scan, row.thumbnail = Scan.INFECTED, None
    row.save(update_fields=["scan", "thumbnail"])
    record("issue.refuse_evidence", row.issue, by=None, at=now, file=row.pk)
    transaction.on_commit(lambda: storage.delete(name))
