"""What happened with an issue and where it stands, in words for each audience."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import BY_LINK
from audit.models import AuditEntry, subject_of
from issues.changes import Change, changes_of
from issues.models import (
    Confirmation,
    Interval,
    Issue,
    LinkUse,
    Pressure,
    ProtectedPart,
    Referral,
    Response,
)
from issues.permissions import Audience
from provinces.models import Authority

Role = AuditEntry.Role
INSIDE = (Audience.ORGANIZATION, Audience.SECRETARIAT)
SENTENCES = {
    "draft": gettext_lazy("Begun"),
    "edit": gettext_lazy("Changed"),
    "submit": gettext_lazy("Sent to the secretariat"),
    "return": gettext_lazy("Returned with a question"),
    "reply": gettext_lazy("Question answered"),
    "accept": gettext_lazy("Accepted"),
    "decline": gettext_lazy("Declined"),
    "withdraw": gettext_lazy("Withdrawn"),
    "schedule": gettext_lazy("Put on the agenda of a session"),
    "unschedule": gettext_lazy("Taken off the agenda"),
    "address": gettext_lazy("Addressed in the session"),
    "note": gettext_lazy("Noted in the session"),
    "defer": gettext_lazy("Deferred to a later session"),
    "refer": gettext_lazy("Referred to an office"),
    "hand_over": gettext_lazy("Handed over to the office"),
    "recall": gettext_lazy("Recalled from an office"),
    "acknowledge": gettext_lazy("Received by the office"),
    "record_letter": gettext_lazy("Handed over to the office by letter"),
    "record_call": gettext_lazy("The secretariat called the office"),
    "record_call.home": gettext_lazy("The secretariat called the organization"),
    "correct": gettext_lazy("Corrected by the secretariat"),
    "link": gettext_lazy("Linked with an earlier issue"),
    "step": gettext_lazy("A step was set or done"),
    "step.added": gettext_lazy("A step was added"),
    "step.finished": gettext_lazy("A step was done"),
    "step.dropped": gettext_lazy("A step was dropped"),
    "field_check": gettext_lazy("A visit on the spot was recorded"),
    "report_back": gettext_lazy("The community was told the answer"),
    "derive": gettext_lazy("Begun from another issue"),
    "ask": gettext_lazy("The office asked something"),
    "answer": gettext_lazy("The office's question was answered"),
    "respond": gettext_lazy("The office answered"),
    "draft_answer": gettext_lazy("The office drafted an answer"),
    "approve": gettext_lazy("The office's director approved the answer"),
    "approve.sent_back": gettext_lazy("The office's director sent the draft back"),
    "pause": gettext_lazy("The working days count again"),
    "pause.lapsed": gettext_lazy("Nobody replied in time: the working days count again"),
    "record_answer": gettext_lazy("The secretariat wrote down an answer of the office"),
    "resolve": gettext_lazy("Reported resolved"),
    "confirm": gettext_lazy("Confirmed solved"),
    "dispute": gettext_lazy("Not solved yet"),
    "partly": gettext_lazy("Partly solved"),
    "lapse": gettext_lazy("Closed unconfirmed, after nobody answered"),
    "reopen": gettext_lazy("Taken up again"),
    "merge": gettext_lazy("Goes on in another issue"),
    "unmerge": gettext_lazy("Goes on by itself again"),
    "take_in": gettext_lazy("Another issue was merged into it"),
    "let_go": gettext_lazy("The other issue goes on by itself again"),
    "split": gettext_lazy("Parts became issues of their own"),
    "branch": gettext_lazy("Its part in another province was begun"),
    "cosign": gettext_lazy("Co-signed"),
    "uncosign": gettext_lazy("No longer co-signed"),
    "refuse_cosign": gettext_lazy("Not co-signed: it is not the same matter"),
    "publish": gettext_lazy("Published"),
    "unpublish": gettext_lazy("No longer published"),
    "tighten": gettext_lazy("Shown to fewer people"),
    "concern": gettext_lazy("Marked as concerning an office, which sees nothing of it"),
    "pressured": gettext_lazy("Frozen: the organization was pressured"),
    "lift": gettext_lazy("The freeze was lifted"),
    "comment": gettext_lazy("A comment was written"),
    "redirect": gettext_lazy("Passed on to another office"),
    "redirect.proposed": gettext_lazy("The office says that another should have it"),
    "redirect.refused": gettext_lazy("The office was asked to keep it"),
    "revoke_link": gettext_lazy("A link of the office was revoked"),
    "escalate": gettext_lazy("The superior office was asked for its support"),
    "deescalate": gettext_lazy("Dealt with at the office's own level"),
    "extend": gettext_lazy("More time was given"),
    "extend.asked": gettext_lazy("The office asked for more time"),
    "extend.refused": gettext_lazy("The office was asked to keep the date"),
    "extend.lapsed": gettext_lazy("More time was no longer needed"),
    "add_evidence": gettext_lazy("Files added"),
    "remove_evidence": gettext_lazy("A file removed"),
    "refuse_evidence": gettext_lazy("A file refused: it carried a virus"),
    "transcribe": gettext_lazy("What is said in a recording was written down"),
    "read_protected": gettext_lazy("The protected part was read"),
}
NAMED = {
    "refer": gettext_lazy("Referred to %(office)s"),
    "recall": gettext_lazy("Recalled from %(office)s"),
    "redirect.passed_on": gettext_lazy("Passed on to %(office)s"),
    "hand_over": gettext_lazy("Handed over to %(office)s"),
    "record_letter": gettext_lazy("Handed over to %(office)s by letter"),
}
READINGS = dict(ProtectedPart.Reading.choices)
# What an office reads besides changes of the state: what was done with its own referral.
OF_REFERRALS = {
    "hand_over", "record_letter", "acknowledge", "ask", "answer", "respond", "resolve",
    "record_answer", "redirect", "extend", "pause",
}  # fmt: skip
SAID = {"question": "ask", "answer": "respond", "claim": "resolve", "reply": "answer"}
JUDGED = {"solved": "confirm", "not_solved": "dispute", "partly": "partly"}
# What the secretariat alone is told; comments stand on the page for whom they were written.
# And what would make another organization known to it before that one agreed.
ITS_OWN = {"read_protected", "comment", "take_in", "let_go", "refuse_cosign", "revoke_link"}
# What stays within an office until its director approves.
WITHIN_OFFICE = {"draft_answer", "approve"}
BY_OTHERS = {"issue.cosign", "issue.uncosign", "issue.refuse_cosign"}
BY_RAISER = {"answer", *JUDGED.values()}
# States an issue passes before it is taken in: nobody outside learns of the questions then.
COMING_IN = {Issue.Status.DRAFT, Issue.Status.RETURNED}


@dataclass(frozen=True)
class Event:
    """One line of the timeline; ``spent`` is the whole days in the state that was left."""

    act: str
    at: dt.datetime
    who: str
    sentence: str
    before: str = ""
    after: str = ""
    spent: int | None = None
    text: str = ""
    note: str = ""
    referral_id: int | None = None
    changes: Sequence[Change] = ()

    @property
    def is_change(self) -> bool:
        """Whether the issue changed its state."""
        return bool(self.after)

    @property
    def states(self) -> str:
        """The states before and after in words; empty where the state stayed."""
        if not (self.before and self.after):
            return ""
        return f"{Issue.Status(self.before).label} → {Issue.Status(self.after).label}"


@dataclass(frozen=True)
class Rows:
    """What a timeline is told from, each in the order of time."""

    entries: Sequence[AuditEntry]
    intervals: Sequence[Interval]
    responses: Sequence[Response]
    confirmations: Sequence[Confirmation]
    offices: dict[int, Authority]
    lifted: Sequence[Pressure] = ()
    uses: Mapping[int, LinkUse] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        issue: Issue,
        referrals: Iterable[Referral],
        responses: Sequence[Response],
        confirmations: Sequence[Confirmation],
    ) -> "Rows":
        """The rows of an issue; two queries, more if it was frozen or a link used."""
        rows = AuditEntry.objects.filter(subject=subject_of(issue)).select_related("actor")
        entries, intervals = list(rows), list(issue.intervals.all())
        offices = {one.authority_id: one.authority for one in referrals}
        lifted: list[Pressure] = []
        if any(one.action == "issue.lift" for one in entries):
            lifted = list(issue.pressures.filter(lifted_at__isnull=False))
        through = [one.pk for one in entries if one.actor and one.actor.username == BY_LINK]
        uses: dict[int, LinkUse] = {}
        if through:
            uses = {one.entry_id: one for one in LinkUse.objects.filter(entry__in=through)}
        return cls(entries, intervals, responses, confirmations, offices, lifted, uses)


def tell(rows: Rows, audience: Audience, referral_ids: Collection[int]) -> list[Event]:
    """The timeline from rows that were read already.

    ``referral_ids`` are those whose words an office may read. Who acted is told by role alone;
    an office is named only to the organization and the secretariat.
    """
    if audience == Audience.ROOM:
        return []
    events = _Teller(rows, audience).events()
    if audience in INSIDE:
        hidden = WITHIN_OFFICE if audience == Audience.SECRETARIAT else WITHIN_OFFICE | ITS_OWN
        return [event for event in events if event.act not in hidden]
    own = referral_ids if audience == Audience.OFFICE else ()
    seen = [event for event in events if _is_told_outside(event, own)]
    return [_without_words(event, own) for event in seen]


def _is_told_outside(event: Event, referral_ids: Collection[int]) -> bool:
    if event.is_change:
        return event.act == "submit" or not COMING_IN & {event.before, event.after}
    return event.act in OF_REFERRALS and event.referral_id in referral_ids


def _without_words(event: Event, referral_ids: Collection[int]) -> Event:
    """The event without the words of others than the reader's own office."""
    if event.act == "submit":
        event = replace(event, before="", spent=None)
    return event if event.referral_id in referral_ids else replace(event, text="", note="")


