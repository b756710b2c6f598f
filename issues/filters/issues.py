"""The filters of the list of issues, as they stand in the query string."""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from issues.filters.fields import (
    SEARCH,
    DayFilter,
    NumberFilter,
    OneFilter,
    QuickSelect,
    SeveralFilter,
    SinceFilter,
    TickFilter,
    UntilFilter,
)
from issues.models import Cosign, Evidence, Issue, Referral
from issues.models.issue import PUBLISHED, inside_of
from provinces.forms import NEXT_OPTIONS, parts_of
from provinces.models import Authority, Named, Province, Theme

GONE = (Referral.Ending.RECALLED, Referral.Ending.REDIRECTED)
MOST = 2**31 - 1  # what a number in the database may be at most
YES_OR_NO = [("yes", _("Yes")), ("no", _("No"))]
# Filters of fields that only those inside an issue read; the last ones only its secretariat.
INNER = (
    "organization", "spoken", "needs_interpreter", "deferred", "claims", "link", "merged",
    "cosigned",
)  # fmt: skip
OF_THE_SECRETARIAT = ("disclosure", "priority", "source", "frozen")
# The filters that always stand above the list; the others under their headings.
SHOWN = ("q", "province", "sort")
GROUPS = (
    (_("State"), ("state",)),
    (_("Theme"), ("theme",)),
    (_("What, where and by whom"), ("district", "commune", "kind", "organization")),
    (_("Language and people"), ("language", "spoken", "people_from", "people_to")),
    (
        _("How far it came"),
        ("authority", "closed_as", "published", "priority", "deferred", "claims"),
    ),
    (_("Linked with others"), ("link", "merged")),
    (_("When"), ("due_from", "due_to", "submitted_from", "submitted_to")),
    (_("When it ended"), ("resolved_from", "resolved_to", "closed_from", "closed_to")),
    (_("For the secretariat"), ("disclosure", "source")),
    (_("Only those"), ("overdue", "cosigned", "files", "needs_interpreter", "frozen")),
)
MERGED = [("into", _("It goes on in another")), ("joined", _("Others go on in it"))]
ORDERS = [
    ("oldest", _("Oldest first")),
    ("due", _("Next due date first")),
    ("priority", _("Highest priority first")),
    ("deferred", _("Most often deferred first")),
]


def _choices(rows: Iterable[Named]) -> list[tuple[object, str]]:
    return [(row.pk, row.name) for row in rows]


def _next_list(step: str, target: str) -> forms.Select:
    """A list of places whose choice fetches the list of the places in it."""
    fetch = {"hx-get": NEXT_OPTIONS[step], "hx-target": f"#id_{target}", "hx-trigger": "change"}
    return QuickSelect(attrs=fetch)


