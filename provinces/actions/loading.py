"""Loading what all other rooms stand on: places, roads, themes, authorities, holidays."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.db import transaction

from provinces import gazetteer
from provinces.actions.roads import load_roads
from provinces.models import (
    Authority,
    Holiday,
    Honorific,
    Listed,
    Locality,
    Province,
    RoadTime,
    Theme,
)
from provinces.models.days import RECKONED

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
    roads: int
    honorifics: int

    def __str__(self) -> str:
        return (
            f"{self.provinces} provinces, {self.districts} districts, {self.communes} communes, "
            f"{self.villages} villages (left out: {self.repeated} with a repeated code, "
            f"{self.misplaced} without their commune), {self.themes} themes, "
            f"{self.authorities} authorities, {self.holidays} holidays, "
            f"{self.roads} roads, {self.honorifics} honorifics"
        )


@transaction.atomic
def load_gazetteer(*, years: Iterable[int]) -> Loaded:
    """Bring places and roads up to date; add what is missing of all that administrators change.

    That is themes, honorifics, authorities and the years' holidays; and the times on the road
    that administrators set stay as they set them.
    """
    places = gazetteer.read()
    _load_places(places)
    _load_listed(Theme, "theme")
    _load_listed(Honorific, "honorific")
    load_roads()
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
        roads=RoadTime.objects.count(),
        honorifics=Honorific.objects.count(),
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


def _load_listed(model: type[Listed], name: str) -> None:
    """Add the rows of the room's own list ``name`` whose code is new."""
    rows = gazetteer.data(f"{name}s")[name]
    made = [
        model(code=row["code"], position=place, **gazetteer.named(row["name_km"], row["name_en"]))
        for place, row in enumerate(rows, start=1)
    ]
    model._default_manager.bulk_create(made, ignore_conflicts=True)


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
    made = [day for year in sorted(years) for day in proposed_holidays(year)]
    Holiday.objects.bulk_create(made, ignore_conflicts=True)


def proposed_holidays(year: int) -> list[Holiday]:
    """The country's holidays of a year as they are reckoned today; not kept, not confirmed."""
    khmer, english = _public_holidays(year, "km"), _public_holidays(year, "en_US")
    return [
        Holiday(date=day, name_km=name, name_en=english[day], source=RECKONED)
        for day, name in sorted(khmer.items())
    ]


@cache
def _public_holidays(year: int, language: str) -> dict[dt.date, str]:
    import holidays

    return dict(holidays.country_holidays("KH", years=year, language=language))
