"""Turning to the next superior by hand, and keeping a referral at its office's own level."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0008_link"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="kept_low_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="kept at its own level since"
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="again_on",
            field=models.DateField(blank=True, null=True, verbose_name="call again on"),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=Q(again_on=None) | Q(outcome="asked_to_call_back"),
                name="call_again_was_asked_for",
            ),
        ),
        migrations.CreateModel(
            name="Climb",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_key", models.UUIDField(editable=False, unique=True)),
                (
                    "direction",
                    models.CharField(
                        choices=[("up", "Escalated"), ("down", "Kept at its own level")],
                        max_length=4,
                        verbose_name="direction",
                    ),
                ),
                ("height", models.PositiveSmallIntegerField(default=0)),
                (
                    "rung",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="rung"),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="climbs",
                        to="issues.referral",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(reason=""), name="climb_says_why"),
                    models.CheckConstraint(
                        condition=(Q(direction="up", height__gte=1) & ~Q(rung=""))
                        | Q(direction="down", rung=""),
                        name="climb_up_names_its_height_and_rung",
                    ),
                ],
            },
        ),
    ]
