"""Papers that anybody may print."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from issues import papers

HOUR = 3_600  # seconds a browser may keep it: its themes seldom change


@login_not_required
@require_safe
@cache_control(max_age=HOUR)
def intake_form(request: HttpRequest) -> HttpResponse:
    wished = request.GET.get("language")
    language = wished if wished in dict(settings.LANGUAGES) else get_language()
    response = HttpResponse(papers.blank_intake(language), content_type="application/pdf")
    response.headers["Content-Language"] = language
    response.headers["Content-Disposition"] = f'inline; filename="vedika-form-{language}.pdf"'
    return response
