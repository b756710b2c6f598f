"""What people type about a forum."""

from collections.abc import Collection
from typing import Any

from crispy_forms.layout import Field, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Prefetch, QuerySet, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, RoleAssignment, User
from forum.actions import forums as forum_actions
from forum.forms.shared import KeyedForm, SeenForm, helper_of
from forum.models import Forum
from provinces.fields import DayField, NumberField
from provinces.models import Province

MOST_NOTICE = 65  # working days: a quarter of a year
LONG = ("about_km", "about_en", "rules_km", "rules_en")
NAMES = (
    "name_km", "name_en", "theme_km", "theme_en", "starts_on", "ends_on", "notice_days", *LONG,
)  # fmt: skip


def _long(label: str, length: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ProvinceBoxes(forms.CheckboxSelectMultiple):
    """Provinces to tick; those in ``fixed`` are ticked, and stay so."""

    fixed: Collection[str] = ()

    def create_option(
        self, name: str, value: Any, label: Any, selected: bool, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        is_fixed = str(value) in self.fixed
        option = super().create_option(name, value, label, selected or is_fixed, *args, **kwargs)
        option["attrs"] |= {"disabled": True} if is_fixed else {}
        return option


class ForumForm(forms.Form):
    """Names, theme, days, provinces, team and rules of a forum."""

    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    theme_km = forms.CharField(label=_("Theme in Khmer"), max_length=200, required=False)
    theme_en = forms.CharField(label=_("Theme in English"), max_length=200, required=False)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    notice_days = NumberField(
        label=_("Working days of notice"),
        help_text=_("So long before a session its invited should know of it; less is warned of."),
        min_value=0,
        max_value=MOST_NOTICE,
        initial=10,
        required=False,
    )
    provinces = forms.ModelMultipleChoiceField(
        label=_("Provinces"), queryset=Province.objects.all(), widget=ProvinceBoxes
    )
    team = forms.ModelMultipleChoiceField(
        label=_("Secretariat team"),
        help_text=_("Coordinators who may be sent to its sessions."),
        queryset=User.people.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    about_km = _long(_("About, in Khmer"), 2000)
    about_en = _long(_("About, in English"), 2000)
    rules_km = _long(_("Rules, in Khmer"), 4000, _("Shown to everybody who is invited."))
    rules_en = _long(_("Rules, in English"), 4000)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        held = self.get_initial_for_field(self.fields["team"], "team") or []
        self.fields["team"].queryset = _coordinators() | User.people.filter(
            pk__in=[one.pk for one in held]
        ).prefetch_related(_held_provinces())
        self.fields["team"].label_from_instance = _with_provinces
        self.fields["provinces"].queryset = _served_first(Province.objects.all(), user)
        self.helper = helper_of(
            *(name for name in ("client_key", "seen") if name in self.fields),
            Row("name_km", "name_en"),
            Row("theme_km", "theme_en"),
            Row("starts_on", "ends_on"),
            "notice_days",
            Field("provinces", wrapper_class="two"),
            "team",
            Row("about_km", "about_en"),
            Row("rules_km", "rules_en"),
        )

    def clean_notice_days(self) -> int:
        given = self.cleaned_data["notice_days"]
        return int(self.fields["notice_days"].initial if given is None else given)

    def clean_provinces(self) -> list[Province]:
        chosen = list(self.cleaned_data["provinces"])
        if not any(self.user.serves(one.pk) for one in chosen):
            raise ValidationError(_("Choose at least one province you coordinate."))
        return chosen

    def clean_team(self) -> list[User]:
        return list(self.cleaned_data["team"])

    def clean(self) -> None:
        data = self.cleaned_data
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day lies before the first day."))
        held = self.get_initial_for_field(self.fields["team"], "team") or []
        new = [one for one in data.get("team", ()) if one not in held]
        if new and data.get("provinces"):
            fitting = forum_actions.coordinating(new, data["provinces"])
            strangers = [one for one in new if one.pk not in fitting]
            for one in strangers:
                self.add_error("team", forum_actions.not_of(one))


def _served_first(provinces: QuerySet[Province], user: User) -> QuerySet[Province]:
    """Those the user coordinates before the others, for they choose at least one of them."""
    if user.serves_all:
        return provinces
    is_other = Case(When(pk__in=user.served_ids, then=0), default=1, output_field=IntegerField())
    return provinces.order_by(is_other, *Province._meta.ordering)


def _held_provinces() -> Prefetch:
    roles = RoleAssignment.objects.current().filter(role=Role.COORDINATOR)
    return Prefetch("role_assignments", roles.select_related("province"), to_attr="coordinates")


def _coordinators():
    """Everybody who coordinates some province, with their provinces."""
    people = User.people.holding(Role.COORDINATOR).filter(is_active=True)
    return people.prefetch_related(_held_provinces())


def _with_provinces(person: User) -> str:
    names = [str(one.province) for one in person.coordinates if one.province]
    return f"{person} ({', '.join(names)})" if names else str(person)


class NewForumForm(KeyedForm, ForumForm):
    """A new forum."""


class EditForumForm(SeenForm, ForumForm):
    """A forum that is there; its provinces that others coordinate stay as they are."""

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, user=user, **kwargs)
        field = self.fields["provinces"]
        held = self.get_initial_for_field(field, "provinces") or []
        self.fixed = [one for one in held if not user.serves(one.pk)]
        if not user.serves_all:
            ids = {*user.served_ids, *(one.pk for one in held)}
            field.queryset = _served_first(Province.objects.filter(pk__in=ids), user)
        if self.fixed:
            field.widget.fixed = {one.pk for one in self.fixed}
            field.help_text = _("Those that others coordinate stay as they are.")

    def clean_provinces(self) -> list[Province]:
        chosen = super().clean_provinces()
        return [*chosen, *(one for one in self.fixed if one not in chosen)]


def initial_of_forum(forum: Forum) -> dict[str, object]:
    """What the form shows of a forum."""
    return {name: getattr(forum, name) for name in NAMES} | {
        "provinces": list(forum.provinces.all()),
        "team": list(forum.team.all()),
        "seen": forum.version,
    }
