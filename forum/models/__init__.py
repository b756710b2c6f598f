"""Forums, their sessions in the provinces, who presides, who is invited, and who came."""

from forum.models.attendance import Attendance
from forum.models.forums import Forum, IssueCall
from forum.models.invitations import CalendarFeed, Delegate, Invitation, Tick
from forum.models.places import Presider, PresidingRole, Venue
from forum.models.programme import Entry, Programme, Told
from forum.models.sessions import Presiding, Session, in_words
from forum.models.shared import OneId, Party, Reader, TsTzRange, in_language, of_own_parties

__all__ = [
    "Attendance",
    "CalendarFeed",
    "Delegate",
    "Entry",
    "Forum",
    "Invitation",
    "IssueCall",
    "OneId",
    "Party",
    "Presider",
    "Presiding",
    "PresidingRole",
    "Programme",
    "Reader",
    "Session",
    "Tick",
    "Told",
    "TsTzRange",
    "Venue",
    "in_language",
    "in_words",
    "of_own_parties",
]
