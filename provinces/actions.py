"""Loading and changing what all other rooms stand on: places, themes, authorities, holidays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import holidays
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.errors import Conflict
from audit.models import AuditEntry
from khmer import sorting
from khmer import text as khmer_text
from provinces import gazetteer, permissions
from provinces.models import Authority, ContactPoint, Holiday, Locality, Province, Theme

if TYPE_CHECKING:
    from accounts.models import User

SOURCE_OF_HOLIDAYS = "Python package holidays, country KH"
KINDS_EN = {
    Locality.Kind.SROK: "District",
    Locality.Kind.KRONG: "Municipal",
    Locality.Kind.KHAN: "Khan",
    Locality.Kind.KHUM: "Commune",
    Locality.Kind.SANGKAT: "Sangkat",
}


@dataclass(frozen=True)
class Loaded:
    """How many rows of each table stand after loading, and how many villages were left out."""

    provinces: int
    districts: int
    communes: int
    villages: int
    repeated: int
    misplaced: int
    themes: int
    authorities: int
    holidays: int

    def __str__(self) -> str:
        return (
            f"{self.provinces} provinces, {self.districts} districts, {self.communes} communes, "
            f"{self.villages} villages (left out: {self.repeated} with a repeated code, "
            f"{self.misplaced} without their commune), {self.themes} themes, "
            f"{self.authorities} authorities, {self.holidays} holidays"
        )


@transaction.atomic
def load_gazetteer(*, years: Iterable[int]) -> Loaded:
    """Bring places up to date; add themes, authorities and the years' holidays that are missing.

    What administrators changed in themes, authorities and holidays stays as they left it.
    """
    places = gazetteer.read()
    _load_places(places)
    _load_themes()
    _load_authorities(places)
    _load_holidays(years)
    return Loaded(
        provinces=Province.objects.count(),
        districts=Locality.objects.districts().count(),
        communes=Locality.objects.communes().count(),
        villages=Locality.objects.villages().count(),
        repeated=places.repeated,
        misplaced=places.misplaced,
        themes=Theme.objects.count(),
        authorities=Authority.objects.count(),
        holidays=Holiday.objects.count(),
    )


def _load_places(places: gazetteer.Places) -> None:
    """Write the places that are new or changed."""
    names = ["name_km", "name_en", "sort_key", "aliases"]
    Province.objects.bulk_create(
        places.provinces, update_conflicts=True, unique_fields=["code"], update_fields=names
    )
    fields = [*names, "level", "kind", "province_id", "parent_id"]
    known = {row[0]: row[1:] for row in Locality.objects.values_list("code", *fields)}
    changed = [
        one
        for one in places.localities
        if known.get(one.code) != tuple(getattr(one, name) for name in fields)
    ]
    Locality.objects.bulk_create(
        changed,
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[name.removesuffix("_id") for name in fields],
    )


def _load_themes() -> None:
    rows = gazetteer.data("themes")["theme"]
    themes = [
        Theme(code=row["code"], position=place, **gazetteer.named(row["name_km"], row["name_en"]))
        for place, row in enumerate(rows, start=1)
    ]
    Theme.objects.bulk_create(themes, ignore_conflicts=True)


@dataclass(frozen=True)
class _Office:
    """An authority to be made: its superior by slug, its themes by code."""

    slug: str
    kind: Authority.Kind
    name_km: str
    name_en: str
    province: str | None = None
    locality: str | None = None
    superior: str = ""
    themes: tuple[str, ...] = ()


def _load_authorities(places: gazetteer.Places) -> None:
    """Make the missing authorities, superiors first."""
    known = set(Authority.objects.values_list("slug", flat=True))
    missing = [office for office in _offices(places) if office.slug not in known]
    for kinds in ({"ministry", "administration"}, {"department", "district"}, {"commune"}):
        _make_authorities([office for office in missing if office.kind in kinds])


def _make_authorities(offices: list[_Office]) -> None:
    superiors = {office.superior for office in offices}
    ids = dict(Authority.objects.filter(slug__in=superiors).values_list("slug", "pk"))
    made = Authority.objects.bulk_create(
        Authority(
            slug=office.slug,
            kind=office.kind,
            province_id=office.province,
            locality_id=office.locality,
            superior_id=ids.get(office.superior),
            **gazetteer.named(office.name_km, office.name_en),
        )
        for office in offices
    )
    answers_for = Authority.themes.through
    answers_for.objects.bulk_create(
        answers_for(authority_id=authority.pk, theme_id=theme)
        for authority, office in zip(made, offices, strict=True)
        for theme in office.themes
    )


def _offices(places: gazetteer.Places) -> Iterator[_Office]:
    """Ministries, and all authorities of the founding provinces."""
    for row in gazetteer.data("ministries")["ministry"]:
        yield _Office(
            f"ministry-{row['slug']}",
            Authority.Kind.MINISTRY,
            row["name_km"],
            row["name_en"],
            themes=tuple(row["themes"]),
        )
    founding = gazetteer.data("gazetteer")["founding"]
    for province in places.provinces:
        if province.code in founding:
            yield from _provincial_offices(province)
    for locality in places.localities:
        if locality.province_id in founding and locality.level != Locality.Level.VILLAGE:
            yield _local_office(locality)


def _provincial_offices(province: Province) -> Iterator[_Office]:
    """The province's administration and its departments."""
    code, prefixed_km = province.code, f"{province.prefix_km}{province.name_km}"
    administration = f"{code}-administration"
    yield _Office(
        administration,
        Authority.Kind.ADMINISTRATION,
        f"រដ្ឋបាល{prefixed_km}",
        f"{province.name_en} Provincial Administration",
        code,
    )
    for row in gazetteer.data("departments")["department"]:
        yield _Office(
            f"{code}-{row['slug']}",
            Authority.Kind.DEPARTMENT,
            f"{row['name_km']}{prefixed_km}",
            f"{row['name_en']}, {province.name_en}",
            code,
            superior=administration,
            themes=tuple(row["themes"]),
        )


