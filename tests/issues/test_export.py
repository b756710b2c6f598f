import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.models import AuditEntry
from issues.models import Issue
from tests.factories import (
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    UserFactory,
    coordinator_of,
    issue_in,
    official_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def coordinator(english):
    user = coordinator_of(ProvinceFactory())
    english.force_login(user)
    return user


# --- the table ----------------------------------------------------------------------------------
def table(client, query=""):
    answer = client.post(f"{reverse('issues:issues_csv')}?{query}")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_table_holds_what_is_filtered_in_its_order(english, coordinator):
    for title, days in [("a", 3), ("b", 9), ("c", 6)]:
        issue = issue_in("accepted", title=title)
        Issue.objects.filter(pk=issue.pk).update(submitted_at=clock.now() - days * DAY)
    issue_in("submitted", title="d")

    rows = table(english, "state=accepted&sort=oldest&after=x&page=2")

    assert [row["Title"] for row in rows] == ["b", "c", "a"]


def test_table_has_a_line_for_each_issue_with_all_its_reader_may_know(english, coordinator):
    issue = issue_in(
        "referred",
        title="Bridge",
        text="Broken\nplanks",
        commune=LocalityFactory(code="110203", name_en="Ampum"),
        organization=OrganizationFactory(name_en="River Watch"),
        priority=1,
        deferrals=2,
    )
    referral = issue.referrals.get()

    (row,) = table(english)

    assert row == {
        "Reference": issue.reference,
        "Title": "Bridge",
        "Text": "Broken\nplanks",
        "Kind": "Challenge",
        "State": "Referred",
        "Closed as": "",
        "Theme": issue.theme.name_en,
        "Place": f"Ampum commune, {issue.commune.parent.name_en} district, Mondulkiri",
        "Organization": "River Watch",
        "People affected": "120",
        "Of whom women": "64",
        "Submitted": f"{clock.today() - 18 * DAY}",
        "Due date": f"{referral.due_on}",
        "Who may see it": "Restricted: the secretariat, the office asked, the session",
        "Published": "",
        "Times deferred": "2",
        "Language spoken": "Khmer",
        "Priority": "High",
        "How it came": "By this page",
    }


def test_table_tells_an_office_no_more_than_the_list(english):
    issue = issue_in(
        "referred",
        disclosure="confidential",
        commune=LocalityFactory(code="110203", name_en="Ampum"),
        organization=OrganizationFactory(name_en="River Watch"),
        priority=2,
    )
    issue_in("referred", title="Another")
    english.force_login(official_of(issue.referrals.get().authority))

    (row,) = table(english)

    assert (row["Place"], row["Organization"]) == ("Mondulkiri", "The raising organization")
    inner = ("Who may see it", "Published", "Times deferred", "Language spoken", "Priority")
    assert [row[name] for name in (*inner, "How it came")] == [""] * 6
    assert table(english, "district=1102&province=11") == []


def test_table_shows_a_representative_no_priority(english):
    issue = issue_in("accepted", priority=2, deferrals=1)
    english.force_login(issue.author)

    (row,) = table(english)

    assert [row["Times deferred"], row["Priority"], row["How it came"]] == ["1", "", ""]


@pytest.mark.parametrize("begin", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1"])
def test_table_holds_no_formula(english, coordinator, begin):
    issue_in("accepted", title=begin, text=begin)

    (row,) = table(english)

    assert (row["Title"], row["Text"]) == (f"'{begin}", f"'{begin}")


def test_table_costs_the_same_queries_for_each_piece(english, coordinator, monkeypatch):
    monkeypatch.setattr("issues.export.CHUNK", 5)
    for _ in range(5):
        issue_in("referred")
    with CaptureQueriesContext(connection) as one:
        assert len(table(english)) == 5
    for _ in range(10):
        issue_in("referred")
    with CaptureQueriesContext(connection) as three:
        assert len(table(english)) == 15

    each = 2  # the issues, the referrals
    assert len(three) - len(one) == 2 * each


def test_table_is_written_down_without_what_was_searched_for(english, coordinator):
    issue_in("accepted", title="Bridge")
    issue_in("accepted", title="Well")

    table(english, "q=bridge&province=11&page=2")

    (entry,) = AuditEntry.objects.filter(action="issue.export")
    assert (entry.actor, entry.role, entry.subject) == (
        coordinator,
        "coordinator",
        f"user:{coordinator.pk}",
    )
    assert entry.change == {"rows": 1, "filters": ["province", "q"]}


def test_address_of_a_table_opened_by_itself_leads_to_its_list(english, coordinator):
    answer = english.get(f"{reverse('issues:issues_csv')}?state=closed&next=//x")

    assert answer.url == f"{reverse('issues:issues')}?state=closed"
    assert not AuditEntry.objects.exists()


def test_table_is_in_the_language_of_who_asked(client, coordinator):
    issue_in("accepted")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "km"

    (row,) = table(client)

    assert "State" not in row


def test_table_of_somebody_without_a_role_is_empty(english):
    issue_in("accepted")
    english.force_login(UserFactory())

    assert table(english) == []
