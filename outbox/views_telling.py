"""How the signed-in person is told, the chat they link, and what a gateway reports."""

import hashlib
import hmac
import json

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.errors import TransitionError
from outbox import receipts, recipients, telegram, telling
from outbox.forms import MuteForm, TellingForm
from outbox.models import Channel, FailedAddress

MOST_BYTES = 20_000  # of a report


@require_http_methods(["GET", "POST"])
def ways(request: HttpRequest) -> HttpResponse:
    """Choose by which way one is told."""
    person = request.user
    chosen = recipients.chosen(person)
    initial = {"channel": chosen, "often": recipients.chosen_often(person)}
    form = TellingForm(request.POST or None, ways=telling.shown(person), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            telling.choose(
                person, form.cleaned_data["channel"], is_digest=form.cleaned_data["often"]
            )
        except TransitionError as error:
            form.add_error("channel", str(error))
        else:
            messages.success(request, _("It is kept: from now on you are told so."))
            return redirect("outbox:ways")
    return _ways(request, form, MuteForm())


@require_POST
def mute(request: HttpRequest) -> HttpResponse:
    """Be spared early reminders for a few working days."""
    form = MuteForm(request.POST)
    if form.is_valid():
        try:
            telling.mute(request.user, days=form.cleaned_data["days"], now=clock.now())
        except TransitionError as error:
            form.add_error("days", str(error))
        else:
            messages.success(request, _("Early reminders are muted."))
            return redirect("outbox:ways")
    person = request.user
    initial = {"channel": recipients.chosen(person), "often": recipients.chosen_often(person)}
    ways_form = TellingForm(ways=telling.shown(person), initial=initial)
    return _ways(request, ways_form, form, status=422)


@require_POST
def unmute(request: HttpRequest) -> HttpResponse:
    """Get early reminders again."""
    telling.unmute(request.user, now=clock.now())
    messages.success(request, _("Early reminders come again."))
    return redirect("outbox:ways")


def _ways(
    request: HttpRequest, form: TellingForm, mute_form: MuteForm, *, status: int = 200
) -> HttpResponse:
    person = request.user
    chosen = recipients.chosen(person)
    context = {
        "form": form,
        "mute_form": mute_form if telling.may_mute(person) else None,
        "muted_until": telling.muted_until(person, now=clock.now()),
        "has_telegram": telegram.is_set_up(),
        "chat": getattr(person, "telegram_chat", None),
        "failed": FailedAddress.objects.covers(chosen, recipients.address_of(person, chosen)),
        "by_sms": Channel.SMS in telling.set_up(),
        "service": getattr(person, "service_address", None),
    }
    return render(request, "outbox/ways.html", context, status=status)


@require_POST
@never_cache
def telegram_code(request: HttpRequest) -> HttpResponse:
    """Show a new code this once; the database keeps only its hash."""
    if not telegram.is_set_up():
        raise Http404
    code = telling.new_code(request.user, now=clock.now())
    context = {
        "code": code,
        "link": f"https://t.me/{settings.TELEGRAM_BOT}?start={code}",
        "bot": settings.TELEGRAM_BOT,
    }
    return render(request, "outbox/telegram_code.html", context)


@require_POST
def telegram_unlink(request: HttpRequest) -> HttpResponse:
    """Be told in no chat any more."""
    telling.unlink(request.user)
    messages.success(request, _("The chat is no longer linked."))
    return redirect("outbox:ways")


# --- what a gateway reports ---------------------------------------------------------------------
@csrf_exempt
@login_not_required
@require_POST
def sms_receipt(request: HttpRequest) -> HttpResponse:
    """Keep what became of a short message; the same answer for what we know and do not know."""
    if not settings.SMS_RECEIPT_KEY:
        raise Http404
    if len(request.body) > MOST_BYTES:
        raise BadRequest
    if not _is_signed(request):
        raise PermissionDenied
    receipts.take(Channel.SMS, _report(request), now=clock.now())
    return HttpResponse(status=204)


def _is_signed(request: HttpRequest) -> bool:
    """Whether it bears the HMAC of its body under our key, or the key itself."""
    key = settings.SMS_RECEIPT_KEY.encode()
    wanted = hmac.new(key, request.body, hashlib.sha256).hexdigest().encode()
    signature = request.headers.get("X-Signature", "").removeprefix("sha256=").lower()
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(signature.encode(), wanted) or hmac.compare_digest(
        bearer.encode(), key
    )


def _report(request: HttpRequest) -> receipts.Report:
    """From JSON or a form: ``id`` or ``reference``, and ``status``; 400 where those are missing."""
    fields = request.POST.dict() or _json(request.body)
    named = [str(fields.get(one) or "").replace("\0", "") for one in ("id", "reference", "status")]
    if not (named[0] or named[1]) or not named[2]:
        raise BadRequest
    return receipts.Report(named[0][:100], named[1][:100], named[2][:40])


def _json(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(said, dict):
        raise BadRequest
    return said
