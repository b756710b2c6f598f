"""The reminder policy: which rungs the ladder has, where it climbs by itself; what was amiss."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from outbox import barred
from outbox.models import Channel
from provinces.models import Province


def _both_or_none(name: str) -> models.Q:
    """The words stand in Khmer and English, or in neither."""
    khmer, english = f"{name}_km", f"{name}_en"
    none = models.Q(**{khmer: "", english: ""})
    return none | (~models.Q(**{khmer: ""}) & ~models.Q(**{english: ""}))


class Rung(models.Model):
    """One step of the ladder, in working days round the due date, for issues of one priority.

    ``key`` is by what a notice says which rung it told of: it stays when the day is changed, and
    is never given a second time (see ``reminders.policy``). Empty words are our standard ones;
    they and ``channel`` are for the rung's own audience, not for those who get a copy.
    """

    class Audience(models.TextChoices):
        OFFICIALS = "officials", _("the officials")
        WITH_COPY = "with_copy", _("the officials, a copy to the coordinators")
        SUPERIOR = "superior", _("the next superior authority")

    priority = models.PositiveSmallIntegerField(_("priority"))
    key = models.CharField(_("rung"), max_length=16)
    offset = models.SmallIntegerField(_("working days after the due date"))
    audience = models.CharField(_("to whom"), max_length=12, choices=Audience)
    is_escalation = models.BooleanField(_("escalation"), default=False)
    channel = models.CharField(
        _("by which way"), max_length=12, choices=Channel, default=Channel.USUAL
    )
    subject_km = models.CharField(_("subject in Khmer"), max_length=150, blank=True)
    subject_en = models.CharField(_("subject in English"), max_length=150, blank=True)
    opening_km = models.TextField(_("opening paragraph in Khmer"), max_length=1000, blank=True)
    opening_en = models.TextField(_("opening paragraph in English"), max_length=1000, blank=True)

    class Meta:
        ordering = ["priority", "offset"]
        constraints = [
            models.UniqueConstraint(fields=["priority", "key"], name="rung_stands_once"),
            models.UniqueConstraint(
                fields=["priority", "offset"], name="rung_has_a_day_of_its_own"
            ),
            models.CheckConstraint(
                name="rung_escalates_exactly_to_a_superior",
                condition=models.Q(is_escalation=True, audience="superior")
                | (models.Q(is_escalation=False) & ~models.Q(audience="superior")),
            ),
            models.CheckConstraint(
                name="rung_escalates_only_after_the_date",
                condition=models.Q(is_escalation=False) | models.Q(offset__gt=0),
            ),
            models.CheckConstraint(
                name="rung_has_its_subject_in_both_languages", condition=_both_or_none("subject")
            ),
            models.CheckConstraint(
                name="rung_has_its_opening_in_both_languages", condition=_both_or_none("opening")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.priority}: {self.key}"


class Ladder(models.Model):
    """When the rungs of a priority were last changed, and by whom; no row while nobody did.

    ``version`` tells two editors apart. Notices up to ``latest_notice`` were planned on the ladder
    as it was before: whether they came on their day cannot be told from the rungs of now.
    """

    priority = models.PositiveSmallIntegerField(_("priority"), primary_key=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    latest_notice = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["priority"]

    def __str__(self) -> str:
        return f"{self.priority}: {self.version}"


class ProvincePolicy(models.Model):
    """What one province agreed: whether an escalation leaves without a coordinator's press."""

    province = models.OneToOneField(
        Province, models.CASCADE, primary_key=True, related_name="reminder_policy"
    )
    escalates_by_itself = models.BooleanField(_("escalates by itself"), default=False)

    class Meta:
        verbose_name_plural = "province policies"

    def __str__(self) -> str:
        return str(self.province)


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> "FindingQuerySet":
        """Findings of the provinces the user coordinates; administrators see all of them."""
        if user.serves_all or user.is_role(Role.ADMINISTRATOR):
            return self
        return self.filter(province__in=user.served_ids)

    def served_by(self, user: User) -> "FindingQuerySet":
        """Findings whose issues the user reads as a coordinator."""
        rows = self if user.serves_all else self.filter(province__in=user.served_ids)
        hidden = barred.subjects(user)
        return rows.exclude(subject__in=hidden) if hidden else rows

    def standing(self) -> "FindingQuerySet":
        """What the latest reconciliation still found."""
        return self.filter(cleared_at=None)


class Finding(models.Model):
    """A notice that should stand and does not, or the other way round; nobody mends it silently.

    ``told``, ``rung`` and ``version`` say which notice of the subject, as in ``Notice``.
    """

    class Kind(models.TextChoices):
        MISSING = "missing", _("Missing: its day has come, and nobody was to be told")
        EXTRA = "extra", _("Too many: told before its day, or of a date that never was")

    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.CharField(max_length=60)
    told = models.CharField(max_length=40)
    rung = models.CharField(max_length=20, default="", blank=True)
    version = models.PositiveIntegerField()
    province = models.ForeignKey(Province, models.PROTECT, related_name="+")
    first_seen_at = models.DateTimeField(_("first seen"))
    latest_seen_at = models.DateTimeField(_("last seen"))
    cleared_at = models.DateTimeField(_("cleared"), null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["first_seen_at", "pk"]
        indexes = [
            models.Index(
                fields=["province", "kind"],
                condition=models.Q(cleared_at=None),
                name="finding_standing_by_province",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "told", "rung", "version"],
                condition=models.Q(cleared_at=None),
                name="finding_stands_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.told} {self.rung} {self.subject}"
