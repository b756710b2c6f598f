"""The list of who is invited, one invitation's page, and the letters, for coordinators."""

import datetime as dt
import io
import re

import docx
import pytest
from django.urls import reverse

from audit import clock
from audit.models import AuditEntry
from forum import invited, papers
from forum.models import Invitation, Told
from khmer import lunar
from outbox.models import Notice
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    InvitationFactory,
    NoticeFactory,
    OrganizationFactory,
    PresidingFactory,
    SessionFactory,
    VenueFactory,
    announced,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import DelegateFactory, HonorificFactory
from tests.forum.conftest import at
from tests.paper.reading import opened, pages_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(make, forum, province):
    """Published on 26 March 2099, in a hall of 120 seats."""
    starts = at(26, 8).replace(year=2099)
    return announced(
        SessionFactory(
            forum=forum,
            province=province,
            starts_at=starts,
            ends_at=starts.replace(hour=11),
            venue=VenueFactory(province=province, name_km="Hall", capacity=120),
        )
    )


@pytest.fixture
def english(client, coordinator):
    coordinator.language = "en"
    coordinator.save()
    client.force_login(coordinator)
    return client


def url(name, row, **query):
    return reverse(f"forum:{name}", args=[row.pk], query=query or None)


def words_of(response):
    """The page's text without tags, spaces folded."""
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def notice(invitation, recipient, state="failed"):
    return NoticeFactory(
        subject=f"invitation:{invitation.pk}", kind="invitation", recipient=recipient, state=state
    )


# --- the list -----------------------------------------------------------------------------------
def test_invitations_sums_up_places_answers_and_drafts(english, session):
    draft = InvitationFactory(session=session, quota=5, released_at=None)
    coming = InvitationFactory(session=session, quota=3, status="accepted")
    DelegateFactory(invitation=coming, is_waiting=True)
    DelegateFactory(invitation=coming, left_at=clock.now())
    InvitationFactory(session=session, quota=2, withdrawn_at=clock.now())
    InvitationFactory(session=session, quota=2)

    page = english.get(url("invitations", session))

    assert page.context["sums"] == invited.Sums(
        parties=3, places=10, named=1, coming=1, coming_places=3, former=0, waiting=1,
        drafts=[draft.pk], silent=1, not_handed_over=2,
    )  # fmt: skip
    shown = words_of(page)
    assert "120 Seats in the venue" in shown or "Seats in the venue 120" in shown
    assert "1 invitation has not been sent yet. Look, then send" in shown
    assert "Remind the 1 who has not answered" in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"Bees", "Fishers", "Office", "Weavers"}),
        ({"state": "draft"}, {"Bees"}),
        ({"state": "accepted"}, {"Fishers"}),
        ({"state": "pending"}, {"Office"}),
        ({"state": "withdrawn"}, {"Weavers"}),
        ({"kind": "authority"}, {"Office"}),
        ({"kind": "organization", "state": "pending"}, set()),
        ({"q": "FISH"}, {"Fishers"}),
        ({"q": "nobody"}, set()),
        ({"state": "nonsense"}, {"Bees", "Fishers", "Office", "Weavers"}),
    ],
)
def test_invitations_is_filtered_by_state_kind_and_name(english, session, query, expected):
    names = {name: OrganizationFactory(name_en=name) for name in ("Bees", "Fishers", "Weavers")}
    InvitationFactory(session=session, organization=names["Bees"], released_at=None)
    InvitationFactory(session=session, organization=names["Fishers"], status="accepted")
    InvitationFactory(session=session, organization=names["Weavers"], withdrawn_at=clock.now())
    InvitationFactory(session=session, authority=AuthorityFactory(name_en="Office"))

    page = english.get(url("invitations", session, **query))

    assert {str(row.invitation.party.name_en) for row in page.context["rows"]} == expected


