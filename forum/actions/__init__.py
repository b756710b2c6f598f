"""Every write of the forums: lock, check, save, and leave a trace."""

from forum.actions.attendance import Tally, record_attendance
from forum.actions.forums import create_forum, edit_forum
from forum.actions.invitations import answer_invitation, invite, uninvite
from forum.actions.presiders import add_presider, set_presiders
from forum.actions.sessions import (
    cancel_session,
    create_session,
    edit_session,
    open_session,
    publish_session,
    unpublish_session,
)

__all__ = [
    "Tally",
    "add_presider",
    "answer_invitation",
    "cancel_session",
    "create_forum",
    "create_session",
    "edit_forum",
    "edit_session",
    "invite",
    "open_session",
    "publish_session",
    "record_attendance",
    "set_presiders",
    "uninvite",
    "unpublish_session",
]
