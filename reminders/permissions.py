"""Who says how offices are reminded."""

from accounts.models import Role, User


def keeps_policy(user: User) -> bool:
    """The user says which rungs the ladder has, where it climbs by itself, and in which hours."""
    return user.is_role(Role.ADMINISTRATOR)
