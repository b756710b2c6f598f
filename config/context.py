"""What every page shows: the links of the reader's role, and where the language switch leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy

from accounts.models import Role
from outbox import holding, permissions

EVERYBODY = frozenset(Role)
KEEPERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})
PUBLIC = (
    ("home", gettext_lazy("Home")),
    ("forum:forums", gettext_lazy("Forums")),
    ("issues:published", gettext_lazy("Published issues")),
    ("issues:track", gettext_lazy("Follow an issue")),
)
# Address, label, and the roles it is for, in order of use.
LINKS = (
    ("home", gettext_lazy("Today"), EVERYBODY),
    ("issues:issues", gettext_lazy("Issues"), EVERYBODY),
    ("issues:referrals", gettext_lazy("Referrals"), {Role.COORDINATOR, Role.OFFICIAL}),
    ("forum:forums", gettext_lazy("Forums"), EVERYBODY),
    ("outbox:outbox", gettext_lazy("Outbox"), {Role.COORDINATOR}),
    ("issues:letters", gettext_lazy("Letters"), {Role.COORDINATOR}),
    ("inbox:inbox", gettext_lazy("Inbox"), KEEPERS),
    ("status", gettext_lazy("Status"), KEEPERS),
    (
        "accounts:organizations",
        gettext_lazy("Organizations"),
        KEEPERS | {Role.REPRESENTATIVE},
    ),
    ("provinces:authorities", gettext_lazy("Authorities"), EVERYBODY),
    ("accounts:people", gettext_lazy("People"), KEEPERS),
)


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    url: str
    label: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, list[Link]]:
    """The navigation links of the reader's roles, the current one marked."""
    return {"navigation": [_link(request, *pair) for pair in _pairs(request)]}


def standstill(request: HttpRequest) -> dict[str, object]:
    """What holds all outbound back, for those who keep it; whether anything does came with them."""
    user = getattr(request, "user", None)
    if user is None or not permissions.oversees(user):
        return {"standstill": None}
    if not getattr(user, "outbound_is_held", True):  # of a person who just signed in: not read
        return {"standstill": None}
    return {"standstill": SimpleLazyObject(holding.standing)}


def language_next(request: HttpRequest) -> dict[str, str]:
    """Where the language switch leads: here, or where the form stood whose answer this is."""
    came = urlsplit(request.headers.get("Referer", ""))
    if request.method == "POST" and came.netloc == request.get_host() and came.path:
        return {"language_next": came._replace(scheme="", netloc="", fragment="").geturl()}
    return {"language_next": request.get_full_path()}


def _link(request: HttpRequest, name: str, label: str) -> Link:
    url = reverse(name)
    here = request.path == url if url == "/" else request.path.startswith(url)
    return Link(url, label, here)


def _pairs(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Name and label of each link; whoever holds no role has those of a visitor."""
    user = getattr(request, "user", None)
    held = {one.role for one in user.held} if user and user.is_authenticated else set()
    if not held:
        yield from ((name, str(label)) for name, label in PUBLIC)
        return
    for name, label, roles in LINKS:
        if roles & held:
            yield name, str(label)
