"""The tables of an issue's life."""

from issues.models.agenda import (
    AgendaItem,
    Correction,
    LeftOut,
    Outcome,
    Pack,
    PreparedReply,
    Screen,
)
from issues.models.batch import Batch, BatchLine, SavedView
from issues.models.call import Call
from issues.models.course import FieldCheck, ReportBack, Step
from issues.models.evidence import Evidence
from issues.models.extension import Extension
from issues.models.issue import Issue
from issues.models.link import Link, LinkUse
from issues.models.parts import Concern, Interval, ProtectedPart, Revision
from issues.models.referral import Confirmation, Redirection, Referral, Response
from issues.models.safety import Pressure
from issues.models.talk import Comment
from issues.models.together import Cosign, Merge

__all__ = [
    "AgendaItem",
    "Batch",
    "BatchLine",
    "Call",
    "Comment",
    "Concern",
    "Confirmation",
    "Correction",
    "Cosign",
    "Evidence",
    "Extension",
    "FieldCheck",
    "Interval",
    "Issue",
    "LeftOut",
    "Link",
    "LinkUse",
    "Merge",
    "Outcome",
    "Pack",
    "PreparedReply",
    "Pressure",
    "ProtectedPart",
    "Redirection",
    "Referral",
    "ReportBack",
    "Response",
    "Revision",
    "SavedView",
    "Screen",
    "Step",
]
