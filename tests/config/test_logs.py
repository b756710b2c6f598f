"""Log lines that say neither what stands in a row nor which page somebody looked at."""

import logging
import sys

import pytest
from celery import shared_task
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import RequestFactory
from django.urls import resolve

from audit import clock
from config.logs import DiscreetFormatter, WithoutAddress
from issues.models import Issue
from outbox import actions, registry
from tests.factories import NoticeFactory, UserFactory, issue_in

WORDS = ["Quiet title", "Quiet beginning", "quiet end"]


def line_of(record: logging.LogRecord) -> str:
    WithoutAddress().filter(record)
    return DiscreetFormatter("{levelname} {message}", style="{").format(record)


def test_the_rows_of_a_database_error_are_left_out():
    secret = "a-village"
    said = 'violates "women"\nDETAIL:  Failing row contains (' + secret + ")."
    try:
        raise IntegrityError(said)
    except IntegrityError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "Failed", (), sys.exc_info())

    line = line_of(record)

    assert 'violates "women"' in line
    assert secret not in line


def test_a_page_is_named_by_its_view():
    request = RequestFactory().get("/issues/11-2026-3888/")
    request.resolver_match = resolve(request.path)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "%s: %s", ("Error", request.path), None)
    record.request = request

    assert line_of(record) == "ERROR Error: issues:issue"


def test_an_address_without_a_view_is_left_out():
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", ("/secret/",), None)
    record.request = RequestFactory().get("/secret/")

    assert line_of(record) == "WARNING Not Found: (no view)"


# --- what fails over a real row -----------------------------------------------------------------
@pytest.fixture
def issue(db):
    """An issue whose words stand in the row that the database quotes."""
    return issue_in("referred", title=WORDS[0], text="\n".join(WORDS[1:]))


def break_on(issue):
    """What PostgreSQL refuses with the whole row under DETAIL."""
    with transaction.atomic():
        Issue.objects.filter(pk=issue.pk).update(women=F("people") + 1)


def lines_of(caplog):
    """Every record as the process would write it."""
    for record in caplog.records:
        record.exc_text = None  # as pytest's own handler wrote it
    return "\n".join(map(line_of, caplog.records))


def no_words_in(lines):
    return [one for one in WORDS if one in lines] == []


def test_the_database_quotes_the_row(issue):
    """Else the tests below would prove nothing."""
    with pytest.raises(IntegrityError) as caught:
        break_on(issue)

    assert [one for one in WORDS if one in str(caught.value)] == WORDS


def test_a_failing_page_writes_nothing_of_an_issue(client, issue, monkeypatch, caplog):
    client.force_login(UserFactory())
    client.raise_request_exception = False
    monkeypatch.setattr("config.homes.visitor", lambda user, now: break_on(issue))

    with caplog.at_level(logging.DEBUG):
        response = client.get("/")

    lines = lines_of(caplog)
    assert response.status_code == 500
    assert "issue_has_no_more_women_than_people" in lines
    assert no_words_in(lines)
    assert no_words_in(response.content.decode())


def test_a_failing_notice_writes_nothing_of_an_issue(issue, monkeypatch, caplog):
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register(
        "test",
        label="Test",
        wanted=lambda notice, now: True,
        render=lambda notice, language: break_on(issue),
    )
    notice = NoticeFactory(
        kind="test", subject=f"issue:{issue.pk}", recipient=f"user:{issue.author_id}"
    )

    with caplog.at_level(logging.DEBUG):
        actions.dispatch_some(now=clock.now())

    notice.refresh_from_db()
    lines = lines_of(caplog)
    assert (notice.state, "could not be made" in lines) == ("failed", True)
    assert no_words_in(lines)
    assert no_words_in(notice.reason)


@shared_task(name="tests.break_on")
def broken_task(pk):
    break_on(Issue(pk=pk))


def test_a_failing_task_writes_nothing_of_an_issue(issue, caplog):
    with caplog.at_level(logging.DEBUG):
        outcome = broken_task.apply([issue.pk], throw=False)

    lines = lines_of(caplog)
    assert outcome.failed()
    assert "raised unexpected" in lines
    assert no_words_in(lines)
