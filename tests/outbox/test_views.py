"""The coordinators' outbox: who reads it, what it shows, what its buttons do."""

import pytest
from django.urls import reverse

from outbox import actions
from outbox.models import Message, Notice
from tests.factories import (
    AttemptFactory,
    AuthorityFactory,
    ContactPointFactory,
    NoticeFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
LIST = "/outbox/"


@pytest.fixture
def province():
    return ProvinceFactory()


@pytest.fixture
def officer(province):
    return coordinator_of(province)


@pytest.fixture
def desk(client, officer):
    """The browser of a coordinator, in English."""
    client.force_login(officer)
    client.cookies["django_language"] = "en"
    return client


def about(issue, **more):
    """A notice of a referral of the issue, to its author."""
    more = {"kind": "reminder", "recipient": f"user:{issue.author_id}"} | more
    return NoticeFactory(subject=f"issue:{issue.pk}", province=issue.province, **more)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("REQUEST", "With a calendar part that enters the session"),
        ("CANCEL", "With a calendar part that takes the session out"),
        ("", ""),
    ],
)
def test_notice_says_what_its_calendar_part_does(desk, method, sentence):
    notice = about(issue_in("referred"), state="sent")
    calendar = {"calendar": "BEGIN:VCALENDAR", "calendar_method": method} if method else {}
    Message.objects.filter(pk=notice.message_id).update(**calendar or {"calendar": ""})

    page = desk.get(notice.get_absolute_url()).content.decode()

    assert ("calendar part" in page, sentence in page) == (bool(method), True)


def test_outbox_shows_what_is_told_to_whom_with_its_tries(desk):
    issue = issue_in("referred")
    notice = about(issue, state="unknown", rung="+1", reason="silence")
    AttemptFactory(message=notice.message, outcome="unknown", code="silence", text="cut off")

    page = desk.get(LIST).content.decode()

    for part in (
        issue.reference,
        issue.title,
        "Reminder",
        "1 working day after the due date",
        "Unknown",
        "cut off",
    ):
        assert part in page
    assert 'data-state="unknown"' in page


def test_outbox_hides_what_is_confidential_but_its_reference(desk):
    issue = issue_in("referred", disclosure="confidential")
    about(issue)

    page = desk.get(LIST).content.decode()

    assert issue.reference in page
    assert issue.title not in page


def test_outbox_leaves_out_other_provinces(desk):
    other = about(issue_in("referred", province=ProvinceFactory(code="16")))

    assert desk.get(LIST).context["page_obj"].paginator.count == 0
    assert desk.get(other.get_absolute_url()).status_code == 404
    assert desk.post(reverse("outbox:cancel", args=[other.pk])).status_code == 404


@pytest.mark.parametrize(
    "person",
    [
        administrator,
        lambda: official_of(AuthorityFactory()),
        lambda: representative_of(issue_in("draft").organization),
    ],
)
def test_outbox_is_forbidden_to_who_is_no_coordinator(client, person, province):
    client.force_login(person())
    notice = NoticeFactory(province=province)
    pages = [LIST, notice.get_absolute_url(), reverse("outbox:release_all")]

    assert {client.get(page).status_code for page in pages} == {403}
    acts = [reverse(f"outbox:{act}", args=[notice.pk]) for act in ("retry", "cancel", "release")]
    assert {client.post(act).status_code for act in acts} == {403}


def test_outbox_asks_visitors_to_sign_in(client):
    assert client.get(LIST).status_code == 302


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 3),
        ("state=failed", 1),
        ("kind=reminder", 2),
        ("province=11", 3),
        ("q=TITLE", 0),
        ("q=request for your", 1),
        ("state=nonsense", 3),
    ],
)
def test_outbox_filters(desk, query, expected):
    about(issue_in("referred"))
    about(issue_in("referred"), state="failed")
    about(issue_in("referred"), kind="escalation", state="sent")

    assert desk.get(f"{LIST}?{query}").context["page_obj"].paginator.count == expected


def test_outbox_is_found_by_a_reference(desk):
    issue = issue_in("referred")
    about(issue)
    about(issue_in("referred"))

    assert desk.get(f"{LIST}?q={issue.reference}").context["page_obj"].paginator.count == 1


def test_outbox_counts_by_state(desk):
    about(issue_in("referred"))
    about(issue_in("referred"), state="failed")

    counts = desk.get(LIST).context["counts"]
    assert [(one["state"], one["number"]) for one in counts] == [("planned", 1), ("failed", 1)]


@pytest.mark.parametrize("rows", [1, 30])
def test_outbox_asks_few_queries(desk, django_assert_max_num_queries, rows):
    for _ in range(rows):
        issue = issue_in("referred")
        AttemptFactory(message=about(issue, state="sent").message)
        contact = ContactPointFactory()
        NoticeFactory(
            subject=f"referral:{issue.referrals.get().pk}",
            recipient=f"contact:{contact.pk}",
            province=issue.province,
        )

    with django_assert_max_num_queries(12):
        desk.get(LIST)


# --- one notice ---------------------------------------------------------------------------------
def test_notice_shows_its_frozen_words(desk, province):
    notice = NoticeFactory(province=province, state="failed", kind="reminder", reason="550 no")
    sent = NoticeFactory(province=province, state="sent", kind="reminder")

    assert "No text was made" in desk.get(notice.get_absolute_url()).content.decode()
    page = desk.get(sent.get_absolute_url()).content.decode()
    assert sent.message.subject in page
    assert sent.message.body in page
    assert sent.message.address in page


def test_notice_shows_a_prepared_one_as_it_would_read(desk):
    issue = issue_in("referred")
    referral = issue.referrals.get()
    notice = NoticeFactory(
        subject=f"referral:{referral.pk}",
        kind="escalation",
        state="prepared",
        province=issue.province,
    )

    page = desk.get(notice.get_absolute_url()).content.decode()

    assert "your kind support is asked" in page
    assert "Send now" in page


def test_retry_queues_again(desk, province):
    notice = NoticeFactory(province=province, state="dead")

    desk.post(reverse("outbox:retry", args=[notice.pk]))

    notice.refresh_from_db()
    assert notice.state == "queued"


def test_cancel_wants_a_reason(desk, province):
    notice = NoticeFactory(province=province)
    url = reverse("outbox:cancel", args=[notice.pk])

    assert desk.post(url, {"reason": ""}).status_code == 422
    desk.post(url, {"reason": "Told by telephone."})

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == ("cancelled", "Told by telephone.")


def test_an_act_that_came_too_late_says_so(desk, province):
    notice = NoticeFactory(province=province, state="sent")

    page = desk.post(reverse("outbox:retry", args=[notice.pk]), follow=True).content.decode()

    assert "no longer possible" in page


@pytest.mark.parametrize("act", ["retry", "cancel", "release"])
def test_acts_are_not_done_by_get(desk, province, act):
    notice = NoticeFactory(province=province, state="prepared")

    assert desk.get(reverse(f"outbox:{act}", args=[notice.pk])).status_code == 405


def test_release_all_states_the_number_and_sends(desk, province):
    actions.tell(
        "escalation",
        "referral:1",
        recipients=["user:1", "user:2"],
        due_at="2026-05-22T08:00Z",
        province_id=province.pk,
        prepared=True,
    )
    url = reverse("outbox:release_all")

    assert "2 notices wait for your press" in desk.get(url).content.decode()
    desk.post(url, {"number": "1"})
    assert Notice.objects.prepared().count() == 2
    desk.post(url, {"number": "2"})
    assert Notice.objects.prepared().count() == 0
