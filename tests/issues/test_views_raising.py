"""Pages of who raises an issue, and the issue's own page for each of its readers."""

import io
import uuid

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit import clock
from issues import actions
from issues.models import Evidence, Issue
from issues.page import village_of
from tests import factories as f
from tests.issues.typed import typed

pytestmark = pytest.mark.django_db
NAME = "Association of the red hills"
VILLAGE = "The hidden village"


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def organization():
    f.LocalityFactory(code="11010101", name_en=VILLAGE, name_km=VILLAGE)
    return f.OrganizationFactory(name_en=NAME, name_km=NAME, provinces=[f.ProvinceFactory()])


@pytest.fixture
def author(organization):
    return f.representative_of(organization)


@pytest.fixture
def coordinator(organization):
    return f.coordinator_of(f.ProvinceFactory(), title_en="Coordinator Dara")


@pytest.fixture
def office():
    return f.AuthorityFactory(name_en="Department of roads", name_km="Department of roads")


@pytest.fixture
def enemy():
    """An office that the issue concerns."""
    return f.AuthorityFactory(name_en="Department of secrets", name_km="Department of secrets")


def at(client, user):
    """The client, signed in and speaking English."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    if user:
        client.force_login(user)
    else:
        client.logout()
    return client


def page_of(client, user, issue) -> str:
    response = at(client, user).get(reverse("issues:issue", args=[issue.reference]))
    assert response.status_code == 200
    return response.content.decode()


def draft_of(organization, author, office=None, **changes) -> Issue:
    """A draft with village and concerned office, as the form's action keeps it."""
    content = {
        "organization": organization,
        "kind": "challenge",
        "title": "The road is cut",
        "text": "Since July nobody can pass.",
        "language": "en",
        "theme": f.ThemeFactory(),
        "province": f.ProvinceFactory(),
        "commune": f.LocalityFactory(code="110101"),
        "people": 120,
        "women": 64,
        "disclosure": "restricted",
        "is_named": False,
    } | changes
    return actions.save_draft(
        by=author,
        now=clock.now(),
        client_key=uuid.uuid4(),
        content=content,
        village="11010101",
        concerns=[office] if office else [],
    )


def accepted(organization, author, coordinator, enemy=None, **changes) -> Issue:
    issue = actions.submit(
        draft_of(organization, author, enemy, **changes), by=author, now=clock.now()
    )
    return actions.accept(issue, by=coordinator, now=clock.now())


def referred(organization, author, coordinator, office, enemy=None, **changes) -> Issue:
    issue = accepted(organization, author, coordinator, enemy, **changes)
    due_on = clock.today() + 30 * f.DAY
    actions.refer(issue, by=coordinator, now=clock.now(), authority=office, due_on=due_on)
    return Issue.objects.get(pk=issue.pk)


def resolved(organization, author, coordinator, office, **changes) -> Issue:
    issue = referred(organization, author, coordinator, office, **changes)
    actions.resolve(
        issue.referrals.get(),
        by=f.official_of(office),
        now=clock.now(),
        client_key=uuid.uuid4(),
        text="The bridge stands again.",
        done_on=clock.today(),
    )
    return Issue.objects.get(pk=issue.pk)


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


# --- raising ------------------------------------------------------------------------------------
def test_issue_new_shows_the_form_with_a_key_of_its_own(client, author):
    first, second = (at(client, author).get("/issues/new/") for _ in range(2))

    keys = {str(one.context["form"]["client_key"].value()) for one in (first, second)}
    assert first.status_code == 200
    assert len(keys) == 2
    assert b"Never write names" in first.content


def test_issue_new_keeps_a_draft_and_leads_to_its_page(client, author, organization):
    data = typed(organization)

    response = at(client, author).post("/issues/new/", data.dict())

    issue = Issue.objects.get()
    assert response.status_code == 302
    assert response.url == f"/issues/drafts/{data['client_key']}/"
    assert (issue.status, issue.reference, issue.people) == ("draft", None, 120)
    assert village_of(issue) == "11010101"


def test_issue_new_sent_twice_keeps_one_draft(client, author, organization):
    data = typed(organization).dict()

    first, second = (at(client, author).post("/issues/new/", data) for _ in range(2))

    assert first.url == second.url
    assert Issue.objects.count() == 1


