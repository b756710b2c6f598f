"""Taking from a PDF whatever tells of people, places and programs; its pages look as before."""

import io
import re
from collections.abc import Iterable
from typing import Any

import pikepdf
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pikepdf import settings as limits

MAX_PAGES = 300
MAX_OBJECTS = 200_000  # dictionaries, arrays and streams looked at
MAX_UNPACKED = 32 * 1024 * 1024  # bytes of one stream, once unpacked
MAX_UNPACKED_ALTOGETHER = 256 * 1024 * 1024
MAX_LZW = 64 * 1024  # bytes; qpdf sets no limit to unpacking LZW, which swells 1 300 times


def _keys(names: str) -> set[str]:
    return {f"/{name}" for name in names.split()}


# What a catalog, a page, a bookmark and a link need in order to be shown.
ROOT_KEYS = _keys("Type Version Pages PageLabels PageLayout Outlines OCProperties Lang")
TREE_KEYS = _keys("Type Kids Count Parent Resources MediaBox CropBox Rotate")
PAGE_KEYS = _keys(
    "Type Parent Resources MediaBox CropBox BleedBox TrimBox ArtBox Rotate Contents Group Annots"
    " UserUnit"
)
LINK_KEYS = _keys("Type Subtype Rect Border BS C H F QuadPoints A Dest")
BOOKMARK_KEYS = _keys("Type Title Parent Prev Next First Last Count A Dest C F")
# Programs' notes, attached files, scripts, places on a map and paths to originals: in no object.
NOWHERE = _keys(
    "Metadata PieceInfo LastModified AF EF Thumb AA JS OpenAction Usage Measure PtData VP LGIDict"
    " OPI Ref Alternates StructTreeRoot"
)
OUTSIDE = _keys("F FFilter FDecodeParms")
NO_VALUE = _keys("Metadata EmbeddedFile Filespec Page Annot")
# The keys of these dictionaries are names the author chose, so they may read like those above.
NAMED = {"/CharProcs", "/Colorants"}
JPEG, JPEG_2000 = {"/DCTDecode", "/DCT"}, {"/JPXDecode"}
INLINE_JPEG = re.compile(rb"/DCT(?:Decode)?[\s/\]>]")

