"""Who will see an issue, in sentences, as ``permissions.disclosed`` has it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.models import Issue

Words = str | Promise
Disclosure = Issue.Disclosure


@dataclass(frozen=True)
class Line:
    """One reader, and what is shown to them."""

    who: Words
    sees: Words


SECRETARIAT = Line(
    _("The secretariat"),
    _("All of it. Village and contact only after a click that is recorded."),
)
OFFICE, SESSION, PUBLIC = (
    _("The office it is referred to"),
    _("The session"),
    _("The public"),
)
MATTER_ALONE = _(
    "The matter, what is asked and the files; the province as its only place, and never the name "
    "of your organization."
)
HEARS_MATTER_ALONE = _(
    "The matter and what is asked; the province as its only place, and never the name of your "
    "organization."
)
WITH_NAME = _(
    "The matter, what is asked, the commune, the files and the name of your organization."
)
WITHOUT_NAME = _(
    "The matter, what is asked, the commune and the files, but not the name of your organization."
)
HEARS_WITH_NAME = _("The matter, what is asked, the commune and the name of your organization.")
HEARS_WITHOUT_NAME = _(
    "The matter, what is asked and the commune, but not the name of your organization."
)
PUBLISHED = _(
    "Nothing, until the secretariat publishes it. Then the matter, what is asked and the commune: "
    "no files, and never the name of your organization."
)
NOTHING = _("Nothing.")


def who_sees(disclosure: str, is_named: bool) -> list[Line]:
    """Each reader with what they will see; an unknown disclosure counts as restricted."""
    if disclosure == Disclosure.CONFIDENTIAL:
        office, session = MATTER_ALONE, HEARS_MATTER_ALONE
    elif is_named:
        office, session = WITH_NAME, HEARS_WITH_NAME
    else:
        office, session = WITHOUT_NAME, HEARS_WITHOUT_NAME
    public = PUBLISHED if disclosure == Disclosure.PUBLIC else NOTHING
    return [SECRETARIAT, Line(OFFICE, office), Line(SESSION, session), Line(PUBLIC, public)]
