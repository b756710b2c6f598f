"""What is wired once all rooms stand: grants after a migration, kinds of notices, who follows."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.db.models.signals import post_migrate

from paper import fonts


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import notice_letters, notices, roles  # noqa: PLC0415 - needs the rooms' models
        from forum import followers  # noqa: PLC0415
        from issues.actions import clear_agendas, open_floor  # noqa: PLC0415
        from outbox import letter_words  # noqa: PLC0415

        # Sent once for each room with tables, after all are migrated: one of them will do.
        post_migrate.connect(roles.grant_after_migration, sender=apps.get_app_config("audit"))
        notices.register()
        letter_words.register(notice_letters.said)
        followers.when_cancelled(clear_agendas)
        followers.when_opened(open_floor)
        fonts.lie_in(settings.FONTS_SOURCE, settings.FONTS_ROOT)
