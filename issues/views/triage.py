"""Pages of the secretariat: the list, and what it does with an issue."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from audit import clock
from audit.errors import Conflict, TransitionError
from issues import actions, permissions, workflow
from issues.filters import IssueFilter
from issues.forms import triage as triage_forms
from issues.models import Issue, Referral
from issues.models.issue import LONG
from issues.page import done_of, village_named
from issues.permissions import Audience, Shown
from issues.workflow import Act

PAGE_SIZE = 25
MINE, OTHERS = "mine", "others"  # the halves of the list, as they stand in the query string


# --- the list -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """An issue in the list, as far as its reader may see it."""

    issue: Issue
    shown: Shown
    due_on: dt.date | None
    due: str  # the badge: "", "due-today" or "overdue"


@require_safe
def issues(request: HttpRequest) -> HttpResponse:
    user, today = request.user, clock.today()
    scopes, scope = _scopes(user), _scope(request)
    rows = _within(scope, _listed(user), user) if scopes else _listed(user)
    found = IssueFilter(request.GET, queryset=rows, user=user, today=today)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "scopes": scopes,
        "scope": scope,
        "filter": found,
        "page_obj": page,
        "rows": [_row(issue, user, today) for issue in page],
        "is_representative": bool(user.organization_ids),
        "is_coordinator": user.is_role("coordinator"),
    }
    return render(request, "issues/issues.html", context)


def _scopes(user: User) -> tuple[tuple[str, str], ...]:
    """The two halves of the list and their names; none for whom no issue can concern."""
    if user.is_role("coordinator"):
        own = _("Our provinces")
    elif user.organization_ids:
        own = _("Ours")
    elif user.office_ids:
        own = _("With our office")
    else:
        return ()
    return ((MINE, own), (OTHERS, _("Published by others")))


def _scope(request: HttpRequest) -> str:
    return OTHERS if request.GET.get("scope") == OTHERS else MINE


def _within(scope: str, rows: QuerySet[Issue], user: User) -> QuerySet[Issue]:
    """What concerns the user, or all else the user may read."""
    own = Issue.objects.concerning(user).values("pk")
    return rows.filter(pk__in=own) if scope == MINE else rows.exclude(pk__in=own)


def _listed(user: User) -> QuerySet[Issue]:
    """All the user may read, with what a row shows; own drafts first, then the newest."""
    rows = Issue.objects.visible_to(user).select_related(
        "organization", "province", "commune__parent", "theme"
    )
    referrals = Prefetch("referrals", Referral.objects.visible_to(user), to_attr="read_referrals")
    has_drafts = bool(user.organization_ids)
    newest = F("submitted_at").desc(
        nulls_first=True if has_drafts else None, nulls_last=None if has_drafts else True
    )
    return rows.prefetch_related(referrals).defer(*LONG).order_by(newest, "-pk")


def _row(issue: Issue, user: User, today: dt.date) -> Row:
    held: list[Referral] = issue.read_referrals
    is_referred = any(one.authority_id in user.answerable_ids for one in held)
    audience = permissions.audience_of(user, issue, is_referred=is_referred)
    due_on = min((one.date for one in held if one.is_open), default=None)
    due = "due-today" if due_on == today else ""
    if any(permissions.is_late(one, today) for one in held):
        due = "overdue"
    return Row(issue, permissions.disclosed(issue, audience), due_on, due)


# --- acts ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Words:
    """What the page of an act says."""

    title: Promise
    explanation: Promise
    submit_label: Promise
    done: Promise
    is_danger: bool = False


WORDS = {
    Act.ACCEPT: Words(
        gettext_lazy("Accept the issue"),
        gettext_lazy("The issue waits for the next session from now on; its organization is told."),
        gettext_lazy("Accept"),
        gettext_lazy("The issue was accepted and its organization is told."),
    ),
    Act.RETURN: Words(
        gettext_lazy("Return the issue with a question"),
        gettext_lazy("The organization can change the issue and send it again with its answer."),
        gettext_lazy("Return"),
        gettext_lazy("The issue was returned and its organization is told."),
    ),
    Act.DECLINE: Words(
        gettext_lazy("Decline the issue"),
        gettext_lazy(
            "The issue is closed, open referrals end, and it leaves every agenda it waits on."
        ),
        gettext_lazy("Decline"),
        gettext_lazy("The issue was declined and its organization is told why."),
        is_danger=True,
    ),
    Act.PUBLISH: Words(
        gettext_lazy("Publish the issue"),
        gettext_lazy("Everybody can read then, without an account, exactly what stands below."),
        gettext_lazy("Publish"),
        gettext_lazy("The issue is published."),
    ),
    Act.UNPUBLISH: Words(
        gettext_lazy("Take the issue from the public"),
        gettext_lazy("Only those whom it concerns can read it then."),
        gettext_lazy("Take it from the public"),
        gettext_lazy("The issue is no longer published."),
    ),
    Act.TIGHTEN: Words(
        gettext_lazy("Let fewer people see the issue"),
        gettext_lazy(
            "It holds at once, and only the organization could widen it again. What is published"
            " is taken from the public; a confidential issue names no organization."
        ),
        gettext_lazy("Let fewer people see it"),
        gettext_lazy("Fewer people see the issue from now on."),
    ),
    Act.CONCERN: Words(
        gettext_lazy("The issue concerns an office"),
        gettext_lazy(
            "The office and all below it see nothing of the issue any more, at once. What they"
            " hold of it is recalled; without a leading office the issue waits again."
        ),
        gettext_lazy("Keep it from this office"),
        gettext_lazy("The office is marked: it sees nothing of the issue."),
        is_danger=True,
    ),
    Act.REOPEN: Words(
        gettext_lazy("Reopen the issue"),
        gettext_lazy("The issue is accepted again and waits for the next session."),
        gettext_lazy("Reopen"),
        gettext_lazy("The issue was reopened."),
    ),
    Act.REFER: Words(
        gettext_lazy("Refer the issue to an office"),
        gettext_lazy("The office is told at once and reminded until the issue is solved."),
        gettext_lazy("Refer"),
        gettext_lazy("The issue was referred; the office is told."),
    ),
}


@require_http_methods(["GET", "POST"])
def issue_accept(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.AcceptForm(_typed(request), issue=issue)
    return _act(request, issue, Act.ACCEPT, form, actions.accept)


@require_http_methods(["GET", "POST"])
def issue_return(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ReturnForm(_typed(request))
    return _act(request, issue, Act.RETURN, form, actions.return_)


@require_http_methods(["GET", "POST"])
def issue_decline(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.DeclineForm(_typed(request))
    return _act(request, issue, Act.DECLINE, form, actions.decline)


@require_http_methods(["GET", "POST"])
def issue_publish(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ActForm(_typed(request))
    shown = permissions.disclosed(issue, Audience.PUBLIC)
    page = {"template": "issues/issue_publish.html", "shown": shown, "done": done_of(issue)}
    return _act(request, issue, Act.PUBLISH, form, actions.publish, **page)


@require_http_methods(["GET", "POST"])
def issue_unpublish(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ActForm(_typed(request))
    return _act(request, issue, Act.UNPUBLISH, form, actions.unpublish)


@require_http_methods(["GET", "POST"])
def issue_tighten(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.TightenForm(_typed(request), issue=issue)
    return _act(request, issue, Act.TIGHTEN, form, actions.tighten)


@require_http_methods(["GET", "POST"])
def issue_concern(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ConcernForm(_typed(request), issue=issue)
    return _act(request, issue, Act.CONCERN, form, actions.bar)


@require_http_methods(["GET", "POST"])
def issue_reopen(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ReopenForm(_typed(request))
    return _act(request, issue, Act.REOPEN, form, actions.reopen)


@require_http_methods(["GET", "POST"])
def issue_refer(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ReferForm(_typed(request), issue=issue, today=clock.today())
    return _act(request, issue, Act.REFER, form, actions.refer)


@never_cache
@require_http_methods(["GET", "POST"])
def issue_protected(request: HttpRequest, reference: str) -> HttpResponse:
    """Shows the village once, in the answer to the reason; opened again it asks again."""
    issue = _served(request, reference)
    form = triage_forms.ReadProtectedForm(_typed(request))
    context = {"issue": issue, "form": form}
    if request.method == "POST" and form.is_valid():
        part = actions.read_protected(issue, by=request.user, **form.cleaned_data)
        context |= {"is_open": True, "village": village_named(part.get("village", ""))}
    return render(request, "issues/issue_protected.html", context)


def _served(request: HttpRequest, reference: str) -> Issue:
    """The issue, if the user reads it (else 404) and is of its province's secretariat (403)."""
    rows = Issue.objects.visible_to(request.user).select_related(
        "organization", "province", "commune__parent", "theme"
    )
    issue = get_object_or_404(rows, reference=reference)
    if not permissions.serves(request.user, issue):
        raise PermissionDenied
    return issue


