"""From a planned forum to an issue its organization says is solved, on the pages people use."""

import datetime as dt

import pytest
from django.urls import reverse
from PIL import Image

from audit import clock
from audit.models import AuditEntry
from forum.models import Forum, Invitation, Session
from issues.models import Confirmation, Evidence, Issue, Outcome, Referral, Response
from outbox.models import Notice
from provinces import workdays
from reminders import actions as reminders
from reminders import claims
from tests.journeys.place import HERE, THERE, VILLAGE, photo
from tests.journeys.story import TYPED, Story

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("language", "is_disputed"), [("km", True), ("en", False)])
def test_issue_is_followed_until_its_organization_says_that_it_is_solved(
    language, is_disputed, window, mail_sink, settings
):
    story = Story(language, window, mail_sink, settings)
    plan_the_forum(story)
    plan_the_session(story)
    raise_the_issue(story)
    ask_and_answer(story)
    build_the_agenda(story)
    hold_the_session(story)
    tell_the_office(story)
    answer_as_office(story)
    resolve_as_office(story, "done")
    ask_the_organization(story, asked=1)
    if is_disputed:
        say_not_yet(story)
        resolve_as_office(story, "done_again")
        ask_the_organization(story, asked=2)
    say_solved(story)
    read_the_whole_history(story, is_disputed)


def plan_the_forum(story):
    screen, today = story.coordinator, clock.today()
    screen.sign_in(story.place.coordinator)
    screen.says("Nothing new was raised.")
    screen.look("home-coordinator-empty")
    screen.follow("forum:forums")
    screen.follow("forum:forum_new")
    screen.fill(
        name_km=TYPED["km"]["forum"],
        name_en=TYPED["en"]["forum"],
        starts_on=today,
        ends_on=today + dt.timedelta(days=30),
        provinces=[HERE, THERE],
    )
    screen.look("forum-new")
    screen.send()
    screen.says("The forum has been added. Plan its sessions now.")
    screen.look("forum")

    forum = Forum.objects.get()
    assert sorted(forum.provinces.values_list("pk", flat=True)) == [HERE, THERE]
    assert reverse("forum:forum", args=[forum.pk]) in screen.page.url


def plan_the_session(story):
    screen, place = story.coordinator, story.place
    screen.follow("forum:session_new", Forum.objects.get().pk)
    screen.fill(
        province=HERE,
        day=clock.today() + dt.timedelta(days=10),
        starts="08:00",
        ends="11:30",
        venue_km=TYPED["km"]["venue"],
        venue_en=TYPED["en"]["venue"],
    )
    screen.look("session-new")
    screen.send()
    story.session = Session.objects.get()
    screen.follow("forum:session_presiders", story.session.pk)
    screen.fill(chair=place.chair.pk, co_presiders=place.deputy.pk)
    screen.look("presiders")
    screen.send()
    screen.says("It is noted who presides.")
    screen.shows(story.typed["venue"])
    screen.look("session")
    screen.follow("forum:invitations", story.session.pk)
    screen.fill(organizations=place.organization.pk, authorities=place.office.pk)
    screen.look("invite")
    screen.send()
    screen.look("invitations")

    assert story.session.presidings.count() == 2
    invited = Invitation.objects.values_list("organization", "authority", "status")
    assert set(invited) == {
        (place.organization.pk, None, "pending"),
        (None, place.office.pk, "pending"),
    }
    publish_the_programme(story)


def publish_the_programme(story):
    """Nobody knows of the session before this press; then its invitations leave."""
    screen, session = story.coordinator, story.session
    assert not Notice.objects.exists()
    screen.open("forum:forum", session.forum_id)
    screen.look("forum-planned")
    screen.follow("forum:programme_publish", session.forum_id)
    screen.look("publish")
    screen.send()
    screen.look("programme")

    session.refresh_from_db()
    assert (session.announced.programme.number, session.announced.starts_at) == (
        1,
        session.starts_at,
    )
    assert not session.invitations.filter(released_at=None).exists()
    story.run_engine()
    told = {one["To"] for one in story.mails("invitation")}
    assert told == {story.place.representative.email, story.place.official.email}


