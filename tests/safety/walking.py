"""What nobody may come upon, looked for behind every address of the project.

The addresses and what they are about come from the table of permissions; all issues behind them
are made alike (kept from an office, frozen, confidential, restricted), and whoever must not learn
of them opens and sends everything there is. A new address is walked as soon as it stands there.
"""

import re
from dataclasses import dataclass, field

from django.urls import reverse

from audit import clock
from config import notices
from issues.models import Comment, Issue, Referral
from outbox import registry
from outbox.models import Notice
from tests.config.test_permissions_table import rows
from tests.factories import (
    DAY,
    ContactPointFactory,
    official_of,
)

MARK = "Quietmark"  # stands in every word of an issue
FOUND_BY = "hushword"  # beside it: what somebody may search for, and the page repeats
PUBLISHABLE = ("accepted", "scheduled", "referred", "resolved", "closed")
# Whoever holds the first link is the organization, whoever holds the others is the office asked.
LINKS = ("issues:answer", "issues:link", "issues:link_act")
WORDS = dict.fromkeys(("q", "text", "title", "asked"), FOUND_BY)
PLACE = {"province": "11", "district": "1101", "commune": "110101"}


# What browsers keep and pass on: the title in the history, addresses in logs of servers between.
KEPT = re.compile(
    r"""<title>.*?</title>|\b(?:href|src|action|formaction|data-[a-z-]+)=(?:"[^"]*"|'[^']*')""",
    re.S,
)
STATIC = re.compile("account_|live|ready")  # no search among these
EVERY = ("GET", "SEARCH", "POST", "CODE")
READING = ("GET", "SEARCH")
ELSEWHERE = "invitation|session|minutes"  # kinds that take the number for that of something else
REFUSED = set()  # which address takes which method is the same for everybody: asked once


@dataclass
class Walk:
    """Everything a reader comes upon: which marks stand in the answer of which address."""

    client: object
    things: dict
    search: dict
    codes: list = field(default_factory=list)  # of receipts that the reader has found

    def finds(self, reader, marks, *, besides=(), only="", methods=EVERY):
        """``(name, method, mark)`` of each mark in an answer to the reader."""
        self.client.logout()
        if reader:
            self.client.force_login(reader)
        found = set()
        for name, thing, _statuses in rows():
            if name in besides or (only and name not in only):
                continue
            path = reverse(name, args=self.things[thing])
            for method, answer in self.answers(name, thing, path, methods):
                text = text_of(answer).replace(path, "")  # the page repeats its own address
                assert (answer.status_code, name, method) != (500, name, method)
                assert (name, method, kept_of(answer, text)) == (name, method, [])
                found |= {(name, method, mark) for mark in marks if mark in text}
        return found

    def answers(self, name, thing, path, methods):
        """What is read there; what is found by a search; what is sent back for an empty form."""
        asked = [("GET", "get", None)]
        if thing == "–" and not STATIC.match(name):
            asked.append(("SEARCH", "get", self.search))
        if name.startswith("issues:"):
            asked.append(("POST", "post", {"text": "x", "reason": "x"}))
        if name == "issues:track":
            asked += [("CODE", "post", {"code": code}) for code in self.codes]
        for method, verb, sent in asked:
            if method not in methods or (name, verb) in REFUSED:
                continue
            answer = getattr(self.client, verb)(path, sent)
            if answer.status_code == 405:
                REFUSED.add((name, verb))
            yield method, answer


def kept_of(answer, text):
    """The mark in a page's title, in an address on it or in a header."""
    headers = [value for name, value in answer.headers.items() if MARK in value]
    return headers + [one for one in KEPT.findall(text) if MARK in one]


def text_of(answer):
    if answer.streaming:
        return b"".join(answer.streaming_content).decode("utf-8", "replace")
    return answer.content.decode("utf-8", "replace")


def references():
    return [one for one in Issue.objects.values_list("reference", flat=True) if one]


def codes():
    return [one for one in Issue.objects.values_list("tracking_code", flat=True) if one]


def publish_all():
    Issue.objects.filter(status__in=PUBLISHABLE).update(
        disclosure="public", published_at=clock.now() - DAY, is_named=True
    )


def nothing_leaves_to(recipients):
    """No kind of notice about these issues is still wanted for any of these recipients."""
    subjects = [f"issue:{one}" for one in Issue.objects.values_list("pk", flat=True)]
    subjects += [f"referral:{one}" for one in Referral.objects.values_list("pk", flat=True)]
    subjects += [f"comment:{one}" for one in Comment.objects.values_list("pk", flat=True)]
    kinds = [one for one in notices.KINDS if not re.match(ELSEWHERE, one)]
    asked = [
        Notice(kind=kind, subject=subject, recipient=recipient, rung="+1", pk=1)
        for kind in kinds
        for subject in subjects
        for recipient in recipients
    ]
    with registry.reading(asked):  # thousands, of the same few issues
        leaving = [(one.kind, one.subject, one.recipient) for one in asked if leaves(one)]
    return leaving == [] or leaving


def leaves(notice):
    now = clock.now()
    try:
        return registry.wanted(notice, now) and not registry.held([notice], now)
    except LookupError:
        return False
    except Exception as error:
        if type(error).__name__ == "DoesNotExist":  # it is about something else
            return False
        raise


def addresses(authority):
    return [
        f"user:{official_of(authority).pk}",
        f"contact:{ContactPointFactory(authority=authority).pk}",
        f"authority:{authority.pk}",
    ]
