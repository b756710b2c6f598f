import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from accounts.models import Role
from audit import clock
from inbox import permissions, raw
from inbox.models import Incoming
from tests.factories import (
    ConcernFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.factories_inbox import IncomingFactory, mail

pytestmark = pytest.mark.django_db


def change(row, **fields):
    Incoming.objects.filter(pk=row.pk).update(**fields)


VIOLATIONS = {
    "incoming_stands_once_in_its_mailbox": lambda: [IncomingFactory(uid=1) for _ in range(2)],
    "incoming_is_kept_once": lambda: [IncomingFactory(sha256="0") for _ in range(2)],
    "incoming_held_says_why": lambda: change(IncomingFactory(), state="held"),
    "incoming_attached_says_to_what": lambda: change(IncomingFactory(), state="attached"),
    "incoming_handled_says_by_whom_and_when": lambda: change(
        IncomingFactory(), handled_at=clock.now()
    ),
    "incoming_put_aside_says_by_whom_and_why": lambda: change(
        IncomingFactory(state="dismissed"), reason=""
    ),
}


def test_every_constraint_is_violated_here():
    named = {
        constraint.name
        for model in apps.get_app_config("inbox").get_models()
        for constraint in model._meta.constraints
    }

    assert set(VIOLATIONS) == named


@pytest.mark.parametrize("name", VIOLATIONS)
def test_constraint_refuses(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        VIOLATIONS[name]()


def test_a_mail_is_read_by_the_secretariat_of_its_province():
    here, there = ProvinceFactory(code="11"), ProvinceFactory(code="16")
    ours = IncomingFactory(province=here, state="held")
    nobodys = IncomingFactory(state="held")
    issue = issue_in("referred", province=here)
    concerned = IncomingFactory(province=here, issue=issue, state="held")
    concern = ConcernFactory(issue=issue)
    both = official_of(concern.authority)
    RoleAssignmentFactory(user=both, role=Role.COORDINATOR, province=here)
    readers = {
        "here": coordinator_of(here),
        "there": coordinator_of(there),
        "everywhere": coordinator_of(None),
        "administrator": administrator(),
        "official": official_of(issue.referrals.get().authority),
        "coordinator and official concerned": both,
    }

    seen = {name: set(Incoming.objects.visible_to(one)) for name, one in readers.items()}

    assert seen == {
        "here": {ours, concerned},
        "there": set(),
        "everywhere": {ours, nobodys, concerned},
        "administrator": {nobodys},
        "official": set(),
        "coordinator and official concerned": {ours},
    }
    assert [name for name, one in readers.items() if permissions.opens(one)] == [
        "here", "there", "everywhere", "administrator", "coordinator and official concerned",
    ]  # fmt: skip
    assert not permissions.opens(AnonymousUser())


def test_a_mail_lies_sealed_and_is_whole_again():
    content = mail(text="សូមជម្រាប").as_bytes() + bytes(range(256))
    row = IncomingFactory(content=content)

    assert raw.opened(row) == content
    assert b"stranger@example.org" not in bytes(row.sealed)
