"""The pages of letters: from a notice to paper, the register, its filters and its tables."""

import datetime as dt
import io
import uuid

import openpyxl
import pytest
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.models import AuditEntry, subject_of
from issues.models import Issue, Letter, Referral
from outbox.models import Notice
from tests import factories as f
from tests.issues.stories import at
from tests.issues.test_views_evidence import photo

pytestmark = pytest.mark.django_db
REGISTER = reverse("issues:letters")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def referral():
    office = f.AuthorityFactory(name_en="Roads", name_km="Roads")
    found = f.issue_in("referred", authority=office).referrals.get()
    Referral.objects.update(handed_over_on=None, due_on=None)
    return Referral.objects.get(pk=found.pk)


@pytest.fixture
def desk(client, referral):
    """The client of a coordinator of the province."""
    return at(client, f.coordinator_of(referral.issue.province))


@pytest.fixture
def notice(referral):
    return f.NoticeFactory(
        subject=subject_of(referral),
        kind="first_referral",
        recipient=f"user:{f.official_of(referral.authority).pk}",
        province=referral.issue.province,
    )


@pytest.fixture
def letter(desk, notice):
    desk.post(reverse("issues:letter_make", args=[notice.pk]))
    return Letter.objects.get()


def address(name, letter):
    return reverse(f"issues:{name}", args=[letter.pk])


def test_letter_is_made_from_the_notice_printed_and_handed_over(desk, notice, referral):
    make = reverse("issues:letter_make", args=[notice.pk])
    page = reverse("issues:referral", args=[referral.pk])
    for offered in (notice.get_absolute_url(), page):
        assert make in desk.get(offered).text

    made = desk.post(make, follow=True)
    letter = Letter.objects.get()
    printed = desk.get(address("letter_pdf", letter), {"lunar": ""})
    word = desk.get(address("letter_docx", letter))
    said = {"on": clock.today(), "receiver": "Head of administration", "scan": photo()}
    answer = desk.post(address("letter_hand_over", letter), said, follow=True)

    letter.refresh_from_db()
    scan = desk.get(address("letter_scan", letter))
    kept = b"".join(scan.streaming_content)
    assert letter.number in made.text
    assert (printed.content[:5], word.content[:2]) == (b"%PDF-", b"PK")
    assert "no-store" in printed.headers["Cache-Control"]
    assert "It is noted that it was handed over." in answer.text
    assert (letter.handed_over_on, letter.scan_kind) == (clock.today(), "image")
    assert (kept[:2], scan.headers["Content-Type"]) == (b"\xff\xd8", "image/jpeg")
    assert Notice.objects.get().state == "cancelled"
    assert Referral.objects.get().handed_over_on == clock.today()
    assert letter.number in desk.get(page).text


def test_scan_that_is_none_is_refused_in_a_sentence(desk, letter):
    file = io.BytesIO(b"not a picture")
    file.name = "scan.pdf"

    answer = desk.post(address("letter_scan_add", letter), {"scan": file})

    assert "This is neither a photo" in answer.text
    assert Letter.objects.get().scan.name == ""


def test_cancelled_letter_stays_in_the_register_with_its_reason(desk, letter):
    desk.post(address("letter_cancel", letter), {"because": "Misprinted."})

    assert "Misprinted." in desk.get(REGISTER).text
    assert desk.get(address("letter_pdf", letter)).status_code == 302


def test_letter_that_came_in_is_entered_for_its_referral(desk, referral):
    page = reverse("issues:letter_new") + f"?referral={referral.pk}"
    form = desk.get(page).context["form"]
    typed = {
        "client_key": uuid.uuid4(),
        "province": referral.issue.province_id,
        "on": clock.today(),
        "number": "45/26",
        "authority": referral.authority_id,
        "subject": "Answer of the office",
        "reference": referral.issue.reference,
    }

    refused = desk.post(page, typed | {"reference": "00-2026-0000", "authority": ""})
    entered, _again = (desk.post(page, typed, follow=True) for _press in range(2))
    conflict = desk.post(page, typed | {"subject": "Another"})

    letter = Letter.objects.get()
    page = desk.get(letter.get_absolute_url()).text
    number = f"{referral.issue.province_id}-0001/{clock.today():%y}"
    assert f"Write its number on it: {number}" in entered.text
    assert f"Letter in, No. {number}" in page
    assert form["reference"].value() == referral.issue.reference
    assert "No issue of yours has this reference." in refused.text
    assert "Say who wrote it." in refused.text
    assert (letter.number, letter.arrival, letter.referral) == ("45/26", number, referral)
    assert conflict.status_code == 409


