"""A whole session of twenty items: the network cut for six, a second recorder, to the minutes."""

import datetime as dt
import io

import docx
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from audit import clock
from forum.models import Presiding, Session
from issues import actions
from issues.models import AgendaItem, Issue, Outcome, Referral
from minutes.models import Minutes
from outbox.models import Notice
from tests.browser.screen import DESK
from tests.factories import (
    DAY,
    AgendaItemFactory,
    InvitationFactory,
    PresidingFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
)
from tests.journeys.place import make_place
from tests.paper.reading import text_in

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "មន្ទីរនឹងជួសជុលមុនរដូវវស្សា។"
ISSUES = range(2, 20)  # the first and the last of the twenty are points
# What each of the twenty items ends as, and how.
PLAN = {
    1: "note", 2: "address", 3: "refer", 4: "study", 5: "suspend", 6: "higher",
    7: "address", 8: "refer", 9: "defer", 10: "address", 11: "refer", 12: "address",
    13: "not_competent", 14: "withdraw", 15: "refer", 16: "note", 17: "address", 18: "defer",
    19: "refer", 20: "note",
}  # fmt: skip
CUT = range(7, 13)  # recorded by the first without a connection
OVERTAKEN = {10: "defer", 11: "note", 12: "address"}  # what the first presses there, too late
KINDS = {
    "note": "noted", "address": "addressed", "refer": "referred", "study": "study",
    "suspend": "suspended", "higher": "higher", "defer": "deferred",
    "not_competent": "not_competent", "withdraw": "withdrawn",
}  # fmt: skip
STATES = {
    "note": "accepted", "address": "resolved", "refer": "referred", "study": "referred",
    "suspend": "referred", "higher": "referred", "defer": "accepted",
    "not_competent": "closed", "withdraw": "closed",
}  # fmt: skip
WITH_OFFICE = {"refer", "study", "suspend", "higher"}

DECIDED = "[data-done], :has([data-unsent]:not([hidden]))"  # recorded, or kept on the device


class Day:
    """The session, its twenty items by number, its place and people."""

    def __init__(self):
        self.place = make_place("km")
        now = clock.now()
        province = self.place.office.province
        self.session = SessionFactory(
            province=province,
            forum__provinces=[province],
            starts_at=now - DAY / 24,
            ends_at=now + DAY / 8,
            status="open",
            published_at=now - DAY,
        )
        for role, who in (
            (Presiding.Role.CHAIR, self.place.chair),
            (Presiding.Role.CO_PRESIDER, self.place.deputy),
        ):
            PresidingFactory(session=self.session, presider=who, role=role)
        InvitationFactory(session=self.session, organization=self.place.organization)
        InvitationFactory(session=self.session, organization=None, authority=self.place.office)
        self._put_on_the_agenda()
        actions.open_floor(self.session, now=now)
        self.second = coordinator_of(province, language="km")

    def _put_on_the_agenda(self):
        place = self.place
        AgendaItemFactory(session=self.session, issue=None, title="ពិធីបើក")
        for number in ISSUES:
            issue_in(
                "scheduled",
                session=self.session,
                organization=place.organization,
                theme=place.theme,
                title=f"អណ្ដូងទឹកទី {number}",
                language="km",
            )
        AgendaItemFactory(session=self.session, issue=None, title="ពិធីបិទ")
        self.items = dict(enumerate(self.session.agenda_items.all(), start=1))

    def number_of(self, item):
        return next(number for number, one in self.items.items() if one.pk == item)


@pytest.fixture
def day():
    return Day()


def go(screen, item):
    screen.page.locator(f'#console-list [data-go="{item.pk}"]').click()


def press(screen, day, number, act):
    """Open the item and the form of the act, type what it asks for, and press."""
    go(screen, day.items[number])
    screen.page.locator(f'[data-decision="{act}"] > summary').click()
    form = screen.page.locator(f'[data-act="{act}"]')
    form.locator("[name=text]").fill(SAID)
    if act in WITH_OFFICE:
        office = day.place.office.superior if act == "higher" else day.place.office
        form.locator("[name=authority]").select_option(str(office.pk))
        form.locator("[name=days]").fill("40" if act == "suspend" else "20")
    if act in ("study", "suspend"):
        until = clock.today() + dt.timedelta(days=30)
        form.locator("[name=until]").fill(until.isoformat())
    form.locator("button[type=submit]").click()
    link = screen.page.locator(f'#console-list [data-go="{day.items[number].pk}"]')
    expect(link.and_(screen.page.locator(DECIDED))).to_have_count(1)


def waits(screen, number):
    shown = screen.page.locator(f'#console-status [data-queue-count="{number}"]')
    expect(shown).to_have_count(1, timeout=30_000)


def without_lost(screen):
    """The browser itself complains of the connection that was cut, and of each conflict."""
    known = ("ERR_INTERNET", "409")
    screen.problems[:] = [one for one in screen.problems if not any(sign in one for sign in known)]


def test_session_of_twenty_items_ends_in_right_referrals_and_right_minutes(window, day):
    first = window("km", DESK, user=day.place.coordinator)
    second = window("km", DESK, user=day.second)
    for screen in (first, second):
        screen.open("issues:console", day.session.pk)
    record_with_the_network_cut(first, second, day)
    settle_what_was_not_taken(first, day)
    check_what_was_recorded(day)
    release(first, day)
    approve_and_publish(first, day)
    check_the_papers(first, day)


