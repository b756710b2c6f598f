"""What is done with the minutes: one page with one form for each act."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from audit import clock
from forum.actions import releasing
from forum.views.shared import answers_conflict, done, key_in, typed
from issues.forms.fields import BareForm
from minutes import actions, content, forms, permissions
from minutes.models import LANGUAGES, Comment, Minutes, Passage, Place
from minutes.views import shared
from minutes.workflow import Act

asked = require_http_methods(["GET", "HEAD", "POST"])


def _back(request: HttpRequest, minutes: Minutes, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("minutes:minutes", minutes.session_id)


# --- the draft ----------------------------------------------------------------------------------
@asked
@shared.on_minutes(Act.EDIT_PASSAGE)
def passage(
    request: HttpRequest, minutes: Minutes, language: str, kind: str = "discussion", item: int = 0
) -> HttpResponse:
    found, label = _place(request, minutes, kind, item)
    if language not in dict(LANGUAGES):
        raise Http404
    rows = Passage.objects.filter(minutes=minutes.pk, kind=kind, item=found, language=language)
    row = rows.first() or Passage(version=0)
    initial = {"seen": row.version, "text": row.text}
    form = forms.PassageForm(typed(request), initial=initial)
    place = {"kind": kind, "item": found, "language": language}
    edit = partial(actions.edit_passage, by=request.user, now=clock.now(), **place)
    if done(form, lambda: edit(minutes.session, **form.cleaned_data)):
        return _back(request, minutes, _("The passage was saved."))
    title = f"{label} ({dict(LANGUAGES)[language]})"
    quote = row.text if form.is_bound else ""  # what somebody else wrote meanwhile
    return shared.act_page(request, minutes, form, title, quote=quote)


def _place(request: HttpRequest, minutes: Minutes, kind: str, item: int):
    """The item, if any, and the place in words; 404 for no place of the minutes."""
    if item:
        found, number = shared.shown_item(request, minutes, item)
        return found, shared.item_label(number)
    if kind not in Place or kind == Place.DISCUSSION:
        raise Http404
    return None, Place(kind).label


@asked
@shared.on_minutes(Act.SET_NUMBER)
def number(request: HttpRequest, minutes: Minutes) -> HttpResponse:
    form = forms.NumberForm(typed(request), initial={"number": minutes.number})
    write = partial(actions.set_number, minutes.session, by=request.user, now=clock.now())
    if done(form, lambda: write(**form.cleaned_data)):
        return _back(request, minutes, _("The number was saved."))
    return shared.act_page(request, minutes, form, _("Number of the minutes"))


@asked
@shared.on_minutes(Act.SEND_FOR_COMMENT)
def send(request: HttpRequest, minutes: Minutes) -> HttpResponse:
    form = forms.SendForm(typed(request), initial={"seen": minutes.round})
    act = partial(actions.send_for_comment, minutes.session, by=request.user, now=clock.now())
    if done(form, lambda: act(**form.cleaned_data)):
        return _back(request, minutes, _("The minutes were sent for comment."))
    more = {"explanation": _told(minutes), "submit_label": _("Send for comment")}
    return shared.act_page(request, minutes, form, _("Send the minutes for comment"), **more)


def _told(minutes: Minutes) -> str:
    """How many people are about to be told."""
    groups = releasing.people_of(list(minutes.session.invitations.left())).values()
    count = len({person for group in groups for person in group})
    return ngettext(
        "%(count)d recipient is told, as invited to the session.",
        "%(count)d recipients are told, as invited to the session.",
        count,
    ) % {"count": count}


# --- comments -----------------------------------------------------------------------------------
@asked
@shared.on_minutes(Act.COMMENT)
@answers_conflict
def comment(
    request: HttpRequest, minutes: Minutes, kind: str = "discussion", item: int = 0
) -> HttpResponse:
    found, label = _place(request, minutes, kind, item)
    own = permissions.own_invitations(request.user, minutes.session)
    form = forms.CommentForm(typed(request), invitations=own, initial=key_in(request))
    say = partial(actions.comment, by=request.user, now=clock.now(), kind=kind, item=found)
    if done(form, lambda: say(**form.cleaned_data)):
        return _back(request, minutes, _("Your comment was sent to the secretariat."))
    title = _("Comment on: %(place)s") % {"place": label}
    return shared.act_page(request, minutes, form, title, submit_label=_("Send"))


@asked
@shared.on_minutes(Act.ANSWER_COMMENT)
def comment_answer(request: HttpRequest, minutes: Minutes, comment: int) -> HttpResponse:
    rows = Comment.objects.visible_to(request.user).filter(minutes=minutes.pk)
    found = get_object_or_404(rows, pk=comment)
    if found.item_id:
        shared.shown_item(request, minutes, found.item_id)
    form = forms.AnswerForm(typed(request))
    answer = partial(actions.answer_comment, found, by=request.user, now=clock.now())
    if done(form, lambda: answer(**form.cleaned_data)):
        return _back(request, minutes, _("The comment was answered."))
    return shared.act_page(request, minutes, form, _("Answer a comment"), quote=found.text)


# --- the approval -------------------------------------------------------------------------------
@asked
@shared.on_minutes(Act.APPROVE)
def approve(request: HttpRequest, minutes: Minutes) -> HttpResponse:
    session = minutes.session
    rows = session.presidings.select_related("presider")
    titles = {one.role: one.presider.title for one in rows}
    files = request.FILES or None
    initial = {"seen": content.checksum_of(content.draw(minutes))}
    form = forms.ApproveForm(typed(request), files, titles=titles, initial=initial)
    act = partial(actions.approve, session, by=request.user, now=clock.now())
    if done(form, lambda: act(**form.signed())):
        return _back(request, minutes, _("The minutes are approved."))
    explanation = _(
        "From now on outcomes and agenda stay as they are. What is wrong is then corrected by"
        " numbered amendments."
    )
    more = {"explanation": explanation, "submit_label": _("Approve the minutes")}
    return shared.act_page(request, minutes, form, _("Approve the minutes"), **more)


@asked
@shared.on_minutes(Act.ADD_SCAN)
def scan_add(request: HttpRequest, minutes: Minutes) -> HttpResponse:
    form = forms.ScanForm(typed(request), request.FILES or None)
    act = partial(actions.add_scan, minutes.session, by=request.user, now=clock.now())
    if done(form, lambda: act(**form.cleaned_data)):
        return _back(request, minutes, _("The scan was kept."))
    return shared.act_page(request, minutes, form, _("Scan of the signed page"))


# --- before the public --------------------------------------------------------------------------
@asked
@shared.on_minutes(Act.PUBLISH)
def publish(request: HttpRequest, minutes: Minutes) -> HttpResponse:
    form = BareForm(typed(request))
    act = partial(actions.publish, minutes.session, by=request.user, now=clock.now())
    if done(form, act):
        return _back(request, minutes, _("The minutes are published."))
    said = _(
        "Everybody may then read the public edition: issues that have not been published stand"
        " there by their number only. Names kept of delegates are deleted."
    )
    more = {"explanation": f"{said} {_told(minutes)}", "submit_label": _("Publish")}
    return shared.act_page(request, minutes, form, _("Publish the minutes"), **more)


@asked
@shared.on_minutes(Act.WITHDRAW_PUBLICATION)
def withdraw(request: HttpRequest, minutes: Minutes) -> HttpResponse:
    form = forms.WithdrawForm(typed(request))
    act = partial(actions.withdraw_publication, minutes.session, by=request.user, now=clock.now())
    if done(form, lambda: act(**form.cleaned_data)):
        return _back(request, minutes, _("The minutes are no longer published."))
    more = {"submit_label": _("Withdraw"), "is_danger": True}
    return shared.act_page(request, minutes, form, _("Withdraw the publication"), **more)


@asked
@shared.on_minutes(Act.AMEND)
@answers_conflict
def amend(request: HttpRequest, minutes: Minutes) -> HttpResponse:
    edition = shared.edition_of(request, minutes)
    lines = [line for part in edition.parts for line in part["lines"] if not line["hidden"]]
    items = {line["pk"]: line["number"] for line in lines}
    form = forms.AmendForm(typed(request), items=items, initial=key_in(request))
    act = partial(actions.amend, minutes.session, by=request.user, now=clock.now())
    if done(form, lambda: act(**_amendment(minutes, form.cleaned_data))):
        return _back(request, minutes, _("The amendment stands."))
    more = {"explanation": _told(minutes), "submit_label": _("Add the amendment")}
    return shared.act_page(request, minutes, form, _("Amend the minutes"), **more)


def _amendment(minutes: Minutes, data: dict[str, object]) -> dict[str, object]:
    rows = minutes.session.agenda_items
    return data | {"item": rows.get(pk=data["item"]) if data["item"] else None}
