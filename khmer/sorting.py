"""The order of Khmer names where the database has no ICU collation.

The key follows CLDR's rules for Khmer and is compared by code point (``COLLATE "C"``). Letters keep
their code points; what sorts after them is moved to the private use area, in this order: vowels,
subscripts, the four vocalic letters.
"""

import re

from khmer.numbers import to_ascii
from khmer.text import norm

# Vowels in dictionary order; those written with a sign after them count as one.
VOWELS = (
    *map(chr, range(0x17B6, 0x17C6)),
    "\u17bb\u17c6",
    "\u17c6",
    "\u17b6\u17c6",
    "\u17c7",
    "\u17b7\u17c7",
    "\u17bb\u17c7",
    "\u17c1\u17c7",
    "\u17c4\u17c7",
)

# Independent vowels sort as the letter and vowel they sound like; vocalic letters (ឫ ឬ ឭ ឮ) after
# everything built on their plain letter.
INDEPENDENT_VOWELS = {
    "ឣ": "អ",
    "ឤ": "អា",
    "ឥ": "អិ",
    "ឦ": "អី",
    "ឧ": "អុ",
    "ឨ": "អុក",
    "ឩ": "អូ",
    "ឪ": "អូវ",
    "ឫ": "រ\ue400",
    "ឬ": "រ\ue401",
    "ឭ": "ល\ue400",
    "ឮ": "ល\ue401",
    "ឯ": "អែ",
    "ឰ": "អៃ",
    "ឱ": "អោ",
    "ឲ": "អោ",
    "ឳ": "អៅ",
}

# Controls, and Khmer signs that change the sound of a word but not its place.
IGNORED = re.compile("[\x00-\x1f\u17c8-\u17cb\u17cd-\u17d1\u17d3\u17dd]")

# Stands between the key and the name, below everything that a key can contain.
SEPARATOR = "\x01"

_ROBAT = re.compile("(.)\u17cc")
_SUBSCRIPT = re.compile("\u17d2([\u1780-\u17b3])")
_VOWEL = re.compile("|".join(sorted(VOWELS, key=len, reverse=True)))
_VOWEL_KEYS = {vowel: chr(0xE100 + place) for place, vowel in enumerate(VOWELS)}
_INDEPENDENT = str.maketrans(INDEPENDENT_VOWELS)


def sort_key(name: str) -> str:
    """A text whose order by code point is the Khmer order of names; no two names share one."""
    key = IGNORED.sub("", norm(name)).casefold()
    key = _ROBAT.sub("\u179a\u17d2\\1", key)  # robat is a small ro, read before its letter
    key = _SUBSCRIPT.sub(_subscript_key, key)
    key = to_ascii(key).translate(_INDEPENDENT)
    return _VOWEL.sub(lambda found: _VOWEL_KEYS[found[0]], key) + SEPARATOR + name


def _subscript_key(subscript: re.Match[str]) -> str:
    return chr(0xE200 + ord(subscript[1]) - 0x1780)
