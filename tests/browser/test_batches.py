"""A coordinator takes in a file of issues on a phone, with and without scripts."""

import pytest
from django.utils import translation

from audit import clock
from issues import actions
from issues.models import Batch
from khmer import numbers
from tests import factories as f
from tests.browser.screen import PHONE
from tests.issues.sheets import as_xlsx, good

pytestmark = pytest.mark.django_db(transaction=True)
FAULT = "There cannot be more women than people. Correct one of the numbers."
TAKE_IN = "Take in %(number)s issue", "Take in %(number)s issues"
TAKEN_IN = "%(number)s issue was taken in.", "%(number)s issues were taken in."
PLACES = (
    "Nothing was taken in: %(shown)s place in the file has to be corrected.",
    "Nothing was taken in: %(shown)s places in the file have to be corrected.",
)
TYPED = {
    "km": {"title": "ផ្លូវត្រូវបានកាត់ផ្ដាច់", "text": "គ្មានអ្នកណាអាចឆ្លងកាត់បាន។", "language": "km"},
    "en": {},
}


@pytest.fixture
def user():
    f.ThemeFactory(code="land")
    f.LocalityFactory(code="11010101", name_en="Pu Char")
    f.OrganizationFactory(slug="red-hills", name_en="Red hills")
    return f.coordinator_of(f.ProvinceFactory())


def line(screen, number, **changes):
    """One that is good, in the language of the screen."""
    typed = TYPED[screen.language]
    title = {"title": f"{typed['title']} {number}"} if typed else {}
    return good(number, **typed | title | changes)


def many(screen, sentences, number):
    """A sentence about so many, in the language of the screen."""
    with translation.override(screen.language):
        found = translation.ngettext(*sentences, number)
    shown = numbers.to_khmer(number) if screen.language == "km" else str(number)
    assert screen.language == "en" or found not in sentences, f"no Khmer for {sentences[1]!r}"
    return found % {"number": shown, "shown": shown}


def send(screen, *lines):
    """Choose the file, have it checked, and wait until the page says that this goes on."""
    upload = {"mimeType": "application/octet-stream", "buffer": as_xlsx(*lines)}
    screen.page.locator("[name=file]").set_input_files(upload | {"name": "issues.xlsx"})
    press(screen, screen.words("Check the file"))
    screen.page.get_by_role("progressbar").wait_for()


def press(screen, label):
    screen.page.get_by_role("button", name=label).click()


def work(screen, scripts):
    """What the worker does; the page sees it by itself, or when it is asked to look again."""
    actions.take_in_some(now=clock.now())
    if not scripts:
        screen.page.get_by_role("link", name=screen.words("Look again")).click()


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("en", False), ("km", True)])
def test_a_file_is_corrected_checked_and_taken_in(window, user, language, scripts):
    screen = window(language, PHONE, user=user, java_script_enabled=scripts)
    screen.open("issues:issues")
    screen.follow("issues:batch_new")
    screen.picture("batch-new")
    send(screen, line(screen, 1), line(screen, 2, theme="weather", women="999"))
    screen.picture("batch-checking")
    work(screen, scripts)
    screen.page.get_by_text(screen.words(FAULT)).wait_for()
    screen.shows(many(screen, PLACES, 2))
    screen.says("No theme has this name. Take one from the second sheet of the template.")
    screen.says("Line %(line)s", line=numbers.to_khmer(3) if language == "km" else 3)
    screen.picture("batch-faulty")

    screen.page.get_by_role("link", name=screen.words("Send the corrected file")).click()
    send(screen, line(screen, 1), line(screen, 2, village="Pu Char"))
    work(screen, scripts)
    screen.page.get_by_role("button", name=many(screen, TAKE_IN, 2)).wait_for()
    if scripts:
        screen.look("batch-checked")
    press(screen, many(screen, TAKE_IN, 2))
    screen.page.get_by_role("progressbar").wait_for()
    work(screen, scripts)
    screen.page.get_by_text(many(screen, TAKEN_IN, 2)).wait_for()
    if scripts:
        screen.look("batch-done")
    references = [one.issue.reference for one in Batch.objects.first().lines.all()]
    screen.shows(*references)
    assert screen.problems == []
