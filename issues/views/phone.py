"""What static/js/device.js asks for."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from issues import phones


@require_POST
def drafts_known(request: HttpRequest) -> JsonResponse:
    """Which of these drafts are still there; what is gone the telephone forgets."""
    keys = phones.keys_in(request.body)
    return JsonResponse(phones.known(request.user, keys), safe=False)
