"""An address that failed and works again, by the word of somebody who knows."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Role, User
from audit.actions import record
from audit.models import AuditEntry
from outbox.models import FailedAddress


@transaction.atomic
def works_again(failed: FailedAddress, *, by: User, now: dt.datetime) -> bool:
    """Forget that the address failed; whether it was still marked. If it fails anew it is so again.

    For a coordinator; who it belongs to is for the caller to know.
    """
    if not by.is_role(Role.COORDINATOR):
        raise PermissionDenied
    row = FailedAddress.objects.select_for_update().filter(pk=failed.pk).first()
    if row is None:
        return False
    role = AuditEntry.Role.COORDINATOR
    record("outbox.works_again", row, by=by, role=role, at=now, channel=row.channel)
    row.delete()
    return True
