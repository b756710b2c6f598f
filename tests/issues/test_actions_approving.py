"""Answers that leave an office only after its director approved them."""

import datetime as dt
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from accounts import actions as accounts
from accounts.models import RoleAssignment
from audit.errors import Conflict, TransitionError
from issues import actions, drafted
from issues.files import Kept
from issues.models import DraftedAnswer, DraftFile, Evidence, Issue, Referral, Response
from outbox import registry
from outbox.models import Notice
from reminders import actions as reminders
from tests import factories as f
from tests.factories_more import DraftedAnswerFactory, LinkFactory
from tests.issues.stories import at
from tests.issues.traces import NOW, TODAY, told, trail

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(1)
SECRET = "The bridge stands on our list of next year."
PHOTO = Kept("pdf", b"%PDF-1.4 a plan", None)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def office():
    return f.AuthorityFactory(name_en="Department of roads", needs_approval=True)


@pytest.fixture
def director(office):
    made = f.official_of(office, title_en="Director Chan")
    RoleAssignment.objects.filter(user=made).update(approves=True)
    return made


@pytest.fixture
def author(office, director):
    return f.official_of(office, title_en="Engineer Sok")


@pytest.fixture
def referral(office):
    held = f.issue_in("referred", authority=office).referrals.get()
    return Referral.objects.get(pk=held.pk)


@pytest.fixture
def representative(referral):
    return f.representative_of(referral.issue.organization)


def respond(referral, by, **changes):
    facts = {"by": by, "now": NOW, "client_key": uuid.uuid4(), "text": SECRET, "files": [PHOTO]}
    return actions.respond(referral, **(facts | changes))


def resolve(referral, by, **changes):
    facts = {"by": by, "now": NOW, "client_key": uuid.uuid4(), "text": SECRET, "done_on": TODAY}
    return actions.resolve(referral, **(facts | changes))


def approve(draft, by, seen=1):
    return actions.approve(draft, by=by, now=NOW, seen=seen)


def state_of(draft):
    row = DraftedAnswer.objects.get(pk=draft.pk)
    return (row.state, row.version, row.decided_by, row.response)


# --- drafted --------------------------------------------------------------------------------------
def test_an_answer_waits_and_nobody_but_the_director_is_told(referral, author, director):
    key = uuid.uuid4()
    draft = respond(referral, author, client_key=key)

    assert respond(referral, author, client_key=key) == draft
    with pytest.raises(Conflict):
        respond(referral, author, client_key=key, text="Other words.")
    assert state_of(draft) == ("waiting", 1, None, None)
    assert not Response.objects.exists()
    assert not Evidence.objects.exists()
    assert DraftFile.objects.get().draft == draft
    assert told() == [("answer_drafted", f"draftedanswer:{draft.pk}", 1, f"user:{director.pk}")]
    assert trail()[-1] == (
        "issue.draft_answer", f"issue:{referral.issue_id}", author, "official",
        {"referral": referral.pk, "authority": referral.authority_id, "draft": draft.pk,
         "did": "drafted"},
    )  # fmt: skip
    notice = Notice.objects.get()
    assert registry.wanted(notice, NOW)
    said = registry.render(notice, "en")
    assert said.subject == f"{referral.issue.reference}: an answer of your office for your approval"
    assert "Engineer Sok has drafted an answer." in said.body
    assert SECRET not in said.body
    with pytest.raises(TransitionError, match="has drafted an answer already"):
        resolve(referral, director and author)


