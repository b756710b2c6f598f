"""Log lines that say neither what stands in a row nor which page somebody looked at."""

import logging
import sys

from django.db import IntegrityError
from django.test import RequestFactory
from django.urls import resolve

from config.logs import DiscreetFormatter, WithoutAddress


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
