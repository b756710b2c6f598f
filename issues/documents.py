"""Making of a Word document (.docx) a fresh one: its text, look and photos, nothing of its makers.

A new package is built: only the parts listed here are read, each is cleaned (``issues.wordml``),
photos are made anew (``issues.photos``), and all names and dates of the package are neutral.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.sax.saxutils import quoteattr

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image

from issues import photos, wordml
from issues.wordml import UncleanError

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_ENTRIES = 2_000
MAX_UNPACKED = 60 * 1024 * 1024  # bytes of all entries
MAX_XML = 10 * 1024 * 1024  # bytes of all the XML that is read
MAX_RATIO = 100  # of unpacked to packed, for what is not small
SMALL = 1024 * 1024
MAX_PICTURES = 100
MAX_PIXELS = 200_000_000  # of all pictures
MAX_LINK = 2_000
FAULTS = (zipfile.BadZipFile, zlib.error, UncleanError, EOFError, OSError, ValueError)
FAULTS_OF_ZIP = (*FAULTS, NotImplementedError, RuntimeError, LookupError)

TYPES = "application/vnd.openxmlformats-officedocument."
WORD = f"{TYPES}wordprocessingml."
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "officeDocument"
# The parts that are kept, by the kind of their relationship: outermost element, type.
PARTS = {
    MAIN: ("w:document", f"{WORD}document.main+xml"),
    "styles": ("w:styles", f"{WORD}styles+xml"),
    "settings": ("w:settings", f"{WORD}settings+xml"),
    "numbering": ("w:numbering", f"{WORD}numbering+xml"),
    "fontTable": ("w:fonts", f"{WORD}fontTable+xml"),
    "theme": ("a:theme", f"{TYPES}theme+xml"),
    "header": ("w:hdr", f"{WORD}header+xml"),
    "footer": ("w:ftr", f"{WORD}footer+xml"),
    "footnotes": ("w:footnotes", f"{WORD}footnotes+xml"),
    "endnotes": ("w:endnotes", f"{WORD}endnotes+xml"),
}
# At most one of each, which the document need not name to have it.
IMPLIED = set(PARTS) - {MAIN, "header", "footer"}
EXTERNAL = ' TargetMode="External"'
IMAGE, HYPERLINK = "image", "hyperlink"
# What cannot be looked into: other files inside, programs, charts with their tables.
UNCLEAN = {
    "oleObject", "package", "control", "activeXControlBinary", "aFChunk", "subDocument", "chart",
    "chartEx", "diagramData",
}  # fmt: skip
INSIDE = ("word/embeddings/", "word/activex/")
MACROS = ("vbaproject", "vbadata", "macroenabled")


def is_document(content: bytes) -> bool:
    """The content is a package as Word writes it, or an older or locked document of Office."""
    return content.startswith((ZIP, OLE))


def clean(content: bytes) -> bytes:
    """The same text and photos without metadata; the same content gives the same bytes.

    Raises ValidationError with a sentence for what is damaged, locked, has macros, or has parts
    that cannot be cleaned.
    """
    if content.startswith(OLE):
        _refuse_locked()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            return _Document(_Package(source)).clean()
    except FAULTS_OF_ZIP as error:
        raise ValidationError(
            _("The Word document is damaged. Save it once more, or send it as a PDF."),
            code="bad_docx",
        ) from error


def _refuse_locked() -> NoReturn:
    raise ValidationError(
        _(
            "This is an older Word document, or one with a password. Save it as .docx without"
            " a password, or as a PDF."
        ),
        code="old_docx",
    )


def _refuse_other() -> NoReturn:
    raise ValidationError(
        _("This is no Word document (.docx). Send it as a PDF."), code="unknown_kind"
    )


def _refuse_macros() -> NoReturn:
    raise ValidationError(
        _("The document holds programs (macros). Save it as .docx without them, or as a PDF."),
        code="macros",
    )


def _refuse_unclean() -> NoReturn:
    raise ValidationError(
        _(
            "The document holds other files, charts or controls, which may tell of people."
            " Save it as a PDF and send that."
        ),
        code="unclean_docx",
    )


def _refuse_swollen() -> NoReturn:
    raise ValidationError(
        _("The document is too large inside. Send it in parts, or as a PDF."), code="swollen"
    )


# --- reading ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Relationship:
    """From one part to another, or to a page of the web."""

    kind: str
    target: str
    is_external: bool


class _Package:
    """A zip whose entries are read within limits."""

    def __init__(self, source: zipfile.ZipFile) -> None:
        self.source = source
        entries = source.infolist()
        if len(entries) > MAX_ENTRIES or sum(one.file_size for one in entries) > MAX_UNPACKED:
            _refuse_swollen()
        self.entries = {one.filename.lower().lstrip("/"): one for one in entries}
        if len(self.entries) != len(entries):
            raise UncleanError("Two entries of one name")
        self.xml = 0
        for one in entries:
            self._check(one)

    def _check(self, entry: zipfile.ZipInfo) -> None:
        if entry.flag_bits & 0x1:
            _refuse_locked()
        if entry.file_size > max(SMALL, entry.compress_size * MAX_RATIO):
            _refuse_swollen()
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UncleanError("Packed in another way")
        if entry.filename.lower().lstrip("/").startswith(INSIDE):
            _refuse_unclean()
        if any(word in entry.filename.lower() for word in MACROS):
            _refuse_macros()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.entries

    def read(self, name: str) -> bytes:
        """The entry; its size was checked, and zipfile reads no more than it says."""
        entry = self.entries.get(name.lower())
        if entry is None:
            raise UncleanError("A part is missing")
        return self.source.read(entry)

    def read_xml(self, name: str) -> bytes:
        """An entry that will be parsed."""
        content = self.read(name)
        self.xml += len(content)
        if self.xml > MAX_XML:
            _refuse_swollen()
        return content

    def relationships(self, name: str) -> dict[str, Relationship]:
        """Of a part ("" is the package itself), by their ids."""
        folder, base = posixpath.split(name)
        path = posixpath.join(folder, "_rels", f"{base}.rels")
        if path not in self:
            return {}
        rows = wordml.parse(self.read_xml(path))
        found = {row.get("Id", ""): _relationship(row, folder) for row in rows}
        kinds = {one.kind for one in found.values()}
        if kinds & UNCLEAN:
            _refuse_unclean()
        return found

    def types(self) -> dict[str, str]:
        """The types of the parts that have one of their own, by their names."""
        rows = wordml.parse(self.read_xml("[Content_Types].xml"))
        return {
            row.get("PartName", row.get("Extension", "")).lstrip("/"): row.get("ContentType", "")
            for row in rows
        }


def _relationship(row: wordml.Element, folder: str) -> Relationship:
    target, is_external = row.get("Target", ""), row.get("TargetMode") == "External"
    if not is_external:
        target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return Relationship(row.get("Type", "").rpartition("/")[2], target, is_external)


# --- writing ------------------------------------------------------------------------------------
@dataclass
class _Fresh:
    """The package that is made: parts by their names, types, relationships of each part."""

    parts: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def zipped(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in self._all():
                entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
                target.writestr(entry, content)
        return out.getvalue()

    def _all(self) -> Iterator[tuple[str, bytes]]:
        yield "[Content_Types].xml", self._content_types()
        yield "_rels/.rels", _relationships_part([Relationship(MAIN, "word/document.xml", False)])
        yield from self.parts.items()

    def _content_types(self) -> bytes:
        rows = [
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
            '<Default Extension="jpg" ContentType="image/jpeg"/>',
        ]
        rows += [
            f"<Override PartName={quoteattr('/' + name)} ContentType={quoteattr(kind)}/>"
            for name, kind in self.types.items()
        ]
        return _xml("Types", f"{PACKAGE}/content-types", rows)


def _relationships_part(rows: list[Relationship]) -> bytes:
    return _xml(
        "Relationships",
        f"{PACKAGE}/relationships",
        [
            f'<Relationship Id="rId{number}" Type="{RELATIONSHIPS}/{one.kind}"'
            f" Target={quoteattr(one.target)}{EXTERNAL if one.is_external else ''}/>"
            for number, one in enumerate(rows, 1)
        ],
    )


def _xml(root: str, namespace: str, rows: list[str]) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f'{head}<{root} xmlns="{namespace}">{"".join(rows)}</{root}>'.encode()


# --- from one to the other ----------------------------------------------------------------------
class _Document:
    """A document on its way into a fresh package."""

    def __init__(self, package: _Package) -> None:
        self.package, self.fresh = package, _Fresh()
        self.pictures: dict[str, str] = {}
        self.pixels = 0

    def clean(self) -> bytes:
        self.add(MAIN, self._main(), "document.xml")
        return self.fresh.zipped()

    def _main(self) -> str:
        """The name of the document's own part; refuses what is no plain Word document."""
        types = self.package.types()
        if any(word in kind.lower() for kind in types.values() for word in MACROS):
            _refuse_macros()
        mains = [one for one in self.package.relationships("").values() if one.kind == MAIN]
        if len(mains) != 1 or types.get(mains[0].target) != PARTS[MAIN][1]:
            _refuse_other()
        return mains[0].target

    def add(self, kind: str, source: str, name: str) -> None:
        """Clean a part and all it needs."""
        root, content_type = PARTS[kind]
        links = _Links(self, self.package.relationships(source), is_main=kind == MAIN)
        links.add_implied()
        content = wordml.clean(self.package.read_xml(source), root, links)
        self.fresh.parts[f"word/{name}"] = content
        self.fresh.types[f"word/{name}"] = content_type
        if links.rows:
            self.fresh.parts[f"word/_rels/{name}.rels"] = _relationships_part(links.rows)

    def picture(self, source: str) -> str:
        """The name of the photo made anew; of a blank one for a drawing that cannot be."""
        if source not in self.pictures:
            if len(self.pictures) > MAX_PICTURES:
                _refuse_swollen()
            name = f"media/image{len(self.pictures) + 1}.jpg"
            self.fresh.parts[f"word/{name}"] = self._photo(source)
            self.pictures[source] = name
        return self.pictures[source]

    def _photo(self, source: str) -> bytes:
        content = self.package.read(source) if source else b""
        try:
            self.pixels += photos.pixels_of(content)
            if self.pixels > MAX_PIXELS:
                _refuse_swollen()
            return photos.clean(content)[0]
        except ValidationError as error:
            if error.code in ("too_many_pixels", "swollen"):
                raise
            return _blank()


