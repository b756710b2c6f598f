"""Khmer figures and ASCII figures, each from the other."""

import re

ASCII_DIGITS = "0123456789"
KHMER_DIGITS = "០១២៣៤៥៦៧៨៩"

_TO_KHMER = str.maketrans(ASCII_DIGITS, KHMER_DIGITS)
_TO_ASCII = str.maketrans(KHMER_DIGITS, ASCII_DIGITS)
# A run of visible ASCII signs with a letter or a sign that holds figures together; a telephone
# number in groups; else figures alone.
_FIGURES = re.compile(r"(?P<kept>[!-~]*[-@/:&+A-Za-z][!-~]*|\b0\d+(?: \d+)+)|[0-9]+")


def to_khmer(value: object) -> str:
    """The value as text with Khmer figures; all else in it stays."""
    return str(value).translate(_TO_KHMER)


def in_language(value: object, language: str | None) -> str:
    """The value as text with the figures of the language: Khmer ones unless it is ``en``."""
    return str(value) if language == "en" else to_khmer(value)


def to_khmer_in_words(text: str) -> str:
    """The sentence with Khmer figures, but for what is typed or pressed as it stands.

    References, days in figures, addresses, names with Latin letters and telephone numbers stay.
    """
    return _FIGURES.sub(lambda found: found[0] if found["kept"] else to_khmer(found[0]), text)


def to_ascii(text: str) -> str:
    """The text with ASCII figures for Khmer ones; all else in it stays."""
    return text.translate(_TO_ASCII)