def test_issue_new_with_the_same_key_and_other_content_is_a_conflict(client, author, organization):
    data = typed(organization)
    at(client, author).post("/issues/new/", data.dict())

    data["title"] = "Another matter"
    response = client.post("/issues/new/", data.dict())

    assert response.status_code == 409
    assert b"sent before with other content" in response.content
    assert b"Another matter" in response.content
    assert Issue.objects.count() == 1


def test_issue_new_with_errors_keeps_what_was_typed_and_the_key(client, author, organization):
    data = typed(organization, women="500", title="My own words")

    response = at(client, author).post("/issues/new/", data.dict())

    page = response.content.decode()
    assert response.status_code == 200
    assert "There cannot be more women than people." in page
    assert "My own words" in page
    assert data["client_key"] in page
    assert not Issue.objects.exists()


def test_issue_new_shows_the_next_list_without_javascript(client, author, organization):
    data = typed(organization, title="", village="", commune="", refresh="place")

    response = at(client, author).post("/issues/new/", data.dict())

    page = response.content.decode()
    assert 'value="110101"' in page
    assert "This field is required" not in page
    assert not Issue.objects.exists()


def test_issue_new_is_refused_to_who_raises_nothing(client, office):
    assert at(client, f.official_of(office)).get("/issues/new/").status_code == 403
    assert at(client, f.administrator()).get("/issues/new/").status_code == 403


def test_issue_new_asks_a_visitor_to_sign_in(client):
    assert at(client, None).get("/issues/new/").status_code == 302


def test_a_coordinator_raises_an_issue_for_an_organization_of_the_province(
    client, coordinator, organization
):
    f.OrganizationFactory(provinces=[f.ProvinceFactory()])

    at(client, coordinator).post("/issues/new/", typed(organization).dict())

    issue = Issue.objects.get()
    assert (issue.organization, issue.author) == (organization, coordinator)


# --- drafts -------------------------------------------------------------------------------------
def test_draft_shows_what_each_will_see(client, author, organization, enemy):
    issue = draft_of(organization, author, enemy)

    response = at(client, author).get(issue.get_absolute_url())

    page = response.content.decode()
    secretariat, rest = page.split('id="preview-office"')
    office, public = rest.split('id="preview-public"')
    assert NAME in secretariat
    assert enemy.name in secretariat
    assert NAME not in office
    assert "The raising organization" in office
    assert enemy.name not in rest
    assert "The public sees nothing of it." in public
    assert issue.text not in public


def test_draft_shows_the_public_version_where_it_may_be_published(client, author, organization):
    issue = draft_of(organization, author, disclosure="public")

    page = at(client, author).get(issue.get_absolute_url()).content.decode()

    public = page.split('id="preview-public"')[1]
    assert issue.text in public
    assert NAME not in public


def test_draft_shows_the_village_in_no_box(client, author, organization):
    issue = draft_of(organization, author)

    page = at(client, author).get(issue.get_absolute_url()).content.decode()

    assert VILLAGE not in page


def test_draft_is_hidden_from_everybody_else(client, author, organization, coordinator, office):
    url = draft_of(organization, author).get_absolute_url()
    other = f.representative_of(f.OrganizationFactory())

    for user in (other, coordinator, f.official_of(office), f.administrator()):
        for part in ("", "edit/", "submit/"):
            assert at(client, user).get(url + part).status_code == 404
        for part in ("submit/", "files/", "edit/"):
            assert client.post(url + part).status_code == 404


def test_draft_is_shared_by_the_representatives_of_the_organization(client, author, organization):
    url = draft_of(organization, author).get_absolute_url()

    assert at(client, f.representative_of(organization)).get(url).status_code == 200


def test_draft_edit_shows_the_village_and_keeps_changes(client, author, organization):
    issue = draft_of(organization, author)
    url = reverse("issues:draft_edit", args=[issue.client_key])

    page = at(client, author).get(url).content.decode()
    response = client.post(url, typed(organization, title="Shorter").dict())

    issue.refresh_from_db()
    assert VILLAGE in page
    assert response.url == issue.get_absolute_url()
    assert issue.title == "Shorter"


def test_draft_submit_gives_the_reference(client, author, organization):
    issue = draft_of(organization, author)

    response = at(client, author).post(
        reverse("issues:draft_submit", args=[issue.client_key]), follow=True
    )

    issue.refresh_from_db()
    assert issue.status == "submitted"
    assert response.redirect_chain[-1][0] == f"/issues/{issue.reference}/"
    assert f"Its reference is {issue.reference}." in response.content.decode()