def test_invitations_says_who_knows_and_whom_nobody_reached(english, session):
    told, failed, waiting, handed, draft = (
        InvitationFactory(session=session, organization=OrganizationFactory(name_en=name))
        for name in ("Told", "Failed", "Waiting", "Handed", "Drafted")
    )
    Invitation.objects.filter(pk=draft.pk).update(released_at=None)
    person = representative_of(told.organization, title_en="Director")
    notice(told, f"user:{person.pk}", state="skipped")
    notice(failed, f"organization:{failed.organization_id}")
    notice(waiting, "contact:5", state="planned")
    called = representative_of(handed.organization, title_en="Deputy")
    ways = [
        (f"user:{person.pk}", "email"),
        (_party(handed), "letter"),
        (f"user:{called.pk}", "phone"),
    ]
    for recipient, way in ways:
        Told.objects.create(
            session=session, recipient=recipient, entry=session.announced, told_at=clock.now(),
            way=way,
        )  # fmt: skip

    page = english.get(url("invitations", session))

    reached = {row.invitation.pk: row.reached for row in page.context["rows"]}
    assert reached == {
        told.pk: "told", failed.pk: "nobody", waiting.pk: "waiting", handed.pk: "told",
        draft.pk: "draft",
    }  # fmt: skip
    shown = words_of(page)
    assert "Director, e-mail" in shown
    assert "Deputy, telephone" in shown
    assert shown.count("Could not be reached") == 1
    assert shown.count("No address is known. Mend the address Print the letter") == 1
    assert "holds an old date" not in shown


def _party(invitation):
    return f"organization:{invitation.organization_id}"


def test_invitations_marks_who_holds_an_old_date(english, session):
    invitation = InvitationFactory(session=session)
    Told.objects.create(
        session=session, recipient=_party(invitation), entry=session.announced,
        told_at=clock.now(), way="letter",
    )  # fmt: skip
    session.ends_at = session.ends_at.replace(hour=12)
    announced(session)

    assert "holds an old date" in words_of(english.get(url("invitations", session)))


def test_invitations_of_a_hundred_take_twelve_queries(
    english, session, django_assert_max_num_queries
):
    for number in range(50):
        office = AuthorityFactory()
        one = InvitationFactory(session=session, authority=office)
        notice(one, f"contact:{number + 1}", state="planned")
        InvitationFactory(session=session)
    contact, person = ContactPointFactory(authority=office), official_of(office)
    for recipient in (
        f"user:{person.pk}",
        f"contact:{contact.pk}",
        _party(session.invitations.last()),
    ):
        Told.objects.create(
            session=session, recipient=recipient, entry=session.announced, told_at=clock.now(),
            way="email",
        )  # fmt: skip
    english.get(url("invitations", session))

    with django_assert_max_num_queries(12):
        page = english.get(url("invitations", session))

    assert len(page.context["rows"]) == 100


def test_invitations_send_shows_who_is_told_and_who_is_not_before_the_press(english, session):
    reached, unreached = InvitationFactory.create_batch(2, session=session, released_at=None)
    representative_of(reached.organization)

    page = english.get(url("invitations_send", session))
    shown, drafts = words_of(page), page.context["drafts"]

    assert "Number the letters (2) and send 1 message" in shown
    assert "Nobody of these can be written to." in shown
    assert unreached.organization.name_en in shown.split("Nobody of these", 1)[1]
    assert "Nothing keeps you from sending all the same." in shown  # nobody presides
    assert drafts == [reached, unreached]
    assert not Notice.objects.exists()
    assert not session.invitations.filter(released_at__isnull=False).exists()


def test_invitations_send_without_a_draft_goes_back_to_the_list(english, session):
    page = english.get(url("invitations_send", session), follow=True)

    assert page.redirect_chain == [(url("invitations", session), 302)]
    assert "There is no invitation to send." in words_of(page)


