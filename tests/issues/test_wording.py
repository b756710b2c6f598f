import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from issues import actions
from issues.models import Revision
from tests.factories import ThemeFactory, coordinator_of, issue_in, representative_of
from tests.issues.traces import NOW, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    return issue_in("submitted")


def change(issue, **content):
    by = representative_of(issue.organization)
    return actions.edit(issue, by=by, now=NOW, content=content)


def test_edit_keeps_the_earlier_wording(issue):
    before = (issue.version, issue.title, issue.text, issue.asked)

    change(issue, title="A new title", text=issue.text)

    kept = Revision.objects.get()
    assert (kept.version, kept.title, kept.text, kept.asked) == before
    assert kept.replaced_at == NOW


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_edit_keeps_nothing_of_a_draft_nor_of_unchanged_words(state):
    issue = issue_in(state)
    content = {"title": "Another"} if state == "draft" else {"people": 7, "women": 1}

    change(issue, **content)

    assert Revision.objects.count() == 0


def test_edit_records_plain_values_from_and_to_and_no_words(issue):
    theme, old = ThemeFactory(code="roads"), issue.theme
    change(issue, theme=theme, title="Secret words", people=900, women=issue.women)

    (_act, _subject, _by, _role, traced) = trail()[-1]

    assert traced == {
        "fields": ["theme", "title", "people"],
        "theme": [old.pk, "roads"],
        "people": [issue.people, 900],
    }


def test_page_tells_inside_from_what_to_what(client, issue):
    change(issue, theme=ThemeFactory(code="roads", name_en="Roads and bridges"), title="New title")
    client.force_login(coordinator_of(issue.province))

    page = client.get(issue.get_absolute_url(), headers={"accept-language": "en"}).content.decode()

    assert f"{issue.theme.name_en} → Roads and bridges" in page
    assert issue.title in page  # among the earlier wordings


@pytest.mark.parametrize("statement", ["UPDATE {} SET title = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_earlier_wordings_stay_whoever_asks(issue, statement):
    change(issue, title="New title")
    table = Revision._meta.db_table

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE")  # the owner
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement.format(table))

    assert Revision.objects.count() == 1
