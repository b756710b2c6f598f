"""The coordinator's desk: wishes for more time, whom to call today, and whom nobody can tell."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role
from audit import clock
from audit.errors import TransitionError
from issues import actions, calls, no_one, waiting
from issues.forms.desk import DayCallForm, PlaceForm
from issues.models import Extension, Issue, Referral
from khmer import numbers
from outbox import mending
from outbox.models import FailedAddress


def _need_coordinator(request: HttpRequest) -> None:
    if not request.user.is_role(Role.COORDINATOR):
        raise PermissionDenied


# --- more time ----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def extensions(request: HttpRequest) -> HttpResponse:
    _need_coordinator(request)
    form = None
    if request.method == "POST":
        if "together" in request.POST:
            _grant_together(request)
            return redirect("issues:extensions")
        form = PlaceForm(request.POST)
        if form.is_valid():
            _decide(request, form)
            return redirect("issues:extensions")
    rows = waiting.waiting(request.user)
    context = {"rows": rows, "form": form, "plain": sum(one.is_plain for one in rows)}
    return render(request, "issues/extensions.html", context, status=422 if form else 200)


def _grant_together(request: HttpRequest) -> None:
    asked = [
        int(one) for one in request.POST.getlist("chosen") if one.isascii() and one.isdecimal()
    ]
    seen = Extension.objects.visible_to(request.user).filter(pk__in=asked)
    mine = [one.extension.pk for one in waiting.waiting(request.user) if one.is_plain]
    chosen = set(seen.values_list("pk", flat=True)) & set(mine)
    if not chosen:
        messages.info(request, _("Choose at least one."))
        return
    made = actions.grant_together(chosen, by=request.user, now=clock.now())
    if made.done:
        said = ngettext(
            "%(number)s office has more time.", "%(number)s offices have more time.", made.done
        )
        number = numbers.in_language(made.done, get_language())
        messages.success(request, said % {"number": number})
    for reference, refusal in made.left:
        messages.warning(request, f"{reference}: {refusal}")


def _decide(request: HttpRequest, form: PlaceForm) -> None:
    typed = form.cleaned_data
    rows = Extension.objects.visible_to(request.user).select_related("referral__issue")
    found = get_object_or_404(rows, pk=typed["extension"])
    grants = typed["grants"] == PlaceForm.GIVE
    done = _("The office has more time.") if grants else _("The date stays; the office is told.")
    _tried(
        request,
        lambda: actions.decide_extension(
            found, by=request.user, now=clock.now(), grants=grants, answer=typed["answer"]
        ),
        done,
    )


# --- calls --------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def call_list(request: HttpRequest) -> HttpResponse:
    _need_coordinator(request)
    form = DayCallForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        _log(request, form)
        return redirect("issues:calls")
    rows = [(one, _form_of(one, form)) for one in calls.today(request.user, clock.now())]
    status = 422 if form else 200
    return render(request, "issues/calls.html", {"rows": rows}, status=status)


def _form_of(row: calls.ToCall, sent: DayCallForm | None) -> DayCallForm:
    """The row's own form; the one that was sent, where it has to be looked at again."""
    if sent and sent.data.get("party") == row.key:
        return sent
    about = [(one.referral or one.issue).pk for one in row.abouts]
    return DayCallForm(initial={"party": row.key, "about": about}, auto_id=f"{row.key}-%s")


def _log(request: HttpRequest, form: DayCallForm) -> None:
    ids = form.cleaned_data["about"]
    served = Issue.objects.visible_to(request.user) & Issue.objects.served_by(request.user)
    about = {"by": request.user, "now": clock.now(), **form.words}
    if form.is_organization:
        issues = list(served.filter(pk__in=ids))
        act = _acting(issues, lambda: actions.record_call_home_once(issues, **about))
    else:
        rows = Referral.objects.visible_to(request.user).filter(pk__in=ids)
        held = list(rows.filter(issue__in=served.order_by().values("pk")).select_related("issue"))
        act = _acting(held, lambda: actions.record_call_once(held, **about))
    _tried(request, act, _("The call was logged."))


def _acting(rows: list, act: Callable[[], object]) -> Callable[[], object]:
    if not rows:
        raise Http404
    return act


# --- no one to tell -----------------------------------------------------------------------------
@require_safe
def no_one_to_tell(request: HttpRequest) -> HttpResponse:
    _need_coordinator(request)
    return render(request, "issues/no_one.html", {"rows": no_one.no_one(request.user)})


@require_POST
def works_again(request: HttpRequest, pk: int) -> HttpResponse:
    _need_coordinator(request)
    failed = FailedAddress.objects.filter(pk=pk).first()
    if failed and pk not in no_one.failed_of(request.user):
        raise Http404
    if failed and mending.works_again(failed, by=request.user, now=clock.now()):
        messages.success(request, _("They are told again from now on."))
    else:
        messages.info(request, _("This was noted already."))
    return redirect("issues:no_one")


def _tried(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Do the act and say so, or say why it was not done."""
    try:
        act()
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
