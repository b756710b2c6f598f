"""What stood before there were venues and programmes: made of what sessions said themselves."""

from django.db import migrations

from khmer.text import norm


def make_venues(apps, schema_editor):
    """A venue for each name in a province, in the one form that names are compared in.

    SQL does not know that form: by what was typed, two spellings of one hall would be two venues,
    and neither be found by its name later. The latest session says how it is called in English.
    """
    sessions = apps.get_model("forum", "Session").objects.exclude(venue_km="")
    venue_model = apps.get_model("forum", "Venue")
    venues = {}
    for session in sessions.order_by("-pk"):
        name = norm(session.venue_km).strip()
        if not name:
            continue
        key = (session.province_id, name)
        if key not in venues:
            venues[key] = venue_model.objects.create(
                province_id=session.province_id, name_km=name, name_en=session.venue_en
            )
        sessions.filter(pk=session.pk).update(venue=venues[key])


# Whatever was changed was told at once, and the notice bore the session's version: going on from
# there, what waits in the outbox stays the newest, and no later notice meets the key of an old one.
PROGRAMMES = """
    INSERT INTO forum_programme (forum_id, number, published_at)
    SELECT forum_id, 1, max(published_at) FROM forum_session
    WHERE published_at IS NOT NULL GROUP BY forum_id;

    INSERT INTO forum_entry (programme_id, session_id, sequence, change, starts_at, ends_at,
                             venue_id, is_cancelled, because)
    SELECT programme.id, session.id, session.version, 'new', session.starts_at, session.ends_at,
           session.venue_id, session.status = 'cancelled', session.cancelled_because
    FROM forum_session session JOIN forum_programme programme USING (forum_id)
    WHERE session.published_at IS NOT NULL;

    UPDATE forum_session SET announced_id = entry.id, sequence = entry.sequence
    FROM forum_entry entry WHERE entry.session_id = forum_session.id;
"""
# Everybody invited to a published session was written to at once, in those days. Nobody knows
# what is published who has not got the latest change yet, nor that it is off before that was sent.
INVITED = """
    UPDATE forum_invitation SET released_at = session.published_at
    FROM forum_session session
    WHERE session.id = session_id AND session.published_at IS NOT NULL;

    -- Only one day is known of each: whoever answered, answered for it.
    UPDATE forum_invitation SET answered_sequence = session.sequence
    FROM forum_session session
    WHERE session.id = session_id AND session.announced_id IS NOT NULL
      AND forum_invitation.status <> 'pending';

    INSERT INTO forum_told (session_id, recipient, entry_id, is_off, is_withdrawn, told_at, way)
    SELECT DISTINCT ON (session.id, notice.recipient)
           session.id, notice.recipient, session.announced_id,
           notice.kind = 'session_cancelled', false, notice.due_at, 'email'
    FROM outbox_notice notice
    JOIN forum_session session ON session.announced_id IS NOT NULL
     AND (notice.subject = 'session:' || session.id OR notice.subject IN (
         SELECT 'invitation:' || invitation.id FROM forum_invitation invitation
         WHERE invitation.session_id = session.id))
    WHERE notice.kind IN ('invitation', 'session_changed', 'session_cancelled')
      AND notice.state IN ('sent', 'delivered')
      AND (session.status = 'cancelled' OR NOT EXISTS (
          SELECT FROM outbox_notice later
          WHERE later.subject = 'session:' || session.id AND later.kind = 'session_changed'
            AND later.recipient = notice.recipient AND later.version = session.version
            AND later.state NOT IN ('sent', 'delivered')))
    ORDER BY session.id, notice.recipient, notice.due_at DESC, notice.id DESC;
"""
# An invitation to what was never published is a draft now, and leaves when it is published: what
# was told of it before makes room for that.
UNPUBLISHED = """
    UPDATE outbox_notice SET rung = 'before' FROM forum_session session
    WHERE session.announced_id IS NULL AND rung = ''
      AND kind IN ('invitation', 'session_changed', 'session_cancelled')
      AND (subject = 'session:' || session.id OR subject IN (
          SELECT 'invitation:' || invitation.id FROM forum_invitation invitation
          WHERE invitation.session_id = session.id));
"""
# That it is off is told by a message of its own; a change that still waits is true no more.
CANCELLED = """
    UPDATE outbox_notice SET version = 0 FROM forum_session session
    WHERE session.status = 'cancelled' AND subject = 'session:' || session.id
      AND kind = 'session_changed' AND outbox_notice.version = session.version
      AND state NOT IN ('sent', 'delivered');
"""
PRESIDING_ROLES = """
    INSERT INTO forum_presidingrole (code, name_km, name_en, position) VALUES
        ('chair', 'ប្រធានលេខាធិការដ្ឋាន', 'Chair of the secretariat', 1),
        ('governor', 'អភិបាលខេត្ត', 'Governor', 2),
        ('deputy-governor', 'អភិបាលរងខេត្ត', 'Deputy governor', 3),
        ('acting-governor', 'អភិបាលស្តីទី', 'Acting governor', 4)
"""


class Migration(migrations.Migration):
    # There is no way back: the tables before this could not say what a programme, a letter or a
    # told change is. Without reverse operations Django refuses before anything is undone.
    dependencies = [("forum", "0003_planning_a_round"), ("outbox", "0004_letter_book")]
    operations = [
        migrations.RunPython(make_venues),
        migrations.RunSQL(PROGRAMMES),
        migrations.RunSQL(INVITED),
        migrations.RunSQL(UNPUBLISHED),
        migrations.RunSQL(CANCELLED),
        migrations.RunSQL(PRESIDING_ROLES),
    ]
