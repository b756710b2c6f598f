"""The brief for who presides over a session: what became of issues, on one page."""

from typing import TypedDict

from paper import pdf as sheets
from paper.session import Grid, Paper


class Group(TypedDict):
    """Rows of figures under a word, as "By district": each its name, then its figures."""

    heading: str
    rows: list[list[str]]


class Brief(Paper):
    """The brief in one language, each text ready to print; lists may be empty.

    ``columns`` are the heads of the table: of names, raised, addressed, referred, resolved,
    confirmed, overdue; ``total`` and each row have as many texts.
    """

    columns: list[str]
    total: list[str]
    groups: list[Group]  # by district, by theme
    overdue: Grid  # the longest: reference, place, office, days


def pdf(brief: Brief) -> bytes:
    """The brief as PDF on one page of A4: the more there is to say, the smaller its letters."""
    return sheets.render("brief", brief)
