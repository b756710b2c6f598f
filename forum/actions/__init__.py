"""Every write of the forums: lock, check, save, and leave a trace."""

from forum.actions.attendance import Tally, record_attendance
from forum.actions.forums import create_forum, edit_forum
from forum.actions.invitations import (
    answer_from_outside,
    answer_invitation,
    free_seats,
    hand_over_letter,
    invite,
    remind_silent,
    seat_waiting,
    send_invitations,
    set_quota,
    tell_by_hand,
    uninvite,
)
from forum.actions.presiders import add_presider, set_presiders
from forum.actions.programme import chosen_of, draft_of, publish, tellings
from forum.actions.sessions import (
    cancel_session,
    create_session,
    edit_session,
    move_session,
    open_session,
    set_team,
)

__all__ = [
    "Tally",
    "add_presider",
    "answer_from_outside",
    "answer_invitation",
    "cancel_session",
    "chosen_of",
    "create_forum",
    "create_session",
    "draft_of",
    "edit_forum",
    "edit_session",
    "free_seats",
    "hand_over_letter",
    "invite",
    "move_session",
    "open_session",
    "publish",
    "record_attendance",
    "remind_silent",
    "seat_waiting",
    "send_invitations",
    "set_presiders",
    "set_quota",
    "set_team",
    "tell_by_hand",
    "tellings",
    "uninvite",
]
