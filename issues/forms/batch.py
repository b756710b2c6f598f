"""A file of many issues."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues.batch import reading
from issues.forms.fields import BareForm, KeyField


class BatchForm(BareForm):
    """One file; ``rows`` holds what was read from it."""

    file = forms.FileField(
        label=_("The filled-in file"),
        help_text=_("Excel (.xlsx) or CSV in UTF-8, up to 5 MB and 2,000 lines."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,text/csv"}),
    )
    client_key = KeyField()
    rows: list[reading.Row]

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > reading.MAX_BYTES:
            raise ValidationError(
                _("The file is over 5 MB. Divide it into several files."), code="too_large"
            )
        self.rows = reading.read(upload.read())
        return upload
