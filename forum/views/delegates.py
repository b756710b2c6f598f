"""Who comes for an invited party: the list, naming, replacing and taking back, and the names.

Their own people come here by their account or below the signed link; so do coordinators.
"""

from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit import clock
from audit.errors import TransitionError
from forum import actions, permissions, programme, replies
from forum.forms.delegates import DelegateForm, ReadNamesForm, ReplaceForm
from forum.forms.shared import SeenForm
from forum.models import Delegate, Invitation, Session
from forum.replies import Asked
from forum.views import shared
from forum.views.linked import below_link

TAKE_BACK = "take_back"


def with_named(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Each invitation with ``named``: how many delegates stand for it."""
    return invitations.annotate(named=Count("delegates", filter=Q(delegates__left_at=None)))


@dataclass(frozen=True)
class Row:
    """A delegate as everybody of the party sees them: never with a name.

    ``place`` on the waiting list is None for who has a seat.
    """

    delegate: Delegate
    place: int | None
    url: str


@dataclass(frozen=True)
class Desk:
    """Where delegates of one invitation are named: with an account, or by the signed link."""

    invitation: Invitation
    session: Session  # as its reader may know it
    by: User | None = None
    recipient: str = ""
    token: str = ""

    @property
    def who(self) -> dict[str, User | str | None]:
        """Who acts, for the actions."""
        return {"by": self.by, "recipient": self.recipient}

    @property
    def url(self) -> str:
        """The list with its form."""
        if self.token:
            return reverse("forum:reply_delegates", args=[self.token])
        return reverse("forum:delegates", args=[self.invitation.pk])

    @property
    def back(self) -> str:
        """Where somebody goes on who is done: the page of the link, or the list."""
        return reverse("forum:reply", args=[self.token]) if self.token else self.url

    def url_of(self, number: int) -> str:
        """Where a delegate is replaced or taken back."""
        if self.token:
            return reverse("forum:reply_delegate", args=[self.token, number])
        return reverse("forum:delegate", args=[self.invitation.pk, number])

    @cached_property
    def rows(self) -> list[Row]:
        """Those who stand, by number; two queries, or three where some wait.

        The link of an invitation that was taken back shows none of them.
        """
        if self.is_taken_back:
            return []
        found = list(_without_names(self.invitation).standing().select_related("honorific"))
        places = places_of(self.session) if any(one.is_waiting for one in found) else {}
        return [Row(one, places.get(one.pk), self.url_of(one.number)) for one in found]

    @property
    def is_taken_back(self) -> bool:
        """It is a link, and its invitation was taken back: whom it was for is no guest now."""
        return bool(self.token) and self.invitation.withdrawn_at is not None

    @property
    def waiting(self) -> int:
        """How many of them have no seat yet."""
        return sum(one.place is not None for one in self.rows)

    @property
    def seated(self) -> int:
        """How many of them have a seat."""
        return len(self.rows) - self.waiting

    @property
    def serves(self) -> bool:
        """A coordinator names for them, who may change the number of places."""
        return self.by is not None and permissions.serves(self.by, self.session)

    @property
    def closed_because(self) -> str:
        """Why nobody can be named or replaced now; empty while one can."""
        try:
            actions.check_nameable(self.invitation, clock.now())
        except TransitionError as error:
            return str(error)
        return ""

    @property
    def full_because(self) -> str:
        """Why no more can be named; empty while one can."""
        try:
            taken = [one.delegate.number for one in self.rows]
            actions.check_quota(self.invitation, taken, serves=self.serves)
        except TransitionError as error:
            return str(error)
        return ""


@dataclass(frozen=True)
class Naming:
    """What ``forum/_delegates.html`` shows: the desk, and the form for one more."""

    desk: Desk
    form: DelegateForm

    @cached_property
    def closed_because(self) -> str:
        """Why there is no form; a form that was refused is shown with its own sentence."""
        return self.desk.closed_because or self.desk.full_because

    @property
    def is_open(self) -> bool:
        """Whether delegates can be replaced and taken back."""
        return not self.desk.closed_because


def by_link(asked: Asked, token: str) -> Desk:
    """The desk below a signed link, for whomever it was made."""
    session = programme.as_published(asked.invitation.session)
    return Desk(asked.invitation, session, recipient=asked.recipient, token=token)


def naming_by_link(request: HttpRequest, asked: Asked, token: str) -> dict[str, Naming]:
    """What ``forum/_delegates.html`` needs on the page of the link."""
    form = DelegateForm(initial=shared.key_in(request))
    return {"naming": Naming(by_link(asked, token), form)}


def places_of(session: Session) -> dict[int, int]:
    """The place on the session's waiting list of each delegate who waits, by id."""
    waiting = session.delegates.standing().filter(is_waiting=True).order_by("named_at", "pk")
    return {pk: place for place, pk in enumerate(waiting.values_list("pk", flat=True), start=1)}


def _without_names(invitation: Invitation) -> QuerySet[Delegate]:
    """Its delegates with ``is_name_kept`` instead of what is sealed."""
    rows = invitation.delegates.defer("sealed")
    return rows.annotate(is_name_kept=Q(sealed__isnull=False)).order_by("number")


def _by_account(request: HttpRequest, pk: int) -> Desk:
    invitation = shared.visible_invitation(request, pk)
    if not permissions.answers(request.user, invitation):
        raise PermissionDenied
    session = programme.as_seen_by(request.user, [invitation.session])[0]
    return Desk(invitation, session, by=request.user)


def _by_token(token: str) -> Desk:
    asked = replies.read(token, clock.now())
    if asked is None:
        raise Http404
    return by_link(asked, token)


# --- the list, and one more ---------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
@shared.answers_conflict
def delegates(request: HttpRequest, pk: int) -> HttpResponse:
    return _list(request, _by_account(request, pk))


@below_link
@require_http_methods(["GET", "POST"])
@shared.answers_conflict
def reply_delegates(request: HttpRequest, token: str) -> HttpResponse:
    return _list(request, _by_token(token))


def _list(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = DelegateForm(shared.typed(request), initial=shared.key_in(request))
    made = shared.done(
        form,
        lambda: actions.name_delegate(
            desk.invitation, now=clock.now(), **desk.who, **form.cleaned_data
        ),
    )
    if made is not None:
        messages.success(request, _said_of(made))
        return redirect(desk.back)
    return render(request, "forum/delegates.html", _context(desk, form))


def _said_of(made: Delegate) -> str:
    """Whether the delegate has a place, or which one on the waiting list."""
    number = {"number": made.number}
    if not made.is_waiting:
        return _("Delegate %(number)d is named and has a place.") % number
    place = places_of(made.session).get(made.pk)
    if place is None:  # a place came free, or they were taken back, since they were named
        return _("Delegate %(number)d is named.") % number
    number["place"] = place
    return (
        _("Delegate %(number)d is named and waits: place %(place)d on the waiting list.") % number
    )


def _context(desk: Desk, form: DelegateForm) -> dict[str, object]:
    naming = Naming(desk, form)
    return {"naming": naming, "desk": desk, "session": desk.session, "serves": desk.serves}


# --- one delegate -------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
@shared.answers_conflict
def delegate(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    return _one(request, _by_account(request, pk), number)


@below_link
@require_http_methods(["GET", "POST"])
@shared.answers_conflict
def reply_delegate(request: HttpRequest, token: str, number: int) -> HttpResponse:
    return _one(request, _by_token(token), number)


def _one(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    seen = SeenForm(request.POST)
    if desk.is_taken_back or not seen.is_valid():
        messages.error(request, desk.closed_because or _unreadable())
        return redirect(desk.back)
    found = _find(desk, number, seen.cleaned_data["seen"])
    if request.POST.get("act") == TAKE_BACK:
        return _take_back(request, desk, found)
    initial = {"seen": found.pk} | shared.key_in(request)
    form = ReplaceForm(shared.typed(request), initial=initial)
    made = shared.done(form, lambda: _replace(desk, found, form))
    if made is not None:
        messages.success(request, _("Delegate %(number)d is replaced.") % {"number": number})
        return redirect(desk.back)
    if not form.is_bound and desk.closed_because:
        messages.error(request, desk.closed_because)
        return redirect(desk.back)
    return render(request, "forum/delegate.html", _context(desk, form) | {"found": found})


def _unreadable() -> str:
    return _("The page or form was sent in a way that could not be read. Open it again.")


def _find(desk: Desk, number: int, seen: int | None) -> Delegate:
    """Who was named when the page was opened, else who has the number now."""
    rows = _without_names(desk.invitation).filter(number=number)
    rows = rows.standing() if seen is None else rows.filter(pk=seen)
    return get_object_or_404(rows)


def _replace(desk: Desk, found: Delegate, form: ReplaceForm) -> Delegate:
    person = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
    return actions.replace_delegate(found, now=clock.now(), **desk.who, **person)


def _take_back(request: HttpRequest, desk: Desk, found: Delegate) -> HttpResponse:
    try:
        actions.take_back_delegate(found, now=clock.now(), **desk.who)
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        said = _("Delegate %(number)d is taken back.") % {"number": found.number}
        messages.success(request, said)
    return redirect(desk.back)


# --- names --------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def session_names(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the names once, in the answer to the reason; opened again it asks again."""
    session = shared.served_session(request, pk)
    form = ReadNamesForm(shared.typed(request))
    context = {"session": session, "form": form}
    if form.is_valid():
        context["is_open"] = True
        context["names"] = actions.read_names(
            session, by=request.user, now=clock.now(), **form.cleaned_data
        )
    else:
        context["kept"] = session.delegates.standing().exclude(sealed=None).count()
    return render(request, "forum/session_names.html", context)
