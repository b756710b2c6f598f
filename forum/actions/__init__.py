"""Every write of the forums: lock, check, save, and leave a trace."""

from forum.actions.attendance import Tally, record_attendance
from forum.actions.by_hand import hand_over_letter, tell_by_hand
from forum.actions.calls import edit_calls
from forum.actions.copying import Copied, copy_forum
from forum.actions.delegates import (
    check_nameable,
    check_quota,
    forget_names,
    forget_old_names,
    name_delegate,
    read_names,
    replace_delegate,
    take_back_delegate,
)
from forum.actions.feeds import renew_feed, revoke_feed
from forum.actions.forums import create_forum, edit_forum
from forum.actions.invitations import (
    answer_from_outside,
    answer_invitation,
    free_seats,
    invite,
    remind_silent,
    seat_waiting,
    send_invitations,
    set_quota,
    uninvite,
)
from forum.actions.presiders import set_presiders
from forum.actions.presiding import (
    add_presider,
    add_presiding_role,
    create_presider,
    edit_presider,
    edit_presiding_role,
)
from forum.actions.programme import Telling, chosen_of, draft_of, publish, tellings
from forum.actions.replying import Result, Taken, take_calendar_reply
from forum.actions.sessions import (
    cancel_session,
    create_session,
    edit_session,
    move_session,
    open_session,
    reinstate_session,
    reword_cancellation,
    set_team,
)
from forum.actions.venues import create_venue, edit_venue

__all__ = [
    "Copied",
    "Result",
    "Taken",
    "Tally",
    "Telling",
    "add_presider",
    "add_presiding_role",
    "answer_from_outside",
    "answer_invitation",
    "cancel_session",
    "check_nameable",
    "check_quota",
    "chosen_of",
    "copy_forum",
    "create_forum",
    "create_presider",
    "create_session",
    "create_venue",
    "draft_of",
    "edit_calls",
    "edit_forum",
    "edit_presider",
    "edit_presiding_role",
    "edit_session",
    "edit_venue",
    "forget_names",
    "forget_old_names",
    "free_seats",
    "hand_over_letter",
    "invite",
    "move_session",
    "name_delegate",
    "open_session",
    "publish",
    "read_names",
    "record_attendance",
    "reinstate_session",
    "remind_silent",
    "renew_feed",
    "replace_delegate",
    "revoke_feed",
    "reword_cancellation",
    "seat_waiting",
    "send_invitations",
    "set_presiders",
    "set_quota",
    "set_team",
    "take_back_delegate",
    "take_calendar_reply",
    "tell_by_hand",
    "tellings",
    "uninvite",
]
