"""What people type for the minutes."""

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from forum.models import Invitation, Presiding
from issues import scans
from issues.files import Kept
from issues.forms.fields import PHOTOS, BareForm, KeyField, LineField, SeenField
from issues.forms.triage import words_field
from khmer import numbers
from minutes.actions import Signature
from minutes.models import REMARK_LENGTH, TEXT_LENGTH
from provinces.fields import DayField


class PassageForm(BareForm):
    """A free passage, against the version that was read."""

    seen = SeenField()
    text = words_field(
        _("Text"),
        _("Leave it empty to leave the passage out. Write titles and offices, no names."),
        max_length=TEXT_LENGTH,
        rows=12,
        required=False,
    )


class NumberForm(BareForm):
    """The number the minutes bear as a letter."""

    number = LineField(label=_("Number of the minutes"), max_length=40, required=False)


class SendForm(BareForm):
    """Until when those invited may comment; ``seen`` is the round that was read."""

    seen = SeenField()
    until = DayField(label=_("Last day for comments"))


class CommentForm(BareForm):
    """What is said on a place of the minutes, for one of the parties the user speaks for."""

    client_key = KeyField()
    invitation = forms.ChoiceField(label=_("For whom you say it"))
    text = words_field(_("Your comment"), max_length=REMARK_LENGTH)

    def __init__(self, *args: object, invitations: Sequence[Invitation], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.invitations = {str(one.pk): one for one in invitations}
        field = self.fields["invitation"]
        field.choices = [(pk, one.party) for pk, one in self.invitations.items()]
        field.initial = next(iter(self.invitations), None)
        if len(self.invitations) == 1:
            field.widget = forms.HiddenInput()

    def clean_invitation(self) -> Invitation:
        return self.invitations[self.cleaned_data["invitation"]]


class AnswerForm(BareForm):
    """Whether a comment is taken up, and why."""

    is_taken_up = forms.TypedChoiceField(
        label=_("Is the comment taken up?"),
        choices=[("yes", _("Taken up")), ("no", _("Not taken up"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = words_field(
        _("Why, in a sentence"), _("Whoever commented reads it."), max_length=REMARK_LENGTH
    )


class ScanField(forms.FileField):
    """A photo or PDF of the signed page; its value is made fit to keep."""

    widget = forms.FileInput(attrs={"accept": f"{PHOTOS},application/pdf"})

    def clean(self, data: object, initial: object = None) -> Kept | None:
        """The scan without metadata; None where none was sent."""
        upload = super().clean(data, initial)
        return scans.keep(upload, upload.size) if upload else None


class ScanForm(BareForm):
    """The scan of the signed page."""

    scan = ScanField(label=_("Photo or PDF of the signed page"))


class ApproveForm(BareForm):
    """Both signatures, and the scan of the page; ``seen`` is the checksum of the draft as read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, titles: dict[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for role in Presiding.Role:
            label = {"role": role.label}
            self.fields[f"title_{role}"] = LineField(
                label=_("%(role)s: title") % label, max_length=200, initial=titles.get(role)
            )
            self.fields[f"name_{role}"] = LineField(
                label=_("%(role)s: name") % label, max_length=200
            )
            self.fields[f"on_{role}"] = DayField(label=_("%(role)s: signed on") % label)
        self.fields["scan"] = ScanField(
            label=_("Photo or PDF of the signed page"),
            help_text=_("It can also be added later."),
            required=False,
        )

    def signed(self) -> dict[str, object]:
        """What was typed, as ``actions.approve`` takes it."""
        data = self.cleaned_data
        signatures = [
            Signature(role.value, data[f"name_{role}"], data[f"title_{role}"], data[f"on_{role}"])
            for role in Presiding.Role
        ]
        return {"signatures": signatures, "scan": data["scan"], "seen": data["seen"]}


class WithdrawForm(BareForm):
    """Why published minutes are withdrawn."""

    because = words_field(
        _("Why they are withdrawn"), _("It stays with the minutes."), max_length=500
    )


class AmendForm(BareForm):
    """A correction of approved minutes, of one item or of the whole."""

    client_key = KeyField()
    item = forms.TypedChoiceField(
        label=_("What it is about"), required=False, coerce=int, empty_value=None
    )
    text_km = words_field(_("Amendment in Khmer"), max_length=TEXT_LENGTH, required=False)
    text_en = words_field(_("Amendment in English"), max_length=TEXT_LENGTH, required=False)
    reason = words_field(_("Reason"), max_length=REMARK_LENGTH)
    on = DayField(label=_("Decided on"))

    def __init__(self, *args: object, items: dict[int, int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [
            ("", _("The minutes as a whole")),
            *((pk, _item(number)) for pk, number in items.items()),
        ]

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        if not self.errors and not (data.get("text_km") or data.get("text_en")):
            raise ValidationError(_("Write the amendment in Khmer or in English."))
        return data


def _item(number: int) -> str:
    return _("Item %(number)s") % {"number": numbers.in_language(number, get_language())}
