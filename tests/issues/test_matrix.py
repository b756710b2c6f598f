import datetime as dt
import io

import openpyxl
import pytest
from django.utils import translation

from audit import clock
from forum.models import Session
from issues import matrix, matrix_xlsx, papers_session
from issues.matrix import Edition, Row
from issues.models import Outcome
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    OutcomeFactory,
    ProvinceFactory,
    ReferralFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.paper.reading import text_in

pytestmark = pytest.mark.django_db
REVIEW = dt.date(2031, 5, 4)
MIDNIGHT = dt.datetime.combine(REVIEW, dt.time())  # as a workbook holds a day
PLACE = "{0.commune.name_en} commune, {0.commune.parent.name_en} district, Mondulkiri"


@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN)


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


@pytest.fixture
def roads():
    return AuthorityFactory(name_en="Department of roads")


def told(session, user, edition):
    with translation.override("en"):
        return matrix.rows(session, user, edition)


def decided(session, kind="noted", issue=None, **fields):
    """An issue of the session with its outcome."""
    item = AgendaItemFactory(session=session, issue=issue or issue_in("accepted"))
    if kind:
        fields |= {"kind": kind, "review_on": REVIEW if kind in ("study", "suspended") else None}
        OutcomeFactory(item=item, **fields)
    return item.issue


def row(number, issue, outcome, authority="", due=None):
    """What is shown of an issue whose title and place are."""
    return Row(number, issue.reference, PLACE.format(issue), issue.title, outcome, authority, due)


def test_rows_say_of_each_issue_who_has_it_and_by_when(session, coordinator, roads):
    AgendaItemFactory(session=session, issue=None, is_heading=True, minutes=0, title="Roads")
    AgendaItemFactory(session=session, issue=None, title="Anthem")
    waits = decided(session, kind=None)
    heard = decided(session, "addressed", said_office=roads, by_on=REVIEW)
    given = decided(session, "referred")
    helper = AuthorityFactory(name_en="Commune hall")
    outcome = Outcome.objects.get(item__issue=given)
    ReferralFactory(issue=given, authority=helper, role="supporting", outcome=outcome)
    lead = ReferralFactory(issue=given, authority=roads, outcome=outcome)
    gone = AuthorityFactory()
    ReferralFactory(issue=given, authority=gone, outcome=outcome, ended_as="recalled")
    studied = decided(session, "study", issue=issue_in("referred", authority=roads))

    expected = [
        row(2, waits, "No outcome yet"),
        row(3, heard, "Addressed in the session", "Department of roads", REVIEW),
        row(4, given, "Referred", "Department of roads", lead.wanted_on),
        row(4, given, "Referred", "Commune hall (Supporting)", lead.wanted_on),
        row(5, studied, "Accepted for study", "Department of roads", REVIEW),
    ]
    assert told(session, coordinator, Edition.ROOM) == expected
    assert told(session, coordinator, Edition.SECRETARIAT) == expected


def test_rows_show_the_room_less_than_the_secretariat(session, coordinator, roads):
    frozen = decided(session, issue=issue_in("accepted", pressured_at=clock.now()))
    secret = decided(session, issue=issue_in("accepted", disclosure="confidential"))
    about = decided(session)
    ConcernFactory(issue=about, authority=roads)
    both = official_of(roads)  # of that office, and coordinator besides
    both.role_assignments.create(role="coordinator", province=session.province)

    hidden = Row(2, "–", "–", "Confidential item, number 2 on the agenda", "–")
    assert told(session, coordinator, Edition.ROOM) == [hidden]
    assert told(session, coordinator, Edition.SECRETARIAT) == [
        row(2, secret, "Noted"),
        row(3, about, "Noted"),
    ]
    assert told(session, both, Edition.SECRETARIAT) == [row(2, secret, "Noted")]
    assert [matrix.left_out(session, coordinator, edition) for edition in Edition] == [2, 1]
    assert frozen.pressured_at


@pytest.mark.parametrize("number", [1, 30])
def test_rows_take_the_same_queries_for_few_and_many(
    session, coordinator, roads, number, django_assert_num_queries
):
    organization = issue_in("accepted").organization
    for _number in range(number):
        issue = issue_in("referred", organization=organization, authority=roads)
        decided(session, "study", issue=issue)
    assert coordinator.served_ids is not None

    with django_assert_num_queries(3):
        assert len(told(session, coordinator, Edition.SECRETARIAT)) == number


@pytest.mark.parametrize(("language", "font"), [("km", "Khmer OS Siemreap"), ("en", "Calibri")])
def test_workbook_is_ready_to_print_and_holds_no_formula(language, font):
    rows = [
        Row(1, "11-2026-0001", "=1+1", "@SUM(A1)", "Noted", "", REVIEW),
        Row(2, "11-2026-0002", "Sen Monorom", "ផ្លូវខូច", "Noted", "Roads"),
    ]
    with translation.override(language):
        book = openpyxl.load_workbook(io.BytesIO(matrix_xlsx.workbook("=Matrix", rows)))

    sheet = book.active
    assert [[cell.value for cell in line] for line in sheet["A4:G5"]] == [
        [1, "11-2026-0001", "'=1+1", "'@SUM(A1)", "Noted", None, MIDNIGHT],
        [2, "11-2026-0002", "Sen Monorom", "ផ្លូវខូច", "Noted", "Roads", None],
    ]
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("'=Matrix", "s")
    assert {cell.data_type for line in sheet["A1:G5"] for cell in line} == {"s", "n", "d"}
    assert sheet.freeze_panes == "A4"
    assert all(cell.font.b and cell.font.name == font for cell in sheet[3])
    assert sheet["D5"].font.name == font
    assert sheet.auto_filter.ref == "A3:G5"


@pytest.mark.parametrize("language", ["km", "en"])
def test_matrix_pdf_holds_what_its_edition_may_show(session, coordinator, roads, language):
    open_one = decided(session, issue=issue_in("accepted", title="Bridge broken"))
    secret = decided(
        session, issue=issue_in("accepted", title="Threats", disclosure="confidential")
    )
    texts = (open_one.reference, "Bridge", secret.reference, "Threats")

    found = {}
    for edition in Edition:
        today = clock.today()
        paper = papers_session.matrix_pdf(session, coordinator, edition, language, today)
        found[edition.value] = [text in text_in(paper) for text in texts]

    assert found == {
        "room": [True, True, False, False],
        "secretariat": [True, True, True, True],
    }
