"""The shape of minutes: days are ISO dates, kinds are codes, names stand in both languages."""

from typing import TypedDict


class Names(TypedDict):
    """The same in both languages."""

    km: str
    en: str


class Typed(TypedDict):
    """What somebody typed, with its language; empty where that is not known."""

    text: str
    language: str


class Sitting(TypedDict):
    """The session: where and when."""

    forum: Names
    province: Names
    province_code: str
    day: str | None
    starts: str
    ends: str
    venue: Names | None
    address: Names | None


class Presides(TypedDict):
    """Who presides, by title."""

    role: str
    title: Names


class Party(TypedDict):
    """An authority that came."""

    name: Names
    total: int
    women: int


class Group(TypedDict):
    """Those who came of one kind: authorities by name, organizations and others by number."""

    kind: str
    parties: list[Party]
    total: int
    women: int


class Attendance(TypedDict):
    """Who came."""

    groups: list[Group]
    total: int
    women: int


class Figures(TypedDict):
    """How many issues, what became of them, and how many have no outcome."""

    issues: int
    outcomes: dict[str, int]
    left: int


class Handed(TypedDict):
    """An office that has the issue now."""

    office: Names
    role: str
    due_on: str


class Decision(TypedDict):
    """The outcome of an item."""

    kind: str
    text: str
    commitment: str
    said_by: str
    office: Names | None
    by_on: str | None
    review_on: str | None


class Item(TypedDict):
    """A turn; ``issue`` is None for a titled point, ``presenter_id`` that of an organization."""

    item: int
    number: int
    issue: int | None
    reference: str
    title: Typed
    place: Names | None
    theme: Names | None
    presenter: Names | None
    presenter_id: int | None
    spoke: str
    communities: int
    outcome: Decision | None
    referrals: list[Handed]


class Section(TypedDict):
    """Items under a heading of the agenda, which may be empty."""

    heading: str
    items: list[Item]


class Free(TypedDict):
    """A free passage; ``item`` is that of a discussion."""

    kind: str
    item: int | None
    language: str
    text: str


class Signed(TypedDict):
    """Who signed."""

    role: str
    name: str
    title: str
    on: str


class Content(TypedDict):
    """All of it."""

    layout: int
    number: str
    session: Sitting
    presiding: list[Presides]
    attendance: Attendance
    figures: Figures
    sections: list[Section]
    passages: list[Free]
    approvals: list[Signed]
