"""One part of a Word document (its text, a header, its styles) as it may be kept.

What is kept is listed: elements of the known vocabularies without revision marks, comments,
custom data, fields that ask for other files, and hints at people, programs and places. Changes
that were tracked are accepted, so that what was crossed out is not there any more.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from xml.etree import ElementTree as XmlTree

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

Element = XmlTree.Element

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
MICROSOFT = "http://schemas.microsoft.com/office/word/2010"
NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": f"{OFFICE}/relationships",
    "m": f"{OFFICE}/math",
    "a": f"{DRAWING}/main",
    "pic": f"{DRAWING}/picture",
    "wp": f"{DRAWING}/wordprocessingDrawing",
    "wps": f"{MICROSOFT}/wordprocessingShape",
    "wpg": f"{MICROSOFT}/wordprocessingGroup",
    "wpc": f"{MICROSOFT}/wordprocessingCanvas",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w10": "urn:schemas-microsoft-com:office:word",
}
XML = "http://www.w3.org/XML/1998/namespace"
for _prefix, _uri in NAMESPACES.items():
    XmlTree.register_namespace(_prefix, _uri)
PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()} | {XML: "xml"}
# Known only to Word since 2010: they stand inside a choice, which says so.
CHOSEN = {"wps", "wpg", "wpc"}
MAX_DEPTH = 150


def _names(prefix: str, names: str) -> set[str]:
    return {f"{prefix}:{name}" for name in names.split()}


# Elements that go with all they hold: who wrote, checked, commented and changed what and what
# stood there before; custom data, other files, programs, fonts.
DROPPED = _names(
    "w",
    "rsids rsid del moveFrom proofErr permStart permEnd commentRangeStart commentRangeEnd"
    " commentReference annotationRef moveFromRangeStart moveFromRangeEnd moveToRangeStart"
    " moveToRangeEnd customXmlInsRangeStart customXmlInsRangeEnd customXmlDelRangeStart"
    " customXmlDelRangeEnd customXmlMoveFromRangeStart customXmlMoveFromRangeEnd"
    " customXmlMoveToRangeStart customXmlMoveToRangeEnd cellIns cellDel cellMerge sdtPr sdtEndPr"
    " customXmlPr smartTagPr ffData fldData altChunk subDoc contentPart control object movie"
    " binData printerSettings divId nsid tmpl tblCaption tblDescription embedRegular embedBold"
    " embedItalic embedBoldItalic",
) | _names("a", "extLst snd audioCd audioFile videoFile wavAudioFile quickTimeFile")
CHANGE = "Change"  # the end of the names of elements with a former formatting
UNWRAPPED = _names("w", "ins moveTo sdt sdtContent customXml smartTag")
# Of the settings only what the look of the pages depends on.
SETTINGS = _names(
    "w",
    "zoom mirrorMargins alignBordersAndEdges bordersDoNotSurroundHeader"
    " bordersDoNotSurroundFooter gutterAtTop defaultTabStop autoHyphenation"
    " consecutiveHyphenLimit hyphenationZone doNotHyphenateCaps evenAndOddHeaders"
    " bookFoldPrinting drawingGridHorizontalSpacing drawingGridVerticalSpacing"
    " characterSpacingControl footnotePr endnotePr compat themeFontLang clrSchemeMapping"
    " decimalSymbol listSeparator",
)
# Where nothing stands without its relationship: the element goes with it.
BOUND = _names("w", "headerReference footerReference") | _names(
    "a", "hlinkClick hlinkHover hlinkMouseOver"
)
PICTURES = {"a:blip": "r:embed", "v:imagedata": "r:id"}
PEOPLE = _names("w", "author date initials")
NAMED = {"wp:docPr", "pic:cNvPr", "wps:cNvPr", "wpg:cNvPr"}
SHAPES = ("v:", "o:", "w10:")
SHAPE_KEYS = _names("o", "spt connecttype hr hralign hrstd preferrelative")
SHAPE_WORDS = {"alt", "title", "href", "src", "target", "althref"}
SHAPE_NUMBER = "_x0000_"  # how an id begins that Word gave, not a person
# What may stand beside the known words in a choice, for it can be left out of it.
OPTIONAL = (
    f"{{{MICROSOFT}/wordprocessingDrawing}}sizeRel",
    "{http://schemas.microsoft.com/office/word/2010/wordml}",
)
# Fields that ask for nothing outside the document.
FIELDS = {
    "PAGE",
    "NUMPAGES",
    "SECTIONPAGES",
    "SECTION",
    "TOC",
    "TC",
    "PAGEREF",
    "REF",
    "NOTEREF",
    "SEQ",
    "STYLEREF",
    "SYMBOL",
    "EQ",
}
LINKS = ("http://", "https://", "mailto:")

# Gives the new id of a relationship, "" for one that is not kept; the flag asks for a picture.
Relate = Callable[[str, bool], str]


class UncleanError(Exception):
    """A part that is not as Word writes it."""


def parse(content: bytes) -> Element:
    """The tree of an XML part; UncleanError where it is broken or has a DTD."""
    try:
        tree: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (XmlTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UncleanError("Not plain XML") from error
    return tree


def clean(content: bytes, root: str, relate: Relate) -> bytes:
    """The part without what is not kept; ``root`` is the name its outermost element must have."""
    tree = parse(content)
    if _name(tree) != root:
        raise UncleanError("Another root")
    if root == "w:settings":
        tree[:] = [child for child in tree if _name(child) in SETTINGS]
    _drop_fields(tree)
    _Part(relate).clean(tree, 0)
    return written(tree)


def written(tree: Element) -> bytes:
    """The tree as a part of a package."""
    text = XmlTree.tostring(tree, encoding="unicode")
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return (head + text).encode("utf-8", "xmlcharrefreplace")


def _name(element: Element) -> str:
    return _short(element.tag)


@lru_cache(2_048)
def _short(name: str) -> str:
    """``w:p`` for the full name of a known vocabulary; "" for one of another."""
    if not name.startswith("{"):
        return name
    uri, _brace, local = name[1:].partition("}")
    prefix = PREFIXES.get(uri)
    return f"{prefix}:{local}" if prefix else ""


@lru_cache(2_048)
def _full(name: str) -> str:
    prefix, _colon, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


class _Part:
    """A walk through one part that keeps what may be kept."""

    def __init__(self, relate: Relate) -> None:
        self.relate = relate

    def clean(self, element: Element, depth: int) -> bool:
        """Clean the element in its place; False where it must go."""
        if depth > MAX_DEPTH:
            raise UncleanError("Too deep")
        name = _name(element)
        bound = self._clean_attributes(element, name)
        element.tail = None
        element[:] = [kept for child in element for kept in self._kept(child, depth + 1)]
        return bound or name not in BOUND

    def _kept(self, child: Element, depth: int) -> Iterable[Element]:
        name = _name(child)
        if ":" not in name or name in DROPPED or name.endswith(CHANGE):
            return ()
        if name == "mc:AlternateContent":
            return self._chosen(child, depth)
        if name.startswith("mc:") or _is_deleted_row(child, name):
            return ()
        if not self.clean(child, depth):
            return ()
        if name in UNWRAPPED:
            return list(child)
        return () if name == "w:tbl" and child.find(_full("w:tr")) is None else (child,)

    def _chosen(self, element: Element, depth: int) -> Iterable[Element]:
        """The first of the alternatives that is written in known vocabularies alone."""
        for choice in element:
            if _name(choice) not in ("mc:Choice", "mc:Fallback") or not _is_known(choice):
                continue
            self.clean(choice, depth + 1)
            used = {_name(one).partition(":")[0] for one in choice.iter()} & CHOSEN
            if not used:
                return list(choice)
            alternatives = XmlTree.Element(_full("mc:AlternateContent"))
            kept = XmlTree.SubElement(alternatives, _full("mc:Choice"))
            kept.set("Requires", " ".join(sorted(used)))
            kept[:] = list(choice)
            return (alternatives,)
        return ()

    def _clean_attributes(self, element: Element, name: str) -> bool:
        """Keep what may be kept; whether a relationship of the element was found."""
        related = self._related(element, name)
        for key in list(element.attrib):
            if not _is_kept(name, _short(key), element.attrib[key]):
                del element.attrib[key]
        element.attrib.update(related)
        if name in NAMED:
            element.set("name", "Picture")
        return bool(related)

    def _related(self, element: Element, name: str) -> dict[str, str]:
        """The element's relationships by their new ids, as far as they are kept."""
        keys = [key for key in element.attrib if _short(key).startswith("r:")]
        if keys and name in PICTURES:
            keys = [_full(PICTURES[name])]
        found = {key: self.relate(element.get(key, ""), name in PICTURES) for key in keys}
        return {key: new for key, new in found.items() if new}


