"""What stood before there were venues and programmes: made of what sessions said themselves."""

from django.db import migrations

VENUES = """
    INSERT INTO forum_venue (province_id, name_km, name_en, address_km, address_en, contact,
                             accessibility_km, accessibility_en, version)
    SELECT DISTINCT ON (province_id, venue_km)
           province_id, venue_km, venue_en, '', '', '', '', '', 1
    FROM forum_session WHERE venue_km <> '' ORDER BY province_id, venue_km, id DESC;

    UPDATE forum_session SET venue_id = forum_venue.id FROM forum_venue
    WHERE forum_venue.province_id = forum_session.province_id
      AND forum_venue.name_km = forum_session.venue_km;
"""
PROGRAMMES = """
    INSERT INTO forum_programme (forum_id, number, published_at)
    SELECT forum_id, 1, max(published_at) FROM forum_session
    WHERE published_at IS NOT NULL GROUP BY forum_id;

    INSERT INTO forum_entry (programme_id, session_id, sequence, change, starts_at, ends_at,
                             venue_id, is_cancelled, because)
    SELECT programme.id, session.id, 1, 'new', session.starts_at, session.ends_at,
           session.venue_id, session.status = 'cancelled', session.cancelled_because
    FROM forum_session session JOIN forum_programme programme USING (forum_id)
    WHERE session.published_at IS NOT NULL;

    UPDATE forum_session SET announced_id = entry.id, sequence = 1
    FROM forum_entry entry WHERE entry.session_id = forum_session.id;
"""
# Everybody invited to a published session was written to at once, in those days.
INVITED = """
    UPDATE forum_invitation SET released_at = session.published_at
    FROM forum_session session
    WHERE session.id = session_id AND session.published_at IS NOT NULL;

    INSERT INTO forum_told (session_id, recipient, entry_id, is_off, is_withdrawn, told_at, way)
    SELECT DISTINCT ON (session.id, notice.recipient)
           session.id, notice.recipient, session.announced_id,
           session.status = 'cancelled', false, notice.due_at, 'email'
    FROM outbox_notice notice
    JOIN forum_session session ON session.announced_id IS NOT NULL
     AND (notice.subject = 'session:' || session.id OR notice.subject IN (
         SELECT 'invitation:' || invitation.id FROM forum_invitation invitation
         WHERE invitation.session_id = session.id))
    WHERE notice.kind IN ('invitation', 'session_changed', 'session_cancelled')
      AND notice.state IN ('sent', 'delivered')
    ORDER BY session.id, notice.recipient, notice.due_at DESC;
"""
PRESIDING_ROLES = """
    INSERT INTO forum_presidingrole (code, name_km, name_en, position) VALUES
        ('chair', 'ប្រធានលេខាធិការដ្ឋាន', 'Chair of the secretariat', 1),
        ('governor', 'អភិបាលខេត្ត', 'Governor', 2),
        ('deputy-governor', 'អភិបាលរងខេត្ត', 'Deputy governor', 3),
        ('acting-governor', 'អភិបាលស្តីទី', 'Acting governor', 4)
"""
NOTHING = migrations.RunSQL.noop


class Migration(migrations.Migration):
    dependencies = [("forum", "0003_planning_a_round"), ("outbox", "0004_letter_book")]
    operations = [
        migrations.RunSQL(VENUES, NOTHING),
        migrations.RunSQL(PROGRAMMES, NOTHING),
        migrations.RunSQL(INVITED, NOTHING),
        migrations.RunSQL(PRESIDING_ROLES, "DELETE FROM forum_presidingrole"),
    ]
