"""The application's own database role: it reads and writes rows, and owns nothing.

The login of ``DATABASE_URL`` owns the tables and migrates; every other connection does
``SET ROLE`` to this one (see ``assume_role`` in the settings), so that not even the application
can change or empty the audit trail, and row security is never silently skipped.
"""

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

APPEND_ONLY = ("audit_auditentry",)
READ_ONLY = ("django_migrations",)


def grant_after_migration(using: str, **_kwargs: object) -> None:
    """Make the cache table and the role, and grant the role what it needs."""
    call_command("createcachetable", database=using, verbosity=0)
    if settings.DATABASE_ROLE:
        grant(using, settings.DATABASE_ROLE)


def grant(using: str, role: str) -> None:
    """Create the role where it is missing and renew its grants; may run any number of times."""
    connection = connections[using]
    name = connection.ops.quote_name(role)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [role])
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {name} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        # From 16 on, who makes a role is a member of it without the right to SET ROLE.
        right = "SET" if connection.pg_version >= 160000 else "MEMBER"
        cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [role, right])
        if cursor.fetchone() != (True,):
            cursor.execute(f"GRANT {name} TO CURRENT_USER")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
        )
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in APPEND_ONLY:
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}")
        for table in READ_ONLY:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {name}")
