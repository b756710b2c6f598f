"""A notice as an official letter: its own words, taken block by block from its template."""

import re

from django.template import Context, Template, loader
from django.template.base import Node
from django.template.loader_tags import BlockNode, ExtendsNode

from config import notices
from outbox.letter_words import Fact, LetterText
from outbox.models import Notice

LABELLED = re.compile(r"([^:៖]{1,60}[:៖])\s*(.*)")


def said(notice: Notice, language: str) -> LetterText:
    """Subject, text and facts as the message says them, without the lines on links and pages."""
    if notice.kind not in notices.KINDS:
        raise LookupError(notice.kind)
    words = notices.KINDS[notice.kind][2]
    context = Context({"notice": notice} | words(notice, language), autoescape=False)
    template = loader.get_template(f"notices/{notice.kind}.txt").template  # type: ignore[attr-defined]
    with context.bind_template(template):
        blocks = _blocks(template, context)
        rendered = {name: node.nodelist.render(context) for name, node in blocks.items()}
    return LetterText(
        subject=" ".join(rendered.get("subject", "").split()),
        paragraphs=_paragraphs(rendered.get("text", "")),
        facts=_facts(rendered.get("facts", "")),
    )


def _blocks(template: Template, context: Context) -> dict[str, BlockNode]:
    """Subject, text and facts, each from the template that says it last."""
    found: dict[str, BlockNode] = {}
    current: Template | None = template
    while current is not None:
        for node in current.nodelist.get_nodes_by_type(BlockNode):
            assert isinstance(node, BlockNode)  # noqa: S101 - by the call itself
            found.setdefault(str(node.name), node)
        current = _parent(current.nodelist.get_nodes_by_type(ExtendsNode), context)
    return {name: node for name, node in found.items() if name in ("subject", "text", "facts")}


def _parent(extends: list[Node], context: Context) -> Template | None:
    if not extends:
        return None
    node = extends[0]
    assert isinstance(node, ExtendsNode)  # noqa: S101 - by the call itself
    parent: Template = node.get_parent(context)
    return parent


def _paragraphs(written: str) -> list[str]:
    """Parted by empty lines, each on one line."""
    return [" ".join(one.split()) for one in re.split(r"\n\s*\n", written) if one.strip()]


def _facts(written: str) -> list[Fact]:
    """One fact a line, as ``Place: Ban Lung``; a line without a label belongs to the one before."""
    facts: list[Fact] = []
    for line in filter(None, map(str.strip, written.splitlines())):
        match = LABELLED.fullmatch(line)
        if match and match[2]:
            facts.append(Fact(match[1].rstrip(":៖ "), [match[2]]))
        elif facts:
            facts[-1].lines.append(line)
    return facts
