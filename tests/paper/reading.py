"""Reading documents back: their fonts and their text."""

import io
import re

import pikepdf


def opened(document):
    return pikepdf.open(io.BytesIO(document))


def fonts_in(document):
    """Names of the fonts embedded, without the letters that tell subsets apart."""
    with opened(document) as file:
        return {
            str(one.FontDescriptor.FontName).split("+")[1]
            for one in file.objects
            if isinstance(one, pikepdf.Dictionary) and "/FontDescriptor" in one
            if "/FontFile2" in one.FontDescriptor or "/FontFile3" in one.FontDescriptor
        }


def text_in(document):
    """The text as a reader copies it, by the table of each font from glyphs to letters."""
    return "".join(pages_in(document))


def pages_in(document):
    """The text of each page."""
    with opened(document) as file:
        return [_text_of(page) if "/Font" in page.Resources else "" for page in file.pages]


def _text_of(page):
    tables = {name: _letters(font) for name, font in page.Resources.Font.items()}
    text, table = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            table = tables[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            shown = operands[0] if str(operator) == "TJ" else [operands[0]]
            for part in shown:
                if isinstance(part, pikepdf.String):
                    text += [table.get(glyph, "") for glyph in _glyphs(bytes(part))]
        elif str(operator) == "ET":
            text.append(" ")
    return "".join(text)


def _glyphs(shown):
    return [shown[at : at + 2].hex().upper() for at in range(0, len(shown), 2)]


def _letters(font):
    table = font.ToUnicode.read_bytes().decode()
    pairs = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]+)>", table)
    return {glyph: bytes.fromhex(letters).decode("utf-16-be") for glyph, letters in pairs}
