"""What people type about a session, and who presides it."""

import datetime as dt

from crispy_forms.layout import Row
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.forms.shared import ClockField, KeyedForm, SeenForm, helper_of
from forum.models import Forum, Presider, Presiding, Session, Venue
from provinces.fields import DayField
from provinces.models import Province


class SessionForm(forms.Form):
    """Day, times and venue of a session; without a day it lies in the tray."""

    day = DayField(
        label=_("Day"), required=False, help_text=_("May stay empty: it is placed on the board.")
    )
    starts = ClockField(label=_("Begins at"), help_text=_("In 24 hours, as 08:30."), required=False)
    ends = ClockField(label=_("Ends at"), help_text=_("In 24 hours, as 12:00."), required=False)
    venue = forms.ModelChoiceField(
        label=_("Venue"), queryset=Venue.objects.none(), required=False, empty_label=_("Not set")
    )
    venue_km = forms.CharField(label=_("Or a new venue, in Khmer"), max_length=200, required=False)
    venue_en = forms.CharField(label=_("The new venue in English"), max_length=200, required=False)

    def __init__(self, *args: object, provinces: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        venues = Venue.objects.filter(province__in=provinces).select_related("province")
        self.fields["venue"].queryset = venues.filter(
            Q(ended_on=None) | Q(pk=self.get_initial_for_field(self.fields["venue"], "venue"))
        )
        if len(provinces) > 1:
            self.fields["venue"].label_from_instance = _with_province
        self.helper = helper_of(
            *(name for name in ("client_key", "seen", "province") if name in self.fields),
            "day",
            Row("starts", "ends"),
            "venue",
            Row("venue_km", "venue_en"),
        )

    def clean(self) -> None:
        data = self.cleaned_data
        day, starts, ends = data.get("day"), data.get("starts"), data.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The session ends before it begins."))
        if day and not starts and "starts" not in self.errors:
            self.add_error("starts", _("Say when it begins."))
        if day and not ends and "ends" not in self.errors:
            self.add_error("ends", _("Say when it ends."))
        if not day and (starts or ends) and "day" not in self.errors:
            self.add_error("day", _("Choose the day, or leave both times empty."))
        if data.get("venue") and data.get("venue_km"):
            self.add_error("venue_km", _("Choose a venue, or type a new one, not both."))
        if data.get("venue_en") and not data.get("venue_km"):
            self.add_error("venue_km", _("Give the new venue its Khmer name."))

    def fields_of_session(self) -> dict[str, object]:
        """The cleaned data as ``forum.actions`` takes them."""
        data = dict(self.cleaned_data)
        day, starts, ends = (data.pop(name) for name in ("day", "starts", "ends"))
        new = data.pop("venue_km"), data.pop("venue_en")
        data["starts_at"] = _moment(day, starts) if day else None
        data["ends_at"] = _moment(day, ends) if day else None
        return data | ({"new_venue": new} if new[0] else {})


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, time))


def _with_province(venue: Venue) -> str:
    return f"{venue.province}: {venue}"


def _with_honorific(presider: Presider) -> str:
    return f"{presider.honorific or ''} {presider}".strip()


class NewSessionForm(KeyedForm, SessionForm):
    """A new session in one of the forum's provinces that the user coordinates."""

    province = forms.ModelChoiceField(label=_("Province"), queryset=Province.objects.none())

    def __init__(self, *args: object, forum: Forum, user: User, **kwargs: object) -> None:
        provinces = forum.provinces.all()
        served = provinces if user.serves_all else provinces.filter(pk__in=user.served_ids)
        super().__init__(*args, provinces=[one.pk for one in served], **kwargs)
        self.fields["province"].queryset = served

    def clean(self) -> None:
        super().clean()
        province, venue = self.cleaned_data.get("province"), self.cleaned_data.get("venue")
        if province and venue and venue.province_id != province.pk:
            self.add_error("venue", _("This venue is in another province."))


class EditSessionForm(SeenForm, SessionForm):
    """A session that is there; its province stays."""


def initial_of_session(session: Session) -> dict[str, object]:
    """What the form shows of a session."""
    starts, ends = session.starts_at, session.ends_at
    return {
        "day": session.day,
        "starts": timezone.localtime(starts).time() if starts else None,
        "ends": timezone.localtime(ends).time() if ends else None,
        "venue": session.venue_id,
        "seen": session.version,
    }


class OpenForm(forms.Form):
    """The tick with which a session is opened on another day than its own."""

    confirm = forms.BooleanField(label=_("Open it although today is not its day"), required=False)


class ReasonForm(forms.Form):
    """Why a session is called off, said otherwise before anybody was told."""

    because = forms.CharField(
        label=_("Why does it not take place?"),
        help_text=_(
            "Everybody invited is told this sentence once the cancellation is published, and it"
            " stands on the session's page."
        ),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper_of("because")


class PresidersForm(forms.Form):
    """Who chairs a session and who presides with them."""

    chair = forms.ModelChoiceField(
        label=_("Chair"), queryset=Presider.objects.none(), required=False
    )
    co_presiders = forms.ModelMultipleChoiceField(
        label=_("Co-presiders"),
        queryset=Presider.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: object, session: Session, **kwargs: object) -> None:
        held = {one.presider_id: one.role for one in session.presidings.all()}
        kwargs["initial"] = {
            "chair": next((one for one in held if held[one] == Presiding.Role.CHAIR), None),
            "co_presiders": [one for one in held if held[one] == Presiding.Role.CO_PRESIDER],
        }
        super().__init__(*args, **kwargs)
        standing = Q(ended_on=None) & (Q(province=None) | Q(province=session.province_id))
        for name in self.fields:
            rows = Presider.objects.filter(standing | Q(pk__in=held))
            self.fields[name].queryset = rows.select_related("honorific")
            self.fields[name].label_from_instance = _with_honorific
        self.helper = helper_of("chair", "co_presiders")

    def clean(self) -> None:
        if self.cleaned_data.get("chair") in self.cleaned_data.get("co_presiders", ()):
            self.add_error("co_presiders", _("The chair cannot be a co-presider as well."))

    def roles(self) -> dict[Presider, str]:
        """The chosen presiders, each with the role."""
        chosen: dict[Presider, str] = dict.fromkeys(
            self.cleaned_data["co_presiders"], Presiding.Role.CO_PRESIDER
        )
        if chair := self.cleaned_data["chair"]:
            chosen[chair] = Presiding.Role.CHAIR
        return chosen
