"""The filters of what may be put on an agenda."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from issues.filters.fields import SEARCH
from issues.models import Issue
from provinces.models import Theme


class CandidateFilter(django_filters.FilterSet):
    """Issues that may be put on an agenda: by words and theme."""

    q = django_filters.CharFilter(method="matching", label=_("Words or reference"), widget=SEARCH)
    theme = django_filters.ModelChoiceFilter(
        queryset=Theme.objects.all(), label=_("Theme"), empty_label=_("All themes")
    )

    def matching(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues in which the words stand."""
        return rows.matching(value)
