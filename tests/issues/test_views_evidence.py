"""Files of an issue: added, served to its readers alone, removed."""

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit import clock
from issues import actions
from issues.models import Evidence
from tests import factories as f
from tests.issues.stories import at, draft_of, referred

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def photo(name="road.jpg", exif=None) -> SimpleUploadedFile:
    out = io.BytesIO()
    options = {"exif": exif} if exif else {}
    Image.new("RGB", (64, 48), "green").save(out, "JPEG", **options)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def drained(response) -> bytes:
    """The whole answer, read to its end so that its file is closed."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def document() -> SimpleUploadedFile:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    return SimpleUploadedFile("letter.pdf", out.getvalue(), "application/pdf")


def test_draft_files_keeps_the_good_ones_and_names_the_others(client, author, organization):
    issue = draft_of(organization, author)
    wrong = SimpleUploadedFile("notes.jpg", b"<html>not a photo</html>", "image/jpeg")

    response = at(client, author).post(
        reverse("issues:draft_files", args=[issue.client_key]),
        {"files": [photo(), wrong, document()]},
    )

    page = response.content.decode()
    (sentence,) = response.context["form"].errors["files"]
    assert sentence.startswith("notes.jpg: This is neither a photo")
    assert response.templates[0].name == "issues/step.html"
    assert len(response.context["evidence"]) == 2
    assert list(issue.evidence.values_list("kind", flat=True)) == ["image", "pdf"]
    assert "notes.jpg: This is neither a photo" in page
    assert "2 files were added." in page


def test_draft_files_refuses_a_file_over_ten_megabytes(client, author, organization, settings):
    settings.EVIDENCE_MAX_BYTES = 100
    issue = draft_of(organization, author)

    response = at(client, author).post(
        reverse("issues:draft_files", args=[issue.client_key]), {"files": [photo()]}
    )

    assert response.context["form"].errors["files"]
    assert b"road.jpg: The file is over 10 MB." in response.content
    assert not issue.evidence.exists()


def test_draft_files_without_a_file_says_so(client, author, organization):
    url = reverse("issues:draft_files", args=[draft_of(organization, author).client_key])

    response = at(client, author).post(url, {"go": "stay"})

    assert b"Choose at least one file." in response.content
    assert "files" in response.context["form"].errors


def test_a_photo_is_served_without_its_place(client, author, organization):
    issue = draft_of(organization, author)
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (12.0, 30.0, 15.0)})
    exif[0x010F] = "A telephone of Bousra"
    at(client, author).post(
        reverse("issues:draft_files", args=[issue.client_key]), {"files": [photo(exif=exif)]}
    )

    response = client.get(reverse("issues:evidence", args=[issue.evidence.get().key]))
    content = drained(response)

    assert dict(Image.open(io.BytesIO(content)).getexif()) == {}
    assert b"Bousra" not in content


def test_evidence_is_fenced_and_has_a_neutral_name(client, author, organization):
    issue = draft_of(organization, author)
    at(client, author).post(
        reverse("issues:draft_files", args=[issue.client_key]), {"files": [photo(), document()]}
    )
    first, second = issue.evidence.all()

    response = client.get(reverse("issues:evidence", args=[second.key]))
    drained(response)
    small = client.get(reverse("issues:thumbnail", args=[first.key]))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="document-2.pdf"'
    assert small["Content-Type"] == "image/jpeg"
    for one in (response, small):
        assert one["X-Content-Type-Options"] == "nosniff"
        assert one["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert one["Cache-Control"].startswith("private")
    assert client.get(reverse("issues:thumbnail", args=[second.key])).status_code == 404


def test_evidence_is_served_to_readers_of_the_issue_alone(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())
    file = f.EvidenceFactory(issue=issue, added_by=author)
    url = reverse("issues:evidence", args=[file.key])
    statuses = {}
    people = {
        "author": author,
        "coordinator": coordinator,
        "official": f.official_of(office),
        "another office": f.official_of(f.AuthorityFactory()),
        "another organization": f.representative_of(f.OrganizationFactory()),
        "administrator": f.administrator(),
    }
    for name, user in people.items():
        response = at(client, user).get(url)
        statuses[name] = response.status_code
        drained(response)

    assert statuses == {
        "author": 200,
        "coordinator": 200,
        "official": 200,
        "another office": 404,
        "another organization": 404,
        "administrator": 404,
    }
    assert at(client, None).get(url).status_code == 302


def test_evidence_lost_from_the_storage_is_not_found(client, author, organization):
    file = f.EvidenceFactory(issue=draft_of(organization, author))
    file.file.storage.delete(file.file.name)

    url = reverse("issues:evidence", args=[file.key])
    assert at(client, author).get(url).status_code == 404


def test_evidence_remove_takes_a_file_off_a_draft(client, author, organization):
    issue = draft_of(organization, author)
    file = f.EvidenceFactory(issue=issue)

    response = at(client, author).post(reverse("issues:evidence_remove", args=[file.key]))

    assert response.url == reverse("issues:draft_files", args=[issue.client_key])
    assert not Evidence.objects.exists()


def test_evidence_remove_is_refused_once_the_issue_was_sent(client, author, organization):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    file = f.EvidenceFactory(issue=issue)

    url = reverse("issues:evidence_remove", args=[file.key])
    assert at(client, author).post(url).status_code == 403
    assert at(client, author).get(url).status_code == 405


def test_issue_files_adds_to_an_open_issue(client, author, organization, office, coordinator):
    issue = referred(organization, author, coordinator, office)
    url = reverse("issues:issue_files", args=[issue.reference])

    assert at(client, author).get(url).status_code == 200
    assert client.post(url, {"files": [photo()]}).url == issue.get_absolute_url()
    assert issue.evidence.count() == 1
    assert at(client, f.official_of(office)).post(url, {"files": [photo()]}).status_code == 403


def test_issue_files_adds_nothing_to_a_closed_issue(client, author, organization):
    issue = f.issue_in("closed", organization=organization)

    response = at(client, author).post(
        reverse("issues:issue_files", args=[issue.reference]), {"files": [photo()]}
    )

    assert response.templates[0].name == "issues/act_form.html"
    assert b"nothing can be added" in response.content
    assert not issue.evidence.exists()


def test_evidence_of_another_offices_answer_is_not_there_for_an_office(
    client, author, organization, office, coordinator
):
    issue = referred(organization, author, coordinator, office)
    other = f.ReferralFactory(issue=issue)
    own, theirs = (
        f.ResponseFactory(referral=one, by=f.official_of(one.authority))
        for one in (issue.referrals.get(authority=office), other)
    )
    hidden = f.EvidenceFactory(issue=issue, response=theirs)
    files = [f.EvidenceFactory(issue=issue, response=one) for one in (None, own)]

    def answers(person):
        at(client, person)
        got = [client.get(reverse("issues:evidence", args=[one.key])) for one in (hidden, *files)]
        return [drained(one) and one.get("Content-Disposition", one.status_code) for one in got]

    first, *_rest = answers(f.official_of(office))
    assert first == 404
    assert [name.rpartition("-")[2][0] for name in _rest] == ["1", "2"]
    assert 404 not in answers(author)
    assert 404 not in answers(coordinator)
