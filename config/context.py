"""What every page shows: the links of the reader's role."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    url: str
    label: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, list[Link]]:
    """The navigation links of the reader's roles, the current one marked."""
    return {"navigation": [_link(request, *pair) for pair in _pairs(request)]}


def _link(request: HttpRequest, url: str, label: str) -> Link:
    here = request.path == url if url == "/" else request.path.startswith(url)
    return Link(url, label, here)


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """Address and label of each link, in order of use."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return [
            (reverse("home"), _("Home")),
            (reverse("forum:forums"), _("Forums")),
            (reverse("issues:published"), _("Published issues")),
        ]
    pairs = [(reverse("home"), _("Today")), (reverse("issues:issues"), _("Issues"))]
    if user.is_role("official"):
        pairs += [(reverse("issues:referrals"), _("Referrals"))]
    if user.is_role("coordinator"):
        pairs += [(reverse("issues:referrals"), _("Referrals"))]
    pairs += [(reverse("forum:forums"), _("Forums"))]
    if user.is_role("coordinator"):
        pairs += [(reverse("outbox:outbox"), _("Outbox"))]
    return pairs
