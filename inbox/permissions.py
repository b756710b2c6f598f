"""Who may act in the inbox; what one may read is only ``QuerySet.visible_to``."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User
from inbox.models import Incoming
from issues.models import Issue

KEEPERS = (Role.COORDINATOR, Role.ADMINISTRATOR)


def opens(user: User | AnonymousUser) -> bool:
    """The user is a coordinator or an administrator."""
    return isinstance(user, User) and any(user.is_role(one) for one in KEEPERS)


def handles(user: User, mail: Incoming) -> bool:
    """The user may say what becomes of the mail: whoever may read it."""
    return opens(user) and Incoming.objects.visible_to(user).filter(pk=mail.pk).exists()


def attaches(user: User, issue: Issue) -> bool:
    """The user is of the issue's secretariat, and reads it."""
    served = Issue.objects.served_by(user) & Issue.objects.visible_to(user)
    return served.filter(pk=issue.pk).exists()


def attaches_any(user: User) -> bool:
    """The user is a coordinator of any province, and so of the secretariat of some issues."""
    return user.is_role(Role.COORDINATOR)
