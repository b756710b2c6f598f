"""Times of one thing done often, and the table of all of them."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A line of the table: the middle and the best of so many times, in milliseconds.

    On a machine that does other things as well the best says what the thing itself costs.
    """

    name: str
    middle: float
    best: float
    note: str = ""


def measured(name: str, act: Callable[[], object], *, times: int, note: str = "") -> Figure:
    """Do it once unmeasured, then so many times."""
    act()
    spans = [_span(act) for _ in range(times)]
    return Figure(name, statistics.median(spans), min(spans), note)


def _span(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def table(figures: Iterable[Figure], bare: Figure) -> str:
    """All figures as lines of text, each also as a ratio to the bare query."""
    head = f"{'':<42} {'median ms':>10} {'best ms':>9} {'ratio':>8}"
    lines = [
        f"{one.name:<42} {one.middle:>10.2f} {one.best:>9.2f} {one.middle / bare.middle:>8.1f}"
        f"  {one.note}".rstrip()
        for one in (bare, *figures)
    ]
    return "\n".join([head, *lines])
