"""The inbox's application."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "inbox"

    def ready(self) -> None:
        """What is sealed here gets a new key with everything else."""
        from inbox.models import Incoming  # noqa: PLC0415 - models are loaded by now
        from issues.actions import rotating  # noqa: PLC0415

        rotating.SEALED.append(rotating.Sealed(Incoming))
