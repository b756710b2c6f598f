"""The pages of the minutes, as each reader gets them."""

import io
import re
import uuid

import pytest
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from audit import clock
from forum.models import Session
from minutes.models import Comment, Minutes, Passage
from outbox.models import Notice
from tests.factories import announced
from tests.minutes.story import HELD, NOW, Story

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def story():
    return Story()


def page(story, name="minutes", *more, **query):
    address = reverse(f"minutes:{name}", args=[story.session.pk, *more])
    return address + "?" + "&".join(f"{key}={value}" for key, value in query.items())


@pytest.fixture
def read(client):
    """The text of a page in English, read by this person; None for the public."""

    def reading(address, by=None, status=200):
        client.logout()
        if by:
            client.force_login(by)
        answer = client.get(address, headers={"accept-language": "en"})
        assert answer.status_code == status, address
        return answer.content.decode()

    return reading


@pytest.fixture
def send(client):
    """What answers the form, sent by this person in English."""

    def sending(address, by, **typed):
        client.force_login(by)
        return client.post(address, typed, headers={"accept-language": "en"})

    return sending


def test_looking_at_a_session_without_minutes_writes_nothing(story, read):
    text = read(page(story), story.coordinator)

    assert "Issue restricted" in text
    assert "Next: send the minutes for comment." in text
    assert "Issue restricted" in read(page(story), story.representative)  # the room agreed on it
    read(page(story), None, 404)
    Session.objects.update(status="open", released_at=None)
    for stranger in (story.representative, story.official):
        read(page(story), stranger, 404)
    assert not Minutes.objects.exists()


def test_each_reader_gets_their_edition(story, read):
    story.send()
    room = read(page(story), story.representative)
    official = read(page(story), story.official)
    read(page(story), None, 404)
    handed = read(page(story, edition="room"), story.coordinator)
    story.approve()
    story.publish()
    public = read(page(story))
    asked = read(page(story, edition="secretariat"))

    titles = ["public", "restricted", "confidential", "frozen", "concerning"]

    def seen(text):
        return [name for name in titles if f"Issue {name}" in text]

    assert seen(room) == ["public", "restricted", "concerning"]
    assert seen(official) == seen(handed) == ["public", "restricted"]
    assert seen(public) == seen(asked) == ["public"]
    assert "Comment on this" in room
    assert "For the secretariat" not in room + public


def test_the_sessions_page_leads_to_the_minutes_of_whom_they_are_for(story, read):
    announced(story.session, HELD)
    session, way = story.session.get_absolute_url(), f'href="{page(story).rstrip("?")}"'
    people = {"public": None, "invited": story.representative, "coordinator": story.coordinator}

    def led():
        return [name for name, by in people.items() if way in read(session, by)]

    before = led()
    story.send()
    sent = led()
    story.approve()
    chip = "Minutes published"
    assert chip not in read(story.session.forum.get_absolute_url())
    story.publish()

    assert before == sent == ["invited", "coordinator"]
    assert led() == list(people)
    assert chip in read(story.session.forum.get_absolute_url())
    assert "Governor Name" in read(page(story))


def test_papers_are_drawn_for_the_public_only_so_often(story, client, settings):
    story.send()
    story.approve()
    story.publish()
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "public_paper": "1/h/ip"}
    cache.clear()
    paper = reverse("minutes:minutes_pdf", args=[story.session.pk])

    answers = [client.get(paper).status_code for _ in range(2)]
    client.force_login(story.coordinator)

    assert (answers, client.get(paper).status_code) == ([200, 429], 200)


def test_minutes_of_a_session_nobody_published_lead_the_public_nowhere(story, read):
    story.settled(published=True)
    way = f'href="{story.session.get_absolute_url()}"'

    assert [way in read(page(story), by) for by in (None, story.representative)] == [False, True]


def test_a_passage_that_was_changed_meanwhile_keeps_what_was_typed(story, send):
    address = page(story, "passage", "opening", "en")
    assert send(address, story.coordinator, text="Mine.", seen=0).status_code == 302
    answer = send(address, story.coordinator, text="Slower.", seen=0)

    assert Passage.objects.get().text == "Mine."
    text = answer.content.decode()
    assert "has changed this passage meanwhile" in text
    assert "Slower." in text
    assert "<blockquote" in text


