"""What a session decides on an item: one press, one outcome, and what follows from it.

Each press names itself by a client key, so that sending it again changes nothing, and says which
version of the outcome its recorder saw: none, or the one it corrects.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import Conflict, TransitionError
from forum.models import Session
from issues.actions.agenda import RECORDABLE, lock_session
from issues.actions.move import move_locked
from issues.actions.offices import Charge
from issues.actions.raising import withdraw_locked
from issues.actions.reconsidering import set_aside
from issues.models import AgendaItem, Correction, Issue, Outcome
from issues.workflow import Act
from provinces import workdays

Kind = Outcome.Kind
CORRECTABLE = RECORDABLE | {Session.Status.RELEASED}


@dataclass(frozen=True)
class Said:
    """What was said on an item: the decision, and a commitment with who made it and by when."""

    text: str = ""
    commitment: str = ""
    said_by: str = ""
    said_office_id: int | None = None
    by_on: dt.date | None = None


@dataclass(frozen=True)
class Press:
    """One press of a recorder: its key, and the version it corrects; None for the first record."""

    client_key: uuid.UUID | None = None
    corrects: int | None = None


NOTHING_SAID, FIRST = Said(), Press()
CONTENT = ("kind", "text", "commitment", "said_by", "said_office_id", "by_on", "review_on")


@dataclass
class Turn:
    """An item of a locked session with its locked issue, and the outcome that stands."""

    session: Session
    item: AgendaItem
    issue: Issue | None
    outcome: Outcome | None


@dataclass
class Decision:
    """An outcome to record: its kind, its words and, where it has any, the offices charged."""

    turn: Turn
    kind: Outcome.Kind
    said: Said
    press: Press
    by: User
    now: dt.datetime
    review_on: dt.date | None = None
    charges: Sequence[Charge] | None = None

    def __post_init__(self) -> None:
        """A point without an issue can only be noted: a sentence before anything is kept."""
        if self.turn.issue is None and self.kind != Kind.NOTED:
            raise TransitionError(_("This point is no issue: it can only be noted."))

    @property
    def issue(self) -> Issue:
        """The turn's issue, which only a point that is noted has not."""
        if self.turn.issue is None:
            raise ValueError("this point has no issue")
        return self.turn.issue

    @property
    def columns(self) -> dict[str, Any]:
        """The outcome's content as its columns."""
        return {"kind": self.kind, "review_on": self.review_on} | asdict(self.said)

    @property
    def released_at(self) -> dt.datetime | None:
        """When its referrals leave: with the draft minutes, at once where these are agreed."""
        return self.now if self.turn.session.status == Session.Status.RELEASED else None

    def recorded(self) -> Outcome | None:
        """The outcome, where this very press stands, or stood before somebody corrected it.

        Raises Conflict where the same key came with other words or offices.
        """
        standing, key = self.turn.outcome, self.press.client_key
        if standing is None or key is None:
            return None
        if standing.client_key == key:
            is_same = content_of(standing) == self._content and self._charges_stand(standing)
        else:
            former = standing.corrections.filter(client_key=key)
            before = former.first() if standing.version > 1 else None
            if before is None:
                return None
            is_same = before.before == self._content
        if not is_same:
            raise _said_otherwise()
        return standing

    @property
    def _content(self) -> dict[str, object]:
        return {name: plain(value) for name, value in self.columns.items()}

    def _charges_stand(self, standing: Outcome) -> bool:
        """The same offices, in the same parts and by the same days, were charged with it."""
        if self.charges is None:
            return True
        calendar = workdays.calendar_of(self.turn.session.province_id)
        opened = standing.referrals.filter(referred_at=standing.recorded_at)
        return {(one.authority_id, one.role, one.wanted_on) for one in opened} == {
            (one.authority_id, one.role, calendar.open_from(one.due_on)) for one in self.charges
        }

    def keep(self) -> Outcome:
        """Record the outcome, or put it in the place of the one it corrects."""
        standing = self.turn.outcome
        if standing is None:
            return self._keep_first()
        if standing.version != self.press.corrects:
            raise TransitionError(told_of(standing))
        return self._keep_correction(standing)

    def _keep_first(self) -> Outcome:
        if self.turn.session.status not in RECORDABLE:
            raise TransitionError(
                _("This is not possible now: the session is “%(state)s”.")
                % {"state": self.turn.session.get_status_display()}
            )
        try:
            return Outcome.objects.create(
                item=self.turn.item,
                client_key=self.press.client_key,
                recorded_by=self.by,
                recorded_at=self.now,
                **self.columns,
            )
        except IntegrityError as error:
            if "client_key" in str(error):  # of a press on another item
                raise _said_otherwise() from error
            raise

    def _keep_correction(self, standing: Outcome) -> Outcome:
        """The former words go to the trace, the former effects are taken back."""
        if self.turn.issue is not None:
            self.turn.issue = set_aside(standing, self.turn.issue, by=self.by, now=self.now)
        keep_trace(standing, by=self.by, now=self.now)
        for name, value in self.columns.items():
            setattr(standing, name, value)
        standing.replaced, standing.shown_at = [], None
        standing.client_key = self.press.client_key
        standing.version += 1
        standing.recorded_by, standing.recorded_at = self.by, self.now
        standing.save()
        return standing


