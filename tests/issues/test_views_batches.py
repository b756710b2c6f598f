"""The pages of a file of issues."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Batch, Issue
from tests import factories as f
from tests.factories_more import BatchFactory
from tests.issues.sheets import as_csv, as_xlsx, good
from tests.issues.stories import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    f.ThemeFactory(code="land")
    f.LocalityFactory(code="11010101", name_en="Pu Char")
    f.OrganizationFactory(slug="red-hills", name_en="Red hills")
    return f.coordinator_of(f.ProvinceFactory())


def send(client, content, name="issues.xlsx", key="5e0ce5b1-7c27-4e35-9a4e-3a2fa1b4d5c6"):
    upload = SimpleUploadedFile(name, content)
    return client.post(reverse("issues:batch_new"), {"file": upload, "client_key": key})


def work():
    actions.take_in_some(now=clock.now())


def page(client, batch, **headers) -> str:
    return client.get(reverse("issues:batch", args=[batch.pk]), headers=headers).content.decode()


def test_file_is_sent_checked_and_taken_in_by_one_press(client, user):
    at(client, user)
    response = send(client, as_xlsx(good(1, village="Pu Char"), good(2)))
    batch = Batch.objects.get()
    assert response.url == reverse("issues:batch", args=[batch.pk])
    waiting = page(client, batch)
    assert '<progress value="0" max="2"' in waiting
    assert 'hx-trigger="every 2s"' in waiting

    work()
    checked = page(client, batch)
    assert "Take in 2 issues" in checked
    assert "The road is cut at kilometre 1" in checked
    assert "An office will read: The raising organization" in checked
    assert "Pu Char" not in checked

    client.post(reverse("issues:batch_commit", args=[batch.pk]))
    work()
    done = page(client, batch)
    assert "2 issues were taken in." in done
    assert all(one.get_absolute_url() in done for one in Issue.objects.all())


def test_same_form_twice_is_one_file_and_another_file_is_a_conflict(client, user):
    at(client, user)

    answers = [send(client, content) for content in (as_csv(good()), as_csv(good()))]

    assert [one.status_code for one in answers] == [302, 302]
    assert send(client, as_csv(good(2))).status_code == 409
    assert Batch.objects.count() == 1


def test_file_that_cannot_be_read_is_refused_beside_the_field(client, user):
    response = send(at(client, user), b"PK\x03\x04damaged")

    assert "The file cannot be read. Open it, save it again" in response.content.decode()
    assert not Batch.objects.exists()


def test_faults_stand_on_pages_and_in_a_file(client, user):
    at(client, user)
    send(client, as_csv(*[good(number, people="0") for number in range(101)]))
    work()
    batch = Batch.objects.get()

    first = page(client, batch)
    listed = client.get(reverse("issues:batch_faults", args=[batch.pk])).content.decode("utf-8-sig")

    assert "101 places in the file have to be corrected" in first
    assert first.count("Write a number from 1 to 20000000.") == 100
    rows = list(csv.reader(io.StringIO(listed)))
    assert rows[0] == ["Line", "Column", "What is wrong"]
    assert rows[101] == ["102", "People affected", "Write a number from 1 to 20000000."]


def test_progress_asks_until_there_is_none(client, user):
    batch = BatchFactory(by=user, state="taking_in", done=1)
    at(client, user)

    partial = page(client, batch, HX_Request="true")
    Batch.objects.update(state="done")
    ended = client.get(reverse("issues:batch", args=[batch.pk]), headers={"HX-Request": "true"})

    assert "1 of 2 lines" in partial
    assert "<html" not in partial
    assert ended.headers["HX-Refresh"] == "true"


def test_drop_says_that_the_rows_are_erased(client, user):
    at(client, user)
    send(client, as_csv(good()))
    batch = Batch.objects.get()

    client.post(reverse("issues:batch_drop", args=[batch.pk]))

    assert "what was in it is erased" in page(client, batch)
    late = client.post(reverse("issues:batch_commit", args=[batch.pk]), follow=True)
    assert "meanwhile the file is “Dropped”" in late.content.decode()


@pytest.mark.parametrize("act", ["batch_commit", "batch_drop"])
def test_others_file_is_not_there(client, act, user):
    batch = BatchFactory()

    response = at(client, user).post(reverse(f"issues:{act}", args=[batch.pk]))

    assert response.status_code == 404
    batch.refresh_from_db()
    assert batch.state == "checked"


def test_templates_are_files(client, user):
    at(client, user)

    files = [client.get(reverse(f"issues:batch_template_{one}")) for one in ("xlsx", "csv")]

    assert [one.headers["Content-Disposition"] for one in files] == [
        'attachment; filename="vedika-issues.xlsx"',
        'attachment; filename="vedika-issues.csv"',
    ]
    assert files[0].content.startswith(b"PK")


def test_lists_lead_coordinators_alone_to_the_import(client, user):
    link = reverse("issues:batch_new")
    other = f.representative_of(f.OrganizationFactory())

    for address in (reverse("home"), reverse("issues:issues")):
        assert link in at(client, user).get(address).content.decode()
        assert link not in at(client, other).get(address).content.decode()


def test_page_of_many_lines_asks_the_database_the_same(client, user, django_assert_max_num_queries):
    at(client, user)
    send(client, as_csv(*[good(number) for number in range(60)]))
    work()
    batch = Batch.objects.get()
    with django_assert_max_num_queries(20):
        page(client, batch)
    actions.commit_batch(batch, by=user, now=clock.now())
    work()
    with django_assert_max_num_queries(20):
        assert page(client, batch).count('class="reference"') == 50
