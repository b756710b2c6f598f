"""Letters: a notice on paper with its number and its link, handed over, taken in, cancelled."""

import datetime as dt
import io
import uuid

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from audit import clock
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from issues import actions, letters, links, papers_letter
from issues.models import Issue, Letter, Link, Referral
from outbox.by_letter import TOLD
from outbox.models import Notice
from paper import letters as paper
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def office():
    return f.AuthorityFactory(name_en="Roads")


@pytest.fixture
def referral(office):
    """Released, with a clock that has not started."""
    found = f.issue_in("referred", authority=office).referrals.get()
    Referral.objects.update(handed_over_on=None, due_on=None)
    return Referral.objects.get(pk=found.pk)


@pytest.fixture
def coordinator(referral):
    return f.coordinator_of(referral.issue.province)


def told(referral, recipient=None, kind="first_referral", **more):
    recipient = recipient or f"user:{f.official_of(referral.authority).pk}"
    return f.NoticeFactory(
        subject=subject_of(referral),
        kind=kind,
        recipient=recipient,
        province=referral.issue.province,
        **more,
    )


def made(notice, by):
    return actions.make_letter(notice, by=by, now=clock.now())


def hand_over(letter, by, **more):
    facts = {"on": clock.today(), "receiver": "Head of the office"} | more
    return actions.hand_over_letter(letter, by=by, now=clock.now(), **facts)


def states():
    return list(Notice.objects.order_by("pk").values_list("state", "reason"))


def test_letter_of_a_notice_is_one_for_its_office_and_has_a_link_of_its_own(
    referral, coordinator, office
):
    first, second = told(referral), told(referral)

    letter, again = made(first, coordinator), made(second, coordinator)

    assert again == letter
    assert (letter.number[4:], letter.authority, letter.issue) == (
        f"/{clock.today():%y}",
        office,
        referral.issue,
    )
    link = Link.objects.get()
    opened = links.read(letters.key_of(letter), clock.now())
    assert opened.link == link
    assert (link.letter, link.notice, link.recipient) == (letter, None, f"authority:{office.pk}")
    assert "resolve" in opened.acts
    assert AuditEntry.objects.get(action="letter.make").change == {"referral": referral.pk}


def test_letter_is_printed_in_the_notices_own_words_with_the_same_code_each_time(
    referral, coordinator
):
    letter = made(told(referral), coordinator)

    drawn = papers_letter.paper_of(letter, clock.now())

    english = drawn["parts"][1]
    assert drawn == papers_letter.paper_of(Letter.objects.get(), clock.now())
    assert drawn["address"] == links.address(letters.key_of(letter))
    assert english["subject"]["lines"] == [f"{letter.issue.reference}: a request to your office"]
    assert english["paragraphs"][0].startswith(
        "The forum has referred the following issue to Roads"
    )
    labels = [one["label"] for one in english["facts"]]
    assert labels[:2] == ["Reference", "Title"]
    assert letter.issue.organization.name not in str(drawn)
    assert [part["language"] for part in drawn["parts"]] == ["km", "en"]
    pages = pikepdf.open(io.BytesIO(paper.pdf([drawn]))).pages
    assert len(pages) == 2
    assert paper.docx(drawn)[:2] == b"PK"


def test_confidential_letter_shows_no_protected_detail_and_has_no_link(referral, coordinator):
    Issue.objects.update(disclosure="confidential")
    letter = made(told(referral), coordinator)

    drawn = papers_letter.paper_of(letter, clock.now())

    issue = letter.issue
    hidden = (issue.title, issue.text, issue.commune.name_en, issue.organization.name_en)
    assert drawn["address"] == ""
    assert [one for one in hidden if one in str(drawn)] == []
    assert issue.reference in str(drawn)


def test_handing_over_starts_the_clock_and_the_notice_counts_as_told(referral, coordinator):
    waiting, failed, sent = (told(referral, state=one) for one in ("planned", "failed", "sent"))
    other = told(referral, recipient=f"user:{coordinator.pk}")
    letter = made(waiting, coordinator)

    hand_over(letter, coordinator)
    hand_over(letter, coordinator)

    referral.refresh_from_db()
    letter.refresh_from_db()
    assert (referral.handed_over_on, referral.due_on is None) == (clock.today(), False)
    assert states() == [("cancelled", TOLD), ("cancelled", TOLD), ("sent", ""), ("planned", "")]
    assert {waiting.pk, failed.pk, sent.pk, other.pk} == set(
        Notice.objects.values_list("pk", flat=True)
    )
    assert (letter.receiver, letter.words["en"]["subject"]) == (
        "Head of the office",
        f"{letter.issue.reference}: a request to your office",
    )
    trail = AuditEntry.objects.filter(action__contains="letter").values_list("action", flat=True)
    assert sorted(trail) == [
        "issue.record_letter",
        "letter.hand_over",
        "letter.make",
        "outbox.told_by_letter",
        "outbox.told_by_letter",
    ]


