"""The texts that every official paper bears: its head, its facts, its signature, its QR code.

All of them come from the caller, ready to print in one language; nothing is translated here.
"""

from typing import TypedDict

from paper import qr


class Head(TypedDict):
    """What stands at the top: in Khmer ព្រះរាជាណាចក្រកម្ពុជា, ជាតិ សាសនា ព្រះមហាក្សត្រ."""

    kingdom: str
    motto: str
    bodies: list[str]  # who issues the paper, the highest body first
    number: str  # with its word, as "លេខ: ០០១២/២៦ លធ"; may be empty


class Labelled(TypedDict):
    """A label and what belongs to it, line by line: "Venue", ["Provincial hall", "Ban Lung"]."""

    label: str
    lines: list[str]


class Signature(TypedDict):
    """Who signs, and when: the lunar date and the solar one, each a whole line."""

    dates: list[str]
    role: str
    name: str  # may be empty


class Code(TypedDict):
    """A QR code drawn, and the address that it holds."""

    address: str
    svg: str


def code(address: str) -> Code:
    """The address with its QR code, for a template that leaves white paper around it."""
    return {"address": address, "svg": qr.svg(address, "", quiet=0)}
