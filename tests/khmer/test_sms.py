"""Short messages: counted as they are paid, cut where no syllable breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer import sms

KHMER = "ស្រុកសែនមនោរម្យ"
LINK = "https://vedika.example/referrals/12/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # each behind an escape
        ("€" * 81, 2),
        ("ក" * 70, 1),
        ("ក" * 71, 2),
        ("ក" * 134, 2),
        ("ក" * 135, 3),
        ("😀" * 35, 1),  # two units each
        ("😀" * 36, 2),
    ],
)
def test_parts_counts_as_it_is_paid(text, expected):
    assert sms.parts(text) == expected


def test_fitted_leaves_alone_what_fits():
    assert sms.fitted(KHMER, tail=LINK, most=1) == f"{KHMER} {LINK}"


def test_fitted_cuts_at_a_whole_cluster_and_keeps_the_link():
    text = sms.fitted(KHMER * 20, tail=LINK, most=1)

    said = text.removesuffix(f"… {LINK}")
    assert (sms.parts(text), text.endswith(LINK)) == (1, True)
    assert (KHMER * 20).startswith(said)
    assert said.endswith(("ស្រុ", "ក", "សែ", "ន", "ម", "នោ", "រ", "ម្យ"))


def test_fitted_keeps_a_link_that_takes_all_the_room():
    link = "https://vedika.example/" + "a" * 400

    assert sms.fitted(KHMER, tail=link, most=1) == link


@given(
    st.text(st.sampled_from("កខស្្រុែោំះ ab€\u200d😀\n"), max_size=200),
    st.integers(min_value=1, max_value=3),
)
def test_fitted_never_takes_more_parts_nor_breaks_a_cluster(text, most):
    fitted = sms.fitted(text, tail=LINK, most=most)

    whole = sms.WHOLE.findall(text)
    starts = {"".join(whole[:number]).rstrip() for number in range(len(whole) + 1)}
    said = fitted.removesuffix(LINK).rstrip(" ")
    assert sms.parts(fitted) <= most
    assert fitted.endswith(LINK)
    assert fitted == f"{text} {LINK}" or said.removesuffix("…") in starts


@given(st.text(max_size=80), st.integers(min_value=1, max_value=60))
def test_cut_is_never_longer(text, most):
    assert sms.utf16(sms.cut(text, most)) <= most
