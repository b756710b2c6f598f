"""Who is asked to a session, and the people they name."""

import secrets
from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from forum.models.sessions import Session
from forum.models.shared import ONE_PARTY, Party, Reader, of_own_parties
from provinces.models import Authority, Honorific


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: Reader) -> "InvitationQuerySet":
        """Invitations to sessions of the user's provinces, and the user's own that stand."""
        if not user.is_authenticated:
            return self.none()
        if user.serves_all:
            return self
        own = of_own_parties(user) & Q(released_at__isnull=False, withdrawn_at=None)
        return self.filter(Q(session__province__in=user.served_ids) | own)

    def standing(self) -> "InvitationQuerySet":
        """Invitations that have not been withdrawn."""
        return self.filter(withdrawn_at=None)

    def left(self) -> "InvitationQuerySet":
        """Standing invitations that are no longer a draft."""
        return self.standing().filter(released_at__isnull=False)

    def with_party_and_session(self) -> "InvitationQuerySet":
        """With who is asked, and the session as it is drafted and as it is published."""
        return self.select_related(
            "organization",
            "authority",
            "session__forum",
            "session__province",
            "session__venue",
            "session__announced__venue",
        )

    def unanswered(self) -> "InvitationQuerySet":
        """Those that nobody has answered for the day that is published now."""
        former = Q(answered_sequence__lt=F("session__sequence"))
        return self.filter(Q(status=Invitation.Status.PENDING) | former)


