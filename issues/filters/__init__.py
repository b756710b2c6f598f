"""Filters of the lists, as they stand in the query string."""

from issues.filters.candidates import CandidateFilter
from issues.filters.issues import INNER, OF_THE_SECRETARIAT, IssueFilter

__all__ = ["INNER", "OF_THE_SECRETARIAT", "CandidateFilter", "IssueFilter"]
