"""Registers for each kind of notice whether it is still wanted and what it says."""


def register() -> None:
    """Tell the outbox every kind of notice there is."""
