"""What an act may answer instead of happening, in a sentence for the reader."""


class TransitionError(Exception):
    """An act that is no longer possible, with a sentence for the reader."""


class Conflict(TransitionError):
    """The same key sent again with other content."""
