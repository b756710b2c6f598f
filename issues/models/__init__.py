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
from issues.models.climb import Climb
from issues.models.course import FieldCheck, ReportBack, Step
from issues.models.drafted import DraftedAnswer, DraftFile
from issues.models.evidence import Evidence
from issues.models.extension import Extension
from issues.models.issue import Issue
from issues.models.letter import ArrivalBook, Letter, letter_scan_path
from issues.models.link import Link, LinkUse
from issues.models.look import ClaimLook, Look
from issues.models.parts import Concern, Interval, ProtectedPart, Revision
from issues.models.pause import Pause
from issues.models.referral import Confirmation, Redirection, Referral, Response
from issues.models.safety import Pressure
from issues.models.talk import Comment
from issues.models.together import Cosign, Merge

__all__ = [
    "AgendaItem",
    "ArrivalBook",
    "Batch",
    "BatchLine",
    "Call",
    "ClaimLook",
    "Climb",
    "Comment",
    "Concern",
    "Confirmation",
    "Correction",
    "Cosign",
    "DraftFile",
    "DraftedAnswer",
    "Evidence",
    "Extension",
    "FieldCheck",
    "Interval",
    "Issue",
    "LeftOut",
    "Letter",
    "Link",
    "LinkUse",
    "Look",
    "Merge",
    "Outcome",
    "Pack",
    "Pause",
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
    "letter_scan_path",
]
