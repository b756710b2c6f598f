import pytest
from django.db import Error, connection, transaction

from audit import actions
from audit.models import AuditEntry
from tests.factories import AuthorityFactory, administrator

pytestmark = pytest.mark.django_db


def test_record_adds_one_entry():
    actor, authority = administrator(), AuthorityFactory()

    entry = actions.record(
        "provinces.add_contact", authority, by=actor, role=AuditEntry.Role.ADMINISTRATOR, contact=3
    )

    assert AuditEntry.objects.get() == entry
    assert entry.subject == f"authority:{authority.pk}"
    assert (entry.actor, entry.role, entry.change) == (actor, "administrator", {"contact": 3})
    assert entry.at is not None


def test_record_of_the_system_has_no_actor():
    entry = actions.record("issue.lapse", AuthorityFactory(), by=None)

    assert (entry.actor, entry.role) == (None, AuditEntry.Role.SYSTEM)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditentry SET action = 'x'", "DELETE FROM audit_auditentry"],
)
def test_entries_are_never_changed(statement):
    actions.record("issue.lapse", AuthorityFactory(), by=None)

    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEntry.objects.get().action == "issue.lapse"
