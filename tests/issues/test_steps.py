"""An issue is written down in short forms, each kept as soon as it is sent."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.errors import Conflict, TransitionError
from issues import actions, steps
from issues.disclosing import who_sees
from issues.models import Issue
from issues.permissions import Audience, disclosed
from issues.sealing import Protected, protected_of
from tests import factories as f
from tests.issues.stories import VILLAGE, at, draft_of
from tests.issues.test_views_evidence import drained
from tests.issues.typed import step, typed

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]
NEW = "/issues/new/"


def begun(client, author, organization, **changes) -> Issue:
    """A draft of which only the first step was sent."""
    at(client, author).post(NEW, step("what", organization, **changes))
    return Issue.objects.get()


def send(client, issue, name, organization, /, **changes):
    """Send one step as it was opened."""
    changes = {"seen": [str(issue.version)]} | {
        one: value if isinstance(value, list) else [value] for one, value in changes.items()
    }
    response = client.post(steps.url_of(issue, name), step(name, organization, **changes))
    issue.refresh_from_db()
    return response


# --- beginning ----------------------------------------------------------------------------------
def test_issue_new_shows_the_first_step_with_a_key_of_its_own(client, author):
    first, second = (at(client, author).get(NEW) for _ in range(2))

    keys = {str(one.context["form"]["client_key"].value()) for one in (first, second)}
    page = first.content.decode()
    assert len(keys) == 2
    assert "Step 1 of 6" in page
    assert "no names, telephone numbers" in page
    assert 'name="commune"' not in page


def test_issue_new_keeps_a_draft_at_once_and_leads_to_the_next_step(client, author, organization):
    data = step("what", organization)

    response = at(client, author).post(NEW, data)

    issue = Issue.objects.get()
    assert response.url == f"/issues/drafts/{data['client_key']}/where/"
    assert (issue.status, issue.title, issue.province_id) == ("draft", data["title"], "11")
    assert (issue.commune, issue.people, issue.source) == (None, None, "web")


def test_issue_new_needs_no_more_than_a_title(client, author, organization):
    data = step("what", organization, text=[""], theme=[""])

    response = at(client, author).post(NEW, data)

    assert response.status_code == 302
    assert [one.name for one in steps.missing(Issue.objects.get())] == ["what", "where", "who"]


def test_issue_new_without_a_title_keeps_what_was_typed_and_the_key(client, author, organization):
    data = step("what", organization, title=[""], text=["My own words"])

    page = at(client, author).post(NEW, data).content.decode()

    assert "My own words" in page
    assert data["client_key"] in page
    assert not Issue.objects.exists()


def test_issue_new_sent_twice_keeps_one_draft(client, author, organization):
    data = step("what", organization)

    first, second = (at(client, author).post(NEW, data) for _ in range(2))

    assert first.url == second.url
    assert Issue.objects.count() == 1


def test_issue_new_sent_again_after_later_steps_leads_on(client, author, organization):
    data = step("what", organization)
    at(client, author).post(NEW, data)
    issue = Issue.objects.get()
    send(client, issue, "where", organization)

    response = client.post(NEW, data)

    assert response.url == steps.url_of(issue, "where")
    assert Issue.objects.get().commune_id == "110101"


def test_issue_new_with_the_same_key_and_other_content_is_a_conflict(client, author, organization):
    data = step("what", organization)
    at(client, author).post(NEW, data)

    data["title"] = "Another matter"
    response = client.post(NEW, data)

    assert response.status_code == 409
    assert b"sent before with other content" in response.content
    assert b"Another matter" in response.content
    assert Issue.objects.count() == 1


def test_issue_new_opened_again_with_its_key_leads_to_the_draft(client, author, organization):
    issue = begun(client, author, organization)

    response = client.get(NEW, {"key": str(issue.client_key)})

    assert response.url == steps.url_of(issue, "what")


def test_issue_new_with_the_key_of_somebody_else_begins_nothing_of_theirs(
    client, author, organization
):
    issue = begun(client, author, organization)
    stranger = f.representative_of(f.OrganizationFactory(provinces=[f.ProvinceFactory()]))

    shown = at(client, stranger).get(NEW, {"key": str(issue.client_key)})

    assert shown.status_code == 200
    assert issue.title not in shown.content.decode()


def test_issue_new_of_an_organization_without_a_province_says_so(client):
    organization = f.OrganizationFactory(provinces=[])
    f.ThemeFactory(), f.LocalityFactory(code="11010101")

    response = at(client, f.representative_of(organization)).post(NEW, step("what", organization))

    assert b"The organization works in no province yet." in response.content
    assert not Issue.objects.exists()


def test_issue_new_is_refused_to_who_raises_nothing(client, office):
    assert at(client, f.official_of(office)).get(NEW).status_code == 403
    assert at(client, f.administrator()).get(NEW).status_code == 403


def test_issue_new_asks_a_visitor_to_sign_in(client):
    assert at(client, None).get(NEW).status_code == 302


# --- going on -----------------------------------------------------------------------------------
def test_steps_lead_from_one_to_the_next_and_keep_everything(client, author, organization):
    issue = begun(client, author, organization)
    enemy = f.AuthorityFactory()

    answers = [
        send(client, issue, "where", organization),
        send(client, issue, "who", organization, needs_interpreter="on", contact="The elder"),
        send(client, issue, "asked", organization),
        client.post(steps.url_of(issue, "files"), {"go": "on"}),
        send(client, issue, "disclosure", organization, is_named="on", concerns=[str(enemy.pk)]),
    ]

    names = ("who", "asked", "files", "disclosure", "")
    assert [one.url for one in answers] == [steps.url_of(issue, name) for name in names]
    assert (issue.commune_id, issue.people, issue.women) == ("110101", 120, 64)
    assert (issue.spoken, issue.needs_interpreter, issue.is_named) == ("bunong", True, True)
    assert issue.asked == "សូមជួសជុលផ្លូវ។"
    assert protected_of(issue) == Protected("11010101", "The elder")
    assert list(issue.concerns.values_list("authority", flat=True)) == [enemy.pk]
    assert steps.missing(issue) == []


def test_each_step_shows_what_was_kept_and_leaves_the_others_alone(
    client, author, organization, enemy
):
    issue = draft_of(organization, author, enemy)
    url = steps.url_of(issue, "where")

    page = at(client, author).get(url).content.decode()
    send(client, issue, "asked", organization)

    assert VILLAGE in page
    assert (issue.title, issue.commune_id, issue.people) == ("The road is cut", "110101", 120)
    assert protected_of(issue) == Protected("11010101", "")
    assert list(issue.concerns.values_list("authority", flat=True)) == [enemy.pk]


@pytest.mark.parametrize("name", steps.ORDER)
def test_each_step_is_one_short_form_with_a_neutral_title(client, author, organization, name):
    issue = draft_of(organization, author)

    page = at(client, author).get(steps.url_of(issue, name)).content.decode()

    title = page.split("<title>")[1].split("</title>")[0]
    assert title == f"Step {steps.ORDER.index(name) + 1} of 6 · Vedika"
    assert page.count("<textarea") <= 1


def test_back_saves_the_step_and_leads_to_the_one_before(client, author, organization):
    issue = begun(client, author, organization)

    response = send(client, issue, "who", organization, people="9", women="", go="back")

    assert response.url == steps.url_of(issue, "where")
    assert (issue.people, issue.women) == (9, None)


def test_step_where_asks_for_the_commune_once_a_district_is_chosen(client, author, organization):
    issue = begun(client, author, organization)

    empty = send(client, issue, "where", organization, district="", commune="", village="")
    half = send(client, issue, "where", organization, commune="", village="")

    assert empty.status_code == 302
    assert b"Choose the commune as well." in half.content
    assert issue.commune is None


def test_step_where_shows_the_next_list_without_javascript(client, author, organization):
    issue = begun(client, author, organization)

    response = send(client, issue, "where", organization, commune="", village="", refresh="place")

    page = response.content.decode()
    assert 'value="110101"' in page
    assert "Choose the commune as well." not in page
    assert issue.commune is None


def test_step_where_offers_the_provinces_of_the_organization_alone(client, organization):
    elsewhere = f.ProvinceFactory(code="16")
    coordinator = f.coordinator_of(f.ProvinceFactory())
    f.RoleAssignmentFactory(user=coordinator, role="coordinator", province=elsewhere)
    issue = draft_of(organization, coordinator)

    form = at(client, coordinator).get(steps.url_of(issue, "where")).context["form"]

    assert [one.pk for one in form.fields["province"].queryset] == ["11"]


def test_step_who_refuses_more_women_than_people_and_keeps_what_was_typed(
    client, author, organization
):
    issue = begun(client, author, organization)

    page = send(client, issue, "who", organization, people="3", women="7").content.decode()

    assert "There cannot be more women than people." in page
    assert 'value="7"' in page
    assert issue.people is None


def test_a_stale_step_says_so_and_keeps_what_was_typed(client, author, organization):
    issue = draft_of(organization, author)
    seen = str(issue.version)
    send(at(client, f.representative_of(organization)), issue, "asked", organization)

    response = send(at(client, author), issue, "what", organization, title="My title", seen=[seen])

    assert "Somebody else has changed this issue meanwhile" in response.content.decode()
    assert response.context["form"]["title"].value() == "My title"
    assert issue.title == "The road is cut"


def test_a_step_sent_again_by_a_telephone_that_lost_the_answer_is_kept_once(
    client, author, organization
):
    issue = begun(client, author, organization)
    seen = str(issue.version)
    fetched = {"HTTP_X_KEPT": "yes"}
    data = step("where", organization, seen=[seen])

    first, second = (client.post(steps.url_of(issue, "where"), data, **fetched) for _ in range(2))

    issue.refresh_from_db()
    assert (first.status_code, second.status_code) == (204, 204)
    assert first["X-Next"] == second["X-Next"] == steps.url_of(issue, "who")
    assert issue.version == int(seen) + 1


def test_a_step_of_an_issue_that_was_sent_leads_to_the_issue(client, author, organization):
    issue = draft_of(organization, author)
    url = steps.url_of(issue, "who")
    sent = actions.submit(issue, by=author, now=clock.now())

    assert at(client, author).get(url).url == sent.get_absolute_url()
    assert client.post(url, step("who", organization)).url == sent.get_absolute_url()


def test_steps_are_hidden_from_everybody_else(client, author, organization, coordinator, office):
    issue = draft_of(organization, author)
    others = f.representative_of(f.OrganizationFactory())

    for user in (others, coordinator, f.official_of(office), f.administrator()):
        for name in steps.ORDER:
            url = steps.url_of(issue, name)
            assert at(client, user).get(url).status_code == 404
            assert client.post(url, typed(organization)).status_code == 404


def test_no_step_has_another_name(client, author, organization):
    issue = draft_of(organization, author)
    url = reverse("issues:draft_step", args=[issue.client_key, "price"])

    assert at(client, author).get(url).status_code == 404


# --- sending ------------------------------------------------------------------------------------
def test_submit_refuses_an_incomplete_draft_and_names_the_steps(client, author, organization):
    issue = begun(client, author, organization, text=[""])
    url = reverse("issues:draft_submit", args=[issue.client_key])

    page = client.post(url, follow=True).content.decode()

    issue.refresh_from_db()
    assert issue.status == "draft"
    assert (
        "It was not sent, as something is still missing under “What is it about?”, "
        "“Where is it?”, “Who is affected?”."
    ) in page
    for name in ("what", "where", "who"):
        assert f'href="{steps.url_of(issue, name)}"' in page.split('id="missing"')[1]


def test_submit_is_refused_by_the_action_itself(author, organization):
    issue = draft_of(organization, author, people=None, women=None)

    with translation.override("en"), pytest.raises(TransitionError, match="Who is affected"):
        actions.submit(issue, by=author, now=clock.now())


def test_submit_by_a_script_is_told_where_the_issue_is(client, author, organization):
    issue = draft_of(organization, author)
    url = reverse("issues:draft_submit", args=[issue.client_key])

    response = at(client, author).post(url, HTTP_X_KEPT="yes")

    issue.refresh_from_db()
    assert (response.status_code, response["X-Next"]) == (204, issue.get_absolute_url())


# --- what is asked ------------------------------------------------------------------------------
def test_what_is_asked_stands_wherever_the_text_stands(client, author, organization, office):
    coordinator = f.coordinator_of(f.ProvinceFactory())
    issue = draft_of(organization, author, disclosure="public", asked="A bridge of stone.")
    draft = at(client, author).get(issue.get_absolute_url()).content.decode()
    actions.submit(issue, by=author, now=clock.now())
    actions.accept(issue, by=coordinator, now=clock.now())
    actions.refer(
        issue, by=coordinator, now=clock.now(), authority=office, due_on=clock.today() + 30 * f.DAY
    )
    issue.refresh_from_db()
    referral = issue.referrals.get()

    pages = [
        draft.split('id="preview-office"')[1].split('id="preview-public"')[0],
        draft.split('id="preview-public"')[1],
        at(client, author).get(issue.get_absolute_url()).content.decode(),
        at(client, f.official_of(office))
        .get(reverse("issues:referral", args=[referral.pk]))
        .content.decode(),
        at(client, coordinator)
        .get(reverse("issues:issue_publish", args=[issue.reference]))
        .content.decode(),
    ]

    assert ["A bridge of stone." in page for page in pages] == [True] * 5


def test_contact_and_village_are_opened_together_and_recorded(
    client, author, organization, coordinator
):
    issue = draft_of(organization, author)
    send(at(client, author), issue, "who", organization, contact="The elder, 012 345 678")
    issue = actions.submit(issue, by=author, now=clock.now())

    url = reverse("issues:issue_protected", args=[issue.reference])
    before = at(client, coordinator).get(url).content.decode()
    opened = client.post(url, {"reason": "contact"}).content.decode()

    assert "012 345 678" not in before
    assert "The elder, 012 345 678" in opened
    assert VILLAGE in opened


def test_contact_stands_in_no_page_of_anybody_else(client, author, organization, coordinator):
    issue = draft_of(organization, author)
    send(at(client, author), issue, "who", organization, contact="The elder of the hill")
    issue = actions.submit(issue, by=author, now=clock.now())
    edit = reverse("issues:issue_edit", args=[issue.reference])

    for url in (issue.get_absolute_url(), edit, reverse("issues:issues")):
        assert "The elder of the hill" not in at(client, coordinator).get(url).content.decode()
    assert "The elder of the hill" in at(client, author).get(edit).content.decode()


def test_two_drafts_that_differ_by_their_contact_alone_are_two(author, organization):
    key = uuid.uuid4()
    content = {"organization": organization, "province": f.ProvinceFactory(), "title": "A"}
    content |= {"commune": f.LocalityFactory(code="110101")}
    again = {"by": author, "now": clock.now(), "client_key": key, "content": content}
    actions.save_draft(**again, contact="The elder")

    assert actions.save_draft(**again, contact="The elder") == Issue.objects.get()
    with pytest.raises(Conflict):
        actions.save_draft(**again, contact="Somebody else")


# --- on behalf ----------------------------------------------------------------------------------
def test_a_coordinator_records_an_issue_with_how_it_came(client, coordinator, organization):
    day = clock.today() - f.DAY
    data = step("what", organization, source=["letter"], came_on=[day.isoformat()])

    response = at(client, coordinator).post(NEW, data)

    issue = Issue.objects.get()
    assert response.url == steps.url_of(issue, "where")
    assert (issue.organization, issue.author) == (organization, coordinator)
    assert (issue.source, issue.came_on) == ("letter", day)


def test_a_coordinator_says_how_it_came_and_not_on_a_day_to_come(client, coordinator, organization):
    f.OrganizationFactory(provinces=[f.ProvinceFactory(code="16")])
    ahead = clock.today() + f.DAY

    form = (
        at(client, coordinator)
        .post(NEW, step("what", organization, came_on=[ahead.isoformat()]))
        .context["form"]
    )

    codes = {name: errors[0].code for name, errors in form.errors.as_data().items()}
    assert codes == {"source": "required", "came_on": "ahead"}
    assert list(form.fields["organization"].queryset) == [organization]


def test_a_representative_is_not_asked_how_it_came(client, author):
    form = at(client, author).get(NEW).context["form"]

    assert not {"source", "came_on"} & set(form.fields)


def test_the_scan_is_for_the_secretariat_and_the_organization_alone(
    client, coordinator, author, organization, office
):
    issue = draft_of(organization, coordinator, source="paper")
    url = steps.url_of(issue, "files")

    page = at(client, coordinator).get(url).content.decode()
    client.post(url, {"scan": [document()], "go": "on"})
    kept = issue.evidence.get()
    actions.submit(issue, by=coordinator, now=clock.now())
    actions.accept(issue, by=coordinator, now=clock.now())
    due_on = clock.today() + 30 * f.DAY
    actions.refer(issue, by=coordinator, now=clock.now(), authority=office, due_on=due_on)
    file = reverse("issues:evidence", args=[kept.key])

    assert "only the secretariat and the organization see it" in page.lower()
    assert kept.is_inside
    for user in (author, coordinator):
        response = at(client, user).get(file)
        drained(response)
        assert response.status_code == 200
    assert at(client, f.official_of(office)).get(file).status_code == 404


def test_no_scan_is_asked_of_a_representative(client, author, organization):
    issue = draft_of(organization, author)

    form = at(client, author).get(steps.url_of(issue, "files")).context["form"]

    assert list(form.fields) == ["files"]


def document():
    content = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    content += b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    content += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    content += b"trailer<</Root 1 0 R>>\n%%EOF\n"
    return SimpleUploadedFile("scan.pdf", content, "application/pdf")


def test_inside_it_is_told_how_it_came_and_what_the_people_speak(
    client, coordinator, author, organization, office
):
    issue = draft_of(organization, coordinator, source="phone", spoken="kavet")
    Issue.objects.update(needs_interpreter=True)
    issue = actions.submit(issue, by=coordinator, now=clock.now())
    actions.accept(issue, by=coordinator, now=clock.now())
    due_on = clock.today() + 30 * f.DAY
    actions.refer(issue, by=coordinator, now=clock.now(), authority=office, due_on=due_on)
    url = issue.get_absolute_url()

    shown = {
        user: at(client, user).get(url).content.decode()
        for user in (author, coordinator, f.official_of(office))
    }

    inside = [
        all(word in page for word in ("Kavet. An interpreter is needed", "By telephone"))
        for page in shown.values()
    ]
    assert inside == [True, True, False]


# --- who will see this --------------------------------------------------------------------------
@pytest.mark.parametrize("disclosure", Issue.Disclosure)
@pytest.mark.parametrize("is_named", [True, False])
@translation.override("en")
def test_who_sees_says_what_is_shown(disclosure, is_named, organization, author):
    issue = f.IssueFactory(organization=organization, disclosure=disclosure, is_named=is_named)
    lines = {str(line.who): str(line.sees) for line in who_sees(disclosure, is_named)}
    office, room = lines["The office it is referred to"], lines["The session"]

    for audience, line in ((Audience.OFFICE, office), (Audience.ROOM, room)):
        shown = disclosed(issue, audience)
        assert (shown.organization == organization.name) == line.endswith(
            "and the name of your organization."
        )
        assert (shown.place == issue.province.name) == ("only place" in line)
        assert shown.evidence == ("files" in line)
    assert (lines["The public"] != "Nothing.") == (disclosure == "public")


def test_who_sees_follows_the_choice(client, author):
    url = reverse("issues:who_sees")

    strict = at(client, author).get(url, {"disclosure": "confidential", "is_named": "on"})
    unknown = client.get(url, {"disclosure": "secret"})

    assert "never the name of your organization" in strict.content.decode()
    assert strict.content != unknown.content
    assert b"<html" not in strict.content


def test_disclosure_explains_all_three_without_a_script(client, author, organization):
    issue = draft_of(organization, author)

    page = at(client, author).get(steps.url_of(issue, "disclosure")).content.decode()

    assert page.count('name="disclosure"') == 3
    assert "The office gets the matter alone" in page
    assert "Who will see this" in page


# --- drafts and the device ----------------------------------------------------------------------
def test_drafts_are_listed_under_neutral_names(client, author, organization):
    for _ in range(2):
        draft_of(organization, author)
    draft_of(f.OrganizationFactory(provinces=[f.ProvinceFactory()]), f.coordinator_of(None))

    home = at(client, author).get("/").content.decode()
    listed = client.get(reverse("issues:issues")).content.decode()
    rows = client.get(reverse("issues:drafts")).context["rows"]

    assert "Drafts: 2" in home
    assert "The road is cut" not in home
    assert "Drafts: 2" in listed
    assert [number for number, _issue, _gaps in rows] == [1, 2]


def test_drafts_of_a_coordinator_are_their_own(client, coordinator, author, organization):
    draft_of(organization, author)
    own = draft_of(organization, coordinator)

    rows = at(client, coordinator).get(reverse("issues:drafts")).context["rows"]

    assert [issue for _number, issue, _gaps in rows] == [own]


def test_on_this_phone_is_there_for_everybody(client, author):
    url = reverse("issues:on_this_phone")

    for user in (None, author):
        assert "Clear this phone" in at(client, user).get(url).content.decode()
    assert url in client.get("/").content.decode()
    assert url in client.get(reverse("account_logout")).content.decode()
