"""What people type about forums, sessions, invitations and attendance."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from forum.actions import Tally
from forum.models import Forum, Invitation, Presider, Presiding, Session
from provinces.fields import DayField, NumberField, in_ascii
from provinces.models import Authority, Province

MOST_PEOPLE = 10_000


class ClockField(forms.TimeField):
    """A time of day in 24 hours from the browser's own time input, or typed."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    input_formats = ("%H:%M", "%H:%M:%S", "%H.%M")

    def to_python(self, value: object) -> dt.time | None:
        return super().to_python(in_ascii(value))


def _helper(*rows: object) -> FormHelper:
    """A layout inside a form tag that the template owns."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*rows)
    return helper


class KeyedForm(forms.Form):
    """A form for something new: its key makes it once, however often it is sent."""

    client_key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def clean_client_key(self) -> uuid.UUID:
        return self.cleaned_data["client_key"] or uuid.uuid4()


class SeenForm(forms.Form):
    """A form for something that is there: it knows which version of it was read."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


# --- forums -------------------------------------------------------------------------------------
class ForumForm(forms.Form):
    """Names, days and provinces of a forum."""

    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    provinces = forms.ModelMultipleChoiceField(
        label=_("Provinces"),
        queryset=Province.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    about_km = forms.CharField(
        label=_("About, in Khmer"), max_length=2000, required=False, widget=forms.Textarea
    )
    about_en = forms.CharField(
        label=_("About, in English"), max_length=2000, required=False, widget=forms.Textarea
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = _helper(
            *(name for name in ("client_key", "seen") if name in self.fields),
            "name_km",
            "name_en",
            Row("starts_on", "ends_on"),
            "provinces",
            "about_km",
            "about_en",
        )

    def clean_provinces(self) -> list[Province]:
        chosen = list(self.cleaned_data["provinces"])
        if not any(self.user.serves(one.pk) for one in chosen):
            raise ValidationError(_("Choose at least one province you coordinate."))
        return chosen

    def clean(self) -> None:
        starts_on, ends_on = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day lies before the first day."))


class NewForumForm(KeyedForm, ForumForm):
    """A new forum."""


class EditForumForm(SeenForm, ForumForm):
    """A forum that is there."""


def initial_of_forum(forum: Forum) -> dict[str, object]:
    """What the form shows of a forum."""
    names = ("name_km", "name_en", "about_km", "about_en", "starts_on", "ends_on")
    return {name: getattr(forum, name) for name in names} | {
        "provinces": list(forum.provinces.all()),
        "seen": forum.version,
    }


# --- sessions -----------------------------------------------------------------------------------
class SessionForm(forms.Form):
    """Day, times and venue of a session; its cleaned data hold ``starts_at`` and ``ends_at``."""

    day = DayField(label=_("Day"))
    starts = ClockField(label=_("Begins at"), help_text=_("In 24 hours, as 08:30."))
    ends = ClockField(label=_("Ends at"), help_text=_("In 24 hours, as 12:00."))
    venue_km = forms.CharField(label=_("Venue in Khmer"), max_length=200)
    venue_en = forms.CharField(label=_("Venue in English"), max_length=200, required=False)

    def __init__(self, *args: object, forum: Forum, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.forum = forum
        self.fields["day"].widget.attrs |= {
            "min": forum.starts_on.isoformat(),
            "max": forum.ends_on.isoformat(),
        }
        self.helper = _helper(
            *(name for name in ("client_key", "seen", "province") if name in self.fields),
            "day",
            Row("starts", "ends"),
            "venue_km",
            "venue_en",
        )

    def clean_day(self) -> dt.date:
        day = self.cleaned_data["day"]
        if not self.forum.starts_on <= day <= self.forum.ends_on:
            raise ValidationError(_("Choose a day of the forum."))
        return day

    def clean(self) -> None:
        data = self.cleaned_data
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The session ends before it begins."))

    def fields_of_session(self) -> dict[str, object]:
        """The cleaned data as ``forum.actions`` takes them."""
        data = dict(self.cleaned_data)
        day = data.pop("day")
        data["starts_at"] = _moment(day, data.pop("starts"))
        data["ends_at"] = _moment(day, data.pop("ends"))
        return data


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, time))


class NewSessionForm(KeyedForm, SessionForm):
    """A new session in one of the forum's provinces that the user coordinates."""

    province = forms.ModelChoiceField(label=_("Province"), queryset=Province.objects.none())

    def __init__(self, *args: object, forum: Forum, user: User, **kwargs: object) -> None:
        super().__init__(*args, forum=forum, **kwargs)
        provinces = forum.provinces.all()
        served = provinces if user.serves_all else provinces.filter(pk__in=user.served_ids)
        self.fields["province"].queryset = served


class EditSessionForm(SeenForm, SessionForm):
    """A session that is there; its province stays."""


def initial_of_session(session: Session) -> dict[str, object]:
    """What the form shows of a session."""
    return {
        "day": session.day,
        "starts": timezone.localtime(session.starts_at).time(),
        "ends": timezone.localtime(session.ends_at).time(),
        "venue_km": session.venue_km,
        "venue_en": session.venue_en,
        "seen": session.version,
    }


class OpenForm(forms.Form):
    """The tick with which a session is opened on another day than its own."""

    confirm = forms.BooleanField(label=_("Open it although today is not its day"), required=False)


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
            self.fields[name].queryset = Presider.objects.filter(standing | Q(pk__in=held))
        self.helper = _helper("chair", "co_presiders")

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


class PresiderForm(forms.Form):
    """A presider who is not in the list yet."""

    title_km = forms.CharField(label=_("Title in Khmer"), max_length=200)
    title_en = forms.CharField(label=_("Title in English"), max_length=200)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper("title_km", "title_en")


# --- who is invited, who came -------------------------------------------------------------------
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
        self.helper = _helper("organizations", "authorities", "quota")

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
        self.helper = _helper("status")


class AttendanceRow(NamedTuple):
    """One line of the attendance table."""

    invitation: Invitation
    total: forms.BoundField
    women: forms.BoundField


class AttendanceForm(forms.Form):
    """Total and women for each invited party; only the lines somebody changed are written."""

    def __init__(
        self,
        *args: object,
        invitations: Sequence[Invitation],
        counts: dict[tuple[int | None, int | None], tuple[int, int]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.invitations = invitations
        for one in invitations:
            total, women = counts.get((one.organization_id, one.authority_id), (None, None))
            self.fields[f"total_{one.pk}"] = _count_field(_("People"), total)
            self.fields[f"women_{one.pk}"] = _count_field(_("Of whom women"), women)

    def rows(self) -> list[AttendanceRow]:
        """The table's lines in the order of the invitations."""
        return [
            AttendanceRow(one, self[f"total_{one.pk}"], self[f"women_{one.pk}"])
            for one in self.invitations
        ]

    def clean(self) -> None:
        for one in self.invitations:
            total, women = self._pair(one)
            if women is not None and total is None and f"total_{one.pk}" not in self.errors:
                self.add_error(f"total_{one.pk}", _("Say how many people came in all."))
            elif total is not None and women is None and f"women_{one.pk}" not in self.errors:
                self.add_error(f"women_{one.pk}", _("Say how many of them were women."))
            elif total is not None and women is not None and women > total:
                self.add_error(f"women_{one.pk}", _("There cannot be more women than people."))

    def tallies(self) -> list[Tally]:
        """The lines that differ from what the page showed."""
        changed = {name.split("_")[1] for name in self.changed_data}
        return [Tally(one, *self._pair(one)) for one in self.invitations if str(one.pk) in changed]

    def _pair(self, invitation: Invitation) -> tuple[int | None, int | None]:
        data = self.cleaned_data
        return data.get(f"total_{invitation.pk}"), data.get(f"women_{invitation.pk}")


def _count_field(label: str, value: int | None) -> NumberField:
    # The hidden initial value tells what this person saw from what another wrote meanwhile.
    return NumberField(
        label=label,
        initial=value,
        min_value=0,
        max_value=MOST_PEOPLE,
        required=False,
        show_hidden_initial=True,
    )
