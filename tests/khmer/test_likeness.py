"""Texts about one matter are alike, others are not, and length does not matter."""

import itertools
import subprocess
import sys
import time
import tomllib
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer import likeness
from khmer.likeness import shingles

STORIES = Path(__file__).parents[2] / "config" / "demonstration"

# Issues of the demonstration that tell of one matter.
SAME_MATTER = {
    ("environment-03", "fish-02"),  # the river rises without warning
    ("environment-04", "fish-06"),  # sand dredging takes the bank away
    ("environment-08", "forest-05"),  # fires of the dry season
    ("health-03", "services-02"),  # poor families missing from the list
}

# What somebody might type whose matter is the same, in other words.
TITLES = [
    ("គ្មានឆ្មបនៅប៉ុស្តិ៍សុខភាពពេលយប់", "health-01"),
    ("ចម្ការម្រេចមិនបើកប្រាក់ឈ្នួលឱ្យកម្មករ ៣ ខែ", "labour-01"),
    ("សូមជួសជុលផ្លូវលំ ដឹកស្រូវមិនបាន", "roads-03"),
    ("Interpreter for Jarai patients at the hospital", "health-06"),
    ("mobile phone signal lost for days when the antenna has no power", "power-07"),
    ("children without birth certificates are turned away from school", "education-08"),
]

# Matters of which the demonstration does not tell.
STRANGERS = [
    "ចង់បានទីលានបាល់ទាត់សម្រាប់យុវជន",
    "ឆ្កែវង្វេងខាំក្មេងនៅផ្សារ",
    "Tourist boats make noise at night",
    "The football field has no lights",
]

SKETCHES = st.sets(st.integers(0, 2**32 - 1), max_size=60).map(
    lambda hashes: b"".join(one.to_bytes(4, "little") for one in sorted(hashes))
)


@cache
def stories() -> dict[str, dict[str, str]]:
    files = sorted(STORIES.glob("issues_*.toml"))
    issues = [one for file in files for one in tomllib.loads(file.read_text("utf-8"))["issue"]]
    return {one["slug"]: one for one in issues}


@cache
def sketches() -> dict[str, bytes]:
    return {slug: shingles(f"{one['title']}\n{one['text']}") for slug, one in stories().items()}


def alike(title: str) -> set[str]:
    typed = shingles(title)
    return {slug for slug, sketch in sketches().items() if likeness.is_likely(typed, sketch)}


def hashes(sketch: bytes) -> list[int]:
    return [int.from_bytes(sketch[at : at + 4], "little") for at in range(0, len(sketch), 4)]


def test_shingles_are_the_same_on_every_machine_and_day():
    assert shingles("ដីធ្លី ១២ road").hex() == "4a2846ab985861baac9bdbd7"


def test_shingles_are_the_same_in_another_process():
    code = "from khmer.likeness import shingles; print(shingles('ដីធ្លីរបស់សហគមន៍').hex())"
    printed = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=STORIES.parents[1],
    ).stdout

    assert printed.strip() == shingles("ដីធ្លីរបស់សហគមន៍").hex()


@given(st.text(max_size=600))
def test_shingles_are_few_distinct_and_sorted(typed):
    found = hashes(shingles(typed))

    assert found == sorted(set(found))
    assert len(found) <= likeness.SIZE


def test_shingles_of_a_long_text_are_a_full_sketch():
    whole = " ".join(one["text"] for one in stories().values())

    assert len(shingles(whole[:4000])) == likeness.SIZE * likeness.WIDTH


@pytest.mark.parametrize("typed", ["", " ។ ៗ ", "\u200b"])
def test_shingles_of_nothing_are_none_and_like_nothing(typed):
    assert shingles(typed) == b""
    assert likeness.likeness(shingles(typed), shingles("ដីធ្លី")) == 0


def test_shingles_do_not_see_how_a_text_was_typed():
    assert shingles("កុ្រមស្រ្តី ១២ LAND") == shingles("ក្រុម\u200bស្ត្រី 12 land")


@given(SKETCHES, SKETCHES)
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    found = likeness.likeness(one, other)

    assert 0 <= found <= 1
    assert found == likeness.likeness(other, one)


def test_likeness_of_a_text_with_itself_is_one():
    assert {likeness.likeness(sketch, sketch) for sketch in sketches().values()} == {1}


def test_likeness_of_a_full_sketch_looks_only_as_far_as_it_knows():
    full = b"".join(one.to_bytes(4, "little") for one in range(0, 2560, 10))
    within = b"".join(one.to_bytes(4, "little") for one in [*range(0, 80, 10), *range(1, 9), 9999])

    assert likeness.likeness(within, full) == 0.5


def test_likeness_of_one_shared_word_is_low():
    assert likeness.likeness(shingles("ដីធ្លី"), shingles("ប័ណ្ណកម្មសិទ្ធិដីធ្លី")) < 0.25


@pytest.mark.parametrize(("length", "least"), [(200, 1), (600, 1), (1200, 1), (2000, 0.6)])
def test_a_title_of_fifteen_clusters_is_found_in_a_text_of_any_length(length, least):
    title = "អណ្តូងស្នប់ខូចនៅក្នុងឃុំរបស់យើង"
    others = " ".join(one["text"] for one in stories().values() if one["language"] == "km")
    long = shingles(f"{others[: length // 2]} {title} {others[length // 2 : length]}")

    assert likeness.likeness(shingles(title), long) >= least


def test_two_long_texts_are_estimated_well():
    others = " ".join(one["text"] for one in stories().values() if one["language"] == "km")
    half = shingles(others[:1500] + others[20000:21500])

    assert likeness.likeness(shingles(others[:3000]), half) == pytest.approx(0.55, abs=0.1)


def test_issues_about_one_matter_are_likely_and_no_others():
    pairs = itertools.combinations(sorted(sketches().items()), 2)

    assert {
        (one, other) for (one, a), (other, b) in pairs if likeness.is_likely(a, b)
    } == SAME_MATTER


@pytest.mark.parametrize(("title", "slug"), TITLES)
def test_a_typed_title_finds_the_issue_in_other_words(title, slug):
    assert alike(title) == {slug}


@pytest.mark.parametrize("title", STRANGERS)
def test_a_title_about_another_matter_finds_none(title):
    assert alike(title) == set()


def test_a_title_seldom_finds_the_issue_of_another():
    found = sum(len(alike(one["title"]) - {slug}) for slug, one in stories().items())

    assert found <= 13  # of 14,762 pairs; half of them do tell of a like matter


def test_likeness_with_five_hundred_is_quick():
    others = (list(sketches().values()) * 5)[:500]
    typed = others[3]
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        for other in others:
            likeness.likeness(typed, other)
        spent.append(time.perf_counter() - start)

    assert min(spent) < 0.03  # 6 ms here; the bound leaves room for a busy machine
