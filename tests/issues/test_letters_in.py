"""Letters that came in: their running number by province and year, whoever enters them at once."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.db import connection, transaction

from audit import clock
from audit.errors import Conflict
from issues import actions
from issues.models import ArrivalBook, Letter
from tests import factories as f
from tests.issues.test_races import PATIENCE, in_a_thread, wait_for_locks

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)


@pytest.fixture
def province():
    return f.ProvinceFactory(code="11")


def take_in(province, by, *, on=DAY, key=None, **more):
    facts = actions.Incoming(
        **{"province": province, "on": on, "subject": "Thanks", "party": "Governor"} | more
    )
    return actions.take_in_letter(
        facts, by=by, now=clock.now(), client_key=key or uuid.uuid4()
    ).arrival


def books():
    return list(ArrivalBook.objects.values_list("province", "year", "latest"))


def test_each_province_and_year_counts_its_own_letters_in(province):
    other, by = f.ProvinceFactory(code="16"), f.coordinator_of(None)
    before = DAY.replace(year=2025)

    drawn = [
        take_in(province, by),
        take_in(province, by, on=before),
        take_in(other, by),
        take_in(province, by),
    ]

    assert drawn == ["11-0001/26", "11-0001/25", "16-0001/26", "11-0002/26"]
    assert books() == [("11", 2026, 2), ("11", 2025, 1), ("16", 2026, 1)]


def test_a_form_sent_again_or_refused_draws_no_number(province):
    by, key = f.coordinator_of(None), uuid.uuid4()
    first = take_in(province, by, key=key)

    again = take_in(province, by, key=key)
    with pytest.raises(Conflict):
        take_in(province, by, key=key, subject="Another")
    with pytest.raises(Conflict):
        take_in(f.ProvinceFactory(code="16"), by, key=key)

    assert (again, take_in(province, by)) == (first, "11-0002/26")
    assert books() == [("11", 2026, 2)]


def test_letters_there_were_are_numbered_by_their_day(province):
    by, other = f.coordinator_of(None), f.ProvinceFactory(code="16")
    days = [DAY, DAY - dt.timedelta(2), DAY.replace(year=2025), DAY, DAY - dt.timedelta(1)]
    places = [province, province, province, other, province]
    migration = import_module("issues.migrations.0013_letters_in")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")  # until the test is rolled back
        cursor.execute("ALTER TABLE issues_letter DROP CONSTRAINT letter_in_has_its_arrival")
        cursor.execute("DROP INDEX letter_arrival_is_used_once")
        made = [
            Letter.objects.create(
                direction="in", province=place, on=on, party="Governor", subject="Thanks",
                created_at=clock.now(), created_by=by,
            )
            for on, place in zip(days, places, strict=True)
        ]  # fmt: skip

        cursor.execute(migration.FILL)

    found = dict(Letter.objects.values_list("pk", "arrival"))
    assert [found[one.pk] for one in made] == [
        "11-0003/26", "11-0001/26", "11-0001/25", "16-0001/26", "11-0002/26"
    ]  # fmt: skip
    assert books() == [("11", 2026, 3), ("11", 2025, 1), ("16", 2026, 1)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_one_form", [True, False], ids=["one form", "two forms"])
def test_letters_entered_at_once_have_numbers_without_a_gap(province, is_one_form):
    by, key = f.coordinator_of(None), uuid.uuid4()
    take_in(province, by)

    def press():
        return take_in(province, by, key=key if is_one_form else None)

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            ArrivalBook.objects.select_for_update().get()
            running = [pool.submit(in_a_thread, press) for _press in range(2)]
            wait_for_locks(2)
        drawn = sorted(one.result(PATIENCE) for one in running)

    assert drawn == ["11-0002/26", "11-0002/26" if is_one_form else "11-0003/26"]
    assert books() == [("11", 2026, Letter.objects.count())]
