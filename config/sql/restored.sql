-- The last of the three, after the backup's own tables: what left after the backup this database
-- does not know. So nothing that was open then, or due since, leaves again by itself.
SET search_path = public;
\set doubt 'The database was restored from a backup; this may have left before.'

-- All outbound is held back before any process can read these tables.
UPDATE outbox_standstill SET lifted_at = greatest(now(), set_at) WHERE lifted_at IS NULL;
INSERT INTO outbox_standstill (client_key, reason, set_at, restored_from)
VALUES (gen_random_uuid(), :'reason', now(), :'made_at'::timestamptz);
INSERT INTO audit_auditentry (role, action, subject, change)
SELECT 'system', 'outbox.hold_all', 'standstill:' || id, '{}'
FROM outbox_standstill WHERE lifted_at IS NULL;

-- A message that was on its way may have left: a try of which nobody knows, and a person decides.
-- It keeps its Message-ID and its words, so that a second copy is recognized as one.
CREATE TEMPORARY TABLE on_its_way ON COMMIT DROP AS
SELECT id FROM outbox_message
WHERE state IN ('queued', 'sending') OR (state = 'unknown' AND next_try_at IS NOT NULL);
INSERT INTO outbox_attempt (message_id, claim_token, began_at, ended_at, outcome, code, text)
SELECT id, gen_random_uuid(), :'made_at'::timestamptz,
       greatest(now(), :'made_at'::timestamptz), 'unknown', 'restored', :'doubt'
FROM on_its_way;
UPDATE outbox_message
SET state = 'unknown', claim_token = NULL, lease_until = NULL, next_try_at = NULL,
    expires_at = greatest(expires_at, now() + interval '30 days')
WHERE id IN (SELECT id FROM on_its_way);
UPDATE outbox_notice SET state = 'unknown', reason = :'doubt'
WHERE message_id IN (SELECT id FROM on_its_way) AND state IN ('queued', 'sending', 'unknown');

-- What was due by now may have been sent meanwhile: it waits for a press, like an escalation.
UPDATE outbox_notice SET state = 'prepared', reason = :'doubt'
WHERE state IN ('planned', 'held') AND due_at <= now();

-- No number given out after the backup is given again: it stands in links and return paths.
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, last_value + 100000)
FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
