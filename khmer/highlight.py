"""Where a text holds what was searched for, so that a page can mark it.

A text is compared as ``khmer.text`` folds it, sign by sign with the place in the typed text that
each folded sign comes from; so a match is marked in unspaced Khmer and in every typing of a word.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from khmer import text as khmer_text

Piece = tuple[str, bool]
Span = tuple[int, int]

CUT = "…"

# Signs that NFC may join to the letter before them, Hangul's vowels and finals among them.
_MARKS = "".join(
    chr(code)
    for code in range(0x300, 0x3100)
    if not 0x1780 <= code <= 0x17FF and unicodedata.combining(chr(code))
)
# What is folded by itself: a Khmer syllable in whatever order, or one sign with its marks. (NFC
# may exchange the sign of a subscript with another sign, so it belongs here even astray.)
_ATOM = re.compile(
    "[\u1780-\u17b3\u25cc]?(?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d3\u17dd])+|[\u1780-\u17b3]"
    f"|.[{_MARKS}\u1161-\u11ff]*",
    re.DOTALL,
)
_LOOKALIKE = re.compile("|".join(map(re.escape, khmer_text.LOOKALIKES)))


@dataclass(frozen=True)
class Phrase:
    """Clusters that follow one another; where ``unfinished``, the last may go on."""

    clusters: tuple[str, ...]
    unfinished: bool


@dataclass(frozen=True)
class Folded:
    """A folded text, and for each of its signs where what it comes from starts and ends."""

    text: str
    starts: list[int]
    ends: list[int]

    def replaced(self, changes: Iterable[tuple[int, int, str]]) -> "Folded":
        """The text with these parts replaced; each new sign comes from the whole part."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, new in changes:
            parts += self.text[done:start], new
            starts += self.starts[done:start] + [self.starts[start]] * len(new)
            ends += self.ends[done:start] + [self.ends[end - 1]] * len(new)
            done = end
        if not parts:
            return self
        parts.append(self.text[done:])
        return Folded("".join(parts), starts + self.starts[done:], ends + self.ends[done:])

    def span(self, start: int, end: int) -> Span:
        """The part of the typed text that these signs come from."""
        return self.starts[start], self.ends[end - 1]

    @cached_property
    def clusters(self) -> list[tuple[str, Span]]:
        """Its clusters, each with its part of the typed text."""
        found = khmer_text.CLUSTER.finditer(self.text)
        return [(one[0], self.span(*one.span())) for one in found]


def marked(text: str, query: str) -> list[Piece]:
    """The text in pieces, true where a part of the query stands; joined they are the text."""
    return _pieces(text, _matches(_folded(text), query), 0, len(text))


def excerpt(text: str, query: str, around: int = 80) -> list[Piece]:
    """As many clusters before and after the first match, marked, with … where the text is cut."""
    folded = _folded(text)
    spans = _matches(folded, query)
    start, end = _window(folded, spans[0][0] if spans else 0, around, len(text))
    before = [(CUT, False)] if start > 0 else []
    after = [(CUT, False)] if end < len(text) else []
    return _joined([*before, *_pieces(text, spans, start, end), *after])


def _folded(text: str) -> Folded:
    """The text as ``khmer.text.fold`` gives it, with its places."""
    invisible = {found.start() for found in khmer_text.INVISIBLE.finditer(text)}
    visible = [at for at in range(len(text)) if at not in invisible]
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for atom in _ATOM.finditer("".join(text[at] for at in visible)):
        part = _folded_atom(atom[0])
        parts.append(part)
        starts += [visible[atom.start()]] * len(part)
        ends += [visible[atom.end() - 1] + 1] * len(part)
    # A lookalike may be two syllables long.
    folded = Folded("".join(parts), starts, ends)
    return folded.replaced(
        (*found.span(), khmer_text.LOOKALIKES[found[0]])
        for found in _LOOKALIKE.finditer(folded.text)
    )


