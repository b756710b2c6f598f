"""The walk itself, over the things that the table of permissions is about."""

import logging

import pytest

from issues.models import Comment, Evidence, Issue, Referral, Response
from provinces.models import Authority
from tests.config.test_permissions_table import (  # noqa: F401 - the fixtures of the table
    office,
    organization,
    people,
    things,
)
from tests.factories import (
    AuthorityFactory,
    ResponseFactory,
)
from tests.factories_more import CommentFactory
from tests.safety.walking import FOUND_BY, MARK, PLACE, WORDS, Walk


@pytest.fixture
def walk(client, things):
    client.raise_request_exception = False
    client.cookies["django_language"] = "en"
    for issue in Issue.objects.select_related("commune__parent", "province"):
        words = f"{MARK} {issue.pk} {FOUND_BY}"
        issue.title = issue.text = issue.asked = words
        issue.question = issue.reply = issue.reason = words if issue.reference else ""
        issue.write_index()
        issue.save()
    Referral.objects.update(note=MARK)
    referral = Referral.objects.get(pk=things["referral"][0])
    ResponseFactory(referral=referral, kind="question")
    CommentFactory(issue=referral.issue, to_offices=True, to_organization=True)
    Response.objects.update(text=MARK)
    Comment.objects.update(text=MARK)
    Evidence.objects.update(thumbnail=MARK.encode(), transcript=MARK)
    for evidence in Evidence.objects.all():
        with evidence.file.storage.open(evidence.file.name, "wb") as file:
            file.write(MARK.encode())
    logging.disable(logging.ERROR)  # hundreds of refusals with their tracebacks
    yield Walk(client, things, WORDS | PLACE)
    logging.disable(logging.NOTSET)


@pytest.fixture
def line(office):
    """The office asked, one above it and one below it, each with a referral of its own."""
    above = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    Authority.objects.filter(pk=office.pk).update(superior=above)
    return {"above": above, "office": office, "below": AuthorityFactory(superior=office)}
