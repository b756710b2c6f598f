"""Documents as PDF: a template of this room, filled with data."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paper import fonts

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, data: Mapping[str, Any]) -> bytes:
    """The template of this name as PDF, the same bytes for the same data.

    ``data`` goes in as JSON and is printed literally, whatever signs it holds; a template reads no
    file outside its folder. Every template needs ``language`` (km or en), ``title`` and ``digits``
    (the ten of the language): see ``templates/base.typ``.
    """
    document = _compiler(template, data).compile(format="pdf")
    assert isinstance(document, bytes)  # noqa: S101 - a list only for pictures of many pages
    return document


def _compiler(template: str, data: Mapping[str, Any]) -> "typst.Compiler":
    import typst

    return typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=fonts.loaded(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
