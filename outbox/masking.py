"""What pages show of a message: its words, without the links that act in the recipient's name."""

import re

# A part of an address that ends in a seal of Django's signing: "WzEsMl0:1vA2bC:<43 signs>" of a
# link, "<32 hex digits>.<43 signs>" of a calendar; or that is a key of 256 bits, "<43 signs>".
# Whichever room made it, and on whatever host.
TOKEN = re.compile(
    r"(?<=/)(?:(?:[\w-]+(?::[\w-]+)*:|[0-9a-f]{32}\.)[\w-]{20,}|[\w-]{43}(?![\w-]))", re.ASCII
)
MASK = "…"


def masked(text: str) -> str:
    """The text with a sign in place of every sealed part of an address; the mail keeps them."""
    return TOKEN.sub(MASK, text)
