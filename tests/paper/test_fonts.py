import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

from paper import fonts

NAMES = ["noto-sans-khmer-400.ttf", "noto-sans-khmer-700.ttf"]


def unpack(folder):
    return fonts.prepare(settings.FONTS_SOURCE, folder)


def names_in(folder):
    return sorted(file.name for file in folder.iterdir())


def test_fonts_are_unpacked_once(tmp_path):
    folder = tmp_path / "not" / "there"

    assert (unpack(folder), unpack(folder)) == (2, 0)
    assert names_in(folder) == NAMES
    with TTFont(folder / NAMES[1]) as bold:
        assert (bold.flavor, bold["name"].getDebugName(4)) == (None, "Noto Sans Khmer Bold")


def test_a_font_of_another_time_is_unpacked_again(tmp_path):
    unpack(tmp_path)
    os.utime(tmp_path / NAMES[0], (0, 0))

    assert unpack(tmp_path) == 1


def test_fonts_unpacked_by_several_at_once_are_whole(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(unpack, [tmp_path] * 4))

    alone = tmp_path / "alone"
    unpack(alone)
    assert names_in(tmp_path) == ["alone", *NAMES]
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (alone / name).read_bytes()


def test_a_font_that_cannot_be_unpacked_leaves_nothing(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "broken.woff2").write_bytes(b"wOF2 and nothing else")

    with pytest.raises(Exception, match=r".+"):
        fonts.prepare(source, target)
    assert names_in(target) == []


def test_fonts_of_the_machine_are_not_used():
    assert fonts.loaded().families() == [
        "DejaVu Sans Mono",
        "Libertinus Serif",
        "New Computer Modern",
        "New Computer Modern Math",
        "Noto Sans Khmer",
    ]
