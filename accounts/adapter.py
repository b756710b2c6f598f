"""How allauth finds our people: by e-mail address, telephone number or user name."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import phones
from accounts.models import User

MISMATCH = _("The name or the password is not right. Please check both and try again.")


def remember_language(response: HttpResponse, user: User) -> None:
    """Let the person's own choice of language, where there is one, win in this browser."""
    if user.language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
        )


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators and coordinators; nobody signs up by themselves."""

    # One sentence for all, so that nobody learns which names exist.
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": MISMATCH,
        "phone_password_mismatch": MISMATCH,
        "username_password_mismatch": MISMATCH,
        "too_many_login_attempts": _(
            "Too many attempts. Please wait five minutes, or ask your coordinator for a new card."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_by_phone(self, phone: str) -> User | None:
        number = phones.normal(phone)
        return User.objects.filter(phone=number).first() if number else None

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, True) if user.phone else None

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Where to after signing in, with the person's language."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_language(response, user)
        return response
