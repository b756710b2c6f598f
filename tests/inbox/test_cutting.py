import time

import pytest

from inbox import cutting, plain

OWN = "យើងនឹងជួសជុលផ្លូវនៅខែក្រោយ។\n\nThe road will be open in May."
QUOTED = {
    "gmail": "\n\nOn Thu, 7 May 2026 at 09:00, V <r@v.example> wrote:\n> Please.\n> Soon.",
    "gmail over two lines": "\n\nOn Thu, 7 May 2026 at 09:00, The secretariat of the forum\n"
    "<r@v.example> wrote:\n\n> Please answer.",
    "gmail in Khmer": "\n\nនៅថ្ងៃ ព្រហ ៧ ឧសភា ២០២៦ Vedika <r@v.example> បានសរសេរ៖\n> សូមឆ្លើយ",
    "outlook": "\n\n____________________\nFrom: Vedika\nSent: Thursday\nTo: me\n\nPlease.",
    "outlook without a line": "\n\nFrom: Vedika <r@v.example>\nSent: Thursday\nTo: me\n\nPlease.",
    "outlook in Khmer": "\n\nពី៖ Vedika\nផ្ញើ៖ ព្រហស្បតិ៍\nជូន៖ ខ្ញុំ\n\nសូមឆ្លើយ",
    "original": "\n-----Original Message-----\nPlease answer.",
    "signature": "\n-- \nDeputy Director\nTel. 012",
    "telephone": "\n\nSent from my iPhone",
    "unmarked": "\n\nOn Thu, 7 May 2026 Vedika wrote:\n\nPlease answer.",
}


@pytest.mark.parametrize(
    "text", ["From" + " " * 200_000 + "x", "From: x\nTo" + " " * 200_000 + "x"]
)
def test_a_line_of_blanks_is_read_at_once(text):
    begun = time.process_time()

    assert cutting.own_words(text).startswith("From")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("sign", ["<!--", "<a ", "<a b='"])
def test_html_that_opens_and_never_closes_is_read_at_once(sign):
    begun = time.process_time()

    assert plain.text_of_html("<p>Yes</p>" + sign * 40_000).startswith("Yes")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("tail", QUOTED.values(), ids=QUOTED)
def test_own_words_are_those_before_what_is_quoted(tail):
    assert cutting.own_words((OWN + tail).replace("\n", "\r\n")) == OWN


@pytest.mark.parametrize(
    "text",
    [
        "On Monday the director wrote to us: the road is open.",
        "From: the bridge\nwe saw nothing new.",
        "A list:\n- one\n--- two\n",
    ],
)
def test_own_words_that_only_look_like_a_quotation_stay(text):
    assert cutting.own_words(text) == text.strip()


def test_own_words_between_quoted_lines_stay():
    text = "See below.\nOn 7 May 2026, Vedika wrote:\n> When?\nIn June.\n> By whom?\nBy us.\n"

    assert cutting.own_words(text) == "See below.\nIn June.\nBy us."


def test_shortened_never_parts_a_sign_from_its_signs():
    assert cutting.shortened("abc", 3) == "abc"
    assert cutting.shortened("កខ្មែរ", 4) == "ក…"


def test_html_gives_its_words_alone():
    html = (
        "<html><head><style>p {}</style></head><body><p>We go <b>there</b>.</p>"
        "<script>alert(1)</script><img src='http://example.org/x.png'><div>On 7 May, V wrote:</div>"
        "<blockquote>Please <br>answer</blockquote></body>"
    )

    text = plain.text_of_html(html)

    assert "alert" not in text
    assert "example.org" not in text
    assert cutting.own_words(text) == "We go there."
