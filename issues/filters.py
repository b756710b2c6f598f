"""Filters of the lists, as they stand in the query string."""

import datetime as dt
from collections.abc import Iterable

import django_filters
from django import forms
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from issues.models import Issue, Referral
from provinces.models import Authority, Named, Province, Theme

GONE = (Referral.Ending.RECALLED, Referral.Ending.REDIRECTED)
SEARCH = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})


def _choices(rows: Iterable[Named]) -> list[tuple[object, str]]:
    return [(row.pk, row.name) for row in rows]


class IssueFilter(django_filters.FilterSet):
    """The list of issues: words, where, what about, in whose hands, how far.

    It finds nothing by what its reader may not see: an office not by organization, nor a
    confidential issue by its commune.
    """

    q = django_filters.CharFilter(method="matching", label=_("Words or reference"), widget=SEARCH)
    province = django_filters.ChoiceFilter(label=_("Province"), empty_label=_("All provinces"))
    state = django_filters.ChoiceFilter(
        field_name="status", label=_("State"), choices=Issue.Status, empty_label=_("All states")
    )
    theme = django_filters.ChoiceFilter(label=_("Theme"), empty_label=_("All themes"))
    authority = django_filters.ChoiceFilter(
        method="referred_to", label=_("Referred to"), empty_label=_("All offices")
    )
    organization = django_filters.ChoiceFilter(
        method="raised_by", label=_("Organization"), empty_label=_("All organizations")
    )
    sort = django_filters.ChoiceFilter(
        method="sorted_by",
        label=_("Order"),
        choices=[("oldest", _("Oldest first")), ("due", _("Next due date first"))],
        empty_label=_("Newest first"),
    )
    overdue = django_filters.BooleanFilter(
        method="only_overdue", label=_("Date passed"), widget=forms.CheckboxInput
    )

    def __init__(self, *args: object, user: User, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        self.referrals = Referral.objects.visible_to(user)
        self._offer("province", Province.objects.all())
        self._offer("theme", Theme.objects.all())
        self._offer("authority", self._offices())
        if user.is_role("coordinator") or user.organization_ids:
            self._offer("organization", self._organizations())
        else:
            del self.filters["organization"]

    def _offer(self, name: str, rows: Iterable[Named]) -> None:
        """Choices read once, so that no value costs another query."""
        self.filters[name].extra["choices"] = _choices(rows)

    def _offices(self) -> QuerySet[Authority]:
        return Authority.objects.filter(pk__in=self.referrals.values("authority"))

    def _organizations(self) -> QuerySet[Organization]:
        served = Issue.objects.served_by(self.user).values("organization")
        return Organization.objects.filter(Q(pk__in=served) | Q(pk__in=self.user.organization_ids))

    @property
    def active(self) -> list[str]:
        """Names of the filters that narrow the list; the order of it does not."""
        return [name for name in self.filters if name != "sort" and self.data.get(name)]

    def matching(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues in which the words stand; the place of a confidential one is no word of it."""
        return rows.found_by(self.user, value)

    def _inside(self) -> Q:
        """Issues whose every field the user may read."""
        return Q(province__in=self.user.served_ids) | Q(organization__in=self.user.organization_ids)

    def referred_to(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues that are, or until they were solved were, in the office's hands."""
        held = self.referrals.filter(authority=value).exclude(ended_as__in=GONE)
        return rows.filter(pk__in=held.values("issue"))

    def raised_by(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues of the organization, among those whose organization the user may know."""
        known = Q() if self.user.serves_all else self._inside()
        return rows.filter(known, organization=value)

    def only_overdue(self, rows: QuerySet[Issue], name: str, value: bool) -> QuerySet[Issue]:
        """Issues with an open referral after its date, among the referrals the user may read."""
        if not value:
            return rows
        return rows.filter(pk__in=self.referrals.overdue(self.today).values("issue"))

    def sorted_by(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """The oldest first, or those whose next due date comes first."""
        if value == "oldest":
            return rows.order_by(F("submitted_at").asc(nulls_last=True), "pk")
        held = self.referrals.open().filter(issue=OuterRef("pk"))
        dates = held.annotate(on=Coalesce("due_on", "wanted_on")).order_by("on").values("on")[:1]
        due = rows.annotate(next_due=Subquery(dates))
        return due.order_by(F("next_due").asc(nulls_last=True), "-pk")


class CandidateFilter(django_filters.FilterSet):
    """Issues that may be put on an agenda: by words and theme."""

    q = django_filters.CharFilter(method="matching", label=_("Words or reference"), widget=SEARCH)
    theme = django_filters.ModelChoiceFilter(
        queryset=Theme.objects.all(), label=_("Theme"), empty_label=_("All themes")
    )

    def matching(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues in which the words stand."""
        return rows.matching(value)
