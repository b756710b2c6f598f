"""A rung may name another way, too."""

from django.db import migrations, models

CHOICES = [
    ("usual", "as the recipient has chosen"),
    ("email", "e-mail"),
    ("telegram", "Telegram"),
    ("sms", "SMS"),
    ("other", "another way, set up by administrators"),
]


class Migration(migrations.Migration):
    dependencies = [("reminders", "0003_policy")]

    operations = [
        migrations.AlterField(
            "rung",
            "channel",
            models.CharField(
                choices=CHOICES, default="usual", max_length=12, verbose_name="by which way"
            ),
        ),
    ]
