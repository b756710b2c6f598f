"""What the papers of a session day share: their opening, tables and passages."""

from collections.abc import Sequence
from typing import TypedDict

from paper.official import Head, Labelled

FIGURES = 5  # side by side at most


class Paper(TypedDict):
    """What each paper opens and ends with, in one language, each text ready to print.

    ``digits`` are the ten of the language, ``page_of`` is as "Page {page} of {pages}"; lists, and
    texts said to, may be empty.
    """

    language: str  # km or en
    digits: list[str]
    page_of: str
    head: Head
    title: str
    mark: str  # on each page, as "Draft"; may be empty
    forum: str  # below the title; may be empty
    dates: list[str]  # the lunar date and the solar one
    facts: list[Labelled]  # day, time, venue, who presides
    footer: str  # on each page


class Grid(TypedDict):
    """A table under its heading, which may be empty; without rows none of it is printed."""

    heading: str
    columns: list[str]
    rows: list[list[str]]


class Passage(TypedDict):
    """Free text under its heading; without paragraphs none of it is printed."""

    heading: str
    paragraphs: list[str]


def side_by_side(figures: Sequence[Labelled]) -> list[Grid]:
    """Figures as tables of a row each, below their labels, as even as they can be."""
    tables = -(-len(figures) // FIGURES)
    breadth = -(-len(figures) // tables) if tables else 1
    groups = [figures[at : at + breadth] for at in range(0, len(figures), breadth)]
    return [
        {
            "heading": "",
            "columns": [one["label"] for one in group],
            "rows": [[" ".join(one["lines"]) for one in group]],
        }
        for group in groups
    ]
