"""The agenda pack of a session: its order on the first pages, then each item in full."""

from typing import TypedDict

from paper import pdf as sheets
from paper.official import Labelled
from paper.session import Paper


class Item(TypedDict):
    """An item, or a point without an issue; of a hidden one only number, slot and minutes are told.

    An item with neither facts nor matter nor history stands in the order alone.
    """

    number: str  # may be empty
    slot: str  # "08:10–08:20"
    minutes: str  # "10"
    reference: str  # may be empty
    title: str
    place: str
    presenter: str
    hidden: str  # the sentence that stands for a confidential item; empty where it is shown
    facts: list[Labelled]  # place, theme, presenter, offices expected
    matter: list[str]  # what it is about, in paragraphs
    history: list[str]  # "Raised 3 times since 2018", "12 organizations co-sign"


class Section(TypedDict):
    """Items under a heading, and the sum of their minutes in words; both may be empty."""

    heading: str
    sum: str
    items: list[Item]


class Agenda(Paper):
    """The agenda in one language, each text ready to print; lists may be empty.

    ``columns`` are the six heads of the order: number, time, item, place, presenter, minutes.
    """

    columns: list[str]
    sections: list[Section]
    sum: str  # of all sections; may be empty
    full_heading: str  # above the items in full


def pdf(agenda: Agenda) -> bytes:
    """The agenda pack as PDF on A4."""
    sections = [
        {
            "heading": one["heading"],
            "sum": one["sum"],
            "rows": [row_of(item) for item in one["items"]],
        }
        for one in agenda["sections"]
    ]
    return sheets.render("agenda", {**agenda, "sections": sections, "full": in_full(agenda)})


def docx(agenda: Agenda) -> bytes:
    """The same agenda pack as Word document."""
    from paper import agenda_docx

    return agenda_docx.written(agenda)


def row_of(item: Item) -> list[str]:
    """The item's line in the order: of a hidden one its number and its time, no more."""
    told = ("", "") if item["hidden"] else (item["place"], item["presenter"])
    title = item["hidden"] or item["title"]
    return [item["number"], item["slot"], title, *told, item["minutes"]]


def in_full(agenda: Agenda) -> list[Item]:
    """The items of which there is more to read than their line, none of them hidden."""
    items = [item for section in agenda["sections"] for item in section["items"]]
    return [
        item
        for item in items
        if not item["hidden"] and (item["facts"] or item["matter"] or item["history"])
    ]