def test_nobody_outside_the_office_reads_a_draft(client, referral, author, representative):
    above = f.AuthorityFactory(kind="administration")
    type(referral.authority).objects.filter(pk=referral.authority_id).update(superior=above)
    coordinator = f.coordinator_of(referral.issue.province)
    Issue.objects.filter(pk=referral.issue_id).update(published_at=NOW, disclosure="public")
    respond(referral, author)
    page = reverse("issues:referral", args=[referral.pk])
    file = reverse("issues:draft_file", args=[DraftFile.objects.get().key])
    issue = reverse("issues:issue", args=[referral.issue.reference])

    for person in (representative, coordinator, f.official_of(above), f.UserFactory(), None):
        assert not DraftedAnswer.objects.visible_to(person or AnonymousUser()).exists()
        at(client, person)
        for address in (page, issue):
            assert SECRET not in client.get(address).content.decode()
        said = client.get(issue).content.decode()
        assert "drafted" not in said
        assert client.get(file).status_code in (302, 404)
    at(client, author)
    assert SECRET in client.get(page).content.decode()
    answer = client.get(file)
    assert b"".join(answer.streaming_content) == PHOTO.content
    answer.close()


def test_directors_own_words_and_those_of_the_secretariat_leave_at_once(referral, director, author):
    draft = respond(referral, author)
    given = respond(referral, director)
    assert (given.kind, given.by, given.text) == ("answer", director, SECRET)

    claim = resolve(referral, f.coordinator_of(referral.issue.province))

    assert (claim.kind, claim.on_behalf) == ("claim", True)
    assert state_of(draft) == ("over", 1, None, None)  # resolved otherwise: it ends
    assert not DraftFile.objects.exists()


def test_the_ladder_goes_on_while_a_draft_waits(referral, author):
    reminders.seed_policy()
    due_on = dt.date(2041, 7, 3)
    Referral.objects.filter(pk=referral.pk).update(handed_over_on=due_on - 30 * DAY, due_on=due_on)
    respond(referral, author)

    reminders.plan(now=NOW)

    assert Notice.objects.filter(kind="reminder", rung="0").count() == 2


# --- approved -------------------------------------------------------------------------------------
def test_approve_lets_it_leave_once_with_author_and_approver(
    referral, author, director, representative
):
    draft = respond(referral, author)
    Notice.objects.all().delete()
    entries = len(trail())

    given = approve(draft, director)
    assert approve(draft, director) == given  # a second press

    assert state_of(draft) == ("approved", 1, director, given)
    assert (given.kind, given.text, given.by, given.title, given.on_behalf) == (
        "answer", SECRET, author, "Engineer Sok", False,
    )  # fmt: skip
    assert Evidence.objects.get().response == given
    assert not DraftFile.objects.exists()
    acts = [(one[0], one[2]) for one in trail()[entries:]]
    assert acts == [
        ("issue.approve", director), ("issue.respond", director), ("issue.add_evidence", director),
    ]  # fmt: skip
    assert {one[0] for one in told()} == {"response_given"}
    assert f"user:{representative.pk}" in {one[3] for one in told()}


def test_approve_a_claim_resolves_the_issue(referral, author, director):
    draft = resolve(referral, author)
    assert Issue.objects.get(pk=referral.issue_id).status == "referred"

    claim = approve(draft, director)

    assert (claim.kind, claim.done_on, claim.by) == ("claim", TODAY, author)
    assert Issue.objects.get(pk=referral.issue_id).status == "resolved"
    assert state_of(draft) == ("approved", 1, director, claim)


def test_approve_is_the_directors_and_of_what_was_read(referral, author, director):
    draft = respond(referral, author)
    stranger = f.official_of(f.AuthorityFactory())
    for person in (author, stranger, f.coordinator_of(referral.issue.province)):
        with pytest.raises(PermissionDenied):
            approve(draft, person)
    actions.change_draft(draft, by=author, now=NOW, seen=1, text="Next month.")
    with pytest.raises(TransitionError, match="Meanwhile its author changed it"):
        approve(draft, director)
    with pytest.raises(TransitionError, match="Meanwhile its author changed it"):
        actions.change_draft(draft, by=author, now=NOW, seen=1, text="Next year.")

    assert approve(draft, director, seen=2).text == "Next month."


