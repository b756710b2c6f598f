"""A presiding's copy of the session's times follows the session's own, held by the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("forum", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE forum_presiding
                ADD CONSTRAINT presiding_has_its_sessions_times
                FOREIGN KEY (session_id, starts_at, ends_at)
                REFERENCES forum_session (id, starts_at, ends_at) ON UPDATE CASCADE
            """,
            reverse_sql="""
                ALTER TABLE forum_presiding DROP CONSTRAINT presiding_has_its_sessions_times
            """,
        )
    ]
