"""A person before a screen: one browser window, what it shows, what is pressed in it."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.test import Client
from django.urls import reverse
from django.utils import translation

if TYPE_CHECKING:  # conftest.py loads this before there are settings
    from playwright.sync_api import Browser, Locator, Page

    from accounts.models import User

PASSWORD = "vedika-demo"  # as in tests.factories
PHONE, DESK = (360, 800), (1280, 900)
LOCALES = {"km": "km-KH", "en": "en-GB"}
# Set to a folder to get a picture of every page a test looks at, as a phone and a desk show it.
SHOTS = os.environ.get("VEDIKA_SCREENSHOTS", "")
# Latin words that stand in Khmer sentences as they are.
LATIN = {
    "Vedika", "JPEG", "PNG", "WebP", "HEIC", "PDF", "Word", "docx", "CSV", "XLSX", "UTF", "MB",
    "KB", "SMS", "Telegram", "JavaScript", "QR", "Excel", "xlsx", "land", "water",
    "Alt", "Subscribe", "From", "URL", "SHA", "Facebook", "Start", "apprise", "Re", "bot",
}  # fmt: skip
LATIN |= {"sokha", "lumphat"}  # what a user name may look like
WORD = re.compile(r"[A-Za-z][A-Za-z'-]+(?!\w)")  # "person3" is a name
# Latin in every language: addresses, placeholders, ways of writing an address.
ADDRESS = re.compile(r"\S+@\S+|https?://\S+|\{[a-z_]+\}|discord\W.+?workflows")
# Every text of the page with its language and, besides, what is said by attributes alone.
WORDS = """
() => {
  const foreign = (node) => node.closest("[lang]").lang !== "km";
  const silent = "script, style, template, noscript, textarea, .language";
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!node.closest(silent) && !foreign(node)) found.push(walker.currentNode.data);
  }
  for (const name of ["aria-label", "placeholder", "title", "alt", "data-confirm", "data-counter"])
    for (const node of document.querySelectorAll(`[${name}]`))
      if (!foreign(node)) found.push(node.getAttribute(name).replace("{left}", ""));
  return found;
}
"""
WIDER = """
() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [document.title, ...document.body.querySelectorAll("*")]
  .filter((one) => !one.closest || one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5).map((one) => one.outerHTML?.slice(0, 80) ?? one)
"""


class Screen:
    """One window of one person; ``problems`` holds what the browser or ``look`` complained of."""

    def __init__(self, page: "Page", language: str, base: str) -> None:
        self.page = page
        self.language = language
        self.base = base
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("console", self._hear)
        page.on("dialog", lambda dialog: dialog.accept())

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{self.page.url}: {message.text}")

    # --- going somewhere ---
    def open(self, name: str, *args: object) -> None:
        """Type an address; "/…" or the name of a URL."""
        self.page.goto(name if name.startswith("/") else reverse(name, args=args))

    def follow(self, name: str, *args: object) -> None:
        """Press the first visible link to the named address, as a person would."""
        url = reverse(name, args=args)
        links = self.page.locator(f'main a[href="{url}"], main a[href^="{url}?"]')
        links.filter(visible=True).first.click()

    def sign_in(self, user: "User") -> None:
        """By the sign-in page, with the password of all factories."""
        self.open("account_login")
        self.page.fill("[name=login]", user.email)
        self.page.fill("[name=password]", PASSWORD)
        self.send()

    def enter(self, user: "User") -> None:
        """Be signed in without the page, for tests of something else."""
        client = Client()
        client.force_login(user)
        value = client.cookies["sessionid"].value
        self.page.context.add_cookies([{"name": "sessionid", "value": value, "url": self.base}])

    # --- typing ---
    def fill(self, **typed: object) -> None:
        """Type into the fields of these names; a list ticks, a choice of radios is chosen."""
        for name, value in typed.items():
            self._fill(self.page.locator(f'main [name="{name}"]:not([type=hidden])'), value)

    def _fill(self, fields: "Locator", value: object) -> None:
        kind = fields.first.evaluate("one => one.type")
        if kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                fields.and_(self.page.locator(f'[value="{one}"]')).check()
        elif kind.startswith("select"):
            fields.first.select_option(str(value))
        elif kind == "file":
            fields.first.set_input_files(value)
        else:
            fields.filter(visible=True).first.fill(str(value))

    def send(self, action: str = "", *args: object) -> None:
        """Press the button of the form; with ``action`` of the one that goes to this address."""
        form = "main form[method=post]"
        if action:
            form += f'[action^="{reverse(action, args=args)}"]'
        self.page.locator(f"{form} button[type=submit].btn").filter(visible=True).last.click()
        self.page.wait_for_load_state()

    # --- looking ---
    @property
    def text(self) -> str:
        """All that can be read, in one line."""
        return " ".join(self.page.locator("body").inner_text().split())

    def words(self, english: str, **values: object) -> str:
        """A sentence of ours in the language of the page; it must be translated."""
        with translation.override(self.language):
            found = translation.gettext(english)
        assert self.language == "en" or found != english, f"no Khmer for {english!r}"
        return found % values if values else found

    def says(self, english: str, **values: object) -> None:
        """The page shows this sentence in its language."""
        self.shows(self.words(english, **values))

    def shows(self, *texts: object) -> None:
        """The page shows each of these texts as they are."""
        missing = [one for one in texts if str(one) not in self.text]
        assert not missing, f"{missing} in {self.page.url}: {self.text}"

    def hides(self, *texts: object) -> None:
        """Nothing of these stands in the page or in its source."""
        source = self.page.content()
        shown = [one for one in texts if str(one) in source]
        assert not shown, f"{shown} in {self.page.url}"

    def look(self, name: str) -> None:
        """Note what no page may show: something cut off, another language; see ``problems``."""
        self.picture(name)
        found = {
            "language": self.page.locator("html").get_attribute("lang") != self.language,
            "cut off": self.page.evaluate(WIDER),
            "English": self.foreign_words(),
        }
        self.problems += [f"{name}: {what}: {seen}" for what, seen in found.items() if seen]

    def foreign_words(self) -> list[str]:
        """English words in a Khmer page, but those typed or marked as English."""
        if self.language != "km":
            return []
        texts = self.page.evaluate(WORDS)
        found = {word for text in texts for word in WORD.findall(ADDRESS.sub(" ", text))}
        return sorted(found - LATIN)

    def picture(self, name: str) -> None:
        """Keep a picture of the page as a phone and a desk show it, where it is asked for."""
        if not SHOTS:
            return
        before = self.page.viewport_size
        for width, height in (PHONE, DESK):
            self.page.set_viewport_size({"width": width, "height": height})
            path = Path(SHOTS) / f"{name}-{self.language}-{width}.png"
            self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size(before)


@contextmanager
def screens(browser: "Browser", base: str) -> Iterator[Callable[..., Screen]]:
    """A maker of windows, each of a person of its own; at the end none may have a problem."""
    made: list[Screen] = []

    def make(language: str = "en", size: tuple[int, int] = PHONE, user=None, **options) -> Screen:
        context = browser.new_context(
            base_url=base,
            locale=LOCALES[language],
            viewport={"width": size[0], "height": size[1]},
            **options,
        )
        context.set_default_timeout(30_000)
        screen = Screen(context.new_page(), language, base)
        made.append(screen)
        if user is not None:
            screen.enter(user)
        return screen

    yield make
    for screen in made:
        screen.page.context.close()
    problems = [problem for screen in made for problem in screen.problems]
    assert not problems, "\n".join(problems)
