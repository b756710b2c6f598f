"""How much of one text stands in another, from small sketches kept beside the texts.

A sketch is the smallest ``SIZE`` hashes of a text's shingles ("bottom-k"). A full one holds every
hash of its text up to its greatest; so two sketches of texts of any length are compared exactly as
far as both are known, and what lies above is left out. The price: of a short title few hashes are
left to look for in a very long text (two of fifteen in 4,000 signs), and it may be missed there.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from struct import unpack

from khmer import text as khmer_text

# Hashes in a full sketch: 1 KB, all that is in a text of about 600 signs.
SIZE = 256
# A hash in bytes, little-endian, so that a sketch means the same on every machine.
WIDTH = 4
# Clusters in a shingle: in Khmer a word or a little more.
SHINGLE = 3
# A Latin word counts as so many letters a cluster: shingles weigh the same in both scripts, and
# words with other endings share most of theirs.
LETTERS = re.compile("..?")

# Evidence of fewer hashes counts as so many: that the only hash of a sample is shared proves
# nothing, nor that a title of one word stands in a text.
LEAST = 5

# Of the issues of ``config/demonstration`` those about one matter reach these, nearly no others.
# Two whole texts are alike from here on:
LIKELY = 0.25
# A title or a sentence shares more by chance with a text, so of it more must be found:
LIKELY_TITLE = 0.45
# Up to so many hashes it is a title.
TITLE_SIZE = 60


def shingles(text: str) -> bytes:
    """The sketch of a text: up to ``SIZE`` hashes, each once, smallest first."""
    hashes = {_hashed(shingle) for shingle in _shingles(text)}
    return b"".join(one.to_bytes(WIDTH, "little") for one in sorted(hashes)[:SIZE])


def likeness(a: bytes, b: bytes) -> float:
    """What share of the text with fewer shingles stands in the other, estimated, 0 to 1."""
    (one, in_one), other = _kept(a), _hashes(b)
    if not one or not other:
        return 0.0
    known = min(_known_up_to(one), _known_up_to(other))
    smaller = min(bisect_right(one, known), bisect_right(other, known))
    return len(in_one.intersection(other)) / max(smaller, LEAST)


def is_likely(a: bytes, b: bytes) -> bool:
    """Whether two texts, or a title and a text, may well be about the same matter."""
    is_title = min(len(a), len(b)) <= TITLE_SIZE * WIDTH
    return likeness(a, b) >= (LIKELY_TITLE if is_title else LIKELY)


def _shingles(text: str) -> Iterator[str]:
    """Clusters of the text, ``SHINGLE`` at a time; of a shorter text all it has."""
    units = [unit for cluster in khmer_text.clusters(text) for unit in _units(cluster)]
    if units:
        for start in range(max(1, len(units) - SHINGLE + 1)):
            yield " ".join(units[start : start + SHINGLE])


def _units(cluster: str) -> list[str]:
    return LETTERS.findall(cluster) if khmer_text.may_continue(cluster) else [cluster]


def _hashed(shingle: str) -> int:
    return int.from_bytes(blake2b(shingle.encode(), digest_size=WIDTH).digest(), "little")


def _hashes(sketch: bytes) -> tuple[int, ...]:
    return unpack(f"<{len(sketch) // WIDTH}I", sketch)


@lru_cache(maxsize=64)
def _kept(sketch: bytes) -> tuple[tuple[int, ...], frozenset[int]]:
    """The hashes in order and to look up; kept, for one sketch is compared with many."""
    hashes = _hashes(sketch)
    return hashes, frozenset(hashes)


def _known_up_to(hashes: tuple[int, ...]) -> int:
    """The greatest hash of which the sketch tells whether its text has it."""
    return hashes[-1] if len(hashes) == SIZE else 2 ** (8 * WIDTH) - 1