def test_invitations_send_lets_the_drafts_leave_that_were_shown(english, session):
    drafts = InvitationFactory.create_batch(2, session=session, released_at=None)
    expected = [one.pk for one in drafts]

    stale = english.post(url("invitations_send", session), {"expected": expected[:1]}, follow=True)
    sent = english.post(url("invitations_send", session), {"expected": expected}, follow=True)

    assert "Meanwhile the list has changed" in words_of(stale)
    assert "2 invitations have their numbers and are on their way." in words_of(sent)
    assert all(session.invitations.values_list("letter_number", flat=True))
    assert Notice.objects.filter(kind="invitation").count() == 2


@pytest.mark.parametrize("expected", ["9" * 5000, "9" * 30, "-1", "x"])
def test_invitations_send_of_what_is_no_draft_is_refused_in_words(english, session, expected):
    draft = InvitationFactory(session=session, released_at=None)
    sent = english.post(
        url("invitations_send", session), {"expected": [draft.pk, expected]}, follow=True
    )

    assert "Meanwhile the list has changed" in words_of(sent)
    draft.refresh_from_db()
    assert draft.released_at is None


def test_invitations_of_a_changed_session_wait_for_its_publishing(english, session):
    draft = InvitationFactory(session=session, released_at=None)
    session.ends_at = session.ends_at.replace(hour=12)
    session.save()

    page = words_of(english.get(url("invitations", session)))
    sent = english.post(url("invitations_send", session), {"expected": [draft.pk]}, follow=True)

    assert "They leave when the session is published as it stands now." in page
    assert "Look, then send" not in page
    assert "Publish the session first" in words_of(sent)
    draft.refresh_from_db()
    assert draft.released_at is None


def test_invitations_remind_counts_first_then_asks_once_a_day(english, session):
    silent = InvitationFactory(session=session)
    representative_of(silent.organization)
    InvitationFactory(session=session)
    InvitationFactory(session=session, status="accepted")
    path = url("invitations_remind", session)

    page = words_of(english.get(path))
    assert not Notice.objects.exists()
    first = words_of(english.post(path, follow=True))
    again = words_of(english.post(path, follow=True))

    assert "1 reminder goes out;" in page
    assert "1 party has no address, and no message reaches it: please call." in page
    assert page.count("no address: please call") == 1
    assert "1 reminder stands in the outbox. 1 party has no address: please call." in first
    assert "Nobody was left to remind" in again


# --- one invitation -----------------------------------------------------------------------------
def test_invitation_changes_its_places_but_not_below_the_named(english, session):
    invitation = InvitationFactory(session=session, quota=2)
    DelegateFactory.create_batch(2, invitation=invitation)
    path = url("invitation", invitation)

    more = english.post(path, {"quota": "៤"}, follow=True)
    fewer = english.post(path, {"quota": 1})
    none = english.post(path, {"quota": 0})

    assert "The number of places is noted." in words_of(more)
    assert "has already named 2 delegates." in words_of(fewer)
    assert none.status_code == 200
    invitation.refresh_from_db()
    assert invitation.quota == 4


def test_invitation_is_taken_back_in_words(english, session):
    draft = InvitationFactory(session=session, released_at=None)
    sent = InvitationFactory(session=session, status="accepted")

    before = [words_of(english.get(url("invitation", one))) for one in (draft, sent)]
    for one in (draft, sent):
        english.post(url("invitation_uninvite", one))
    again = english.post(url("invitation_uninvite", sent), follow=True)

    assert "it goes, and nobody is told" in before[0]
    assert "its people are told that they are not invited any more" in before[1]
    kept = session.invitations.get()
    assert (kept.pk, kept.withdrawn_at is None) == (sent.pk, False)
    assert "The invitation has been taken back." in words_of(again)
    assert english.get(url("invitation", sent)).status_code == 200


