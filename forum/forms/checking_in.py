"""What is pressed and typed at the door, one by one or gathered on a device without connection."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from forum.actions.checking_in import Press, WalkIn
from forum.forms.shared import KeyedForm, helper_of
from forum.models import Delegate, Session
from forum.parties import key_of
from forum.turnout import Key, Turnout
from provinces.models import Authority, Honorific

MOST = 500  # rows at once; static/js/checkin.js sends no more
LARGEST_ID = 2**63
UNSURE = dt.timedelta(minutes=1)  # so long a message may be on its way
MALFORMED = (ValueError, TypeError, KeyError, AttributeError)


class Parties:
    """For whom somebody may come, and how people are addressed; looked up once for all rows."""

    def __init__(self, session: Session, turnout: Turnout) -> None:
        asked = [one for one in turnout.lines if one.invitation is not None]
        organizations = Organization.objects.filter(
            provinces=session.province_id, ended_on=None
        ).exclude(pk__in=[one.key[0] for one in asked if one.key[0]])
        authorities = Authority.objects.of_province(session.province_id).exclude(
            pk__in=[one.key[1] for one in asked if one.key[1]]
        )
        invited = {one.value: ("invitation", one.invitation, one.party) for one in asked}
        groups = {
            _("Invited"): invited,
            _("Other authorities"): _named("authority", authorities),
            _("Other organizations"): _named("organization", organizations),
        }
        self.rows = {value: row for rows in groups.values() for value, row in rows.items()}
        self.session = session
        self.asked = {_value_of(one.key): invited[one.value] for one in asked}
        self.choices: list[tuple[Any, Any]] = [("", _("Nobody’s: they came on their own"))]
        self.choices += [
            (label, [(value, str(row[2])) for value, row in rows.items()])
            for label, rows in groups.items()
            if rows
        ]
        self.honorifics = {one.pk: one for one in Honorific.objects.all()}

    def of(self, value: str) -> dict[str, Any]:
        """The party of this value as ``walk_in`` takes it; {} for nobody's."""
        if not self.is_known(value):
            return {}
        name, row, _party = self.rows.get(value) or self.asked.get(value) or self.uninvited[value]
        return {name: row}

    def is_known(self, value: str) -> bool:
        """Whether pages offer it, or offered it before the party was invited or uninvited."""
        return value in self.rows or value in self.asked or value in self.uninvited

    @cached_property
    def uninvited(self) -> dict[str, tuple[str, Any, Any]]:
        """Parties by the invitation they have no more, for devices that saw it."""
        gone = self.session.invitations.exclude(withdrawn_at=None)
        return {
            f"invitation:{one.pk}": (key_of(one)[0], one.party, one.party)
            for one in gone.select_related("organization", "authority")
        }


