"""Sealing what only a few may read, with keys that never lie in the database."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


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


def reseal(sealed: bytes) -> bytes | None:
    """The same content under the newest key; None where it is sealed with that one already.

    Raises ``cryptography.fernet.InvalidToken`` where no key opens it.
    """
    newest = Fernet(settings.FIELD_KEYS[0])
    try:
        newest.decrypt(bytes(sealed))
    except InvalidToken:
        return _keys().rotate(bytes(sealed))
    return None
