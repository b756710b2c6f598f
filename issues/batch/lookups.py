"""All that the lines of a file name, read once: organizations, themes, places."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from accounts.models import Organization, User
from issues.batch.columns import plain
from khmer import text as khmer_text
from provinces.models import Locality, Province, Theme

# What people write before or behind the name of a place.
WORDS_KM = ("ខេត្ត", "រាជធានី", "ស្រុក", "ក្រុង", "ខណ្ឌ", "ឃុំ", "សង្កាត់", "ភូមិ")
WORDS_EN = (
    "province", "capital", "district", "municipality", "city", "town", "commune", "sangkat",
    "village", "srok", "krong", "khan", "khum", "phum",
)  # fmt: skip
FOLDED_KM = tuple(sorted(map(khmer_text.fold, WORDS_KM), key=len, reverse=True))


def named(typed: str) -> str:
    """The name of a place as it is compared: one spelling, without its kind, without spaces."""
    text = khmer_text.canonical(typed)
    words = [word for word in khmer_text.JOINT.split(text) if word]
    kept = [word for word in words if word not in WORDS_EN] or words
    joined = "".join(kept)
    prefix = next((one for one in FOLDED_KM if joined.startswith(one) and joined != one), "")
    return joined.removeprefix(prefix)


@dataclass
class Lookups:
    """What may be named in a file of this user's, found by code or by name."""

    user: User
    works_in: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        pairs = Organization.provinces.through.objects.values_list("organization", "province")
        for organization, province in pairs:
            self.works_in[organization].add(province)

    # --- organizations ---
    def organizations(self, typed: str) -> list[Organization]:
        """Those of the user's provinces that are named so; the short name goes before."""
        by_slug, by_name = self._organizations
        return [by_slug[typed.casefold()]] if typed.casefold() in by_slug else by_name[plain(typed)]

    @cached_property
    def _organizations(self) -> tuple[dict[str, Organization], dict[str, list[Organization]]]:
        rows = [one for one in Organization.objects.current() if self._is_kept(one)]
        by_name: dict[str, list[Organization]] = defaultdict(list)
        for one in rows:
            for name in {plain(one.name_km), plain(one.name_en)}:
                by_name[name].append(one)
        return {one.slug.casefold(): one for one in rows}, by_name

    def _is_kept(self, organization: Organization) -> bool:
        return self.user.serves_all or bool(self.works_in[organization.pk] & self.user.served_ids)

    # --- themes ---
    def theme(self, typed: str) -> Theme | None:
        """The theme of this code or name."""
        return self._themes.get(plain(typed))

    @cached_property
    def _themes(self) -> dict[str, Theme]:
        rows = list(Theme.objects.all())
        found = {plain(name): one for one in rows for name in (one.name_km, one.name_en)}
        return found | {plain(one.code): one for one in rows}

    # --- places ---
    @cached_property
    def provinces(self) -> dict[str, Province]:
        """Every province by its code."""
        return {one.pk: one for one in Province.objects.all()}

    @cached_property
    def province_codes(self) -> dict[str, str]:
        """The code of every province by code and name."""
        found: dict[str, str] = {}
        for one in self.provinces.values():
            found |= {named(name): one.pk for name in (one.name_km, one.name_en, *one.aliases)}
        return found | {code: code for code in self.provinces}

    @cached_property
    def communes(self) -> dict[str, Locality]:
        """Every commune by its code, with its district and province."""
        rows = Locality.objects.communes().select_related("parent")
        found = {one.pk: one for one in rows}
        for one in found.values():
            one.province = self.provinces[one.province_id]
        return found

    def communes_named(self, typed: str) -> list[Locality]:
        """Communes of this name in all the country."""
        return self._communes_by_name[named(typed)]

    @cached_property
    def _communes_by_name(self) -> dict[str, list[Locality]]:
        return _by_name(self.communes.values())

    def is_district(self, typed: str, district: Locality | None) -> bool:
        """Whether the district is the one that was typed."""
        return district is not None and (typed == district.pk or named(typed) in names_of(district))

    def villages_named(self, typed: str, commune: str) -> list[str]:
        """Codes of the villages of the commune with this code or name."""
        codes = self._villages[commune]
        if typed in codes:
            return [typed]
        return [code for code, names in codes.items() if named(typed) in names]

    @cached_property
    def _villages(self) -> dict[str, dict[str, set[str]]]:
        """The names of each village by commune and code; of the served provinces alone."""
        rows = Locality.objects.villages()
        if not self.user.serves_all:
            rows = rows.filter(province__in=self.user.served_ids)
        found: dict[str, dict[str, set[str]]] = defaultdict(dict)
        fields = ("pk", "parent_id", "name_km", "name_en", "aliases")
        for code, parent, name_km, name_en, aliases in rows.values_list(*fields):
            found[parent][code] = {name_km, name_en, *aliases}
        return _Named(found)


class _Named(dict):  # type: ignore[type-arg]
    """Villages of a commune, their names made comparable when the commune is first asked for."""

    def __init__(self, raw: dict[str, dict[str, set[str]]]) -> None:
        super().__init__()
        self.raw = raw

    def __missing__(self, commune: str) -> dict[str, set[str]]:
        found = {
            code: {named(name) for name in names}
            for code, names in self.raw.get(commune, {}).items()
        }
        self[commune] = found
        return found


def names_of(place: Locality) -> set[str]:
    """Every name of a place, made comparable."""
    return {named(name) for name in (place.name_km, place.name_en, *place.aliases)}


def _by_name(places: Iterable[Locality]) -> dict[str, list[Locality]]:
    found: dict[str, list[Locality]] = defaultdict(list)
    for one in places:
        for name in names_of(one):
            found[name].append(one)
    return found
