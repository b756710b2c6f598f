"""A person in danger presses once on a telephone; the secretariat sees it first, and lifts it."""

import pytest

from issues.models import Issue
from tests.browser.screen import PHONE
from tests.factories import coordinator_of, issue_in, representative_of

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("language", ["km"])
def test_pressed_seen_and_lifted_on_a_telephone(window, language):
    issue = issue_in("referred")
    raiser = representative_of(issue.organization, language=language)
    coordinator = coordinator_of(issue.province, language=language)
    mine = window(language, PHONE, user=raiser)

    mine.open("issues:issue", issue.reference)
    mine.page.locator("main a[href$='/pressured/']").click()
    mine.page.wait_for_selector("main form .btn-danger")
    mine.picture("pressured")
    assert mine.page.evaluate(WIDTH) <= PHONE[0]
    mine.page.locator("main form .btn-danger").click()
    mine.page.wait_for_selector("main .alert-warning")
    mine.picture("frozen")
    assert mine.page.evaluate(WIDTH) <= PHONE[0]
    assert Issue.objects.get().pressured_at

    theirs = window(language, PHONE, user=coordinator)
    theirs.open("home")
    theirs.picture("safety-alerts")
    first = theirs.page.locator("main section").first
    assert first.get_attribute("id") == "safety"
    assert theirs.page.evaluate(WIDTH) <= PHONE[0]
    first.locator("a").click()
    theirs.page.locator("main a[href$='/lift/']").click()
    theirs.page.wait_for_selector("main form .btn-primary")
    theirs.picture("lift")
    assert theirs.page.evaluate(WIDTH) <= PHONE[0]
    theirs.fill(reason="They feel safe again.")
    theirs.page.locator("main form .btn-primary").click()
    theirs.page.wait_for_selector(".alert-success")
    assert Issue.objects.get().pressured_at is None
