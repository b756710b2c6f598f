import datetime as dt

import pytest

from audit import clock
from forum.models import Session
from issues import actions, console
from issues.actions import Charge
from issues.console import Page
from issues.models import Outcome, PreparedReply
from provinces.models import Authority
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    OutcomeFactory,
    SessionFactory,
    ThemeFactory,
    ago,
    coordinator_of,
    issue_in,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN, published_at=clock.now())


@pytest.fixture
def coordinator(session):
    return coordinator_of(session.province)


def item_of(session, **fields):
    return issue_in("scheduled", session=session, **fields).agenda_items.get()


def page_of(session, user, **more):
    return Page(session, user, list(console.items_of(session)), clock.now(), **more)


def part_of(session, user, item):
    return next(one for one in page_of(session, user).parts if one.item.pk == item.pk)


def test_part_tells_what_came_before_in_the_whole_thread(session, coordinator):
    first = issue_in("closed", title="Before", submitted_at=ago(900))
    held = SessionFactory(province=session.province, forum=session.forum, starts_at=ago(800))
    OutcomeFactory(item=AgendaItemFactory(session=held, issue=first), kind="noted", text="Heard.")
    secret = issue_in("closed", disclosure="confidential", follows=first, root=first, link="again")
    OutcomeFactory(item=AgendaItemFactory(session=held, issue=secret), kind="noted", text="Secret.")
    item = item_of(session, follows=first, root=first, link="again")

    part = part_of(session, coordinator, item)

    assert (part.times, part.since) == (3, ago(900).year)
    assert [(one.label, one.day, one.text) for one in part.before] == [
        (Outcome.Kind.NOTED.label, held.day, "Heard.")
    ]


def test_part_suggests_the_office_of_the_theme_and_the_one_above_it(session, coordinator):
    above = AuthorityFactory(kind="administration")
    office = AuthorityFactory(superior=above)
    concerned = AuthorityFactory()
    theme = ThemeFactory(code="roads")
    office.themes.add(theme)
    concerned.themes.add(theme)
    below = AuthorityFactory(superior=concerned)
    item = item_of(session, theme=theme)
    ConcernFactory(issue=item.issue, authority=concerned)

    part = part_of(session, coordinator, item)

    assert (part.suggested, part.superior) == (office.pk, above.pk)
    assert part.barred == {concerned.pk, below.pk}
    item.expected.add(above)
    assert part_of(session, coordinator, item).suggested == above.pk


def test_part_of_a_review_goes_to_the_superior_of_who_leads_it(session, coordinator):
    above = AuthorityFactory(kind=Authority.Kind.MINISTRY, province=None)
    office = AuthorityFactory(superior=above)
    issue = issue_in("referred", authority=office)
    item = AgendaItemFactory(session=session, issue=issue)

    part = part_of(session, coordinator, item)

    assert (part.suggested, part.superior, part.barred) == (None, above.pk, {office.pk})
    assert [one.authority for one in part.held] == [office]


def test_part_holds_the_replies_that_offices_prepared(session, coordinator):
    item, office = item_of(session), AuthorityFactory()
    now = clock.now()
    PreparedReply.objects.create(
        item=item, authority=office, text="We begin in May.", written_by=coordinator, written_at=now
    )

    part = part_of(session, coordinator, item)

    assert [(one.authority, one.text) for one in part.replies] == [(office, "We begin in May.")]


def test_part_of_an_outcome_lets_its_offices_be_named_again(session, coordinator):
    item, office = item_of(session), AuthorityFactory()
    charges = [Charge(office.pk, clock.today() + 9 * DAY)]
    actions.refer_in_session(item, by=coordinator, now=clock.now(), charges=charges)

    part = part_of(session, coordinator, item)

    assert [one.authority for one in part.referrals] == [office]
    assert part.barred == frozenset()


def test_page_knows_the_next_item_the_time_and_the_numbers(session, coordinator):
    heading = AgendaItemFactory(session=session, issue=None, is_heading=True, minutes=0, title="I")
    done, runs, left = (item_of(session) for _ in range(3))
    actions.defer(done, by=coordinator, now=clock.now())
    type(runs).objects.filter(pk=runs.pk).update(
        used_seconds=60, started_at=clock.now() - dt.timedelta(seconds=90)
    )

    page = page_of(session, coordinator)

    assert (page.current.item, page.next.item) == (runs, left)
    assert page.current.used(page.now) // 10 == 15
    assert page.rows == [(heading, None), (done, 1), (runs, 2), (left, 3)]
    assert (page.decided, len(page.left), page.counts["deferred"], page.others) == (1, 2, 1, 0)


def test_mark_differs_once_the_item_would_look_otherwise(session, coordinator):
    item = item_of(session)

    def mark():
        return console.mark_of(console.items_of(session).get(pk=item.pk), session)

    before = mark()
    assert mark() == before
    actions.defer(item, by=coordinator, now=clock.now())
    decided = mark()
    actions.show(item, by=coordinator, now=clock.now())

    assert len({before, decided, mark()}) == 3


def test_due_days_name_the_day_of_each_number(session):
    days = dict(
        console.due_days(Page(session, None, [], clock.now()).calendar, dt.date(2026, 11, 20))
    )

    assert (days[1], days[5], days[10]) == (
        dt.date(2026, 11, 23),
        dt.date(2026, 11, 27),
        dt.date(2026, 12, 4),
    )
