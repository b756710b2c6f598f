"""The issue matrix of a session, to print: what became of each issue, who answers, by when."""

from typing import TypedDict

from paper import pdf as sheets
from paper.session import Paper


class Row(TypedDict):
    """An issue and its outcome; where several authorities answer, a row for each of them."""

    reference: str
    place: str
    issue: str
    outcome: str
    authority: str  # may be empty
    due: str  # may be empty


class Matrix(Paper):
    """The matrix in one language, each text ready to print.

    ``columns`` are the six heads: reference, place, issue, outcome, authority, due date.
    """

    columns: list[str]
    rows: list[Row]


def pdf(matrix: Matrix) -> bytes:
    """The matrix as PDF on A4, landscape."""
    rows = [
        [
            row["reference"],
            row["place"],
            row["issue"],
            row["outcome"],
            row["authority"],
            row["due"],
        ]
        for row in matrix["rows"]
    ]
    return sheets.render("matrix", {**matrix, "rows": rows})
