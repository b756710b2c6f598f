"""What a page answers whose act did not happen."""

from django import forms
from django.core.exceptions import PermissionDenied

from audit.errors import Conflict


def refused(form: forms.BaseForm, error: Exception) -> int:
    """Say at the form why its act did not happen; the status of the page that shows it again.

    What nobody may do at all is no sentence at a form: PermissionDenied goes on.
    """
    if isinstance(error, PermissionDenied):
        raise error
    form.add_error(None, str(error))
    return status_of(error)


def status_of(error: Exception) -> int:
    """409 for a form that was sent before with other words; other refusals are pages as usual."""
    return 409 if isinstance(error, Conflict) else 200
