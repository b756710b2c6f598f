"""What an administrator types: the rungs of a ladder, whom to try them on, and the hours."""

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from forum.forms.shared import ClockField
from issues.forms.fields import BareForm, LineField, LongField, SeenField
from khmer import numbers
from outbox.models import Channel
from provinces.fields import DayField, NumberField
from provinces.models import Province
from reminders import policy_rules
from reminders.models import Rung
from reminders.policy_words import when

BEFORE, ON, AFTER = "before", "on", "after"
SIDES = (
    (BEFORE, _("working days before the due date")),
    (ON, _("on the due date itself")),
    (AFTER, _("working days after the due date")),
)
SIGNS = {BEFORE: -1, ON: 0, AFTER: 1}
WORDS = ("subject_km", "subject_en", "opening_km", "opening_en")


class RungForm(BareForm):
    """One rung; an untouched new one counts for nothing."""

    use_required_attribute = False

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    days = NumberField(label=_("How many"), required=False, min_value=0, max_value=99)
    side = forms.ChoiceField(label=_("When"), choices=SIDES, initial=AFTER)
    audience = forms.ChoiceField(
        label=_("To whom"), choices=Rung.Audience.choices, initial=Rung.Audience.OFFICIALS
    )
    channel = forms.ChoiceField(
        label=_("By which way"), choices=Channel.choices, initial=Channel.USUAL
    )
    subject_km = LineField(
        label=_("Subject in Khmer"), required=False, max_length=policy_rules.SUBJECT
    )
    opening_km = LongField(
        label=_("Opening paragraph in Khmer"),
        required=False,
        rows=3,
        max_length=policy_rules.OPENING,
    )
    subject_en = LineField(
        label=_("Subject in English"), required=False, max_length=policy_rules.SUBJECT
    )
    opening_en = LongField(
        label=_("Opening paragraph in English"),
        required=False,
        rows=3,
        max_length=policy_rules.OPENING,
    )
    remove = forms.BooleanField(label=_("Remove this rung"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in WORDS:
            self.fields[name].widget.attrs["lang"] = name[-2:]

    @property
    def said(self) -> str:
        """The rung in a few words, as it is typed; nothing where that says nothing yet."""
        days, side = numbers.to_ascii(str(self["days"].value() or "")), self["side"].value()
        audience = dict(Rung.Audience.choices).get(self["audience"].value(), "")
        if side not in SIGNS or (side != ON and not (days.isdecimal() and len(days) < 3)):
            return ""
        return f"{when(SIGNS[side] * int(days or 0))} · {audience}"

    @property
    def is_open(self) -> bool:
        """Whether its fields are shown at once: it is new, or something in it is refused."""
        return bool(self.errors) or not self["pk"].value()

    @property
    def has_own_words(self) -> bool:
        """Whether its words are shown at once: some are its own, or were refused."""
        return any(self[name].value() or name in self.errors for name in WORDS)

    def clean(self) -> dict[str, Any]:
        """The days as a number, whichever side they lie on."""
        data = super().clean() or {}
        if data.get("remove"):  # what is thrown away need not be right
            self._errors = ErrorDict(renderer=self.renderer)
        elif data.get("side") != ON and "days" in data and not data.get("days"):
            self.add_error("days", _("Say how many working days it is."))
        return data

    def rung(self) -> Rung:
        """The rung as it was typed, not kept."""
        typed = self.cleaned_data
        audience = typed.get("audience", "")
        return Rung(
            pk=typed.get("pk"),
            offset=SIGNS[typed.get("side", ON)] * (typed.get("days") or 0),
            audience=audience,
            is_escalation=audience == Rung.Audience.SUPERIOR,
            channel=typed.get("channel", Channel.USUAL),
            **{name: typed.get(name, "") for name in WORDS},
        )


def initial_of(rung: Rung) -> dict[str, Any]:
    """What the form of a rung that stands begins with."""
    side = ON if rung.offset == 0 else BEFORE if rung.offset < 0 else AFTER
    said = {name: getattr(rung, name) for name in ("pk", "audience", "channel", *WORDS)}
    return said | {"days": abs(rung.offset) or None, "side": side}


class BaseLadderFormSet(forms.BaseFormSet):
    """All rungs of a priority, with the rules they keep to together."""

    priority: int

    def clean(self) -> None:
        """Each broken rule at its rung; those of all together above them."""
        kept = self._kept()
        if any(one.errors for one in kept):
            return
        rungs = self.rungs()
        for place, field, sentence in policy_rules.faults(rungs, get_language() or "en"):
            if place is None:
                raise forms.ValidationError(sentence)
            kept[place].add_error(field, sentence)

    def _kept(self) -> list[RungForm]:
        """The rungs that stay: neither removed nor left untouched as they were added."""
        return [
            one for one in self.forms if one.has_changed() and not one.cleaned_data.get("remove")
        ]

    def rungs(self) -> list[Rung]:
        """The ladder as it was typed."""
        found = [one.rung() for one in self._kept()]
        for one in found:
            one.priority = self.priority
        return found


LadderFormSet = forms.formset_factory(
    RungForm, formset=BaseLadderFormSet, extra=0, max_num=40, absolute_max=40
)


def with_new_rung(typed: QueryDict) -> QueryDict:
    """What was typed, with one more rung that is still untouched."""
    data, total = typed.copy(), typed.get("rungs-TOTAL_FORMS", "")
    if total.isascii() and total.isdecimal():
        data["rungs-TOTAL_FORMS"] = str(int(total) + 1)
        for name, field in RungForm.base_fields.items():
            if field.initial:
                data[f"rungs-{total}-{name}"] = field.initial
    return data


class TryForm(BareForm):
    """Which state of the ladder is changed, and on what it is tried."""

    seen = SeenField()
    reference = LineField(
        label=_("Reference of an issue"),
        required=False,
        max_length=20,
        help_text=_("One that an office has in hand. Otherwise choose a date and a province."),
    )
    due_on = DayField(label=_("Due date"), required=False)
    province = forms.ModelChoiceField(Province.objects.all(), label=_("Province"), required=False)


class HoursForm(BareForm):
    """In which hours offices are written to, and how often a person a day."""

    opens = ClockField(label=_("Not before"))
    closes = ClockField(label=_("Not after"))
    most_a_day = NumberField(
        label=_("Single notices a person a day"),
        min_value=1,
        max_value=50,
        help_text=_("What comes beyond that joins one message that lists it."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Hours that begin before they end."""
        data = super().clean() or {}
        opens, closes = data.get("opens"), data.get("closes")
        if opens and closes and opens >= closes:
            self.add_error("closes", _("This must be later than the hour before."))
        return data
