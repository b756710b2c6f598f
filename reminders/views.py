"""Pages by which administrators say how offices are reminded."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from issues.models import Issue
from outbox.models import Hours
from provinces import workdays
from provinces.models import Province
from reminders import permissions, policy, policy_preview, policy_words
from reminders.forms import HoursForm, LadderFormSet, TryForm, initial_of, with_new_rung
from reminders.models import Ladder, ProvincePolicy, Rung
from reminders.policy_preview import Preview

AHEAD = 10  # working days to the date that is tried at first


@require_safe
def policy_page(request: HttpRequest) -> HttpResponse:
    _permit(request)
    rungs = list(Rung.objects.all())
    changes = Ladder.objects.select_related("changed_by").in_bulk()
    ladders = [
        {
            "priority": value,
            "label": label,
            "rungs": [
                (policy_words.when(one.offset), one) for one in rungs if one.priority == value
            ],
            "change": changes.get(value),
        }
        for value, label in Issue.Priority.choices
    ]
    return render(request, "reminders/policy.html", {"ladders": ladders, "hours": Hours.current()})


# --- a ladder -------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def ladder(request: HttpRequest, priority: int) -> HttpResponse:
    """Change a ladder; "preview" and "add" show the page again with what was typed."""
    label = _label(request, priority)
    rungs, tried = _forms(request, priority)
    refusal = None
    if request.method == "POST" and not {"preview", "add"} & request.POST.keys():
        refusal = _save(request, priority, rungs, tried)
        if refusal == "":
            return redirect("reminders:policy")
    context = {
        "priority": priority,
        "label": label,
        "rungs": rungs,
        "tried": tried,
        "refusal": refusal,
        "placeholders": policy_words.PLACEHOLDERS.items(),
        **_tried(request, priority, rungs, tried),
    }
    return render(request, "reminders/ladder.html", context, status=409 if refusal else 200)


@require_POST
def preview(request: HttpRequest, priority: int) -> HttpResponse:
    """What the ladder as it is typed would do; nothing is kept."""
    _label(request, priority)
    rungs, tried = _forms(request, priority)
    return render(request, "reminders/_preview.html", _tried(request, priority, rungs, tried))


def _label(request: HttpRequest, priority: int) -> str:
    """The priority in words; 403 for all but administrators, 404 where there is none such."""
    _permit(request)
    if priority not in Issue.Priority.values:
        raise Http404
    return str(Issue.Priority(priority).label)


def _forms(request: HttpRequest, priority: int) -> tuple[Any, TryForm]:
    """The rungs and what they are tried on, as typed, else as they stand."""
    if request.method == "POST":
        typed = with_new_rung(request.POST) if "add" in request.POST else request.POST
        rungs, tried = LadderFormSet(typed, prefix="rungs"), TryForm(typed)
    else:
        standing = Rung.objects.filter(priority=priority).order_by("offset")
        rungs = LadderFormSet(prefix="rungs", initial=[initial_of(one) for one in standing])
        tried = TryForm(initial=_first_try(priority))
    rungs.priority = priority
    return rungs, tried


def _first_try(priority: int) -> dict[str, Any]:
    province = Province.objects.filter(forums__isnull=False).first() or Province.objects.first()
    seen = {"seen": policy.version_of(priority)}
    if province is None:
        return seen
    due_on = workdays.calendar_of(province.pk).add(clock.today(), AHEAD)
    return seen | {"province": province.pk, "due_on": due_on}


def _save(request: HttpRequest, priority: int, rungs: Any, tried: TryForm) -> str | None:
    """Keep the ladder: nothing to say, why not in a sentence, or None where it is typed wrongly."""
    if not rungs.is_valid() or "seen" in tried.errors:
        return None
    seen = tried.cleaned_data["seen"] or 0
    try:
        is_new = policy.save_ladder(
            priority, rungs.rungs(), by=request.user, now=clock.now(), seen=seen
        )
    except TransitionError as error:
        return str(error)
    said = _("The ladder is kept. It holds at once.") if is_new else _("Nothing was changed.")
    messages.success(request, said)
    return ""


def _tried(request: HttpRequest, priority: int, rungs: Any, tried: TryForm) -> dict[str, Any]:
    """What the preview shows: nothing as long as a rung is refused."""
    if not rungs.is_bound:
        standing = list(Rung.objects.filter(priority=priority))
        return {"preview": _try(request, standing, tried.initial)}
    if not rungs.is_valid() or not tried.is_valid():
        return {"preview": Preview(refusal=_("Something typed is not right yet: see above."))}
    keys = dict(Rung.objects.filter(priority=priority).values_list("pk", "key"))
    typed = rungs.rungs()
    for one in typed:
        one.key = keys.get(one.pk, "")
    return {"preview": _try(request, typed, tried.cleaned_data)}


def _try(request: HttpRequest, rungs: list[Rung], chosen: dict[str, Any]) -> Preview:
    if reference := chosen.get("reference"):
        return policy_preview.of_referral(reference, rungs, by=request.user, now=clock.now())
    due_on, province = chosen.get("due_on"), chosen.get("province")
    if due_on is None or not province:
        return Preview(refusal=_("Choose a date and a province, or write a reference."))
    if not isinstance(province, Province):
        province = Province.objects.get(pk=province)
    return policy_preview.of_date(due_on, province, rungs)


# --- the provinces --------------------------------------------------------------------------------
@require_safe
def provinces(request: HttpRequest) -> HttpResponse:
    """Where escalations leave by themselves, who decided it, and since when."""
    _permit(request)
    return render(request, "reminders/provinces.html", {"rows": _decided()})


@require_POST
def province(request: HttpRequest, code: str) -> HttpResponse:
    _permit(request)
    found = get_object_or_404(Province, pk=code)
    seen = request.POST.get("seen", "")
    try:
        is_new = policy.set_escalation(
            found,
            by=request.user,
            now=clock.now(),
            by_itself=request.POST.get("by_itself") == "1",
            seen=int(seen) if seen.isdecimal() else 0,
        )
    except TransitionError as error:
        context = {"rows": _decided(), "refusal": str(error)}
        return render(request, "reminders/provinces.html", context, status=409)
    if is_new:
        messages.success(request, _("It is kept how escalations of the province leave."))
    return redirect("reminders:provinces")


def _decided() -> list[dict[str, Any]]:
    found = list(Province.objects.all())
    by_itself = ProvincePolicy.objects.filter(escalates_by_itself=True)
    automatic = set(by_itself.values_list("pk", flat=True))
    entries = policy.decisions(found)
    rows = [
        {"province": one, "by_itself": one.pk in automatic, "entry": entries.get(one.pk)}
        for one in found
    ]
    return sorted(rows, key=lambda row: (not row["by_itself"], row["entry"] is None))


# --- the hours ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def hours(request: HttpRequest) -> HttpResponse:
    """In which hours offices are written to, and how often a person a day."""
    _permit(request)
    stands = Hours.current()
    initial = {name: getattr(stands, name) for name in policy.HOURS}
    initial["seen"] = policy.stamp(stands)
    form = HoursForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if form.is_valid():
        try:
            policy.set_hours(by=request.user, now=clock.now(), **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("The hours are kept."))
            return redirect("reminders:policy")
    return render(request, "reminders/hours.html", {"form": form}, status=status)


def _permit(request: HttpRequest) -> None:
    """403 for all but administrators."""
    if not permissions.keeps_policy(request.user):
        raise PermissionDenied
