"""What the rooms above say of their kinds of notices, so that this room knows none of them."""

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.functional import Promise

from outbox.models import Notice


@dataclass(frozen=True)
class Calendar:
    """What a calendar program reads of a message: RFC 5545, and what is done with it (RFC 5546).

    ``method`` is REQUEST, CANCEL or PUBLISH, and the METHOD of ``text`` itself.
    """

    method: str
    text: str


@dataclass(frozen=True)
class Text:
    """The words of a message, and what goes with them.

    ``told`` is the version of what they tell, as the room that made them counts it: ``sent`` finds
    it again as ``notice.message.told``. ``reply_to`` is where answers go, if not to the sender.
    """

    subject: str
    body: str
    calendar: Calendar | None = None
    told: int = 0
    reply_to: str = ""


class Manner(enum.Enum):
    """Whether a kind of notice is a message of its own, or may join its reader's digest."""

    ALONE = "alone"  # always by itself, at once
    SINGLE = "single"  # by itself, unless its reader was told often enough today
    PATIENT = "patient"  # can wait: as its reader chose, or as is usual for their role
    DAILY = "daily"  # always in the one message of the day


@dataclass(frozen=True)
class Line:
    """What a digest says of one notice, counted with the others of its ``group``.

    ``text`` is one line; ``links`` are lines below it, for the reader's eyes. ``lead`` is a
    paragraph above it and all others with the same, ``own`` a line between it and its links.
    """

    group: str
    text: str
    links: tuple[str, ...] = ()
    lead: str = ""
    own: str = ""


@dataclass(frozen=True)
class Title:
    """What a coordinator reads for ``referral:12``, and where it leads."""

    text: str
    url: str = ""


def _nothing(notice: Notice, at: dt.datetime) -> None:
    """Most kinds have nothing to do once they are sent."""


Said = Sequence[tuple[Notice, Text]]


def _open(said: Said) -> list[Text]:
    """Most words are the same for whoever looks at them."""
    return [text for _notice, text in said]


def _is_never_early(notice: Notice) -> bool:
    """Most kinds cannot be muted."""
    return False


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    ``wanted`` says whether it is still true and still for its recipient; ``sent`` is called in
    the transaction that records that it left, with the message that left as ``notice.message``;
    ``left`` soon after that, with several that left, and not at all where something fails.
    ``seal`` puts into the words, as they are frozen, what is for the recipient's eyes alone.
    ``line`` is what a digest says of it, where its ``manner`` lets it join one. ``is_early`` says
    whether its reader may ask to be spared it for a few days.
    """

    label: str | Promise
    wanted: Callable[[Notice, dt.datetime], bool]
    render: Callable[[Notice, str], Text]
    sent: Callable[[Notice, dt.datetime], None] = _nothing
    seal: Callable[[Said], list[Text]] = _open
    manner: Manner = Manner.ALONE
    line: Callable[[Notice, str], Line] | None = None
    is_early: Callable[[Notice], bool] = _is_never_early
    left: Callable[[Sequence[Notice], dt.datetime], None] | None = None


@dataclass(frozen=True)
class Subject:
    """One kind of subject: its titles by id, and the ids in whose reference a text stands."""

    titles: Callable[[list[int]], dict[int, Title]]
    find: Callable[[str], Iterable[int]]


Hold = Callable[[Sequence[Notice], dt.datetime], dict[int, str]]


def _never(notices: Sequence[Notice], now: dt.datetime) -> dict[int, str]:
    """Nothing is held back while nobody says why."""
    return {}


Reading = Callable[[Sequence[Notice]], AbstractContextManager[object]]
Digest = Callable[[Sequence[Line], str], Text]


def _plain(lines: Sequence[Line], language: str) -> Text:
    """A digest while nobody said how it reads."""
    return Text(f"{len(lines)}", "\n".join("\n".join([one.text, *one.links]) for one in lines))


_digest: list[Digest] = [_plain]
_kinds: dict[str, Kind] = {}
_hold: list[Hold] = [_never]
_reasons: list[str] = []
_reading: list[Reading] = [nullcontext]
_subjects: dict[str, Subject] = {}


def register(
    kind: str,
    *,
    label: str | Promise,
    wanted: Callable[[Notice, dt.datetime], bool],
    render: Callable[[Notice, str], Text],
    sent: Callable[[Notice, dt.datetime], None] = _nothing,
    seal: Callable[[Said], list[Text]] = _open,
    manner: Manner = Manner.ALONE,
    line: Callable[[Notice, str], Line] | None = None,
    is_early: Callable[[Notice], bool] = _is_never_early,
    left: Callable[[Sequence[Notice], dt.datetime], None] | None = None,
) -> None:
    """Make a kind of notice known; the latest registration counts."""
    if manner is not Manner.ALONE and line is None:
        raise ValueError(f"{kind} may join a digest, and has no line for it")
    _kinds[kind] = Kind(label, wanted, render, sent, seal, manner, line, is_early, left)


def register_subject(
    name: str,
    *,
    titles: Callable[[list[int]], dict[int, Title]],
    find: Callable[[str], Iterable[int]],
) -> None:
    """Make a kind of subject known, as ``referral``."""
    _subjects[name] = Subject(titles, find)


def register_hold(hold: Hold, *, reasons: Iterable[str] = ()) -> None:
    """Say which notices have to wait, and why; the latest registration counts.

    ``hold`` gets some notices and the moment, and answers the reason of each one that waits by
    its key, in a constant number of queries. What waits is neither cancelled nor lost: it is asked
    again about what waits for one of ``reasons``.
    """
    _hold[:] = [hold]
    _reasons[:] = reasons


def register_reading(together: Reading) -> None:
    """Say how much is read at once of some notices; the latest registration counts."""
    _reading[:] = [together]


def register_digest(render: Digest) -> None:
    """Say how a digest reads, from the lines of its notices; the latest registration counts."""
    _digest[:] = [render]


def known(kind: str) -> bool:
    """Whether somebody registered the kind."""
    return kind in _kinds


def label(kind: str) -> str:
    """The kind in the reader's words."""
    return str(_kinds[kind].label) if kind in _kinds else kind


