"""Khmer text made comparable: one form to store, one to compare, and clusters to search by.

Khmer is written without spaces and one word can be typed in several orders of signs that look the
same; Unicode's own normal forms change nothing about that. So names are stored through ``norm``,
and texts are searched as phrases of character clusters (a letter with all that hangs on it).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from khmer import numbers
from khmer.spellings import SPELLINGS

# Signs without shape: zero-width spaces and joiners, soft hyphen, the two inherent vowels.
INVISIBLE = re.compile("[\u00ad\u17b4\u17b5\u200b-\u200d\u2060\ufeff]")

# A letter (or the dotted circle that stands for one) and the subscripts, vowels, signs after it.
SYLLABLE = re.compile(
    "([\u1780-\u17b3\u25cc])((?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd])+)"
)
SYLLABLE_PART = re.compile("\u17d2[\u1780-\u17b3]|.")

# Where each kind of part stands in a syllable.
ROBAT, SUBSCRIPT, SUBSCRIPT_RO, SHIFTER, VOWEL, NIKAHIT, SIGN, VISARGA = range(8)
PLACES = {
    "\u17cc": ROBAT,
    "\u17d2\u179a": SUBSCRIPT_RO,
    "\u17c9": SHIFTER,
    "\u17ca": SHIFTER,
    **{chr(vowel): VOWEL for vowel in range(0x17B6, 0x17C6)},
    "\u17c6": NIKAHIT,
    "\u17c7": VISARGA,
    "\u17c8": VISARGA,
}

# Vowels typed as their two visible halves, in either order.
HALVED_VOWELS = {
    "\u17c1\u17b8": "\u17be",
    "\u17b8\u17c1": "\u17be",
    "\u17c1\u17b6": "\u17c4",
    "\u17b6\u17c1": "\u17c4",
}

# Written alike or used for one another: subscript ta and da, and four ways to write "give".
LOOKALIKES = {
    "\u17d2\u178f": "\u17d2\u178a",
    "ឲ": "ឱ",
    "អោយ": "ឱយ",
    "ឱ្យ": "ឱយ",
}

# Letters of Latin words, with the accents of French and Vietnamese, and figures.
LATIN = "a-z0-9\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff"
LATIN_WORD = re.compile(f"[{LATIN}]+")

# Between the parts of a Latin name: Ratanak-Kiri, O'Rang.
JOINT = re.compile(r"[\s'\u2018\u2019\u02bc-]+")

# A Khmer letter with what hangs on it, a Latin word or figure, or one letter of another script.
# The repetition sign is left out: people type it with and without a space before it.
CLUSTER = re.compile(
    "[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd])*"
    f"|[{LATIN}]+"
    "|[^\\W_\u17d7]"
)

# Ends of a part of a query. Hyphen, slash and full stop are no ends: they hold references together.
BREAK = re.compile(r"[\s។៕៖៘,;:!?&|(){}\[\]<>«»\"“”…]+")


def norm(text: str) -> str:
    """The text with its syllables in one order and without invisible signs, fit to be stored."""
    return _settled(_norm_once, text)


def fold(text: str) -> str:
    """The form in which two texts that read alike are equal; to compare, never to show."""
    return _settled(_fold_once, text)


def canonical(text: str) -> str:
    """The folded text with each word of ``SPELLINGS`` in its first spelling."""
    return _FORM.sub(_first_spelling, fold(text))


def respelled(folded: str) -> Iterator[tuple[int, int, str]]:
    """Where a folded text has a word of ``SPELLINGS`` otherwise: start, end, its first spelling."""
    for found in _FORM.finditer(folded):
        yield found.start(), found.end(), _first_spelling(found)


def other_spellings(unified: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each word of ``SPELLINGS`` that stands in a canonical text, and its other spellings."""
    return ((first, forms) for first, forms in _SPELLINGS.items() if first in unified)


def clusters(text: str) -> list[str]:
    """The character clusters of the folded text, without punctuation."""
    return CLUSTER.findall(fold(text))


