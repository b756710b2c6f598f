"""What an administrator writes to let a person be told by another service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressInput(forms.PasswordInput):
    """A line that is legible while it is typed, and never comes back with the page."""

    input_type = "text"


class ServiceAddressForm(forms.Form):
    """An address as apprise writes it; it holds a token."""

    address = forms.CharField(
        label=_("Address at the service"),
        max_length=1000,
        widget=AddressInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        ),
    )

    def __init__(self, *args: Any, allowed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].help_text = _(
            "As apprise writes it. It has to begin with one of these: %(allowed)s. "
            "It is kept sealed and never shown again."
        ) % {"allowed": allowed}
