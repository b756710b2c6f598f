"""The table of acts on a session: from which states, to which, and what else must hold."""

from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.errors import TransitionError
from forum import permissions
from forum.models import Reader, Session

S = Session.Status


class Act(StrEnum):
    """What a coordinator may do with a session; each is a function of ``forum.actions``."""

    EDIT = "edit_session"
    CANCEL = "cancel_session"
    REWORD = "reword_cancellation"
    REINSTATE = "reinstate_session"
    OPEN = "open_session"
    SET_PRESIDERS = "set_presiders"
    SET_TEAM = "set_team"
    INVITE = "invite"
    UNINVITE = "uninvite"
    ANSWER = "answer_invitation"
    NAME_DELEGATES = "name_delegates"
    CHECK_IN = "check_in"
    RECORD_ATTENDANCE = "record_attendance"


@dataclass(frozen=True)
class Rule:
    """The states an act starts from, and the one it leads to ("" for none)."""

    sources: frozenset[str]
    target: str = ""


STANDING = frozenset({S.PLANNED, S.OPEN, S.RELEASED})
RUNNING = frozenset({S.PLANNED, S.OPEN})
RULES = {
    Act.EDIT: Rule(RUNNING),
    Act.CANCEL: Rule(frozenset({S.PLANNED}), S.CANCELLED),
    Act.REWORD: Rule(frozenset({S.CANCELLED})),
    Act.REINSTATE: Rule(frozenset({S.CANCELLED}), S.PLANNED),
    Act.OPEN: Rule(frozenset({S.PLANNED}), S.OPEN),
    Act.SET_PRESIDERS: Rule(RUNNING),
    Act.SET_TEAM: Rule(RUNNING),
    Act.INVITE: Rule(RUNNING),
    Act.UNINVITE: Rule(RUNNING),
    Act.ANSWER: Rule(RUNNING),
    Act.NAME_DELEGATES: Rule(frozenset({S.PLANNED})),
    Act.CHECK_IN: Rule(STANDING),
    Act.RECORD_ATTENDANCE: Rule(frozenset({S.OPEN, S.RELEASED})),
}
# What is done with a cancellation as long as it stands in the draft alone.
UNTOLD = frozenset({Act.REWORD, Act.REINSTATE})
# Why an act is no longer, or not yet, possible: by the state the session stands in.
SENTENCES: dict[str, Promise] = {
    S.PLANNED: _("The session has not been opened yet."),
    S.OPEN: _("The session has already been opened."),
    S.RELEASED: _("The draft minutes of the session have already been agreed."),
    S.CANCELLED: _("The session has been cancelled."),
}


def check(act: Act, session: Session, *, by: Reader) -> Rule:
    """The act's rule; raises PermissionDenied, or TransitionError where the state forbids it."""
    if not permissions.serves(by, session):
        raise PermissionDenied
    return check_state(act, session)


def check_state(act: Act, session: Session) -> Rule:
    """The act's rule, whoever acts; raises TransitionError where the state forbids it."""
    rule = RULES[act]
    if session.status not in rule.sources:
        raise TransitionError(str(SENTENCES[session.status]))
    if act in UNTOLD and _is_told_off(session):
        raise TransitionError(_("The cancellation has been published, so it stays as it is."))
    return rule


def _is_told_off(session: Session) -> bool:
    """It was published that the session is called off."""
    return session.announced is not None and session.announced.is_cancelled


def open_acts(session: Session, user: Reader) -> frozenset[str]:
    """The acts the user may do with the session now, as the templates name them."""
    if not permissions.serves(user, session):
        return frozenset()
    closed = UNTOLD if _is_told_off(session) else frozenset()
    acts = (act for act, rule in RULES.items() if session.status in rule.sources)
    return frozenset(str(act) for act in acts if act not in closed)
