"""Who makes accounts and gives roles, and to whom."""

from django.conf import settings

from accounts.models import Organization, Role, RoleAssignment, User
from provinces.models import Authority


def keeps_people(user: User) -> bool:
    """The user makes accounts: an administrator or a coordinator."""
    return user.is_role(Role.ADMINISTRATOR) or user.is_role(Role.COORDINATOR)


def keeps_person(user: User, person: User) -> bool:
    """The person's account is the user's to keep; one's own has a page of its own."""
    return person != user and User.people.visible_to(user).filter(pk=person.pk).exists()


def keeps_organization(user: User, organization: Organization) -> bool:
    """The organization is one whose entry the user keeps up to date."""
    return Organization.objects.kept_by(user).filter(pk=organization.pk).exists()


def sets_other_way(user: User, person: User) -> bool:
    """The user sets up another way of telling the person, where any is: administrators only."""
    is_of_use = bool(settings.OTHER_WAYS) or hasattr(person, "service_address")
    return user.is_role(Role.ADMINISTRATOR) and is_of_use


def grants(user: User, wanted: RoleAssignment) -> bool:
    """The role, not yet saved, is one the user may give.

    An administrator gives all; a coordinator makes representatives and officials of the own
    provinces' organizations and authorities.
    """
    if user.is_role(Role.ADMINISTRATOR):
        return True
    if wanted.role == Role.REPRESENTATIVE and wanted.organization:
        return keeps_organization(user, wanted.organization)
    if wanted.role == Role.OFFICIAL and wanted.authority:
        return user.serves_all or wanted.authority.province_id in user.served_ids
    return False


def ends(user: User, assignment: RoleAssignment) -> bool:
    """The role is one the user may end: never an own one."""
    if assignment.user_id == user.pk:
        return False
    return RoleAssignment.objects.kept_by(user).filter(pk=assignment.pk).exists()


def sets_approval(user: User, authority: Authority) -> bool:
    """The user says whether the office's answers wait for approval: administrator or director."""
    return user.is_role(Role.ADMINISTRATOR) or authority.pk in user.directed_ids


def names_directors(user: User, authority: Authority) -> bool:
    """The user says who approves the office's answers: whoever gives the role of an official."""
    return grants(user, RoleAssignment(role=Role.OFFICIAL, authority=authority))
