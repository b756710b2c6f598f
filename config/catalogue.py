"""The Khmer catalogue: found in code and templates, kept as .po, compiled without ``msgfmt``.

Besides our own words it holds those of Django and allauth that a reader meets: Django's own Khmer
catalogue knows fewer than a third of them, and ours wins because it stands in LOCALE_PATHS.
"""

import io
import subprocess
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import templatize

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Modules of others whose sentences our readers meet.
BORROWED = (
    "django.forms.fields",
    "django.forms.formsets",
    "django.forms.models",
    "django.core.validators",
    "django.contrib.auth.password_validation",
    "django.contrib.auth.forms",
    "django.template.defaultfilters",
    "allauth.account.adapter",
    "allauth.account.forms",
    "allauth.account.fields",
)
Key = tuple[str | None, str]


def catalogue() -> Path:
    """Where the Khmer catalogue stands."""
    return Path(settings.BASE_DIR) / "locale/km/LC_MESSAGES/django.po"


def compile_all() -> int:
    """Compile each catalogue that is newer than its compiled form; answers how many."""
    done = 0
    for path in (Path(settings.BASE_DIR) / "locale").glob("*/LC_MESSAGES/*.po"):
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            polib.pofile(str(path)).save_as_mofile(str(compiled))
            done += 1
    return done


def found() -> dict[Key, polib.POEntry]:
    """Every sentence that a reader can meet, by context and English words."""
    entries: dict[Key, polib.POEntry] = {}
    for place, text in _sources():
        for context, singular, plural in _messages(text):
            entry = entries.setdefault(
                (context, singular), polib.POEntry(msgid=singular, msgctxt=context)
            )
            entry.msgid_plural = entry.msgid_plural or plural
            if (place, "") not in entry.occurrences:
                entry.occurrences.append((place, ""))
    return entries


def missing() -> list[str]:
    """English sentences whose Khmer is not there, empty or marked as doubtful."""
    known = {(e.msgctxt, e.msgid): e for e in polib.pofile(str(catalogue()))}
    return sorted(key[1] for key in found() if key not in known or not known[key].translated())


def update() -> tuple[int, int]:
    """Bring new sentences in and take old ones out; answers how many of each."""
    po = polib.pofile(str(catalogue()))
    wanted = found()
    held = {(entry.msgctxt, entry.msgid): entry for entry in po}
    for key, entry in wanted.items():
        if key in held:
            held[key].occurrences = entry.occurrences
            held[key].msgid_plural = entry.msgid_plural
        else:
            po.append(_blank(entry))
    old = [entry for key, entry in held.items() if key not in wanted]
    for entry in old:
        po.remove(entry)
    po.sort(key=lambda entry: (entry.occurrences[0][0], entry.msgid))
    po.save(str(catalogue()))
    return len(wanted.keys() - held.keys()), len(old)


def _blank(entry: polib.POEntry) -> polib.POEntry:
    """Khmer has one form for any number."""
    if entry.msgid_plural:
        entry.msgstr_plural = {0: ""}
    return entry


def _sources() -> Iterator[tuple[str, str]]:
    """Name and Python-like text of each file to search."""
    base = Path(settings.BASE_DIR)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=base,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for name in sorted(set(listed)):
        if (base / name).is_file() and not name.startswith(("tests/", "benchmarks/")):
            yield from _source(name, base / name)
    for module in BORROWED:
        spec = find_spec(module)
        if spec and spec.origin:
            yield module.replace(".", "/") + ".py", Path(spec.origin).read_text()


def _source(name: str, path: Path) -> Iterator[tuple[str, str]]:
    if name.endswith(".py") and "/migrations/" not in name:
        yield name, path.read_text()
    elif name.startswith("templates/") and name.endswith((".html", ".txt")):
        # Each line stands alone: what Django leaves of a template is no indented Python.
        text = templatize(path.read_text(), origin=name)
        yield name, "\n".join(line.strip() for line in text.splitlines())


def _messages(text: str) -> Iterable[tuple[str | None, str, str]]:
    """Context, English words and plural of each message in the text."""
    from babel.messages.extract import extract  # noqa: PLC0415 - only developers need Babel

    for row in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        words, context = row[1], row[3]
        singular, plural = (words, "") if isinstance(words, str) else (words[0], words[-1])
        if singular:
            yield context, singular, plural if plural != singular else ""