def _typed(request: HttpRequest) -> QueryDict | None:
    """What was sent; None where the form is only opened."""
    return request.POST if request.method == "POST" else None


def _act(
    request: HttpRequest,
    issue: Issue,
    act: Act,
    form: triage_forms.ActForm,
    do: Callable[..., object],
    *,
    template: str = "issues/act_form.html",
    **context: object,
) -> HttpResponse:
    """Do the act with what was typed, or show its page: again, with a sentence, if refused."""
    if request.method == "GET" and (refusal := _refusal(request.user, issue, act)):
        messages.info(request, refusal)
        return redirect(issue)
    status = 200
    if request.method == "POST" and form.is_valid():
        done = partial(do, issue, by=request.user, now=clock.now(), **form.cleaned_data)
        status = _tried(done, form)
        if form.is_valid():
            messages.success(request, f"{WORDS[act].done} {form.remark}".strip())
            return redirect(issue)
    context |= {"issue": issue, "form": form, "cancel_url": issue.get_absolute_url()}
    return render(request, template, vars(WORDS[act]) | context, status=status)


def _tried(do: Callable[[], object], form: forms.Form) -> int:
    """Do it, or put the refusal at the form; the status of the page that shows the form again."""
    try:
        do()
    except TransitionError as error:  # somebody was faster
        form.add_error(None, str(error))
        return 409 if isinstance(error, Conflict) else 200
    return 200


def _refusal(user: User, issue: Issue, act: Act) -> str:
    """Why the act's page is not opened now; empty where it is."""
    if act == Act.PUBLISH and issue.disclosure != Issue.Disclosure.PUBLIC:
        return _("Its organization did not allow this issue to be published.")
    if act == Act.TIGHTEN and not issue.stricter:
        return _("Nobody could see less of it: it is confidential already.")
    if act == Act.PUBLISH and issue.published_at and done_of(issue).is_published(issue):
        return _("Meanwhile this was done already.")
    if act == Act.UNPUBLISH and not issue.published_at:
        return _("Meanwhile this was done already.")
    try:
        workflow.check(act, issue, permissions.parts_in(user, issue))
    except TransitionError as refusal:
        return str(refusal)
    return ""
