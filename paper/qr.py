"""QR codes as SVG, for a page inline, for a template as a text that it draws; as PNG for Word."""

import io

import segno

QUIET = 4  # modules of white around a code on a page, as the standard asks


def svg(text: str, title: str, *, quiet: int = QUIET) -> str:
    """The QR code of the text as SVG, read aloud by its title; as large as its frame.

    Dark on white also in dark mode, colored by attributes alone: the pages allow no styles.
    White paper needs no ``quiet`` of its own, if the template leaves room.
    """
    code = segno.make_qr(text, error="m").svg_inline(
        title=title, light="#fff", border=quiet, omitsize=True, svgclass=None, lineclass=None
    )
    return code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" role="img" ', 1)


def png(text: str, *, dot: int = 8) -> bytes:
    """The QR code of the text as PNG without margin, ``dot`` pixels a module: for Word."""
    picture = io.BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="png", scale=dot, border=0)
    return picture.getvalue()