def labels() -> list[tuple[str, str]]:
    """Every kind with its label, in order of registration."""
    return [(kind, str(one.label)) for kind, one in _kinds.items()]


def wanted(notice: Notice, now: dt.datetime) -> bool:
    """Whether the notice is still true; raises KeyError for a kind nobody registered."""
    return _kinds[notice.kind].wanted(notice, now)


def held(notices: Sequence[Notice], now: dt.datetime) -> dict[int, str]:
    """The reason of each of these notices that has to wait, by its key."""
    return _hold[0](notices, now) if notices else {}


def reading(notices: Sequence[Notice]) -> AbstractContextManager[object]:
    """Within this block what is asked of each of these notices is read of all of them at once.

    What is read stays as it was read first: the block belongs into one short transaction.
    """
    return _reading[0](notices)


def reasons() -> list[str]:
    """Why notices wait that are asked about again."""
    return list(_reasons)


def render(notice: Notice, language: str) -> Text:
    """The notice's words in the recipient's language."""
    with translation.override(language):
        return _kinds[notice.kind].render(notice, language)


def frozen(notice: Notice, language: str) -> Text:
    """The words as its message keeps them, with what is for the recipient's eyes alone."""
    return sealed([(notice, render(notice, language))])[0]


def sealed(said: Said) -> list[Text]:
    """The words of each notice as its message keeps them; each kind is asked once for all."""
    places: dict[str, list[int]] = {}
    for place, (notice, _text) in enumerate(said):
        places.setdefault(notice.kind, []).append(place)
    found: dict[int, Text] = {}
    for kind, some in places.items():
        found |= zip(some, _kinds[kind].seal([said[place] for place in some]), strict=True)
    return [found[place] for place in range(len(said))]


def manner(kind: str) -> Manner:
    """How a kind goes; what nobody registered goes alone, and fails alone."""
    return _kinds[kind].manner if kind in _kinds else Manner.ALONE


def is_early(notice: Notice) -> bool:
    """Whether it comes before its time, so that its reader may be spared it for a few days."""
    return notice.kind in _kinds and _kinds[notice.kind].is_early(notice)


def line(notice: Notice, language: str) -> Line:
    """What a digest says of the notice, with what is for the recipient's eyes alone."""
    kind = _kinds[notice.kind]
    if kind.line is None:
        raise LookupError(notice.kind)
    with translation.override(language):
        said = kind.line(notice, language)
        (links,) = kind.seal([(notice, Text("", "\n".join(said.links)))])
    return replace(said, links=tuple(links.body.splitlines()))


def digest(lines: Sequence[Line], language: str) -> Text:
    """The words of a digest in the recipient's language."""
    with translation.override(language):
        return _digest[0](lines, language)


def takes_note(kind: str) -> bool:
    """Whether its room is told when a notice of the kind left."""
    return kind in _kinds and _kinds[kind].sent is not _nothing


def sent(notice: Notice, at: dt.datetime) -> None:
    """Tell the notice's room that it left."""
    _kinds[notice.kind].sent(notice, at)


def notes_leaving(kind: str) -> bool:
    """Whether its room is told of several of the kind that left."""
    return kind in _kinds and _kinds[kind].left is not None


def left(notices: Iterable[Notice], at: dt.datetime) -> None:
    """Tell the rooms of these notices that they left, or were told by telephone; by kinds."""
    kinds: dict[str, list[Notice]] = {}
    for notice in notices:
        kinds.setdefault(notice.kind, []).append(notice)
    for kind, some in kinds.items():
        if (note := _kinds[kind].left) is not None:
            note(some, at)


def titles(subjects: Iterable[str]) -> dict[str, Title]:
    """The titles of these subjects; one look-up for each kind of subject."""
    ids: dict[str, list[int]] = {}
    for name, pk in map(_split, set(subjects)):
        ids.setdefault(name, []).append(pk)
    return {
        f"{name}:{pk}": title
        for name, pks in ids.items()
        if name in _subjects
        for pk, title in _subjects[name].titles(pks).items()
    }


def find(text: str) -> list[str]:
    """Subjects in whose reference the text stands."""
    return [f"{name}:{pk}" for name, one in _subjects.items() for pk in one.find(text)]


def _split(subject: str) -> tuple[str, int]:
    name, _colon, pk = subject.partition(":")
    return name, int(pk)
