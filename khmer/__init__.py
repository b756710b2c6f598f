"""Khmer text, order, figures, dates: pure functions that know no room, database or request."""
