"""What an office prepares before a session: its reply to each item it is expected at."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from audit import clock
from audit.errors import TransitionError
from forum.models import Session
from issues import actions
from issues.forms.agenda import ReplyForm
from issues.models import AgendaItem, PreparedReply, Referral
from issues.models.issue import LONG_OF_ISSUE
from issues.views import agenda_page
from issues.views.agenda import CHANGEABLE
from issues.views.agenda_page import Entry
from issues.views.sitting import session_of
from provinces.models import Authority


@dataclass
class Asked:
    """An item at which an office of the reader is expected, its reply and the form for it."""

    entry: Entry
    office: Authority
    reply: PreparedReply | None
    form: ReplyForm | None = None
    referral: int | None = None


@require_safe
def replies(request: HttpRequest, pk: int) -> HttpResponse:
    session = session_of(request, pk)
    asked = asked_of(session, request.user)
    if not asked and not (
        request.user.office_ids and agenda_page.reads_agenda(request.user, session)
    ):
        raise Http404
    return _page(request, session, asked)


@require_POST
def item_reply(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    item = AgendaItem.objects.visible_to(request.user).filter(pk=pk).first()
    session = session_of(request, item.session_id) if item else None
    asked = asked_of(session, request.user) if session else []
    one = next((a for a in asked if (a.entry.item.pk, a.office.pk) == (pk, office)), None)
    if one is None:
        raise Http404
    one.form = ReplyForm(request.POST, item=pk, authority=office)
    if not one.form.is_valid():
        return _page(request, session, asked)
    if _kept(one, request.user):
        said = _("The reply is kept.") if one.form.cleaned_data["text"] else ""
        messages.success(request, said or _("There is no reply to this item any more."))
        return redirect(f"{reverse('issues:replies', args=[session.pk])}#item-{pk}")
    return _page(request, session, asked, status=409)


def _kept(one: Asked, user: User) -> bool:
    """Keep the reply; where it is refused the form goes on from what stands now."""
    typed = one.form.cleaned_data
    try:
        actions.prepare_reply(
            one.entry.item, authority=one.office, by=user, now=clock.now(), **typed
        )
    except TransitionError as error:
        data = QueryDict(mutable=True)
        data.update(typed | {"seen": one.reply.version if one.reply else 0})
        one.form = ReplyForm(data, item=one.entry.item.pk, authority=one.office.pk)
        one.form.add_error(None, str(error))
        return False
    return True


def _page(
    request: HttpRequest, session: Session, asked: list[Asked], status: int = 200
) -> HttpResponse:
    is_open = session.status in CHANGEABLE
    for one in asked:
        if one.form is None and is_open and getattr(one.entry.item, "outcome", None) is None:
            one.form = _form_of(one)
    context = {
        "session": session,
        "asked": asked,
        "several": len({one.office.pk for one in asked}) > 1,
        "is_open": is_open,
        "reads_agenda": agenda_page.reads_agenda(request.user, session),
    }
    return render(request, "issues/agenda_replies.html", context, status=status)


def _form_of(one: Asked) -> ReplyForm:
    reply = one.reply
    stands = {"text": reply.text, "title": reply.title, "seen": reply.version} if reply else {}
    return ReplyForm(item=one.entry.item.pk, authority=one.office.pk, initial={"seen": 0} | stands)


def asked_of(session: Session, user: User) -> list[Asked]:
    """The items at which the user's own offices are expected or whose issue they hold, in order.

    Without what concerns such an office and what is frozen. At most eight queries.
    """
    if not user.office_ids:
        return []
    items = list(agenda_page.items(session).defer(*LONG_OF_ISSUE))
    entries = agenda_page.entries(items, session, user, serves=False)
    agenda_page.place(entries, session)
    offices = Authority.objects.in_bulk(user.office_ids)
    expected = _expected(session, user)
    referrals = _held(items, user)
    rows = PreparedReply.objects.visible_to(user).filter(item__session=session)
    kept = {(one.item_id, one.authority_id): one for one in rows}
    return [
        Asked(
            entry,
            office,
            kept.get((entry.item.pk, pk)),
            referral=referrals.get((entry.item.issue_id, pk)),
        )
        for entry in entries
        for pk, office in sorted(offices.items())
        if not entry.is_hidden
        and ((entry.item.pk, pk) in expected or (entry.item.issue_id, pk) in referrals)
    ]


def _expected(session: Session, user: User) -> set[tuple[int, int]]:
    """Item and office of everything the user's offices are expected at."""
    links = AgendaItem.expected.through.objects.filter(
        agendaitem__session=session, authority__in=user.office_ids
    )
    return set(links.values_list("agendaitem", "authority"))


def _held(items: Iterable[AgendaItem], user: User) -> dict[tuple[int | None, int], int]:
    """By issue and office the referrals that the user's offices hold of these items."""
    rows = Referral.objects.open().filter(
        issue__in=[one.issue_id for one in items if one.issue_id],
        authority__in=user.office_ids,
        released_at__isnull=False,
    )
    return {(one.issue_id, one.authority_id): one.pk for one in rows}