# --- sent back, changed, withdrawn ----------------------------------------------------------------
def test_send_back_tells_the_author_who_changes_it(referral, author, director):
    draft = respond(referral, author)
    Notice.objects.all().delete()
    for _time in range(2):
        actions.send_back(draft, by=director, now=NOW, seen=1, because="Name the month.")
    assert state_of(draft) == ("returned", 1, director, None)
    assert told() == [("answer_sent_back", f"draftedanswer:{draft.pk}", 1, f"user:{author.pk}")]
    assert registry.wanted(Notice.objects.get(), NOW)
    with pytest.raises(TransitionError, match="its author has to change it"):
        approve(draft, director)
    file = DraftFile.objects.get()

    actions.change_draft(
        draft, by=author, now=NOW, seen=1, text="In May.", files=[PHOTO], without=[file.pk]
    )

    assert state_of(draft) == ("waiting", 2, None, None)
    assert DraftFile.objects.exclude(pk=file.pk).count() == 1
    assert told()[0] == ("answer_drafted", f"draftedanswer:{draft.pk}", 2, f"user:{director.pk}")
    with pytest.raises(PermissionDenied):
        actions.change_draft(draft, by=director, now=NOW, seen=2, text="Mine.")


def test_withdraw_ends_it_and_another_one_may_be_drafted(referral, author, director):
    draft = respond(referral, author)
    for _time in range(2):
        actions.withdraw_draft(draft, by=author, now=NOW)

    assert state_of(draft) == ("withdrawn", 1, author, None)
    with pytest.raises(TransitionError, match="Withdrawn"):
        approve(draft, director)
    assert not registry.wanted(Notice.objects.get(), NOW)
    assert respond(referral, author) != draft


def test_a_draft_ends_with_its_referral(referral, author, director):
    draft = respond(referral, author)
    by = f.coordinator_of(referral.issue.province)
    actions.recall(referral, by=by, now=NOW, reason="Wrong office.")
    with pytest.raises(TransitionError, match="has ended"):
        approve(draft, director)

    assert [actions.settle_drafts(now=NOW) for _time in range(2)] == [1, 0]

    assert state_of(draft) == ("over", 1, None, None)
    assert not DraftFile.objects.exists()


def test_a_frozen_issue_lets_nothing_leave(referral, author, director, representative):
    draft = respond(referral, author)
    actions.pressured(referral.issue, by=representative, now=NOW)

    with pytest.raises(TransitionError):
        approve(draft, director)
    assert not DraftedAnswer.objects.visible_to(director).exists()


# --- through the link -----------------------------------------------------------------------------
def test_through_the_link_it_becomes_a_draft_too(client, referral, author, director):
    link = LinkFactory(referral=referral, recipient=f"user:{author.pk}", key="k" * 43)
    address = reverse("issues:link_act", args=["k" * 43, "resolve"])
    who = {"name": "Clerk Nary", "office": "Department of roads", "client_key": uuid.uuid4()}
    today = link.made_at.date()

    at(client, None)
    page = client.get(address).content.decode()
    answer = client.post(address, who | {"text": SECRET, "done_on": today}, follow=True)

    assert "Your director reads it first" in page
    said = answer.content.decode()
    assert "Your director was asked to approve it" in said
    assert "waits for your director’s approval" in said
    assert SECRET not in said
    assert reverse("issues:link_act", args=["k" * 43, "ask"]) in said
    assert address not in said
    draft = DraftedAnswer.objects.get()
    assert (draft.kind, draft.title) == ("claim", "Clerk Nary, Department of roads")
    actions.send_back(draft, by=director, now=NOW, seen=1, because="Which road?")
    actions.change_draft(draft, by=author, now=NOW, seen=1, text="Road 76.", done_on=today)
    claim = approve(draft, director, seen=2)
    assert (claim.text, claim.title) == ("Road 76.", "Clerk Nary, Department of roads")


