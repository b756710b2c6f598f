"""Who presides a session: never two sessions at once."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum.actions import shared
from forum.models import Presider, Presiding, Session
from forum.workflow import Act

OVERLAP = "presider_sits_in_one_session_at_a_time"


@transaction.atomic
def set_presiders(
    session: Session, *, by: User, now: dt.datetime, roles: Mapping[Presider, str]
) -> Session:
    """Let exactly these preside the session, each in a role; nobody sits in two at once."""
    locked = shared.lock(session, Act.SET_PRESIDERS, by=by)
    held = {one.presider_id: one.role for one in locked.presidings.all()}
    wanted = {presider.pk: str(role) for presider, role in roles.items()}
    if held == wanted:
        return locked
    _check_presiders(locked, [one for one in roles if one.pk not in held])
    with free(list(wanted), locked, locked.starts_at, locked.ends_at):
        locked.presidings.all().delete()
        Presiding.objects.bulk_create(
            Presiding(
                session=locked,
                presider_id=presider,
                role=role,
                starts_at=locked.starts_at,
                ends_at=locked.ends_at,
            )
            for presider, role in wanted.items()
        )
    change = [sorted(held.items()), sorted(wanted.items())]
    record(
        f"forum.{Act.SET_PRESIDERS}",
        locked,
        by=by,
        role=shared.COORDINATOR,
        at=now,
        presiders=change,
    )
    return locked


def _check_presiders(session: Session, presiders: Sequence[Presider]) -> None:
    """Raise TransitionError for one who has left, or is of another province."""
    for one in presiders:
        if one.ended_on is not None or one.province_id not in (None, session.province_id):
            raise TransitionError(
                _("%(presider)s does not preside in %(province)s.")
                % {"presider": one, "province": session.province}
            )


@contextmanager
def free(
    presider_ids: Collection[int],
    session: Session,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
) -> Iterator[None]:
    """Write while these presiders sit in no other session of that time.

    Raises TransitionError naming the other session, whether it was found under the presiders'
    lock or by the database's own constraint.
    """
    list(Presider.objects.select_for_update().filter(pk__in=presider_ids).order_by("pk"))
    _check_free(presider_ids, session, starts_at, ends_at)
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if OVERLAP not in str(error):
            raise
        _check_free(presider_ids, session, starts_at, ends_at)
        raise TransitionError(_("One of the presiders sits in another session then.")) from error


def _check_free(
    presider_ids: Collection[int],
    session: Session,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
) -> None:
    """Raise TransitionError with the first session that overlaps; without times none does."""
    if starts_at is None or ends_at is None:
        return
    sittings = Presiding.objects.filter(
        presider__in=presider_ids, is_off=False, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exclude(session=session)
    clash = sittings.select_related("presider", "session__province").first()
    if clash is not None:
        raise TransitionError(
            _("%(presider)s already presides the session in %(province)s: %(when)s.")
            % {
                "presider": clash.presider,
                "province": clash.session.province,
                "when": clash.session.when,
            }
        )