def test_invitation_letter_is_handed_over_and_then_known(english, session):
    invitation, draft = (
        InvitationFactory(session=session),
        InvitationFactory(session=session, released_at=None),
    )

    page = words_of(english.post(url("invitation_handed_over", invitation), follow=True))
    refused = words_of(english.post(url("invitation_handed_over", draft), follow=True))

    assert "It is noted that the letter was handed over today." in page
    assert "The invitation has not been sent yet." in refused
    told = Told.objects.get()
    assert (told.recipient, told.way, told.entry) == (
        _party(invitation),
        "letter",
        session.announced,
    )


def test_invitation_answer_shows_its_party_what_is_published(client, session):
    invitation = InvitationFactory(session=session)
    session.starts_at = session.starts_at.replace(day=27)
    session.ends_at = session.ends_at.replace(day=27)
    session.save()
    path = url("invitation_answer", invitation)
    client.force_login(representative_of(invitation.organization, language="en"))

    own = words_of(client.get(path))
    client.post(path, {"status": "accepted"})

    assert "26 March 2099" in own
    assert "27 March 2099" not in own
    assert "We are coming" in own
    invitation.refresh_from_db()
    assert (invitation.status, invitation.answered_by_way) == ("accepted", "account")


# --- letters ------------------------------------------------------------------------------------
def letter(invitation, **typed):
    return papers.letter_of(
        papers.for_letters(Invitation.objects.filter(pk=invitation.pk)).get(), typed
    )


def test_letter_says_what_is_published_in_khmer_and_english(session, province):
    session.forum.rules_en, session.forum.rules_km = "Speak in turn.\n\nListen.", "ស្តាប់"
    session.forum.save()
    chair = PresidingFactory(session=session, role="chair").presider
    chair.title_en, chair.title_km = "Chair of the secretariat", "ប្រធាន"
    chair.honorific = HonorificFactory(name_en="H.E.", name_km="ឯកឧត្តម")
    chair.save()
    invitation = InvitationFactory(
        session=session, quota=3, letter_number="0012/26", released_at=at(2, 9)
    )
    session.starts_at = session.starts_at.replace(hour=7)
    session.save()

    made = letter(invitation)

    khmer, english = made["parts"]
    assert (khmer["language"], english["language"]) == ("km", "en")
    assert english["head"]["number"] == "No. 0012/26"
    assert "០០១២/២៦" in khmer["head"]["number"]
    assert english["addressee"] == {"label": "To:", "lines": [invitation.organization.name_en]}
    assert english["facts"] == [
        {"label": "Day", "lines": ["Thursday 26 March 2099"]},
        {"label": "Time", "lines": ["08:00–11:00"]},
        {"label": "Venue", "lines": [session.venue.name_en]},
        {"label": "Places", "lines": ["3 delegates"]},
    ]
    assert english["closing"][1:4] == ["Rules of the session:", "Speak in turn.", "Listen."]
    assert khmer["signature"]["dates"] == [
        lunar.official(dt.date(2026, 3, 2)),
        f"{province.name_km} ថ្ងៃទី២ ខែមីនា ឆ្នាំ២០២៦",
    ]
    assert english["signature"] == {
        "dates": [f"{province.name_en}, 2 March 2026"],
        "role": "Chair of the secretariat",
        "name": "H.E. …………………………",
    }
    assert "/i/" in made["address"]
    assert english["qr_lines"] == ["testserver", "No. 0012/26"]
    assert english["closing"][0].endswith("or tell whoever hands this letter over.")
    assert [part["note"] for part in made["parts"]] == [
        "",
        "Translation: the letter in Khmer is the one that is signed.",
    ]


def test_letter_of_a_draft_has_no_number_no_code_and_says_so(session):
    draft = InvitationFactory(session=session, released_at=None)

    made = letter(draft)

    assert made["address"] == ""
    assert "No number yet" in made["parts"][1]["head"]["number"]
    assert "DRAFT" in made["parts"][1]["note"]


def test_letter_of_an_unpublished_session_says_draft(session):
    unpublished = SessionFactory(forum=session.forum, province=session.province)

    made = letter(InvitationFactory(session=unpublished, released_at=None))

    assert "DRAFT" in made["parts"][1]["note"]


