"""The fonts of documents: those of the pages, unpacked, because typst reads no WOFF2.

Where they lie is said once, by ``lie_in``, before the first document is made.
"""

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

_folders: dict[str, Path] = {}


def lie_in(source: Path, target: Path) -> None:
    """Say where the packed fonts lie, and where the unpacked ones may be kept."""
    _folders.update(source=source, target=target)


def prepare(source: Path, target: Path) -> int:
    """Unpack each WOFF2 of ``source`` that ``target`` holds not or in another version; how many.

    Two processes may do it at once: each file appears whole, and both write the same.
    """
    target.mkdir(parents=True, exist_ok=True)
    old = [font for font in sorted(source.glob("*.woff2")) if not _is_unpacked(font, target)]
    for font in old:
        _unpack(font, target)
    return len(old)


def loaded() -> "typst.Fonts":
    """The fonts of ``lie_in`` and those bundled with typst, never those of the machine."""
    if not _folders:
        raise RuntimeError("Nobody has said where the fonts lie: call paper.fonts.lie_in first.")
    return _loaded(_folders["source"], _folders["target"])


@cache
def _loaded(source: Path, target: Path) -> "typst.Fonts":
    import typst

    prepare(source, target)
    return typst.Fonts(include_system_fonts=False, font_paths=[target])


def _is_unpacked(font: Path, target: Path) -> bool:
    """Whether the unpacked file bears the time of this very packed one."""
    file = _unpacked(font, target)
    return file.exists() and file.stat().st_mtime_ns == font.stat().st_mtime_ns


def _unpacked(font: Path, target: Path) -> Path:
    return target / f"{font.stem}.ttf"


def _unpack(font: Path, target: Path) -> None:
    """Write the font as TrueType beside its place, then move it there in one step."""
    from fontTools.ttLib import TTFont

    times = (font.stat().st_atime_ns, font.stat().st_mtime_ns)
    handle, name = tempfile.mkstemp(dir=target, prefix=font.stem, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file, TTFont(font, recalcTimestamp=False) as packed:
            packed.flavor = None
            packed.save(file)
        os.utime(name, ns=times)
        os.replace(name, _unpacked(font, target))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
