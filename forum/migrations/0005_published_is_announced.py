"""Sessions name their venue by its row, and are published exactly when an entry says so."""

from django.db import migrations, models

DELEGATES_OF_THEIR_SESSION = """
    ALTER TABLE forum_delegate
    ADD CONSTRAINT delegate_is_named_for_its_sessions_invitation
    FOREIGN KEY (invitation_id, session_id) REFERENCES forum_invitation (id, session_id)
    DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    dependencies = [("forum", "0004_rows_of_before")]
    operations = [
        migrations.RemoveField(
            model_name='session',
            name='venue_en',
        ),
        migrations.RemoveField(
            model_name='session',
            name='venue_km',
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('announced', None), ('published_at', None), ('sequence', 0)), models.Q(('announced__isnull', False), ('published_at__isnull', False), ('sequence__gte', 1)), _connector='OR'), name='session_is_published_exactly_when_announced'),
        ),
        # No reverse, on purpose: the venues' names are gone, there is no way back from here.
        migrations.RunSQL(DELEGATES_OF_THEIR_SESSION),
    ]
