"""Certificates of participation: a page for each person who came."""

from collections.abc import Sequence
from typing import TypedDict

from paper import pdf as sheets
from paper.official import Head, Signature, code


class Certificate(TypedDict):
    """A certificate in one language, each text ready to print; lists may be empty.

    ``digits`` are the ten of the language; ``address`` is that of the QR code, if there is one.
    """

    language: str  # km or en
    digits: list[str]
    head: Head
    title: str  # "Certificate of participation"
    lead: list[str]  # before the person: "The secretariat certifies that"
    person: str  # honorific and name, or honorific and title
    office: str  # may be empty
    lines: list[str]  # after the person: in what they took part, where and when
    signature: Signature
    qr_title: str
    address: str


def pdf(certificates: Sequence[Certificate]) -> bytes:
    """The certificates as one PDF on A4, one page each; at least one."""
    first = certificates[0]
    return sheets.render(
        "certificate",
        {
            "language": first["language"],
            "digits": first["digits"],
            "title": first["title"],
            "certificates": [
                {**one, "qr": code(one["address"]) if one["address"] else None}
                for one in certificates
            ],
        },
    )
