"""Every write of the minutes: lock session and minutes, check, save, record, in one transaction."""

from minutes.actions.drafting import (
    answer_comment,
    comment,
    edit_passage,
    send_for_comment,
    set_number,
)
from minutes.actions.settling import (
    Signature,
    add_scan,
    amend,
    approve,
    publish,
    undecided,
    withdraw_publication,
)
from minutes.actions.shared import AMENDED, FOR_COMMENT, PUBLISHED, Stale, of_session

__all__ = [
    "AMENDED",
    "FOR_COMMENT",
    "PUBLISHED",
    "Signature",
    "Stale",
    "add_scan",
    "amend",
    "answer_comment",
    "approve",
    "comment",
    "edit_passage",
    "of_session",
    "publish",
    "send_for_comment",
    "set_number",
    "undecided",
    "withdraw_publication",
]
