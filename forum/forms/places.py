"""What people type about venues, about who presides and as what, and about a session's team."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.forms.shared import SeenForm, helper_of
from forum.models import Presider, PresidingRole, Session, Venue
from forum.models.places import MOST_SEATS
from provinces.fields import DayField, NumberField
from provinces.models import Honorific, Province


# --- venues -------------------------------------------------------------------------------------
class VenueForm(forms.Form):
    """Name, seats, address, contact and accessibility of a venue."""

    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    capacity = NumberField(
        label=_("Seats"),
        min_value=1,
        max_value=MOST_SEATS,
        required=False,
        help_text=_("Whoever is named beyond this number waits for a place."),
    )
    address_km = forms.CharField(label=_("Address in Khmer"), max_length=300, required=False)
    address_en = forms.CharField(label=_("Address in English"), max_length=300, required=False)
    contact = forms.CharField(
        label=_("Contact"),
        max_length=200,
        required=False,
        help_text=_("An office and its telephone, for the secretariat and the invited."),
    )
    accessibility_km = forms.CharField(
        label=_("Accessibility, in Khmer"), max_length=500, required=False, widget=forms.Textarea
    )
    accessibility_en = forms.CharField(
        label=_("Accessibility, in English"),
        max_length=500,
        required=False,
        widget=forms.Textarea,
        help_text=_("Ramps, stairs, toilets, hearing: what people should know before they come."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of(
            *(name for name in ("seen", "province") if name in self.fields),
            "name_km",
            "name_en",
            "capacity",
            "address_km",
            "address_en",
            "contact",
            "accessibility_km",
            "accessibility_en",
            *(name for name in ("ended_on",) if name in self.fields),
        )


class NewVenueForm(VenueForm):
    """A new venue in one of the provinces the user coordinates."""

    province = forms.ModelChoiceField(label=_("Province"), queryset=Province.objects.none())

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["province"].queryset = served_by(user)


class EditVenueForm(SeenForm, VenueForm):
    """A venue that is there; its province stays."""

    ended_on = DayField(label=_("No longer used since"), required=False)


def initial_of_venue(venue: Venue) -> dict[str, object]:
    """What the form shows of a venue."""
    names = set(EditVenueForm.base_fields) - {"seen"}
    return {name: getattr(venue, name) for name in names} | {"seen": venue.version}


def served_by(user: User):
    """The provinces the user coordinates."""
    rows = Province.objects.all()
    return rows if user.serves_all else rows.filter(pk__in=user.served_ids)


# --- presiders ----------------------------------------------------------------------------------
class PresiderForm(forms.Form):
    """A presider by title, honorific and office."""

    title_km = forms.CharField(label=_("Title in Khmer"), max_length=200)
    title_en = forms.CharField(label=_("Title in English"), max_length=200)
    honorific = forms.ModelChoiceField(
        label=_("Honorific"), queryset=Honorific.objects.all(), required=False
    )
    office = forms.ModelChoiceField(
        label=_("Presides as"), queryset=PresidingRole.objects.all(), required=False
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of(
            *(name for name in ("province",) if name in self.fields),
            "title_km",
            "title_en",
            "honorific",
            "office",
            *(name for name in ("ended_on",) if name in self.fields),
        )


class NewPresiderForm(PresiderForm):
    """A presider of a province; only who serves all may add one of no province."""

    province = forms.ModelChoiceField(label=_("Province"), queryset=Province.objects.none())

    def __init__(self, *args: object, user: User, keeps_all: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        province = self.fields["province"]
        province.queryset = Province.objects.all() if keeps_all else served_by(user)
        if keeps_all:
            province.required, province.empty_label = False, _("All provinces")


class EditPresiderForm(PresiderForm):
    """A presider who is in the list; the province stays."""

    ended_on = DayField(label=_("No longer presides since"), required=False)


def initial_of_presider(presider: Presider) -> dict[str, object]:
    """What the form shows of a presider."""
    return {name: getattr(presider, name) for name in EditPresiderForm.base_fields}


class PresidingRoleForm(forms.Form):
    """The names of a presiding role and its place in the list; its code stays."""

    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    position = NumberField(
        label=_("Place in the list"), min_value=0, max_value=1000, help_text=_("1 stands first.")
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        codes = (name for name in ("code",) if name in self.fields)
        self.helper = helper_of(*codes, "name_km", "name_en", "position")


class NewPresidingRoleForm(PresidingRoleForm):
    """A new presiding role: the form sent twice is one role, as its code is its key."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=30,
        help_text=_("A short Latin word that never changes, as governor."),
    )


# --- the team -----------------------------------------------------------------------------------
class TeamForm(forms.Form):
    """Who of the forum's team goes to the session; who went before may stay."""

    team = forms.ModelMultipleChoiceField(
        label=_("Who goes to this session"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: object, session: Session, **kwargs: object) -> None:
        held = list(session.team.values_list("pk", flat=True))
        super().__init__(*args, initial={"team": held}, **kwargs)
        own = set(session.forum.team.values_list("pk", flat=True)) | set(held)
        self.fields["team"].queryset = User.objects.filter(pk__in=own).order_by("pk")
        self.is_empty = not own
        self.helper = helper_of("team")
