"""The agenda pack: who gets which file, and the page that counts before it sends."""

import uuid

import pytest
from django.urls import reverse

from audit import clock
from forum import replies
from issues.models import Pack
from outbox.models import Notice
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.stories import at
from tests.paper.reading import text_in

pytestmark = pytest.mark.django_db
FILES = ("agenda_pack_pdf", "agenda_pack_docx")
KEY = str(uuid.UUID(int=7))


@pytest.fixture
def session():
    return SessionFactory(published_at=clock.now())


@pytest.fixture
def coordinator(session):
    return coordinator_of(session.province)


@pytest.fixture
def guest(session):
    """Somebody of an organization that is invited."""
    person = representative_of(OrganizationFactory())
    InvitationFactory(session=session, organization=person.held[0].organization)
    return person


def url(name, *args):
    return reverse(f"issues:{name}", args=args)


def test_the_files_are_for_coordinators_and_the_invited(client, session, coordinator, guest):
    office = AuthorityFactory()
    InvitationFactory(session=session, authority=office)
    draft = representative_of(OrganizationFactory())
    InvitationFactory(session=session, organization=draft.held[0].organization, released_at=None)
    readers = {
        "nobody": None,
        "coordinator": coordinator,
        "guest": guest,
        "official": official_of(office),
        "not yet invited": draft,
        "elsewhere": coordinator_of(ProvinceFactory(code="16")),
    }
    got = {
        who: at(client, user).get(url("agenda_pack_docx", session.pk)).status_code
        for who, user in readers.items()
    }

    assert got == {
        "nobody": 302,
        "coordinator": 200,
        "guest": 200,
        "official": 200,
        "not yet invited": 403,
        "elsewhere": 403,
    }


def test_the_files_come_in_the_language_asked_for_and_are_kept_nowhere(client, session, guest):
    issue_in("scheduled", session=session, title="A road is cut", language="en")
    at(client, guest)
    answers = [
        client.get(url(name, session.pk) + query)
        for name, query in zip(FILES, ("?lang=km", "?lang=xx"), strict=True)
    ]

    headers = [(one["Content-Language"], one["Content-Disposition"]) for one in answers]
    assert headers == [
        ("km", f'inline; filename="agenda-{session.pk}-km.pdf"'),
        ("en", f'attachment; filename="agenda-{session.pk}-en.docx"'),
    ]
    assert {one["Cache-Control"] for one in answers} == {"private, no-store"}
    assert "A road is cut" in text_in(answers[0].content)


# --- without an account -------------------------------------------------------------------------
def test_a_link_opens_the_agenda_of_its_invitation(client, session):
    contact = ContactPointFactory()
    invitation = InvitationFactory(session=session, authority=contact.authority)
    token = replies.token_of(invitation.pk, f"contact:{contact.pk}")
    at(client, None)

    early = client.get(url("reply_agenda", token))
    issue_in("scheduled", session=session, title="A name", disclosure="confidential", language="en")
    answer = client.get(url("reply_agenda", token) + "?lang=en")
    page = client.get(reverse("forum:reply", args=[token])).content.decode()

    assert early.url == reverse("forum:reply", args=[token])
    text = text_in(answer.content)
    assert ("Confidential item" in text, "A name" in text) == (True, False)
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert f'href="{url("reply_agenda", token)}"' in page


def test_a_link_that_was_changed_taken_back_or_cancelled_opens_nothing(client, session):
    issue_in("scheduled", session=session)
    invitation = InvitationFactory(session=session)
    token = replies.token_of(invitation.pk, f"organization:{invitation.organization_id}")
    at(client, None)

    wrong = client.get(url("reply_agenda", f"{token}x")).status_code
    invitation.withdrawn_at = clock.now()
    invitation.save()
    withdrawn = client.get(url("reply_agenda", token)).status_code
    invitation.withdrawn_at = None
    invitation.save()
    session.status, session.cancelled_because = "cancelled", "Rain."
    announced(session)
    cancelled = client.get(url("reply_agenda", token)).status_code

    assert (wrong, withdrawn, cancelled) == (404, 404, 404)


# --- sending ------------------------------------------------------------------------------------
def test_the_page_counts_before_it_sends_and_the_press_sends_once(
    client, session, coordinator, guest
):
    silent = AuthorityFactory(name_en="Commune hall")
    InvitationFactory(session=session, authority=silent)
    item = issue_in("scheduled", session=session).agenda_items.get()
    item.expected.add(AuthorityFactory(name_en="Department of roads"))
    at(client, coordinator)

    page = client.get(url("agenda_send", session.pk))
    answers = [client.post(url("agenda_send", session.pk), {"client_key": KEY}) for _ in range(2)]

    html = page.content.decode()
    assert (page.context["reach"].people, page.context["reach"].parties) == (1, 1)
    assert [name in html for name in ("Commune hall", "Department of roads")] == [True, True]
    assert reverse("forum:letters", args=[session.pk]) in html
    assert {answer.url for answer in answers} == {url("agenda", session.pk)}
    assert Pack.objects.count() == 1
    sent = Notice.objects.filter(kind="agenda_pack").values_list("recipient", flat=True)
    assert sorted(sent) == [f"authority:{silent.pk}", f"user:{guest.pk}"]
    again = client.get(url("agenda_send", session.pk)).content.decode()
    assert "Nothing has changed: everybody would get the same agenda again." in again


def test_the_page_says_why_nothing_can_be_sent(client, session, coordinator, guest):
    at(client, coordinator)

    page = client.get(url("agenda_send", session.pk)).content.decode()
    refused = client.post(url("agenda_send", session.pk), {"client_key": KEY}).content.decode()

    assert ("Nothing stands on the agenda yet." in page, KEY in page) == (True, False)
    assert "Nothing stands on the agenda yet." in refused
    assert not Pack.objects.exists()


def test_sending_is_for_the_provinces_coordinators(client, session, guest):
    issue_in("scheduled", session=session)
    elsewhere = coordinator_of(ProvinceFactory(code="16"))

    codes = [
        at(client, user).post(url("agenda_send", session.pk), {"client_key": KEY}).status_code
        for user in (guest, elsewhere)
    ]

    assert (codes, Pack.objects.count()) == ([403, 403], 0)
