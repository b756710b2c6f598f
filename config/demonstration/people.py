"""The demonstration's organizations, offices' people and accounts: titles, never real persons."""

import tomllib
from pathlib import Path

from django.contrib.auth.hashers import make_password

from accounts.models import Organization, Role, RoleAssignment, User
from khmer.sorting import sort_key
from provinces.models import Authority, ContactPoint

HERE = Path(__file__).parent
PASSWORD = "vedika-demo"  # noqa: S105 - printed at every start; only demonstrations have it
PROVINCES = ("11", "16", "19")
OWN_PROVINCE = "11"
OWN_THEMES = frozenset({"land", "indigenous"})
OWN_OFFICE = "11-land"  # the office of official@vedika.example


def load_people() -> None:
    """Make organizations, their representatives, officials and the accounts of the contract."""
    organizations = _organizations()
    hashed = make_password(PASSWORD)
    _secretariat(hashed)
    _representatives(organizations, hashed)
    _officials(hashed)
    _contacts()


def _organizations() -> list[Organization]:
    rows = tomllib.loads((HERE / "organizations.toml").read_text())["organization"]
    made = []
    for row in rows:
        provinces = row.pop("provinces")
        organization = Organization.objects.create(**row, sort_key=sort_key(row["name_km"]))
        organization.provinces.set(provinces)
        made.append(organization)
    return made


def _person(name: str, km: str, en: str, password: str, **scope: object) -> User:
    """An account with an ``example`` address and one role."""
    user = User.objects.create(
        username=name.split("@")[0],
        email=name if "@" in name else f"{name}@vedika.example",
        title_km=km,
        title_en=en,
        password=password,
    )
    RoleAssignment.objects.create(user=user, **scope)
    return user


def _secretariat(password: str) -> None:
    _person(
        "admin@vedika.example",
        "អ្នកគ្រប់គ្រងប្រព័ន្ធ",
        "System administrator",
        password,
        role=Role.ADMINISTRATOR,
    )
    first, *others = PROVINCES
    coordinator = _person(
        "coordinator@vedika.example",
        "អ្នកសម្របសម្រួលលេខាធិការដ្ឋាន",
        "Coordinator of the secretariat",
        password,
        role=Role.COORDINATOR,
        province_id=first,
    )
    for code in others:
        RoleAssignment.objects.create(user=coordinator, role=Role.COORDINATOR, province_id=code)


def _representatives(organizations: list[Organization], password: str) -> None:
    """One person an organization; the first organization's has the contract's account."""
    for number, organization in enumerate(organizations):
        _person(
            f"{'representative' if number == 0 else organization.slug}@vedika.example",
            f"តំណាង{organization.name_km}",
            f"Representative of {organization.name_en}",
            password if number == 0 else make_password(None),
            role=Role.REPRESENTATIVE,
            organization=organization,
        )


def _officials(password: str) -> None:
    """One official for each department and provincial administration of the three provinces."""
    offices = Authority.objects.filter(
        province__in=PROVINCES,
        kind__in=[Authority.Kind.ADMINISTRATION, Authority.Kind.DEPARTMENT],
    ).select_related("province")
    for office in offices:
        if office.slug == "11-administration":
            titles = ("អភិបាលរងខេត្តមណ្ឌលគិរី", "Deputy Governor of Mondulkiri")
            _person(
                "deputy@vedika.example", *titles, password, role=Role.OFFICIAL, authority=office
            )
        elif office.slug == OWN_OFFICE:
            titles = _official_titles(office)
            _person(
                "official@vedika.example", *titles, password, role=Role.OFFICIAL, authority=office
            )
        else:
            _person(
                f"office-{office.slug}",
                *_official_titles(office),
                make_password(None),
                role=Role.OFFICIAL,
                authority=office,
            )


def _official_titles(office: Authority) -> tuple[str, str]:
    return f"មន្ត្រី{office.name_km}", f"Official of the {office.name_en}"


def _contacts() -> None:
    """Offices have a telephone; district administrations an address too, but no account."""
    offices = Authority.objects.filter(
        province__in=PROVINCES, kind__in=[Authority.Kind.DISTRICT, Authority.Kind.DEPARTMENT]
    )
    contacts = []
    for number, office in enumerate(offices, start=1):
        contacts.append(_contact(office, ContactPoint.Channel.PHONE, f"000 000 {number:03d}"))
        if office.kind == Authority.Kind.DISTRICT:
            address = f"{office.slug}@district.example"
            contacts.append(_contact(office, ContactPoint.Channel.EMAIL, address))
    ContactPoint.objects.bulk_create(contacts)


def _contact(office: Authority, channel: str, value: str) -> ContactPoint:
    return ContactPoint(authority=office, channel=channel, value=value)
