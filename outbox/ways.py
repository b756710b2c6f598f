"""By which way each person is told: their choice, their chats, and addresses that failed.

What providers report, and how far their updates were read, lie here too. ``outbox.models`` hands
all of it on.
"""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from provinces.workdays import Calendar


class Channel(models.TextChoices):
    """By which way something is told.

    A notice is planned for the recipient's own way, whichever that is when its time comes: who
    changes it is not told everything again. A message names the way it goes.
    """

    USUAL = "usual", _("as the recipient has chosen")
    EMAIL = "email", _("e-mail")
    TELEGRAM = "telegram", "Telegram"
    SMS = "sms", _("SMS")
    OTHER = "other", _("another way, set up by administrators")


class Preference(models.Model):
    """How a person chose to be told; without a row by e-mail, as is usual for their role.

    ``is_digest`` is empty as long as nothing was chosen: officials then get one message a day of
    what can wait, everybody else each notice by itself. Until ``muted_until``, that day included,
    no early reminder is sent to them.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="telling")
    channel = models.CharField(
        _("How you are told"), max_length=12, choices=Channel, default=Channel.EMAIL
    )
    is_digest = models.BooleanField(_("One message a day"), null=True, blank=True)
    muted_until = models.DateField(_("No early reminders until"), null=True, blank=True)

    class Meta:
        ordering = ["user"]
        constraints = [
            models.CheckConstraint(
                name="preference_names_a_way", condition=~Q(channel=Channel.USUAL)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.channel}"


class Hours(models.Model):
    """When offices are written to, and how often a person is at most told singly a day; one row."""

    opens = models.TimeField(_("not before"), default=dt.time(7, 30))
    closes = models.TimeField(_("not after"), default=dt.time(17, 0))
    most_a_day = models.PositiveSmallIntegerField(
        _("single notices a person a day, then one digest"), default=6
    )

    class Meta:
        verbose_name_plural = "hours"
        constraints = [
            models.CheckConstraint(name="hours_are_one_row", condition=Q(pk=1)),
            models.CheckConstraint(
                name="hours_open_before_they_close", condition=Q(opens__lt=F("closes"))
            ),
            models.CheckConstraint(
                name="hours_let_somebody_be_told", condition=Q(most_a_day__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}, {self.most_a_day}"

    @classmethod
    def current(cls) -> "Hours":
        """What stands now; the defaults where nobody changed them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def opening(self, day: dt.date) -> dt.datetime:
        """The moment from which offices are written to on a day."""
        return dt.datetime.combine(day, self.opens, tzinfo=timezone.get_default_timezone())

    def first_in(self, moment: dt.datetime, calendar: Calendar) -> dt.datetime:
        """The moment itself in working hours, else the next opening."""
        local = timezone.localtime(moment, timezone.get_default_timezone())
        day = local.date()
        if calendar.is_working(day):
            if local.time() < self.opens:
                return self.opening(day)
            if local.time() < self.closes:
                return moment
        return self.opening(calendar.add(day, 1))


class TelegramChat(models.Model):
    """The chat with our bot that a person linked: one a person, one person a chat."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="telegram_chat"
    )
    chat_id = models.BigIntegerField(unique=True)
    linked_at = models.DateTimeField()

    class Meta:
        ordering = ["user"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.linked_at:%Y-%m-%d}"


class TelegramCode(models.Model):
    """The code by which a person may link a chat: once, for a while, kept as its hash alone."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="telegram_code"
    )
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["user"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.expires_at:%Y-%m-%d}"


class ServiceAddress(models.Model):
    """Where a person is told at another service, as an administrator set it up; one a person.

    The address holds a token, so only its scheme is legible. Another address is another row: what
    was to go to the old one does not go to the new one.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="service_address")
    scheme = models.CharField(max_length=20)
    sealed = models.BinaryField()
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["user"]
        verbose_name_plural = "service addresses"

    def __str__(self) -> str:
        return f"{self.scheme}:{self.pk}"


class FailedAddressQuerySet(models.QuerySet["FailedAddress"]):
    def covers(self, channel: str, address: str) -> bool:
        """Whether the address has failed and was not mended since."""
        return self.filter(channel=channel, address=address).exists()


class FailedAddress(models.Model):
    """An address that its provider will never serve: a bot that was blocked, a wrong number.

    The row goes when the person links the chat anew or saves how they are told.
    """

    channel = models.CharField(_("channel"), max_length=12, choices=Channel)
    address = models.CharField(_("address"), max_length=254)
    recipient = models.CharField(max_length=40)
    code = models.CharField(max_length=20, blank=True)
    failed_at = models.DateTimeField(_("failed"))

    objects = FailedAddressQuerySet.as_manager()

    class Meta:
        ordering = ["-failed_at"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "address"], name="address_fails_once")
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.channel} {self.code}"


class Receipt(models.Model):
    """What a provider reported of a message, kept as it came; each report counts once.

    It may come before our own record of the sending, so that it points to no row.
    """

    class Status(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        OTHER = "other", _("Underway")

    channel = models.CharField(max_length=12, choices=Channel)
    provider_id = models.CharField(max_length=100, blank=True)  # empty: named by ``reference``
    reference = models.CharField(max_length=100, blank=True)  # ours, as it was given along
    status = models.CharField(max_length=10, choices=Status)
    said = models.CharField(max_length=40, blank=True)
    came_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_id", "reference", "status"],
                name="receipt_counts_once",
            ),
            models.CheckConstraint(
                name="receipt_names_a_message",
                condition=~Q(provider_id="") | ~Q(reference=""),
            ),
        ]
        indexes = [models.Index(fields=["channel", "reference"], name="receipt_by_reference")]

    def __str__(self) -> str:
        return f"{self.channel} {self.provider_id}: {self.status}"


class Cursor(models.Model):
    """How far the updates of a provider were read: the number of the next one."""

    name = models.CharField(primary_key=True, max_length=40)
    next_id = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.next_id}"