def _is_known(choice: Element) -> bool:
    """Whether all that cannot be left out of the choice is of known vocabularies."""
    waiting = [choice]
    while waiting:
        element = waiting.pop()
        name = _name(element)
        if name in DROPPED or (not name and element.tag.startswith(OPTIONAL)):
            continue
        if ":" not in name:
            return False
        waiting += element
    return True


def _is_kept(name: str, key: str, value: str) -> bool:
    """Whether an attribute stays; relationships are looked at on their own."""
    prefix, _colon, local = key.rpartition(":")
    if prefix in ("", "o"):
        return _is_kept_plain(name, key, value)
    if prefix in ("xml", "r", "mc"):
        return key == "xml:space"
    return key not in PEOPLE and not local.startswith("rsid")


def _is_kept_plain(name: str, key: str, value: str) -> bool:
    if name in NAMED:
        return key in ("id", "hidden")
    if not name.startswith(SHAPES):
        return bool(key) and not key.startswith("o:")
    if key == "id":
        return value.startswith(SHAPE_NUMBER)
    return key in SHAPE_KEYS or not (key.startswith("o:") or key in SHAPE_WORDS)


def _is_deleted_row(element: Element, name: str) -> bool:
    return name == "w:tr" and element.find(f"{_full('w:trPr')}/{_full('w:del')}") is not None


