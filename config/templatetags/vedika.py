"""Template filters every page may use: days, times and figures in the reader's language."""

import datetime as dt

from django import template
from django.utils import formats, timezone
from django.utils.translation import get_language

from khmer import dates, numbers
from reminders import rung_words

register = template.Library()


def _is_khmer() -> bool:
    return get_language() != "en"


def _date(value: dt.date | dt.datetime) -> dt.date:
    return timezone.localtime(value).date() if isinstance(value, dt.datetime) else value


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """The day in words: "Wednesday 28 March 2018", ថ្ងៃពុធ ទី២៨ ខែមីនា ឆ្នាំ២០១៨."""
    if value is None:
        return ""
    if _is_khmer():
        return dates.long_date(_date(value))
    return formats.date_format(_date(value), "l j F Y")


@register.filter
def shortday(value: dt.date | dt.datetime | None) -> str:
    """The day for lists: "28 March 2018", ២៨ មីនា ២០១៨."""
    if value is None:
        return ""
    if _is_khmer():
        return dates.short_date(_date(value))
    return formats.date_format(_date(value), "j F Y")


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """The time of day in the provinces' time zone: "08:30", ០៨:៣០."""
    if value is None:
        return ""
    time = timezone.localtime(value).time() if isinstance(value, dt.datetime) else value
    return dates.clock(time) if _is_khmer() else f"{time:%H:%M}"


@register.filter
def digits(value: object) -> str:
    """A number or a text with numbers, in the reader's digits."""
    if value is None:
        return ""
    return numbers.in_language(value, get_language())


@register.filter
def rung(key: str, kind: str) -> str:
    """The rung of a notice of this kind in words: "7 working days before the due date"."""
    return rung_words.words(key, kind)


@register.filter(is_safe=True)
def digits_in_words(value: object) -> str:
    """A whole sentence in the reader's digits; references, addresses and the like stay."""
    return numbers.to_khmer_in_words(str(value)) if _is_khmer() else str(value)