def _local_office(locality: Locality) -> _Office:
    """A district's administration, or a commune's council."""
    prefixed_km = f"{locality.prefix_km}{locality.name_km}"
    english = f"{locality.name_en} {KINDS_EN[Locality.Kind(locality.kind)]}"
    if locality.level == Locality.Level.DISTRICT:
        return _Office(
            f"{locality.code}-administration",
            Authority.Kind.DISTRICT,
            f"រដ្ឋបាល{prefixed_km}",
            f"{english} Administration",
            locality.province_id,
            locality.code,
            superior=f"{locality.province_id}-administration",
        )
    return _Office(
        f"{locality.code}-council",
        Authority.Kind.COMMUNE,
        f"ក្រុមប្រឹក្សា{prefixed_km}",
        f"{english} Council",
        locality.province_id,
        locality.code,
        superior=f"{locality.parent_id}-administration",
    )


def _load_holidays(years: Iterable[int]) -> None:
    """Add the country's holidays of the years, for an administrator to confirm."""
    days = sorted(years)
    khmer, english = _public_holidays(tuple(days), "km"), _public_holidays(tuple(days), "en_US")
    Holiday.objects.bulk_create(
        (
            Holiday(date=day, name_km=name, name_en=english[day], source=SOURCE_OF_HOLIDAYS)
            for day, name in khmer.items()
        ),
        ignore_conflicts=True,
    )


@cache
def _public_holidays(years: tuple[int, ...], language: str) -> holidays.HolidayBase:
    return holidays.country_holidays("KH", years=years, language=language)


@transaction.atomic
def save_contact(contact: ContactPoint, *, by: "User") -> ContactPoint:
    """Keep a new or changed address of an office; raises PermissionDenied for other people."""
    if not permissions.keeps(by, contact.authority):
        raise PermissionDenied
    act = "change_contact" if contact.pk else "add_contact"
    is_administrator = by.is_role(AuditEntry.Role.ADMINISTRATOR)
    contact.save()
    audit.record(
        f"provinces.{act}",
        contact.authority,
        by=by,
        role=AuditEntry.Role.ADMINISTRATOR if is_administrator else AuditEntry.Role.COORDINATOR,
        contact=contact.pk,
    )
    return contact


@transaction.atomic
def assign_themes(authority: Authority, *, by: "User", themes: Iterable[Theme]) -> Authority:
    """Say for which themes an office answers; the same as before leaves no trace."""
    if not permissions.assigns_themes(by):
        raise PermissionDenied
    locked = Authority.objects.select_for_update(of=("self",)).get(pk=authority.pk)
    before = set(locked.themes.values_list("pk", flat=True))
    chosen = list(themes)
    after = {theme.pk for theme in chosen}
    if before == after:
        return locked
    locked.themes.set(chosen)
    change = {"themes": [sorted(before), sorted(after)]}
    _record_by_administrator("assign_themes", locked, by, change)
    return locked


@transaction.atomic
def add_theme(theme: Theme, *, by: "User") -> Theme:
    """Keep a new theme under its code; the same form sent twice makes one.

    Raises Conflict where the code stands for another theme.
    """
    if not permissions.assigns_themes(by):
        raise PermissionDenied
    _fold_names(theme)
    fields = {name: getattr(theme, name) for name in THEME_FIELDS}
    kept, is_new = Theme.objects.get_or_create(code=theme.code, defaults=fields)
    if is_new:
        _record_by_administrator("add_theme", kept, by, {})
    elif any(getattr(kept, name) != value for name, value in fields.items()):
        raise Conflict(_("Another theme has this code."))
    return kept


@transaction.atomic
def change_theme(theme: Theme, *, by: "User") -> Theme:
    """Keep the new names and place of a theme; the trail says which of them changed."""
    if not permissions.assigns_themes(by):
        raise PermissionDenied
    _fold_names(theme)
    before = Theme.objects.select_for_update().get(pk=theme.pk)
    changed = [name for name in THEME_FIELDS if getattr(before, name) != getattr(theme, name)]
    if changed:
        theme.save()
        _record_by_administrator("change_theme", theme, by, {"fields": changed})
    return theme


THEME_FIELDS = ("name_km", "name_en", "sort_key", "position")


def _fold_names(theme: Theme) -> None:
    """The Khmer name in its one form, and the sort key that belongs to it."""
    theme.name_km = khmer_text.norm(theme.name_km)
    theme.sort_key = sorting.sort_key(theme.name_km)


def _record_by_administrator(
    act: str, subject: Authority | Theme, by: "User", change: dict[str, Any]
) -> None:
    role = AuditEntry.Role.ADMINISTRATOR
    audit.record(f"provinces.{act}", subject, by=by, role=role, **change)
