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
