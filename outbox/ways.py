"""By which way each person is told: their choice, their chats, and addresses that failed.

What providers report, and how far their updates were read, lie here too. ``outbox.models`` hands
all of it on.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Channel(models.TextChoices):
    """By which way something is told.

    A notice is planned for the recipient's own way, whichever that is when its time comes: who
    changes it is not told everything again. A message names the way it goes.
    """

    USUAL = "usual", _("as the recipient has chosen")
    EMAIL = "email", _("e-mail")
    TELEGRAM = "telegram", "Telegram"
    SMS = "sms", _("SMS")


class Preference(models.Model):
    """The way a person chose to be told by; without a row it is e-mail."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="telling")
    channel = models.CharField(_("How you are told"), max_length=12, choices=Channel)

    class Meta:
        ordering = ["user"]
        constraints = [
            models.CheckConstraint(
                name="preference_names_a_way", condition=~Q(channel=Channel.USUAL)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.channel}"


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
