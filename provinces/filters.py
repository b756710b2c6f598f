"""Filters of the room's lists; their values stand in the address."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from provinces.models import Authority, Province, Theme


class AuthorityFilter(filters.FilterSet):
    """Authorities by words of their name, province, kind and theme."""

    q = filters.CharFilter(label=_("Words"), method="by_name")
    province = filters.ModelChoiceFilter(
        label=_("Province"), queryset=Province.objects.all(), empty_label=_("All provinces")
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=Authority.Kind.choices, empty_label=_("All kinds")
    )
    themes = filters.ModelChoiceFilter(
        label=_("Theme"), queryset=Theme.objects.all(), empty_label=_("All themes")
    )

    class Meta:
        model = Authority
        fields = ["q", "province", "kind", "themes"]

    def by_name(self, queryset, _name, value):
        return queryset.named(value)