def index_text(*parts: str) -> str:
    """What to store for ``to_tsvector('simple', …)``: clusters with spaces between them.

    Words of ``SPELLINGS`` stand in it in every spelling, so that half a word finds them too.
    """
    return " ".join(cluster for part in parts for cluster in _index_clusters(part))


def phrases(query: str) -> list[list[str]]:
    """The parts of a query, each as the clusters that must follow one another."""
    parts = (CLUSTER.findall(part) for part in BREAK.split(canonical(query)))
    return [part for part in parts if part]


def tsquery(query: str) -> str:
    """The query for ``to_tsquery('simple', …)``; empty when there is nothing to search for.

    All parts must be found. A Latin word at the end may be unfinished; a figure may not, because
    village 1 is not village 12.
    """
    parts = phrases(query)
    if not parts:
        return ""
    joined = " & ".join(" <-> ".join(_lexeme(cluster) for cluster in part) for part in parts)
    return joined + ":*" if may_continue(parts[-1][-1]) else joined


def may_continue(cluster: str) -> bool:
    """Whether it may be the beginning of a longer word."""
    return LATIN_WORD.fullmatch(cluster) is not None and not cluster.isdigit()


def _settled(step: Callable[[str], str], text: str) -> str:
    """The text after as many steps as change it; one is nearly always enough."""
    while (changed := step(text)) != text:
        text = changed
    return text


def _norm_once(text: str) -> str:
    composed = unicodedata.normalize("NFC", INVISIBLE.sub("", text))
    return SYLLABLE.sub(_ordered, composed)


def _ordered(syllable: re.Match[str]) -> str:
    """The syllable with its parts in their places, each once."""
    parts = dict.fromkeys(SYLLABLE_PART.findall(syllable[2]))
    tail = "".join(sorted(parts, key=lambda part: PLACES.get(part, _place_of_other(part))))
    return syllable[1] + _replaced(tail, HALVED_VOWELS)


def _place_of_other(part: str) -> int:
    return SUBSCRIPT if len(part) > 1 else SIGN


def _fold_once(text: str) -> str:
    return _replaced(numbers.to_ascii(norm(text)).casefold(), LOOKALIKES)


def _replaced(text: str, table: dict[str, str]) -> str:
    for old, new in table.items():
        text = text.replace(old, new)
    return text


def _spaced(form: str) -> str:
    """A Latin name with single spaces where it has spaces, hyphens or apostrophes."""
    return JOINT.sub(" ", form)


def _first_spelling(found: re.Match[str]) -> str:
    return _FIRST_SPELLING[_spaced(found[0])]


def _index_clusters(part: str) -> Iterator[str]:
    """Clusters of the canonical text, of the typed one where it differs, and of other spellings."""
    typed, unified = fold(part), canonical(part)
    yield from CLUSTER.findall(unified)
    if typed != unified:
        yield from CLUSTER.findall(typed)
    for _first, forms in other_spellings(unified):
        yield from CLUSTER.findall(" ".join(forms))


def _lexeme(cluster: str) -> str:
    """The cluster quoted for ``to_tsquery``."""
    return "'" + cluster.replace("\\", "\\\\").replace("'", "''") + "'"


def _form_pattern(forms: Iterable[str]) -> str:
    """The expression that finds a spelling: Latin as a whole word, Khmer wherever it stands.

    Of two that begin alike, it finds the longer one.
    """
    longest_first = sorted(forms, key=len, reverse=True)
    khmer = [re.escape(form) for form in longest_first if not LATIN_WORD.match(form)]
    latin = [form for form in longest_first if LATIN_WORD.match(form)]
    words = "|".join(latin).replace(" ", JOINT.pattern)
    return "|".join([*khmer, f"(?<![{LATIN}])(?:{words})(?![{LATIN}])"])


_SPELLINGS = {fold(first): tuple(map(fold, forms)) for first, forms in SPELLINGS.items()}
_FIRST_SPELLING = {form: first for first, forms in _SPELLINGS.items() for form in forms}
_FORM = re.compile(_form_pattern(_FIRST_SPELLING))