# --- the setting ----------------------------------------------------------------------------------
def test_set_approval_needs_a_director(office, author, director):
    administrator, plain = f.administrator(), f.AuthorityFactory(province=office.province)
    role = RoleAssignment.objects.get(user=f.official_of(plain))
    with pytest.raises(TransitionError, match="Choose first who approves"):
        accounts.set_approval(plain, by=administrator, needs_approval=True)
    for person in (author, f.coordinator_of(office.province)):
        with pytest.raises(PermissionDenied):
            accounts.set_approval(office, by=person, needs_approval=False)

    keeper = f.coordinator_of(office.province)
    accounts.set_approval(plain, by=keeper, directors=[role])
    accounts.set_approval(plain, by=administrator, needs_approval=True)

    assert trail()[-1] == (
        "accounts.set_approval", f"authority:{plain.pk}", administrator, "administrator",
        {"needs_approval": [False, True], "directors": [[role.pk], [role.pk]]},
    )  # fmt: skip
    with pytest.raises(TransitionError, match="Choose first who approves"):
        accounts.set_approval(plain, by=keeper, directors=[])
    accounts.set_approval(office, by=director, needs_approval=False)
    office.refresh_from_db()
    assert not office.needs_approval


def test_once_no_approval_is_needed_anybody_of_the_office_sends_it(office, referral, author):
    draft = respond(referral, author)
    accounts.set_approval(office, by=f.administrator(), needs_approval=False)

    given = approve(draft, author)

    assert state_of(draft) == ("approved", 1, author, given)


def test_what_nobody_can_approve_stands_before_the_coordinators(client, referral, author, director):
    draft = respond(referral, author)
    issues = Issue.objects.all()
    assert drafted.stuck(issues, 5).total == 0
    RoleAssignment.objects.filter(user=director).update(ended_on=TODAY)

    assert list(drafted.stuck(issues, 5).rows) == [draft]
    at(client, f.coordinator_of(referral.issue.province))
    home = client.get("/").content.decode()
    assert "Nobody can approve the office’s answer" in home
    page = client.get(reverse("issues:referral", args=[referral.pk])).content.decode()
    assert "nobody there can approve" in page
    assert SECRET not in page
    assert "nobody there can approve" in client.get(
        reverse("provinces:authority", args=[referral.authority_id])
    ).content.decode().lower().replace("at present ", "")


# --- pages ----------------------------------------------------------------------------------------
def test_pages_lay_send_back_change_and_approve(client, referral, author, director):
    page = reverse("issues:referral", args=[referral.pk])
    at(client, author)
    form = client.get(reverse("issues:referral_respond", args=[referral.pk])).content.decode()
    assert "Lay it before the director" in form
    client.post(
        reverse("issues:referral_respond", args=[referral.pk]),
        {"client_key": uuid.uuid4(), "text": SECRET},
    )
    draft = DraftedAnswer.objects.get()
    shown = client.get(page).content.decode()
    assert "It waits for your director’s approval" in shown
    assert reverse("issues:drafted_approve", args=[draft.pk]) not in shown
    assert (
        client.post(reverse("issues:drafted_approve", args=[draft.pk]), {"seen": 1}).status_code
        == 403
    )

    at(client, director)
    assert "For the director’s approval" in client.get("/").content.decode()
    client.post(
        reverse("issues:drafted_send_back", args=[draft.pk]), {"seen": 1, "because": "When?"}
    )
    at(client, author)
    assert "Sent back by your director" in client.get("/").content.decode()
    change = reverse("issues:drafted_change", args=[draft.pk])
    assert "When?" in client.get(change).content.decode()
    client.post(change, {"seen": 1, "text": "In May."})
    at(client, director)
    done = client.post(
        reverse("issues:drafted_approve", args=[draft.pk]), {"seen": 2}, follow=True
    ).content.decode()

    assert "has left your office" in done
    assert "approved by Director Chan" in done
    assert Response.objects.get().text == "In May."


def test_draft_factory_is_of_its_office():
    assert DraftedAnswerFactory().is_standing
