"""The pages behind an office's link: open to who holds it, and changed by nothing but a form."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import Conflict, TransitionError
from forum.views.linked import below_link
from forum.views.shared import answers_conflict
from issues import actions, extensions, links, permissions
from issues.actions.links import DRAFTED
from issues.due import due_of
from issues.forms.links import FORMS, WhoForm, form_for
from issues.forms.referring import ResponseForm
from issues.links import Opened
from issues.models import Link, LinkUse, Referral, Response
from issues.permissions import Audience
from provinces import workdays

Act = LinkUse.Act
# The last value a browser knows is the one it follows: it tells our host alone, never the address.
# Under no-referrer itself it would send "Origin: null" with a form, and every answer were refused.
REFERRER = "no-referrer, strict-origin"


@dataclass(frozen=True)
class Words:
    """What is said about an act: on its button, above its form, and after it."""

    button: str | Promise
    explanation: str | Promise
    submit: str | Promise
    success: str | Promise


READ = gettext_lazy("The secretariat and the organization read it.")
WORDS = {
    Act.ACKNOWLEDGE: Words(
        gettext_lazy("We have received it"),
        gettext_lazy("Let the secretariat know that your office has it."),
        gettext_lazy("We have received it"),
        gettext_lazy("Thank you. It is noted that your office received it."),
    ),
    Act.RESOLVE: Words(
        gettext_lazy("Mark resolved"),
        gettext_lazy(
            "The organization that raised the issue is asked whether it is really solved."
        ),
        gettext_lazy("Report as resolved"),
        gettext_lazy("It is reported resolved. Thank you."),
    ),
    Act.RESPOND: Words(
        gettext_lazy("Answer"),
        gettext_lazy(
            "The secretariat and the organization read your answer. The date stays as it is"
            " until the issue is reported resolved."
        ),
        gettext_lazy("Send the answer"),
        gettext_lazy("The answer was sent."),
    ),
    Act.ASK: Words(
        gettext_lazy("Ask a question"),
        READ,
        gettext_lazy("Send the question"),
        gettext_lazy("The question was sent."),
    ),
    Act.EXTEND: Words(
        gettext_lazy("Ask for more time"),
        READ,
        gettext_lazy("Ask for more time"),
        gettext_lazy("The secretariat was told and will decide."),
    ),
    Act.REDIRECT: Words(
        gettext_lazy("This is not for us"),
        gettext_lazy("The secretariat decides. Until then it stays with your office."),
        gettext_lazy("Tell the secretariat"),
        gettext_lazy("The secretariat was told and will decide."),
    ),
}


def opens_by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As ``below_link``; the address goes to nobody with what the page leads to."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = REFERRER
        return response

    return below_link(opened)


@opens_by_link
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    opened = links.read(token, clock.now())
    if opened is None:
        return _closed(request)
    referral, issue = opened.link.referral, opened.link.referral.issue
    is_hidden = links.is_closed_to_links(issue)
    context = {
        "opened": opened,
        "token": token,
        "referral": referral,
        "issue": issue,
        "is_hidden": is_hidden,
        "shown": permissions.disclosed(issue, Audience.OFFICE),
        "due": due_of(referral, workdays.calendar_of(issue.province_id), clock.today()),
        "said": [] if is_hidden or opened.done else _said(referral),
        "is_drafted": opened.link.may_act and referral.drafts.standing().exists(),
        "acts": [(act, WORDS[act].button) for act in WORDS if act in opened.acts],
    }
    return render(request, "issues/link.html", context)


def _said(referral: Referral) -> list[Response]:
    """What the office said and was answered; no file is handed out here."""
    return list(referral.responses.all())


def _closed(request: HttpRequest) -> HttpResponse:
    """One page for every reason: it tells nobody which keys there ever were."""
    return render(request, "issues/link_closed.html", status=404)


@opens_by_link
@answers_conflict
@require_http_methods(["GET", "HEAD", "POST"])
def link_act(request: HttpRequest, token: str, act: str) -> HttpResponse:
    opened = links.read(token, clock.now())
    if opened is None or act not in FORMS:
        return _closed(request)
    is_sent = request.method == "POST"
    typed = (request.POST, request.FILES) if is_sent else ()
    form = form_for(act, opened.link.referral, clock.today(), *typed)
    if is_sent and form.is_valid() and _is_done(request, opened, act, form):
        return redirect("issues:link", token=token)
    if act not in opened.acts:  # somebody was faster, or nobody may
        return redirect("issues:link", token=token)
    return render(request, "issues/act_form.html", _form_page(opened, token, act, form))


def _is_done(request: HttpRequest, opened: Opened, act: str, form: WhoForm) -> bool:
    """Do the act and say so; else say at the form what stands against it."""
    try:
        use = actions.use_link(opened.link, act=act, now=clock.now(), **form.cleaned_data)
    except Conflict:
        raise
    except TransitionError as error:
        form.add_error(None, str(error))
        if isinstance(form, ResponseForm):
            form.remind_of_files()
        if act not in opened.acts:
            messages.error(request, str(error))
        return False
    is_drafted = use.entry.action == DRAFTED
    messages.success(request, _after_drafting() if is_drafted else str(WORDS[Act(act)].success))
    return True


def _after_drafting() -> str:
    return _("Thank you. Your director was asked to approve it; then it leaves your office.")


def _form_page(opened: Opened, token: str, act: str, form: WhoForm) -> dict[str, object]:
    referral, words = opened.link.referral, WORDS[Act(act)]
    back = reverse("issues:link", args=[token])
    explanation = words.explanation
    if act == Act.EXTEND:
        explanation = extensions.who_decides(referral, clock.today())
    if act in links.ANSWERING and referral.authority.needs_approval:
        explanation = _(
            "Your director reads it first, and it leaves your office once it is approved."
        )
    return {
        "title": words.button,
        "explanation": explanation,
        "quote": referral.issue.title,
        "form": form,
        "submit_label": words.submit,
        "cancel_url": back,
        "parent_url": back,
        "parent_label": referral.issue.reference,
    }


@require_POST
def link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Link.objects.visible_to(request.user).select_related("referral__issue")
    found = get_object_or_404(rows, pk=pk)
    actions.revoke_link(found, by=request.user, now=clock.now())
    messages.success(request, _("The link opens nothing any more."))
    return redirect("issues:referral", pk=found.referral_id)
