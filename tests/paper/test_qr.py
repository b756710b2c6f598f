import re

import segno
from defusedxml import ElementTree

from paper import qr

ADDRESS = "https://vedika.example/track/"
SVG = "{http://www.w3.org/2000/svg}"


def dark_modules(path, size):
    """The matrix that a path of strokes draws, each one module high."""
    matrix = [[0] * size for _ in range(size)]
    x = y = 0.0
    for act, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path):
        first, *others = map(float, numbers.split())
        if act == "h":
            row = matrix[int(y)]
            row[int(x) : int(x + first)] = [1] * int(first)
            x += first
        elif act == "M":
            x, y = first, others[0]
        else:
            x, y = x + first, y + others[0]
    return matrix


def test_svg_draws_the_code_of_the_text_with_a_margin():
    drawing = ElementTree.fromstring(qr.svg(ADDRESS, "The page"))
    title, light, dark = drawing

    code = segno.make_qr(ADDRESS, error="m")
    assert drawing.attrib == {"role": "img", "viewBox": "0 0 37 37"}
    assert code.symbol_size(border=4) == (37, 37)
    assert (title.tag, title.text, light.get("fill")) == (f"{SVG}title", "The page", "#fff")
    assert dark_modules(dark.get("d"), 37) == [list(row) for row in code.matrix_iter(border=4)]


def test_svg_on_paper_has_no_margin():
    assert 'viewBox="0 0 29 29"' in qr.svg(ADDRESS, "The page", quiet=0)


def test_svg_has_no_styles_and_its_title_stays_text():
    code = qr.svg(ADDRESS, "<script>alert(1)</script> & more")

    assert "style" not in code
    assert "class=" not in code
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</title>" in code


def test_short_text_is_no_micro_code():
    assert 'viewBox="0 0 29 29"' in qr.svg("7", "")
