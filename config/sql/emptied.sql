-- The first of three files that psql runs in one transaction: nothing of before is left, and the
-- application's role, which belongs to the whole server and is in no backup, stands.
SET client_min_messages = warning;
SET lock_timeout = '10s';
SELECT format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
