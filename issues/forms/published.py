"""The filters of the public list."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from issues.models import Issue
from issues.models.issue import Reader
from provinces.models import Province, Theme

S = Issue.Status
STATES = [
    (S.ACCEPTED, S.ACCEPTED.label),
    (S.SCHEDULED, S.SCHEDULED.label),
    (S.REFERRED, S.REFERRED.label),
    (S.RESOLVED, S.RESOLVED.label),
    (S.CLOSED, S.CLOSED.label),
]


class PublishedFilter(django_filters.FilterSet):
    """Words, province, theme and state of published issues."""

    q = django_filters.CharFilter(
        method="filter_words",
        label=_("Words or reference"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    province = django_filters.ModelChoiceFilter(
        queryset=Province.objects.all(), label=_("Province"), empty_label=_("All provinces")
    )
    theme = django_filters.ModelChoiceFilter(
        queryset=Theme.objects.all(), label=_("Theme"), empty_label=_("All themes")
    )
    state = django_filters.ChoiceFilter(
        field_name="status", choices=STATES, label=_("State"), empty_label=_("All states")
    )

    def __init__(self, *args: object, user: Reader, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def filter_words(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues in which each part of what was typed stands."""
        return rows.found_by(self.user, value)