@lru_cache(maxsize=4096)
def _folded_atom(atom: str) -> str:
    return khmer_text.fold(atom)


def _matches(folded: Folded, query: str) -> list[Span]:
    """The parts of the typed text where a part of the query stands, in order, none overlapping."""
    phrases = _phrases(query)
    if not phrases:
        return []
    unified = folded.replaced(khmer_text.respelled(folded.text))
    spans = [*_found(unified, phrases), *_named(unified, phrases)]
    if unified is not folded:
        spans += _found(folded, phrases)  # half a name, as it was typed
    return _merged(spans)


def _phrases(query: str) -> set[Phrase]:
    """The parts of the query, each once; as in ``tsquery`` only the last may be unfinished."""
    parts = [tuple(part) for part in khmer_text.phrases(query)]
    if not parts:
        return set()
    *others, latest = parts
    unfinished = khmer_text.may_continue(latest[-1])
    return {Phrase(latest, unfinished)} | {Phrase(part, unfinished=False) for part in others}


def _found(folded: Folded, phrases: Iterable[Phrase]) -> Iterator[Span]:
    """Where the phrases stand among the clusters of this text."""
    line, offsets = _line([cluster for cluster, _ in folded.clusters])
    spans = [span for _, span in folded.clusters]
    for phrase in phrases:
        for first in _places(line, offsets, phrase):
            yield spans[first][0], spans[first + len(phrase.clusters) - 1][1]


def _named(unified: Folded, phrases: Iterable[Phrase]) -> Iterator[Span]:
    """Where a word of ``SPELLINGS`` stands, if the query has another spelling or half of it."""
    for first, forms in khmer_text.other_spellings(unified.text):
        line, offsets = _line(khmer_text.CLUSTER.findall(" ".join(forms)))
        if any(True for phrase in phrases for _ in _places(line, offsets, phrase)):
            for found in re.finditer(re.escape(first), unified.text):
                yield unified.span(*found.span())


def _line(clusters: list[str]) -> tuple[str, list[int]]:
    """The clusters with a space before and after each, and where each begins."""
    offsets, at = [], 0
    for cluster in clusters:
        offsets.append(at)
        at += len(cluster) + 1
    return f" {' '.join(clusters)} ", offsets


def _places(line: str, offsets: list[int], phrase: Phrase) -> Iterator[int]:
    """The number of each cluster of a line at which the phrase begins."""
    wanted = f" {' '.join(phrase.clusters)}" + ("" if phrase.unfinished else " ")
    at = line.find(wanted)
    while at >= 0:
        yield bisect_left(offsets, at)
        at = line.find(wanted, at + 1)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap or touch as one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _pieces(text: str, spans: Iterable[Span], start: int, end: int) -> list[Piece]:
    """The text from start to end, cut where a span begins or ends."""
    pieces: list[Piece] = []
    done = start
    for span in spans:
        first, past = max(span[0], start), min(span[1], end)
        if first < past:
            pieces += [(text[done:first], False), (text[first:past], True)]
            done = past
    return _joined([*pieces, (text[done:end], False)])


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces without empty ones, unmarked neighbours as one."""
    joined: list[Piece] = []
    for text, is_marked in pieces:
        if joined and joined[-1][1] == is_marked:
            joined[-1] = joined[-1][0] + text, is_marked
        elif text:
            joined.append((text, is_marked))
    return joined


def _window(folded: Folded, match: int, around: int, length: int) -> Span:
    """The part of the typed text to show; never fewer clusters than there are to fill it."""
    spans = [span for _, span in folded.clusters]
    first = bisect_right(spans, match, key=lambda span: span[0]) - 1
    start = max(0, min(first - around, len(spans) - 2 * around))
    end = start + 2 * around
    return (
        spans[start][0] if start > 0 else 0,
        spans[end - 1][1] if end < len(spans) else length,
    )
