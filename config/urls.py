"""All addresses, as the contract names them."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import TemplateView

from config import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("language/", views.choose_language, name="choose_language"),
    path("accounts/", include("allauth.urls")),
    path("", include("provinces.urls")),
    path("", include("accounts.urls")),
    path("", include("outbox.urls")),
    path("", include("forum.urls")),
    path("", include("issues.urls")),
]
if settings.DEBUG:
    urlpatterns += [
        path(
            "styleguide/", TemplateView.as_view(template_name="styleguide.html"), name="styleguide"
        )
    ]

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"
