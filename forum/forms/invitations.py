"""What people type about who is invited, and what they answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.boundfield import BoundWidget
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Organization
from forum.forms.shared import helper_of
from forum.models import Invitation, Session
from provinces.fields import NumberField
from provinces.models import Authority

Kind = Authority.Kind
KINDS = {
    Kind.ADMINISTRATION: _("Provincial administration"),
    Kind.DEPARTMENT: _("Provincial departments"),
    Kind.DISTRICT: _("Districts"),
    Kind.COMMUNE: _("Communes and sangkats"),
    Kind.MINISTRY: _("Ministries"),
}
FIRST = (Kind.ADMINISTRATION, Kind.DEPARTMENT)


@dataclass(frozen=True)
class Group:
    """Parties of one kind, each a box to tick; unfolded where they come first or one is ticked."""

    label: str | Promise
    choices: list[BoundWidget]
    is_first: bool = False

    @property
    def is_open(self) -> bool:
        """Nothing that was chosen is folded away."""
        return self.is_first or any(one.data["selected"] for one in self.choices)


class InviteForm(forms.Form):
    """Organizations and authorities to invite, with the places each may fill."""

    organizations = forms.ModelMultipleChoiceField(
        label=_("Organizations"),
        queryset=Organization.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    authorities = forms.ModelMultipleChoiceField(
        label=_("Authorities"),
        queryset=Authority.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    quota = NumberField(label=_("Places for each"), min_value=1, max_value=200, initial=2)

    def __init__(
        self, *args: object, session: Session, asked: Iterable[Invitation], q: str, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        organizations = Organization.objects.filter(ended_on=None)
        if not q:
            organizations = organizations.filter(provinces=session.province_id)
        authorities = Authority.objects.of_province(session.province_id)
        if not self.is_bound:  # one invited in the meantime is no mistake of who sends the form
            organizations = organizations.exclude(invitations__in=asked)
            authorities = authorities.exclude(invitations__in=asked)
        self.fields["organizations"].queryset = _named(organizations, q)
        self.fields["authorities"].queryset = _named(authorities, q)

    def groups(self) -> list["Group"]:
        """Whom one may choose, by kind, those first that are mostly meant; none that is empty."""
        by_kind: dict[str, list[BoundWidget]] = {}
        for one in self["authorities"]:
            by_kind.setdefault(one.data["value"].instance.kind, []).append(one)
        found = [Group(_("Organizations"), list(self["organizations"]), is_first=True)]
        for kind, label in KINDS.items():
            found.append(Group(label, by_kind.get(kind, []), is_first=kind in FIRST))
        return [one for one in found if one.choices]

    def clean(self) -> None:
        if not self.cleaned_data.get("organizations") and not self.cleaned_data.get("authorities"):
            raise ValidationError(_("Choose whom to invite."))


def _named(rows, q: str):
    """The rows in whose names the words stand."""
    return rows.filter(Q(name_km__icontains=q) | Q(name_en__icontains=q)) if q else rows


class SendForm(forms.Form):
    """Which drafts were shown before the press that sends them."""

    expected = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        error_messages={
            "invalid_choice": _("Meanwhile the list has changed: look again before you send.")
        },
    )

    def __init__(self, *args: object, session: Session, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        drafts = session.invitations.filter(released_at=None).values_list("pk", flat=True)
        self.fields["expected"].choices = [(pk, pk) for pk in drafts]


class AnswerForm(forms.Form):
    """Whether the invited party comes; ``named``: how many delegates of theirs still stand.

    ``seen`` is the sequence of the session that was read: nobody answers a day unseen.
    """

    status = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            (value, label)
            for value, label in Invitation.Status.choices
            if value != Invitation.Status.PENDING
        ],
        widget=forms.RadioSelect,
    )

    confirmed = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1
    )

    def __init__(self, *args: object, named: int = 0, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.named = named
        self.asks_again = False

    def clean(self) -> None:
        """Who has named delegates says twice that nobody comes, and sees how many are lost."""
        given = self.cleaned_data.get("status"), self.cleaned_data.get("confirmed")
        if self.named and given[0] == Invitation.Status.DECLINED and given[1] != self.named:
            self.asks_again = True
            raise ValidationError(
                ngettext(
                    "If nobody comes, the %(number)d delegate who was named is taken off the list.",
                    "If nobody comes, the %(number)d delegates who were named are taken off the "
                    "list.",
                    self.named,
                )
                % {"number": self.named}
            )


class InvitedFilterForm(forms.Form):
    """Which of the invitations are listed; read from the query string, all of it optional."""

    SENTENCE = _("All")

    q = forms.CharField(label=_("Search by name"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", SENTENCE),
            ("draft", _("Not sent yet")),
            *Invitation.Status.choices,
            ("former", _("Answered for a former day")),
            ("withdrawn", _("Withdrawn")),
        ],
    )
    kind = forms.ChoiceField(
        label=_("Invited"),
        required=False,
        choices=[
            ("", SENTENCE),
            ("organization", _("Organizations")),
            ("authority", _("Authorities")),
        ],
    )

    def chosen(self) -> dict[str, str]:
        """What is asked for; a value that is none is not asked for."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class QuotaForm(forms.Form):
    """How many places an invited party may fill."""

    quota = NumberField(label=_("Places"), min_value=1, max_value=200)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of("quota")


LINE_LENGTH = 150
LINES = ("lunar", "solar", "english")


class DateLinesForm(forms.Form):
    """The date lines of a letter as they will be printed; an empty one is left out."""

    lunar = forms.CharField(label=_("Lunar date, in Khmer"), required=False, max_length=LINE_LENGTH)
    solar = forms.CharField(
        label=_("Place and date, in Khmer"), required=False, max_length=LINE_LENGTH
    )
    english = forms.CharField(
        label=_("Place and date, in English"), required=False, max_length=LINE_LENGTH
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lunar"].widget.attrs["lang"] = "km"
        self.fields["solar"].widget.attrs["lang"] = "km"
        self.fields["english"].widget.attrs["lang"] = "en"
        self.helper = helper_of(*LINES)

    def typed(self) -> dict[str, str | None]:
        """The lines that came, as ``papers.letter_of`` takes them; None for one that did not."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) if name in self.data else None for name in LINES}


class LettersForm(DateLinesForm):
    """Which letters of a session to print, and their date lines."""

    which = forms.ChoiceField(
        label=_("Letters"),
        choices=[
            ("all", _("All")),
            ("drafts", _("Only those not sent yet, as drafts")),
            ("not_handed_over", _("Only those not handed over yet")),
        ],
        widget=forms.RadioSelect,
    )
    own_dates = forms.BooleanField(
        label=_("Each with the day on which it was sent"), required=False, initial=True
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of("which", "own_dates", *LINES)

    def typed(self) -> dict[str, str | None]:
        """The lines typed for all of them; none where each keeps its own."""
        lines = super().typed()
        own = self.cleaned_data.get("own_dates")
        return {name: None if own else text for name, text in lines.items()}