class _Links:
    """The relationships of one part, each kept only once something in the part asks for it."""

    def __init__(
        self, document: _Document, found: dict[str, Relationship], *, is_main: bool
    ) -> None:
        self.document, self.found, self.is_main = document, found, is_main
        self.ids: dict[Relationship, str] = {}
        self.added: dict[str, Relationship] = {}

    @property
    def rows(self) -> list[Relationship]:
        """What is kept, in the order of the new ids."""
        return list(self.ids)

    def add_implied(self) -> None:
        """Styles, settings and the like of the document itself."""
        for kind in sorted(IMPLIED) if self.is_main else ():
            own = [one for one in self.found.values() if one.kind == kind and not one.is_external]
            for one in own[:1]:
                self._id_of(self._part(one))

    def __call__(self, old: str, is_picture: bool) -> str:
        """The new id of a relationship, "" for one that is not kept; see ``wordml.Relate``."""
        fresh = self._fresh(self.found.get(old), is_picture)
        return self._id_of(fresh) if fresh else ""

    def _id_of(self, fresh: Relationship) -> str:
        return self.ids.setdefault(fresh, f"rId{len(self.ids) + 1}")

    def _fresh(self, one: Relationship | None, is_picture: bool) -> Relationship | None:
        is_image = one is not None and one.kind == IMAGE and not one.is_external
        if is_picture or is_image:
            source = one.target if one is not None and is_image else ""
            return Relationship(IMAGE, self.document.picture(source), False)
        if one is None:
            return None
        if one.is_external:
            return one if one.kind == HYPERLINK and _is_link(one.target) else None
        is_page = self.is_main and one.kind in ("header", "footer")
        return self._part(one) if is_page else None

    def _part(self, one: Relationship) -> Relationship:
        """The part made fresh, once."""
        if one.target not in self.added:
            name = f"{one.kind}{len(self.added) + 1}.xml"
            self.document.add(one.kind, one.target, name)
            self.added[one.target] = Relationship(one.kind, name, False)
        return self.added[one.target]


def _is_link(target: str) -> bool:
    return len(target) <= MAX_LINK and target.lower().startswith(wordml.LINKS)


def _blank() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(out, "JPEG")
    return out.getvalue()
