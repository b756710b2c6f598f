"""What the pages say of each act on many notices."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from outbox.handling import Act


@dataclass(frozen=True)
class Words:
    """The link to the confirmation, the page itself, and what is said when it was done."""

    link: str | Promise
    title: str | Promise
    lead: str | Promise
    done: Promise
    note: str | Promise = ""
    needs_reason: bool = False
    look: str = "btn-primary"


WORDS = {
    Act.SEND: Words(
        _("Send all of these now"),
        _("Send now"),
        ngettext_lazy(
            "%(number)s notice will leave at once, as a message of its own.",
            "%(number)s notices will leave at once, each as a message of its own.",
            "number",
        ),
        ngettext_lazy("%(number)s is on its way.", "%(number)s are on their way.", "number"),
        _(
            "Nothing of it waits for working hours or joins the one message of the day. What waits "
            "because an issue is frozen is not among them, nor early reminders that their reader "
            "asked to be spared."
        ),
    ),
    Act.HOLD: Words(
        _("Hold all of these"),
        _("Hold back"),
        ngettext_lazy(
            "%(number)s notice will be held back.",
            "%(number)s notices will be held back.",
            "number",
        ),
        ngettext_lazy("%(number)s is held back.", "%(number)s are held back.", "number"),
        _("They wait until a coordinator lets them go on."),
        needs_reason=True,
    ),
    Act.LET_GO: Words(
        _("Let these go on"),
        _("Let go on"),
        ngettext_lazy(
            "%(number)s notice that a coordinator holds will go on at its own time.",
            "%(number)s notices that a coordinator holds will go on at their own time.",
            "number",
        ),
        ngettext_lazy("%(number)s goes on.", "%(number)s go on.", "number"),
    ),
    Act.RETRY: Words(
        _("Send all of these again"),
        _("Send again"),
        ngettext_lazy(
            "%(number)s notice will be sent again.",
            "%(number)s notices will be sent again.",
            "number",
        ),
        ngettext_lazy("%(number)s is sent again.", "%(number)s are sent again.", "number"),
        _(
            "Each keeps its Message-ID. What may have arrived already is read twice by SMS or "
            "Telegram; mail programs show the same message only once."
        ),
    ),
    Act.CANCEL: Words(
        _("Cancel all of these"),
        _("Do not send"),
        ngettext_lazy(
            "%(number)s notice will not be sent.",
            "%(number)s notices will not be sent.",
            "number",
        ),
        ngettext_lazy("%(number)s is not sent.", "%(number)s are not sent.", "number"),
        needs_reason=True,
        look="btn-danger",
    ),
}
