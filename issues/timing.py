"""From when until when each item of an agenda lasts, and how long each section."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from issues.models import AgendaItem


@dataclass(frozen=True)
class Slot:
    """The planned time of an item; for a heading that of its whole section.

    ``number`` counts the items without the headings, whose own is 0; ``items`` are those of the
    section. Without the session's hours there are no times.
    """

    number: int
    minutes: int
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    items: int = 0
    is_over: bool = False


def slots(
    items: Sequence[AgendaItem], starts_at: dt.datetime | None, ends_at: dt.datetime | None
) -> list[Slot]:
    """The slot of each item in this order; ``is_over`` says that it ends after the session."""
    found, at, number = [], 0, 0
    for place, item in enumerate(items):
        members = _section(items, place) if item.is_heading else []
        minutes = sum(one.minutes for one in members) if item.is_heading else item.minutes
        number += not item.is_heading
        begins, ends = moment(starts_at, at), moment(starts_at, at + minutes)
        is_over = ends is not None and ends_at is not None and ends > ends_at
        shown = 0 if item.is_heading else number
        found.append(Slot(shown, minutes, begins, ends, len(members), is_over))
        at += item.minutes
    return found


def moment(starts_at: dt.datetime | None, minutes: int) -> dt.datetime | None:
    """So many minutes after the beginning, where there is one."""
    return starts_at + dt.timedelta(minutes=minutes) if starts_at else None


def _section(items: Sequence[AgendaItem], place: int) -> list[AgendaItem]:
    found = []
    for item in items[place + 1 :]:
        if item.is_heading:
            break
        found.append(item)
    return found
