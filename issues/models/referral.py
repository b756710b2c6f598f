"""An issue in an authority's hands, what the authority says, and whether it is really solved."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.models.agenda import Outcome
from issues.models.issue import Issue, Reader
from issues.models.look_triggers import looks_of_a_referral
from provinces.models import Authority


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: Reader) -> "ReferralQuerySet":
        """Referrals the user may read.

        A coordinator's own provinces', the raising organization's, and, once released, those
        to the user's authorities and the ones below. What concerns the user's office is left out,
        and what is frozen because its organization was pressured.
        """
        if not user.is_authenticated:
            return self.none()
        asked = Q(
            authority__in=user.answerable_ids,
            released_at__isnull=False,
            issue__pressured_at=None,
            ended_as__in=["", Referral.Ending.RESOLVED],
        )
        rows = self.filter(
            Q(issue__in=Issue.objects.served_by(user).values("pk"))
            | Q(issue__organization__in=user.organization_ids)
            | asked
        )
        if not user.office_ids:
            return rows
        barred = Issue.objects.filter(concerns__authority__in=user.commanding_ids)
        others = barred.exclude(organization__in=user.organization_ids)
        return rows.exclude(issue__in=others.values("pk"))

    def answerable_by(self, user: User) -> "ReferralQuerySet":
        """Referrals the user reads as an official: to their authorities and those below."""
        return self.visible_to(user).filter(authority__in=user.answerable_ids)

    def open(self) -> "ReferralQuerySet":
        """Referrals that have not ended."""
        return self.filter(ended_at=None)

    def in_hand(self) -> "ReferralQuerySet":
        """Open ones that their office knows of, of issues that are referred and not frozen."""
        return self.open().filter(
            released_at__isnull=False,
            issue__status=Issue.Status.REFERRED,
            issue__pressured_at=None,
        )

    def awaited_by(self, user: User) -> "ReferralQuerySet":
        """Those in the hands of offices that the user, who coordinates their province, reads."""
        served = Issue.objects.served_by(user).values("pk")
        return self.visible_to(user).in_hand().filter(issue__in=served)

    def running(self) -> "ReferralQuerySet":
        """Open ones whose clock does not stand still as they wait for the organization."""
        return self.open().filter(paused_on=None)

    def leading(self) -> "ReferralQuerySet":
        """Referrals whose authority must resolve the issue."""
        return self.filter(role=Referral.Role.LEAD)

    def overdue(self, today: dt.date) -> "ReferralQuerySet":
        """Open after their date; none that waits for the organization."""
        return self.running().filter(due_on__lt=today)


class Referral(models.Model):
    """An issue handed to an authority, to be solved by ``due_on``.

    ``released_at`` is set at once outside a session, and when the draft minutes are agreed in
    one. ``handed_over_on`` and ``due_on`` begin with the first notice that left (or the letter
    recorded); ``wanted_on`` is the date the coordinator named, ``days`` its working days.
    ``review_on`` brings it back to the session that comes next; until ``suspended_until`` its
    clock stands still, and so it does from ``paused_on`` while its office waits for the
    organization (see Pause). Each new date raises ``due_version``. Its reminders go on where they
    were, unless they begin anew with a date that was extended or set afresh: ``ladder_version`` is
    the first version they count from, and ``ladder_since`` the day after which they are told.
    While ``kept_low_at`` stands no superior is turned to.
    """

    class Role(models.TextChoices):
        LEAD = "lead", _("Lead")
        SUPPORTING = "supporting", _("Supporting")
        INFORMATION = "information", _("For information")

    class Ending(models.TextChoices):
        RESOLVED = "resolved", _("Resolved")
        RECALLED = "recalled", _("Recalled")
        REDIRECTED = "redirected", _("Redirected")
        OVER = "over", _("Ended with the issue")

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="referrals")
    authority = models.ForeignKey(
        Authority, models.PROTECT, related_name="referrals", verbose_name=_("authority")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.LEAD)
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, related_name="referrals")
    referred_at = models.DateTimeField(_("referred"))
    referred_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    note = models.TextField(_("what is asked of the office"), max_length=2000, blank=True)
    wanted_on = models.DateField(_("due date"))
    days = models.PositiveSmallIntegerField(_("working days"))
    released_at = models.DateTimeField(_("released"), null=True)
    handed_over_on = models.DateField(_("handed over"), null=True)
    due_on = models.DateField(_("due date"), null=True)
    due_version = models.PositiveSmallIntegerField(default=1)
    ladder_version = models.PositiveSmallIntegerField(default=1)
    ladder_since = models.DateField(null=True, blank=True)
    kept_low_at = models.DateTimeField(_("kept at its own level since"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("received"), null=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expected_on = models.DateField(_("answer expected"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_as = models.CharField(
        _("ended as"), max_length=12, choices=Ending, default="", blank=True
    )

    paused_on = models.DateField(_("waits for the organization since"), null=True, blank=True)
    paused_until = models.DateField(_("waits at most until"), null=True, blank=True)
    review_on = models.DateField(_("next review"), null=True, blank=True)
    suspended_until = models.DateField(_("suspended until"), null=True, blank=True)
    ended_because = models.TextField(_("why it was taken back"), max_length=1000, blank=True)
    redirected_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="redirected_to"
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["referred_at", "pk"]
        indexes = [
            models.Index(
                fields=["authority", "due_on"],
                condition=Q(ended_at=None),
                name="referral_open_by_authority",
            ),
            models.Index(
                fields=["due_on"], condition=Q(ended_at=None), name="referral_open_by_due"
            ),
            models.Index(
                Coalesce("due_on", "wanted_on").asc(nulls_first=True),
                F("issue").desc(),
                condition=Q(ended_at=None),
                name="referral_open_by_date",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "authority"],
                condition=Q(ended_at=None),
                name="authority_holds_an_issue_once_at_a_time",
            ),
            models.CheckConstraint(
                name="referral_clock_starts_at_the_hand_over",
                condition=Q(handed_over_on=None, due_on=None)
                | Q(
                    handed_over_on__isnull=False,
                    due_on__isnull=False,  # a comparison with NULL would let the row pass
                    due_on__gte=F("handed_over_on"),
                ),
            ),
            models.CheckConstraint(
                name="referral_handed_over_was_released",
                condition=Q(handed_over_on=None) | Q(released_at__isnull=False),
            ),
            models.CheckConstraint(
                name="referral_acknowledged_says_by_whom_and_when",
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
            models.CheckConstraint(
                name="referral_expected_was_acknowledged",
                condition=Q(expected_on=None) | Q(acknowledged_at__isnull=False),
            ),
            models.CheckConstraint(
                name="referral_paused_says_until_when",
                condition=Q(paused_on=None, paused_until=None)
                | Q(
                    paused_on__isnull=False,
                    paused_until__isnull=False,
                    paused_until__gt=F("paused_on"),
                ),
            ),
            models.CheckConstraint(
                name="referral_ended_says_how",
                condition=Q(ended_at=None, ended_as="")
                | (Q(ended_at__isnull=False) & ~Q(ended_as="")),
            ),
        ]
        triggers = looks_of_a_referral()

    def __str__(self) -> str:
        return f"{self.issue_id} → {self.authority}"

    @property
    def is_open(self) -> bool:
        """Whether the authority still holds it."""
        return self.ended_at is None

    @property
    def is_paused(self) -> bool:
        """Whether its clock stands still, as its office waits for the organization."""
        return self.is_open and self.paused_on is not None

    @property
    def counts_from(self) -> dt.date | None:
        """The day zero of its working days: the hand-over, or the end of its suspension."""
        if self.handed_over_on is None:
            return None
        return max(self.handed_over_on, self.suspended_until or self.handed_over_on)

    @property
    def date(self) -> dt.date:
        """The due date, or the one that was named while the clock has not started."""
        return self.due_on or self.wanted_on

    def begin_ladder(self, since: dt.date | None = None) -> None:
        """Its reminders begin anew with the date it has now; the caller saves."""
        self.ladder_version, self.ladder_since = self.due_version, since

    def passed_through(self) -> list["Referral"]:
        """The referrals it came from, one passed on as the next, the first office's first."""
        rows = Referral.objects.filter(issue=self.issue_id).select_related("authority")
        known = {one.pk: one for one in rows}
        chain: list[Referral] = []
        before = known.get(self.redirected_from_id or 0)
        while before is not None:
            chain.insert(0, before)
            before = known.get(before.redirected_from_id or 0)
        return chain