# Fields: a page number, a table of contents; but also "insert that file", "ask that program".


def _drop_fields(tree: Element) -> None:
    """Leave of each field that could ask for something outside only its latest result."""
    for simple in list(tree.iter(_full("w:fldSimple"))):
        if not _is_plain_field(simple.get(_full("w:instr"), "")):
            simple.tag = _full("w:smartTag")  # is unwrapped like it
    gone = set(_parts_of_asking_fields(tree))
    for holder in list(tree.iter()):
        if any(child in gone for child in holder):
            holder[:] = [child for child in holder if child not in gone]


def _parts_of_asking_fields(tree: Element) -> Iterator[Element]:
    """The begin, words, middle and end of fields that are not known to be plain."""
    character, words = _full("w:fldChar"), _full("w:instrText")
    fields: list[list[Element]] = []
    for element in _of(tree, character, words):
        kind = element.get(_full("w:fldCharType"))
        if kind == "begin":
            fields.append([])
        if not fields:
            yield element
            continue
        fields[-1].append(element)
        if kind == "end" and not _is_plain(field := fields.pop()):
            yield from field
    for field in fields:  # never ended
        yield from field


def _of(tree: Element, *tags: str) -> Iterator[Element]:
    return (element for element in tree.iter() if element.tag in tags)


def _is_plain(field: list[Element]) -> bool:
    words = "".join(one.text or "" for one in field if one.tag == _full("w:instrText"))
    return _is_plain_field(words)


def _is_plain_field(words: str) -> bool:
    name, _space, rest = words.strip().partition(" ")
    if name.upper() == "HYPERLINK":
        rest = rest.strip().strip('"').lower()
        return rest.startswith((*LINKS, "\\l"))
    return name.upper() in FIELDS
