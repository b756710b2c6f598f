"""What people type about who is invited, and what they answer."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from forum.forms.shared import helper_of
from forum.models import Invitation, Session
from provinces.fields import NumberField
from provinces.models import Authority


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
        self.helper = helper_of("organizations", "authorities", "quota")

    def clean(self) -> None:
        if not self.cleaned_data.get("organizations") and not self.cleaned_data.get("authorities"):
            raise ValidationError(_("Choose whom to invite."))


def _named(rows, q: str):
    """The rows in whose names the words stand."""
    return rows.filter(Q(name_km__icontains=q) | Q(name_en__icontains=q)) if q else rows


class AnswerForm(forms.Form):
    """Whether the invited party comes."""

    status = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            (value, label)
            for value, label in Invitation.Status.choices
            if value != Invitation.Status.PENDING
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of("status")
