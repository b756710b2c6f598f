"""Recordings: heard inside alone; an office reads what a coordinator wrote down."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit import clock
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues import actions
from issues.models import Evidence
from issues.page import page_of, readable
from tests import factories as f
from tests.issues.stories import at, draft_of, referred
from tests.issues.stories import page_of as issue_page
from tests.issues.test_audio import recording
from tests.issues.test_documents import docx, paragraph

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]
WORDS = "The bridge broke in July.\nNobody came since."


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def issue(organization, author, coordinator, office):
    return referred(organization, author, coordinator, office)


@pytest.fixture
def official(office):
    return f.official_of(office)


@pytest.fixture
def sound(issue):
    return f.EvidenceFactory(issue=issue, kind="audio", is_inside=True)


def sent(client, issue, *uploads):
    url = reverse("issues:issue_files", args=[issue.reference])
    return client.post(url, {"files": uploads})


def write(sound, by, text=WORDS, **more):
    return actions.transcribe(sound, by=by, now=clock.now(), text=text, **more)


def drained(response) -> bytes:
    return b"".join(response.streaming_content)


def referral_page(client, user, issue) -> str:
    url = reverse("issues:referral", args=[issue.referrals.get().pk])
    return at(client, user).get(url).content.decode()


# --- files --------------------------------------------------------------------------------------
def test_a_recording_is_kept_inside_and_served_as_a_file(client, author, issue):
    upload = SimpleUploadedFile("voice of the chief.m4a", recording(), "audio/mp4")

    assert sent(at(client, author), issue, upload).status_code == 302

    row = issue.evidence.get()
    response = client.get(reverse("issues:evidence", args=[row.key]))
    content = drained(response)
    assert (row.kind, row.is_inside, row.scan) == ("audio", True, "")
    assert response["Content-Type"] == "audio/mp4"
    assert response["Content-Disposition"] == 'attachment; filename="recording-1.m4a"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert content[4:8] == b"ftyp"
    assert b"Bousra" not in content


def test_a_word_document_is_served_as_a_file(client, author, issue):
    upload = SimpleUploadedFile("a.docx", docx(paragraph("The road")), "application/zip")

    assert sent(at(client, author), issue, upload).status_code == 302

    row = issue.evidence.get()
    response = client.get(reverse("issues:evidence", args=[row.key]))
    assert drained(response).startswith(b"PK")
    assert (row.kind, row.is_inside) == ("docx", False)
    assert response["Content-Type"].endswith("wordprocessingml.document")
    assert response["Content-Disposition"] == 'attachment; filename="document-1.docx"'


def test_an_office_answers_without_recordings(client, official, issue):
    upload = SimpleUploadedFile("voice.m4a", recording(), "audio/mp4")
    url = reverse("issues:referral_respond", args=[issue.referrals.get().pk])
    typed = {"client_key": str(uuid.uuid4()), "text": "We look at it.", "files": [upload]}

    response = at(client, official).post(url, typed)

    assert response.context["form"].errors["files"][0] == (
        "voice.m4a: An answer holds no recording. Send photos or documents."
    )
    assert not Evidence.objects.exists()


def test_a_recording_can_never_be_shown_to_offices(sound):
    sound.is_inside = False
    with pytest.raises(IntegrityError), transaction.atomic():
        sound.save()


@pytest.mark.parametrize("kind", ["audio", "pdf", "image"])
def test_what_stays_inside_is_for_the_organization_and_its_coordinators_alone(
    client, issue, author, coordinator, official, kind
):
    row = f.EvidenceFactory(issue=issue, kind=kind, is_inside=True, thumbnail=b"small")
    people = {
        "author": author,
        "coordinator": coordinator,
        "official": official,
        "coordinator elsewhere": f.coordinator_of(f.ProvinceFactory(code="16")),
        "another organization": f.representative_of(f.OrganizationFactory()),
        "administrator": f.administrator(),
    }
    seen = {name for name, one in people.items() if Evidence.objects.visible_to(one).exists()}
    statuses = {
        client.get(reverse(f"issues:{name}", args=[row.key])).status_code
        for name in ("evidence", "thumbnail")
        if at(client, official)
    }

    assert seen == {"author", "coordinator"}
    assert statuses == {404}


def test_an_office_is_not_told_of_files_that_stay_inside(client, issue, author, official):
    hidden = f.EvidenceFactory(issue=issue, is_inside=True)
    shown = f.EvidenceFactory(issue=issue)
    silent = f.EvidenceFactory(issue=issue, kind="audio", is_inside=True)

    page = referral_page(client, official, issue)
    assert str(shown.key) in page
    for one in (hidden, silent):
        assert str(one.key) not in page
    assert "Recording" not in page

    inside = referral_page(client, author, issue)
    assert all(str(one.key) in inside for one in (hidden, shown, silent))
    assert "Not shown to any office" in inside


# --- what is said -------------------------------------------------------------------------------
def test_transcribe_gives_the_office_the_words_and_never_the_sound(
    client, issue, sound, coordinator, author, official
):
    write(sound, coordinator)

    office, organization = (referral_page(client, one, issue) for one in (official, author))
    assert "The bridge broke in July." in office
    assert "The bridge broke in July." in organization
    assert str(sound.key) not in office
    assert f'<audio controls preload="none" src="/evidence/{sound.key}/">' in organization
    assert "<audio" not in office


def test_transcribe_is_recorded_without_the_words(issue, sound, coordinator):
    written = write(sound, coordinator)

    entry = AuditEntry.objects.get(action="issue.transcribe")
    assert (written.transcript, written.transcribed_by) == (WORDS, coordinator)
    assert (entry.actor, entry.role, entry.subject, entry.change) == (
        coordinator,
        "coordinator",
        f"issue:{issue.pk}",
        {"file": sound.pk},
    )
    write(sound, coordinator)
    assert AuditEntry.objects.filter(action="issue.transcribe").count() == 1


def test_transcribe_is_for_coordinators_of_the_province_alone(sound, author, official):
    elsewhere = f.coordinator_of(f.ProvinceFactory(code="16"))
    for person in (author, official, elsewhere):
        with pytest.raises(PermissionDenied):
            write(sound, person)

    sound.refresh_from_db()
    assert sound.transcript == ""


def test_transcribe_is_for_recordings_of_issues_that_were_sent(issue, organization, coordinator):
    photo = f.EvidenceFactory(issue=issue, kind="image")
    draft = draft_of(organization, f.representative_of(organization))
    early = f.EvidenceFactory(issue=draft, kind="audio", is_inside=True)

    for row in (photo, early):
        with pytest.raises(TransitionError):
            write(row, coordinator)


def test_transcribe_keeps_what_somebody_else_wrote_meanwhile(sound, coordinator):
    write(sound, coordinator, seen="")

    with pytest.raises(Conflict):
        write(sound, coordinator, "Another text", seen="")

    sound.refresh_from_db()
    assert sound.transcript == WORDS
    assert write(sound, coordinator, "A better text", seen=WORDS).transcript == "A better text"


def test_the_page_of_a_recording_keeps_what_is_typed(client, issue, sound, coordinator):
    url = reverse("issues:evidence_transcript", args=[sound.key])
    page = at(client, coordinator).get(url)
    assert page.context["form"].initial == {"text": "", "seen": ""}
    assert f'src="/evidence/{sound.key}/"' in page.content.decode()

    assert client.post(url, {"text": "", "seen": ""}).status_code == 200
    typed = WORDS.replace("\n", "\r\n")
    assert client.post(url, {"text": typed, "seen": ""}).url == issue.get_absolute_url()
    sound.refresh_from_db()
    assert sound.transcript == WORDS

    late = client.post(url, {"text": "Another text", "seen": ""})
    assert late.status_code == 409
    assert "Meanwhile somebody else wrote it down" in late.content.decode()
    assert "Another text" in late.content.decode()
    assert "The bridge broke in July." in late.content.decode()

    assert client.post(url, {"text": "Better", "seen": typed}).url == issue.get_absolute_url()


def test_the_page_of_a_recording_is_for_coordinators_alone(client, issue, sound, author, official):
    url = reverse("issues:evidence_transcript", args=[sound.key])
    photo = f.EvidenceFactory(issue=issue, kind="image")
    other = reverse("issues:evidence_transcript", args=[photo.key])

    assert at(client, author).get(url).status_code == 403
    assert at(client, official).get(url).status_code == 404
    assert client.get(other).status_code == 404
    assert at(client, None).get(url).status_code == 302


def test_the_issues_page_gives_each_reader_what_is_theirs(issue, sound, author, official):
    written = f.EvidenceFactory(issue=issue, kind="audio", is_inside=True, transcript=WORDS)
    scan = f.EvidenceFactory(issue=issue, is_inside=True)
    letter = f.EvidenceFactory(issue=issue)

    assert set(issue.evidence.listed(inside=True)) == {sound, written, scan, letter}
    assert set(issue.evidence.listed(inside=False)) == {written, letter}
    now = {"now": clock.now(), "today": clock.today()}
    listed = {
        name: {one.pk for one in page_of(readable(user).get(pk=issue.pk), user, **now).evidence}
        for name, user in {"author": author, "official": official}.items()
    }
    assert listed == {
        "author": {sound.pk, written.pk, scan.pk, letter.pk},
        "official": {written.pk, letter.pk},
    }


def test_the_issues_page_plays_no_recording_to_an_office(
    client, issue, sound, author, coordinator, official
):
    write(sound, coordinator)
    pages = {
        name: issue_page(client, user, issue)
        for name, user in {"author": author, "us": coordinator, "office": official}.items()
    }

    assert all("The bridge broke in July." in page for page in pages.values())
    assert {name for name, page in pages.items() if "<audio" in page} == {"author", "us"}
    assert {name for name, page in pages.items() if str(sound.key) in page} == {"author", "us"}
    assert {name for name, page in pages.items() if "Correct what is said" in page} == {"us"}
