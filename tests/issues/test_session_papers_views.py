import pytest
from django.urls import reverse

from audit import clock
from forum.models import Session
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    OutcomeFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
)

pytestmark = pytest.mark.django_db
PAGES = (
    "session_papers",
    "session_brief",
    "session_matrix",
    "session_matrix_xlsx",
    "session_result",
)


@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN, published_at=clock.now())


@pytest.fixture
def english(client, session):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(coordinator_of(session.province))
    return client


def url(name, session):
    return reverse(f"issues:{name}", args=[session.pk])


def test_the_papers_are_for_the_coordinators_of_the_province(client, session):
    official = official_of(AuthorityFactory())
    InvitationFactory(session=session, authority=official.held[0].authority)
    issue = issue_in("scheduled", session=session)
    InvitationFactory(session=session, organization=issue.organization)
    unpublished = SessionFactory(status=Session.Status.OPEN)
    elsewhere = coordinator_of(ProvinceFactory(code="16"))
    seen = {}
    for who, user in {"official": official, "author": issue.author, "else": elsewhere}.items():
        client.force_login(user)
        seen[who] = {client.get(url(name, session)).status_code for name in PAGES}
    hidden = {client.get(url(name, unpublished)).status_code for name in PAGES}

    assert seen == {"official": {403}, "author": {403}, "else": {403}}
    assert hidden == {404}


def test_the_files_have_names_without_titles_and_are_kept_nowhere(english, session):
    AgendaItemFactory(session=session)
    asked = [
        (url("session_brief", session), f"brief-{session.pk}-km.pdf"),
        (url("session_brief", session) + "?language=en", f"brief-{session.pk}-en.pdf"),
        (url("session_matrix", session) + "?language=xx", f"matrix-room-{session.pk}-km.pdf"),
        (
            url("session_matrix_xlsx", session) + "?edition=secretariat",
            f"matrix-secretariat-{session.pk}-km.xlsx",
        ),
    ]
    answers = [(english.get(address), name) for address, name in asked]

    named = [answer["Content-Disposition"].split("; ")[1] for answer, _name in answers]
    assert named == [f'filename="{name}"' for _answer, name in answers]
    assert {answer["Cache-Control"] for answer, _name in answers} == {"private, no-store"}
    starts = [answer.content[:4] for answer, _name in answers]
    assert starts == [b"%PDF", b"%PDF", b"%PDF", b"PK\x03\x04"]


def test_the_page_says_what_the_editions_leave_out(english, session):
    issue_in("scheduled", session=session)
    ConcernFactory(issue=issue_in("scheduled", session=session))

    page = english.get(url("session_papers", session))

    assert page.context["left_out"] == {"room": 1, "secretariat": 0}
    assert page.content.decode().count("1 issue is left out.") == 1


def test_the_session_page_leads_to_its_papers(english, session):
    page = english.get(session.get_absolute_url()).content.decode()

    assert f'href="{url("session_papers", session)}"' in page


def test_the_text_of_results_is_shown_in_the_language_asked_for(english, session):
    item = AgendaItemFactory(session=session)
    OutcomeFactory(item=item, kind="noted")
    texts = {
        asked: english.get(url("session_result", session) + asked).context["text"]
        for asked in ("", "?language=en", "?language=km", "?language=xx")
    }

    assert texts[""] == texts["?language=en"] == texts["?language=xx"]
    assert "Issues heard: 1" in texts[""]
    assert texts["?language=km"].startswith(session.forum.name_km)


def test_there_is_no_text_of_results_before_the_session_is_open(english):
    session = SessionFactory(published_at=clock.now())

    page = english.get(url("session_result", session)).content.decode()

    assert ("It is here once the session is open." in page, "<textarea" in page) == (True, False)