def test_minutes_go_their_whole_way_by_their_pages(story, send, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    by, item = story.coordinator, story.items["restricted"]
    answers = [
        send(page(story, "number"), by, number="12/26"),
        send(page(story, "discussion", item.pk, "km"), by, text="ពាក្យ", seen=0),
        send(page(story, "send"), by, until="2026-04-20", seen=0),
        send(
            page(story, "comment_item", item.pk),
            story.representative,
            client_key=uuid.uuid4(),
            invitation=story.invitation.pk,
            text="Please add.",
        ),
        send(
            page(story, "comment_answer", Comment.objects.get().pk),
            by,
            is_taken_up="no",
            answer="It stands there.",
        ),
        send(page(story, "approve"), by, scan=_photo(), **_signed()),
        send(page(story, "publish"), by),
        send(page(story, "withdraw"), by, because="A slip."),
        send(
            page(story, "amend"),
            by,
            client_key=uuid.uuid4(),
            item=item.pk,
            text_en="Ten.",
            reason="A slip.",
            on="2026-04-10",
        ),
    ]

    assert [one.status_code for one in answers] == [302] * 9
    minutes = Minutes.objects.get()
    assert (minutes.status, minutes.number, minutes.scan_kind) == ("approved", "12/26", "image")
    assert minutes.amendments.get().item == item
    assert set(Notice.objects.filter(subject=f"minutes:{minutes.pk}").values_list("kind")) == {
        ("minutes_for_comment",),
        ("minutes_published",),
        ("minutes_amended",),
    }


def test_minutes_that_changed_since_the_form_was_opened_are_not_approved(story, send, read):
    story.send()
    opened = read(page(story, "approve"), story.coordinator)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', opened)[1]
    story.write("By somebody else.")
    answer = send(page(story, "approve"), story.coordinator, seen=seen, **_signed())

    assert "The minutes have changed meanwhile." in answer.content.decode()
    assert Minutes.objects.get().status == "for_comment"


def _signed():
    found = {}
    for role in ("chair", "co_presider"):
        found |= {f"title_{role}": "Governor", f"name_{role}": "Name", f"on_{role}": "2026-04-09"}
    return found


def _photo():
    made = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(made, "PNG")
    made.seek(0)
    made.name = "signed.png"
    return made


def test_the_scan_is_for_coordinators_alone(story, client, read, settings, tmp_path, send):
    settings.MEDIA_ROOT = tmp_path
    story.settled(published=True)
    read(page(story, "scan"), story.coordinator, 404)
    bad = io.BytesIO(b"no scan")
    bad.name = "signed.pdf"
    assert (
        "neither a photo"
        in send(page(story, "scan_add"), story.coordinator, scan=bad).content.decode()
    )
    send(page(story, "scan_add"), story.coordinator, scan=_photo())

    client.force_login(story.coordinator)
    answer = client.get(page(story, "scan"))
    assert answer["Content-Type"] == "image/jpeg"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    client.force_login(story.representative)
    assert client.get(page(story, "scan")).status_code == 403


def test_comments_are_read_by_their_party_and_the_secretariat(story, read):
    story.send()
    story.say("Please add the date.")

    assert "Please add the date." in read(page(story), story.coordinator)
    assert "Please add the date." in read(page(story), story.representative)
    assert "Please add the date." not in read(page(story), story.official)
    # Of what is hidden from them nobody can comment, nor learn by trying.
    hidden = story.items["concerning"].pk
    read(page(story, "comment_item", hidden), story.official, 404)


def test_a_comment_of_before_with_other_words_is_409(story, send):
    story.send()
    typed = {"client_key": uuid.uuid4(), "invitation": story.invitation.pk}
    address = page(story, "comment", "opening")
    first = send(address, story.representative, text="One.", **typed)
    again = send(address, story.representative, text="One.", **typed)
    other = send(address, story.representative, text="Two.", **typed)

    assert [first.status_code, again.status_code, other.status_code] == [302, 302, 409]


def test_files_are_in_the_language_asked_for(story, client):
    client.force_login(story.coordinator)
    khmer = client.get(page(story, "minutes_pdf", lang="km"))
    word = client.get(page(story, "minutes_docx", lang="en"))

    assert (khmer["Content-Language"], khmer["Content-Type"]) == ("km", "application/pdf")
    assert word["Content-Disposition"] == (
        f'attachment; filename="minutes-{story.session.pk}-en.docx"'
    )
    assert khmer["Cache-Control"] == word["Cache-Control"] == "private, no-store"


def test_a_paper_is_checked_by_anybody_without_learning_a_title(story, read):
    minutes = story.settled()
    address = reverse("minutes:verify", args=[minutes.code])
    before = read(address)
    story.publish()
    after = read(address)

    assert minutes.checksum in before
    assert "Friday 10 April 2026" in before
    assert "Not published" in before
    assert "Issue public" not in before + after
    assert minutes.get_absolute_url() in after
    read(reverse("minutes:verify", args=["unknown"]), None, 404)


def test_the_page_costs_the_same_however_many_items(story, client, django_assert_max_num_queries):
    client.force_login(story.coordinator)
    client.get(page(story))
    with django_assert_max_num_queries(34):
        client.get(page(story))
