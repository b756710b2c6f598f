"""Filters of one field each, as the lists put them together."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import QuerySet
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from issues.models import Issue
from provinces.fields import AnyDayField, NumberField

Attrs = dict[str, object]
SELECTED = mark_safe(" selected")
SEARCH = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})


class DayFilter(django_filters.Filter):
    """A day, in Latin or Khmer digits."""

    field_class = AnyDayField


class SinceFilter(DayFilter):
    """Rows with a moment on this day or later."""

    def filter(self, qs: QuerySet[Issue], value: dt.date | None) -> QuerySet[Issue]:
        """The rows, as far as they are of this day or a later one."""
        if not value:
            return qs
        return qs.filter(**{f"{self.field_name}__gte": _moment(value, dt.time.min)})


class UntilFilter(DayFilter):
    """Rows with a moment on this day or earlier."""

    def filter(self, qs: QuerySet[Issue], value: dt.date | None) -> QuerySet[Issue]:
        """The rows, as far as they are of this day or an earlier one."""
        if not value:
            return qs
        return qs.filter(**{f"{self.field_name}__lte": _moment(value, dt.time.max)})


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, time))


class NumberFilter(django_filters.Filter):
    """A whole number, in Latin or Khmer digits."""

    field_class = NumberField


class TickField(forms.BooleanField):
    """A box that says nothing where it is not ticked."""

    is_tick = True  # the page sets its words beside it

    def to_python(self, value: object) -> bool | None:
        """True, or nothing."""
        return super().to_python(value) or None


class TickFilter(django_filters.Filter):
    """A box: ticked it narrows, otherwise it does nothing."""

    field_class = TickField


class SeveralField(forms.MultipleChoiceField):
    """Several of the values, each a box."""

    is_several = True  # the page sets it as a group of boxes


class SeveralFilter(django_filters.MultipleChoiceFilter):
    """Several values at once, each a box to tick."""

    field_class = SeveralField

    def __init__(self, **kwargs: object) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple, distinct=False, **kwargs)


class QuickSelect(forms.Select):
    """A list of choices written at once.

    Django renders a template for each option: for hundreds of offices more than all the rest.
    """

    def render(
        self, name: str, value: object, attrs: Attrs | None = None, renderer: object = None
    ) -> SafeString:
        """The list as HTML."""
        chosen = set(self.format_value(value))
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((one, SELECTED if str(one) in chosen else "", label) for one, label in self.choices),
        )
        about = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        return format_html("<select{}>{}</select>", about, options)


class OneFilter(django_filters.ChoiceFilter):
    """One of the values, or any."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{"widget": QuickSelect} | kwargs)