class Invitation(Party):
    """An organization or authority asked to a session, with the places it may fill.

    It is a draft until ``released_at``: then it has its letter's number and its messages stand
    in the outbox. A draft that is taken back is deleted, another one is withdrawn.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Not answered")
        ACCEPTED = "accepted", _("Coming")
        DECLINED = "declined", _("Not coming")

    class Way(models.TextChoices):
        """How the answer came."""

        ACCOUNT = "account", _("in the application")
        LINK = "link", _("by the link")
        CALENDAR = "calendar", _("by the calendar")
        RECORDED = "recorded", _("recorded by a coordinator")

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    session = models.ForeignKey(Session, models.PROTECT, related_name="invitations")
    quota = models.PositiveSmallIntegerField(_("places"), default=2)
    status = models.CharField(_("answer"), max_length=12, choices=Status, default=Status.PENDING)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by_way = models.CharField(_("how"), max_length=12, choices=Way, blank=True)
    # The session's sequence that was answered: 1 for its first day, 0 where nobody answered.
    answered_sequence = models.PositiveIntegerField(default=0, editable=False)
    released_at = models.DateTimeField(_("sent"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    letter_number = models.CharField(_("number of the letter"), max_length=20, blank=True)
    handed_over_on = models.DateField(_("letter handed over"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="invitation_asks_one_party", condition=ONE_PARTY),
            models.UniqueConstraint(
                fields=["session", "organization", "authority"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="party_is_invited_once_to_a_session",
            ),
            models.CheckConstraint(
                name="invitation_has_a_place", condition=Q(quota__gte=1, quota__lte=200)
            ),
            models.CheckConstraint(
                name="invitation_answered_at_matches_status",
                condition=Q(status="pending", answered_at=None)
                | (~Q(status="pending") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="invitation_draft_has_no_number",
                condition=Q(released_at=None, letter_number="", withdrawn_at=None)
                | Q(released_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["letter_number"],
                condition=~Q(letter_number=""),
                name="invitation_number_is_used_once",
            ),
            # What Delegate refers to, so that nobody is named for another session's invitation.
            models.UniqueConstraint(fields=["id", "session"], name="invitation_with_its_session"),
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.session}"

    @property
    def is_answer_former(self) -> bool:
        """It was answered for a day or venue that has changed since: calendars ask anew, too."""
        session = self.session
        return (
            self.status != Invitation.Status.PENDING
            and session.status != Session.Status.CANCELLED
            and self.answered_sequence < session.sequence
        )

    @property
    def waits_for_answer(self) -> bool:
        """Nobody has answered for the day that is published now."""
        return self.status == Invitation.Status.PENDING or self.is_answer_former


class DelegateQuerySet(models.QuerySet["Delegate"]):
    def visible_to(self, user: Reader) -> "DelegateQuerySet":
        """Delegates of sessions of the user's provinces, and those of the user's own parties."""
        if not isinstance(user, User):
            return self.none()
        served = Session.objects.served_by(user).values("pk")
        own = Invitation.objects.left().filter(of_own_parties(user)).values("pk")
        return self.filter(Q(session__in=served) | Q(invitation__in=own))

    def standing(self) -> "DelegateQuerySet":
        """Those who have not been replaced or taken back."""
        return self.filter(left_at=None)

    def seated(self) -> "DelegateQuerySet":
        """Those who stand and need not wait for a place."""
        return self.standing().filter(is_waiting=False)

    def counted(self) -> dict[str, int]:
        """How many of them came: ``total`` people, of whom ``women``."""
        came = Q(came_at__isnull=False, left_at=None)
        return self.aggregate(
            total=models.Count("pk", filter=came),
            women=models.Count("pk", filter=came & Q(sex=Delegate.Sex.WOMAN)),
        )


class Delegate(models.Model):
    """Somebody who comes to a session: named by an invited party, or met at the door.

    Known by title and number ("delegate 3 of …"). The name is optional, sealed, and deleted after
    the minutes are published. Who came without an invitation is of a party, or of none.
    """

    class Sex(models.TextChoices):
        WOMAN = "woman", _("woman")
        MAN = "man", _("man")

    session = models.ForeignKey(Session, models.PROTECT, related_name="delegates")
    invitation = models.ForeignKey(
        Invitation, models.PROTECT, null=True, blank=True, related_name="delegates"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="+"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    honorific = models.ForeignKey(
        Honorific,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("honorific"),
    )
    title = models.CharField(_("title"), max_length=200)
    sex = models.CharField(_("sex"), max_length=8, choices=Sex)
    sealed = models.BinaryField(null=True, editable=False)
    is_waiting = models.BooleanField(_("on the waiting list"), default=False)
    named_at = models.DateTimeField(_("named"))
    left_at = models.DateTimeField(_("replaced or taken back"), null=True, blank=True)
    came_at = models.DateTimeField(_("came"), null=True, blank=True)
    code = models.CharField(
        max_length=32, unique=True, default=partial(secrets.token_urlsafe, 12), editable=False
    )
    client_key = models.UUIDField(unique=True, editable=False)

    objects = DelegateQuerySet.as_manager()

    class Meta:
        ordering = ["invitation", "number", "pk"]
        constraints = [
            models.CheckConstraint(
                name="delegate_is_of_one_party_at_most",
                condition=Q(invitation__isnull=False, organization=None, authority=None)
                | Q(invitation=None, organization=None)
                | Q(invitation=None, authority=None),
            ),
            models.UniqueConstraint(
                fields=["session", "invitation", "number"],
                condition=Q(left_at=None),
                nulls_distinct=False,
                name="delegate_has_the_number_alone",
            ),
            models.CheckConstraint(
                name="delegate_who_came_has_not_left",
                condition=Q(came_at=None) | Q(left_at=None),
            ),
            models.CheckConstraint(
                name="delegate_who_left_has_no_name",
                condition=Q(left_at=None) | Q(sealed=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["session", "named_at"],
                condition=Q(is_waiting=True, left_at=None),
                name="delegate_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    @property
    def party(self) -> Organization | Authority | None:
        """For whom they came; None for a guest of nobody's."""
        if self.invitation is not None:
            return self.invitation.party
        return self.organization or self.authority


class Tick(models.Model):
    """One press at the door: this delegate is here, or is not after all; kept as it was made.

    The device mints the key, so that a tick sent again is one tick; ``at`` is the device's time.
    """

    client_key = models.UUIDField(unique=True, editable=False)
    delegate = models.ForeignKey(Delegate, models.PROTECT, related_name="ticks")
    is_here = models.BooleanField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.delegate_id}: {self.is_here}"


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, user: Reader) -> "CalendarFeedQuerySet":
        """One's own, and nobody else's."""
        return self.filter(user=user) if isinstance(user, User) else self.none()


class CalendarFeed(models.Model):
    """The secret address under which a person's own calendar is read; a new nonce revokes it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="calendar_feed")
    nonce = models.UUIDField(unique=True)
    made_at = models.DateTimeField()

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
