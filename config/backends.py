"""Who is signed in: read with what every page of those who keep the outbox shows besides."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists

from accounts.models import User
from outbox.models import Standstill


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Reads a person and whether all outbound is held back in one query."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session; nobody who may no longer sign in."""
        is_held = Exists(Standstill.objects.standing())
        person = User.objects.filter(pk=user_id).annotate(outbound_is_held=is_held).first()
        return person if person and self.user_can_authenticate(person) else None