def test_letter_dates_can_be_changed_or_left_empty(english, session):
    invitation = InvitationFactory(session=session)
    page = english.get(url("invitation_letter", invitation)).content.decode()

    made = letter(invitation, lunar="ថ្ងៃ ១កើត", solar="", english=None)

    assert papers.lines_of(invitation).lunar in page
    assert made["parts"][0]["signature"]["dates"] == ["ថ្ងៃ ១កើត"]
    assert len(made["parts"][1]["signature"]["dates"]) == 1


def test_letter_comes_as_pdf_and_as_word(english, session):
    invitation = InvitationFactory(session=session)

    pdf = english.get(url("letter_pdf", invitation, english="Some day"))
    word = english.get(url("letter_docx", invitation, english="Some day"))

    assert (pdf["Content-Type"], pdf["Content-Disposition"]) == (
        "application/pdf", 'inline; filename="invitation.pdf"',
    )  # fmt: skip
    assert "Some day" in "".join(pages_in(pdf.content))
    assert word["Content-Disposition"] == 'attachment; filename="invitation.docx"'
    document = docx.Document(io.BytesIO(word.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any("Some day" in text for text in cells)
    assert {pdf["Cache-Control"], word["Cache-Control"]} == {"private, no-store"}


def test_letter_of_the_invited_says_what_was_reckoned(client, session):
    invitation = InvitationFactory(session=session)
    client.force_login(representative_of(invitation.organization))
    reckoned = papers.lines_of(invitation).english

    pdf = client.get(url("letter_pdf", invitation, english="Some day", lunar="", solar=""))

    text = " ".join("".join(pages_in(pdf.content)).split())
    assert ("Some day" in text, reckoned in text) == (False, True)


@pytest.mark.parametrize(("which", "letters"), [("all", 3), ("drafts", 1), ("not_handed_over", 1)])
def test_letters_of_a_session_are_one_pdf(english, session, which, letters):
    InvitationFactory(session=session, released_at=None)
    InvitationFactory(session=session)
    InvitationFactory(session=session, handed_over_on=clock.today())
    InvitationFactory(session=session, withdrawn_at=clock.now())

    response = english.get(url("letters_pdf", session, which=which, own_dates="on"))

    assert len(opened(response.content).pages) == 2 * letters
    assert english.get(url("letters", session)).status_code == 200


def test_letters_that_cannot_be_say_why(english, session):
    none = english.get(url("letters_pdf", session), follow=True)
    invitation = InvitationFactory(session=session)
    session.status, session.cancelled_because = "cancelled", "The road is cut."
    announced(session)
    cancelled = english.get(url("letter_pdf", invitation), follow=True)
    postponed = InvitationFactory(
        session=SessionFactory(
            forum=session.forum, province=session.province, starts_at=None, ends_at=None
        ),
        released_at=None,
    )
    dayless = english.get(url("letter_pdf", postponed), follow=True)

    assert "There is no such letter." in words_of(none)
    assert "The session has been cancelled." in words_of(cancelled)
    assert "The session has no day yet." in words_of(dayless)


def test_letter_is_for_its_party_and_its_coordinators_alone(client, session, neighbor):
    invitation = InvitationFactory(session=session)
    readers = {
        "own": representative_of(invitation.organization),
        "other": representative_of(OrganizationFactory()),
        "office": official_of(AuthorityFactory()),
        "elsewhere": coordinator_of(neighbor),
    }
    got = {}
    for name, reader in readers.items():
        client.force_login(reader)
        pages = ("letter_pdf", "letter_docx", "invitation", "invitation_letter")
        got[name] = [client.get(url(page, invitation)).status_code for page in pages]

    assert got == {
        "own": [200, 403, 403, 403],
        "other": [404] * 4,
        "office": [404] * 4,
        "elsewhere": [404] * 4,
    }
    assert not AuditEntry.objects.exists()
