"""What a telephone may be told of whose drafts it keeps, and which of them are still there."""

import json
import uuid

from django.core.exceptions import BadRequest
from django.utils.crypto import salted_hmac

from issues import steps
from issues.models.issue import Reader

MOST = 100  # keys asked for at once; static/js/device.js asks for as many


def mark_of(user: Reader) -> str:
    """A name for this user that says nothing to others: the telephone tells persons apart by it.

    It does not hold from one SECRET_KEY to the next: what lay on the telephone is not shown then.
    """
    if not user.is_authenticated:
        return ""
    return salted_hmac("issues.phone", str(user.pk), algorithm="sha256").hexdigest()[:32]


def keys_in(body: bytes) -> list[uuid.UUID]:
    """The keys of a JSON list; raises BadRequest for anything else and for more than MOST."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(sent, list) or len(sent) > MOST:
        raise BadRequest
    try:
        return [uuid.UUID(key) for key in sent]
    except (ValueError, TypeError, AttributeError) as error:
        raise BadRequest from error


def known(user: Reader, keys: list[uuid.UUID]) -> list[str]:
    """Those of the keys that belong to drafts which the user may still go on with."""
    rows = steps.drafts_of(user).filter(client_key__in=keys)
    return [str(key) for key in rows.values_list("client_key", flat=True)]
