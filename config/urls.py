"""All addresses, as the contract names them."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import TemplateView

from config.views import health, homes, language, status

urlpatterns = [
    path("", homes.home, name="home"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("status/", status.status, name="status"),
    path("status/hold/", status.hold, name="hold_outbound"),
    path("status/lift/", status.lift, name="lift_outbound"),
    path("language/", language.choose_language, name="choose_language"),
    path("accounts/", include("allauth.urls")),
    path("", include("provinces.urls")),
    path("", include("accounts.urls")),
    path("", include("outbox.urls")),
    path("", include("inbox.urls")),
    path("", include("forum.urls")),
    path("", include("issues.urls")),
    path("", include("reminders.urls")),
    path("", include("reminders.urls_by_hand")),
    path("", include("minutes.urls")),
]
if settings.DEBUG:
    urlpatterns += [
        path(
            "styleguide/", TemplateView.as_view(template_name="styleguide.html"), name="styleguide"
        )
    ]

handler400 = "config.views.errors.bad_request"
handler403 = "config.views.errors.permission_denied"
handler404 = "config.views.errors.page_not_found"
handler429 = "config.views.errors.too_many_requests"  # allauth's rate limits ask for it
handler500 = "config.views.errors.server_error"
