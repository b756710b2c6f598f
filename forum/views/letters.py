"""Printing the letters of invitation: one, or all of a session."""

from collections.abc import Callable, Sequence
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import clock
from audit.errors import TransitionError
from forum import papers, permissions
from forum.forms.invitations import DateLinesForm, LettersForm
from forum.models import Invitation
from forum.views import shared
from paper import letters

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
View = Callable[..., HttpResponse]
Lines = dict[str, str | None]


def _says_why_not(view: View) -> View:
    """Back to the session with the reason, where there is no letter to print."""

    @wraps(view)
    def saying(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except NoLetter as error:
            messages.error(request, str(error))
            return redirect(error.back)

    return saying


class NoLetter(Exception):
    """There is no letter to print, with the page to go back to."""

    def __init__(self, reason: str, back: str) -> None:
        super().__init__(reason)
        self.back = back


# --- one letter ---------------------------------------------------------------------------------
@require_safe
def invitation_letter(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.served_invitation(request, pk)
    form = DateLinesForm(initial=vars(papers.lines_of(found)))
    context = {"invitation": found, "session": found.session, "form": form}
    return render(request, "forum/invitation_letter.html", context)


@require_safe
@_says_why_not
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.visible_invitation(request, pk)
    if not permissions.answers(request.user, found):
        raise PermissionDenied
    # Whoever is invited prints what was reckoned: an official paper says nothing they typed.
    typed = _typed(request) if permissions.serves(request.user, found.session) else {}
    made = _letters(_one(pk), typed, found.session.get_absolute_url())
    return _file(letters.pdf(made), PDF, "invitation.pdf")


@require_safe
@_says_why_not
def letter_docx(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.served_invitation(request, pk)
    made = _letters(_one(pk), _typed(request), found.session.get_absolute_url())
    return _file(letters.docx(made[0]), DOCX, "invitation.docx")


def _one(pk: int) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=pk)


def _typed(request: HttpRequest) -> Lines:
    """The date lines that stand in place of the letter's own."""
    return DateLinesForm(request.GET).typed()


# --- all of a session ---------------------------------------------------------------------------
@require_safe
def session_letters(request: HttpRequest, pk: int) -> HttpResponse:
    session = shared.served_session(request, pk)
    lines = papers.date_lines(session.province, timezone.localdate(clock.now()))
    form = LettersForm(initial=vars(lines) | {"which": request.GET.get("which", "all")})
    return render(request, "forum/letters.html", {"session": session, "form": form})


@require_safe
@_says_why_not
def letters_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    session = shared.served_session(request, pk)
    which = request.GET.get("which", "all")
    rows = session.invitations.standing()
    if which == "drafts":
        rows = rows.filter(released_at=None)
    elif which == "not_handed_over":
        rows = rows.filter(released_at__isnull=False, handed_over_on=None)
    typed = LettersForm(request.GET).typed()
    made = _letters(rows, typed, reverse("forum:invitations", args=[pk]))
    return _file(letters.pdf(made), PDF, "invitations.pdf")


def _letters(rows: QuerySet[Invitation], typed: Lines, back: str) -> Sequence[letters.Letter]:
    """The letters, with the date lines that were typed in place of each one's own."""
    invitations = list(papers.for_letters(rows))
    if not invitations:
        raise NoLetter(_("There is no such letter."), back)
    try:
        return papers.letters_of(invitations, typed)
    except TransitionError as error:
        raise NoLetter(str(error), back) from error


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    """The paper, to look at or to keep; its name tells nothing of anybody."""
    response = HttpResponse(content, content_type=kind)
    where = "inline" if kind == PDF else "attachment"
    response["Content-Disposition"] = f'{where}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
