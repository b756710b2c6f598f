"""The demonstration's issues, each led through its life by the same acts people use."""

import datetime as dt
import itertools
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from django.utils import timezone

from audit import clock
from config.demonstration import agendas, pictures, written
from config.demonstration.cast import Cast
from config.demonstration.outcomes import Turn, decide
from config.demonstration.people import OWN_THEMES, PROVINCES
from config.demonstration.rounds import NAMESPACE, Rounds
from forum.models import Session
from issues import actions
from issues.models import AgendaItem, Call, Issue, Referral
from provinces.models import Authority

HERE = Path(__file__).parent
FILES = ("issues_a.toml", "issues_b.toml", "issues_c.toml")
DISCLOSURES = ("restricted", "public", "restricted", "public", "confidential", "public")
SEEN = {
    "km": "សូមបញ្ជាក់ចំនួនគ្រួសារ និងឯកសារដែលមាន។",
    "en": "Please tell us how many families, and which papers you have.",
}
TOLD = {
    "km": "បញ្ហានេះត្រូវបានដោះស្រាយតាមវេទិកាផ្សេងរួចហើយ។",
    "en": "This was settled in another forum already.",
}
BACK = {"km": "សហគមន៍ចង់ប្រមូលព័ត៌មានបន្ថែមសិន។", "en": "The community wants to gather more facts first."}


# What becomes of the issues of each province, in turn. A number after the colon is the working
# days an office was given; what stands before it is how far the office has come.
FOUNDING_FATES = (
    "addressed>confirmed", "referred:20>confirmed", "referred:25>lapsed", "addressed>confirmed",
    "referred:20>disputed>confirmed", "referred:15>lapsed", "referred:30>confirmed",
    "referred:20>answered>confirmed",
)  # fmt: skip
PRESENT_FATES = (
    "draft", "submitted", "submitted", "returned", "accepted", "noted", "scheduled",
    "scheduled", "scheduled", "scheduled", "addressed", "taken_back",
    "addressed>disputed", "deferred", "referred:12", "referred:18", "study:40",
    "referred:30>acknowledged", "suspended:45", "referred:38>acknowledged",
    "referred:20>answered", "higher:40", "referred:45>answered",
    "referred:20>resolved", "not_competent:25", "referred:20>confirmed",
    "referred:25>confirmed", "referred:22>disputed", "referred:25>partly", "declined",
    "withdrawn", "outside:10", "submitted",
)  # fmt: skip
BEFORE_SESSION = frozenset({"draft", "submitted", "returned", "declined", "withdrawn", "accepted"})
# What the contract's own representative and official find when they sign in.
OWN_FATES = frozenset({
    "returned", "scheduled", "addressed", "referred:12", "referred:20>resolved",
    "referred:25>confirmed", "draft",
})  # fmt: skip
# Every so many issues: with a photo, kept from its own commune's council, supported.
PICTURED, CONCERNED, SUPPORTED = 6, 11, 3
OFFICES_FATES = (
    "referred:12", "referred:18", "referred:20>answered", "referred:38>acknowledged",
    "referred:45>answered", "referred:20>resolved",
)  # fmt: skip


def load_stories(rounds: Rounds) -> int:
    """Write every issue of the three files; answers how many."""
    cast = Cast()
    rows = defaultdict(list)
    for name in FILES:
        for row in tomllib.loads((HERE / name).read_text())["issue"]:
            rows[row["commune"][:2]].append(row)
    for code in PROVINCES:
        # The themes of the office whose account is shown belong to the forum of today.
        mixed = sorted(_mixed(rows[code]), key=lambda row: row["theme"] in OWN_THEMES)
        cut = len(FOUNDING_FATES)
        _tell(cast, mixed[:cut], FOUNDING_FATES, rounds.founding[code], None)
        written.write_of_founding(cast, rounds.founding[code])
        _tell(cast, mixed[cut:], PRESENT_FATES, rounds.held[code], rounds.coming[code])
    agendas.plan(cast, rounds.coming)
    written.write(cast, rounds.held)
    return sum(map(len, rows.values()))


def _mixed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their themes taken in turn, so that each session has many."""
    by_theme = defaultdict(list)
    for row in rows:
        by_theme[row["theme"]].append(row)
    turns = itertools.zip_longest(*by_theme.values())
    return [row for turn in turns for row in turn if row]


def _tell(
    cast: Cast,
    rows: Iterable[dict[str, Any]],
    fates: Iterable[str],
    held: Session,
    coming: Session | None,
) -> None:
    """Lead a province's issues through one session and, the later ones, to the coming one."""
    stories = [
        Story(cast, row, fate, number, held)
        for number, (row, fate) in enumerate(_paired(list(rows), itertools.cycle(fates)))
    ]
    for story in stories:
        story.come_in(coming)
    discussed = [story for story in stories if story.item]
    _hold(cast, held, discussed)
    for story in discussed:
        story.go_on()


