"""Where a mail provider reports what became of a mail."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from audit import clock

MOST_BYTES = 1_000_000


@csrf_exempt
@login_not_required
@require_http_methods(["HEAD", "POST"])
def mail_receipt(request: HttpRequest) -> HttpResponse:
    """Keep what is reported; the same answer for messages we know and do not know."""
    from outbox import provider

    if not provider.listens():
        raise Http404
    if request.method == "HEAD":  # some ask so whether the address is there
        return HttpResponse()
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise BadRequest
    try:
        events = provider.events_of(request)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(settings.ANYMAIL_PROVIDER) from error
    for event in events:
        provider.take(event, now=clock.now())
    return HttpResponse(status=204)
