"""The tables of an issue's life."""

from issues.models.agenda import AgendaItem, Outcome
from issues.models.call import Call
from issues.models.issue import Concern, Interval, Issue, ProtectedPart
from issues.models.referral import Confirmation, Evidence, Referral, Response

__all__ = [
    "AgendaItem",
    "Call",
    "Concern",
    "Confirmation",
    "Evidence",
    "Interval",
    "Issue",
    "Outcome",
    "ProtectedPart",
    "Referral",
    "Response",
]
