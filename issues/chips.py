"""What narrows a list, in words, each with the address of the list without it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language

from issues.filters import IssueFilter
from khmer import dates, numbers

# What is chosen within a place goes when the place goes.
WITHIN = {"province": ("district", "commune"), "district": ("commune",)}


@dataclass(frozen=True)
class Chip:
    """One value that narrows the list; ``query`` is all others."""

    label: str
    value: str
    query: str


def chips(found: IssueFilter, query: QueryDict) -> list[Chip]:
    """One for each value; of a filter with several values as many."""
    return [
        Chip(str(found.form[name].label), words, _without(query, name, value))
        for name, chosen in found.chosen.items()
        for value, words in _values(found.form[name].field, chosen)
    ]


def _values(field: forms.Field, chosen: object) -> Iterator[tuple[object, str]]:
    if chosen is True:
        yield chosen, ""
    elif isinstance(field, forms.ChoiceField):
        names = {str(value): str(name) for value, name in list(field.choices)}  # type: ignore[arg-type]
        several = chosen if isinstance(chosen, list) else [chosen]
        yield from ((one, names[str(one)]) for one in several)
    else:
        yield chosen, _written(chosen)


def _written(value: object) -> str:
    if isinstance(value, dt.date):
        return dates.short_date(value) if get_language() != "en" else f"{value:%-d %B %Y}"
    return numbers.in_language(value, get_language()) if isinstance(value, int) else str(value)


def _without(query: QueryDict, name: str, value: object) -> str:
    rest = query.copy()
    kept = [one for one in rest.getlist(name) if isinstance(value, str) and one != value]
    rest.setlist(name, kept if len(query.getlist(name)) > 1 else [])
    for one in (name, *WITHIN.get(name, ())):
        if one != name or not rest.getlist(name):
            rest.pop(one, None)
    return rest.urlencode()
