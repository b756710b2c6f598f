"""Who keeps the reference data of the provinces up to date."""

from typing import TYPE_CHECKING

from provinces.models import Authority

if TYPE_CHECKING:
    from accounts.models import User


def keeps(user: "User", authority: Authority) -> bool:
    """The user is an administrator, or a coordinator of the authority's province.

    A ministry is of no province: any coordinator keeps its addresses.
    """
    if user.is_role("administrator"):
        return True
    if authority.province_id is None:
        return user.is_role("coordinator")
    return user.serves(authority.province_id)


def assigns_themes(user: "User") -> bool:
    """The user says which themes there are, and which office answers for which."""
    return user.is_role("administrator")


def reads_themes(user: "User") -> bool:
    """The user may look up the themes and how many offices answer for each."""
    return assigns_themes(user) or user.is_role("coordinator")


def keeps_honorifics(user: "User") -> bool:
    """The user says which honorifics there are."""
    return user.is_role("administrator")


def sets_road_times(user: "User") -> bool:
    """The user says how long the road is between two provinces."""
    return user.is_role("administrator")


def reads_roads(user: "User") -> bool:
    """The user may look up how long the roads are."""
    return sets_road_times(user) or user.is_role("coordinator")


def keeps_holidays(user: "User") -> bool:
    """The user says on which days offices are closed."""
    return user.is_role("administrator")


def sets_superiors(user: "User") -> bool:
    """The user says which authority stands above which."""
    return user.is_role("administrator")
