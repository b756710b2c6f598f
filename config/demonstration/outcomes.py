"""What the demonstration's sessions decided on each issue: every kind of outcome there is."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from config.demonstration.cast import Cast
from issues import actions
from issues.models import AgendaItem, Outcome
from provinces.models import Authority

SPOKEN = {
    "referred": {
        "km": "អង្គប្រជុំសម្រេចប្រគល់ជូន{office} ដើម្បីដោះស្រាយ និងជូនដំណឹងដល់សហគមន៍តាមកាលកំណត់។",
        "en": "It goes to the {office}, to solve it and to tell the community in time.",
    },
    "study": {
        "km": "{office}នឹងចុះពិនិត្យដល់ទីកន្លែង ហើយរាយការណ៍នៅការពិនិត្យឡើងវិញ។",
        "en": "The {office} will go and see the place, and report at the next review.",
    },
    "suspended": {
        "km": "ការងារផ្អាកសិន រហូតដល់ចប់រដូវវស្សា ព្រោះផ្លូវចូលភូមិលិចទឹក។",
        "en": "The work rests until the rains are over: the road to the village is under water.",
    },
    "higher": {
        "km": "បញ្ហានេះហួសសមត្ថកិច្ចខេត្ត ត្រូវលើកជូន{office}ពិនិត្យសម្រេច។",
        "en": "This is beyond what the province may decide: the {office} is asked to.",
    },
    "not_competent": {
        "km": "មន្ទីរដែលត្រូវបានសួរមិនមានសមត្ថកិច្ចលើរឿងនេះទេ; {office}ទទួលបន្ត។",
        "en": "The department that was asked does not answer for this; the {office} takes it on.",
    },
    "withdrawn": {
        "km": "តំណាងអង្គការបានដកបញ្ហានេះវិញក្នុងអង្គប្រជុំ ព្រោះភាគីទាំងពីរបានព្រមព្រៀងគ្នារួចហើយ។",
        "en": "The organization took the issue back: both sides had come to an agreement.",
    },
    "noted": {
        "km": "អង្គប្រជុំបានកត់ត្រាទុក; សហគមន៍នឹងផ្ដល់ឯកសារបន្ថែម មុនអង្គប្រជុំបន្ទាប់។",
        "en": "Noted; the community will hand in more papers before the next session.",
    },
    "deferred": {
        "km": "ពេលវេលាមិនគ្រប់គ្រាន់ លើកទៅអង្គប្រជុំបន្ទាប់។",
        "en": "There was no time left; it waits for the next session.",
    },
}
REVIEWED_AFTER = 30 * dt.timedelta(days=1)


@dataclass(frozen=True)
class Turn:
    """An issue's turn in a session: what is known of it when the session decides."""

    item: AgendaItem
    office: Authority
    district: Authority
    ministry: Authority
    due_on: dt.date
    language: str
    addressed: str
    commitment: str


def title_in(office: Authority, language: str) -> str:
    """Whoever speaks for an office, by title."""
    is_department = office.kind == Authority.Kind.DEPARTMENT
    if language == "en":
        return f"{'Director' if is_department else 'Representative'} of the {office.name_en}"
    return f"{'ប្រធាន' if is_department else 'តំណាង'}{office.name_km}"


def decide(fate: str, turn: Turn, cast: Cast, *, now: dt.datetime) -> Outcome:
    """Record the outcome that the fate names."""
    return _Recorder(turn, cast.coordinator, now).record(fate)


@dataclass(frozen=True)
class _Recorder:
    turn: Turn
    by: User
    now: dt.datetime

    def record(self, fate: str) -> Outcome:
        """The outcome, by the act that recorders use."""
        act = getattr(self, f"_be_{fate}", None)
        return act() if act else self._refer()

    def _words(self, kind: str, office: Authority | None = None) -> str:
        return SPOKEN[kind][self.turn.language].format(office=self._name(office))

    def _name(self, office: Authority | None) -> str:
        office = office or self.turn.office
        return str(office.name_en if self.turn.language == "en" else office.name_km)

    def _said(self, kind: str, office: Authority | None = None) -> actions.Said:
        """The decision with the commitment of the office that was given the issue."""
        turn, by = self.turn, office or self.turn.office
        return actions.Said(
            text=self._words(kind, by),
            commitment=turn.commitment,
            said_by=title_in(by, turn.language),
            said_office_id=by.pk,
            by_on=turn.due_on,
        )

    def _charges(self, office: Authority | None = None) -> list[actions.Charge]:
        return [actions.Charge((office or self.turn.office).pk, self.turn.due_on)]

    def _refer(self) -> Outcome:
        return actions.refer_in_session(
            self.turn.item,
            by=self.by,
            now=self.now,
            charges=self._charges(),
            said=self._said("referred"),
        )

    def _be_addressed(self) -> Outcome:
        said = actions.Said(
            text=self.turn.addressed,
            said_by=title_in(self.turn.office, self.turn.language),
            said_office_id=self.turn.office.pk,
        )
        return actions.address(self.turn.item, by=self.by, now=self.now, said=said)

    def _be_deferred(self) -> Outcome:
        said = actions.Said(text=self._words("deferred"))
        return actions.defer(self.turn.item, by=self.by, now=self.now, said=said)

    def _be_noted(self) -> Outcome:
        said = actions.Said(text=self._words("noted"))
        return actions.note(self.turn.item, by=self.by, now=self.now, said=said)

    def _be_taken_back(self) -> Outcome:
        said = actions.Said(text=self._words("withdrawn"))
        return actions.withdraw_in_session(self.turn.item, by=self.by, now=self.now, said=said)

    def _be_study(self) -> Outcome:
        return actions.study(
            self.turn.item,
            by=self.by,
            now=self.now,
            review_on=timezone.localdate(self.now) + REVIEWED_AFTER,
            charges=self._charges(),
            said=self._said("study"),
        )

    def _be_suspended(self) -> Outcome:
        return actions.suspend(
            self.turn.item,
            by=self.by,
            now=self.now,
            until=timezone.localdate(self.now) + REVIEWED_AFTER,
            charges=self._charges(),
            said=actions.Said(text=self._words("suspended")),
        )

    def _be_higher(self) -> Outcome:
        ministry = self.turn.ministry
        return actions.send_higher(
            self.turn.item,
            by=self.by,
            now=self.now,
            charges=self._charges(ministry),
            said=actions.Said(text=self._words("higher", ministry)),
        )

    def _be_not_competent(self) -> Outcome:
        district = self.turn.district
        return actions.not_competent(
            self.turn.item,
            by=self.by,
            now=self.now,
            charges=self._charges(district),
            said=self._said("not_competent", district),
        )
