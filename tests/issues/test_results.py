import pytest
from django.utils import translation

from audit import clock
from forum.models import Session
from issues import results
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    AuthorityFactory,
    ConcernFactory,
    OutcomeFactory,
    SessionFactory,
    ThemeFactory,
    announced,
    issue_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    ThemeFactory(code="land", name_en="Land", name_km="ដី")
    ThemeFactory(code="water", name_en="Water", name_km="ទឹក")
    return SessionFactory(
        status=Session.Status.OPEN,
        forum__name_en="Forum of the uplands",
        forum__name_km="វេទិកាខ្ពង់រាប",
        starts_at=clock.now().replace(year=2026, month=3, day=26, hour=1),
    )


def heard(session, kind="addressed", theme="land", **fields):
    """An issue of the session, with its outcome unless ``kind`` is None."""
    issue = issue_in("accepted", theme=ThemeFactory(code=theme), **fields)
    item = AgendaItemFactory(session=session, issue=issue)
    if kind:
        OutcomeFactory(item=item, kind=kind)
    return issue


def told(session, language="en"):
    with translation.override(language):  # as the page's reader has it
        return results.text(results.of_session(session), language)


def test_text_tells_figures_and_nothing_else(session, settings):
    settings.BASE_URL = "https://vedika.example"
    for kind in ("addressed", "addressed", "addressed", "referred", "deferred"):
        heard(session, kind)
    heard(session, None, "water")
    heard(session, pressured_at=clock.now())
    AgendaItemFactory(session=session, issue=None, title="Anthem")
    AttendanceFactory(session=session, total=85, women=34)
    announced(session)

    expected = f"""\
Forum of the uplands
Session in Mondulkiri
Thursday 26 March 2026
Participants: 85, of whom 34 women

Issues heard: 5
• Addressed in the session: 3
• Referred: 1
• Deferred: 1
• Not heard yet: 1

Themes: Land

The secretariat of the dialogue forums
https://vedika.example/sessions/{session.pk}/"""
    assert told(session) == expected


def test_text_is_in_the_language_asked_for(session):
    heard(session)

    lines = results.text(results.of_session(session), "km").splitlines()

    assert lines[0] == "វេទិកាខ្ពង់រាប"
    assert lines[2] == "ថ្ងៃព្រហស្បតិ៍ ទី២៦ ខែមីនា ឆ្នាំ២០២៦"
    assert lines[4].endswith("៖ ១")


def test_text_names_a_theme_only_of_several_issues_that_all_may_know(session):
    heard(session)
    heard(session)
    heard(session, disclosure="confidential")
    ConcernFactory(issue=heard(session))
    for _number in range(3):
        heard(session, "referred", "water")

    found = results.of_session(session)

    assert (found.themes, found.issues) == (["water"], 7)
    assert (found.outcomes, found.untold) == ({"addressed": 2, "referred": 3}, 2)
    assert "Land" not in told(session)
    assert "• Outcome not shown: 2" in told(session)


@pytest.mark.parametrize("number", [3, 30])
def test_of_session_takes_the_same_queries_for_few_and_many(
    session, number, django_assert_num_queries
):
    organization = heard(session).organization
    for _number in range(number):
        heard(session, organization=organization)
    AttendanceFactory(session=session)
    AttendanceFactory(session=session, authority=AuthorityFactory())

    with django_assert_num_queries(7):
        told(session)


def test_is_ready_once_the_session_sits():
    ready = {one for one in Session.Status if results.is_ready(Session(status=one))}

    assert ready == {Session.Status.OPEN, Session.Status.RELEASED}
