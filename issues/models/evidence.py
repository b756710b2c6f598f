"""Photos, documents and recordings of an issue or an answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.issue import Issue, Reader, inside_of
from issues.models.referral import Referral, Response
from issues.models.together import Cosign


def evidence_path(evidence: "Evidence", _name: str) -> str:
    """A random place that says nothing of the issue or of the file as it was sent."""
    return f"evidence/{evidence.key.hex[:2]}/{evidence.key.hex}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: Reader) -> "EvidenceQuerySet":
        """Files of the issues the user may read, and of the answers; the public sees none.

        What stays inside is for the raising organization and the province's coordinators alone.
        """
        if not user.is_authenticated:
            return self.none()
        answers = Referral.objects.visible_to(user)
        private = Issue.objects.visible_to(user).filter(
            inside_of(user) | Q(pk__in=answers.values("issue"))
        )
        inside = Q(issue__in=Issue.objects.inside(user).values("pk"))
        shown = Q(response=None) | Q(response__referral__in=answers.values("pk"))
        outside = shown & Q(is_inside=False)
        own = Q(issue__in=private.values("pk")) & (inside | outside)
        return self.filter(own | _of_merged(user, outside))

    def downloadable(self) -> "EvidenceQuerySet":
        """Files that no virus scanner has still to look at, or has refused."""
        return self.filter(scan__in=Evidence.READY)

    def listed(self, *, inside: bool) -> "EvidenceQuerySet":
        """What a page lists: for an office no file that stays inside, of a recording its words."""
        rows = self.defer("thumbnail")
        words = Q(kind=Evidence.Kind.AUDIO) & ~Q(transcript="")
        return rows if inside else rows.filter(Q(is_inside=False) | words)


def _of_merged(user: User, outside: Q) -> Q:
    """Files of the issues that go on in one the user handles, as an office holds, or has raised.

    Who raised the other one sees them once the organizations know each other. What stays inside
    is for those of the merged issue's own province and organization alone.
    """
    merged = Issue.objects.filter(merged_into__isnull=False)
    if user.office_ids:
        merged = merged.exclude(concerns__authority__in=user.commanding_ids)
    agreed = Cosign.objects.agreed().filter(
        issue=models.OuterRef("merged_into"), organization=models.OuterRef("organization")
    )
    served = merged.filter(merged_into__in=Issue.objects.served_by(user).values("pk"))
    held = merged.filter(
        merged_into__in=Referral.objects.answerable_by(user).values("issue"), pressured_at=None
    )
    known = merged.filter(
        models.Exists(agreed),
        merged_into__organization__in=user.organization_ids,
        pressured_at=None,
    )
    found = [one.values("pk") for one in (served, held, known)]
    return outside & (Q(issue__in=found[0]) | Q(issue__in=found[1]) | Q(issue__in=found[2]))


class Evidence(models.Model):
    """A photo, document or recording, re-encoded, served only to those who may read its issue.

    ``is_inside``: for the raising organization and the secretariat alone, as recordings and scans
    of paper forms are; offices read the ``transcript`` instead.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("Photo")
        PDF = "pdf", _("Document")
        DOCX = "docx", _("Word document")
        AUDIO = "audio", _("Recording")

    class Scan(models.TextChoices):
        """What the virus scanner found; empty where none is configured."""

        NONE = "", _("Not scanned")
        PENDING = "pending", _("Is being checked for viruses")
        CLEAN = "clean", _("No virus found")
        INFECTED = "infected", _("It carried a virus and was removed")

    READY = (Scan.NONE, Scan.CLEAN)

    key = models.UUIDField(unique=True)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="evidence")
    response = models.ForeignKey(Response, models.PROTECT, null=True, related_name="evidence")
    kind = models.CharField(max_length=8, choices=Kind)
    file = models.FileField(upload_to=evidence_path, max_length=200)
    thumbnail = models.BinaryField(null=True)
    is_inside = models.BooleanField(default=False)
    transcript = models.TextField(_("what is said"), max_length=4000, blank=True)
    transcribed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.NONE, blank=True)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "pk"]
        verbose_name_plural = "evidence"
        indexes = [
            models.Index(
                fields=["added_at"], condition=Q(scan="pending"), name="evidence_to_be_scanned"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="evidence_recording_stays_inside",
                condition=~Q(kind="audio") | Q(is_inside=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.issue_id}"

    @property
    def is_ready(self) -> bool:
        """Whether it may be downloaded by those who may read it."""
        return self.scan in self.READY
