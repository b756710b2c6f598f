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
