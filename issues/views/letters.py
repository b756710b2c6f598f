"""The register of letters, a letter's page and papers, and what is done with it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role
from audit import clock
from audit.errors import TransitionError
from forum.forms.invitations import DateLinesForm
from forum.views.letters import DOCX, PDF
from forum.views.shared import answers_conflict, done, key_in, typed
from issues import actions, letters, papers_letter, register
from issues.forms import letters as forms
from issues.models import Letter, Referral
from issues.views.scanned import scanned
from khmer import numbers
from outbox.models import Notice
from paper import letters as paper

PER_PAGE = 25
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)}  # fmt: skip
asked = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class _Filter:
    """What ``_filters.html`` draws."""

    form: forms.RegisterForm


def _letter(request: HttpRequest, pk: int) -> Letter:
    """A letter for its coordinators; 403 for who is none, 404 for one of another province."""
    if not request.user.is_role(Role.COORDINATOR):
        raise PermissionDenied
    rows = Letter.objects.visible_to(request.user).select_related(
        "province", "authority", "organization", "issue", "referral", "notice", "created_by"
    )
    return get_object_or_404(rows, pk=pk)


def _register(request: HttpRequest) -> tuple[register.Register, forms.RegisterForm]:
    if not request.user.is_role(Role.COORDINATOR):
        raise PermissionDenied
    years = register.Register(request.user, {}).years()
    form = forms.RegisterForm(request.GET, user=request.user, years=years)
    return register.Register(request.user, form.asked()), form


# --- the register -------------------------------------------------------------------------------
@require_safe
def letters_register(request: HttpRequest) -> HttpResponse:
    found, form = _register(request)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": _Filter(form),
        "page_obj": page,
        "rows": page.object_list,
        "query": request.GET.urlencode(),
        "is_filtered": bool(form.asked()),
    }
    return render(request, "issues/letters.html", context)


@asked
def letters_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The table, for a press of the button: it is written down, which opening an address is not."""
    found, form = _register(request)
    if kind not in KINDS:
        raise Http404
    if request.method != "POST":
        return redirect(f"{reverse('issues:letters')}?{request.GET.urlencode()}")
    rows = found[0 : found.count()]
    filters = [f"letters.{name}" for name in form.asked()]
    actions.record_export(
        by=request.user, now=clock.now(), rows=len(rows), filters=filters or ["letters"]
    )
    response = HttpResponse(register.table(rows, kind), content_type=KINDS[kind])
    name = f"letters-{clock.today():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@asked
@answers_conflict
def letter_new(request: HttpRequest) -> HttpResponse:
    if not request.user.is_role(Role.COORDINATOR):
        raise PermissionDenied
    form = _incoming(request)
    made = done(form, lambda: _take_in(request, form))
    if made:
        said = _("The letter stands in the register. Write its number on it: %(number)s")
        shown = numbers.in_language(made.arrival, request.LANGUAGE_CODE)
        messages.success(request, said % {"number": shown})
        return redirect(made)
    context = {
        "title": _("A letter that came in"),
        "form": form,
        "submit_label": _("Enter the letter"),
    }
    return render(request, "issues/act_form.html", context | _back_to_register())


def _incoming(request: HttpRequest) -> forms.IncomingForm:
    return forms.IncomingForm(
        typed(request),
        request.FILES or None,
        user=request.user,
        today=clock.today(),
        referral=_referral_asked(request),
        initial=key_in(request),
    )


def _take_in(request: HttpRequest, form: forms.IncomingForm) -> Letter:
    data = form.cleaned_data
    key, scan = data["client_key"], data["scan"]
    return actions.take_in_letter(
        form.facts(), by=request.user, now=clock.now(), client_key=key, scan=scan
    )


def _referral_asked(request: HttpRequest) -> Referral | None:
    """The referral of whose page somebody came."""
    pk = request.GET.get("referral", "")
    if not pk.isdecimal() or len(pk) > 15:
        return None
    rows = Referral.objects.visible_to(request.user).select_related("issue")
    return rows.filter(pk=int(pk)).first()


