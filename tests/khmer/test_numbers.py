"""Khmer and ASCII figures."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer import numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "០"),
        (1234567890, "១២៣៤៥៦៧៨៩០"),
        (Decimal("-12.50"), "-១២.៥០"),
        ("11-2026-0042", "១១-២០២៦-០០៤២"),
        ("", ""),
    ],
)
def test_to_khmer_changes_figures_only(value, written):
    assert numbers.to_khmer(value) == written


@given(st.integers())
def test_to_ascii_reads_what_to_khmer_writes(number):
    assert int(numbers.to_ascii(numbers.to_khmer(number))) == number


def test_to_ascii_understands_both_kinds_of_figures():
    assert numbers.to_ascii("០៩៦ 123 ភូមិ") == "096 123 ភូមិ"


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("មាន 3 ចំណុច", "មាន ៣ ចំណុច"),
        ("ច្រើនបំផុត 120តួ (125)។", "ច្រើនបំផុត ១២០តួ (១២៥)។"),
        ("លេខ11-2026-0042ត្រូវបានផ្ញើ", "លេខ11-2026-0042ត្រូវបានផ្ញើ"),
        ("ទូរសព្ទ 012 345 678 នៅម៉ោង 08:30", "ទូរសព្ទ 012 345 678 នៅម៉ោង 08:30"),
        ("a1@b2.example និង /x/5/ និង IMG7.jpg &#39;", "a1@b2.example និង /x/5/ និង IMG7.jpg &#39;"),
    ],
)
def test_sentences_keep_what_is_typed_as_it_stands(sentence, written):
    assert numbers.to_khmer_in_words(sentence) == written


def test_figures_of_a_language():
    assert (numbers.in_language(12, "en"), numbers.in_language(12, "km")) == ("12", "១២")
