"""Where the demonstration's sessions are held, and who presides them: titles, never names."""

from dataclasses import dataclass

from forum.models import Presider, PresidingRole, Venue
from provinces.models import Honorific

# Province: name, address and accessibility in both languages, seats, contact.
VENUES = {
    "11": (
        ("សាលប្រជុំសាលាខេត្តមណ្ឌលគិរី", "Meeting hall of the Mondulkiri provincial hall"),
        ("សង្កាត់ស្ពានមានជ័យ ក្រុងសែនមនោរម្យ", "Sangkat Spean Mean Chey, Krong Saen Monourom"),
        (
            "ផ្លូវជម្រាលសម្រាប់រទេះរុញ នៅច្រកខាងកើត; បន្ទប់ទឹកនៅជាន់ផ្ទាល់ដី។",
            "A ramp for wheelchairs at the east door; toilets on the ground floor.",
        ),
        120,
        "ប្រធានការិយាល័យរដ្ឋបាល 000 000 001",
    ),
    "16": (
        ("សាលប្រជុំសាលាខេត្តរតនគិរី", "Meeting hall of the Ratanakkiri provincial hall"),
        ("សង្កាត់ឡាបានសៀក ក្រុងបានលុង", "Sangkat Labansiek, Krong Ban Lung"),
        (
            "សាលនៅជាន់ទី១ មានតែជណ្ដើរ; សូមជូនដំណឹងមុន បើត្រូវការជំនួយ។",
            "The hall is upstairs, with stairs alone; tell us before if you need help.",
        ),
        90,
        "ប្រធានការិយាល័យរដ្ឋបាល 000 000 002",
    ),
    "19": (
        ("សាលប្រជុំសាលាខេត្តស្ទឹងត្រែង", "Meeting hall of the Stung Treng provincial hall"),
        ("សង្កាត់ស្ទឹងត្រែង ក្រុងស្ទឹងត្រែង", "Sangkat Stung Traeng, Krong Stung Traeng"),
        (
            "ចូលបានដោយរទេះរុញ; មានមីក្រូឥតខ្សែពីរ។",
            "Wheelchairs can enter; there are two wireless microphones.",
        ),
        80,
        "ប្រធានការិយាល័យរដ្ឋបាល 000 000 003",
    ),
}
# A district hall that the session without a day might use.
DISTRICT_HALL = (
    "11",
    ("សាលាស្រុកអូររាំង", "District hall of Ou Reang"),
    ("ស្រុកអូររាំង ខេត្តមណ្ឌលគិរី", "Srok Ou Reang, Mondulkiri"),
    ("ចូលបានដោយរទេះរុញ។", "Wheelchairs can enter."),
    45,
    "លេខាធិការស្រុក 000 000 004",
)
CHAIR = ("ប្រធានលេខាធិការដ្ឋានវេទិកា", "Chair of the Forum Secretariat")
DEPUTIES = {
    "11": ("អភិបាលរងខេត្តមណ្ឌលគិរី", "Deputy Governor of Mondulkiri"),
    "16": ("អភិបាលរងខេត្តរតនគិរី", "Deputy Governor of Ratanakkiri"),
    "19": ("អភិបាលរងខេត្តស្ទឹងត្រែង", "Deputy Governor of Stung Treng"),
}


@dataclass(frozen=True)
class Places:
    """Halls and deputy governors by province; the district's hall; the chair of all sessions."""

    halls: dict[str, Venue]
    district_hall: Venue
    chair: Presider
    deputies: dict[str, Presider]


def load_places() -> Places:
    """Make the halls and those who preside."""
    honorific = Honorific.objects.filter(code="excellency").first()
    roles = PresidingRole.objects.in_bulk()
    return Places(
        halls={code: _venue(code, *facts) for code, facts in VENUES.items()},
        district_hall=_venue(*DISTRICT_HALL),
        chair=Presider.objects.create(
            title_km=CHAIR[0], title_en=CHAIR[1], office=roles.get("chair"), honorific=honorific
        ),
        deputies={
            code: Presider.objects.create(
                title_km=km,
                title_en=en,
                province_id=code,
                office=roles.get("deputy-governor"),
                honorific=honorific,
            )
            for code, (km, en) in DEPUTIES.items()
        },
    )


def _venue(
    code: str,
    name: tuple[str, str],
    address: tuple[str, str],
    accessibility: tuple[str, str],
    seats: int,
    contact: str,
) -> Venue:
    return Venue.objects.create(
        province_id=code,
        name_km=name[0],
        name_en=name[1],
        address_km=address[0],
        address_en=address[1],
        accessibility_km=accessibility[0],
        accessibility_en=accessibility[1],
        capacity=seats,
        contact=contact,
    )