SCAN, END, COMMENT_2000, TILE_2000 = 0xDA, 0xD9, 0x64, 0x90
# Frames, tables, restarts and lines: all a decoder needs besides JFIF and Adobe's color mark.
JPEG_MARKERS = (set(range(0xC0, 0xD0)) - {0xC8}) | set(range(0xDA, 0xE0)) | {0xDB}
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
BOXES = {b"jP  ", b"ftyp", b"rreq", b"jp2h", b"jp2c"}
HEADER_BOXES = {b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef", b"res "}

DAMAGE = (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError, ArithmeticError)
# qpdf's objects raise these where another kind of object was expected.
FAULTS = (*DAMAGE, TypeError, LookupError, AttributeError)

limits.set_qpdf_limits(
    flate_max_memory=MAX_UNPACKED,
    run_length_max_memory=MAX_UNPACKED,
    png_max_memory=MAX_UNPACKED,
    tiff_max_memory=MAX_UNPACKED,
    max_stream_filters=4,
    parser_max_container_size=MAX_OBJECTS,
)


class UncleanError(Exception):
    """A part of the PDF that cannot be looked into."""


def clean(content: bytes) -> bytes:
    """The same pages without metadata, notes, forms, scripts and attached files.

    The same content always gives the same bytes. Raises ValidationError with a sentence for a PDF
    that is damaged, locked, too long, or not to be cleaned.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            _refuse_long(pdf)
            _clean_tree(pdf)
            _Walk(pdf).clean()
            return _saved(pdf)
    except UncleanError as error:
        raise ValidationError(
            _("The PDF has parts that may hold personal data. Send photos of its pages."),
            code="unclean_pdf",
        ) from error
    except FAULTS as error:
        raise ValidationError(
            _("The PDF is damaged or locked by a password. Send an open copy."), code="bad_pdf"
        ) from error


def _refuse_long(pdf: pikepdf.Pdf) -> None:
    if len(pdf.pages) > MAX_PAGES:
        raise ValidationError(
            _("The PDF has over 300 pages. Send only the pages that matter."), code="too_many_pages"
        )


def _saved(pdf: pikepdf.Pdf) -> bytes:
    """The PDF as it stands: no stream unpacked, no program's name, date or chance in it."""
    out = io.BytesIO()
    pdf.save(
        out,
        encryption=False,
        deterministic_id=True,
        fix_metadata_version=False,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return out.getvalue()


# Document, pages, links and bookmarks: only what is known to be needed stays.


def _clean_tree(pdf: pikepdf.Pdf) -> None:
    _keep_only(pdf.trailer, {"/Root", "/Size", "/ID", "/Encrypt"})
    _keep_only(pdf.Root, ROOT_KEYS)
    shown = {page.obj.objgen for page in pdf.pages}
    for page in pdf.pages:
        _clean_page(page.obj, shown)
    if "/Outlines" in pdf.Root:
        _clean_bookmarks(pdf.Root.Outlines, shown)


def _keep_only(holder: Any, keys: set[str]) -> None:
    for key in set(holder.keys()) - keys:
        del holder[key]


def _clean_page(page: Any, shown: set[tuple[int, int]]) -> None:
    _keep_only(page, PAGE_KEYS)
    node = page.get("/Parent")
    for _level in range(MAX_PAGES):
        if node is None:
            break
        _keep_only(node, TREE_KEYS)
        node = node.get("/Parent")
    if "/Annots" in page:
        links = [note for note in page.Annots if _is_link(note)]
        for link in links:
            _keep_only(link, LINK_KEYS)
            _clean_target(link, shown)
        page.Annots = pikepdf.Array(links)


def _is_link(note: Any) -> bool:
    return _is_dictionary(note) and note.get("/Subtype") == "/Link"


def _clean_bookmarks(root: Any, shown: set[tuple[int, int]]) -> None:
    waiting, seen = [root], set()
    while waiting:
        bookmark = waiting.pop()
        if bookmark.objgen in seen:
            continue
        seen.add(bookmark.objgen)
        _refuse_over(len(seen), MAX_OBJECTS)
        _keep_only(bookmark, BOOKMARK_KEYS)
        _clean_target(bookmark, shown)
        waiting += [bookmark[key] for key in ("/First", "/Next") if key in bookmark]


def _clean_target(holder: Any, shown: set[tuple[int, int]]) -> None:
    """Leave a way to a page of this document, or to a page of the web; no other action."""
    action, target = holder.get("/A"), holder.get("/Dest")
    for key in {"/A", "/Dest"} & set(holder.keys()):
        del holder[key]
    kind = action.get("/S") if _is_dictionary(action) else None
    if kind == "/GoTo":
        target = action.get("/D")
    if kind == "/URI" and str(action.get("/URI")).lower().startswith(("https://", "http://")):
        holder.A = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=action.URI)
    elif isinstance(target, pikepdf.Array) and len(target) and _is_in(target[0], shown):
        holder.Dest = target


def _is_in(page: Any, shown: set[tuple[int, int]]) -> bool:
    return _is_dictionary(page) and page.objgen in shown


def _refuse_over(count: int, most: int) -> None:
    if count > most:
        raise UncleanError(f"Over {most}")


# Every object that can be reached.


class _Walk:
    """A visit to each dictionary, array and stream of a document, once."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.seen: set[tuple[int, int]] = set()
        self.visits = 0
        self.unpacked = 0
        self.waiting: list[tuple[Any, str]] = [(pdf.Root, "")]

    def clean(self) -> None:
        while self.waiting:
            found, role = self.waiting.pop()
            if found.is_indirect:
                if found.objgen in self.seen:
                    continue
                self.seen.add(found.objgen)
            self.visits += 1
            _refuse_over(self.visits, MAX_OBJECTS)
            self._visit(found, role)

    def _visit(self, found: Any, role: str) -> None:
        if isinstance(found, pikepdf.Array):
            self._wait((value, "") for value in found)
            return
        if role != "names":
            self._strip(found)
        if isinstance(found, pikepdf.Stream):
            self._clean_stream(found)
        self._wait((value, _role(role, key)) for key, value in found.items())

    def _wait(self, values: Iterable[tuple[Any, str]]) -> None:
        kinds = (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)
        self.waiting += [(value, role) for value, role in values if isinstance(value, kinds)]

    def _strip(self, found: Any) -> None:
        for key, value in list(found.items()):
            if key in NOWHERE or _type(value) in NO_VALUE:
                del found[key]

    def _clean_stream(self, stream: Any) -> None:
        for key in OUTSIDE & set(stream.keys()):
            del stream[key]  # a file outside the document
        filters = _listed(stream.get("/Filter"))
        if (JPEG | JPEG_2000).intersection(filters):
            self._clean_picture(stream, filters)
        elif stream.get("/Subtype") != "/Image" and INLINE_JPEG.search(
            self._unpack(stream, filters)
        ):  # a photo amid a page's own commands is out of reach
            raise UncleanError("A JPEG inside a content stream")

    def _clean_picture(self, stream: Any, filters: list[str]) -> None:
        *outer, last = filters
        parms = _listed(stream.get("/DecodeParms"))
        if (JPEG | JPEG_2000).intersection(outer):
            raise UncleanError("A picture packed as a picture")
        packed = stream.read_raw_bytes()
        if outer:
            packed = self._unpack_outer(packed, outer, parms[: len(outer)])
        own = parms[-1] if len(parms) == len(filters) else None
        bare = bare_jpeg if last in JPEG else bare_jpeg_2000
        name = pikepdf.Name.DCTDecode if last in JPEG else pikepdf.Name.JPXDecode
        stream.write(bare(packed), filter=name, decode_parms=own if _is_dictionary(own) else None)

    def _unpack_outer(self, packed: bytes, filters: list[str], parms: list[Any]) -> bytes:
        layer = self.pdf.make_stream(packed)
        layer.Filter = pikepdf.Array([pikepdf.Name(name) for name in filters])
        if any(_is_dictionary(each) for each in parms):
            layer.DecodeParms = pikepdf.Array(parms)
        return self._unpack(layer, filters)

    def _unpack(self, stream: Any, filters: list[str]) -> bytes:
        """What the stream holds, with all that was unpacked so far within its limit."""
        if {"/LZWDecode", "/LZW"} & set(filters):
            _refuse_over(len(stream.read_raw_bytes()), MAX_LZW)
        try:
            content: bytes = stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
        except (pikepdf.PdfError, RuntimeError) as error:
            raise UncleanError("Not to be unpacked") from error
        self.unpacked += len(content)
        _refuse_over(self.unpacked, MAX_UNPACKED_ALTOGETHER)
        return content


def _role(role: str, key: str) -> str:
    if key == "/Resources":
        return "resources"
    return "names" if role == "resources" or key in NAMED else ""


def _type(value: Any) -> str:
    holds = isinstance(value, (pikepdf.Dictionary, pikepdf.Stream))
    return str(value.get("/Type")) if holds else ""


def _is_dictionary(value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary)


def _listed(value: Any) -> list[Any]:
    """Names or parameters as a list, given as one, as an array or not at all."""
    if value is None:
        return []
    values = list(value) if isinstance(value, pikepdf.Array) else [value]
    return [str(each) if isinstance(each, pikepdf.Name) else each for each in values]


# Photos as they lie in the document; their pixels are left as they are.


def bare_jpeg(content: bytes) -> bytes:
    """The JPEG without EXIF, comments, profile, thumbnails and what follows its end.

    Raises ValueError when its segments do not follow one another.
    """
    if content[:2] != b"\xff\xd8":
        raise ValueError("No JPEG")
    bare, at, scanned = bytearray(b"\xff\xd8"), 2, False
    while not (scanned and at == len(content)):
        at, marker = _next_marker(content, at)
        if marker == END:
            break
        segment = _segment(content, at)
        at += len(segment)
        bare += _kept_segment(marker, segment)
        if marker == SCAN:
            after, scanned = AFTER_SCAN.search(content, at), True
            end = after.start() if after else len(content)
            bare += content[at:end]
            at = end
    return bytes(bare) + b"\xff\xd9"


def _next_marker(content: bytes, at: int) -> tuple[int, int]:
    """Where the marker's segment starts, and the marker; it may be padded with 0xFF."""
    start = at
    while content[at] == 0xFF:
        at += 1
    if at == start:
        raise ValueError("No marker")
    return at + 1, content[at]


def _segment(content: bytes, at: int) -> bytes:
    """A marker's segment with its two bytes of length."""
    length = int.from_bytes(content[at : at + 2], "big")
    if length < 2 or at + length > len(content):
        raise ValueError("A segment beyond the end")
    return content[at : at + length]


def _kept_segment(marker: int, segment: bytes) -> bytes:
    if marker == 0xE0 and segment[2:7] == b"JFIF\0" and len(segment) >= 16:
        return b"\xff\xe0\x00\x10" + segment[2:14] + b"\0\0"  # no thumbnail: 0 × 0 pixels
    if marker == 0xEE and segment[2:7] == b"Adobe" and len(segment) >= 14:
        return b"\xff\xee\x00\x0e" + segment[2:14]
    return bytes((0xFF, marker)) + segment if marker in JPEG_MARKERS else b""


def bare_jpeg_2000(content: bytes) -> bytes:
    """The JPEG 2000 file or codestream without its XML, UUID and comment parts.

    Raises ValueError when its boxes do not follow one another.
    """
    if content[:4] == b"\xff\x4f\xff\x51":
        return _bare_codestream(content)
    return _bare_boxes(content, BOXES)


def _bare_boxes(content: bytes, wanted: set[bytes]) -> bytes:
    bare, at = bytearray(), 0
    while at < len(content):
        kind, head = content[at + 4 : at + 8], 8
        length = int.from_bytes(content[at : at + 4], "big") or len(content) - at
        if length == 1:
            length, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        if length < head or at + length > len(content):
            raise ValueError("A box beyond the end")
        if kind in wanted:
            inside = _bare_box(kind, content[at + head : at + length])
            bare += (len(inside) + 8).to_bytes(4, "big") + kind + inside
        at += length
    return bytes(bare)


def _bare_box(kind: bytes, inside: bytes) -> bytes:
    if kind == b"jp2h":
        return _bare_boxes(inside, HEADER_BOXES)
    return _bare_codestream(inside) if kind == b"jp2c" else inside


def _bare_codestream(content: bytes) -> bytes:
    """The codestream without comments in its main header."""
    bare, at = bytearray(content[:2]), 2
    while True:
        start = at
        at, marker = _next_marker(content, at)
        if marker == TILE_2000:
            return bytes(bare) + content[start:]
        segment = _segment(content, at)
        at += len(segment)
        if marker != COMMENT_2000:
            bare += bytes((0xFF, marker)) + segment