class ResponseQuerySet(models.QuerySet["Response"]):
    def visible_to(self, user: Reader) -> "ResponseQuerySet":
        """What was said on the referrals the user may read."""
        return self.filter(referral__in=Referral.objects.visible_to(user).values("pk"))

    def unanswered(self) -> "ResponseQuerySet":
        """Questions of offices that still hold the issue, to which nobody replied since."""
        later = Response.objects.filter(
            referral=models.OuterRef("referral"),
            kind=Response.Kind.REPLY,
            created_at__gte=models.OuterRef("created_at"),
        )
        asked = self.filter(kind=Response.Kind.QUESTION, referral__ended_at=None)
        return asked.exclude(models.Exists(later))


class Response(models.Model):
    """What is said on a referral: by its office, or to it in reply to a question.

    An office answers, asks, or reports that it is resolved; ``on_behalf`` says that a coordinator
    wrote it down for the office, and a reply for the organization.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("Answer")
        QUESTION = "question", _("Question")
        CLAIM = "claim", _("Reported resolved")
        REPLY = "reply", _("Reply to the question")

    client_key = models.UUIDField(unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="responses")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    text = models.TextField(_("text"), max_length=4000)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="responses")
    title = models.CharField(_("name or title"), max_length=200)
    on_behalf = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("said at"))

    objects = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="response_claim_says_when_it_was_done",
                condition=~Q(kind="claim") | Q(done_on__isnull=False),
            ),
            models.CheckConstraint(name="response_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.referral_id}"


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def visible_to(self, user: Reader) -> "ConfirmationQuerySet":
        """The word on the issues the user reads from inside or as an office asked."""
        asked = Referral.objects.visible_to(user).values("issue")
        return self.filter(
            Q(issue__in=Issue.objects.inside(user).values("pk")) | Q(issue__in=asked)
        )


class Confirmation(models.Model):
    """The organization's word on a claim: solved, partly, or not."""

    class Verdict(models.TextChoices):
        SOLVED = "solved", _("Solved")
        PARTLY = "partly", _("Partly solved")
        NOT_SOLVED = "not_solved", _("Not solved")

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="confirmations")
    claim = models.PositiveSmallIntegerField()
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    how_told = models.CharField(_("how it was told"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="confirmations")
    created_at = models.DateTimeField(_("said at"))

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "claim"], name="claim_is_judged_once"),
            models.CheckConstraint(
                name="confirmation_unless_solved_says_why",
                condition=Q(verdict="solved") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {self.issue_id}"


class RedirectionQuerySet(models.QuerySet["Redirection"]):
    def visible_to(self, user: Reader) -> "RedirectionQuerySet":
        """Those on referrals the user may read."""
        return self.filter(referral__in=Referral.objects.visible_to(user).values("pk"))

    def undecided(self) -> "RedirectionQuerySet":
        """Those a coordinator has still to decide on, of referrals that have not ended."""
        return self.filter(decided_at=None, referral__ended_at=None)


class Redirection(models.Model):
    """An office says that another should have the issue; a coordinator decides."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="redirections")
    to = models.ForeignKey(
        Authority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("office that should have it"),
    )
    reason = models.TextField(_("reason"), max_length=2000)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    is_accepted = models.BooleanField(null=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)

    objects = RedirectionQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(decided_at=None),
                name="redirection_waits_once_a_referral",
            ),
            models.CheckConstraint(
                name="redirection_decided_says_by_whom_and_how",
                condition=Q(decided_at=None, decided_by=None, is_accepted=None)
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    is_accepted__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} → {self.to_id or '?'}"