class _Teller:
    """Puts entries, intervals, responses and confirmations together.

    The n-th change of the state left the n-th interval; the n-th answer on a referral belongs
    to the n-th entry of that act. What has no entry (rows brought in from elsewhere) is told too.
    """

    def __init__(self, rows: Rows, audience: Audience) -> None:
        self.rows = rows
        self.is_inside = is_inside = audience in INSIDE
        self.is_secretariat = audience == Audience.SECRETARIAT
        self.left = iter(rows.intervals)
        self.lifted = iter(rows.lifted)
        self.changes = changes_of(rows.entries) if is_inside else {}
        self.said: dict[tuple[str, int], list[Response]] = defaultdict(list)
        for response in rows.responses:
            self.said[(_act_of(response), response.referral_id)].append(response)
        self.judged: dict[str, list[Confirmation]] = defaultdict(list)
        for confirmation in rows.confirmations:
            self.judged[JUDGED[confirmation.verdict]].append(confirmation)

    def events(self) -> list[Event]:
        """All events, the oldest first."""
        told = [self._of_entry(entry) for entry in self.rows.entries]
        told += [_answered(_bare(act), one) for (act, _r), one in _flat(self.said)]
        told += [_judged(_bare(act), one) for act, one in _flat(self.judged)]
        return _without_drafting(sorted(told, key=lambda event: event.at))

    def _of_entry(self, entry: AuditEntry) -> Event:
        act, change = entry.action.removeprefix("issue."), entry.change
        event = Event(
            act=act,
            at=entry.at,
            who=self._who(entry),
            sentence=self._sentence(act, change),
            referral_id=change.get("referral"),
            note=str(READINGS.get(change.get("reason", ""), "")),
            changes=self.changes.get(entry.pk, ()),
        )
        if "status" in change:
            event = self._changed(event, *change["status"])
        if answers := self.said.get((act, change.get("referral", 0))):
            event = _answered(event, answers.pop(0))
        if act == "lift" and (freeze := next(self.lifted, None)):
            event = replace(event, text=freeze.lifted_because)
        if words := self.judged.get(act):
            event = _judged(event, words.pop(0))
        return event

    def _changed(self, event: Event, before: str, after: str) -> Event:
        event, left = replace(event, before=before, after=after), next(self.left, None)
        if left is None or left.status != before or left.left_at is None:
            return event
        return replace(event, at=left.left_at, spent=(left.left_at - left.entered_at).days)

    def _who(self, entry: AuditEntry) -> str:
        """The role alone; inside, the office by its name and who read the protected part."""
        if entry.action in BY_OTHERS:
            return str(gettext_lazy("another organization"))
        if self.is_inside and entry.action == "issue.read_protected":
            return str(entry.actor)
        office = self.rows.offices.get(entry.change.get("authority", 0))
        if self.is_inside and office and entry.role == Role.OFFICIAL:
            return self._of_office(entry, office.name)
        return str(entry.get_role_display())

    def _of_office(self, entry: AuditEntry, office: str) -> str:
        """The office; that nobody signed in for it, and to coordinators who was named."""
        use = self.rows.uses.get(entry.pk)
        if use is None:
            return office
        if not self.is_secretariat:
            return str(gettext_lazy("%(office)s, through the link")) % {"office": office}
        words = gettext_lazy("%(office)s, through the link: %(name)s, %(said)s")
        return str(words) % {"office": office, "name": use.name, "said": use.office}

    def _sentence(self, act: str, change: dict[str, Any]) -> str:
        office = self.rows.offices.get(change.get("authority", 0))
        more = change.get("redirect") or change.get("did")
        step = f"{act}.{more}" if more else act
        if self.is_inside and office and step in NAMED:
            return str(NAMED[step]) % {"office": office.name}
        return str(SENTENCES.get(step, SENTENCES.get(act, act)))


