"""The issue itself."""

import datetime as dt

import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization, User
from issues.models.look_triggers import looks_of_an_issue
from issues.models.rules import RULES, news_of_an_issue
from khmer import likeness
from khmer import text as khmer_text
from provinces.models import Locality, Province, Theme

Reader = User | AnonymousUser
PUBLISHED = Q(published_at__isnull=False, pressured_at=None)
TITLE_LENGTH = 120
TEXT_LENGTH = 4000
ASKED_LENGTH = 1000
# What a list does not show: left in the database while its rows are read.
LONG = ("text", "asked", "index_text", "place_text", "search", "words", "shingles")
LONG_OF_ISSUE = tuple(f"issue__{name}" for name in LONG)


class IssueQuerySet(models.QuerySet["Issue"]):
    def visible_to(self, user: Reader) -> "IssueQuerySet":
        """Issues the user may read; without what concerns their office or one above it."""
        if not user.is_authenticated:
            return self.published()
        rows = self.filter(self._concerning(user) | PUBLISHED)
        return rows.exclude(pk__in=_barred_from(user)) if user.office_ids else rows

    def published(self) -> "IssueQuerySet":
        """Issues a coordinator has put before the public, without what is frozen."""
        return self.filter(PUBLISHED)

    def cosigned_by(self, user: User) -> "IssueQuerySet":
        """Issues of others that an organization of the user has made its own as well."""
        return self.filter(pk__in=self._cosigned_by(user))

    def frozen(self) -> "IssueQuerySet":
        """Issues whose organization said that it was pressured, until a coordinator lifts that."""
        return self.filter(pressured_at__isnull=False)

    def served_by(self, user: User) -> "IssueQuerySet":
        """Issues in the hands of the user as a coordinator: no drafts but their own."""
        return self.filter(_served_by(user))

    def raised_by(self, user: User) -> "IssueQuerySet":
        """Issues of the organizations the user represents."""
        return self.filter(organization__in=user.organization_ids)

    def concerning(self, user: User) -> "IssueQuerySet":
        """Issues the user has to do with: serves, represents, or holds by a referral."""
        return self.filter(self._concerning(user))

    def not_concerning(self, user: User) -> "IssueQuerySet":
        """All other issues."""
        return self.exclude(self._concerning(user))

    def inside(self, user: Reader) -> "IssueQuerySet":
        """Issues whose every field the user may read: of their provinces or organization."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(inside_of(user))

    def eligible(self, province_id: str) -> "IssueQuerySet":
        """Issues of a province that wait for a session: the weightiest and oldest first."""
        return self.filter(province=province_id, status=Issue.Status.ACCEPTED).order_by(
            "-priority", "submitted_at"
        )

    def matching(self, query: str) -> "IssueQuerySet":
        """Issues in which each part of the query stands, by clusters of folded Khmer.

        For who may read every place of these issues; anybody else's search is ``found_by``.
        """
        asked = _asked(query)
        return self if asked is None else self.filter(search=asked)

    def found_by(self, user: Reader, query: str) -> "IssueQuerySet":
        """As ``matching``; the place of a confidential issue is found by those inside alone.

        Whoever found an issue by its commune would know where it happened.
        """
        asked = _asked(query)
        if asked is None or (user.is_authenticated and user.serves_all):
            return self.matching(query)
        placed = ~Q(disclosure=Issue.Disclosure.CONFIDENTIAL)
        if user.is_authenticated:
            placed |= Q(province__in=user.served_ids) | Q(organization__in=user.organization_ids)
        # The words stand in both indexes: one finds, the other is asked only of what it found.
        return self.filter(placed | Q(words=asked), search=asked)

    def overdue(self, today: dt.date) -> "IssueQuerySet":
        """Issues with an open referral after its date, whose clock runs."""
        late = Issue.objects.filter(
            referrals__ended_at=None, referrals__paused_on=None, referrals__due_on__lt=today
        )
        return self.filter(pk__in=late.values("pk"))

    def _concerning(self, user: User) -> Q:
        return (
            inside_of(user) | Q(pk__in=self._cosigned_by(user)) | Q(pk__in=self._referred_to(user))
        )

    def _referred_to(self, user: User) -> "IssueQuerySet":
        rows = Issue.objects.filter(
            Q(referrals__ended_as="") | Q(referrals__ended_as="resolved"),
            referrals__authority__in=user.answerable_ids,
            referrals__released_at__isnull=False,
            pressured_at=None,
        )
        return rows.values("pk")  # type: ignore[return-value]

    def _cosigned_by(self, user: User) -> "IssueQuerySet":
        rows = Issue.objects.filter(
            cosigns__organization__in=user.organization_ids,
            cosigns__state="agreed",
            pressured_at=None,
        )
        return rows.values("pk")  # type: ignore[return-value]


def inside_of(user: User) -> Q:
    """What holds of an issue whose every field the user may read."""
    return _served_by(user) | Q(organization__in=user.organization_ids)


def _served_by(user: User) -> Q:
    # Of the row's own columns: a subquery would read the whole table once more for each list.
    served = ~Q(status="draft") | Q(author=user)
    if not user.serves_all:
        served &= Q(province__in=user.served_ids)
    if user.office_ids:  # whatever else somebody of that office is
        served &= ~Q(pk__in=_barred_from(user))
    return served


def _barred_from(user: User) -> IssueQuerySet:
    rows = Issue.objects.filter(concerns__authority__in=user.commanding_ids)
    return rows.exclude(organization__in=user.organization_ids).values("pk")  # type: ignore[return-value]


def _asked(query: str) -> SearchQuery | None:
    """The query for the indexes; None where there is nothing to search for."""
    terms = khmer_text.tsquery(query)
    return SearchQuery(terms, config="simple", search_type="raw") if terms else None


class Issue(models.Model):
    """A challenge met at the grassroots, or a request, raised by an organization.

    ``status`` is changed only by the functions in ``issues.actions``. Its own place ends at
    the commune; the village stands in the protected part. ``version`` rises with each change of
    what was typed and of who may see it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned with a question")
        ACCEPTED = "accepted", _("Accepted")
        SCHEDULED = "scheduled", _("On the agenda")
        REFERRED = "referred", _("Referred")
        RESOLVED = "resolved", _("Reported resolved")
        CLOSED = "closed", _("Closed")

    class Closing(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed solved")
        PARTLY = "partly", _("Partly solved")
        UNCONFIRMED = "unconfirmed", _("Closed unconfirmed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        MERGED = "merged", _("Merged into another")

    class Kind(models.TextChoices):
        CHALLENGE = "challenge", _("Challenge")
        REQUEST = "request", _("Request")

    class Disclosure(models.TextChoices):
        """Who may see it, each stricter than the one before."""

        PUBLIC = "public", _("Public: may be published")
        RESTRICTED = "restricted", _("Restricted: the secretariat, the office asked, the session")
        CONFIDENTIAL = "confidential", _("Confidential: the office gets the matter alone")

    class Source(models.TextChoices):
        """How it came to the secretariat."""

        WEB = "web", _("By this page")
        PAPER = "paper", _("On paper")
        PHONE = "phone", _("By telephone")
        LETTER = "letter", _("By letter")
        IMPORT = "import", _("In a file of many")

    class Spoken(models.TextChoices):
        """What the people concerned speak; an interpreter may have to come."""

        KHMER = "khmer", _("Khmer")
        BUNONG = "bunong", _("Bunong")
        TAMPUAN = "tampuan", _("Tampuan")
        JARAI = "jarai", _("Jarai")
        KREUNG = "kreung", _("Kreung")
        BRAO = "brao", _("Brao")
        KAVET = "kavet", _("Kavet")
        KACHOK = "kachok", _("Kachok")
        LUN = "lun", _("Lun")
        STIENG = "stieng", _("Stieng")
        KUY = "kuy", _("Kuy")
        CHAM = "cham", _("Cham")
        LAO = "lao", _("Lao")
        VIETNAMESE = "vietnamese", _("Vietnamese")
        OTHER = "other", _("Another language")

    class Link(models.TextChoices):
        """Why an issue follows another."""

        AGAIN = "again", _("Raised again")
        REMAINDER = "remainder", _("What remained of it")
        SPLIT = "split", _("Split from it")
        PROVINCE = "province", _("Its part in another province")

    class Priority(models.IntegerChoices):
        NORMAL = 0, pgettext_lazy("priority", "Normal")
        HIGH = 1, pgettext_lazy("priority", "High")
        URGENT = 2, pgettext_lazy("priority", "Urgent")

    client_key = models.UUIDField(unique=True, editable=False)
    content_digest = models.CharField(max_length=64, editable=False, default="")
    version = models.PositiveIntegerField(default=1, editable=False)
    reference = models.CharField(_("reference"), max_length=12, unique=True, null=True)  # noqa: DJ001 - drafts have none
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CHALLENGE)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, blank=True)
    text = models.TextField(_("text"), blank=True, validators=[MaxLengthValidator(TEXT_LENGTH)])
    asked = models.TextField(
        _("what is asked"), blank=True, validators=[MaxLengthValidator(ASKED_LENGTH)]
    )
    language = models.CharField(
        _("language"), max_length=2, choices=[("km", _("Khmer")), ("en", _("English"))]
    )
    spoken = models.CharField(
        _("language spoken"), max_length=12, choices=Spoken, default=Spoken.KHMER
    )
    needs_interpreter = models.BooleanField(_("an interpreter is needed"), default=False)
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, related_name="issues", verbose_name=_("theme")
    )
    province = models.ForeignKey(
        Province, models.PROTECT, related_name="issues", verbose_name=_("province")
    )
    commune = models.ForeignKey(
        Locality, models.PROTECT, null=True, related_name="issues", verbose_name=_("commune")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="issues", verbose_name=_("organization")
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="issues")
    source = models.CharField(_("how it came"), max_length=8, choices=Source, default=Source.WEB)
    came_on = models.DateField(_("came on"), null=True, blank=True)
    people = models.PositiveIntegerField(_("people affected"), null=True)
    women = models.PositiveIntegerField(_("of whom women"), null=True)
    disclosure = models.CharField(
        _("who may see it"), max_length=12, choices=Disclosure, default=Disclosure.RESTRICTED
    )
    is_named = models.BooleanField(_("our organization may be named"), default=False)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NORMAL
    )
    status = models.CharField(_("state"), max_length=12, choices=Status, default=Status.DRAFT)
    closed_as = models.CharField(
        _("closed as"), max_length=12, choices=Closing, default="", blank=True
    )
    question = models.TextField(_("question of the secretariat"), max_length=2000, blank=True)
    reply = models.TextField(_("answer to the question"), max_length=2000, blank=True)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers"
    )
    link = models.CharField(_("why it follows"), max_length=10, choices=Link, blank=True)
    root = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="thread")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )
    tracking_code = models.CharField(  # noqa: DJ001 - drafts have none
        max_length=12, unique=True, null=True, editable=False
    )
    pressured_at = models.DateTimeField(_("pressured since"), null=True, blank=True)
    deferrals = models.PositiveSmallIntegerField(_("times deferred"), default=0)
    claims = models.PositiveSmallIntegerField(_("times reported resolved"), default=0)
    created_at = models.DateTimeField(_("begun"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("reported resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    index_text = models.TextField(editable=False, default="")
    place_text = models.TextField(editable=False, default="")
    shingles = models.BinaryField(editable=False, default=b"")
    words = models.GeneratedField(
        expression=SearchVector("index_text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search = models.GeneratedField(
        expression=SearchVector("index_text", "place_text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        indexes = [
            GinIndex(fields=["search"], name="issue_search"),
            GinIndex(fields=["words"], name="issue_words"),
            models.Index(fields=["province", "status"], name="issue_by_province_status"),
            models.Index(fields=["organization", "status"], name="issue_by_organization"),
            models.Index(F("submitted_at").desc(nulls_last=True), name="issue_newest_first"),
            models.Index(fields=["commune", "theme"], name="issue_by_commune_and_theme"),
            models.Index(
                F("priority").desc(nulls_last=True), F("id").desc(), name="issue_by_priority"
            ),
            models.Index(
                F("deferrals").desc(nulls_last=True), F("id").desc(), name="issue_by_deferrals"
            ),
            models.Index(
                F("published_at").desc(nulls_last=True),
                F("id").desc(),
                condition=PUBLISHED,
                name="issue_by_published",
            ),
            models.Index(
                fields=["pressured_at"],
                condition=Q(pressured_at__isnull=False),
                name="issue_frozen",
            ),
        ]
        constraints = RULES
        triggers = [
            news_of_an_issue(
                pgtrigger.Update,
                "NEW.id",
                pgtrigger.AnyChange("title", "disclosure", "pressured_at", "commune"),
            ),
            *looks_of_an_issue(),
        ]

    def __str__(self) -> str:
        return f"{self.reference or '–'} {self.title}"

    def get_absolute_url(self) -> str:
        """The issue's own page: under its key while a draft, then under its reference."""
        if self.reference is None:
            return reverse("issues:draft", args=[self.client_key])
        return reverse("issues:issue", args=[self.reference])

    @property
    def is_open(self) -> bool:
        """Whether anything may still happen to it."""
        return self.status != Issue.Status.CLOSED

    @property
    def stricter(self) -> list["Issue.Disclosure"]:
        """The disclosures under which fewer people see it, the next one first."""
        scale = list(Issue.Disclosure)
        return scale[scale.index(Issue.Disclosure(self.disclosure)) + 1 :]

    def write_index(self) -> None:
        """Set what a search and the look for repeats find it by: its words, apart its place."""
        words = (self.title, self.text, self.asked)
        self.index_text = khmer_text.index_text(self.reference or "", *words)
        self.shingles = likeness.shingles(" ".join(words))
        district = self.commune.parent if self.commune else None
        units = [one for one in (self.commune, district, self.province) if one]
        names = [_full_name(one, language) for one in units for language in ("km", "en")]
        aliases = self.commune.aliases if self.commune else []
        self.place_text = khmer_text.index_text(*names, *aliases)


def _full_name(unit: Locality | Province, language: str) -> str:
    """The unit as the pages of this language name it."""
    with translation.override(language):
        return unit.full_name