def raise_the_issue(story):
    screen, place = story.representative, story.place
    screen.sign_in(place.representative)
    screen.look("home-representative-empty")
    screen.follow("issues:issue_new")
    type_the_issue(story)
    see_the_preview(story)
    screen.look("draft")
    screen.send("issues:draft_submit", Issue.objects.get().client_key)
    screen.page.wait_for_url(lambda url: "/drafts/" not in url)

    story.issue = Issue.objects.get()
    assert (story.status(), story.issue.people, story.issue.women) == ("submitted", 120, 64)
    assert list(story.issue.concerns.values_list("authority", flat=True)) == [place.concerned.pk]
    screen.says(
        "The issue was sent to the secretariat. Its reference is %(reference)s.",
        reference=story.issue.reference,
    )
    screen.look("issue-representative")
    with Evidence.objects.get().file.open() as stored, Image.open(stored) as opened:
        assert dict(opened.getexif()) == {}


def type_the_issue(story):
    """Step by step; the office that must not see it is found by its search."""
    screen, place = story.representative, story.place
    screen.fill(
        kind="challenge",
        title=story.typed["title"],
        text=story.typed["text"],
        theme=place.theme.pk,
    )
    screen.look("issue-what")
    go_on(screen, "where")
    for step, length in (("district", 4), ("commune", 6), ("village", 8)):
        screen.page.wait_for_selector(
            f"#id_{step} option[value='{VILLAGE[:length]}']", state="attached"
        )
        screen.fill(**{step: VILLAGE[:length]})
    screen.look("issue-where")
    go_on(screen, "who")
    screen.fill(people=story.number(120), women=story.number(64))
    go_on(screen, "asked")
    go_on(screen, "files")
    screen.fill(files=photo())
    go_on(screen, "disclosure")
    screen.fill(disclosure="restricted")
    screen.page.click("#concern summary")
    screen.fill(office=story.place.concerned.name_km)
    screen.page.click("#concern button[name=refresh]")
    screen.fill(concerns=place.concerned.pk)
    screen.look("issue-disclosure")
    screen.page.locator("button[name=go][value=on]").click()
    screen.page.wait_for_selector("#preview-office")


def go_on(screen, step):
    screen.page.locator("button[name=go][value=on]").click()
    screen.page.wait_for_url(f"**/{step}/")
    screen.page.wait_for_load_state()


def see_the_preview(story):
    screen, place = story.representative, story.place
    office = screen.page.locator("#preview-office").inner_text()
    public = screen.page.locator("#preview-public").inner_text()
    hidden = {
        place.organization.name_km, place.organization.name_en,
        place.village.name_km, place.village.name_en,
        place.concerned.name_km, place.concerned.name_en,
    }  # fmt: skip
    assert story.typed["title"] in office
    assert {one for one in hidden if one in office + public} == set()
    assert screen.words("The public sees nothing of it.") in public


def ask_and_answer(story):
    coordinator, representative = story.coordinator, story.representative
    reference = story.issue.reference
    coordinator.open("home")
    coordinator.shows(story.typed["title"], reference)
    coordinator.look("home-coordinator")
    coordinator.follow("issues:issue", reference)
    coordinator.look("issue-coordinator")
    coordinator.follow("issues:issue_return", reference)
    coordinator.fill(question=story.typed["question"])
    coordinator.look("return")
    coordinator.send()
    assert (story.status(), story.issue.question) == ("returned", story.typed["question"])

    representative.open("home")
    representative.shows(story.typed["question"])
    representative.look("home-representative-question")
    representative.follow("issues:issue_reply", reference)
    representative.fill(text=story.typed["reply"])
    representative.look("reply")
    representative.send()
    representative.says("The answer was sent to the secretariat.")
    assert story.status() == "submitted"


