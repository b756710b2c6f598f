"""How allauth finds our people: by e-mail address, telephone number or user name."""

import re

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.models import User
from khmer import numbers


def normal_phone(text: str) -> str:
    """A Cambodian number in international form (``+85512345678``); "" where it is none."""
    digits = re.sub(r"[\s().-]", "", numbers.to_ascii(text))
    if re.fullmatch(r"0\d{8,9}", digits):
        digits = "+855" + digits[1:]
    return digits if re.fullmatch(r"\+\d{8,15}", digits) else ""


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_by_phone(self, phone: str) -> User | None:
        number = normal_phone(phone)
        return User.objects.filter(phone=number).first() if number else None

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, True) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone = normal_phone(phone) or None
        user.save(update_fields=["phone"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)
