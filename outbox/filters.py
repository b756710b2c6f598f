"""The filter of the outbox; its values stand in the address."""

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outbox import registry
from outbox.handling import RETRIED
from outbox.models import Channel, Notice
from provinces.models import Province

WAYS = [(one.value, one.label) for one in Channel if one != Channel.USUAL]
SETTLED = "settled"


class NoticeFilter(filters.FilterSet):
    """Notices by state, kind, way, province, days, and words of a subject or reference."""

    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[*Notice.State.choices, (SETTLED, _("Told by phone"))],
        empty_label=_("All states"),
        method="by_state",
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=registry.labels, empty_label=_("All kinds")
    )
    channel = filters.ChoiceFilter(
        label=_("By which way"), choices=WAYS, empty_label=_("All ways"), method="by_way"
    )
    province = filters.ModelChoiceFilter(
        label=_("Province"), queryset=Province.objects.all(), empty_label=_("All provinces")
    )
    since = filters.DateFilter(
        label=_("Due from"),
        field_name="due_at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = filters.DateFilter(
        label=_("Due until"),
        field_name="due_at",
        lookup_expr="date__lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    q = filters.CharFilter(label=_("Subject or reference"), method="by_subject")

    class Meta:
        model = Notice
        fields = ["state", "kind", "channel", "province", "since", "until", "q"]

    def by_state(self, queryset, _name, value):
        """Those in a state; what was told by phone instead does not stand among what went wrong."""
        if value == SETTLED:
            return queryset.exclude(by_phone=None)
        found = queryset.filter(state=value)
        return found.unsettled() if value in RETRIED else found

    def by_way(self, queryset, _name, value):
        """What goes or went by a way, or was asked to go by it."""
        return queryset.filter(Q(message__channel=value) | Q(message=None, channel=value))

    def by_subject(self, queryset, _name, value):
        """What went out under such a subject, and what is told of such a reference."""
        return queryset.filter(
            Q(message__subject__icontains=value) | Q(subject__in=registry.find(value))
        )