def build_the_agenda(story):
    screen, session = story.coordinator, story.session
    screen.open("issues:issue", story.issue.reference)
    screen.shows(story.typed["reply"])
    screen.follow("issues:issue_accept", story.issue.reference)
    screen.fill(priority=story.issue.priority)
    screen.look("accept")
    screen.send()
    assert story.status() == "accepted"

    screen.follow("issues:agenda", session.pk)
    screen.page.click("main details.card summary")
    screen.fill(title=story.typed["point"])
    screen.send("issues:agenda_point", session.pk)
    screen.fill(issues=story.issue.pk)
    screen.look("agenda-waiting")
    screen.send("issues:agenda_add", session.pk)
    screen.look("agenda")
    assert (story.status(), order_of(session)) == ("scheduled", [None, story.issue.pk])

    screen.page.locator("button[name=up]").last.click()
    screen.page.wait_for_selector("#said > .alert-info")
    assert order_of(session) == [story.issue.pk, None]


def order_of(session):
    rows = session.agenda_items.order_by("position")
    return list(rows.values_list("issue", flat=True))


def hold_the_session(story):
    screen, session = story.coordinator, story.session
    item = story.issue.agenda_items.get()
    due_on = workdays.calendar_of(HERE).add(clock.today() + dt.timedelta(days=10), 15)
    story.travel(10)
    screen.open("issues:console", session.pk)
    screen.look("console-planned")
    screen.send("forum:session_open", session.pk)
    screen.open("issues:console", session.pk)
    screen.hides(story.place.organization.name_km, story.place.organization.name_en)
    screen.page.locator('[data-decision="refer"] > summary').click()
    form = screen.page.locator('[data-act="refer"]')
    form.locator("details summary").first.click()
    form.locator("[name=authority]").select_option(str(story.place.office.pk))
    form.locator("[name=due_on]").fill(due_on.isoformat())
    form.locator("[name=text]").fill(story.typed["promise"])
    form.locator("[name=said_by]").fill(story.typed["said_by"])
    screen.look("console")
    form.locator("button[type=submit]").click()
    screen.page.locator(f'[data-item="{item.pk}"] [data-outcome="referred"]').wait_for()
    story.referral = Referral.objects.get()
    assert (story.status(), item.outcome.kind) == ("referred", Outcome.Kind.REFERRED)
    assert (story.referral.released_at, story.referral.wanted_on) == (None, due_on)
    release_the_minutes(story)


def release_the_minutes(story):
    screen = story.coordinator
    story.run_engine()
    assert story.mails(reminders.FIRST) == []  # nothing leaves before the room agrees
    screen.follow("issues:session_release", story.session.pk)
    screen.look("release")
    screen.send()
    screen.says("The draft minutes are agreed; the offices are told.")
    screen.look("console-released")
    story.session.refresh_from_db()
    story.referral.refresh_from_db()
    assert story.session.status == Session.Status.RELEASED
    assert story.referral.released_at is not None


def tell_the_office(story):
    story.run_engine()
    story.run_engine()  # and again: nothing is told twice

    (mail,) = story.mails(reminders.FIRST)
    body = mail.get_content()
    assert mail["To"] == story.place.official.email
    assert story.issue.reference in str(mail["Subject"])
    hidden = (story.place.organization.name_km, story.place.organization.name_en)
    assert [one for one in (*hidden, story.place.village.name_km) if one in body] == []
    story.referral.refresh_from_db()
    assert story.referral.handed_over_on == clock.today()
    assert not Referral.objects.visible_to(story.place.concerned_official).exists()
    screen = story.coordinator
    screen.open("outbox:outbox")
    screen.look("outbox")


