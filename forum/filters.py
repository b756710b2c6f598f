"""Filters of the lists of forums and sessions, read from the query string."""

import datetime as dt

import django_filters as filters
from django import forms as django_forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from forum.models import Forum, Session
from provinces.fields import NumberField
from provinces.models import Province


class YearFilter(filters.NumberFilter):
    """A year, also in Khmer digits."""

    field_class = NumberField

    def __init__(self, field_name: str) -> None:
        super().__init__(
            field_name=field_name,
            lookup_expr="year",
            label=_("Year"),
            min_value=2000,
            max_value=2200,
        )


class ForumFilter(filters.FilterSet):
    """Forums of a province, a year, or only those to come or those that are over."""

    province = filters.ModelChoiceFilter(
        field_name="provinces", queryset=Province.objects.all(), label=_("Province")
    )
    year = YearFilter("starts_on")
    state = filters.ChoiceFilter(
        label=_("State"),
        method="of_state",
        choices=[("coming", _("To come or running")), ("over", _("Over"))],
        widget=django_forms.Select,
    )

    class Meta:
        model = Forum
        fields: list[str] = []

    def __init__(self, *args: object, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def of_state(self, rows: QuerySet[Forum], name: str, value: str) -> QuerySet[Forum]:
        """``coming`` or ``over``, by the latest day of the forum."""
        if value == "coming":
            return rows.filter(ends_on__gte=self.today)
        return rows.filter(ends_on__lt=self.today)


class SessionFilter(filters.FilterSet):
    """Sessions of a province, a year, or a state."""

    province = filters.ModelChoiceFilter(queryset=Province.objects.all(), label=_("Province"))
    year = YearFilter("starts_at")
    state = filters.ChoiceFilter(
        field_name="status", choices=Session.Status.choices, label=_("State")
    )

    class Meta:
        model = Session
        fields: list[str] = []
