"""The filter of the outbox; its values stand in the address."""

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outbox import registry
from outbox.models import Notice
from provinces.models import Province


class NoticeFilter(filters.FilterSet):
    """Notices by state, kind, province, and words of a subject or reference."""

    state = filters.ChoiceFilter(
        label=_("State"), choices=Notice.State.choices, empty_label=_("All states")
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=registry.labels, empty_label=_("All kinds")
    )
    province = filters.ModelChoiceFilter(
        label=_("Province"), queryset=Province.objects.all(), empty_label=_("All provinces")
    )
    q = filters.CharFilter(label=_("Subject or reference"), method="by_subject")

    class Meta:
        model = Notice
        fields = ["state", "kind", "province", "q"]

    def by_subject(self, queryset, _name, value):
        """What went out under such a subject, and what is told of such a reference."""
        return queryset.filter(
            Q(message__subject__icontains=value) | Q(subject__in=registry.find(value))
        )
