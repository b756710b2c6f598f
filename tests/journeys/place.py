"""The place of a journey: two provinces, their offices, an organization, and who signs in."""

import io
from dataclasses import dataclass

from PIL import Image

from accounts.models import Organization, Role, User
from forum.models import Presider
from provinces.models import Authority, Locality, Theme
from reminders.actions import seed_policy
from tests.factories import (
    AuthorityFactory,
    LocalityFactory,
    OrganizationFactory,
    PresiderFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    ThemeFactory,
    coordinator_of,
    official_of,
    representative_of,
)

GPS, MAKE = 0x8825, 0x010F
HERE, THERE = "11", "16"
VILLAGE = "11010101"


@dataclass(frozen=True)
class Place:
    """Everything a journey begins with; all else is made by pressing buttons."""

    theme: Theme
    village: Locality
    office: Authority
    concerned: Authority
    organization: Organization
    chair: Presider
    deputy: Presider
    coordinator: User
    representative: User
    official: User
    concerned_official: User


def make_place(language: str) -> Place:
    """Mondulkiri and Ratanakkiri, with everybody reading ``language``."""
    seed_policy()
    here, there = ProvinceFactory(code=HERE), ProvinceFactory(code=THERE)
    village = _village()
    office, concerned = _offices(here, village.parent.parent)
    organization = OrganizationFactory(
        name_km="សមាគមទឹកស្អាត", name_en="Clean Water Association", provinces=[here]
    )
    coordinator = coordinator_of(here, language=language, title_km="អ្នកសម្របសម្រួល")
    RoleAssignmentFactory(user=coordinator, role=Role.COORDINATOR, province=there)
    return Place(
        theme=_theme(office),
        village=village,
        office=office,
        concerned=concerned,
        organization=organization,
        chair=PresiderFactory(title_km="ប្រធានលេខាធិការដ្ឋាន", title_en="Chair of the secretariat"),
        deputy=PresiderFactory(province=here),
        coordinator=coordinator,
        representative=representative_of(organization, language=language),
        official=official_of(office, language=language),
        concerned_official=official_of(concerned, language=language),
    )


def _village() -> Locality:
    names = (
        ("1101", "កែវសីមា", "Kaev Seima"),
        ("110101", "ចុងផ្លាស់", "Chong Phlah"),
        (VILLAGE, "ភូមិស្ងាត់", "Quiet Village"),
    )
    for code, km, en in names:
        place = LocalityFactory(code=code, name_km=km, name_en=en)
    LocalityFactory(code="110201", name_km="ឃុំក្រៅ", name_en="Elsewhere")
    return place


def _offices(province, district) -> tuple[Authority, Authority]:
    """The department that will be asked, below the administration and a ministry; the district."""
    ministry = AuthorityFactory(ministry=True, name_km="ក្រសួងធនធានទឹក", name_en="Water Ministry")
    administration = AuthorityFactory(
        kind=Authority.Kind.ADMINISTRATION,
        province=province,
        superior=ministry,
        name_km="រដ្ឋបាលខេត្តមណ្ឌលគិរី",
        name_en="Mondulkiri Administration",
    )
    office = AuthorityFactory(
        province=province,
        superior=administration,
        name_km="មន្ទីរធនធានទឹក",
        name_en="Department of Water Resources",
    )
    concerned = AuthorityFactory(
        kind=Authority.Kind.DISTRICT,
        province=province,
        locality=district,
        superior=administration,
        name_km="រដ្ឋបាលស្រុកកែវសីមា",
        name_en="Kaev Seima District Administration",
    )
    return office, concerned


def _theme(office: Authority) -> Theme:
    theme = ThemeFactory(code="water", name_km="ទឹក", name_en="Water")
    office.themes.add(theme)
    return theme


def photo(color: str = "green") -> dict[str, object]:
    """A photo that knows where it was taken, as the browser's file input takes it."""
    exif = Image.Exif()
    exif[MAKE] = "Telephone of Bousra"
    exif.get_ifd(GPS).update({1: "N", 2: (12.0, 30.0, 15.0), 3: "E", 4: (107.0, 25.0, 40.0)})
    out = io.BytesIO()
    Image.new("RGB", (640, 480), color).save(out, "JPEG", exif=exif)
    return {"name": "well.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
