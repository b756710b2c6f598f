import pytest
from django.db import Error, IntegrityError, ProgrammingError, connection, transaction

from audit.models import AuditEntry, subject_of
from tests.factories import AuditEntryFactory, UserFactory

pytestmark = pytest.mark.django_db
STATEMENTS = {
    "update": "UPDATE audit_auditentry SET action = 'issue.nothing'",
    "update of the time": "UPDATE audit_auditentry SET at = now()",
    "delete": "DELETE FROM audit_auditentry",
    "truncate": "TRUNCATE audit_auditentry",
    "truncate cascade": "TRUNCATE audit_auditentry CASCADE",
}
IS_OWNER = """
    SELECT pg_get_userbyid(relowner) = current_user FROM pg_class
     WHERE relname = 'audit_auditentry'
"""


@pytest.fixture
def entries():
    AuditEntryFactory.create_batch(2, actor=UserFactory(), role="coordinator")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing else may refuse a TRUNCATE
    return list(AuditEntry.objects.values())


def run(statement, *, as_owner):
    """One statement, alone in its transaction, as the application or as the tables' owner."""
    with transaction.atomic(), connection.cursor() as cursor:
        if as_owner:
            cursor.execute("SET LOCAL ROLE NONE")
            cursor.execute(IS_OWNER)
            assert cursor.fetchone() == (True,)
        cursor.execute(statement)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_trail_is_append_only_for_the_application(entries, statement):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(STATEMENTS[statement], as_owner=False)

    assert list(AuditEntry.objects.values()) == entries


@pytest.mark.parametrize("statement", STATEMENTS)
def test_trail_is_append_only_for_its_owner(entries, statement):
    with pytest.raises(Error, match=r"Cannot update or delete|append-only|cannot truncate"):
        run(STATEMENTS[statement], as_owner=True)

    assert list(AuditEntry.objects.values()) == entries


def test_application_is_neither_owner_nor_superuser():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid)"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, 0)


def test_application_cannot_lift_the_trigger(entries):
    for statement in (
        "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
        "SET LOCAL session_replication_role = replica",
        "DROP TABLE audit_auditentry",
    ):
        with pytest.raises(ProgrammingError):
            run(statement, as_owner=False)

    assert list(AuditEntry.objects.values()) == entries


def test_constraint_refuses_a_person_without_a_name():
    with (
        pytest.raises(IntegrityError, match="audit_only_the_system_has_no_actor"),
        transaction.atomic(),
    ):
        AuditEntryFactory(actor=None, role="coordinator")


def test_subject_names_the_row():
    entry = AuditEntryFactory()

    assert subject_of(entry) == f"auditentry:{entry.pk}"
    assert str(entry) == "issue.accept issue:1"
