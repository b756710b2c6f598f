"""The register of letters, and the link that a printed letter has of its own."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import issues.models.letter


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_initial"),
        ("issues", "0009_escalation_by_hand"),
        ("outbox", "0007_channels"),
        ("provinces", "0002_roads_and_honorifics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="link",
            name="notice",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="link",
                to="outbox.notice",
            ),
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "direction",
                    models.CharField(
                        choices=[("out", "Out"), ("in", "In")],
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="number")),
                ("on", models.DateField(verbose_name="date")),
                ("party", models.CharField(blank=True, max_length=200, verbose_name="title")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="subject")),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("rung", models.CharField(blank=True, max_length=20)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "nonce",
                    models.CharField(
                        default=issues.models.letter.new_nonce, editable=False, max_length=64
                    ),
                ),
                ("words", models.JSONField(blank=True, default=dict)),
                (
                    "handed_over_on",
                    models.DateField(blank=True, null=True, verbose_name="handed over"),
                ),
                (
                    "receiver",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="who took it in, by title"
                    ),
                ),
                (
                    "scan",
                    models.FileField(blank=True, editable=False, max_length=200, upload_to=""),
                ),
                (
                    "scan_kind",
                    models.CharField(
                        blank=True,
                        choices=[("image", "Photo"), ("pdf", "PDF")],
                        editable=False,
                        max_length=8,
                    ),
                ),
                (
                    "cancelled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="cancelled"),
                ),
                (
                    "cancelled_because",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="why it was cancelled"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="entered")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="provinces.authority",
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="issues.issue",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="outbox.notice",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="accounts.organization",
                    ),
                ),
                (
                    "province",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="provinces.province",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="issues.referral",
                    ),
                ),
            ],
            options={
                "ordering": ["-on", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="link",
            name="letter",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="link",
                to="issues.letter",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("letter", None), ("notice__isnull", False)),
                    models.Q(("letter__isnull", False), ("notice", None)),
                    _connector="OR",
                ),
                name="link_stands_in_a_notice_or_on_a_letter",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["province", "-on"], name="letter_by_province_and_day"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("authority", None), ("organization__isnull", False)),
                    models.Q(("authority__isnull", False), ("organization", None)),
                    models.Q(
                        ("authority", None),
                        ("organization", None),
                        models.Q(("party", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="letter_names_the_other_side",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("direction", "in"), models.Q(("number", ""), _negated=True), _connector="OR"
                ),
                name="letter_out_has_its_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("direction", "out")),
                fields=("number",),
                name="letter_number_is_used_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), models.Q(("kind", ""), _negated=True)),
                fields=("referral", "kind", "rung", "version", "authority"),
                name="notice_has_one_letter_an_office",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", ""), ("notice", None)),
                    models.Q(
                        models.Q(("kind", ""), _negated=True),
                        ("authority__isnull", False),
                        ("direction", "out"),
                        ("notice__isnull", False),
                        ("referral__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="letter_of_a_notice_goes_out_to_an_office",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("referral", None), ("issue__isnull", False), _connector="OR"),
                name="letter_about_a_referral_names_its_issue",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("handed_over_on", None),
                    models.Q(
                        ("cancelled_at", None),
                        ("direction", "out"),
                        ("handed_over_on__gte", models.F("on")),
                        models.Q(("receiver", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="letter_handed_over_went_out_and_stands",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scan", ""), ("scan_kind", "")),
                    models.Q(
                        models.Q(("scan", ""), _negated=True),
                        models.Q(("scan_kind", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="letter_scan_says_what_it_is",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancelled_at", None), ("cancelled_because", ""), ("cancelled_by", None)
                    ),
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("cancelled_by__isnull", False),
                        models.Q(("cancelled_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="letter_cancelled_says_by_whom_and_why",
            ),
        ),
    ]