def test_draft_submit_pressed_twice_sends_once(client, author, organization):
    url = reverse("issues:draft_submit", args=[draft_of(organization, author).client_key])

    first, second = (at(client, author).post(url) for _ in range(2))

    assert first.url == second.url
    assert Issue.objects.get().intervals.count() == 2


def test_draft_leads_to_the_issue_once_it_was_sent(client, author, organization):
    issue = draft_of(organization, author)
    url = issue.get_absolute_url()
    sent = actions.submit(issue, by=author, now=clock.now())

    assert at(client, author).get(url).url == f"/issues/{sent.reference}/"


# --- files --------------------------------------------------------------------------------------
def test_draft_files_keeps_the_good_ones_and_names_the_others(client, author, organization):
    issue = draft_of(organization, author)
    wrong = SimpleUploadedFile("notes.jpg", b"<html>not a photo</html>", "image/jpeg")

    response = at(client, author).post(
        reverse("issues:draft_files", args=[issue.client_key]),
        {"files": [photo(), wrong, document()]},
        follow=True,
    )

    page = response.content.decode()
    assert list(issue.evidence.values_list("kind", flat=True)) == ["image", "pdf"]
    assert "notes.jpg: This is neither a photo" in page
    assert "2 files were added." in page


def test_draft_files_refuses_a_file_over_ten_megabytes(client, author, organization, settings):
    settings.EVIDENCE_MAX_BYTES = 100
    issue = draft_of(organization, author)

    response = at(client, author).post(
        reverse("issues:draft_files", args=[issue.client_key]), {"files": [photo()]}, follow=True
    )

    assert b"road.jpg: The file is over 10 MB." in response.content
    assert not issue.evidence.exists()


def test_draft_files_without_a_file_says_so(client, author, organization):
    url = reverse("issues:draft_files", args=[draft_of(organization, author).client_key])

    assert b"Choose at least one file." in at(client, author).post(url, follow=True).content


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

    assert response.url == issue.get_absolute_url()
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
        reverse("issues:issue_files", args=[issue.reference]), {"files": [photo()]}, follow=True
    )

    assert b"nothing can be added" in response.content
    assert not issue.evidence.exists()


# --- the issue, for each audience ---------------------------------------------------------------
SECRETS = [NAME, VILLAGE, "11010101", "Department of secrets"]


def test_issue_shows_an_office_no_organization_village_or_concerned_office(
    client, author, organization, coordinator, office, enemy
):
    issue = referred(organization, author, coordinator, office, enemy)

    page = page_of(client, f.official_of(office), issue)

    assert issue.title in page
    assert "The raising organization" in page
    assert f"/referrals/{issue.referrals.get().pk}/" in page
    for secret in [*SECRETS, str(author), author.username, str(coordinator)]:
        assert secret not in page


def test_issue_shows_the_office_of_a_confidential_one_no_commune(
    client, author, organization, coordinator, office
):
    issue = referred(
        organization, author, coordinator, office, disclosure="confidential", is_named=True
    )

    page = page_of(client, f.official_of(office), issue)

    assert NAME not in page
    assert issue.commune.name_en not in page
    assert issue.province.name_en in page


def test_issue_names_the_organization_to_an_office_where_it_allowed_that(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office, is_named=True)

    assert NAME in page_of(client, f.official_of(office), issue)


