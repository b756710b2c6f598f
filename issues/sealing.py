"""Sealing what only a few may read, with keys that never lie in the database."""

import json

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

from issues.models import Issue, ProtectedPart


def _keys() -> MultiFernet:
    """The newest key seals; every key opens, so that keys can be rotated."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def seal(content: dict[str, str]) -> bytes:
    """The content as bytes that say nothing without a key."""
    return _keys().encrypt(json.dumps(content, ensure_ascii=False).encode())


def unseal(sealed: bytes) -> dict[str, str]:
    """The content again; raises ``cryptography.fernet.InvalidToken`` without the key."""
    content: dict[str, str] = json.loads(_keys().decrypt(bytes(sealed)))
    return content


def village_of(issue: Issue) -> str:
    """The code of the village that is kept with the issue; "" without one.

    For whoever typed it; a coordinator reads it through ``actions.read_protected`` alone.
    """
    part = ProtectedPart.objects.filter(issue=issue).first()
    return unseal(bytes(part.sealed)).get("village", "") if part else ""
