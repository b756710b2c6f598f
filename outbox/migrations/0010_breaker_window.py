"""How a breaker closes slowly, the tries that went wrong lately, and holds after a restore."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0009_by_phone")]

    operations = [
        migrations.AddField("breaker", "closed_at", models.DateTimeField(null=True)),
        migrations.AddField("breaker", "let_through", models.PositiveIntegerField(default=0)),
        migrations.AddField("standstill", "restored_from", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "attempt",
            models.Index(
                condition=models.Q(("outcome__in", ("begun", "sent")), _negated=True),
                fields=["ended_at"],
                name="attempt_errors_by_time",
            ),
        ),
    ]
