"""The official's link on a phone: looked at, resolved with one form, the same form sent again."""

import pytest

from audit import clock
from audit.models import AuditEntry
from issues.models import Issue, LinkUse, Response
from outbox.models import Message
from reminders import actions as reminders
from tests.browser.screen import PHONE
from tests.factories import issue_in, official_of
from tests.issues.test_actions_links import key_in
from tests.journeys.story import outbox

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGE = "km"
DONE, NAME, OFFICE = "យើងបានជួសជុលផ្លូវរួចហើយ។", "អនុប្រធានមន្ទីរ", "មន្ទីរសាធារណការ"
# The form as it stands, sent behind the page's back: pressing its button sends it once more.
SEND = """
async () => {
  const form = document.querySelector("main form[method=post]");
  const answer = await fetch(location.href, { method: "POST", body: new FormData(form) });
  return answer.status;
}
"""


def trail():
    """How much has been recorded, and how the issue stands."""
    return AuditEntry.objects.count(), Issue.objects.get().status


def test_official_resolves_by_the_link_on_a_phone(window):
    issue = issue_in("referred", language=LANGUAGE, title="ផ្លូវដាច់", text="គ្មាននរណាអាចឆ្លងកាត់បានទេ។")
    official_of(issue.referrals.get().authority, language=LANGUAGE, email="head@office.example")
    issue.referrals.update(handed_over_on=None, due_on=None, note="សូមជួសជុលផ្លូវ។")
    reminders.plan(now=clock.now())
    while outbox.dispatch_some(now=clock.now()):
        pass
    key = key_in(Message.objects.get(kind="first_referral").body)
    screen = window(LANGUAGE, PHONE)

    before = trail()
    for _time in range(48):
        assert screen.page.request.get(f"/r/{key}/").ok
    for _time in range(2):
        screen.open("issues:link", key)
    assert (trail(), LinkUse.objects.count()) == (before, 0)
    screen.shows(issue.reference, issue.title, "សូមជួសជុលផ្លូវ។")
    screen.look("link")
    screen.follow("issues:link_act", key, "resolve")
    screen.look("link-resolve")
    screen.fill(text=DONE, name=NAME, office=OFFICE)
    assert screen.page.evaluate(SEND) == 200
    assert Issue.objects.get().status == "resolved"
    screen.send()

    screen.shows(issue.reference, NAME, OFFICE)
    screen.hides(issue.title, DONE)
    screen.look("link-resolved")
    said = Response.objects.get()
    assert (said.kind, said.text, said.title) == ("claim", DONE, f"{NAME}, {OFFICE}")
    assert LinkUse.objects.count() == 1
    screen.open("issues:link", "0" * 43)
    screen.problems = [one for one in screen.problems if "404" not in one]
    screen.look("link-closed")