def _back_to_register() -> dict[str, str]:
    page = reverse("issues:letters")
    return {"parent_url": page, "parent_label": _("Letters"), "cancel_url": page}


# --- one letter ---------------------------------------------------------------------------------
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    found = _letter(request, pk)
    context = {
        "letter": found,
        "subject": letters.subject_line(found),
        "form": DateLinesForm(initial=vars(papers_letter.lines_of(found))),
        "is_open": found.is_of_notice and not (found.handed_over_on or found.cancelled_at),
        "may_cancel": not (found.handed_over_on or found.cancelled_at),
        "has_code": bool(letters.address_of(found)),
    }
    return render(request, "issues/letter.html", context)


@require_POST
def letter_make(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter of a notice: made now, or the one that stands."""
    if not request.user.is_role(Role.COORDINATOR):
        raise PermissionDenied
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    try:
        made = actions.make_letter(notice, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect(notice)
    return redirect(made)


@require_safe
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return _paper(request, pk, lambda made: paper.pdf([made]), PDF)


@require_safe
def letter_docx(request: HttpRequest, pk: int) -> HttpResponse:
    return _paper(request, pk, paper.docx, DOCX)


def _paper(request: HttpRequest, pk: int, draw, kind: str) -> HttpResponse:
    """The paper, or its page with the reason why there is none; its name tells nothing."""
    found = _letter(request, pk)
    lines = DateLinesForm(request.GET).typed()
    try:
        content = draw(papers_letter.paper_of(found, clock.now(), lines))
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect(found)
    response = HttpResponse(content, content_type=kind)
    where, ending = ("inline", "pdf") if kind == PDF else ("attachment", "docx")
    name = f"letter-{found.number.replace('/', '-')}.{ending}"
    response["Content-Disposition"] = f'{where}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def letter_scan(request: HttpRequest, pk: int) -> HttpResponse:
    found = _letter(request, pk)
    return scanned(found.scan, found.scan_kind, f"letter-{found.pk}-stamped")


# --- acts ---------------------------------------------------------------------------------------
@asked
def letter_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    found = _letter(request, pk)
    files = request.FILES or None
    form = forms.HandOverLetterForm(typed(request), files, letter=found, today=clock.today())
    act = partial(actions.hand_over_letter, found, by=request.user, now=clock.now())
    words = {
        "title": _("The letter was handed over"),
        "explanation": _(
            "The notice then counts as told and is not sent any more. Where it is the first the"
            " office hears of the referral, its working days begin on this day."
        ),
        "submit_label": _("Record the day"),
    }
    return _act(request, found, form, act, words, _("It is noted that it was handed over."))


@asked
def letter_scan_add(request: HttpRequest, pk: int) -> HttpResponse:
    found = _letter(request, pk)
    form = forms.LetterScanForm(typed(request), request.FILES or None)
    act = partial(actions.add_letter_scan, found, by=request.user, now=clock.now())
    words = {"title": _("Scan of the stamped letter"), "submit_label": _("Keep the scan")}
    return _act(request, found, form, act, words, _("The scan was kept."))


@asked
def letter_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _letter(request, pk)
    form = forms.CancelLetterForm(typed(request))
    act = partial(actions.cancel_letter, found, by=request.user, now=clock.now())
    words = {
        "title": _("Cancel the letter"),
        "explanation": _("Its code opens nothing any more. It stays in the register."),
        "submit_label": _("Cancel the letter"),
        "is_danger": True,
    }
    return _act(request, found, form, act, words, _("The letter is cancelled."))


def _act(
    request: HttpRequest, found: Letter, form, act, words: dict[str, Any], said: str
) -> HttpResponse:
    if done(form, lambda: act(**form.cleaned_data)):
        messages.success(request, said)
        return redirect(found)
    page = {
        "form": form,
        "cancel_url": found.get_absolute_url(),
        "parent_url": found.get_absolute_url(),
        "parent_label": found.entry,
    }
    return render(request, "issues/act_form.html", words | page)