def test_register_holds_letters_and_numbered_invitations_without_a_word_of_an_issue(desk, letter):
    issue = letter.issue
    invitation = f.InvitationFactory(
        session__province=issue.province, released_at=clock.now(), letter_number="0099/26"
    )
    Letter.objects.create(
        direction="in", province=issue.province, on=clock.today() - dt.timedelta(400),
        party="Deputy Governor", subject="Thanks", number="7/x", arrival="19-0007/25",
        created_at=clock.now(), created_by=issue.author,
    )  # fmt: skip

    page = desk.get(REGISTER)
    found = {
        name: [row.number for row in desk.get(REGISTER, asked).context["rows"]]
        for name, asked in {
            "all": {},
            "in": {"direction": "in"},
            "year": {"year": clock.today().year},
            "khmer": {"q": "០០៩៩"},
            "reference": {"q": issue.reference},
            "party": {"q": "governor"},
            "arrival": {"q": "១៩-០០០៧"},
            "theirs": {"q": "7/x"},
            "mistyped": {"province": "x", "year": "x"},
        }.items()
    }

    assert found == {
        "all": ["0099/26", letter.number, "19-0007/25"],
        "in": ["19-0007/25"],
        "year": ["0099/26", letter.number],
        "khmer": ["0099/26"],
        "reference": [letter.number],
        "party": ["19-0007/25"],
        "arrival": ["19-0007/25"],
        "theirs": ["19-0007/25"],
        "mistyped": ["0099/26", letter.number, "19-0007/25"],
    }
    assert "their No. 7/x" in page.text
    assert issue.title not in page.text
    assert invitation.session.forum.name_en in page.text


def test_register_is_taken_as_a_table_and_that_is_written_down(desk, letter):
    Letter.objects.update(party="=cmd()")
    csv, xlsx = (reverse("issues:letters_export", args=[kind]) for kind in ("csv", "xlsx"))

    opened, text, sheet = desk.get(csv), desk.post(csv + "?q=0001"), desk.post(xlsx)

    cells = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.values)
    assert opened.status_code == 302
    assert letter.number in text.content.decode("utf-8-sig")
    assert (cells[0][:4], cells[1][1], cells[1][4][:2]) == (
        ("Direction", "Number", "The sender's number", "Date"),
        letter.number,
        "'=",
    )
    assert [one.change["filters"] for one in AuditEntry.objects.filter(action="issue.export")] == [
        ["letters.q"],
        ["letters"],
    ]


@pytest.mark.parametrize("count", [1, 12])
def test_register_asks_the_same_few_queries_for_one_row_and_for_many(
    desk, letter, count, django_assert_max_num_queries
):
    for number in range(count):
        f.InvitationFactory(
            session__province=letter.province, released_at=clock.now(), letter_number=f"9{number}"
        )
        Letter.objects.create(
            direction="in", province=letter.province, on=clock.today(), party="Governor",
            subject="Thanks", arrival=f"19-{number}/26", created_at=clock.now(),
            created_by=letter.created_by,
        )  # fmt: skip

    with django_assert_max_num_queries(17):
        desk.get(REGISTER)


def test_letter_opens_to_nobody_else(client, letter):
    Issue.objects.update(disclosure="confidential")
    readers = {
        "everywhere": f.coordinator_of(None),
        "elsewhere": f.coordinator_of(f.ProvinceFactory(code="16")),
        "official": f.official_of(letter.authority),
        "administrator": f.administrator(),
    }
    names = ("letter", "letter_hand_over", "letter_cancel", "letter_scan_add")

    got = {
        reader: {at(client, user).get(address(name, letter)).status_code for name in names}
        for reader, user in readers.items()
    }
    confidential = at(client, readers["everywhere"]).get(address("letter", letter)).text

    assert got == {
        "everywhere": {200},
        "elsewhere": {404},
        "official": {403},
        "administrator": {403},
    }
    assert letter.issue.title not in confidential