def check_writable(text: str) -> None:
    """Refuse half a character, as JSON may hold it: no database keeps it."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(_("This holds signs that cannot be kept.")) from error


def _value_of(key: Key) -> str:
    organization_id, authority_id = key
    if organization_id is not None:
        return f"organization:{organization_id}"
    return f"authority:{authority_id}"


def _named(name: str, rows: Any) -> dict[str, tuple[str, Any, Any]]:
    return {f"{name}:{one.pk}": (name, one, one) for one in rows.order_by("sort_key")}


class PartyField(forms.ChoiceField):
    """One of the parties; also one that a device was offered some time ago."""

    is_known: Callable[[str], bool]

    def valid_value(self, value: str) -> bool:
        """Whether it is or was offered."""
        return self.is_known(value)


class WalkInForm(KeyedForm):
    """Somebody who came without being named."""

    party = PartyField(
        label=_("For whom"),
        required=False,
        error_messages={"invalid_choice": _("This organization or office cannot be chosen.")},
    )
    honorific = forms.ChoiceField(
        label=_("Honorific"),
        required=False,
        error_messages={"invalid_choice": _("This honorific is not in the list.")},
    )
    title = forms.CharField(
        label=_("Title or office"),
        max_length=200,
        validators=[check_writable],
        help_text=_("As “deputy village chief”. Names are not asked for."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=Delegate.Sex, widget=forms.RadioSelect)

    def __init__(self, *args: object, parties: Parties, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.parties = parties
        self.fields["party"].choices = parties.choices
        self.fields["party"].is_known = parties.is_known
        self.fields["honorific"].choices = [("", "–")] + [
            (pk, str(one)) for pk, one in parties.honorifics.items()
        ]
        self.helper = helper_of("client_key", "party", "honorific", "title", "sex")

    def walk_in(self, at: dt.datetime) -> WalkIn:
        """What was typed, of somebody who came at that time."""
        data = self.cleaned_data
        return WalkIn(
            client_key=data["client_key"],
            at=at,
            title=data["title"],
            sex=data["sex"],
            honorific=self.parties.honorifics.get(data["honorific"]),
            **self.parties.of(data["party"]),
        )


def press_of(sent: Mapping[str, str], now: dt.datetime) -> Press:
    """The button that was pressed in the list; BadRequest for what the page does not send."""
    is_here = "here" in sent
    try:
        key = uuid.UUID(sent.get("client_key", ""))
        delegate_id = _id_of(int(sent.get("here" if is_here else "gone", "")))
    except ValueError as error:
        raise BadRequest from error
    # One form has many buttons: each of them is a press of its own.
    return Press(uuid.uuid5(key, f"{delegate_id}:{is_here}"), delegate_id, is_here, now)


class Batch(NamedTuple):
    """What a device sends: whose it is, its rows, and those whose form was refused, by key."""

    owner: str
    ticks: list[Press]
    walk_ins: list[WalkIn]
    refused: dict[str, str]


def batch_of(body: bytes, parties: Parties, *, now: dt.datetime) -> Batch:
    """The rows in the JSON that ``static/js/checkin.js`` sends, their times by our clock.

    A row that cannot be read is refused alone; BadRequest where there are no rows at all.
    """
    try:
        sent = json.loads(body)
        owner, rows = sent["owner"], sent["rows"]
        if not isinstance(owner, str) or not isinstance(rows, list) or len(rows) > MOST:
            raise BadRequest
    except (*MALFORMED, RecursionError) as error:
        raise BadRequest from error
    batch, lag = Batch(owner, [], [], {}), _lag(sent, now)
    for row in rows:
        try:
            _sort(row, batch, parties, lag)
        except MALFORMED:
            _refuse(row, batch)
    return batch


def _lag(sent: Mapping[str, Any], now: dt.datetime) -> dt.timedelta:
    """How late the device's clock is by ours; nothing where it does not say its own time."""
    try:
        lag = now - _moment(sent["now"])
    except MALFORMED:
        return dt.timedelta()
    return lag if abs(lag) > UNSURE else dt.timedelta()


def _sort(row: Mapping[str, Any], batch: Batch, parties: Parties, lag: dt.timedelta) -> None:
    """Put the row where it belongs; one of MALFORMED where the script sends no such row."""
    key, at = uuid.UUID(row["key"]), _shifted(_moment(row["at"]), lag)
    if "delegate" in row:
        batch.ticks.append(_press_of(row, key, at))
        return
    names = ("party", "honorific", "title", "sex")
    typed = {name: row.get(name, "") for name in names} | {"client_key": str(key)}
    form = WalkInForm(typed, parties=parties)
    if form.is_valid():
        batch.walk_ins.append(form.walk_in(at))
    else:
        batch.refused[str(key)] = _first_error(form)


def _press_of(row: Mapping[str, Any], key: uuid.UUID, at: dt.datetime) -> Press:
    if not isinstance(row["here"], bool) or type(row["delegate"]) is not int:
        raise ValueError
    return Press(key, _id_of(row["delegate"]), row["here"], at)


def _refuse(row: Any, batch: Batch) -> None:
    """Say that it was not kept, under the key by which the device knows it, if it has any."""
    key = row.get("key") if isinstance(row, dict) else None
    if isinstance(key, str):
        batch.refused[key] = gettext("This could not be kept.")


def _id_of(number: int) -> int:
    if not 0 < number < LARGEST_ID:
        raise ValueError
    return number


def _moment(text: str) -> dt.datetime:
    """A time with its zone; ValueError for any other."""
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ValueError
    return found


def _shifted(at: dt.datetime, lag: dt.timedelta) -> dt.datetime:
    try:
        return at + lag
    except OverflowError as error:
        raise ValueError from error


def _first_error(form: forms.Form) -> str:
    for sentences in form.errors.values():
        return str(sentences[0])
    return gettext("This could not be kept.")
