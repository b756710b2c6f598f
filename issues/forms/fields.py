"""Fields for what people type: words, keys and files, and forms without a tag of their own."""

import uuid

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from khmer import text as khmer_text

COUNTER = {
    "data-counter": _("{left} characters left"),
    "data-counter-over": _("too long by {over}"),
}


class KeyField(forms.UUIDField):
    """The key the form was given when it was opened, and keeps when it is shown again."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(initial=uuid.uuid4)


class SeenField(forms.IntegerField):
    """The version of a row as the form was opened; without it nobody is found to be faster."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)


class BareHelper(FormHelper):
    """A form without a tag of its own: the page holds the tag, the buttons and the token."""

    form_tag = False
    include_media = False


class LineField(forms.CharField):
    """Words on one line; signs without shape alone are no words."""

    def to_python(self, value: object) -> str:
        """The text; nothing where it has no visible sign."""
        return _visible(super().to_python(value))


def _visible(typed: str) -> str:
    """The text, or nothing where only spaces and signs without shape were typed."""
    return typed if khmer_text.INVISIBLE.sub("", typed).strip() else ""


class LongField(forms.CharField):
    """Text of several lines, counted as the browser counts it: a line break is one character."""

    def __init__(self, *, max_length: int, rows: int = 6, **kwargs: object) -> None:
        widget = forms.Textarea(attrs={"rows": rows} | COUNTER)
        super().__init__(max_length=max_length, widget=widget, **kwargs)

    def to_python(self, value: object) -> str:
        """The text with bare line feeds."""
        return _visible(super().to_python(value).replace("\r\n", "\n").strip())


class FilesInput(forms.FileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


PHOTOS = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
DOCUMENTS = "application/pdf,.docx"
RECORDINGS = "audio/*,.m4a,.mp3,.amr,.3gp,.ogg,.opus,.wav,.webm,.aac"


class FilesField(forms.Field):
    """Several files at once; the value is a list of uploads, none of them looked into yet."""

    widget = FilesInput(attrs={"accept": f"{PHOTOS},{DOCUMENTS},{RECORDINGS}"})
    default_error_messages = {"required": _("Choose at least one file.")}


class BareForm(forms.Form):
    """A plain form with its ``helper``, for ``{% crispy form %}`` inside the page's own tag."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = BareHelper()
