"""The triage board of the coordinators, and one act done with a selection of it."""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from audit import clock
from audit.errors import TransitionError
from issues import actions, workflow
from issues.actions import Bulk
from issues.board import STATES, Board, Opened, Spot, provinces_of, served
from issues.forms import triage as triage_forms
from issues.forms.placing import AcceptForm
from issues.forms.selecting import FORMS
from issues.forms.triage import ActForm
from issues.models import Issue
from issues.permissions import parts_in
from issues.workflow import Act


# --- the board ----------------------------------------------------------------------------------
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def triage(request: HttpRequest) -> HttpResponse:
    if not request.user.is_role("coordinator"):
        raise PermissionDenied
    asked = request.GET
    board = Board(
        user=request.user,
        spot=Spot.at(asked),
        today=clock.today(),
        page=_number(asked.get("page")),
        opened_as=asked.get("open", ""),
        after=asked.get("after", ""),
    )
    context = {"board": board, **_forms(board.opened, board.spot)}
    if request.htmx.target == "opened" and not request.htmx.history_restore_request:
        return render(request, "issues/_triage_opened.html", context)
    context |= {"provinces": _several(request), "bulks": _bulks(board.spot), "all": "all" in asked}
    return render(request, "issues/triage.html", context)


def _several(request: HttpRequest) -> list:
    """The provinces to choose from; none for the coordinator of one."""
    user = request.user
    is_of_one = not user.serves_all and len(user.served_ids) == 1
    return [] if is_of_one else list(provinces_of(user))


def _number(typed: str | None) -> int:
    """A page or a number of issues; 0 for what is none."""
    return int(typed) if typed and typed.isdecimal() and len(typed) < 6 else 0


def _forms(opened: Opened | None, spot: Spot) -> dict[str, object]:
    """The forms of the acts that are open to the issue that is read."""
    if opened is None:
        return {}
    forms: dict[str, object] = {}
    if Act.ACCEPT in opened.acts:
        forms["accept_form"] = accepting(opened.issue)
    if Act.RETURN in opened.acts:
        forms["return_form"] = triage_forms.ReturnForm()
    if Act.DECLINE in opened.acts:
        forms["decline_form"] = triage_forms.DeclineForm()
    return forms


def accepting(issue: Issue, typed: QueryDict | None = None) -> AcceptForm:
    """The form of taking in an issue, which looks up the offices as theme or place change."""
    form = AcceptForm(typed, issue=issue)
    form.watch(reverse("issues:issue_offices", args=[issue.reference]))
    return form


@require_safe
def issue_offices(request: HttpRequest, reference: str) -> HttpResponse:
    """Whom the issue may be referred to if it had the theme and place of the address."""
    issue = get_object_or_404(served(request.user).select_related("commune"), reference=reference)
    groups, _first = triage_forms.suggested_offices(
        issue,
        triage_forms.offices_for(issue),
        theme_id=request.GET.get("theme", ""),
        commune_id=request.GET.get("commune", ""),
    )
    return render(request, "issues/_triage_offices.html", {"groups": groups})


# --- a selection --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Words:
    """What is said of an act with a selection: in the list, and on the page that confirms it."""

    act: Act
    label: Promise
    title: Promise
    explanation: Promise | str = ""
    is_danger: bool = False


