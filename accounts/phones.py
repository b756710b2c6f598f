"""Telephone numbers, in whatever digits and form they were typed."""

import re

from khmer import numbers, text

SEPARATORS = re.compile(r"[\s().\-–]")


def normal(typed: str) -> str:
    """A number in international form (``+85512345678``); "" where it is none.

    A number that begins with a single 0 is a Cambodian one; 00 stands for +.
    """
    digits = SEPARATORS.sub("", text.INVISIBLE.sub("", numbers.to_ascii(typed)))
    if re.fullmatch(r"0[1-9]\d{7,8}", digits):
        digits = "+855" + digits[1:]
    elif digits.startswith("00"):
        digits = "+" + digits[2:]
    return digits if re.fullmatch(r"\+[1-9]\d{7,14}", digits) else ""
