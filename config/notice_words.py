"""The words of each notice: a template of its kind, and nothing its reader may not see."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.template import Context, loader
from django.urls import reverse
from django.utils import formats

from config import notice_reading as reading
from config.notice_reading import id_of, issue_of
from inbox import addresses
from issues import claims, permissions
from issues.models import Confirmation, Issue, Response
from issues.permissions import Audience
from khmer import dates
from outbox.models import Notice
from outbox.registry import Text

Words = Callable[[Notice, str], dict[str, Any]]


def render(words: Words) -> Callable[[Notice, str], Text]:
    """A ``render`` of the registry: the template of the notice's kind, first line the subject.

    ``beside`` in the words are further fields of the ``Text``; answers come to the notice's own
    address where they name no other.
    """

    def rendered(notice: Notice, language: str) -> Text:
        context: dict[str, Any] = {"notice": notice} | words(notice, language)
        template = loader.get_template(f"notices/{notice.kind}.txt")
        said = template.template.render(Context(context, autoescape=False))  # type: ignore[attr-defined]
        beside = {"reply_to": addresses.of(notice)} | context.get("beside", {})
        return replace(_text(said), **beside)

    return rendered


def _text(written: str) -> Text:
    """Split the subject off; a paragraph is parted from the next by one empty line."""
    subject, _newline, body = written.strip().partition("\n")
    lines = "\n".join(line.rstrip() for line in body.strip().splitlines())
    return Text(subject.strip(), re.sub(r"\n{3,}", "\n\n", lines) + "\n")


def date_in_words(day: dt.date | None, language: str) -> str:
    """As ``Friday 20 November 2026``, in Khmer as official papers write it."""
    if day is None:
        return ""
    return dates.long_date(day) if language == "km" else formats.date_format(day, "l j F Y")


def link(path: str) -> str:
    """The whole address of a page."""
    return f"{settings.BASE_URL}{path}"


# --- issues ---------------------------------------------------------------------------------------
def issue(audience: Audience) -> Words:
    """An issue as somebody sees it from there; a confidential one by its reference alone."""

    def words(notice: Notice, language: str) -> dict[str, Any]:
        found = issue_of(notice)
        if found is None:
            raise LookupError(notice.subject)
        return _shown(found, audience)

    return words


def _shown(found: Issue, audience: Audience) -> dict[str, Any]:
    confidential = found.disclosure == Issue.Disclosure.CONFIDENTIAL
    shown = permissions.disclosed(found, audience)
    return {
        "reference": found.reference,
        "title": "" if confidential else found.title,
        "place": found.province.name if confidential else shown.place,
        "organization": shown.organization if permissions.names_its_organization(found) else "",
        "question": "" if confidential else found.question,
        "reason": "" if confidential else found.reason,
        "link": link(found.get_absolute_url()),
    }


def referral(audience: Audience) -> Words:
    """A referral with its issue, the office, what is asked and by when."""

    def words(notice: Notice, language: str) -> dict[str, Any]:
        held = reading.referral_of(notice)
        if held is None:
            raise LookupError(notice.subject)
        context = issue(audience)(notice, language)
        return context | {
            "office": held.authority.name,
            "asked": held.note if context["title"] else "",
            "due": date_in_words(held.date, language),
            "expected": date_in_words(held.expected_on, language),
        }

    return words


def issue_or_referral(audience: Audience) -> Words:
    """A referral where the notice names one, else the issue alone."""

    def words(notice: Notice, language: str) -> dict[str, Any]:
        source = referral if notice.subject.startswith("referral:") else issue
        return source(audience)(notice, language)

    return words


def dispute(notice: Notice, language: str) -> dict[str, Any]:
    """An issue or referral with what the organization says is missing, unless confidential."""
    context = issue_or_referral(Audience.OFFICE)(notice, language)
    said = Confirmation.objects.filter(
        issue__reference=context["reference"], verdict=Confirmation.Verdict.NOT_SOLVED
    ).last()
    return context | {"reason": said.reason if said and context["title"] else ""}


def confirmation(notice: Notice, language: str) -> dict[str, Any]:
    """The question whether it is solved; a person gets a link that needs no account."""
    asked = issue(Audience.ORGANIZATION)(notice, language)
    if notice.recipient.startswith("user:"):
        found, user_id = issue_of(notice), id_of(notice.recipient)
        assert found is not None  # noqa: S101 - its words were just made
        token = claims.token(found.pk, notice.version, user_id)
        asked["answer_link"] = link(reverse("issues:answer", args=[token]))
    return asked


def response(notice: Notice, language: str) -> dict[str, Any]:
    """An answer: who gave it and of what kind; the words themselves stand on the page."""
    given = Response.objects.get(pk=notice.version)
    context = referral(Audience.ORGANIZATION)(notice, language)
    return context | {"kind": given.kind}


def alert(notice: Notice, language: str) -> dict[str, Any]:
    """Nothing of the issue: only that somebody is to be called, and where it stands why."""
    return {"link": link("/")}
