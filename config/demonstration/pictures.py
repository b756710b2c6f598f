"""Photos for the demonstration: drawn, so that they show no place and no person."""

import functools
import io
import itertools

from PIL import Image, ImageDraw

from issues import files
from issues.files import Kept

SIZE = (960, 640)
# Sky, hills, ground of each picture.
COLORS = (
    ("#b7d3de", "#5d8465", "#a9855a"),
    ("#e6d3ad", "#7a8f5a", "#8a5a3c"),
    ("#c9d6e2", "#4f6f7a", "#b29a6b"),
)


@functools.cache
def photo(number: int) -> Kept:
    """A landscape with a road, made fit to keep like every upload."""
    sky, hills, ground = COLORS[number % len(COLORS)]
    picture = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(picture)
    width, height = SIZE
    crest = [(x, 300 + (x * (7 + number)) % 90) for x in range(0, width + 120, 120)]
    draw.polygon([*crest, (width, height), (0, height)], fill=hills)
    draw.rectangle((0, 430, width, height), fill=ground)
    road = [(430, 430), (530, 430), (760, height), (200, height)]
    draw.polygon(road, fill="#d9c39a")
    for left, right in itertools.pairwise(range(470, 640, 40)):
        draw.line((left, 430 + (right - 470), left, 470 + (right - 470)), fill="#8f7a52", width=6)
    out = io.BytesIO()
    picture.save(out, "PNG")
    out.seek(0)
    return files.keep(out, len(out.getvalue()))
