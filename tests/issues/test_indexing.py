import pytest
from django.core.management import call_command

from issues.actions import indexing
from issues.models import Issue
from tests.factories import issue_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def issues():
    return [issue_in("accepted") for _each in range(5)]


def lost(*issues):
    Issue.objects.filter(pk__in=[one.pk for one in issues]).update(
        index_text="", place_text="", shingles=b""
    )


def test_reindex_writes_what_is_missing(issues):
    lost(*issues[:2])
    Issue.objects.filter(pk=issues[4].pk).update(index_text="stale")

    call_command("reindex", verbosity=0)

    assert [Issue.objects.matching(one.title).count() for one in issues] == [1, 1, 1, 1, 0]
    assert bytes(Issue.objects.get(pk=issues[0].pk).shingles) == bytes(issues[0].shingles)


def test_reindex_of_all_goes_on_in_chunks(issues, monkeypatch):
    monkeypatch.setattr(indexing, "CHUNK", 2)
    Issue.objects.update(index_text="stale", place_text="")

    written = list(indexing.reindex(everything=True))

    assert written == [2, 2, 1]
    assert Issue.objects.matching(issues[3].reference).get() == issues[3]
