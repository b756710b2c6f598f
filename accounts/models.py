"""People, organizations, and who holds which role where."""

from collections.abc import Iterable
from functools import cached_property

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit import clock
from khmer import text as khmer_text
from provinces.models import Authority, Named, Province


class Role(models.TextChoices):
    """What a person may do; a province, an authority or an organization says where."""

    ADMINISTRATOR = "administrator", _("administrator")
    COORDINATOR = "coordinator", _("coordinator")
    OFFICIAL = "official", _("official")
    REPRESENTATIVE = "representative", _("representative")


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, user: "User") -> "OrganizationQuerySet":
        """Organizations the user keeps, and those the user represents."""
        kept = Organization.objects.kept_by(user)
        return self.filter(Q(pk__in=kept.values("pk")) | Q(pk__in=user.organization_ids))

    def kept_by(self, user: "User") -> "OrganizationQuerySet":
        """Organizations of the provinces a coordinator serves; all for an administrator."""
        if user.serves_all or user.is_role(Role.ADMINISTRATOR):
            return self
        served = self.model.provinces.through.objects.filter(province__in=user.served_ids)
        return self.filter(pk__in=served.values("organization"))

    def current(self) -> "OrganizationQuerySet":
        """Organizations that still exist."""
        return self.filter(ended_on=None)

    def named(self, query: str) -> "OrganizationQuerySet":
        """Organizations with the query in a name, however it was typed."""
        return self.filter(
            Q(name_km__contains=khmer_text.norm(query)) | Q(name_en__icontains=query)
        )


class Organization(Named):
    """Who raises issues: an NGO, association, union or community."""

    class Kind(models.TextChoices):
        NGO = "ngo", _("NGO")
        ASSOCIATION = "association", _("association")
        UNION = "union", _("union")
        COMMUNITY = "community", _("community")

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    provinces = models.ManyToManyField(
        Province, verbose_name=_("provinces"), related_name="organizations"
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors"
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            models.CheckConstraint(
                name="organization_with_a_successor_has_ended",
                condition=Q(successor=None) | Q(ended_on__isnull=False),
            )
        ]

    def get_absolute_url(self) -> str:
        """The organization's own page."""
        return reverse("accounts:organization", args=[self.pk])


BY_LINK = "link:office"  # acts for offices through links; the colon keeps people off the name


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> "UserQuerySet":
        """Whose account the user keeps: an administrator's are all.

        A coordinator's are people with a role in their provinces' organizations and authorities
        and none outside them.
        """
        if user.is_role(Role.ADMINISTRATOR):
            return self.exclude(username=BY_LINK)
        within = RoleAssignment.objects.within_reach_of(user)
        outside = RoleAssignment.objects.current().exclude(pk__in=within.values("pk"))
        return self.filter(pk__in=within.values("user")).exclude(pk__in=outside.values("user"))

    def holding(self, role: str) -> "UserQuerySet":
        """People who hold the role now, wherever."""
        held = RoleAssignment.objects.current().filter(role=role)
        return self.filter(pk__in=held.values("user"))

    def named(self, query: str) -> "UserQuerySet":
        """People with the query in their name or title."""
        return self.filter(
            Q(username__icontains=query)
            | Q(title_km__contains=khmer_text.norm(query))
            | Q(title_en__icontains=query)
        )


