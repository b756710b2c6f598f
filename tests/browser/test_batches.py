"""A coordinator takes in a file of issues on a phone, with and without scripts."""

import pytest

from audit import clock
from issues import actions
from issues.models import Batch
from tests import factories as f
from tests.browser.screen import PHONE
from tests.issues.sheets import as_xlsx, good

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user():
    f.ThemeFactory(code="land")
    f.LocalityFactory(code="11010101", name_en="Pu Char")
    f.OrganizationFactory(slug="red-hills", name_en="Red hills")
    return f.coordinator_of(f.ProvinceFactory())


def work():
    actions.take_in_some(now=clock.now())


def send(screen, content):
    upload = {"name": "issues.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    screen.page.locator("[name=file]").set_input_files(upload)
    screen.page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_file_is_corrected_checked_and_taken_in(window, user, scripts):
    screen = window("en", PHONE, user, java_script_enabled=scripts)
    screen.open("issues:issues")
    screen.page.get_by_role("link", name="Import a file of issues").click()
    screen.picture("batch-new")
    send(screen, as_xlsx(good(1), good(2, theme="weather", women="999")))
    screen.page.get_by_role("progressbar").wait_for()
    screen.picture("batch-checking")
    work()
    if not scripts:
        screen.page.get_by_role("link", name="Look again").click()
    screen.page.get_by_text("There cannot be more women than people").wait_for()
    screen.shows("2 places in the file have to be corrected", "Line 3", "No theme has this name")
    screen.picture("batch-faulty")

    screen.page.get_by_role("link", name="Send the corrected file").click()
    send(screen, as_xlsx(good(1), good(2, village="Pu Char")))
    screen.page.get_by_role("progressbar").wait_for()
    work()
    if not scripts:
        screen.page.get_by_role("link", name="Look again").click()
    press = screen.page.get_by_role("button", name="Take in 2 issues")
    press.wait_for()
    if scripts:
        screen.look("batch-checked")
    press.click()
    screen.page.get_by_role("progressbar").wait_for()
    work()
    if not scripts:
        screen.page.get_by_role("link", name="Look again").click()
    screen.page.get_by_text("2 issues were taken in.").wait_for()
    screen.picture("batch-done")
    references = [line.issue.reference for line in Batch.objects.first().lines.all()]
    screen.shows(*references)
    assert screen.problems == []
