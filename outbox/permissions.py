"""Who may act in the outbox; what one may read is only ``QuerySet.visible_to``."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User
from outbox.models import Notice


def serves(user: User, notice: Notice) -> bool:
    """The user coordinates the notice's province, or all of them."""
    return user.serves_all or notice.province_id in user.served_ids


def opens(user: User | AnonymousUser) -> bool:
    """The user is a coordinator, of whichever province."""
    return isinstance(user, User) and user.is_role(Role.COORDINATOR)


def holds_all(user: User | AnonymousUser) -> bool:
    """The user may hold all outbound: an administrator, or a coordinator of all provinces."""
    return isinstance(user, User) and (user.is_role(Role.ADMINISTRATOR) or user.serves_all)


def oversees(user: User | AnonymousUser) -> bool:
    """The user reads how the sending stands: a coordinator or an administrator."""
    return isinstance(user, User) and (opens(user) or user.is_role(Role.ADMINISTRATOR))
