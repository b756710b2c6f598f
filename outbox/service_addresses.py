"""The address at another service: administrators set it and take it away, sealed and unread."""

import datetime as dt

from cryptography.fernet import InvalidToken
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import permissions, sealing
from accounts.models import Role, User
from audit.actions import record
from outbox import services
from outbox.models import Channel, FailedAddress, Preference
from outbox.ways import ServiceAddress


@transaction.atomic
def set_address(person: User, address: str, *, by: User, now: dt.datetime) -> None:
    """Keep where the person may be told from now on; they choose whether they are.

    The same address again changes nothing. Raises services.Unfit for an address nobody may be
    told at, and PermissionDenied.
    """
    locked = _locked(person, by)
    scheme = services.scheme_of(address)
    before = ServiceAddress.objects.filter(user=locked).first()
    if before is not None and _address_in(before) == address:
        return
    if before is not None:
        _delete(before)
    sealed = sealing.seal({"address": address})
    ServiceAddress.objects.create(user=locked, scheme=scheme, sealed=sealed, set_at=now)
    _record("outbox.set_service_address", locked, by, [before.scheme if before else None, scheme])


@transaction.atomic
def remove_address(person: User, *, by: User) -> None:
    """Keep no address any more; who was told there is told by e-mail. Without one nothing changes.

    Raises PermissionDenied.
    """
    locked = _locked(person, by)
    before = ServiceAddress.objects.filter(user=locked).first()
    if before is None:
        return
    _delete(before)
    told_there = Preference.objects.filter(user=locked, channel=Channel.OTHER)
    told_there.update(channel=Channel.EMAIL)  # how often they are told stays
    _record("outbox.remove_service_address", locked, by, [before.scheme, None])


def _locked(person: User, by: User) -> User:
    if not permissions.sets_other_way(by, person):
        raise PermissionDenied
    return User.objects.select_for_update(of=("self",)).get(pk=person.pk)


def _address_in(kept: ServiceAddress) -> str:
    """The address as it was typed; empty where no key opens it."""
    try:
        return sealing.unseal(bytes(kept.sealed))["address"]
    except InvalidToken:
        return ""


def _delete(kept: ServiceAddress) -> None:
    FailedAddress.objects.filter(channel=Channel.OTHER, address=str(kept)).delete()
    ServiceAddress.objects.filter(pk=kept.pk).delete()


def _record(action: str, person: User, by: User, scheme: list[str | None]) -> None:
    record(action, person, by=by, role=Role.ADMINISTRATOR, at=None, scheme=scheme)
