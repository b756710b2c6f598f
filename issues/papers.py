"""The papers of an issue: the blank form to raise one by hand, and the receipt for one raised."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext as _

from khmer import dates, numbers
from paper import pdf, qr
from provinces.models import Theme

GROUP = 4  # figures of the tracking code that stand together

Words = dict[str, Any]


def blank_intake(language: str) -> bytes:
    """The form on which an organization writes one issue by hand, as PDF of two A4 pages."""
    with translation.override(language):
        return pdf.render("intake", _paper(_("Form to raise an issue")) | _intake())


def receipt(language: str, reference: str, code: str, url: str, day: dt.date) -> bytes:
    """What the one who raised an issue keeps, as PDF of one A6 page: no title and no place.

    ``code`` is the tracking code, with or without spaces; ``url`` is where its state is shown.
    """
    with translation.override(language):
        return pdf.render(
            "receipt", _paper(_("Receipt")) | _receipt(reference, code, url, _in_words(day))
        )


def _paper(title: str) -> Words:
    """What every template asks for."""
    language = translation.get_language()
    return {
        "language": language,
        "digits": list(numbers.in_language(numbers.ASCII_DIGITS, language)),
        "title": title,
        "sender": _("The secretariat of the dialogue forums"),
        "page_of": _("Page {page} of {pages}"),
    }


def _in_words(day: dt.date) -> str:
    if translation.get_language() == "en":
        return formats.date_format(day, "l j F Y")
    return dates.long_date(day)


# --- the receipt ----------------------------------------------------------------------------
def _receipt(reference: str, code: str, url: str, day: str) -> Words:
    """Reference and code as they are typed, so in ASCII figures in both languages."""
    figures = "".join(numbers.to_ascii(code).split())
    return {
        "reference": {"label": _("Reference"), "value": reference},
        "day": {"label": _("Date"), "value": day},
        "code": {
            "label": _("Tracking code"),
            "groups": [figures[at : at + GROUP] for at in range(0, len(figures), GROUP)],
        },
        "qr": qr.svg(url, _("QR code of the address below"), quiet=0),
        "qr_title": _("QR code of the address below"),
        "address": url,
        "keep": _("Keep this paper. It bears no title and no place."),
        "steps": [
            _("Point a telephone’s camera at the square, or open the address at the bottom."),
            _("Type the tracking code: you see how the issue stands, and the public answer."),
            _("Whoever holds this paper can see the same, and nothing else."),
        ],
    }


# --- the blank form -------------------------------------------------------------------------
def _intake() -> Words:
    return {
        "lead": _("One sheet for one issue. A line that you cannot fill may stay empty."),
        "office": {
            "label": _("For the secretariat"),
            "lines": [_("Reference"), _("Received on")],
        },
        "warning": {
            "label": _("Do not write names, thumbprints, telephone numbers or houses of people."),
            "hint": _("The matter and the commune are enough: no person should be found by it."),
        },
        "footer": _("Vedika – form to raise an issue"),
        **_matter(),
        **_place(),
        **_people(),
        **_readers(),
        "dated": {"label": _("Date of this sheet"), "lines": [_("Day"), _("Month"), _("Year")]},
        "handing_in": _handing_in(),
    }


def _matter() -> Words:
    """Who raises it, and what it is about."""
    return {
        "organization": {"label": _("Organization that raises the issue")},
        "kind": {
            "label": _("What is it?"),
            "choices": [
                _choice(_("Challenge"), _("Something is wrong, and people suffer from it.")),
                _choice(_("Request"), _("Something is needed that an office can give.")),
            ],
        },
        "headline": {
            "label": _("Title"),
            "hint": _("One sentence, as you would say it in the session. No names of persons."),
        },
        "happened": {"label": _("What happened, and since when?")},
        "asked": {"label": _("What should be done, and by which office?")},
        "theme": {
            "label": _("Theme"),
            "hint": _("Tick the one that fits best."),
            "choices": [theme.name for theme in Theme.objects.all()],
        },
    }


def _place() -> Words:
    """Down to the commune; the village only where the organization wants it."""
    return {
        "place": {
            "label": _("Where is it?"),
            "lines": [
                _("Province"),
                _("District or municipality"),
                _("Commune or sangkat"),
                _("Village, only if you want"),
            ],
            "sealed": _(
                "The village is kept sealed: only the organization and, each time recorded, the "
                "province's coordinators read it."
            ),
        }
    }


def _people() -> Words:
    """Numbers, never names, and the language in which one can speak with them."""
    return {
        "people": {
            "label": _("People affected"),
            "hint": _("Count people, not names; an estimate is enough."),
            "lines": [_("Altogether"), _("of whom women")],
        },
        "spoken": {
            "label": _("Which language do they speak, and is an interpreter needed?"),
            "line": _("Language spoken"),
            "choices": [_("Interpreter needed"), _("No interpreter needed")],
        },
    }


def _readers() -> Words:
    """Who may see it, in the words of the form on the screen."""
    return {
        "disclosure": {
            "label": _("Who may see it?"),
            "hint": _("Tick one. Without a tick it is restricted."),
            "choices": [
                _choice(
                    _("Restricted"),
                    _("The secretariat, the office it is referred to and the session may read it."),
                ),
                _choice(
                    _("Confidential"),
                    _(
                        "The office gets the matter alone: without your organization, and with the "
                        "province as its only place."
                    ),
                ),
                _choice(
                    _("Public"),
                    _(
                        "The secretariat may also publish title, text and commune for everybody to "
                        "read."
                    ),
                ),
            ],
        },
        "named": {
            "label": _("May the organization be named?"),
            "hint": _("Otherwise others than the secretariat read “the raising organization”."),
            "choices": [_("Yes, it may be named"), _("No")],
        },
        "concerns": {
            "label": _("Offices that must not see it"),
            "hint": _("These offices, and those below them, read nothing of this issue."),
        },
    }


def _choice(name: str, sentence: str) -> Words:
    return {"name": name, "sentence": sentence}


def _handing_in() -> Words:
    return {
        "label": _("How to hand it in"),
        "steps": [
            _("Read the sheet once more: no person and no house should be found by it."),
            _("Bring it to the secretariat of your province, or type it in yourself: %(address)s")
            % {"address": settings.BASE_URL},
            _("Ask for the receipt. Its tracking code shows everybody who holds it how it stands."),
            _("Lock this sheet away, or destroy it once the issue has its reference."),
        ],
    }
