"""What was searched for is marked where it stands, however both were typed."""

import itertools
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from khmer import highlight, text

KHMER = st.text(st.characters(min_codepoint=0x1780, max_codepoint=0x17E9), max_size=20)
DISORDERED = st.text(st.sampled_from("កតរសអយឱ្ិើេីាំះ់៉៌៝\u200b\u17b5"), max_size=20)
NAMES = st.lists(
    st.sampled_from(["Ratanak", "-", " ", "Kiri", "រតន", "ៈ", "គិរី", "អោ", "យ", "O’Rang", "\u200b"])
).map("".join)
TYPED = st.one_of(KHMER, DISORDERED, NAMES, st.text("aAeÉ\u0301\u0323đ1២ -'ក", max_size=20))
TEXTS = st.one_of(TYPED, st.text(max_size=20))

LONG = "នៅក្នុងឃុំមានអណ្តូងស្នប់សរុប ១១ ប៉ុន្តែ ៧ ខូចតាំងពីចុងរដូវវស្សាឆ្នាំមុន។ " * 60


def marks(typed: str, query: str) -> list[str]:
    return [piece for piece, is_marked in highlight.marked(typed, query) if is_marked]


def joined(pieces: list[highlight.Piece]) -> str:
    return "".join(piece for piece, _ in pieces)


@pytest.mark.parametrize(
    ("typed", "query", "expected"),
    [
        ("គ្រួសាររង់ចាំប័ណ្ណដីធ្លី។", "ដីធ្លី", ["ដីធ្លី"]),
        ("ភូមិ១២ និងភូមិ ១", "12", ["១២"]),
        ("village 1 and 12", "១", ["1"]),
        ("Land titles, ដីធ្លី, LANDS", "ដី land", ["Land", "ដី", "LANDS"]),
        ("land titles of lands", "land ដី", ["land"]),
        ("ខេត្តRatanak Kiri។", "រតនគិរី", ["Ratanak Kiri"]),
        ("នៅរតនៈគិរីនេះ", "រតនគិរី", ["រតនៈគិរី"]),
        ("នៅរតនគិរីនេះ", "Ratanakiri", ["រតនគិរី"]),
        ("នៅរតនគិរី និងRatanak Kiri", "kir", ["រតនគិរី", "Ratanak Kiri"]),
        ("In O’Rang and Ou Reang", "អូររាំង", ["O’Rang", "Ou Reang"]),
        ("ដីចំការ ដីចម្ការ", "ចម្ការ", ["ចំការ", "ចម្ការ"]),
        ("សូមអោយជួយ សូមឲ្យជួយ", "ឱ្យ", ["អោយ", "ឲ្យ"]),
        ("ក្រុ\u200bម កុ្រម", "ក្រុម", ["ក្រុ\u200bម", "កុ្រម"]),
        ("Đắk La\u0306\u0301k", "Lắk", ["La\u0306\u0301k"]),
        ("សំណុំរឿង ១១-2026-0042", "11-2026", ["១១-2026"]),
        ("កកក", "កក", ["កកក"]),
        ("调查 a", "查", ["查"]),
        ("ដីធ្លី", "ទឹក", []),
        ("ដីធ្លី", " ។ -- ", []),
        ("", "ដី", []),
    ],
)
def test_marked_finds_the_query_as_it_was_typed(typed, query, expected):
    assert marks(typed, query) == expected


def test_marked_gives_pieces_in_turn():
    assert highlight.marked("ដីធ្លី។ ដី", "ដី") == [
        ("ដី", True),
        ("ធ្លី។ ", False),
        ("ដី", True),
    ]


@given(TEXTS, TEXTS)
def test_marked_pieces_are_the_text(typed, query):
    pieces = highlight.marked(typed, query)

    assert joined(pieces) == typed
    assert all(piece for piece, _ in pieces)
    assert all(one[1] != other[1] for one, other in itertools.pairwise(pieces))


@example("Ratanak-Kiri")
@example("ក\u17d2\u200bរុម")
@given(TYPED)
def test_folded_signs_are_those_of_the_search(typed):
    folded = highlight._folded(typed)
    unified = folded.replaced(text.respelled(folded.text))

    assert [cluster for cluster, _ in folded.clusters] == text.clusters(typed)
    assert unified.text == text.canonical(typed)


@given(TYPED, TYPED)
def test_marked_marks_whenever_the_search_finds_the_first_part(typed, query):
    stored = f" {text.index_text(typed)} "
    first = text.phrases(query)[:1]

    if first and f" {' '.join(first[0])} " in f" {' '.join(text.clusters(text.canonical(typed)))} ":
        assert marks(typed, query)
    if marks(typed, query):
        assert any(f" {' '.join(part)}" in stored for part in text.phrases(query))


@pytest.mark.parametrize("query", ["អណ្តូង ខូច", LONG[:4000], "រ"])
def test_marked_is_quick_on_the_longest_text(query):
    typed = LONG[:4000]
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        highlight.marked(typed, query)
        spent.append(time.perf_counter() - start)

    assert min(spent) < 0.05  # 8 to 20 ms here; the bound leaves room for a busy machine


def test_excerpt_cuts_around_the_first_match():
    typed = "ក" * 200 + "ដីធ្លី" + "ខ" * 200

    assert highlight.excerpt(typed, "ដីធ្លី", around=5) == [
        ("…កកកកក", False),
        ("ដីធ្លី", True),
        ("ខខខ…", False),
    ]


@pytest.mark.parametrize(
    ("typed", "query", "expected"),
    [
        ("ក ខ គ ឃ ង ច", "ទឹក", "ក ខ គ ឃ…"),
        ("ក ខ គ ឃ ង ច", "", "ក ខ គ ឃ…"),
        ("ក ខ គ ឃ ង ច។", "ច", "…គ ឃ ង ច។"),
        ("«ក ខ គ ឃ»", "គ", "«ក ខ គ ឃ»"),
        ("ក ខ", "ខ", "ក ខ"),
        ("។", "ខ", "។"),
        ("", "ខ", ""),
    ],
)
def test_excerpt_shows_as_much_as_there_is_room_for(typed, query, expected):
    assert joined(highlight.excerpt(typed, query, around=2)) == expected


@given(TEXTS, TEXTS, st.integers(min_value=1, max_value=4))
def test_excerpt_is_a_part_of_the_text_that_holds_the_first_mark(typed, query, around):
    pieces = highlight.excerpt(typed, query, around)
    shown = joined(pieces)

    assert any(part in typed for part in (shown, shown[1:], shown[:-1], shown[1:-1]))
    assert any(is_marked for _, is_marked in pieces) == bool(marks(typed, query))


def test_excerpt_shows_some_160_clusters():
    shown = joined(highlight.excerpt(LONG, "ខូច"))

    assert len(text.clusters(shown)) == 160