def _said_otherwise() -> Conflict:
    return Conflict(_("This press was sent before with other words. Open the page again."))


def told_of(standing: Outcome) -> str:
    """What somebody else recorded meanwhile, for who comes second."""
    latest = standing.corrections.select_related("corrected_by").last()
    return _("Meanwhile %(who)s recorded “%(outcome)s” for this item.") % {
        "who": latest.corrected_by if latest else standing.recorded_by,
        "outcome": standing.get_kind_display(),
    }


def keep_trace(standing: Outcome, *, by: User, now: dt.datetime) -> None:
    """Keep what stands before it is changed."""
    Correction.objects.create(
        outcome=standing,
        version=standing.version,
        before=content_of(standing),
        client_key=standing.client_key,
        recorded_by=standing.recorded_by,
        recorded_at=standing.recorded_at,
        corrected_by=by,
        corrected_at=now,
    )


def content_of(outcome: Outcome) -> dict[str, object]:
    """What an outcome says, as JSON keeps it."""
    return {name: plain(getattr(outcome, name)) for name in CONTENT}


def plain(value: object) -> object:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def take(item: AgendaItem, by: User) -> Turn:
    """The item with its session and issue locked, and what stands: two queries."""
    session = lock_session(item.session_id, by, CORRECTABLE)
    rows = AgendaItem.objects.select_related("outcome", "outcome__recorded_by", "issue")
    if item.issue_id:  # its province joins the issue inwardly: only such a row can be locked
        rows = rows.filter(issue__province=session.province_id)
        # The issue before the item, as who takes an issue off its agendas does.
        rows = rows.select_for_update(of=("issue", "self"), no_key=True)
    held = rows.filter(pk=item.pk, is_heading=False).first()
    if held is None:
        raise TransitionError(_("Meanwhile this item was taken off the agenda."))
    return Turn(session, held, held.issue, getattr(held, "outcome", None))


def move_on(decision: Decision, act: Act, outcome: Outcome, **options: Any) -> Issue:
    """Move the issue by the act that the decision is; ``options`` as of ``move_locked``."""
    trace: dict[str, object] = {"session": decision.turn.session.pk, "outcome": outcome.pk}
    trace |= options.pop("trace", {})
    issue = decision.issue
    return move_locked(issue, act, by=decision.by, now=decision.now, trace=trace, **options)


# --- what was decided ---------------------------------------------------------------------------
@transaction.atomic
def address(
    item: AgendaItem, *, by: User, now: dt.datetime, said: Said, press: Press = FIRST
) -> Outcome:
    """The issue was addressed in the session, in these words; its organization is asked."""
    decision = Decision(take(item, by), Kind.ADDRESSED, said, press, by, now)
    if standing := decision.recorded():
        return standing
    outcome = decision.keep()
    claims = decision.issue.claims + 1
    move_on(decision, Act.ADDRESS, outcome, resolved_at=now, claims=claims)
    return outcome


@transaction.atomic
def defer(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    said: Said = NOTHING_SAID,
    press: Press = FIRST,
) -> Outcome:
    """There was no time: the issue is eligible again for the province's next session."""
    decision = Decision(take(item, by), Kind.DEFERRED, said, press, by, now)
    if standing := decision.recorded():
        return standing
    outcome = decision.keep()
    move_on(decision, Act.DEFER, outcome, deferrals=decision.issue.deferrals + 1)
    return outcome


@transaction.atomic
def note(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    said: Said = NOTHING_SAID,
    press: Press = FIRST,
) -> Outcome:
    """Noted only: a titled point is done, an issue eligible again, a review goes on as it was."""
    decision = Decision(take(item, by), Kind.NOTED, said, press, by, now)
    if standing := decision.recorded():
        return standing
    outcome = decision.keep()
    if decision.turn.issue:
        referred = decision.turn.issue.status == Issue.Status.REFERRED
        to = Issue.Status.REFERRED if referred else Issue.Status.ACCEPTED
        move_on(decision, Act.NOTE, outcome, to=to)
    return outcome


@transaction.atomic
def withdraw_in_session(
    item: AgendaItem, *, by: User, now: dt.datetime, said: Said, press: Press = FIRST
) -> Outcome:
    """The organization took its issue back in the session, for the reason that was said."""
    decision = Decision(take(item, by), Kind.WITHDRAWN, said, press, by, now)
    if standing := decision.recorded():
        return standing
    outcome = decision.keep()
    withdraw_locked(decision.issue, by=by, now=now, reason=said.text)
    return outcome
