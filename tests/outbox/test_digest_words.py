"""What a digest says: counts, references, dates and links, and nothing of any issue."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.utils import translation

from audit import clock
from config import notice_digest, notices
from inbox import matching
from issues.models import Issue
from outbox import actions, gateway, registry
from outbox.models import DIGEST, Notice
from outbox.registry import Manner
from reminders.models import Rung
from tests.factories import (
    AuthorityFactory,
    MessageFactory,
    NoticeFactory,
    issue_in,
    official_of,
)
from tests.outbox.test_notices import notice_of, secrets_of

pytestmark = pytest.mark.django_db
JOINING = [one for one in notices.KINDS if registry.manner(one) is not Manner.ALONE]
NOW = dt.datetime(2026, 6, 10, 3, 0, tzinfo=dt.UTC)  # a Wednesday, ten o'clock there


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with translation.override("en"):
        yield


@pytest.fixture
def issue():
    made = issue_in("referred", title="A road is cut", question="Which road?", reason="Twice.")
    made.organization.name_en = made.organization.name_km = "The weavers"
    made.organization.save()
    Issue.objects.filter(pk=made.pk).update(is_named=True)
    return made


def lines_of(kind, issue):
    """In both languages."""
    notice = notice_of(kind, issue)
    notice.due_at = notice.created_at = NOW
    notice.save()
    return [registry.line(notice, language) for language in ("en", "km")]


def test_urgent_kinds_go_alone_and_every_named_kind_is_known():
    assert set(notice_digest.MANNERS) == set(JOINING)
    alone = {"first_referral", "escalation", "escalated_office", "issue_pressured", "invitation"}
    assert alone & set(JOINING) == set()


def test_every_line_holds_a_reference_and_links_and_nothing_of_the_issue(issue, settings):
    secrets = {*secrets_of(issue), "The weavers"}
    for kind in JOINING:
        for said in lines_of(kind, issue):
            assert re.fullmatch(r"[-\d]+: .+", said.text), kind
            assert said.links[0].startswith(settings.BASE_URL), kind
            words = " ".join([said.text, *said.links])
            assert [one for one in secrets if one in words] == [], kind


def reminders_of(official, dates):
    """A reminder to the official of each referral with such a date."""
    for number, due_on in enumerate(dates):
        held = issue_in("referred").referrals.get()
        held.authority = official.held[0].authority
        held.due_on, held.handed_over_on = due_on, dt.date(2026, 5, 4)
        held.save()
        Issue.objects.filter(pk=held.issue_id).update(reference=f"26-1101-{number:04}")
        actions.tell(
            "reminder", f"referral:{held.pk}", recipients=[f"user:{official.pk}"],
            due_at=NOW, rung="0", province_id=held.issue.province_id,
        )  # fmt: skip


def test_a_digest_of_reminders_lists_what_is_late_first(settings):
    official = official_of(AuthorityFactory(), language="en")
    dates = [dt.date(2026, 6, 17), dt.date(2026, 6, 10), dt.date(2026, 6, 5)]
    reminders_of(official, dates)
    lines = [registry.line(one, "en") for one in Notice.objects.order_by("pk")]

    text = registry.digest(lines, "en")

    assert text.subject == "Vedika: 1 overdue, 2 due"
    shown = re.sub(r"/[\w-]{43}/", "/KEY/", text.body)
    items = [
        (0, 2, "was due on Friday 5 June 2026, 3 working days ago"),
        (1, 0, "due on Wednesday 17 June 2026, in 5 working days"),
        (2, 1, "due today, Wednesday 10 June 2026"),
    ]
    said = [f"– 26-1101-{number:04}: {words}" for _place, number, words in items]
    assert [one for one in shown.splitlines() if one.startswith("–")] == said
    assert shown.startswith(
        f"Dear Sir or Madam,\n\nEverything that waits for you stands here:\n{settings.BASE_URL}/\n"
    )
    assert shown.count("To answer without signing in (for your office alone):\n") == 3
    assert len({*re.findall(r"/[\w-]{43}/", text.body)}) == 3
    khmer = registry.digest([registry.line(one, "km") for one in Notice.objects.all()], "km")
    assert "១" in khmer.subject


def test_words_of_a_rung_stand_above_what_is_told_at_it(settings):
    official = official_of(AuthorityFactory(), language="en")
    late, today, ahead = dt.date(2026, 6, 5), dt.date(2026, 6, 10), dt.date(2026, 6, 17)
    reminders_of(official, [late, late, today, ahead])
    Rung.objects.update_or_create(
        priority=Issue.objects.first().priority, key="+1", offset=1, audience="officials",
        defaults={
            "opening_en": "For {due}, kindly.", "opening_km": "ខ",
            "subject_en": "{reference}?", "subject_km": "{reference}",
        },
    )  # fmt: skip
    told = Notice.objects.order_by("pk")
    told.filter(pk__in=[one.pk for one in told[:2]]).update(rung="+1")
    told.filter(pk=told.last().pk).update(rung="+1")

    text = registry.digest([registry.line(one, "en") for one in told], "en")

    shown = [one.splitlines()[:2] for one in text.body.split("\n\n")]
    link = f"{settings.BASE_URL}/issues/"
    items = [[row if not row.startswith(link) else "LINK" for row in one] for one in shown[2:-2]]
    assert text.subject == "Vedika: 2 overdue, 2 due"
    assert items == [
        ["For Friday 5 June 2026, kindly."],
        ["– 26-1101-0000: was due on Friday 5 June 2026, 3 working days ago", "26-1101-0000?"],
        ["– 26-1101-0001: was due on Friday 5 June 2026, 3 working days ago", "26-1101-0001?"],
        ["Besides:"],
        ["– 26-1101-0002: due today, Wednesday 10 June 2026", "LINK"],
        ["For Wednesday 17 June 2026, kindly."],
        ["– 26-1101-0003: due on Wednesday 17 June 2026, in 5 working days", "26-1101-0003?"],
    ]
    assert "ខ" in registry.digest([registry.line(told[0], "km")], "km").body.splitlines()
    message = MessageFactory.build(kind=DIGEST, channel="sms", subject=text.subject, body=text.body)
    assert gateway.text_of(message) == f"{text.subject} {settings.BASE_URL}/"


def test_a_digest_by_sms_is_counts_and_one_link(settings):
    settings.SMS_MAX_PARTS = 2
    text = registry.digest(
        [registry.Line("due", "26-1101-0001: due", ("https://x.example/issues/1/",))] * 3, "en"
    )
    message = MessageFactory.build(kind=DIGEST, channel="sms", subject=text.subject, body=text.body)

    assert gateway.text_of(message) == f"Vedika: 3 due {settings.BASE_URL}/"


def test_a_reply_to_several_things_names_none_of_them():
    message = MessageFactory(kind=DIGEST)
    first, second = (issue_in("referred").referrals.get() for _ in range(2))
    answer = SimpleNamespace(recipients=[], answers=[message.message_id], subject="Re: 2 due")
    NoticeFactory(subject=f"referral:{first.pk}", message=message, state="sent")
    assert matching.about(answer).referral == first

    NoticeFactory(subject=f"referral:{second.pk}", message=message, state="sent")

    assert matching.about(answer).issue is None
