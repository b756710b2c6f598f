"""Khmer figures and ASCII figures, each from the other."""

ASCII_DIGITS = "0123456789"
KHMER_DIGITS = "០១២៣៤៥៦៧៨៩"

_TO_KHMER = str.maketrans(ASCII_DIGITS, KHMER_DIGITS)
_TO_ASCII = str.maketrans(KHMER_DIGITS, ASCII_DIGITS)


def to_khmer(value: object) -> str:
    """The value as text with Khmer figures; all else in it stays."""
    return str(value).translate(_TO_KHMER)


def to_ascii(text: str) -> str:
    """The text with ASCII figures for Khmer ones; all else in it stays."""
    return text.translate(_TO_ASCII)
