import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts import sealing
from issues import actions
from issues.actions import raising
from issues.models import ProtectedPart
from issues.sealing import Protected, protected_of, sealed
from tests.factories import (
    AuthorityFactory,
    ProtectedPartFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.test_actions_raising import drafted
from tests.issues.traces import NOW, trail

VILLAGE = "ភូមិពូលុងសាក"
KEPT = {"village": VILLAGE, "contact": ""}


@pytest.mark.django_db
def test_protected_of_opens_what_was_sealed_and_an_early_part_without_contact():
    both = ProtectedPartFactory(sealed=sealed(Protected(VILLAGE, "The elder"))).issue
    early = ProtectedPartFactory(sealed=sealing.seal({"village": VILLAGE})).issue

    assert protected_of(both) == Protected(VILLAGE, "The elder")
    assert protected_of(early) == Protected(VILLAGE, "")
    assert protected_of(issue_in("submitted")) == Protected()


@pytest.mark.django_db
def test_village_stands_in_no_column_of_any_table():
    issue = drafted(village=VILLAGE)
    person = representative_of(issue.organization)
    actions.submit(issue, by=person, now=NOW)
    actions.edit(issue, by=person, now=NOW, content={"people": 7, "women": 2}, village=VILLAGE)

    assert [table for table in tables() if holds(table, VILLAGE)] == []
    assert holds("issues_issue", issue.title)  # the search itself works
    assert sealing.unseal(ProtectedPart.objects.get().sealed) == KEPT


def tables():
    return [model._meta.db_table for model in apps.get_models()]


def holds(table, text):
    """Whether any column of any row holds the text, in plain or as the bytes it is made of."""
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {name} one WHERE strpos(one::text, %s) > 0"  # noqa: S608
            " OR strpos(one::text, %s) > 0",
            [text, text.encode().hex()],
        )
        return cursor.fetchone() != (0,)


@pytest.mark.django_db
def test_read_protected_opens_the_village_and_records_the_reading():
    issue = drafted(village=VILLAGE)
    reader = coordinator_of(issue.province)
    before = trail()

    assert actions.read_protected(issue, by=reader, reason="contact") == KEPT

    assert trail()[len(before) :] == [
        ("issue.read_protected", f"issue:{issue.pk}", reader, "coordinator", {"reason": "contact"})
    ]


@pytest.mark.django_db
def test_read_protected_is_refused_to_all_others():
    issue = issue_in("referred")
    before = trail()

    for person in (
        representative_of(issue.organization),
        coordinator_of(ProvinceFactory(code="16")),
        official_of(issue.referrals.get().authority),
        official_of(AuthorityFactory()),
        administrator(),
    ):
        with pytest.raises(PermissionDenied):
            actions.read_protected(issue, by=person, reason="contact")

    assert trail() == before


@pytest.mark.django_db
def test_read_protected_takes_no_text_of_somebodys_own():
    issue = drafted(village=VILLAGE)
    before = trail()

    with pytest.raises(ValueError, match="Sok Dara"):
        actions.read_protected(issue, by=coordinator_of(issue.province), reason="Ask Sok Dara")

    assert trail() == before


@pytest.mark.django_db
def test_the_fingerprint_of_what_was_typed_does_not_give_the_village_away(settings):
    """Whoever reads the table, but has no key, cannot find it by trying every village."""
    issue = drafted(village="11010101")
    guessed = raising.digest(issue, "11010101", [])
    settings.SECRET_KEY = "another key of at least fifty characters, as Django asks"

    assert issue.content_digest == guessed
    assert raising.digest(issue, "11010101", []) != guessed
