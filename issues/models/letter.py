"""The register of letters: what went out on paper with a number, and what came in."""

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from issues.models.issue import Issue, Reader
from issues.models.referral import Referral
from outbox.models import Notice
from provinces.models import Authority, Province


def new_nonce() -> str:
    """256 bits by lot."""
    return secrets.token_hex(32)


class ArrivalBook(models.Model):
    """The number of the latest letter that came in, in a province and a year."""

    province = models.ForeignKey(Province, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    latest = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["province", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["province", "year"], name="arrival_book_is_one_a_province_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.province_id}, {self.year}: {self.latest}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, user: Reader) -> "LetterQuerySet":
        """Letters of the provinces the user coordinates, of issues they handle."""
        if not user.is_authenticated:
            return self.none()
        rows = self if user.serves_all else self.filter(province__in=user.served_ids)
        if not user.office_ids:
            return rows
        served = Issue.objects.served_by(user).values("pk")
        return rows.filter(Q(issue=None) | Q(issue__in=served))

    def standing(self) -> "LetterQuerySet":
        """Letters whose number was not cancelled."""
        return self.filter(cancelled_at=None)


class Letter(models.Model):
    """One letter, out or in, as the register holds it.

    One that goes out tells an office a notice: it is the only one of what its natural key names
    (referral, kind, rung, version, authority), and draws its number from the one book of all
    letters. Its number stays when it is cancelled, with the reason. ``number`` of one that came in
    is the sender's own; ``arrival`` is ours, of the province and the year it came in. ``party`` is
    the title of whoever wrote or is written to. ``words`` are what it said when it was handed over.
    From ``nonce`` and the installation's secret the key of its link is made, so that printing it
    again shows the same code.
    """

    class Direction(models.TextChoices):
        OUT = "out", _("Out")
        IN = "in", _("In")

    class ScanKind(models.TextChoices):
        IMAGE = "image", _("Photo")
        PDF = "pdf", "PDF"

    client_key = models.UUIDField(unique=True, editable=False, default=uuid.uuid4)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    province = models.ForeignKey(Province, models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=40, blank=True)
    arrival = models.CharField(_("number of arrival"), max_length=20, blank=True, editable=False)
    on = models.DateField(_("date"))
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="letters"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="letters"
    )
    party = models.CharField(_("title"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, blank=True, related_name="letters")
    referral = models.ForeignKey(
        Referral, models.PROTECT, null=True, blank=True, related_name="letters"
    )
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="letters")
    kind = models.CharField(max_length=40, blank=True)
    rung = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(default=0)
    nonce = models.CharField(max_length=64, default=new_nonce, editable=False)
    words = models.JSONField(default=dict, blank=True)
    handed_over_on = models.DateField(_("handed over"), null=True, blank=True)
    receiver = models.CharField(_("who took it in, by title"), max_length=200, blank=True)
    scan = models.FileField(max_length=200, blank=True, editable=False)
    scan_kind = models.CharField(max_length=8, choices=ScanKind, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cancelled_because = models.CharField(_("why it was cancelled"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("entered"))
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["province", "-on"], name="letter_by_province_and_day")]
        constraints = [
            models.CheckConstraint(
                name="letter_names_the_other_side",
                condition=Q(authority=None, organization__isnull=False)
                | Q(authority__isnull=False, organization=None)
                | (Q(authority=None, organization=None) & ~Q(party="")),
            ),
            models.CheckConstraint(
                name="letter_out_has_its_number", condition=Q(direction="in") | ~Q(number="")
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(direction="out"),
                name="letter_number_is_used_once",
            ),
            models.CheckConstraint(
                name="letter_in_has_its_arrival",
                condition=Q(direction="in") & ~Q(arrival="") | Q(direction="out", arrival=""),
            ),
            models.UniqueConstraint(
                fields=["arrival"],
                condition=Q(direction="in"),
                name="letter_arrival_is_used_once",
            ),
            models.UniqueConstraint(
                fields=["referral", "kind", "rung", "version", "authority"],
                condition=Q(cancelled_at=None) & ~Q(kind=""),
                name="notice_has_one_letter_an_office",
            ),
            models.CheckConstraint(
                name="letter_of_a_notice_goes_out_to_an_office",
                condition=Q(kind="", notice=None)
                | (
                    ~Q(kind="")
                    & Q(
                        direction="out",
                        notice__isnull=False,
                        referral__isnull=False,
                        authority__isnull=False,
                    )
                ),
            ),
            models.CheckConstraint(
                name="letter_about_a_referral_names_its_issue",
                condition=Q(referral=None) | Q(issue__isnull=False),
            ),
            models.CheckConstraint(
                name="letter_handed_over_went_out_and_stands",
                condition=Q(handed_over_on=None)
                | (Q(direction="out", cancelled_at=None, handed_over_on__gte=F("on")))
                & ~Q(receiver=""),
            ),
            models.CheckConstraint(
                name="letter_scan_says_what_it_is",
                condition=Q(scan="", scan_kind="") | (~Q(scan="") & ~Q(scan_kind="")),
            ),
            models.CheckConstraint(
                name="letter_cancelled_says_by_whom_and_why",
                condition=Q(cancelled_at=None, cancelled_by=None, cancelled_because="")
                | (
                    Q(cancelled_at__isnull=False, cancelled_by__isnull=False)
                    & ~Q(cancelled_because="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.entry}"

    def get_absolute_url(self) -> str:
        """Its own page in the register."""
        return reverse("issues:letter", args=[self.pk])

    @property
    def is_out(self) -> bool:
        """Whether the secretariat wrote it."""
        return self.direction == self.Direction.OUT

    @property
    def entry(self) -> str:
        """Its number in the register: the one it drew here, out or in."""
        return self.number if self.is_out else self.arrival

    @property
    def is_of_notice(self) -> bool:
        """Whether it tells a notice, and so can be printed here."""
        return bool(self.kind)

    @property
    def other_side(self) -> str:
        """Who wrote it or is written to: the title, and the office or organization."""
        names = [self.party, str(self.authority or self.organization or "")]
        return ", ".join(name for name in names if name)


def letter_scan_path() -> str:
    """A random place that says nothing of the letter or of the file as it was sent."""
    key = uuid.uuid4().hex
    return f"letters/{key[:2]}/{key}"
