"""Words without what no page and no column may hold; of HTML the words alone."""

import re
from html.parser import HTMLParser

BREAKS = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote", "hr"}
SILENT = {"style", "script", "head", "title", "template"}
MOST_OPEN = 2000  # characters behind a sign that opens something nobody closes


def visible(text: str) -> str:
    """Without control characters but tabs and ends of lines, and without half characters."""
    kept = "".join(sign for sign in text if sign in "\n\r\t" or ord(sign) >= 32)
    return kept.encode(errors="ignore").decode()


def line(text: str) -> str:
    """As one line, for names and titles."""
    return " ".join(visible(text).split())


def text_of_html(html: str) -> str:
    """The words of a page, what is quoted marked by ``>``; nothing of it is loaded or run."""
    reader = _Reader()
    reader.feed(html)
    # The library looks for the end anew at each sign behind: over a long rest that takes minutes.
    reader.rawdata = reader.rawdata[:MOST_OPEN]
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quotes = 0
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        self._break(tag)
        if tag == "blockquote":
            self.quotes += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        if tag != "br":
            self._break(tag)
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        words = re.sub(r"[\s\xa0]+", " ", data)
        if not self.lines[-1]:
            words = words.lstrip()
            words = ("> " if self.quotes else "") + words if words else ""
        self.lines[-1] += words

    def _break(self, tag: str) -> None:
        if tag in BREAKS and (self.lines[-1] or tag in ("br", "p")):
            self.lines.append("")

    def text(self) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(one.rstrip() for one in self.lines)).strip()