def _without_drafting(events: list[Event]) -> list[Event]:
    """The events without each saved step of the draft, once it was sent."""
    sent = next((one.at for one in events if one.act == "submit"), None)
    if sent is None:
        return events
    return [one for one in events if one.act != "edit" or one.at >= sent]


def _flat(groups: dict[Any, list[Any]]) -> list[tuple[Any, Any]]:
    return [(key, one) for key, rows in groups.items() for one in rows]


def _bare(act: str) -> Event:
    """An event without an entry; its time and words come from its row."""
    role = Role.REPRESENTATIVE if act in BY_RAISER else Role.OFFICIAL
    begun = dt.datetime.min.replace(tzinfo=dt.UTC)
    return Event(act, begun, str(role.label), str(SENTENCES[act]))


def _act_of(response: Response) -> str:
    """The act by which it was said; what an office said otherwise is written down for it."""
    is_recorded = response.on_behalf and response.kind == Response.Kind.ANSWER
    return "record_answer" if is_recorded else SAID[response.kind]


def _answered(event: Event, response: Response) -> Event:
    return replace(
        event, at=response.created_at, text=response.text, referral_id=response.referral_id
    )


def _judged(event: Event, confirmation: Confirmation) -> Event:
    return replace(
        event, at=confirmation.created_at, text=confirmation.reason, note=confirmation.how_told
    )


# --- where it stands ----------------------------------------------------------------------------
STANDS = {
    "draft": gettext_lazy("This is a draft: only your organization sees it."),
    "submitted": gettext_lazy("The secretariat is reading it."),
    "returned": gettext_lazy("The secretariat has asked its organization a question."),
    "accepted": gettext_lazy("It is accepted and waits for a session or an office."),
    "scheduled": gettext_lazy("It is on the agenda of a session."),
    "referred": gettext_lazy("It is with the office that can solve it."),
    "resolved": gettext_lazy("It is reported resolved; its organization has not confirmed it yet."),
    "confirmed": gettext_lazy("It is solved, and its organization has confirmed it."),
    "partly": gettext_lazy("It is partly solved; what remains goes on as another issue."),
    "unconfirmed": gettext_lazy("It was reported resolved and closed; nobody has confirmed it."),
    "declined": gettext_lazy("The secretariat has declined it."),
    "withdrawn": gettext_lazy("Its organization has withdrawn it."),
    "merged": gettext_lazy("It goes on together with another issue."),
}


def stands(issue: Issue) -> str:
    """Where the issue stands, in one sentence that any audience may read."""
    return str(STANDS[issue.closed_as or issue.status])
