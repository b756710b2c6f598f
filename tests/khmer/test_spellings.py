"""Each word is found by every accepted spelling of it, and by nothing that means something else."""

from collections import Counter

import pytest

from khmer import text
from khmer.spellings import SPELLINGS

PAIRS = [
    ("Kaoh Nheaek", "Koh Nhek"),
    ("Ou Reang", "O'Rang"),
    ("O’Rang", "អូររាំង"),
    ("Pech Chreada", "Pichreada"),
    ("Saen Monourom", "Sen Monorom"),
    ("Ban Lung", "Banlung"),
    ("Lumphat", "Lomphat"),
    ("លុំផាត់", "លំផាត់"),
    ("Veun Sai", "Voeun Sai"),
    ("Ta Veaeng", "Ta Veng"),
    ("Andoung Meas", "អណ្តូងមាស"),
    ("Ou Chum", "O'Chum"),
    ("Ou Ya Dav", "O Yadaw"),
    ("Bar Kaev", "Borkeo"),
    ("Koun Mom", "Kon Mum"),
    ("Siem Pang", "សៀមប៉ាង"),
    ("Siem Bouk", "សៀមបូក"),
    ("Thala Barivat", "Thalaborivat"),
    ("Kratié", "ក្រចេះ"),
    ("Phnom Penh", "ភ្នំពេញ"),
    ("Kompong Cham", "Kampong Cham"),
    ("ជំលោះ", "ជម្លោះ"),
    ("cashew nuts", "ស្វាយចន្ទី"),
    ("birth certificates", "សំបុត្រកំណើត"),
]


def finds(query: str, stored: str) -> bool:
    """What PostgreSQL answers for ``tsquery(query)``, unfinished last words aside."""
    indexed = f" {text.index_text(stored)} "
    return all(f" {' '.join(phrase)} " in indexed for phrase in text.phrases(query))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_each_spelling_finds_the_other(one, other):
    assert finds(one, f"នៅ{other}។")
    assert finds(other, f"នៅ{one}។")


def test_a_spelling_belongs_to_one_word():
    words = [{text.fold(form) for form in (first, *forms)} for first, forms in SPELLINGS.items()]
    counts = Counter(form for word in words for form in word)

    assert [form for form, words_of_it in counts.items() if words_of_it > 1] == []


@pytest.mark.parametrize("first", SPELLINGS)
def test_the_first_spelling_of_a_word_stands(first):
    assert text.canonical(first) == text.fold(first)
    assert {text.canonical(form) for form in SPELLINGS[first]} == {text.fold(first)}


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("O Chum", "វីដេអូជុំវិញភូមិ"),
        ("Kandal", "នៅកណ្តាលភូមិ"),
        ("Preah Vihear", "ព្រះវិហារនៃវត្ត"),
        ("Kep", "កែបន្ថែម"),
        ("rubber", "ផ្លូវកៅស៊ូ"),
        ("O'Rang", "an orange"),
    ],
)
def test_a_name_does_not_find_what_only_looks_like_it(query, stored):
    assert not finds(query, stored)


@pytest.mark.parametrize(
    ("half", "name"), [("nhek", "កោះញែក"), ("sai", "Voeunsai"), ("rang", "អូរាំង")]
)
def test_half_a_name_finds_every_spelling(half, name):
    assert half in text.index_text(name).split()
