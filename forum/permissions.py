"""Who may act in the forums; what one may read is only ``QuerySet.visible_to``."""

from collections.abc import Iterable

from accounts.models import Role, User
from forum.models import Invitation, Reader, Session


def serves(user: Reader, session: Session) -> bool:
    """The user is a coordinator of the session's province."""
    return isinstance(user, User) and user.serves(session.province_id)


def serves_one_of(user: Reader, province_ids: Iterable[str]) -> bool:
    """The user is a coordinator of at least one of these provinces."""
    return isinstance(user, User) and any(map(user.serves, province_ids))


def is_of_party(user: Reader, invitation: Invitation) -> bool:
    """The user represents the invited organization or is an official of the invited authority."""
    return isinstance(user, User) and (
        invitation.organization_id in user.organization_ids
        or invitation.authority_id in user.office_ids
    )


def answers(user: Reader, invitation: Invitation) -> bool:
    """The user may answer the invitation: for their own party, or as its coordinator."""
    return is_of_party(user, invitation) or serves(user, invitation.session)


def keeps_presiders(user: Reader, province_id: str | None) -> bool:
    """The user may add and change who presides in the province; for ``None``, in all of them."""
    if not isinstance(user, User):
        return False
    if user.serves_all or user.is_role(Role.ADMINISTRATOR):
        return True
    return province_id is not None and user.serves(province_id)


def keeps_presiding_roles(user: Reader) -> bool:
    """The user says as what people may preside."""
    return isinstance(user, User) and user.is_role(Role.ADMINISTRATOR)
