"""The page of a referral's whole ladder: what was told, what is to come, and its buttons."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from audit import clock
from issues.models import Referral
from outbox.models import Notice
from reminders import actions, rungs
from tests.factories import (
    AttemptFactory,
    NoticeFactory,
    UserFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def referral():
    """Handed over today, to be answered within thirty days, with the default ladder."""
    actions.seed_policy()
    found = issue_in("referred").referrals.get()
    today = clock.today()
    Referral.objects.filter(pk=found.pk).update(
        handed_over_on=today, due_on=today + dt.timedelta(days=30), ladder_since=None
    )
    return Referral.objects.select_related("issue").get(pk=found.pk)


def tell(referral, kind="reminder", **more):
    more = {"version": referral.due_version, "recipient": f"user:{UserFactory().pk}"} | more
    return NoticeFactory(
        subject=f"referral:{referral.pk}", kind=kind, province=referral.issue.province, **more
    )


def test_ladder_shows_what_was_told_and_the_rungs_after_it(referral):
    first = tell(referral, "first_referral", state="sent")
    skipped = tell(referral, rung="-7", state="skipped")
    unknown = tell(referral, rung="-1", state="unknown")
    answered = tell(referral, "question_answered", state="sent")

    found = rungs.ladder_of(referral, now=clock.now())

    assert [
        (one.words, one.is_skipped, [row.notice for row in one.rows])
        for one in (*found.passed, *found.told)
    ] == [
        ("7 working days before the due date", True, [skipped]),
        ("First notice", False, [first]),
        ("1 working day before the due date", False, [unknown]),
    ]
    assert [one.words for one in found.ahead][:3] == [
        "On the due date",
        "1 working day after the due date",
        "5 working days after the due date",
    ]
    assert [one.on for one in found.ahead] == sorted(one.on for one in found.ahead)
    assert [one.notice for one in found.others] == [answered]
    assert found.rests == ""


def test_ladder_names_whom_it_will_turn_to(referral):
    official = official_of(referral.authority, email="o@vedika.example")

    ahead = rungs.ladder_of(referral, now=clock.now()).ahead

    assert ahead[0].names == [str(official)]
    assert not any(one.is_due for one in ahead)


@pytest.mark.parametrize(
    ("change", "rests"),
    [
        ({"ended_at": clock.now(), "ended_as": "recalled"}, "has ended"),
        ({"handed_over_on": None, "due_on": None}, "hand-over"),
    ],
)
def test_ladder_says_why_nothing_is_to_come(referral, change, rests):
    for name, value in change.items():
        setattr(referral, name, value)

    found = rungs.ladder_of(referral, now=clock.now())

    assert rests in found.rests
    assert found.ahead == []


def test_page_shows_attempts_with_their_codes_and_what_unknown_means(client, referral):
    notice = tell(referral, rung="-7", state="unknown")
    AttemptFactory(message=notice.message, outcome="try_later", code="451", text="busy")
    AttemptFactory(message=notice.message, outcome="unknown", code="silence")
    client.force_login(coordinator_of(referral.issue.province, language="en"))

    page = client.get(reverse("reminders:rungs", args=[referral.pk])).content.decode()

    for part in ("451", "busy", "silence", 'data-state="unknown"', "it may have arrived, or not"):
        assert part in page
    offered = {
        act
        for act in ("retry", "by_phone", "other_way", "cancel", "hold", "send_now")
        if reverse(f"outbox:{act}", args=[notice.pk]) in page
    }
    assert offered == {"retry", "by_phone"}  # it may have left; no other way is known
    for link in (referral.issue.get_absolute_url(), "/outbox/"):
        assert reverse("reminders:rungs", args=[referral.pk]) in client.get(link).content.decode()


def test_told_by_phone_from_the_ladder_starts_the_clock_and_stands_there(client, referral):
    Referral.objects.update(handed_over_on=None, due_on=None)
    notice = tell(referral, "first_referral", state="failed", reason="No address is known.")
    client.force_login(coordinator_of(referral.issue.province, language="en"))
    page = reverse("reminders:rungs", args=[referral.pk])
    client.get(page)
    form = rungs.ladder_of(referral, now=clock.now()).told[0].rows[0].forms["by_phone"]
    Notice.objects.update(created_at=clock.now() - dt.timedelta(days=2))
    data = {
        "name": "Deputy Governor of Mondulkiri",
        "told_at": f"{clock.today()}T00:01",
        "client_key": form.get_initial_for_field(form.fields["client_key"], "client_key"),
        "next": page,
    }

    answers = [client.post(reverse("outbox:by_phone", args=[notice.pk]), data) for _ in range(2)]

    assert [one.headers["Location"] for one in answers] == [page] * 2
    assert "Deputy Governor of Mondulkiri" in client.get(page).content.decode()
    assert Referral.objects.get().handed_over_on == clock.today()


def test_page_asks_few_queries(client, referral, django_assert_max_num_queries):
    client.force_login(coordinator_of(referral.issue.province))
    for rung in ("-7", "-1", "0", "+1"):
        for _ in range(5):
            AttemptFactory(message=tell(referral, rung=rung, state="dead").message)

    with django_assert_max_num_queries(30):
        client.get(reverse("reminders:rungs", args=[referral.pk]))


def test_page_is_for_the_secretariat_of_its_province(client, referral):
    page = reverse("reminders:rungs", args=[referral.pk])
    statuses = {
        one: client.force_login(person) or client.get(page).status_code
        for one, person in {
            "office": official_of(referral.authority),
            "other": official_of(issue_in("referred").referrals.get().authority),
            "administrator": administrator(),
        }.items()
    }

    assert statuses == {"office": 403, "other": 404, "administrator": 404}
