"""Every order of the list, walked from page to page, forwards and back."""

import datetime as dt

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from audit import clock
from issues import keyset, listing
from issues.listing import Listing
from issues.models import Issue
from tests.factories import (
    AuthorityFactory,
    IssueFactory,
    OrganizationFactory,
    ProvinceFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NO_KEYS = [
    "x",
    "~",
    "~~",
    "1",
    "20x~1",
    "0001-01-01T00:00:00+00:00~1",
    "2026-01-01T00:00:00~1",
    "9999-12-31T23:59:59-12:00~1",
    "~99999999999999999999",
    "~-1",
    "2026-13-01~5",
    "\x00~1",
    "99999999999999999999~1",
    "-3~1",
    "១~១",
]
ORDERS = ["", "oldest", "due", "priority", "deferred"]


def listing_of(user, **query):
    return Listing(QueryDict(urlencode(query)), user=user, today=clock.today())


@pytest.fixture(autouse=True)
def _pages_of_three(monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)


@pytest.fixture
def coordinator():
    return coordinator_of(None)


@pytest.fixture
def many(coordinator):
    """Issues that share dates, priorities and times deferred, some without a date or a referral."""
    now = clock.now()
    for number in range(4):
        issue = issue_in("referred", priority=number % 2, deferrals=number // 2)
        issue.referrals.update(due_on=clock.today() + (number // 2) * DAY)
        Issue.objects.filter(pk=issue.pk).update(submitted_at=now - (number // 2) * DAY)
    for number in range(4):
        issue = issue_in("accepted", priority=2 * (number % 2))
        Issue.objects.filter(pk=issue.pk).update(submitted_at=now)
    for _ in range(4):
        IssueFactory(author=coordinator)


def walked(user, order, step="after", at=""):
    """Primary keys of page after page, and where the last one stopped."""
    pages = []
    while True:
        page = listing_of(user, sort=order, **{step: at} if at else {}).page
        pages.append(page.pks)
        at = getattr(page, step)
        if not at:
            return pages


@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_every_issue_once_and_lead_back(coordinator, many, order):
    pages = walked(coordinator, order)

    found = [pk for page in pages for pk in page]
    assert sorted(found) == sorted(Issue.objects.values_list("pk", flat=True))
    assert [len(page) for page in pages] == [3, 3, 3, 3]
    last = listing_of(coordinator, sort=order, after=_place_before(coordinator, order, pages[-1]))
    back = walked(coordinator, order, "before", last.page.before)
    assert [last.page.pks, *back] == pages[::-1]


def _place_before(user, order, pks):
    """The place from which the page with these rows begins."""
    at = ""
    while True:
        page = listing_of(user, sort=order, **{"after": at} if at else {}).page
        if page.pks == pks:
            return at
        at = page.after


def test_orders_are_what_they_say(coordinator, many):
    def values(order, *names):
        rows = Issue.objects.in_bulk()
        return [
            tuple(getattr(rows[pk], name) for name in names)
            for page in walked(coordinator, order)
            for pk in page
        ]

    sent = [value for value in values("", "submitted_at", "pk") if value[0]]
    assert sent == sorted(sent, reverse=True)
    assert [value[0] for value in values("", "submitted_at")[:4]] == [None] * 4
    oldest = [value for value in values("oldest", "submitted_at", "pk") if value[0]]
    assert oldest == sorted(oldest)
    assert [value[0] for value in values("oldest", "submitted_at")[-4:]] == [None] * 4
    weights = values("priority", "priority", "pk")
    assert weights == sorted(weights, reverse=True)
    deferred = values("deferred", "deferrals", "pk")
    assert deferred == sorted(deferred, reverse=True)


def test_due_order_takes_the_next_date_of_an_issue_with_several_offices(coordinator):
    today = clock.today()
    late, soon = issue_in("referred", title="late"), issue_in("referred", title="soon")
    late.referrals.update(due_on=today + 9 * DAY, wanted_on=today + 9 * DAY)
    soon.referrals.update(due_on=today + 5 * DAY, wanted_on=today + 5 * DAY)
    further = late.referrals.get()
    further.pk, further.authority, further.role = None, AuthorityFactory(), "supporting"
    further.due_on = further.wanted_on = today + DAY
    further.save()

    assert listing_of(coordinator, sort="due").page.pks == [late.pk, soon.pk]
    # Who reads but one of the referrals sorts by that.
    offices = {one.role: official_of(one.authority) for one in late.referrals.all()}
    places = {role: listing_of(user, sort="due").page for role, user in offices.items()}
    assert {role: page.pks for role, page in places.items()} == {
        "lead": [late.pk],
        "supporting": [late.pk],
    }


def test_an_order_tells_nothing_of_issues_seen_from_outside():
    organization = OrganizationFactory()
    fields = {"disclosure": "public", "published_at": clock.now()}
    first = issue_in("accepted", deferrals=3, **fields)
    second = issue_in("accepted", deferrals=0, **fields)
    user = representative_of(organization)

    page = listing_of(user, sort="deferred", scope="others").page

    assert page.pks == [second.pk, first.pk]  # the newest first, and not the most deferred


@pytest.mark.parametrize("order", ORDERS)
def test_a_key_that_is_none_leads_to_the_first_page(coordinator, many, order):
    first = listing_of(coordinator, sort=order).page

    for side in ("after", "before"):
        got = {key: listing_of(coordinator, sort=order, **{side: key}).page for key in NO_KEYS}
        assert got == dict.fromkeys(NO_KEYS, first)


def test_a_page_behind_the_last_issue_is_the_first(coordinator, many):
    first = listing_of(coordinator).page
    behind = keyset.Place(clock.now() - 4000 * DAY, 1)

    assert listing_of(coordinator, after=behind).page == first


def test_count_is_exact_up_to_the_most_and_one_more_beyond(coordinator, many, monkeypatch):
    counts = []
    for most in (12, 11):
        monkeypatch.setattr(listing, "MOST_COUNTED", most)
        counts.append(listing_of(coordinator).count)

    assert counts == [12, 12]


@pytest.mark.parametrize("order", ORDERS)
def test_a_deep_page_costs_no_more_queries_than_the_first(coordinator, many, order):
    first, after = _cost(coordinator, sort=order)
    second, _end = _cost(coordinator, sort=order, after=after)

    assert second <= first + 1


def _cost(user, **query):
    found = listing_of(user, **query)
    with CaptureQueriesContext(connection) as queries:
        after = found.page.after
    return len(queries), after


def test_office_walks_its_list_by_dates(coordinator):
    office = AuthorityFactory()
    for days in (3, 1, 2, 1, 5):
        issue = issue_in("referred", authority=office)
        issue.referrals.update(due_on=clock.today() + days * DAY)
    user = official_of(office)

    pages = walked(user, "due")

    dates = {issue.pk: issue.referrals.get().due_on for issue in Issue.objects.all()}
    found = [dates[pk] for page in pages for pk in page]
    assert (len(found), found) == (5, sorted(found))


def test_coordinator_of_one_province_walks_both_halves():
    user = coordinator_of(ProvinceFactory())
    for code in ("11", "16"):
        for _ in range(4):
            issue_in(
                "accepted",
                province=ProvinceFactory(code=code),
                disclosure="public",
                published_at=clock.now(),
            )

    def provinces(scope):
        after, found = "", []
        while True:
            page = listing_of(
                user, scope=scope, sort="priority", **{"after": after} if after else {}
            ).page
            found += page.pks
            after = page.after
            if not after:
                break
        return [Issue.objects.get(pk=pk).province_id for pk in found]

    assert provinces("mine") == ["11"] * 4
    assert provinces("others") == ["16"] * 4
