import pytest
from django.utils import translation

from audit import clock
from forum.models import Session
from issues import brief, papers_session
from issues.brief import Brief, Figures, Line
from issues.models import Outcome, Referral
from tests.factories import (
    DAY,
    AgendaItemFactory,
    ConcernFactory,
    LocalityFactory,
    OutcomeFactory,
    ProvinceFactory,
    SessionFactory,
    ThemeFactory,
    ago,
    issue_in,
)
from tests.paper.reading import opened, text_in

pytestmark = pytest.mark.django_db
NEAR, FAR = "110101", "110201"  # communes of two districts


@pytest.fixture
def former():
    """The session held 15 days ago: issues of the factories were referred, and more, since."""
    return SessionFactory(starts_at=ago(15), status=Session.Status.RELEASED)


@pytest.fixture
def session(former):
    LocalityFactory(code=NEAR[:4], name_en="Near")
    LocalityFactory(code=FAR[:4], name_en="Far")
    ThemeFactory(code="land", name_en="Land")
    ThemeFactory(code="water", name_en="Water")
    return SessionFactory(forum=former.forum, starts_at=ago(-1))


def told(session):
    with translation.override("en"):
        return brief.of_session(session, clock.now(), clock.today())


def raised(commune=NEAR, theme="land", **fields):
    fields |= {"commune": LocalityFactory(code=commune), "theme": ThemeFactory(code=theme)}
    return issue_in("submitted", submitted_at=ago(5), **fields)


def one_of_each(former):
    """An issue that counts as addressed, one as confirmed, one as overdue; none as raised."""
    closed, late = issue_in("closed"), issue_in("referred")
    Referral.objects.filter(issue=late).update(due_on=clock.today() - DAY)
    item = AgendaItemFactory(session=former, issue=issue_in("accepted"))
    OutcomeFactory(item=item, kind=Outcome.Kind.ADDRESSED, recorded_at=ago(15) + DAY / 24)
    return closed, late, item.issue


def test_of_session_tells_what_happened_since_the_last_one(session, former):
    one_of_each(former)
    for theme in ("land", "water", "water", "water"):
        raised(FAR, theme)
    raised(theme="water")
    issue_in("draft")
    issue_in("submitted", province=ProvinceFactory(code="16"), submitted_at=ago(5))

    near = Figures(raised=1, addressed=1, referred=2, resolved=1, confirmed=1, overdue=1)
    land = Figures(raised=1, addressed=1, referred=2, resolved=1, confirmed=1, overdue=1)
    assert told(session) == Brief(
        since=former,
        total=Figures(raised=5, addressed=1, referred=2, resolved=1, confirmed=1, overdue=1),
        districts=[Line("Near district", near), Line("Far district", Figures(raised=4))],
        themes=[Line("Land", land), Line("Water", Figures(raised=4))],
    )


def test_of_session_neither_counts_the_frozen_nor_says_where_what_is_protected_is(session, former):
    for _number in range(3):
        raised()
    raised(pressured_at=clock.now())
    raised(FAR, "water", disclosure="confidential")
    ConcernFactory(issue=raised(FAR, "water"))
    raised(FAR, "water")
    raised(FAR, "water")

    few = Line("Other districts", Figures(raised=2))
    assert told(session) == Brief(
        since=former,
        total=Figures(raised=7),
        districts=[Line("Near district", Figures(raised=3)), few],
        themes=[
            Line("Land", Figures(raised=3)),
            Line("Other themes", Figures(raised=2)),
        ],
    )


def test_of_session_breaks_nothing_down_that_is_too_small(session, former):
    raised()
    raised(FAR, "water")

    found = told(session)

    assert (found.total, found.districts, found.themes) == (Figures(raised=2), [], [])

    raised()
    raised()

    near = Line("Near district", Figures(raised=3))
    assert told(session).districts == [near]  # the other one would stand alone


def test_of_session_counts_a_referral_once_it_left_and_unless_it_was_taken_back(session, former):
    for fields in ({"released_at": None}, {"ended_as": "recalled"}, {"ended_as": "resolved"}):
        held = Referral.objects.get(issue=issue_in("referred"))
        ended = {"ended_at": clock.now()} if "ended_as" in fields else {}
        clockless = {"handed_over_on": None, "due_on": None} if not ended else {}
        Referral.objects.filter(pk=held.pk).update(**fields, **ended, **clockless)

    assert told(session).total == Figures(referred=1)


def test_previous_is_the_latest_one_held_before_in_the_province(session, former):
    SessionFactory(starts_at=ago(20), status=Session.Status.RELEASED)
    SessionFactory(starts_at=ago(10))  # never opened
    SessionFactory(starts_at=ago(9), status=Session.Status.CANCELLED)
    elsewhere = ProvinceFactory(code="16")
    SessionFactory(province=elsewhere, starts_at=ago(8), status=Session.Status.RELEASED)
    unplaced = SessionFactory(starts_at=None, ends_at=None)

    assert brief.previous(session) == former
    assert brief.previous(unplaced) == former
    assert brief.previous(former).starts_at < former.starts_at
    assert brief.previous(SessionFactory(starts_at=ago(30))) is None


@pytest.mark.parametrize("number", [1, 30])
def test_of_session_takes_the_same_queries_for_few_and_many(
    session, former, number, django_assert_num_queries
):
    organization = raised().organization
    for _number in range(number):
        raised(organization=organization)

    with django_assert_num_queries(4):
        told(session)


@pytest.mark.parametrize("language", ["km", "en"])
def test_brief_pdf_is_one_page_that_names_nobody(session, former, language):
    for _number in range(3):
        issue = raised()

    paper = papers_session.brief_pdf(session, language, clock.now(), clock.today())

    text = text_in(paper)
    with opened(paper) as file:
        assert len(file.pages) == 1
    hidden = (issue.title, issue.reference, issue.organization.name_en, issue.organization.name_km)
    assert [one for one in hidden if one in text] == []


def test_brief_of_a_session_long_ago_ends_where_it_began(former):
    raised()

    assert told(former).total == Figures()