def test_issue_shows_an_office_nothing_that_others_said(
    client, author, organization, coordinator, office
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    actions.return_(issue, by=coordinator, now=clock.now(), question="Which elder told you?")
    actions.reply(issue, by=author, now=clock.now(), text="The elder of the old quarter.")
    actions.accept(issue, by=coordinator, now=clock.now())
    other = f.AuthorityFactory(name_en="Department of water", name_km="Department of water")
    for one in (office, other):
        due_on = clock.today() + 30 * f.DAY
        actions.refer(issue, by=coordinator, now=clock.now(), authority=one, due_on=due_on)
    actions.respond(
        issue.referrals.get(authority=other),
        by=f.official_of(other),
        now=clock.now(),
        client_key=uuid.uuid4(),
        text="Our pumps are old.",
    )
    issue.refresh_from_db()

    page = page_of(client, f.official_of(office), issue)

    for secret in ("Which elder", "old quarter", "Department of water", "Our pumps", "Returned"):
        assert secret not in page
    inside = page_of(client, author, issue)
    for words in ("Which elder", "old quarter", "Department of water", "Our pumps"):
        assert words in inside


def test_issue_shows_the_public_its_public_version_alone(
    client, author, organization, coordinator, office
):
    issue = resolved(organization, author, coordinator, office, disclosure="public", is_named=True)
    actions.publish(issue, by=coordinator, now=clock.now())
    f.EvidenceFactory(issue=issue)

    page = page_of(client, None, issue)

    for shown in (issue.title, issue.text, issue.theme.name_en, issue.commune.name_en):
        assert shown in page
    assert "The bridge stands again." in page
    assert "its organization has not confirmed it yet" in page
    for hidden in [*SECRETS, office.name, "evidence", "of whom", str(author), str(coordinator)]:
        assert hidden not in page


def test_issue_shows_any_other_signed_in_person_the_public_version(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())
    other = f.representative_of(f.OrganizationFactory(provinces=[f.ProvinceFactory(code="16")]))

    page = page_of(client, other, issue)

    assert issue.title in page
    for hidden in (*SECRETS, office.name):
        assert hidden not in page


def test_issue_is_not_found_for_who_may_not_read_it(
    client, author, organization, coordinator, office, enemy
):
    issue = referred(organization, author, coordinator, office, enemy)
    below = f.AuthorityFactory(superior=enemy)
    people = [
        None,
        f.representative_of(f.OrganizationFactory()),
        f.official_of(f.AuthorityFactory()),
        f.official_of(enemy),
        f.official_of(below),
        f.coordinator_of(f.ProvinceFactory(code="16")),
        f.administrator(),
    ]

    url = issue.get_absolute_url()
    assert [at(client, one).get(url).status_code for one in people] == [404] * len(people)


def test_issue_hides_a_published_one_from_the_office_it_concerns(
    client, author, organization, coordinator, enemy
):
    issue = accepted(organization, author, coordinator, enemy, disclosure="public")
    actions.publish(issue, by=coordinator, now=clock.now())

    assert at(client, f.official_of(enemy)).get(issue.get_absolute_url()).status_code == 404


def test_issue_shows_inside_who_raised_it_and_whom_it_concerns(
    client, author, organization, coordinator, office, enemy
):
    issue = referred(organization, author, coordinator, office, enemy)

    for user in (author, coordinator):
        page = page_of(client, user, issue)
        for shown in (NAME, enemy.name, office.name, "Must not see it"):
            assert shown in page
        assert VILLAGE not in page


def test_issue_tells_coordinators_alone_who_read_the_protected_part(
    client, author, organization, coordinator, office
):
    issue = referred(organization, author, coordinator, office)
    actions.read_protected(issue, by=coordinator, reason="to plan a visit")

    told = {
        name: "Coordinator Dara" in page_of(client, user, issue).split('id="timeline"')[1]
        for name, user in [
            ("coordinator", f.coordinator_of(None)),
            ("author", author),
            ("official", f.official_of(office)),
        ]
    }

    assert told == {"coordinator": True, "author": False, "official": False}


ACTS = {
    "submitted": {"edit", "withdraw", "files"},
    "returned": {"reply", "edit", "withdraw", "files"},
    "accepted": {"withdraw", "files"},
    "referred": {"withdraw", "files"},
    "resolved": {"confirm", "partly", "dispute", "withdraw", "files"},
    "closed": set(),
}
HANDLING = {
    "submitted": {"accept", "return", "decline"},
    "returned": set(),
    "accepted": {"refer", "decline"},
    "referred": {"refer", "decline"},
    "resolved": set(),
    "closed": {"reopen"},
}


def links_of(page: str, issue: Issue) -> set[str]:
    start = f'href="/issues/{issue.reference}/'
    return {part.split('/"')[0] for part in page.split(start)[1:] if "/" in part[:20]}


@pytest.mark.parametrize("status", ACTS)
def test_issue_offers_each_reader_the_acts_that_are_open(
    client, author, organization, coordinator, office, status
):
    issue = f.issue_in(status, organization=organization, author=author, authority=office)

    assert links_of(page_of(client, author, issue), issue) == ACTS[status]
    expected = ACTS[status] | HANDLING[status] | {"protected"}
    assert links_of(page_of(client, coordinator, issue), issue) == expected
    if status in ("referred", "resolved"):
        assert links_of(page_of(client, f.official_of(office), issue), issue) == set()


def test_issue_offers_to_publish_only_what_may_be_published(client, coordinator, organization):
    public = f.issue_in("accepted", organization=organization, disclosure="public")
    restricted = f.issue_in("accepted", organization=organization)

    assert "publish" in links_of(page_of(client, coordinator, public), public)
    assert "publish" not in links_of(page_of(client, coordinator, restricted), restricted)
    actions.publish(public, by=coordinator, now=clock.now())
    links = links_of(page_of(client, coordinator, public), public)
    assert "unpublish" in links
    assert "publish" not in links


def test_issue_leads_a_coordinator_to_the_agenda_of_the_next_session(
    client, coordinator, organization
):
    issue = f.issue_in("accepted", organization=organization)
    session = f.SessionFactory(province=issue.province, forum__provinces=[issue.province])

    page = page_of(client, coordinator, issue)

    assert reverse("issues:agenda", args=[session.pk]) in page


@pytest.mark.parametrize("status", ["accepted", "referred", "resolved", "closed"])
def test_issue_asks_no_more_than_twelve_queries(
    client, author, organization, coordinator, office, status, django_assert_max_num_queries
):
    issue = f.issue_in(status, organization=organization, authority=office)
    f.OutcomeFactory(item=f.AgendaItemFactory(issue=issue))
    people = [author, coordinator]
    if issue.referrals.exists():
        people.append(f.official_of(office))
    for user in people:
        at(client, user)
        with django_assert_max_num_queries(12):
            client.get(issue.get_absolute_url())


# --- edit and short acts ------------------------------------------------------------------------
def test_issue_edit_is_possible_until_the_issue_is_accepted(client, author, organization):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])

    response = at(client, author).post(url, typed(organization, title="Mended").dict())

    issue.refresh_from_db()
    assert response.url == issue.get_absolute_url()
    assert issue.title == "Mended"