WORDS = {
    Bulk.ACCEPT: Words(
        Act.ACCEPT,
        gettext_lazy("Accept"),
        ngettext_lazy("You accept %(number)s issue", "You accept %(number)s issues", "number"),
        gettext_lazy("They wait for the next session from now on; their organizations are told."),
    ),
    Bulk.DECLINE: Words(
        Act.DECLINE,
        gettext_lazy("Decline with one reason"),
        ngettext_lazy("You decline %(number)s issue", "You decline %(number)s issues", "number"),
        gettext_lazy("They are closed, and their organizations are told the reason."),
        is_danger=True,
    ),
    Bulk.THEME: Words(
        Act.CORRECT,
        gettext_lazy("Set the theme"),
        ngettext_lazy(
            "You set the theme of %(number)s issue",
            "You set the theme of %(number)s issues",
            "number",
        ),
    ),
    Bulk.PRIORITY: Words(
        Act.CORRECT,
        gettext_lazy("Set the priority"),
        ngettext_lazy(
            "You set the priority of %(number)s issue",
            "You set the priority of %(number)s issues",
            "number",
        ),
    ),
    Bulk.DISCLOSURE: Words(
        Act.TIGHTEN,
        gettext_lazy("Let fewer people see them"),
        ngettext_lazy(
            "You let fewer people see %(number)s issue",
            "You let fewer people see %(number)s issues",
            "number",
        ),
        gettext_lazy("It holds at once, and only the organizations could widen it again."),
    ),
}


def _bulks(spot: Spot) -> list[tuple[str, Promise]]:
    """The acts that can be done with a selection of this tab."""
    state = STATES[spot.tab]
    return [
        (bulk.value, words.label)
        for bulk, words in WORDS.items()
        if state in workflow.TRANSITIONS[words.act].sources
    ]


@require_http_methods(["GET", "POST"])
def triage_selected(request: HttpRequest) -> HttpResponse:
    """Says with how many issues the act is done, and does it once that is confirmed."""
    if not request.user.is_role("coordinator"):
        raise PermissionDenied
    spot, bulk = Spot.at(request.GET), _bulk(request)
    possible, others = _selected(request, bulk)
    is_sent = request.method == "POST"
    if bulk is None or not (possible or (is_sent and others)):
        messages.info(request, _("Choose an act and at least one issue with which it is possible."))
        return redirect(spot.url())
    form = FORMS[bulk](request.POST if is_sent else None)
    if form.is_valid() and _is_done(request, bulk, [*possible, *others], form):
        return redirect(spot.url())
    title = WORDS[bulk].title % {"number": len(possible)}
    context = {"title": title, "words": WORDS[bulk], "form": form, "spot": spot}
    context |= {"issues": possible, "others": others}
    return render(request, "issues/triage_selected.html", context)


def _bulk(request: HttpRequest) -> Bulk | None:
    act = request.GET.get("act", "")
    return Bulk(act) if act in list(Bulk) else None


def _selected(request: HttpRequest, bulk: Bulk | None) -> tuple[list[Issue], list[Issue]]:
    """The chosen issues with which the act is possible as they stand, and the others."""
    if bulk is None:
        return [], []
    sent = request.POST if request.method == "POST" else request.GET
    rows = served(request.user).filter(reference__in=sent.getlist("issue"))
    found: dict[bool, list[Issue]] = defaultdict(list)
    for issue in rows.select_related("province").order_by("submitted_at", "pk"):
        acts = workflow.open_acts(issue, parts_in(request.user, issue))
        found[WORDS[bulk].act in acts and _has_sense(issue, bulk)].append(issue)
    return found[True], found[False]


def _has_sense(issue: Issue, bulk: Bulk) -> bool:
    return bulk != Bulk.DISCLOSURE or bool(issue.stricter)


def _is_done(request: HttpRequest, bulk: Bulk, issues: list[Issue], form: ActForm) -> bool:
    """Whether it was done; what is said of it waits for the next page, a refusal at the form."""
    try:
        each = actions.each(
            [issue.pk for issue in issues],
            bulk,
            by=request.user,
            now=clock.now(),
            expected=_number(request.POST.get("expected")),
            **form.content,
        )
    except TransitionError as refusal:
        form.add_error(None, str(refusal))
        return False
    if each.done:
        done = ngettext("Done with %(number)s issue.", "Done with %(number)s issues.", each.done)
        messages.success(request, done % {"number": each.done})
    for refusal, references in _by_reason(each.left):
        messages.warning(request, f"{references}: {refusal}")
    return True


def _by_reason(left: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each reason why it was not done, and the references of the issues it holds for."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for reference, reason in left:
        reasons[reason].append(reference)
    return [(reason, ", ".join(references)) for reason, references in reasons.items()]