def answer_as_office(story):
    screen, place, pk = story.official, story.place, story.referral.pk
    hidden = (
        place.organization.name_km, place.organization.name_en, place.village.name_km,
        place.village.name_en, place.concerned.name_km, place.concerned.name_en,
        story.typed["question"], story.typed["reply"],
    )  # fmt: skip
    screen.sign_in(place.official)
    screen.shows(story.typed["title"])
    screen.hides(*hidden)
    screen.look("home-official")
    screen.follow("issues:referral", pk)
    screen.shows(story.typed["title"], story.typed["text"], story.typed["promise"])
    screen.hides(*hidden)
    screen.look("referral")
    screen.send("issues:referral_acknowledge", pk)
    screen.says("Thank you. It is noted that your office received it.")
    screen.follow("issues:referral_respond", pk)
    screen.fill(text=story.typed["answer"])
    screen.look("respond")
    screen.send()
    screen.says("The answer was sent.")

    story.referral.refresh_from_db()
    assert story.referral.acknowledged_by == place.official
    assert Response.objects.get().text == story.typed["answer"]
    assert story.status() == "referred"  # an answer is no resolution


def resolve_as_office(story, what):
    screen, pk = story.official, story.referral.pk
    screen.open("issues:referral", pk)
    screen.follow("issues:referral_resolve", pk)
    screen.fill(text=story.typed[what], done_on=clock.today(), files=photo(COLORS[what]))
    screen.look(f"resolve-{what}")
    screen.send()
    screen.says("It is reported resolved. The organization is asked whether it is solved.")
    screen.look(f"referral-{what}")

    claim = Response.objects.filter(kind=Response.Kind.CLAIM).latest("created_at")
    assert (story.status(), claim.text) == ("resolved", story.typed[what])
    assert claim.evidence.count() == 1


COLORS = {"done": "blue", "done_again": "red"}


def ask_the_organization(story, *, asked):
    story.run_engine()
    story.run_engine()

    mails = story.mails(claims.CONFIRMATION)
    assert [one["To"] for one in mails] == [story.place.representative.email] * asked
    screen = story.representative
    screen.open("home")
    screen.says("Is it solved?")
    screen.look("home-representative-claim")


def say_not_yet(story):
    screen = story.representative
    screen.follow("issues:issue_dispute", story.issue.reference)
    screen.fill(text=story.typed["not_yet"])
    screen.look("dispute")
    screen.send()
    screen.says("The issue is open again, and the office is told.")

    said = Confirmation.objects.get()
    assert (said.verdict, said.reason) == (
        Confirmation.Verdict.NOT_SOLVED,
        story.typed["not_yet"],
    )
    assert story.status() == "referred"
    story.referral = Referral.objects.open().get()
    assert story.referral.authority == story.place.office
    story.run_engine()
    told = {one["To"] for one in story.mails("issue_disputed")}
    assert told == {story.place.official.email, story.place.coordinator.email}
    story.coordinator.open("home")
    story.coordinator.says("Not solved, says the organization")
    story.coordinator.look("home-coordinator-disputed")


def say_solved(story):
    screen = story.representative
    screen.follow("issues:issue_confirm", story.issue.reference)
    screen.look("confirm")
    screen.send()
    screen.says("The issue is closed: its organization has confirmed that it is solved.")
    screen.look("issue-closed")

    assert (story.status(), story.issue.closed_as) == ("closed", Issue.Closing.CONFIRMED)
    assert not Referral.objects.open().exists()
    verdict = Confirmation.objects.latest("created_at").verdict
    assert verdict == Confirmation.Verdict.SOLVED


def read_the_whole_history(story, is_disputed):
    """The page and the audit trail tell the same story, in its order."""
    acts = ["draft", "submit", "return", "reply", "accept", "schedule", "refer", "hand_over"]
    acts += ["acknowledge", "respond", "resolve"]
    acts += ["dispute", "resolve"] if is_disputed else []
    acts += ["confirm"]
    entries = AuditEntry.objects.filter(action__startswith="issue.").order_by("pk")
    told = [one.action.removeprefix("issue.") for one in entries]
    assert [one for one in told if one in acts] == acts
    screen = story.coordinator
    screen.open("issues:issue", story.issue.reference)
    screen.says("Confirmed solved")
    screen.look("issue-history")
