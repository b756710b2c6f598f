"""The table of acts on the minutes: from which states, to which, who, and in which sessions."""

from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.errors import TransitionError
from forum.models import Reader, Session
from minutes import permissions
from minutes.models import Minutes

M, S = Minutes.Status, Session.Status
COORDINATOR, INVITED = "coordinator", "invited"


class Act(StrEnum):
    """What may be done with the minutes; each is a function of ``minutes.actions``."""

    EDIT_PASSAGE = "edit_passage"
    SET_NUMBER = "set_number"
    SEND_FOR_COMMENT = "send_for_comment"
    COMMENT = "comment"
    ANSWER_COMMENT = "answer_comment"
    APPROVE = "approve"
    ADD_SCAN = "add_scan"
    PUBLISH = "publish"
    WITHDRAW_PUBLICATION = "withdraw_publication"
    AMEND = "amend"


@dataclass(frozen=True)
class Rule:
    """The states an act starts from, the one it leads to ("" for none), who, and whose session."""

    sources: frozenset[str]
    target: str = ""
    who: str = COORDINATOR
    sessions: frozenset[str] = frozenset({S.RELEASED})


OPEN = frozenset({M.DRAFT, M.FOR_COMMENT})
STANDING = frozenset({S.PLANNED, S.OPEN, S.RELEASED})
SETTLED = frozenset({M.APPROVED, M.PUBLISHED})
RULES = {
    Act.EDIT_PASSAGE: Rule(OPEN, sessions=STANDING),
    Act.SET_NUMBER: Rule(OPEN, sessions=STANDING),
    Act.SEND_FOR_COMMENT: Rule(OPEN, M.FOR_COMMENT),
    Act.COMMENT: Rule(frozenset({M.FOR_COMMENT}), who=INVITED),
    Act.ANSWER_COMMENT: Rule(frozenset({M.FOR_COMMENT, M.APPROVED})),
    Act.APPROVE: Rule(frozenset({M.FOR_COMMENT}), M.APPROVED),
    Act.ADD_SCAN: Rule(SETTLED),
    Act.PUBLISH: Rule(frozenset({M.APPROVED}), M.PUBLISHED),
    Act.WITHDRAW_PUBLICATION: Rule(frozenset({M.PUBLISHED}), M.APPROVED),
    Act.AMEND: Rule(SETTLED),
}
# Why an act is no longer, or not yet, possible: by the state the minutes stand in.
SENTENCES: dict[str, Promise] = {
    M.DRAFT: _("The minutes have not been sent for comment yet."),
    M.FOR_COMMENT: _("The minutes have not been approved yet."),
    M.APPROVED: _("The minutes are approved. What is wrong in them is corrected by an amendment."),
    M.PUBLISHED: _("The minutes are published."),
}
NOT_RELEASED = _("The draft minutes of the session have not been agreed yet.")
CANCELLED = _("The session has been cancelled.")


def check(act: Act, minutes: Minutes, *, by: Reader) -> Rule:
    """The act's rule; raises PermissionDenied, or TransitionError where a state forbids it."""
    rule = RULES[act]
    if not _may(rule, minutes, by):
        raise PermissionDenied
    if minutes.status not in rule.sources:
        raise TransitionError(str(SENTENCES[minutes.status]))
    if minutes.session.status not in rule.sessions:
        cancelled = minutes.session.status == S.CANCELLED
        raise TransitionError(str(CANCELLED if cancelled else NOT_RELEASED))
    return rule


def open_acts(minutes: Minutes, user: Reader) -> frozenset[str]:
    """The acts the user may do with the minutes now, as the templates name them."""
    able = {
        COORDINATOR: permissions.serves(user, minutes.session),
        INVITED: bool(permissions.own_invitations(user, minutes.session)),
    }
    return frozenset(
        str(act)
        for act, rule in RULES.items()
        if able[rule.who]
        and minutes.status in rule.sources
        and minutes.session.status in rule.sessions
    )


def _may(rule: Rule, minutes: Minutes, by: Reader) -> bool:
    if rule.who == COORDINATOR:
        return permissions.serves(by, minutes.session)
    return bool(permissions.own_invitations(by, minutes.session))