def _paired(
    rows: list[dict[str, Any]], fates: Iterable[str]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each row with its fate; where the office's own themes fit a fate, they take it."""
    own = [row for row in rows if row["theme"] in OWN_THEMES]
    others = [row for row in rows if row["theme"] not in OWN_THEMES]
    for fate in itertools.islice(fates, len(rows)):
        first, second = (own, others) if fate in OFFICES_FATES else (others, own)
        yield (first or second).pop(0), fate


def _hold(cast: Cast, session: Session, discussed: Sequence["Story"]) -> None:
    """Lay out the agenda, record every outcome, agree the draft minutes the day after."""
    agendas.lay_out(cast, session, discussed)
    session.status = Session.Status.OPEN
    session.save(update_fields=["status"])
    for story in discussed:
        story.be_discussed()
    agreed = min(session.ends_at + dt.timedelta(days=1), clock.now())
    actions.release(session, by=cast.coordinator, now=agreed, defer_rest=True)


class Story:
    """One issue's life: how it came in, what the session said, what followed."""

    def __init__(
        self, cast: Cast, row: dict[str, Any], fate: str, number: int, session: Session
    ) -> None:
        self.cast, self.row, self.number, self.session = cast, row, number, session
        self.province = row["commune"][:2]
        first, *self.rest = fate.split(">")
        self.fate, _colon, days = first.partition(":")
        self.days = int(days or 20)
        self.organization = cast.organization(self.province, own=fate in OWN_FATES)
        self.speaker = cast.speakers[self.organization.pk]
        self.item: AgendaItem | None = None
        self.referral: Referral | None = None

    def at(self, days: int, hour: int = 9) -> dt.datetime:
        """So many days from the session's, never later than an hour ago."""
        moment = timezone.localtime(self.session.starts_at) + dt.timedelta(days=days)
        moment = moment.replace(hour=hour, minute=self.number % 60)
        return min(moment, clock.now() - dt.timedelta(hours=1))

    def come_in(self, coming: Session | None) -> None:
        """Draft, submit and triage; put it before its session."""
        recent = self.fate in BEFORE_SESSION - {"declined", "withdrawn"}
        start = self._recent_start() if recent else -40 + self.number % 12
        self._draft(start)
        if self.fate == "draft":
            return
        self.issue = actions.submit(self.issue, by=self.speaker, now=self.at(start + 1))
        self._triage(start + 4, coming)

    def _recent_start(self) -> int:
        """Days from the session to the last weeks before today, spread."""
        away = (clock.today() - timezone.localdate(self.session.starts_at)).days
        return away - 3 - self.number % 17

    def _draft(self, start: int) -> None:
        commune = self.cast.communes[self.row["commune"]]
        disclosure = DISCLOSURES[self.number % len(DISCLOSURES)]
        self.issue = actions.save_draft(
            by=self.speaker,
            now=self.at(start),
            client_key=uuid.uuid5(NAMESPACE, self.row["slug"]),
            village=self.cast.villages.get(commune.pk, ""),
            concerns=self.cast.concerned(commune.pk) if self.number % CONCERNED == 5 else [],
            content={
                "kind": self.row["kind"],
                "title": self.row["title"],
                "text": self.row["text"].strip(),
                "language": self.row["language"],
                "theme": self.cast.themes[self.row["theme"]],
                "province": commune.province,
                "commune": commune,
                "organization": self.organization,
                "people": self.row["people"],
                "women": self.row["women"],
                "disclosure": disclosure,
                "is_named": disclosure == "public" and self.number % 2 == 1,
            },
        )
        if self.number % PICTURED == 1:
            kept = [pictures.photo(self.number % len(pictures.COLORS))]
            actions.add_evidence(self.issue, by=self.speaker, now=self.at(start), files=kept)

    def _triage(self, day: int, coming: Session | None) -> None:
        by, now = self.cast.coordinator, self.at(day)
        words = self.row["language"]
        if self.fate == "returned":
            actions.return_(self.issue, by=by, now=now, question=SEEN[words])
        elif self.fate == "declined":
            actions.decline(self.issue, by=by, now=now, reason=TOLD[words])
        elif self.fate == "withdrawn":
            actions.withdraw(self.issue, by=self.speaker, now=now, reason=BACK[words])
        elif self.fate != "submitted":
            self._accept(day, coming)

    def _accept(self, day: int, coming: Session | None) -> None:
        by = self.cast.coordinator
        self.issue = actions.accept(
            self.issue, by=by, now=self.at(day), priority=(0, 0, 1, 0, 2)[self.number % 5]
        )
        if self.issue.disclosure == Issue.Disclosure.PUBLIC:
            self.issue = actions.publish(self.issue, by=by, now=self.at(day + 1))
        if self.fate == "scheduled" and coming:
            actions.schedule(self.issue, by=by, now=self.at(day + 2), session=coming)
        elif self.fate == "outside":
            self._refer_outside()
        elif self.fate not in BEFORE_SESSION:
            self.item = actions.schedule(
                self.issue, by=by, now=self.at(day + 2), session=self.session
            )

    @property
    def turn(self) -> AgendaItem:
        """Its turn in the session that discussed it."""
        assert self.item  # noqa: S101
        return self.item

    @cached_property
    def office(self) -> Authority:
        """The office that answers for it."""
        commune = self.cast.communes[self.row["commune"]]
        return self.cast.office(self.province, self.row["theme"], commune.parent_id, self.number)

    def _due(self, now: dt.datetime) -> dt.date:
        return self.cast.calendars[self.province].add(timezone.localdate(now), self.days)

    def _refer_outside(self) -> None:
        """Referred without a session, a few days ago; its notice leaves by itself."""
        now = clock.now() - dt.timedelta(days=1)
        actions.refer(
            self.issue,
            by=self.cast.coordinator,
            now=now,
            authority=self.office,
            due_on=self._due(now),
            note=self.row["commitment"],
        )

    def be_discussed(self) -> None:
        """The session's outcome on it."""
        now = self.at(0, 10)
        turn = Turn(
            item=self.turn,
            office=self.office,
            district=self.cast.district(self.row["commune"][:4]),
            ministry=self.cast.ministry(self.row["theme"]),
            due_on=self._due(now),
            language=self.row["language"],
            addressed=self.row["addressed"],
            commitment=self.row["commitment"],
        )
        outcome = decide(self.fate, turn, self.cast, now=now)
        self.referral = outcome.referrals.select_related("authority").first()

    def go_on(self) -> None:
        """What the office and the organization did after the session."""
        if self.referral:
            self.referral.refresh_from_db()
            on = min(timezone.localdate(self.at(2)), clock.today())
            actions.hand_over(self.referral, on=on, now=self.at(2))
            self._ask_for_support()
        for step in self.rest:
            getattr(self, f"_be_{step}")()

    def _ask_for_support(self) -> None:
        """The district stands beside some departments that have not solved it yet."""
        district = self.cast.district(self.row["commune"][:4])
        if self.rest or self.number % SUPPORTED or district == self.referral.authority:
            return
        now = self.at(3)
        supporting = actions.refer(
            self._reload(),
            by=self.cast.coordinator,
            now=now,
            authority=district,
            due_on=self._due(now),
            role=Referral.Role.SUPPORTING,
        )
        actions.hand_over(supporting, on=timezone.localdate(now), now=now)

    def _reload(self) -> Issue:
        self.issue = Issue.objects.get(pk=self.issue.pk)
        return self.issue

    def _official(self) -> Any:
        """The office's official, or the coordinator where the office answered on paper."""
        assert self.referral  # noqa: S101
        return self.cast.official(self.referral.authority)

    def _be_acknowledged(self) -> None:
        if self.referral and (official := self._official()):
            actions.acknowledge(self.referral, by=official, now=self.at(4))

    def _be_answered(self) -> None:
        if self.referral and (official := self._official()):
            self._be_acknowledged()
            actions.respond(
                self.referral,
                by=official,
                now=self.at(6, 14),
                client_key=self._key("answer"),
                text=self.row["answer"],
            )

    def _be_resolved(self) -> None:
        self._resolve(9, "claim")

    def _resolve(self, day: int, word: str) -> None:
        if self.referral is None:
            return
        self.referral.refresh_from_db()
        actions.resolve(
            self.referral,
            by=self._official() or self.cast.coordinator,
            now=self.at(day, 15),
            client_key=self._key(word),
            text=self.row["done"],
            done_on=timezone.localdate(self.at(day)),
        )

    def _key(self, word: str) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, f"{self.row['slug']} {word}")

    def _claim(self) -> None:
        """Report it resolved unless it stands so already."""
        if self._reload().status == Issue.Status.REFERRED:
            again = self.issue.claims > 0
            self._resolve(16 if again else 9, "second claim" if again else "claim")
            self._reload()

    def _be_confirmed(self) -> None:
        self._claim()
        self.issue = actions.confirm(self.issue, by=self.speaker, now=self.at(20))
        if self.issue.published_at:  # again, with what was done
            actions.publish(self.issue, by=self.cast.coordinator, now=self.at(21))

    def _be_disputed(self) -> None:
        self._claim()
        actions.dispute(
            self._reload(), by=self.speaker, now=self.at(12), reason=self.row["dispute"]
        )

    def _be_partly(self) -> None:
        self._claim()
        actions.partly(self.issue, by=self.speaker, now=self.at(14), reason=self.row["dispute"])

    def _be_lapsed(self) -> None:
        """Nobody answered, not even the telephone; it lapses once its time is over."""
        self._claim()
        claimed_at = self.issue.resolved_at
        assert claimed_at  # noqa: S101
        actions.record_call_home(
            self.issue,
            by=self.cast.coordinator,
            now=claimed_at + dt.timedelta(days=60),
            client_key=self._key("call"),
            outcome=Call.Outcome.NO_ANSWER,
        )
        actions.lapse(self.issue, now=claimed_at + dt.timedelta(days=100))
