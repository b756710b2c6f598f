"""The bytes of a mail, sealed at rest under the keys of the protected part."""

from accounts import sealing
from inbox.models import Incoming


def sealed(raw: bytes) -> bytes:
    """The mail as the bytes that its row holds; each byte is one character of what is sealed."""
    return sealing.seal({"raw": raw.decode("latin-1")})


def opened(mail: Incoming) -> bytes:
    """The mail as it came."""
    return sealing.unseal(bytes(mail.sealed))["raw"].encode("latin-1")
