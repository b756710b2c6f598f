"""Mail that waits for a person: read, put where it belongs, or put aside."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from audit import clock
from audit.errors import TransitionError
from inbox import actions, made, permissions, raw, reading
from inbox.actions.handling import HANDLED
from inbox.forms import AttachForm, DismissForm
from inbox.models import Incoming
from issues.models import Issue, Referral

PER_PAGE = 25
FOUND = 10  # issues that a search for a reference shows
State = Incoming.State


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    visible = _visible(request)
    state = request.GET.get("state", State.HELD)
    rows = visible.filter(state=state) if state in State.values else visible.none()
    rows = rows.defer("sealed").select_related("province", "issue")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "state": state, "counts": _counts(visible)}
    return render(request, "inbox/inbox.html", context)


@require_safe
def incoming(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk), DismissForm())


@require_safe
def incoming_raw(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if found.is_within_office:
        raise PermissionDenied
    name = f"mail-{found.pk}.eml"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(raw.opened(found), content_type="message/rfc822", headers=headers)


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        actions.dismiss(found, by=request.user, now=clock.now(), **form.cleaned_data)
    except TransitionError as error:  # somebody was faster
        messages.error(request, str(error))
        return redirect(found)
    messages.success(request, _("The mail was put aside. It can still be read."))
    return redirect("inbox:inbox")


@require_http_methods(["GET", "POST"])
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if not permissions.attaches_any(request.user):
        raise PermissionDenied
    asked = request.GET.get("q", "").strip() or (found.issue.reference if found.issue else "")
    issues = _issues(request.user, asked)
    issue = issues[0] if len(issues) == 1 else None
    form = _form(request, found, issue) if issue and found.state in HANDLED else None
    if form and form.is_valid():
        try:
            _attach(request, found, issue, form)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The mail was put where it belongs."))
            return redirect(found)
    context = {"mail": found, "asked": asked, "issues": issues, "issue": issue, "form": form}
    return render(request, "inbox/attach.html", context)


def _attach(request: HttpRequest, found: Incoming, issue: Issue, form: AttachForm) -> None:
    said = {"title": form.cleaned_data["title"], "text": form.cleaned_data["text"]}
    place = {"issue": issue, "referral": form.referral}
    actions.attach(found, by=request.user, now=clock.now(), **place, **said)


# --- what the pages show --------------------------------------------------------------------------
def _visible(request: HttpRequest) -> QuerySet[Incoming]:
    """The mail the user reads; 403 for who is neither coordinator nor administrator."""
    if not permissions.opens(request.user):
        raise PermissionDenied
    return Incoming.objects.visible_to(request.user)


def _found(request: HttpRequest, pk: int) -> Incoming:
    rows = _visible(request).select_related(
        "province", "issue", "referral__authority", "handled_by", "message", "draft"
    )
    return get_object_or_404(rows, pk=pk)


def _counts(visible: QuerySet[Incoming]) -> list[dict[str, Any]]:
    """How many stand in each state, what waits first; other states without any are left out."""
    rows = visible.order_by().values_list("state").annotate(number=Count("pk"))
    numbers = dict(rows)
    return [
        {"state": one.value, "label": one.label, "number": numbers.get(one.value, 0)}
        for one in [State.HELD, *(other for other in State if other != State.HELD)]
        if one == State.HELD or one.value in numbers
    ]


@dataclass(frozen=True)
class File:
    """A file of a mail as it is listed."""

    name: str
    size: int
    is_refused: bool


def _page(
    request: HttpRequest, found: Incoming, form: DismissForm, *, status: int = 200
) -> HttpResponse:
    mail = None if found.is_within_office else _read(found)
    context = {
        "mail": found,
        "name": mail.name if mail else "",
        "text": mail.text if mail else "",
        "files": _files(found, mail),
        "form": form,
        "may_handle": found.state in HANDLED,
        "may_attach": permissions.attaches_any(request.user),
    }
    return render(request, "inbox/incoming.html", context, status=status)


def _read(found: Incoming) -> reading.Mail | None:
    """The mail taken apart; None for one on which that breaks, or that no key opens."""
    try:
        return reading.read(raw.opened(found))
    except Exception:  # it waits just because of that; its whole can still be downloaded
        return None


def _files(found: Incoming, mail: reading.Mail | None) -> list[File]:
    attachments = mail.attachments if mail else []
    return [
        File(one.name, len(one.content), number in found.refused)
        for number, one in enumerate(attachments, start=1)
    ]


def _issues(user: User, asked: str) -> list[Issue]:
    """Issues of the user's secretariat in whose reference the words stand; the whole one alone."""
    if not asked:
        return []
    served = Issue.objects.served_by(user) & Issue.objects.visible_to(user)
    rows = served.exclude(reference=None).select_related("province")
    exact = list(rows.filter(reference=asked))
    return exact or list(rows.filter(reference__contains=asked).order_by("-pk")[:FOUND])


def _form(request: HttpRequest, found: Incoming, issue: Issue) -> AttachForm:
    """The form for the issue, with what the mail says; of a confidential one no word is shown."""
    open_ones = Referral.objects.open().filter(issue=issue, released_at__isnull=False)
    referrals = list(open_ones.select_related("authority"))
    mail = _read(found)
    chosen = found.referral_id or (referrals[0].pk if len(referrals) == 1 else None)
    initial = {
        "target": f"referral:{chosen}" if chosen else f"issue:{issue.pk}",
        "title": (mail.name or mail.sender) if mail else found.sender,
        "text": made.words_of(mail) if mail else "",
    }
    typed = request.POST if request.method == "POST" else None
    return AttachForm(typed, issue=issue, referrals=referrals, initial=initial)
