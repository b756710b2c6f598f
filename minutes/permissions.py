"""Who acts on the minutes, and as which audience somebody reads them."""

from collections.abc import Sequence

from django.db.models import QuerySet

from forum import permissions as forum
from forum.models import Invitation, Reader, Session
from forum.models.shared import of_own_parties
from issues.permissions import Audience
from minutes.models import Minutes


def serves(user: Reader, session: Session) -> bool:
    """The user is a coordinator of the session's province."""
    return forum.serves(user, session)


def own_invitations(user: Reader, session: Session) -> Sequence[Invitation]:
    """The standing invitations of the user's own organizations and offices to the session."""
    if not user.is_authenticated:
        return []
    rows = session.invitations.left().select_related("organization", "authority")
    return [one for one in rows if forum.is_of_party(user, one)]


def audience_of(user: Reader, minutes: Minutes) -> Audience:
    """From where the user looks at minutes that were found through ``visible_to``."""
    if serves(user, minutes.session):
        return Audience.SECRETARIAT
    invited = Invitation.objects.visible_to(user).left().filter(session=minutes.session_id)
    is_agreed = minutes.session.status == Session.Status.RELEASED
    return Audience.ROOM if is_agreed and invited.exists() else Audience.PUBLIC


def without_row(user: Reader) -> QuerySet[Session]:
    """Sessions whose minutes the user reads though no act has made their row yet."""
    if not user.is_authenticated:
        return Session.objects.none()
    asked = Invitation.objects.left().filter(of_own_parties(user)).values("session")
    agreed = Session.objects.filter(pk__in=asked, status=Session.Status.RELEASED)
    return (Session.objects.served_by(user) | agreed).filter(minutes=None)
