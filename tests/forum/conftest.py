"""A forum of three days in March 2026 over two provinces, and its people."""

import datetime as dt
import importlib

import pytest

PHNOM_PENH = dt.timezone(dt.timedelta(hours=7))


def at(day, hour, minute=0):
    """A moment of March 2026 in the provinces' time zone."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=PHNOM_PENH)


@pytest.fixture
def make(db):
    """The factories; pytest reads this file before there are settings, so not imported above."""
    return importlib.import_module("tests.factories")


@pytest.fixture
def province(make):
    return make.ProvinceFactory(code="11")


@pytest.fixture
def neighbor(make):
    return make.ProvinceFactory(code="16")


@pytest.fixture
def coordinator(make, province):
    return make.coordinator_of(province)


@pytest.fixture
def forum(make, province, neighbor):
    return make.ForumFactory(
        starts_on=dt.date(2026, 3, 26),
        ends_on=dt.date(2026, 3, 28),
        provinces=[province, neighbor],
    )


@pytest.fixture
def session(make, forum, province):
    return make.SessionFactory(
        forum=forum,
        province=province,
        starts_at=at(26, 8),
        ends_at=at(26, 12),
        venue=make.VenueFactory(province=province, name_en="Hall"),
    )
