"""The code on a receipt."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareForm
from khmer import numbers, text

CODE_LENGTH = 12
NEITHER = re.compile(r"[\s.\-–]+")


class TrackingForm(BareForm):
    """Twelve figures, however they are grouped, in figures of either script."""

    code = forms.CharField(
        label=_("Tracking code"),
        max_length=40,
        help_text=_("The twelve figures on the receipt."),
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "placeholder": "0000 0000 0000",
                "data-tracking-code": "",
            }
        ),
    )

    def clean_code(self) -> str:
        """The figures alone."""
        typed = text.INVISIBLE.sub("", numbers.to_ascii(self.cleaned_data["code"]))
        figures = NEITHER.sub("", typed)
        if not (figures.isascii() and figures.isdigit() and len(figures) == CODE_LENGTH):
            raise ValidationError(
                _("The code has twelve figures. Type them as they stand on the receipt."),
                code="not_twelve",
            )
        return figures
