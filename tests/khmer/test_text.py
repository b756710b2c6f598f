"""Texts that read alike are found alike, however they were typed."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from khmer import text

KHMER = st.text(st.characters(min_codepoint=0x1780, max_codepoint=0x17E9), max_size=20)
DISORDERED = st.text(st.sampled_from("កតរសអ្ិើេីាំះ់៉៌៝\u200b\u17b5"), max_size=20)
TEXTS = st.one_of(KHMER, DISORDERED, st.text(max_size=20))

SPELLINGS = [
    ("ចំការ", "ចម្ការ"),
    ("ប័ណ្ណកម្មសិទ្ធិ", "បណ្ណកម្មសិទ្ធិ"),
    ("គំរោង", "គម្រោង"),
    ("រតនគិរី", "រតនៈគិរី"),
    ("រតនគិរី", "Ratanakiri"),
    ("Ratanak Kiri", "Ratanakkiri"),
    ("Ratanak-Kiri", "Rattanakiri"),
    ("Stung Treng", "Steung Treng"),
    ("Stoeung Treng", "Stueng Traeng"),
    ("Stung Treng", "ស្ទឹងត្រែង"),
    ("Mondulkiri", "Mondolkiri"),
    ("Mondul Kiri", "មណ្ឌលគិរី"),
]


def found(query: str, *parts: str) -> bool:
    """What PostgreSQL answers for ``tsquery(query)``, unfinished last words aside."""
    stored = f" {text.index_text(*parts)} "
    return all(f" {' '.join(phrase)} " in stored for phrase in text.phrases(query))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ក្រុ\u200bម", "ក្រុម"),
        ("កុ្រម", "ក្រុម"),
        ("ស្រ្តី", "ស្ត្រី"),
        ("ស្ត្រី", "ស្ត្រី"),
        ("ចំា", "ចាំ"),
        ("កេីត", "កើត"),
        ("កេាះ", "កោះ"),
        ("ប៊ី", "ប៊ី"),
        ("បី៊", "ប៊ី"),
        ("ឃុំ\u17b5", "ឃុំ"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_norm_puts_a_syllable_in_one_order(typed, stored):
    assert text.norm(typed) == stored


@example("កេាោ")
@example("ក៝ា្៝")
@given(TEXTS)
def test_norm_is_idempotent(typed):
    assert text.norm(text.norm(typed)) == text.norm(typed)


@example("ក្ត្ដ")
@example("អេាយ")
@given(TEXTS)
def test_fold_is_idempotent(typed):
    assert text.fold(text.fold(typed)) == text.fold(typed)


@given(TEXTS)
def test_fold_does_not_see_what_norm_changes(typed):
    assert text.fold(text.norm(typed)) == text.fold(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("កត្តិក", "កត្ដិក"),
        ("ឲ្យ", "ឱ្យ"),
        ("អោយ", "ឱ្យ"),
        ("ឱយ", "ឲ្យ"),
        ("ភូមិ១២", "ភូមិ12"),
        ("UNDP", "undp"),
        ("ស្រ្តី", "ស្ត្រី"),
    ],
)
def test_fold_equates_variants(one, other):
    assert text.fold(one) == text.fold(other)


def test_fold_keeps_different_words_apart():
    assert len({text.fold(word) for word in ("ដី", "ដៃ", "តី", "ទី", "ដីធ្លី")}) == 5


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_canonical_gives_variants_one_spelling(one, other):
    assert text.canonical(one) == text.canonical(other)


@given(TEXTS)
def test_canonical_is_idempotent_on_any_text(typed):
    assert text.canonical(text.canonical(typed)) == text.canonical(typed)


def test_canonical_leaves_longer_latin_words_alone():
    assert text.canonical("Ratanakirians") == "ratanakirians"


def test_clusters_are_letters_with_what_hangs_on_them():
    assert text.clusters("ស្ត្រី ១២នាក់ (NGO)។") == ["ស្ដ្រី", "12", "នា", "ក់", "ngo"]


def test_clusters_take_accents_into_words_and_other_scripts_letter_by_letter():
    assert text.clusters("Đắk Lắk 调查") == ["đắk", "lắk", "调", "查"]


def test_index_text_joins_all_parts():
    assert text.index_text("ដី", "", "Land 5") == "ដី land 5"


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_each_spelling_finds_the_other(one, other):
    assert found(one, f"នៅ{other}។")
    assert found(other, f"នៅ{one}។")


@pytest.mark.parametrize("half", ["Kiri", "Ratanak", "Rattanakiri", "Mondol"])
def test_half_a_name_finds_every_spelling(half):
    stored = text.index_text("រតនៈគិរី", "Mondul Kiri").split()

    assert text.fold(half) in stored


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_a_text_finds_itself(typed, others):
    assert found(typed, *others, typed)


@pytest.mark.parametrize("query", ["11-2026-0042", "១១-២០២៦-០០៤២", "11-2026", "2026-0042", "0042"])
def test_references_are_found_whole_and_in_parts(query):
    assert found(query, "សំណុំរឿង 11-2026-0042។")


def test_references_are_not_found_in_another_order():
    assert not found("2026-11", "សំណុំរឿង 11-2026-0042។")


def test_phrases_are_split_on_spaces_and_khmer_punctuation():
    assert text.phrases("ដីធ្លី។ទឹក\u00a0ៗ  11-2026") == [
        ["ដី", "ធ្លី"],
        ["ទឹ", "ក"],
        ["11", "2026"],
    ]


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("ដីធ្លី ទឹក", "'ដី' <-> 'ធ្លី' & 'ទឹ' <-> 'ក'"),
        ("11-2026-0042", "'11' <-> '2026' <-> '0042'"),
        ("road ផ្លូវ", "'road' & 'ផ្លូ' <-> 'វ'"),
        ("ផ្លូវ roa", "'ផ្លូ' <-> 'វ' & 'roa':*"),
        ("village 1", "'village' & '1'"),
        ("o'neil\\ & !x | (y:*", "'o' <-> 'neil' & 'x' & 'y':*"),
        (" ។ -- ៗ '", ""),
        ("", ""),
    ],
)
def test_tsquery_is_written_for_postgresql(query, written):
    assert text.tsquery(query) == written


@given(st.text(max_size=20))
def test_tsquery_is_never_empty_for_a_text_with_a_letter(typed):
    assume(any(sign.isalpha() and sign != "ៗ" for sign in typed))

    assert text.tsquery(typed)


@given(st.text(st.sampled_from("ab'\\&|!():*<-> 1កខ"), max_size=20))
def test_tsquery_holds_nothing_unquoted_but_its_own_operators(typed):
    outside = "".join(text.tsquery(typed).split("'")[::2])

    assert set(outside) <= set(" <->&:*")