class IssueFilter(django_filters.FilterSet):
    """The list of issues: words, where, what about, in whose hands, how far, how it came.

    It finds nothing by what its reader may not see: a filter whose field is not every reader's
    holds only for the issues whose every field this one may read, and is offered to nobody else.
    """

    q = django_filters.CharFilter(method="matching", label=_("Words or reference"), widget=SEARCH)
    province = OneFilter(
        label=_("Province"),
        empty_label=_("All provinces"),
        widget=_next_list("province", "district"),
    )
    sort = OneFilter(
        method="in_order", label=_("Order"), choices=ORDERS, empty_label=_("Newest first")
    )
    state = SeveralFilter(field_name="status", label=_("State"), choices=Issue.Status)
    theme = SeveralFilter(label=_("Theme"))
    district = OneFilter(
        method="in_district",
        label=_("District or municipality"),
        empty_label=_("All districts"),
        widget=_next_list("district", "commune"),
    )
    commune = OneFilter(
        method="in_commune", label=_("Commune or sangkat"), empty_label=_("All communes")
    )
    kind = OneFilter(label=_("Kind"), choices=Issue.Kind, empty_label=_("Any"))
    closed_as = OneFilter(label=_("Closed as"), choices=Issue.Closing, empty_label=_("Any"))
    authority = OneFilter(
        method="referred_to", label=_("Referred to"), empty_label=_("All offices")
    )
    organization = OneFilter(
        method="of_those_inside", label=_("Organization"), empty_label=_("All organizations")
    )
    due_from = DayFilter(method="due_since", label=_("Due from"))
    due_to = DayFilter(method="due_until", label=_("Due until"))
    submitted_from = SinceFilter(field_name="submitted_at", label=_("Submitted from"))
    submitted_to = UntilFilter(field_name="submitted_at", label=_("Submitted until"))
    resolved_from = SinceFilter(field_name="resolved_at", label=_("Reported resolved from"))
    resolved_to = UntilFilter(field_name="resolved_at", label=_("Reported resolved until"))
    closed_from = SinceFilter(field_name="closed_at", label=_("Closed from"))
    closed_to = UntilFilter(field_name="closed_at", label=_("Closed until"))
    people_from = NumberFilter(
        field_name="people",
        lookup_expr="gte",
        label=_("People affected, at least"),
        min_value=0,
        max_value=MOST,
    )
    people_to = NumberFilter(
        field_name="people",
        lookup_expr="lte",
        label=_("People affected, at most"),
        min_value=0,
        max_value=MOST,
    )
    language = OneFilter(
        label=_("Language of the text"),
        choices=Issue._meta.get_field("language").choices,
        empty_label=_("Any"),
    )
    priority = OneFilter(
        method="of_the_secretariat",
        label=_("Priority"),
        choices=Issue.Priority,
        empty_label=_("Any"),
    )
    disclosure = OneFilter(
        method="of_the_secretariat",
        label=_("Who may see it"),
        choices=Issue.Disclosure,
        empty_label=_("Any"),
    )
    source = OneFilter(
        method="of_the_secretariat",
        label=_("How it came"),
        choices=Issue.Source,
        empty_label=_("Any"),
    )
    spoken = OneFilter(
        method="of_those_inside",
        label=_("Language spoken"),
        choices=Issue.Spoken,
        empty_label=_("Any"),
    )
    deferred = NumberFilter(
        method="so_often",
        field_name="deferrals",
        label=_("Deferred at least so many times"),
        min_value=1,
        max_value=MOST,
    )
    claims = NumberFilter(
        method="so_often",
        label=_("Reported resolved at least so many times"),
        min_value=1,
        max_value=MOST,
    )
    published = OneFilter(
        method="before_the_public", label=_("Published"), choices=YES_OR_NO, empty_label=_("Any")
    )
    overdue = TickFilter(method="only_overdue", label=_("Date passed"))
    needs_interpreter = TickFilter(method="of_those_inside", label=_("An interpreter is needed"))
    link = OneFilter(
        method="of_those_inside",
        label=_("Why it follows another"),
        choices=Issue.Link,
        empty_label=_("Any"),
    )
    merged = OneFilter(
        method="merged_with", label=_("Merged"), choices=MERGED, empty_label=_("Any")
    )
    cosigned = TickFilter(method="only_cosigned", label=_("Co-signed"))
    files = TickFilter(method="with_files", label=_("With files"))
    frozen = TickFilter(method="only_frozen", label=_("Frozen: its organization was pressured"))

    def __init__(self, *args: object, user: User, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        self.referrals = Referral.objects.visible_to(user)
        self._offer("province", _choices(Province.objects.all()))
        self._offer("theme", _choices(Theme.objects.all()))
        self._offer("authority", _choices(self._offices()))
        for before, step in [("province", "district"), ("district", "commune")]:
            places = parts_of(step, str(self.data.get(before) or "")) if self.data else []
            self._offer(step, [(place.pk, place.full_name) for place in places])
        self._leave_out()

    def _offer(self, name: str, choices: list[tuple[object, str]]) -> None:
        """Choices read once, so that no value costs another query."""
        self.filters[name].extra["choices"] = choices

    def _leave_out(self) -> None:
        """Filters of fields that the reader can see of no issue."""
        serves = self.user.is_role("coordinator")
        if serves or self.user.organization_ids:
            self._offer("organization", _choices(self._organizations()))
        else:
            self._drop(INNER, order="deferred")
        if not serves:
            self._drop(OF_THE_SECRETARIAT, order="priority")

    def _drop(self, names: Iterable[str], order: str) -> None:
        for name in names:
            del self.filters[name]
        kept = [one for one in self.filters["sort"].extra["choices"] if one[0] != order]
        self._offer("sort", kept)

    def _offices(self) -> QuerySet[Authority]:
        held = self.referrals.filter(authority=OuterRef("pk"))
        return Authority.objects.filter(Exists(held))

    def _organizations(self) -> QuerySet[Organization]:
        served = Issue.objects.served_by(self.user).filter(organization=OuterRef("pk"))
        return Organization.objects.filter(Exists(served) | Q(pk__in=self.user.organization_ids))

    @cached_property
    def chosen(self) -> dict[str, object]:
        """What narrows the list, by the filters' names; the order of it does not."""
        if not self.is_bound:
            return {}
        return {
            name: value
            for name, value in self._understood.items()
            if name != "sort" and value not in (None, "", [])
        }

    @property
    def order(self) -> str:
        """The order that was asked for; empty for the usual one."""
        return str(self._understood.get("sort", "")) if self.is_bound else ""

    @property
    def _understood(self) -> dict[str, object]:
        """What was asked for, without values there are not."""
        self.form.is_valid()  # reads what was asked for, whatever of it is faulty
        return self.form.cleaned_data

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that always stand above the list."""
        return [self.form[name] for name in SHOWN]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The other fields under their headings, as far as this reader has them."""
        found = [(label, [n for n in names if n in self.filters]) for label, names in GROUPS]
        return [(label, [self.form[name] for name in names]) for label, names in found if names]

    # --- words and places -------------------------------------------------------------------------
    def matching(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues in which the words stand; the place of a confidential one is no word of it."""
        return rows.found_by(self.user, value)

    def in_district(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues of the district, without confidential ones read from outside."""
        return rows.filter(self._placed(), commune__parent=value)

    def in_commune(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues of the commune, without confidential ones read from outside."""
        return rows.filter(self._placed(), commune=value)

    def _placed(self) -> Q:
        """Issues whose exact place the user may read."""
        return self._inside() | ~Q(disclosure=Issue.Disclosure.CONFIDENTIAL)

    def _inside(self) -> Q:
        """Issues whose every field the user may read."""
        return inside_of(self.user)

    # --- in whose hands ---------------------------------------------------------------------------
    def referred_to(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues that are, or until they were solved were, in the office's hands."""
        held = self.referrals.filter(authority=value).exclude(ended_as__in=GONE)
        return rows.filter(pk__in=held.values("issue"))

    def only_overdue(self, rows: QuerySet[Issue], name: str, value: bool) -> QuerySet[Issue]:
        """Issues with an open referral after its date, among the referrals the user may read."""
        return rows.filter(pk__in=self.referrals.overdue(self.today).values("issue"))

    def due_since(self, rows: QuerySet[Issue], name: str, value: dt.date) -> QuerySet[Issue]:
        """Issues that an office the user may know of holds until this day or a later one."""
        return rows.filter(pk__in=self._due(value, self._understood.get("due_to")))

    def due_until(self, rows: QuerySet[Issue], name: str, value: dt.date) -> QuerySet[Issue]:
        """Issues that an office the user may know of holds until this day or an earlier one."""
        return rows.filter(pk__in=self._due(self._understood.get("due_from"), value))

    def _due(self, since: dt.date | None, until: dt.date | None) -> QuerySet[Referral]:
        """Of open referrals between two days the issues; one referral meets both."""
        held = self.referrals.open().annotate(on=Coalesce("due_on", "wanted_on"))
        held = held.filter(on__gte=since) if since else held
        return (held.filter(on__lte=until) if until else held).values("issue")

    # --- what those inside read -------------------------------------------------------------------
    def of_those_inside(self, rows: QuerySet[Issue], name: str, value: object) -> QuerySet[Issue]:
        """Issues with this value of a field, among those whose every field the user may read."""
        return rows.filter(self._inside(), **{name: value})

    def so_often(self, rows: QuerySet[Issue], name: str, value: int) -> QuerySet[Issue]:
        """Issues to which this happened so many times or more, of those seen from inside."""
        return rows.filter(self._inside(), **{f"{name}__gte": value})

    def merged_with(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues that go on in another, or in which others go on that the user may read."""
        rows = rows.filter(self._inside())
        if value == "into":
            return rows.filter(merged_into__isnull=False)
        others = Issue.objects.visible_to(self.user).filter(merged_into__isnull=False)
        return rows.filter(pk__in=others.values("merged_into"))

    def only_cosigned(self, rows: QuerySet[Issue], name: str, value: bool) -> QuerySet[Issue]:
        """Issues that another organization stands behind as well, as far as the user knows it."""
        agreed = Cosign.objects.visible_to(self.user).agreed()
        return rows.filter(self._inside(), pk__in=agreed.values("issue"))

    def with_files(self, rows: QuerySet[Issue], name: str, value: bool) -> QuerySet[Issue]:
        """Issues with a file that the user may open."""
        return rows.filter(pk__in=Evidence.objects.visible_to(self.user).values("issue"))

    # --- what the secretariat reads ---------------------------------------------------------------
    def of_the_secretariat(
        self, rows: QuerySet[Issue], name: str, value: object
    ) -> QuerySet[Issue]:
        """Issues with this value of a field, among those the user serves."""
        return rows.served_by(self.user).filter(**{name: value})

    def only_frozen(self, rows: QuerySet[Issue], name: str, value: bool) -> QuerySet[Issue]:
        """Issues whose organization said that it was pressured, among those the user serves."""
        return rows.served_by(self.user).frozen()

    # --- what everybody reads ---------------------------------------------------------------------
    def before_the_public(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Issues that everybody can read now, or those that nobody outside can."""
        return rows.filter(PUBLISHED) if value == "yes" else rows.exclude(PUBLISHED)

    def in_order(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """All of them: their order is made where they are cut into pages."""
        return rows
