"""Another way of telling a person: an address at another service, sealed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CHOICES = [
    ("usual", "as the recipient has chosen"),
    ("email", "e-mail"),
    ("telegram", "Telegram"),
    ("sms", "SMS"),
    ("other", "another way, set up by administrators"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0010_breaker_window"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "breaker",
            "channel",
            models.CharField(choices=CHOICES, max_length=12, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            "failedaddress",
            "channel",
            models.CharField(choices=CHOICES, max_length=12, verbose_name="channel"),
        ),
        migrations.AlterField(
            "message", "channel", models.CharField(choices=CHOICES, max_length=12)
        ),
        migrations.AlterField(
            "notice",
            "channel",
            models.CharField(
                choices=CHOICES, default="usual", max_length=12, verbose_name="channel"
            ),
        ),
        migrations.AlterField(
            "preference",
            "channel",
            models.CharField(
                choices=CHOICES, default="email", max_length=12, verbose_name="How you are told"
            ),
        ),
        migrations.AlterField(
            "receipt", "channel", models.CharField(choices=CHOICES, max_length=12)
        ),
        migrations.CreateModel(
            "ServiceAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scheme", models.CharField(max_length=20)),
                ("sealed", models.BinaryField()),
                ("set_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="service_address",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name_plural": "service addresses", "ordering": ["user"]},
        ),
    ]
