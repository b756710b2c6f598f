"""What is pressed and typed at the door, one by one or gathered on a device without connection."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import BadRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from forum.actions.checking_in import Press, WalkIn
from forum.forms.shared import KeyedForm, helper_of
from forum.models import Delegate, Session
from forum.turnout import Turnout
from provinces.models import Authority, Honorific

MOST = 500  # rows at once; static/js/checkin.js sends no more
LARGEST_ID = 2**63


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
        self.choices: list[tuple[Any, Any]] = [("", _("Nobody’s: they came on their own"))]
        self.choices += [
            (label, [(value, str(row[2])) for value, row in rows.items()])
            for label, rows in groups.items()
            if rows
        ]
        self.honorifics = {one.pk: one for one in Honorific.objects.all()}

    def of(self, value: str) -> dict[str, Any]:
        """The party of this value as ``walk_in`` takes it; {} for nobody's."""
        if value not in self.rows:
            return {}
        name, row, _party = self.rows[value]
        return {name: row}


def _named(name: str, rows: Any) -> dict[str, tuple[str, Any, Any]]:
    return {f"{name}:{one.pk}": (name, one, one) for one in rows.order_by("sort_key")}


class WalkInForm(KeyedForm):
    """Somebody who came without being named."""

    party = forms.ChoiceField(
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
        help_text=_("As “deputy village chief”. Names are not asked for."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=Delegate.Sex, widget=forms.RadioSelect)

    def __init__(self, *args: object, parties: Parties, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.parties = parties
        self.fields["party"].choices = parties.choices
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


def batch_of(body: bytes, parties: Parties) -> Batch:
    """The rows in the JSON that ``static/js/checkin.js`` sends; BadRequest for anything else."""
    try:
        sent = json.loads(body)
        owner, rows = sent["owner"], sent["rows"]
        if not isinstance(owner, str) or not isinstance(rows, list) or len(rows) > MOST:
            raise BadRequest
        ticks = [_press_of(row) for row in rows if "delegate" in row]
        typed = [_typed(row, parties) for row in rows if "delegate" not in row]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadRequest from error
    refused = {str(key): _first_error(form) for key, _at, form in typed if not form.is_valid()}
    walk_ins = [form.walk_in(at) for _key, at, form in typed if form.is_valid()]
    return Batch(owner, ticks, walk_ins, refused)


def _press_of(row: Mapping[str, Any]) -> Press:
    if not isinstance(row["here"], bool) or not isinstance(row["delegate"], int):
        raise BadRequest
    return Press(uuid.UUID(row["key"]), _id_of(row["delegate"]), row["here"], _moment(row["at"]))


def _typed(row: Mapping[str, Any], parties: Parties) -> tuple[uuid.UUID, dt.datetime, WalkInForm]:
    key = uuid.UUID(row["key"])
    names = ("party", "honorific", "title", "sex")
    typed = {name: row.get(name, "") for name in names} | {"client_key": str(key)}
    return key, _moment(row["at"]), WalkInForm(typed, parties=parties)


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


def _first_error(form: forms.Form) -> str:
    for sentences in form.errors.values():
        return str(sentences[0])
    return gettext("This could not be kept.")
