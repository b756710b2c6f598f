"""Short messages: how much of one a text takes, and where it may be cut.

A message of letters in GSM's own alphabet holds 160 of them, or 153 in each part of a longer one
(3GPP TS 23.038, TS 23.040); any other, as Khmer, is written in UCS-2: 70, or 67 in each part.
"""

import re
from itertools import accumulate

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")  # behind an escape
SINGLE, PART = {True: 160, False: 70}, {True: 153, False: 67}  # by whether it is in GSM's alphabet
MORE = "…"
# A letter with all that hangs on it, so that no cut leaves half a syllable: a Khmer one with its
# subscripts, vowels and signs, another with its combining marks; joiners stay with what they join.
WHOLE = re.compile(
    "[\u1780-\u17b3\u25cc](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd\u200c\u200d])*"
    "|\r\n|.[\u0300-\u036f\u200d\ufe0f]*",
    re.DOTALL,
)


def is_gsm(text: str) -> bool:
    """Whether every sign is in GSM's own alphabet."""
    return all(one in GSM or one in GSM_TWICE for one in text)


def units(text: str) -> int:
    """How much room the text takes: septets in GSM's alphabet, else 16-bit units."""
    if is_gsm(text):
        return sum(2 if one in GSM_TWICE else 1 for one in text)
    return utf16(text)


def utf16(text: str) -> int:
    """The number of 16-bit units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parts(text: str) -> int:
    """How many messages the text is paid as."""
    in_gsm = is_gsm(text)
    taken = units(text)
    return 1 if taken <= SINGLE[in_gsm] else -(-taken // PART[in_gsm])


def fitted(text: str, *, tail: str = "", most: int = 3) -> str:
    """The text and its tail in so many parts: cut at a whole cluster, the tail always kept.

    The tail, a link, follows behind a space. A tail that alone is longer stands alone.
    """
    end = f" {tail}" if tail else ""
    if parts(text + end) <= most:
        return text + end
    ends = list(accumulate(len(one) for one in WHOLE.findall(text)))
    best = next(
        (
            at
            for at in reversed(ends)
            if parts(said := text[:at].rstrip() + MORE + end) <= most and said
        ),
        0,
    )
    return text[:best].rstrip() + MORE + end if best else tail or text[: ends[0] if ends else 0]


def cut(text: str, most: int) -> str:
    """The text in at most so many 16-bit units, cut at a whole cluster."""
    if utf16(text) <= most:
        return text
    room, kept = most - utf16(MORE), []
    for one in WHOLE.findall(text):
        room -= utf16(one)
        if room < 0:
            break
        kept.append(one)
    return "".join(kept).rstrip() + MORE
