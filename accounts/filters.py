"""Filters of the room's lists; their values stand in the address."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, Role, User
from provinces.models import Province


class OrganizationFilter(filters.FilterSet):
    """Organizations by words of their name, province and kind."""

    q = filters.CharFilter(label=_("Words"), method="by_name")
    provinces = filters.ModelChoiceFilter(
        label=_("Province"), queryset=Province.objects.all(), empty_label=_("All provinces")
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=Organization.Kind.choices, empty_label=_("All kinds")
    )

    class Meta:
        model = Organization
        fields = ["q", "provinces", "kind"]

    def by_name(self, queryset, _name, value):
        return queryset.named(value)


class PersonFilter(filters.FilterSet):
    """People by words of their name and by a current role."""

    q = filters.CharFilter(label=_("Words"), method="by_name")
    role = filters.ChoiceFilter(
        label=_("Role"), choices=Role.choices, empty_label=_("All roles"), method="by_role"
    )

    class Meta:
        model = User
        fields = ["q", "role"]

    def by_name(self, queryset, _name, value):
        return queryset.named(value)

    def by_role(self, queryset, _name, value):
        return queryset.holding(value)
