"""The reminder policy can be edited: way and words of a rung, and who changed a ladder when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def _both_or_none(name):
    khmer, english = f"{name}_km", f"{name}_en"
    none = Q((english, ""), (khmer, ""))
    return none | Q(Q((khmer, ""), _negated=True), Q((english, ""), _negated=True))


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0002_findings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ladder",
            fields=[
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        primary_key=True, serialize=False, verbose_name="priority"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("latest_notice", models.PositiveBigIntegerField(default=0)),
            ],
            options={"ordering": ["priority"]},
        ),
        migrations.AddField(
            model_name="rung",
            name="channel",
            field=models.CharField(
                choices=[
                    ("usual", "as the recipient has chosen"),
                    ("email", "e-mail"),
                    ("telegram", "Telegram"),
                    ("sms", "SMS"),
                ],
                default="usual",
                max_length=12,
                verbose_name="by which way",
            ),
        ),
        migrations.AddField(
            model_name="rung",
            name="opening_en",
            field=models.TextField(
                blank=True, default="", max_length=1000, verbose_name="opening paragraph in English"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="rung",
            name="opening_km",
            field=models.TextField(
                blank=True, default="", max_length=1000, verbose_name="opening paragraph in Khmer"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="rung",
            name="subject_en",
            field=models.CharField(
                blank=True, default="", max_length=150, verbose_name="subject in English"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="rung",
            name="subject_km",
            field=models.CharField(
                blank=True, default="", max_length=150, verbose_name="subject in Khmer"
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="rung",
            name="key",
            field=models.CharField(max_length=16, verbose_name="rung"),
        ),
        migrations.AddConstraint(
            model_name="rung",
            constraint=models.CheckConstraint(
                condition=_both_or_none("subject"), name="rung_has_its_subject_in_both_languages"
            ),
        ),
        migrations.AddConstraint(
            model_name="rung",
            constraint=models.CheckConstraint(
                condition=_both_or_none("opening"), name="rung_has_its_opening_in_both_languages"
            ),
        ),
    ]
