"""Pages of the office an issue was referred to, and of the secretariat that follows it up."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import BY_LINK, Role, User
from audit import clock
from audit.errors import TransitionError
from forum import programme
from issues import actions, climbs, drafted, extensions, links, permissions, workflow
from issues.company import files_with_merged
from issues.course import course_of
from issues.due import due_of
from issues.forms.fields import BareForm
from issues.forms.referring import (
    AnswerForm,
    CallForm,
    HandOverForm,
    QuestionForm,
    RecallForm,
    ResolveForm,
    ResponseForm,
)
from issues.models import Call, Evidence, Referral, Response
from issues.permissions import Shown
from issues.views import vanished
from issues.views.refusals import refused
from issues.views.talking import talk_of
from issues.workflow import Act
from outbox import recipients, registry
from outbox.models import Notice
from provinces import workdays

LOADED = (
    "authority", "issue__province", "issue__organization", "issue__commune__parent", "issue__theme",
    "outcome__item__session__province", "outcome__item__session__announced__venue",
    "acknowledged_by",
)  # fmt: skip


# --- one referral -------------------------------------------------------------------------------
@require_GET
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    user, issue = request.user, found.issue
    audience = permissions.audience_of(user, issue, is_referred=True)
    shown = permissions.disclosed(issue, audience)
    inside = bool(permissions.parts_in(user, issue))
    acts = _open_acts(user, found)
    context = {
        "referral": found,
        "issue": issue,
        "shown": shown,
        "due": due_of(found, workdays.calendar_of(issue.province_id), clock.today()),
        "said": _said(user, found, shown),
        "sees_names": permissions.serves(user, issue) or permissions.answers(user, found),
        "evidence": files_with_merged(issue, user, inside=inside),
        "acts": acts,
        "course": course_of(issue, user, today=clock.today(), changes=Act.STEP in acts),
        "is_secretariat": permissions.serves(user, issue),
        "is_inside": inside,
        "is_read_only": _reads_as_superior(user, found),
        **_told(user, found),
        "calls": _calls(user, found),
        "talk": talk_of(request, issue, shown, found),
        **_redirections(user, found),
        "extensions": extensions.of_referral(user, found),
        "links": links.of_referral(user, found, clock.now()),
        "climbs": climbs.of_referral(user, found),
        **drafted.of_referral(user, found),
    }
    return render(request, "issues/referral.html", context)


def _find(request: HttpRequest, pk: int) -> Referral:
    rows = Referral.objects.visible_to(request.user).select_related(*LOADED)
    found = vanished.find(request, rows, pk)
    if found.outcome:
        item = found.outcome.item
        item.session = programme.as_published(item.session)
    return found


@dataclass(frozen=True)
class Said:
    """A response as its reader sees it: whose word it is; ``person`` only for those near."""

    response: Response
    who: str
    person: str


def _said(user: User, found: Referral, shown: Shown) -> list[Said]:
    inside = bool(permissions.parts_in(user, found.issue))
    files = Prefetch("evidence", Evidence.objects.listed(inside=inside))
    people = ("by", "draft__decided_by")
    rows = found.responses.select_related(*people).prefetch_related(files)
    return [
        Said(
            one,
            shown.organization if one.kind == Response.Kind.REPLY else found.authority.name,
            _person(one) if _sees_name(user, found, one) else "",
        )
        for one in rows
    ]


def _person(response: Response) -> str:
    """Who wrote it; through a link whoever they said they are."""
    if response.by.username == BY_LINK:
        return f"{response.title} ({response.by})"
    return response.by.title or response.title


def _sees_name(user: User, found: Referral, response: Response) -> bool:
    """Coordinators see who wrote it; the office who of its own did."""
    if permissions.serves(user, found.issue):
        return True
    is_own = response.kind != Response.Kind.REPLY and not response.on_behalf
    return is_own and permissions.answers(user, found)


def _reads_as_superior(user: User, found: Referral) -> bool:
    """The user sees the referral only because their office stands above the one asked."""
    if permissions.parts_in(user, found.issue) or permissions.answers(user, found):
        return False
    return found.authority_id in user.answerable_ids


def _open_acts(user: User, found: Referral) -> frozenset[str]:
    """What the user may do with the referral as it stands; before its release only recall it."""
    if not found.is_open:
        return frozenset()
    parts = permissions.parts_in(user, found.issue)
    if permissions.answers(user, found):
        parts |= {Role.OFFICIAL.value}
    acts = {str(act) for act in workflow.open_acts(found.issue, parts)}
    if found.role == Referral.Role.INFORMATION:
        acts -= {Act.RESOLVE, Act.EXTEND}
    if found.acknowledged_at:
        acts -= {Act.ACKNOWLEDGE}
    if found.handed_over_on:
        acts -= {Act.RECORD_LETTER}
    if Act.EXTEND in acts and extensions.refusal(found):
        acts -= {Act.EXTEND}
    if Act.ANSWER in acts and not found.responses.unanswered().exists():
        acts -= {Act.ANSWER}
    acts -= climbs.closed(found, clock.today()) | drafted.closed(user, found)
    return frozenset(acts if found.released_at else acts & {Act.RECALL})


@dataclass(frozen=True)
class Told:
    """One notice as coordinators see it."""

    notice: Notice
    label: str
    recipient: str


def _told(user: User, found: Referral) -> dict[str, list[Told]]:
    """What was sent about the referral, and to whom, and apart what was skipped.

    Nothing for who is no coordinator of it.
    """
    rows: dict[str, list[Told]] = {"told": [], "skipped": []}
    if not permissions.serves(user, found.issue):
        return rows
    notices = list(Notice.objects.visible_to(user).about([f"referral:{found.pk}"]))
    names = recipients.labels(one.recipient for one in notices)
    for one in notices:
        place = "skipped" if one.state == Notice.State.SKIPPED else "told"
        name = names.get(one.recipient, one.recipient)
        rows[place].append(Told(one, registry.label(one.kind), name))
    return rows


def _redirections(user: User, found: Referral) -> dict[str, object]:
    """Proposals to pass it on, for its office and those inside; the way it took for these alone."""
    is_inside = bool(permissions.parts_in(user, found.issue))
    if not (is_inside or permissions.answers(user, found)):
        return {}
    made = list(found.redirections.select_related("to"))
    return {
        "redirections": made,
        "proposal": next((one for one in made if one.decided_at is None), None),
        "hops": found.passed_through() if is_inside and found.redirected_from_id else [],
    }


def _calls(user: User, found: Referral) -> list[Call]:
    """The calls to the office about the referral; none for who is no coordinator of it."""
    return list(Call.objects.visible_to(user).filter(referral=found).select_related("by"))


# --- acts ---------------------------------------------------------------------------------------
@require_POST
@vanished.keeps_typed
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    try:
        actions.acknowledge(found, by=request.user, now=clock.now())
    except TransitionError as error:
        _find(request, pk)  # who has lost it meanwhile is told nothing of it
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you. It is noted that your office received it."))
    return redirect("issues:referral", pk=pk)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def respond(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find_for(request, pk, Act.RESPOND)
    form = ResponseForm(request.POST or None, request.FILES or None)
    words = {
        "title": _("Answer"),
        "explanation": _(
            "The secretariat and the organization read your answer. The date stays as it is"
            " until the issue is reported resolved."
        ),
        "submit_label": _("Send the answer"),
        "success": _("The answer was sent."),
    }
    words |= drafted.words_for(request.user, found)
    return _act(request, found, form, actions.respond, **words)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find_for(request, pk, Act.ASK)
    return _act(
        request,
        found,
        QuestionForm(request.POST or None),
        actions.ask,
        title=_("Ask a question"),
        explanation=_("The secretariat and the organization read your question."),
        submit_label=_("Send the question"),
        success=_("The question was sent."),
    )


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find_for(request, pk, Act.ANSWER)
    return _act(
        request,
        found,
        AnswerForm(request.POST or None),
        actions.answer,
        title=_("Answer the office's question"),
        quote=_question_of(found),
        explanation=_(
            "%(office)s and the offices above it read the answer. Name no person, no village and"
            " no organization that must not be known."
        )
        % {"office": found.authority},
        submit_label=_("Send the answer"),
        success=_("The answer was sent to the office."),
    )


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find_for(request, pk, Act.RESOLVE)
    form = ResolveForm(request.POST or None, request.FILES or None, today=clock.today())
    words = {
        "title": _("Mark resolved"),
        "explanation": _resolve_explanation(request.user, found),
        "submit_label": _("Report as resolved"),
        "success": _("It is reported resolved. The organization is asked whether it is solved."),
    }
    words |= drafted.words_for(request.user, found)
    return _act(request, found, form, actions.resolve, **words)


def _resolve_explanation(user: User, found: Referral) -> str:
    if permissions.answers(user, found):
        return _("The organization that raised the issue is asked whether it is really solved.")
    return _(
        "You record this for %(office)s. Say what was done and how you were told: letter,"
        " telephone, visit. The organization is asked whether it is really solved."
    ) % {"office": found.authority}


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find_for(request, pk, Act.RECALL)
    return _act(
        request,
        found,
        RecallForm(request.POST or None),
        actions.recall,
        title=_("Recall"),
        explanation=_("%(office)s loses access to the issue at once.")
        % {"office": found.authority},
        submit_label=_("Recall the referral"),
        success=_("The referral was recalled."),
        is_danger=True,
    )


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find_for(request, pk, Act.RECORD_LETTER)
    form = HandOverForm(request.POST or None, referral=found, today=clock.today())
    return _act(
        request,
        found,
        form,
        actions.record_letter,
        title=_("Record a letter"),
        explanation=_("The working days begin to count on the day the office took in the letter."),
        submit_label=_("Record the day"),
        success=_("The day was recorded; the due date is set."),
    )


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def call(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find_for(request, pk, Act.RECORD_CALL)
    chosen = request.GET.get("outcome")
    initial = {"outcome": chosen} if chosen in Call.Outcome.values else {}
    return _act(
        request,
        found,
        CallForm(request.POST or None, initial=initial),
        actions.record_call,
        title=_("Log a call"),
        explanation=_("You called %(office)s about this referral.") % {"office": found.authority},
        submit_label=_("Save the call"),
        success=_("The call was logged."),
    )


def _find_for(request: HttpRequest, pk: int, act: Act) -> Referral:
    """The referral; 403 for who may never do this with it, whatever its state is."""
    found = _find(request, pk)
    parts = permissions.parts_in(request.user, found.issue)
    if permissions.answers(request.user, found):
        parts |= {Role.OFFICIAL.value}
    if not workflow.TRANSITIONS[act].who & parts:
        raise PermissionDenied
    return found


def _question_of(found: Referral) -> str:
    """The newest question of the office."""
    asked = found.responses.filter(kind=Response.Kind.QUESTION).order_by("created_at").last()
    return asked.text if asked else ""


def _act(
    request: HttpRequest,
    found: Referral,
    form: BareForm,
    action: Callable[..., object],
    *,
    success: str,
    **words: object,
) -> HttpResponse:
    """Do the act and go back to the referral, or show the form with what stands against it."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            action(found, by=request.user, now=clock.now(), **form.cleaned_data)
        except (TransitionError, PermissionDenied) as error:
            _find(request, found.pk)  # who has lost it meanwhile is shown nothing of it
            status = _refuse(form, error)
        else:
            messages.success(request, success)
            return redirect("issues:referral", pk=found.pk)
    back = reverse("issues:referral", args=[found.pk])
    context = {"form": form, "issue": found.issue, "cancel_url": back, **words}
    return render(request, "issues/act_form.html", context, status=status)


def _refuse(form: BareForm, error: Exception) -> int:
    """Show why it did not happen, at the form; the status of the page."""
    status = refused(form, error)
    if isinstance(form, ResponseForm):
        form.remind_of_files()
    return status
