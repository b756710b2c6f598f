"""What the console's page is filled with: its items, and one form for each press."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from audit import clock
from forum.forms.sessions import OpenForm
from forum.models import Session
from issues import console, presses
from issues.console import Page, Part
from issues.forms.charges import DueForm
from issues.forms.console import PressForm, RewordForm, grouped
from issues.models import AgendaItem, Screen
from issues.phones import mark_of
from issues.presses import Press
from issues.views import agenda_page
from provinces import workdays


@dataclass(frozen=True)
class Act:
    """A press as the page offers it for the opened item; ``blank`` is its address of item 0."""

    press: Press
    form: PressForm
    url: str
    blank: str
    is_offered: bool


def form_of(
    press: Press, item: AgendaItem | None, data: object = None, **more: object
) -> PressForm:
    """The form of a press on an item; days are counted in the province's calendar."""
    if issubclass(press.form, DueForm) and item:
        province_id = item.session.province_id
        more.setdefault("calendar", SimpleLazyObject(partial(workdays.calendar_of, province_id)))
    if issubclass(press.form, DueForm):
        more["today"] = clock.today()
    outcome = console.outcome_of(item) if item else None
    if press.form is RewordForm and outcome:
        more["kind"] = outcome.kind
    return press.form(data, **more)


def page_of(request: HttpRequest, session: Session, wanted: int | None) -> Page:
    """The items of the session as the room's recorder may see them."""
    items = list(console.items_of(session))
    agenda_page.hide(items, session, request.user)
    return Page(session, request.user, items, clock.now(), wanted)


def context_of(page: Page, sent: tuple[Press, PressForm] | None = None) -> dict[str, object]:
    """All that the page shows; ``sent`` is a press that was refused, with what was typed.

    ``refused`` is what was typed for a press that is no longer offered.
    """
    session, now = page.session, page.now
    acts = list(_acts(page, sent))
    offered = {act.press for act in acts if act.is_offered}
    return {
        "session": session,
        "page": page,
        "owner": mark_of(page.user),
        "now": now,
        "marks": {one.pk: console.mark_of(one, session) for one in page.turns},
        "open_form": None if session.day == clock.today() else OpenForm(),
        "floor": [act for act in acts if act.press.name in ("start", "stop", "show", "hide")],
        "speakers": next(act for act in acts if act.press.name == "speakers"),
        "reword": next(act for act in acts if act.press.name == "reword"),
        "decisions": [act for act in acts if act.press.is_decision],
        "due_days": console.due_days(page.calendar, clock.today()),
        "refused": sent[1] if sent and sent[0] not in offered else None,
        "screen_url": _address("issues:screen", session.pk),
        "room_url": _room(session),
    }


def _acts(page: Page, sent: tuple[Press, PressForm] | None) -> Iterator[Act]:
    """Each press with its form, its lists filled once for all of them."""
    offices = grouped(page.facts.offices)
    part = page.current
    for press in presses.BY_NAME.values():
        is_sent = sent is not None and sent[0] is press
        form = sent[1] if sent and is_sent else _blank(press, page, part)
        form.offer(offices, clock.today())
        if part:
            form.suggest(part.superior if press.name == "higher" else part.suggested)
        yield Act(
            press,
            form,
            reverse(press.url_name, args=[part.item.pk if part else 0]),
            reverse(press.url_name, args=[0]),
            is_offered=bool(part and press.name in part.acts),
        )


def _blank(press: Press, page: Page, part: Part | None) -> PressForm:
    more = {"calendar": page.calendar} if issubclass(press.form, DueForm) else {}
    initial: dict[str, object] = {}
    if part:
        initial["corrects"] = part.outcome.version if part.outcome else None
        initial |= part.words.get(press.name, {})
    return form_of(press, part.item if part else None, initial=initial, **more)


def _address(name: str, *args: object) -> str:
    """The address, where the page exists."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _room(session: Session) -> str:
    key = Screen.objects.filter(session=session).values_list("key", flat=True).first()
    return _address("issues:room", key) if key else ""