def test_issue_edit_after_it_was_accepted_is_refused_with_a_sentence(
    client, author, organization, coordinator
):
    issue = accepted(organization, author, coordinator)
    url = reverse("issues:issue_edit", args=[issue.reference])

    opened = at(client, author).get(url, follow=True)
    sent = client.post(url, typed(organization, title="Too late").dict())

    issue.refresh_from_db()
    assert "meanwhile the issue is “Accepted”" in opened.content.decode()
    assert "meanwhile the issue is “Accepted”" in sent.content.decode()
    assert "Too late" in sent.content.decode()
    assert issue.title == "The road is cut"


def test_issue_edit_by_a_coordinator_keeps_the_village_unseen(
    client, author, organization, coordinator
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])

    page = at(client, coordinator).get(url).content.decode()
    client.post(url, typed(organization, title="Clearer", village="").dict())

    assert VILLAGE not in page
    assert village_of(issue) == "11010101"


def test_issue_edit_by_a_coordinator_lets_no_more_people_see_it(
    client, author, organization, coordinator
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    url = reverse("issues:issue_edit", args=[issue.reference])

    response = at(client, coordinator).post(url, typed(organization, disclosure="public").dict())

    issue.refresh_from_db()
    assert b"Only the organization may let more people see its issue." in response.content
    assert issue.disclosure == "restricted"


def test_issue_reply_sends_the_answer(client, author, organization, coordinator):
    issue = f.issue_in("returned", organization=organization)
    url = reverse("issues:issue_reply", args=[issue.reference])

    response = at(client, author).post(url, {"text": "In the north."})

    issue.refresh_from_db()
    assert response.url == issue.get_absolute_url()
    assert (issue.status, issue.reply) == ("submitted", "In the north.")


def test_issue_reply_by_a_coordinator_says_how_it_was_told(client, organization, coordinator):
    issue = f.issue_in("returned", organization=organization)
    url = reverse("issues:issue_reply", args=[issue.reference])

    silent = at(client, coordinator).post(url, {"text": "In the north."})
    client.post(url, {"text": "In the north.", "how_told": "By telephone"})

    issue.refresh_from_db()
    assert b"How was it told?" in silent.content
    assert issue.reply == "In the north.\n– By telephone"


def test_issue_withdraw_closes_with_the_reason(client, author, organization):
    issue = f.issue_in("accepted", organization=organization)
    url = reverse("issues:issue_withdraw", args=[issue.reference])

    empty = at(client, author).post(url, {"text": " "})
    response = client.post(url, {"text": "It was solved by the village."})

    issue.refresh_from_db()
    assert empty.status_code == 200
    assert response.status_code == 302
    assert (issue.closed_as, issue.reason) == ("withdrawn", "It was solved by the village.")


def test_issue_confirm_closes_the_issue(client, author, organization, coordinator, office):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_confirm", args=[issue.reference])

    assert at(client, author).get(url).status_code == 200
    response = client.post(url)

    issue.refresh_from_db()
    assert response.status_code == 302
    assert issue.closed_as == "confirmed"


def test_issue_confirm_by_a_coordinator_says_how_it_was_told(
    client, author, organization, coordinator, office
):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_confirm", args=[issue.reference])

    at(client, coordinator).post(url, {})
    assert not issue.confirmations.exists()
    client.post(url, {"how_told": "By telephone on 3 March"})

    said = issue.confirmations.get()
    assert (said.verdict, said.how_told) == ("solved", "By telephone on 3 March")


def test_issue_dispute_opens_it_again(client, author, organization, coordinator, office):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_dispute", args=[issue.reference])

    at(client, author).post(url, {"text": "The bridge fell again."})

    issue.refresh_from_db()
    assert issue.status == "referred"
    assert issue.confirmations.get().reason == "The bridge fell again."


def test_issue_partly_leads_to_the_issue_of_what_remains(
    client, author, organization, coordinator, office
):
    issue = resolved(organization, author, coordinator, office)
    url = reverse("issues:issue_partly", args=[issue.reference])

    response = at(client, author).post(url, {"text": "The second bridge."})

    rest = Issue.objects.get(follows=issue)
    assert response.url == rest.get_absolute_url()
    assert rest.reference in page_of(client, author, issue)


@pytest.mark.parametrize("act", ["edit", "reply", "withdraw", "confirm", "dispute", "partly"])
def test_acts_of_the_organization_are_refused_to_an_office_and_hidden_from_others(
    client, author, organization, coordinator, office, act
):
    issue = resolved(organization, author, coordinator, office)
    url = reverse(f"issues:issue_{act}", args=[issue.reference])
    others = f.representative_of(f.OrganizationFactory())

    for send in (at(client, f.official_of(office)).get, client.post):
        assert send(url).status_code == 403
    for send in (at(client, others).get, client.post):
        assert send(url).status_code == 404
    assert at(client, None).get(url).status_code == 302


@pytest.mark.parametrize("act", ["reply", "confirm", "dispute", "partly"])
def test_acts_that_are_too_late_say_so(client, author, organization, act):
    issue = f.issue_in("accepted", organization=organization)
    url = reverse(f"issues:issue_{act}", args=[issue.reference])

    opened = at(client, author).get(url, follow=True)
    sent = client.post(url, {"text": "My words."})

    for response in (opened, sent):
        assert "This is no longer possible" in response.content.decode()


# --- the public list ----------------------------------------------------------------------------
def publish(**fields) -> Issue:
    now = clock.now()
    return f.issue_in("accepted", disclosure="public", published_at=now, **fields)


def test_published_lists_published_issues_alone(client, organization):
    shown = publish(organization=organization)
    hidden = f.issue_in("accepted", organization=organization, disclosure="public")

    page = at(client, None).get("/published/").content.decode()

    assert shown.title in page
    assert shown.commune.name_en in page
    assert hidden.reference not in page
    assert NAME not in page


def test_published_is_narrowed_by_words_province_theme_and_state(client):
    road = publish(title="A broken road")
    other = publish(
        title="A dry well",
        province=f.ProvinceFactory(code="16"),
        theme=f.ThemeFactory(code="water"),
    )
    client = at(client, None)

    def found(**query):
        page = client.get("/published/", query).context["page_obj"]
        return {one.pk for one in page}

    assert found() == {road.pk, other.pk}
    assert found(q="broken") == {road.pk}
    assert found(q=other.reference) == {other.pk}
    assert found(province="16") == {other.pk}
    assert found(theme="water") == {other.pk}
    assert found(state="resolved") == set()
    assert found(state="submitted", province="99") == found()


def test_published_has_25_on_a_page_and_asks_as_often_for_one_as_for_thirty(
    client, django_assert_max_num_queries
):
    client, counts = at(client, None), []
    publish()
    for _more in range(2):
        with django_assert_max_num_queries(12) as asked:
            response = client.get("/published/")
        counts.append(len(asked))
        for _n in range(29):
            publish(organization=f.OrganizationFactory())

    assert counts[0] == counts[1]
    assert len(response.context["page_obj"]) == 25
