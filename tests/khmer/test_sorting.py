"""Khmer names in dictionary order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer.sorting import sort_key

KHMER = st.text(st.characters(min_codepoint=0x1780, max_codepoint=0x17E9), max_size=12)
NAMES = st.one_of(
    KHMER, st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=12)
)


@pytest.mark.parametrize(
    "ordered",
    [
        ["ក", "កក", "កា", "កិ", "កុ", "កូ", "កើ", "កេ", "កែ", "កៃ", "កោ", "កៅ"],
        ["កៅ", "កុំ", "កំ", "កាំ", "កះ", "កិះ", "កុះ", "កេះ", "កោះ", "ក្រ", "ខ"],
        ["ក", "ង", "ច", "ញ", "ដ", "ណ", "ត", "ន", "ប", "ម", "យ", "រ", "ល", "វ", "ស", "ហ", "ឡ", "អ"],
        ["អា", "អិ", "ឥដ្ឋ", "អី", "ឧត្តម"],
        ["រី", "រ្ក", "ឫស", "ល"],
        ["មណ្ឌលគិរី", "រតនគិរី", "ស្ទឹងត្រែង"],
        ["Bokeo", "koun mom", "Lumphat", "បរកែវ"],
    ],
)
def test_names_stand_in_dictionary_order(ordered):
    keys = [sort_key(name) for name in ordered]

    assert keys == sorted(keys)


def test_signs_of_sound_do_not_change_the_place():
    assert sorted(["បេង", "ប៉េក", "បេត"], key=sort_key) == ["ប៉េក", "បេង", "បេត"]


def test_figures_of_both_kinds_sort_together():
    assert sorted(["ភូមិ៣", "ភូមិ2", "ភូមិ១"], key=sort_key) == ["ភូមិ១", "ភូមិ2", "ភូមិ៣"]


@given(NAMES, NAMES)
def test_no_two_names_share_a_key(one, other):
    assert (sort_key(one) == sort_key(other)) == (one == other)


@given(
    st.lists(NAMES, unique=True, max_size=6).flatmap(
        lambda n: st.tuples(st.just(n), st.permutations(n))
    )
)
def test_the_order_does_not_depend_on_where_one_begins(lists):
    names, shuffled = lists

    assert sorted(names, key=sort_key) == sorted(shuffled, key=sort_key)


@given(NAMES, NAMES)
def test_code_points_and_utf8_bytes_order_alike(one, other):
    as_bytes = sort_key(one).encode() < sort_key(other).encode()

    assert as_bytes == (sort_key(one) < sort_key(other))


@given(NAMES)
def test_a_key_can_be_stored(name):
    assert "\0" not in sort_key(name)
