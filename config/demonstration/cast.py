"""Who acts in the demonstration's issues: read once, then looked up."""

import itertools

from django.db.models import Q

from accounts.models import Organization, Role, RoleAssignment, User
from config.demonstration.people import OWN_PROVINCE, OWN_THEMES, PROVINCES
from provinces import workdays
from provinces.models import Authority, Locality, Theme


class Cast:
    """The people, offices and places of the demonstration."""

    def __init__(self) -> None:
        self.coordinator = User.objects.get(username="coordinator")
        self.officials = _by_scope(Role.OFFICIAL, "authority_id")
        self.speakers = _by_scope(Role.REPRESENTATIVE, "organization_id")
        self.themes = Theme.objects.in_bulk()
        places = Locality.objects.filter(province__in=PROVINCES)
        communes = places.communes().select_related("parent", "province")
        self.communes = {one.pk: one for one in communes}
        villages = places.villages().order_by("-code")
        self.villages = dict(villages.values_list("parent", "code"))
        self.calendars = workdays.calendars(PROVINCES)
        self._organizations = {
            code: itertools.cycle(Organization.objects.filter(provinces=code).order_by("pk"))
            for code in PROVINCES
        }
        self._own = Organization.objects.earliest("pk")
        self._offices = list(
            Authority.objects.filter(province__in=PROVINCES, kind=Authority.Kind.DEPARTMENT)
            .annotate(is_own=Q(slug__endswith="-land"))
            .order_by("-is_own", "slug")
            .prefetch_related("themes")
        )
        self._districts = {
            one.locality_id: one
            for one in Authority.objects.filter(
                province__in=PROVINCES, kind=Authority.Kind.DISTRICT
            )
        }

        self._ministries = list(
            Authority.objects.filter(kind=Authority.Kind.MINISTRY).prefetch_related("themes")
        )
        self._councils = {
            one.locality_id: one
            for one in Authority.objects.filter(province__in=PROVINCES, kind=Authority.Kind.COMMUNE)
        }

    def concerned(self, commune: str) -> list[Authority]:
        """The commune's own council, which an issue may be about."""
        return [self._councils[commune]]

    def district(self, code: str) -> Authority:
        """The administration of the district."""
        return self._districts[code]

    def ministry(self, theme: str) -> Authority:
        """A ministry that answers for the theme; where none is known, the first one."""
        rows = self._ministries
        fitting = (one for one in rows if theme in {each.pk for each in one.themes.all()})
        return next(fitting, rows[0])

    def organization(self, province: str, *, own: bool = False) -> Organization:
        """The province's next organization in turn; ``own`` asks for the contract's one."""
        if own and province == OWN_PROVINCE:
            return self._own
        return next(self._organizations[province])

    def office(self, province: str, theme: str, district: str, number: int) -> Authority:
        """A department that answers for the theme; every seventh issue goes to the district."""
        if theme in OWN_THEMES:
            number = 0
        elif number % 7 == 3 and district in self._districts:
            return self._districts[district]
        fitting = [
            one
            for one in self._offices
            if one.province_id == province and theme in {each.pk for each in one.themes.all()}
        ]
        return fitting[number % len(fitting)]

    def official(self, office: Authority) -> User | None:
        """The office's official with an account, if there is one."""
        return self.officials.get(office.pk)


def _by_scope(role: str, scope: str) -> dict[int, User]:
    """The person who holds the role, by what it is held for."""
    rows = RoleAssignment.objects.filter(role=role).select_related("user").order_by("-pk")
    return {getattr(row, scope): row.user for row in rows}
