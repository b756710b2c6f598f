"""The press that sends the agenda of a session."""

from django import forms

from issues.forms.fields import KeyField


class SendPackForm(forms.Form):
    """By its key the same press sends once."""

    client_key = KeyField()
