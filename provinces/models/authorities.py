"""Authorities, the themes they answer for, and the addresses of their offices."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khmer import text as khmer_text
from provinces.models.named import Listed, Named
from provinces.models.places import Locality, Province

if TYPE_CHECKING:
    from accounts.models import User

LINE_BELOW = """
    WITH RECURSIVE line(id) AS (
        SELECT unnest(%s::bigint[])
        UNION SELECT a.id FROM provinces_authority a JOIN line ON a.superior_id = line.id
    ) SELECT id FROM line
"""
LINE_ABOVE = """
    WITH RECURSIVE line(id, superior_id) AS (
        SELECT id, superior_id FROM provinces_authority WHERE id = ANY(%s::bigint[])
        UNION SELECT a.id, a.superior_id FROM provinces_authority a JOIN line
            ON a.id = line.superior_id
    ) SELECT id FROM line
"""


class Theme(Listed):
    """What an issue is about; authorities answer for themes."""


class AuthorityQuerySet(models.QuerySet["Authority"]):
    def current(self) -> "AuthorityQuerySet":
        """Authorities that still exist."""
        return self.filter(ended_on=None)

    def below(self, ids: Iterable[int]) -> "AuthorityQuerySet":
        """These authorities and all that have one of them somewhere above."""
        return self.filter(pk__in=RawSQL(LINE_BELOW, [list(ids)]))  # noqa: S611 - no text of users

    def above(self, ids: Iterable[int]) -> "AuthorityQuerySet":
        """These authorities and all their superiors."""
        return self.filter(pk__in=RawSQL(LINE_ABOVE, [list(ids)]))  # noqa: S611 - no text of users

    def named(self, query: str) -> "AuthorityQuerySet":
        """Authorities with the query in a name, however it was typed."""
        return self.filter(
            models.Q(name_km__contains=khmer_text.norm(query)) | models.Q(name_en__icontains=query)
        )

    def of_province(self, province_id: str) -> "AuthorityQuerySet":
        """Whom an issue of the province may be referred to: its own authorities and ministries."""
        return self.current().filter(models.Q(province=province_id) | models.Q(province=None))


class Authority(Named):
    """An office, not a person: it is told, and behind it its superior."""

    class Kind(models.TextChoices):
        ADMINISTRATION = "administration", _("provincial administration")
        DEPARTMENT = "department", _("provincial department")
        DISTRICT = "district", _("district administration")
        COMMUNE = "commune", _("commune or sangkat council")
        MINISTRY = "ministry", _("ministry")

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, blank=True, related_name="authorities"
    )
    locality = models.ForeignKey(
        Locality, models.PROTECT, null=True, blank=True, related_name="authorities"
    )
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subordinates"
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="authorities")
    needs_approval = models.BooleanField(
        _("answers leave after the director's approval"), default=False
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors"
    )

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        verbose_name_plural = "authorities"
        constraints = [
            models.CheckConstraint(
                name="authority_is_not_its_own_superior",
                condition=models.Q(superior=None) | ~models.Q(superior=models.F("pk")),
            ),
            models.CheckConstraint(
                name="authority_of_no_province_is_a_ministry",
                condition=models.Q(kind="ministry", province=None)
                | (~models.Q(kind="ministry") & models.Q(province__isnull=False)),
            ),
            models.CheckConstraint(
                name="authority_with_a_successor_has_ended",
                condition=models.Q(successor=None) | models.Q(ended_on__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="superiors_form_no_circle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("superior_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__superior__isnull=False),
                func="""
                    IF EXISTS (
                        WITH RECURSIVE line(id, superior_id) AS (
                            SELECT id, superior_id FROM provinces_authority
                             WHERE id = NEW.superior_id
                            UNION SELECT a.id, a.superior_id FROM provinces_authority a
                             JOIN line ON a.id = line.superior_id
                        ) SELECT 1 FROM line WHERE id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'authority % would stand above itself', NEW.slug
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    @property
    def has_director(self) -> bool:
        """Whether an official approves its answers, who can sign in."""
        held = self.role_assignments.filter(approves=True, ended_on=None)
        return held.filter(user__is_active=True).exists()

    def get_absolute_url(self) -> str:
        """The authority's own page."""
        return reverse("provinces:authority", args=[self.pk])

    @property
    def line(self) -> list["Authority"]:
        """Its superiors, the nearest first; one query."""
        above = {one.pk: one for one in Authority.objects.above([self.pk])}
        found: list[Authority] = []
        one = above.get(self.superior_id) if self.superior_id else None
        while one:
            found.append(one)
            one = above.get(one.superior_id) if one.superior_id else None
        return found


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def visible_to(self, user: "User") -> "ContactPointQuerySet":
        """All for administrators; for coordinators those of their provinces and of ministries."""
        if user.serves_all or user.is_role("administrator"):
            return self
        if not user.served_ids:
            return self.none()
        return self.filter(
            models.Q(authority__province__in=user.served_ids) | models.Q(authority__province=None)
        )

    def phones(self) -> "ContactPointQuerySet":
        """Numbers that are in use."""
        return self.filter(channel=ContactPoint.Channel.PHONE, is_active=True)


class ContactPoint(models.Model):
    """An address of an office itself, where no official of it has an account."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("telephone")
        POST = "post", _("post")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="contacts")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    value = models.CharField(_("address or number"), max_length=254)
    label = models.CharField(_("whose"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=2, default="km")
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        ordering = ["authority", "channel", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel", "value"], name="contact_stands_once"
            )
        ]

    def __str__(self) -> str:
        return self.value
