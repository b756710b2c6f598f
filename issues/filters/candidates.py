"""The filters of what may be put on an agenda."""

import datetime as dt

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audit import clock
from issues.filters.fields import SEARCH, OneFilter, QuickSelect
from issues.models import Issue
from provinces.forms import NEXT_OPTIONS, parts_of
from provinces.models import Province, Theme

AGES = [
    (30, _("More than 30 days")),
    (90, _("More than 90 days")),
    (180, _("More than 180 days")),
    (365, _("More than a year")),
]
TIMES = [(1, _("Once or more")), (2, _("Twice or more")), (3, _("Three times or more"))]


class CandidateFilter(django_filters.FilterSet):
    """Issues of a province that may be put on an agenda: by words, theme, place, age and weight."""

    q = django_filters.CharFilter(method="matching", label=_("Words or reference"), widget=SEARCH)
    theme = django_filters.ModelChoiceFilter(
        queryset=Theme.objects.all(), label=_("Theme"), empty_label=_("All themes")
    )
    district = OneFilter(
        field_name="commune__parent",
        label=_("District or municipality"),
        empty_label=_("All districts"),
        widget=QuickSelect(
            attrs={
                "hx-get": NEXT_OPTIONS["district"],
                "hx-target": "#id_commune",
                "hx-trigger": "change",
            }
        ),
    )
    commune = OneFilter(
        field_name="commune", label=_("Commune or sangkat"), empty_label=_("All communes")
    )
    age = OneFilter(method="older", label=_("Waits for"), choices=AGES, empty_label=_("Any"))
    priority = OneFilter(label=_("Priority"), choices=Issue.Priority, empty_label=_("Any"))
    deferred = OneFilter(
        field_name="deferrals",
        lookup_expr="gte",
        label=_("Deferred"),
        choices=TIMES,
        empty_label=_("Any"),
    )

    def __init__(self, *args: object, province: Province, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for step, above in [
            ("district", province.pk),
            ("commune", str(self.data.get("district") or "") if self.data else ""),
        ]:
            places = parts_of(step, above)
            self.filters[step].extra["choices"] = [(one.pk, one.full_name) for one in places]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return self.is_bound and bool(self.form.changed_data)

    def matching(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues in which the words stand."""
        return rows.matching(value)

    def older(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues submitted more than so many days ago."""
        return rows.filter(submitted_at__lt=clock.now() - dt.timedelta(days=int(value)))