def test_handing_over_an_escalation_lets_the_others_know_of_it(referral, coordinator, office):
    above = f.AuthorityFactory(name_en="Province")
    office.superior = above
    office.save()
    Referral.objects.update(
        handed_over_on=clock.today() - dt.timedelta(40), due_on=clock.today() - dt.timedelta(20)
    )
    up = told(referral, f"authority:{above.pk}", "escalation", rung="10", state="prepared")
    own = told(referral, kind="escalated_office", rung="10", state="prepared")
    letter = made(up, coordinator)

    hand_over(letter, coordinator)

    up.refresh_from_db()
    own.refresh_from_db()
    assert (letter.authority, letter.link.may_act) == (above, False)
    assert (up.state, up.reason, own.state) == ("cancelled", TOLD, "planned")


@pytest.mark.parametrize("days", [1, -1])
def test_handing_over_refuses_another_day(referral, coordinator, days):
    letter = made(told(referral), coordinator)

    with pytest.raises(TransitionError):
        hand_over(letter, coordinator, on=clock.today() + dt.timedelta(days))

    assert states() == [("planned", "")]


def test_cancelled_number_stays_with_its_reason_and_its_link_is_revoked(referral, coordinator):
    notice = told(referral)
    letter = made(notice, coordinator)

    actions.cancel_letter(letter, by=coordinator, now=clock.now(), because="Misprinted.")
    anew = made(notice, coordinator)

    letter.refresh_from_db()
    assert (letter.cancelled_because, letters.address_of(letter)) == ("Misprinted.", "")
    assert links.read(letters.key_of(letter), clock.now()) is None
    assert [one.number[:4] for one in (letter, anew)] == ["0001", "0002"]
    with pytest.raises(TransitionError):
        papers_letter.paper_of(letter, clock.now())
    with pytest.raises(TransitionError):
        hand_over(letter, coordinator)


def test_letter_is_made_by_nobody_else_and_of_nothing_that_is_not_to_be_told(referral, coordinator):
    notice = told(referral)
    elsewhere = f.coordinator_of(f.ProvinceFactory(code="16"))
    to_nobody = told(referral, recipient=f"user:{coordinator.pk}")

    for person in (elsewhere, f.official_of(referral.authority)):
        with pytest.raises(PermissionDenied):
            made(notice, person)
    with pytest.raises(TransitionError):
        made(to_nobody, coordinator)
    Issue.objects.update(pressured_at=clock.now())
    with pytest.raises(TransitionError):
        made(notice, coordinator)

    assert not Letter.objects.exists()


def test_letter_that_came_in_is_entered_once(referral, coordinator):
    key, issue = uuid.uuid4(), referral.issue
    facts = {"province": issue.province, "on": clock.today(), "issue": issue, "referral": referral}
    facts |= {"subject": "Answer of the office", "number": "45/26", "authority": referral.authority}

    def take_in(**more):
        return actions.take_in_letter(
            actions.Incoming(**(facts | more)), by=coordinator, now=clock.now(), client_key=key
        )

    first, again = take_in(), take_in()

    assert first == again
    assert (first.direction, first.other_side) == ("in", str(referral.authority))
    with pytest.raises(Conflict):
        take_in(subject="Another")
    with pytest.raises(TransitionError):
        take_in(on=clock.today() + dt.timedelta(1))


def test_letters_are_read_by_coordinators_of_their_province(referral, coordinator):
    letter = made(told(referral), coordinator)

    readers = (
        coordinator,
        f.coordinator_of(None),
        f.coordinator_of(f.ProvinceFactory(code="16")),
        f.official_of(referral.authority),
        f.representative_of(referral.issue.organization),
        f.administrator(),
    )

    seen = [list(Letter.objects.visible_to(one)) for one in readers]
    assert seen == [[letter], [letter], [], [], [], []]