def record_with_the_network_cut(first, second, day):
    for number in range(1, 7):
        press(first, day, number, PLAN[number])
    waits(first, 0)
    first.page.context.set_offline(True)
    for number in CUT:
        press(first, day, number, OVERTAKEN.get(number, PLAN[number]))
    waits(first, len(CUT))
    for number in range(10, 15):  # meanwhile
        press(second, day, number, "defer" if number == 12 else PLAN[number])
    waits(second, 0)
    first.picture("session-day-cut")
    assert Outcome.objects.count() == 11
    first.page.context.set_offline(False)
    waits(first, 0)
    for number in range(15, 21):
        press(first, day, number, PLAN[number])
    waits(first, 0)


def settle_what_was_not_taken(first, day):
    """The second recorder's record stands; the first gives way twice, and corrects once."""
    for number in OVERTAKEN:
        refusal = first.page.locator(f'[data-refusal="{day.items[number].pk}"]')
        expect(refusal).to_have_count(1)
    first.picture("session-day-not-taken")
    for number in (10, 11):
        refusal = first.page.locator(f'[data-refusal="{day.items[number].pk}"]')
        refusal.locator("[data-discard]").click()
        expect(refusal).to_have_count(0)
    refusal = first.page.locator(f'[data-refusal="{day.items[12].pk}"]')
    refusal.locator("[data-open]").click()
    first.page.locator('[data-act="address"] button[type=submit]').click()
    expect(refusal).to_have_count(0, timeout=20_000)
    waits(first, 0)
    without_lost(first)


def check_what_was_recorded(day):
    outcomes = Outcome.objects.select_related("item__issue", "recorded_by")
    found = {day.number_of(one.item_id): one for one in outcomes}
    assert {number: one.kind for number, one in found.items()} == {
        number: KINDS[act] for number, act in PLAN.items()
    }
    recorders = {number: one.recorded_by for number, one in found.items()}
    second = {number for number, who in recorders.items() if who == day.second}
    assert second == {10, 11, 13, 14}
    assert (found[12].version, found[12].corrections.get().before["kind"]) == (2, "deferred")
    assert {number: found[number].item.issue.status for number in ISSUES} == {
        number: STATES[PLAN[number]] for number in ISSUES
    }
    held = Referral.objects.open().values_list("outcome__item", "authority", "role", "released_at")
    office, higher = day.place.office.pk, day.place.office.superior_id
    assert sorted(held) == [
        (day.items[number].pk, higher if PLAN[number] == "higher" else office, "lead", None)
        for number in ISSUES
        if PLAN[number] in WITH_OFFICE
    ]


def release(screen, day):
    screen.open("issues:session_release", day.session.pk)
    screen.send()
    day.session.refresh_from_db()
    assert day.session.status == Session.Status.RELEASED
    assert not Referral.objects.open().filter(released_at=None).exists()
    eligible = Issue.objects.eligible(day.session.province_id)
    assert eligible.count() == sum(PLAN[number] in ("defer", "note") for number in ISSUES)
    told = list(
        Notice.objects.filter(kind__startswith="session_closed").values_list("kind", "recipient")
    )
    assert len(told) == len(set(told))
    assert {
        ("session_closed_office", f"user:{day.place.official.pk}"),
        ("session_closed_organization", f"user:{day.place.representative.pk}"),
    } <= set(told)


def approve_and_publish(screen, day):
    today = clock.today().isoformat()
    screen.open("minutes:passage", day.session.pk, "opening", "km")
    screen.fill(text="ប្រធានបានថ្លែងពាក្យស្វាគមន៍។")
    screen.send()
    screen.open("minutes:send", day.session.pk)
    screen.fill(until=(clock.today() + dt.timedelta(days=7)).isoformat())
    screen.send()
    screen.open("minutes:approve", day.session.pk)
    signed = {"name": "ហត្ថលេខី", "on": today}
    typed = {f"{part}_{role}": value for role in Presiding.Role for part, value in signed.items()}
    screen.fill(**typed)
    screen.send()
    screen.open("minutes:publish", day.session.pk)
    screen.send()
    assert Minutes.objects.get().status == Minutes.Status.PUBLISHED
    with pytest.raises(Exception, match="approved"):
        Outcome.objects.update(text="ក្រោយ")
    assert AgendaItem.objects.count() == len(PLAN)


def check_the_papers(screen, day):
    """Both papers hold every item with its outcome, in order."""
    pdf, word = (
        screen.page.request.get(reverse(f"minutes:{name}", args=[day.session.pk])).body()
        for name in ("minutes_pdf", "minutes_docx")
    )
    references = Issue.objects.order_by("agenda_items__position").values_list(
        "reference", flat=True
    )
    written = "".join(texts_of(word))
    for text in (text_in(pdf), written):
        places = [text.index(one) for one in references]
        assert places == sorted(places)
    assert written.count(SAID) >= len(ISSUES)


def texts_of(word):
    """Every text of a Word file, in order."""
    body = docx.Document(io.BytesIO(word)).element.body
    return [one.text or "" for one in body.iter() if one.tag.endswith("}t")]
