"""Every write of the inbox: keeping what came, settling it, and what a person makes of it."""

from inbox.actions.handling import attach, dismiss
from inbox.actions.keeping import Fetched, keep
from inbox.actions.settling import settle, settle_some

__all__ = ["Fetched", "attach", "dismiss", "keep", "settle", "settle_some"]
