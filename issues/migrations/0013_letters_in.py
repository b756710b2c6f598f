"""Letters that came in are numbered by province and year; those there are, by their day."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# Checked at once: a table with checks that still wait cannot be altered further.
FILL = """
    UPDATE issues_letter AS letter
    SET arrival = format('%s-%s/%s', found.province_id, lpad(found.place::text,
                         greatest(4, length(found.place::text)), '0'), to_char(found."on", 'YY'))
    FROM (
        SELECT id, province_id, "on", row_number() OVER (
            PARTITION BY province_id, extract(year FROM "on") ORDER BY "on", id
        ) AS place
        FROM issues_letter WHERE direction = 'in'
    ) AS found
    WHERE found.id = letter.id;

    INSERT INTO issues_arrivalbook (province_id, year, latest)
    SELECT province_id, extract(year FROM "on"), count(*)
    FROM issues_letter WHERE direction = 'in' GROUP BY 1, 2;

    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0012_next_look"),
        ("provinces", "0002_roads_and_honorifics"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArrivalBook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("latest", models.PositiveIntegerField(default=0)),
                (
                    "province",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="provinces.province",
                    ),
                ),
            ],
            options={"ordering": ["province", "-year"]},
        ),
        migrations.AddConstraint(
            model_name="arrivalbook",
            constraint=models.UniqueConstraint(
                fields=["province", "year"], name="arrival_book_is_one_a_province_and_year"
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="arrival",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                max_length=20,
                verbose_name="number of arrival",
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                name="letter_in_has_its_arrival",
                condition=(Q(direction="in") & ~Q(arrival="")) | Q(direction="out", arrival=""),
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                fields=["arrival"],
                condition=Q(direction="in"),
                name="letter_arrival_is_used_once",
            ),
        ),
    ]
