"""The presses of the console: what a recorder may do with an item, in the order of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues import actions
from issues.forms import charges
from issues.forms import console as forms

FIRST, MORE = "first", "more"  # what is decided mostly, and what seldom


@dataclass(frozen=True)
class Press:
    """A press by its name in addresses: what is typed for it, and what it does.

    ``label`` is that of its button. A decision has a ``hint`` and a ``place`` among the others.
    """

    name: str
    form: type[forms.PressForm]
    do: Callable[..., Any]
    label: Promise
    done: Promise
    hint: Promise | str = ""
    place: str = ""

    @property
    def is_decision(self) -> bool:
        return bool(self.place)

    @property
    def url_name(self) -> str:
        return f"issues:item_{self.name}"


DECISIONS = (
    Press(
        "address",
        forms.AddressForm,
        actions.address,
        _("Addressed here"),
        _("It is recorded as addressed."),
        _("It was solved in the session; its organization is asked whether it is."),
        FIRST,
    ),
    Press(
        "refer",
        charges.ReferForm,
        actions.refer_in_session,
        _("Refer to an office"),
        _("It is recorded as referred."),
        _("An office solves it by a date; it leaves when the minutes are agreed."),
        FIRST,
    ),
    Press(
        "study",
        charges.StudyForm,
        actions.study,
        _("Study or field check"),
        _("It is recorded as accepted for study."),
        _("It comes back to a session on a day that is set."),
        FIRST,
    ),
    Press(
        "defer",
        forms.DeferForm,
        actions.defer,
        _("Defer"),
        _("It is recorded as deferred."),
        _("There was no time: it waits for the next session."),
        FIRST,
    ),
    Press(
        "note",
        forms.NoteForm,
        actions.note,
        _("Note only"),
        _("It is recorded as noted."),
        _("It was heard; nothing moves."),
        FIRST,
    ),
    Press(
        "suspend",
        charges.SuspendForm,
        actions.suspend,
        _("Suspend"),
        _("It is recorded as suspended."),
        _("It rests until a day; working days stand still."),
        MORE,
    ),
    Press(
        "higher",
        charges.HigherForm,
        actions.send_higher,
        _("Higher level"),
        _("It is recorded as sent to a higher level."),
        _("An office above has to decide."),
        MORE,
    ),
    Press(
        "not_competent",
        charges.NotCompetentForm,
        actions.not_competent,
        _("Not within competence"),
        _("It is recorded as not within competence."),
        _("Another office gets it, or it is declined with a reason."),
        MORE,
    ),
    Press(
        "withdraw",
        forms.WithdrawForm,
        actions.withdraw_in_session,
        _("Withdrawn"),
        _("It is recorded as withdrawn."),
        _("Its organization takes it back, with a reason."),
        MORE,
    ),
)
FLOOR = (
    Press("start", forms.FloorForm, actions.start, _("Start"), _("The item runs.")),
    Press("stop", forms.FloorForm, actions.stop, _("Stop the clock"), _("The clock stands.")),
    Press(
        "show",
        forms.ShowForm,
        actions.show,
        _("Show on the screen"),
        _("The screen shows the outcome."),
    ),
    Press(
        "hide",
        forms.ShowForm,
        partial(actions.show, shown=False),
        _("Hide from the screen"),
        _("The screen no longer shows the outcome."),
    ),
    Press(
        "speakers",
        forms.SpeakersForm,
        actions.record_speakers,
        _("Who spoke"),
        _("It is recorded who spoke."),
    ),
    Press(
        "reword",
        forms.RewordForm,
        actions.reword,
        _("Correct the words"),
        _("The words are corrected."),
    ),
)
BY_NAME = {press.name: press for press in (*DECISIONS, *FLOOR)}
