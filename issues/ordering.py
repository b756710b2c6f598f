"""Proposals for the order of an agenda: the weightiest first, or the items of an office together.

Both leave headings, titled points and decided items where they stand and move the others within
their section alone; reviews stay before the new issues. Nothing here reads or writes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Order = list["Turn"]
Rank = tuple[int, ...]


@dataclass(frozen=True)
class Turn:
    """An item as an order looks at it.

    ``age`` is in days. ``offices`` are the keys of those expected to answer, in one order for all
    items. What ``stays`` keeps its place.
    """

    key: int
    minutes: int = 0
    is_heading: bool = False
    stays: bool = False
    is_review: bool = False
    priority: int = 0
    age: int = 0
    cosigners: int = 0
    deferrals: int = 0
    offices: tuple[int, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether it may get another place."""
        return not (self.is_heading or self.stays)


def sections(turns: Iterable[Turn]) -> list[Order]:
    """The items cut before each heading; what stands before the first one is a section too."""
    found: list[Order] = [[]]
    for turn in turns:
        if turn.is_heading:
            found.append([])
        found[-1].append(turn)
    return [one for one in found if one]


def by_weight(turns: Sequence[Turn]) -> Order:
    """Urgent ones first, then what was put off most often, has most co-signers, waits longest.

    Reviews keep their order: they came in that of their dates.
    """
    return _each_section(turns, lambda movable: sorted(movable, key=_weight))


def _weight(turn: Turn) -> Rank:
    if turn.is_review:
        return (0,)
    return (1, -turn.priority, -turn.deferrals, -turn.cosigners, -turn.age)


def by_office(turns: Sequence[Turn]) -> Order:
    """Within each section the items of an office in a row.

    An office that was needed before comes at the beginning of a block and one that is needed
    again at its end, so that as few as possible wait for a second turn.
    """
    blocks = [block for section in sections(turns) for block in _blocks(_movable(section))]
    grouped = iter([_grouped(block, blocks, place) for place, block in enumerate(blocks)])

    def arrange(movable: Order) -> Order:
        return [turn for _block in _blocks(movable) for turn in next(grouped)]

    return _each_section(turns, arrange)


def _each_section(turns: Sequence[Turn], arrange: Callable[[Order], Order]) -> Order:
    """The turns, in each section those that move in another order."""
    found: Order = []
    for section in sections(turns):
        ordered = iter(arrange(_movable(section)))
        found += [next(ordered) if turn.moves else turn for turn in section]
    return found


def _movable(section: Iterable[Turn]) -> Order:
    return [turn for turn in section if turn.moves]


def _blocks(movable: Order) -> list[Order]:
    """Its reviews and its new issues, as far as there are any."""
    reviews = [turn for turn in movable if turn.is_review]
    fresh = [turn for turn in movable if not turn.is_review]
    return [block for block in (reviews, fresh) if block]


def _grouped(block: Order, blocks: Sequence[Order], place: int) -> Order:
    mains = _mains(block)
    before = {one for other in blocks[:place] for one in _mains(other).values()}
    after = {one for other in blocks[place + 1 :] for one in _mains(other).values()}
    first: dict[int | None, int] = {}
    for at, turn in enumerate(block):
        first.setdefault(mains[turn.key], at)

    def rank(turn: Turn) -> Rank:
        main = mains[turn.key]
        if main is None:  # nobody waits for these
            return (1, first[main])
        return (1 - (main in before) + 2 * (main in after), first[main])

    return sorted(block, key=rank)


def _mains(block: Iterable[Turn]) -> dict[int, int | None]:
    """For each item the office it is grouped under: of its own the one with most items here."""
    block = list(block)
    count = Counter(office for turn in block for office in turn.offices)
    return {
        turn.key: max(turn.offices, key=lambda one: count[one]) if turn.offices else None
        for turn in block
    }


def needed(turns: Iterable[Turn]) -> dict[int, tuple[int, int]]:
    """For each office from which minute of the session until which one it has to be there."""
    found: dict[int, tuple[int, int]] = {}
    at = 0
    for turn in turns:
        until = at + turn.minutes
        for office in turn.offices:
            found[office] = (found.get(office, (at, 0))[0], until)
        at = until
    return found
