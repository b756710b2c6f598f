"""Filters of the lists of forums and sessions, read from the query string."""

import datetime as dt

import django_filters as filters
from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from forum.models import Forum, Session, Venue
from provinces.fields import NumberField
from provinces.models import Province


class YearFilter(filters.NumberFilter):
    """A year, also in Khmer digits."""

    field_class = NumberField

    def __init__(self, field_name: str, method: str | None = None) -> None:
        super().__init__(
            field_name=field_name,
            method=method,
            lookup_expr="year",
            label=_("Year"),
            min_value=2000,
            max_value=2200,
        )


class ForumFilter(filters.FilterSet):
    """Forums of a province, a year, or only those to come or those that are over."""

    province = filters.ModelChoiceFilter(
        field_name="provinces",
        queryset=Province.objects.all(),
        label=_("Province"),
        empty_label=_("All"),
    )
    year = YearFilter("starts_on")
    state = filters.ChoiceFilter(
        label=_("State"),
        method="of_state",
        choices=[("coming", _("To come or running")), ("over", _("Over"))],
        empty_label=_("All"),
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


def _forums_of(request: HttpRequest) -> QuerySet[Forum]:
    return Forum.objects.visible_to(request.user)


class MonthFilter(filters.FilterSet):
    """Sessions of a province, a forum, or a state; the month and how it is shown are kept.

    The rows come from ``programme.seen_by``: the state is the one the reader knows.
    """

    province = filters.ModelChoiceFilter(
        queryset=Province.objects.all(), label=_("Province"), empty_label=_("All")
    )
    forum = filters.ModelChoiceFilter(queryset=_forums_of, label=_("Forum"), empty_label=_("All"))
    state = filters.ChoiceFilter(
        field_name="seen_status",
        choices=Session.Status.choices,
        label=_("State"),
        empty_label=_("All"),
    )
    view = filters.CharFilter(method="as_it_is", widget=django_forms.HiddenInput)
    month = filters.CharFilter(method="as_it_is", widget=django_forms.HiddenInput)

    class Meta:
        model = Session
        fields: list[str] = []

    def as_it_is(self, rows: QuerySet[Session], name: str, value: str) -> QuerySet[Session]:
        """Nothing is left out: the page itself takes the rows of the month."""
        return rows


class SessionFilter(MonthFilter):
    """Sessions of a province, a forum, a state or a year; those without a day are in each year."""

    year = YearFilter("seen_at", method="of_year")
    view = None
    month = None

    def of_year(self, rows: QuerySet[Session], name: str, value: int) -> QuerySet[Session]:
        """Of the year as the reader knows their day."""
        return rows.filter(Q(seen_at__year=value) | Q(seen_at=None))


class VenueFilter(filters.FilterSet):
    """Venues of a province; those no longer used only where they are asked for."""

    province = filters.ModelChoiceFilter(
        queryset=Province.objects.all(), label=_("Province"), empty_label=_("All provinces")
    )
    state = filters.ChoiceFilter(
        label=_("State"),
        method="of_state",
        choices=[("ended", _("No longer used")), ("all", _("All"))],
        empty_label=_("In use"),
    )

    class Meta:
        model = Venue
        fields: list[str] = []

    def of_state(self, rows: QuerySet[Venue], name: str, value: str) -> QuerySet[Venue]:
        """``ended`` or ``all``."""
        return rows.filter(ended_on__isnull=False) if value == "ended" else rows

    def filter_queryset(self, queryset: QuerySet[Venue]) -> QuerySet[Venue]:
        """Without a state: those in use."""
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(ended_on=None)