class User(AbstractUser):
    """A person with an account; many have no e-mail address."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    title_km = models.CharField(_("name or title in Khmer"), max_length=200, blank=True)
    title_en = models.CharField(_("name or title in English"), max_length=200, blank=True)
    email = models.EmailField(  # type: ignore[assignment]  # noqa: DJ001 - NULL: none
        _("e-mail address"), null=True, blank=True
    )
    phone = models.CharField(_("telephone"), max_length=20, null=True, blank=True)  # noqa: DJ001
    language = models.CharField(
        _("language"), max_length=2, choices=[("km", _("Khmer")), ("en", _("English"))], blank=True
    )

    objects = UserManager()  # type: ignore[misc]
    people = UserQuerySet.as_manager()

    class Meta:
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("email"),
                condition=~Q(email=""),
                name="user_email_is_used_once",
            ),
            models.UniqueConstraint(
                fields=["phone"], condition=~Q(phone=""), name="user_phone_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.username

    def clean(self) -> None:
        """Keep "no address" as NULL, where Django's own would make it an empty one."""
        super().clean()
        self.email = self.email or None

    @property
    def title(self) -> str:
        """Name or title in the reader's language, whichever is there."""
        first, second = self.title_km, self.title_en
        if get_language() == "en":
            first, second = second, first
        return first or second

    def get_absolute_url(self) -> str:
        """The person's page, for those who keep the account."""
        return reverse("accounts:person", args=[self.pk])

    def get_full_name(self) -> str:
        """The title; people here are known by it."""
        return str(self)

    @cached_property
    def held(self) -> list["RoleAssignment"]:
        """The person's current roles, read once."""
        rows = self.role_assignments.current()
        return list(rows.select_related("province", "authority", "organization"))

    def is_role(self, role: str) -> bool:
        """Whether the person holds the role anywhere."""
        return any(one.role == role for one in self.held)

    def serves(self, province_id: str) -> bool:
        """Whether the person is a coordinator of the province (or of all)."""
        return self.serves_all or province_id in self.served_ids

    @cached_property
    def serves_all(self) -> bool:
        """Whether the person is a coordinator of all provinces."""
        return any(one.role == Role.COORDINATOR and one.province_id is None for one in self.held)

    @cached_property
    def served_ids(self) -> frozenset[str]:
        """Codes of the provinces whose coordinator the person is by name."""
        return frozenset(
            one.province_id for one in self.held if one.role == Role.COORDINATOR and one.province_id
        )

    @cached_property
    def organization_ids(self) -> frozenset[int]:
        """Organizations the person represents."""
        return frozenset(
            one.organization_id for one in self.held if one.organization_id is not None
        )

    @cached_property
    def office_ids(self) -> frozenset[int]:
        """Authorities the person is an official of, without those below."""
        return frozenset(one.authority_id for one in self.held if one.authority_id is not None)

    @cached_property
    def directed_ids(self) -> frozenset[int]:
        """Authorities whose answers the person approves."""
        return frozenset(
            one.authority_id for one in self.held if one.approves and one.authority_id is not None
        )

    @cached_property
    def answerable_ids(self) -> frozenset[int]:
        """The person's authorities and all below them."""
        if not self.office_ids:
            return frozenset()
        return frozenset(Authority.objects.below(self.office_ids).values_list("pk", flat=True))

    @cached_property
    def commanding_ids(self) -> frozenset[int]:
        """The person's authorities and all above them: what a concern must reach to bar them."""
        if not self.office_ids:
            return frozenset()
        return frozenset(Authority.objects.above(self.office_ids).values_list("pk", flat=True))


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def current(self) -> "RoleAssignmentQuerySet":
        """Roles that have not ended."""
        return self.filter(ended_on=None)

    def directors(self, authority_ids: Iterable[int]) -> "RoleAssignmentQuerySet":
        """Roles of officials who approve the answers of one of these authorities."""
        rows = self.current().filter(role=Role.OFFICIAL, authority__in=list(authority_ids))
        return rows.filter(approves=True, user__is_active=True)

    def within_reach_of(self, user: User) -> "RoleAssignmentQuerySet":
        """Roles a coordinator may give and end: of their provinces' organizations and offices."""
        if user.serves_all:
            return self.filter(role__in=[Role.OFFICIAL, Role.REPRESENTATIVE])
        organizations = Organization.objects.kept_by(user)
        return self.filter(
            Q(role=Role.OFFICIAL, authority__province__in=user.served_ids)
            | Q(role=Role.REPRESENTATIVE, organization__in=organizations)
        )

    def kept_by(self, user: User) -> "RoleAssignmentQuerySet":
        """Roles the user may end: an administrator all, a coordinator those within reach."""
        return self if user.is_role(Role.ADMINISTRATOR) else self.within_reach_of(user)


class RoleAssignment(models.Model):
    """A person's role and the one place, office or organization it is held for.

    An official who ``approves`` is a director: where the authority wants it, its answers leave
    only after one of them approved.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="role_assignments")
    role = models.CharField(_("role"), max_length=16, choices=Role)
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, blank=True, related_name="role_assignments"
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="role_assignments"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="role_assignments"
    )
    approves = models.BooleanField(_("approves the office's answers"), default=False)
    began_on = models.DateField(_("began on"), default=clock.today)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["user", "role", "pk"]
        constraints = [
            models.CheckConstraint(
                name="role_has_the_scope_it_needs",
                condition=(
                    Q(role="administrator", province=None, authority=None, organization=None)
                    | Q(role="coordinator", authority=None, organization=None)
                    | Q(
                        role="official",
                        authority__isnull=False,
                        province=None,
                        organization=None,
                    )
                    | Q(
                        role="representative",
                        organization__isnull=False,
                        province=None,
                        authority=None,
                    )
                ),
            ),
            models.CheckConstraint(
                name="role_that_approves_is_an_officials",
                condition=Q(approves=False) | Q(role="official"),
            ),
            models.CheckConstraint(
                name="role_ends_after_it_began",
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("began_on")),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "province", "authority", "organization"],
                condition=Q(ended_on=None),
                nulls_distinct=False,
                name="role_is_held_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        scope = self.province or self.authority or self.organization
        return f"{self.user}: {self.get_role_display()}" + (f", {scope}" if scope else "")
