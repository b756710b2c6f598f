"""Closed days: who keeps them, what they move, and what is seen before they are saved."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import clock
from audit.errors import Conflict, TransitionError
from issues import actions
from issues.actions.holidays import Days, Moved, moved_date, stamp, would_move
from issues.models import Referral
from provinces.models import Holiday
from provinces.models.days import CONFIRMED, RECKONED, TO_CONFIRM
from provinces.workdays import Calendar
from tests import factories as f
from tests.factories import HolidayFactory, administrator
from tests.issues.stories import at
from tests.issues.traces import NOW, trail

MONDAY = dt.date(2041, 6, 3)
DUE = dt.date(2041, 7, 1)  # a Monday, twenty working days later
SPAN = [MONDAY + dt.timedelta(days) for days in range(90)]
days_off = st.frozensets(st.sampled_from(SPAN), max_size=12)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


# --- the reckoning: no database -------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(days_off, st.sampled_from(SPAN), st.sampled_from(SPAN[:20]), st.integers(0, 40))
def test_one_more_closed_day_brings_no_date_nearer_and_one_less_none_further(
    closed, day, handed_over_on, given_days
):
    fewer, more = Calendar(closed - {day}), Calendar(closed | {day})
    plain = handed_over_on + dt.timedelta(given_days)  # a date that somebody named, of any kind

    for due_on in (fewer.add(handed_over_on, given_days), plain):
        held = Referral(handed_over_on=handed_over_on, due_on=due_on)
        assert moved_date(held, fewer, more) >= due_on
    for due_on in (more.add(handed_over_on, given_days), plain):
        held = Referral(handed_over_on=handed_over_on, due_on=due_on)
        assert moved_date(held, more, fewer) <= due_on


@settings(max_examples=40, deadline=None)
@given(days_off, st.sampled_from(SPAN), st.integers(1, 40))
def test_a_day_that_comes_and_goes_leaves_the_date_as_it_was(closed, day, given_days):
    before, after = Calendar(closed - {day}), Calendar(closed | {day})
    held = Referral(handed_over_on=MONDAY, due_on=before.add(MONDAY, given_days), days=given_days)

    there = moved_date(held, before, after)

    assert there == after.add(MONDAY, given_days)
    held.due_on, back = there, held.due_on
    assert moved_date(held, after, before) == back


def test_moved_date_counts_from_the_end_of_a_suspension():
    held = Referral(handed_over_on=MONDAY, suspended_until=dt.date(2041, 6, 24), due_on=DUE)
    in_june = Calendar(frozenset({dt.date(2041, 6, 10)}))

    assert moved_date(held, Calendar(frozenset()), in_june) == DUE
    assert moved_date(Referral(), Calendar(frozenset()), in_june) is None


# --- the acts -------------------------------------------------------------------------------------
@pytest.fixture
def admin(db):
    return administrator()


def running(province="11", due_on=DUE, **fields):
    issue = f.issue_in("referred", province=f.ProvinceFactory(code=province))
    held = issue.referrals.get()
    Referral.objects.filter(pk=held.pk).update(
        handed_over_on=MONDAY, due_on=due_on, days=20, **fields
    )
    return held


def dates_of(*referrals):
    rows = dict(Referral.objects.values_list("pk", "due_on"))
    versions = dict(Referral.objects.values_list("pk", "due_version"))
    return [(rows[one.pk], versions[one.pk]) for one in referrals]


def day_off(date, **fields):
    return HolidayFactory.build(date=date, **fields)


def test_add_holiday_moves_each_running_date_of_its_provinces_once(admin):
    here, elsewhere = running(), running("16")
    ended = running(ended_at=NOW, ended_as="recalled")
    waiting = running()
    Referral.objects.filter(pk=waiting.pk).update(handed_over_on=None, due_on=None)
    told = len(trail())
    made = day_off(dt.date(2041, 6, 12), province=here.issue.province)

    assert actions.add_holiday(made, by=admin, now=NOW) == 1
    assert actions.add_holiday(
        day_off(dt.date(2041, 6, 12), province=here.issue.province), by=admin, now=NOW
    ) == 0  # the form sent twice  # fmt: skip

    assert dates_of(here, elsewhere, ended, waiting) == [
        (dt.date(2041, 7, 2), 2), (DUE, 1), (DUE, 1), (None, 1),
    ]  # fmt: skip
    kept = Holiday.objects.get()
    assert (kept.confirmed_by, kept.date) == (admin, dt.date(2041, 6, 12))
    assert trail()[told:] == [
        ("provinces.add_holiday", f"holiday:{kept.pk}", admin, "administrator",
         {"date": "2041-06-12", "moved": 1}),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        actions.add_holiday(
            day_off(kept.date, province=kept.province, name_en="Another"), by=admin, now=NOW
        )


def test_change_and_remove_holiday_move_the_dates_back(admin):
    held = running()
    made = day_off(dt.date(2041, 6, 12))
    actions.add_holiday(made, by=admin, now=NOW)
    seen = stamp(made)
    made.date = dt.date(2041, 8, 12)

    assert actions.change_holiday(made, by=admin, now=NOW, seen=seen) == 1
    assert dates_of(held) == [(DUE, 3)]
    with pytest.raises(TransitionError, match="somebody changed this day"):
        actions.remove_holiday(made, by=admin, now=NOW, seen=seen)
    made.date = dt.date(2041, 6, 13)
    actions.change_holiday(made, by=admin, now=NOW, seen=stamp(Holiday.objects.get()))
    assert actions.remove_holiday(made, by=admin, now=NOW, seen=stamp(made)) == 1
    assert dates_of(held) == [(DUE, 5)]
    assert not Holiday.objects.exists()


def test_a_day_kept_twice_for_province_and_country_goes_only_with_both(admin):
    held = running()
    actions.add_holiday(day_off(dt.date(2041, 6, 12)), by=admin, now=NOW)
    own = day_off(dt.date(2041, 6, 12), province=held.issue.province)

    assert actions.add_holiday(own, by=admin, now=NOW) == 0
    assert actions.remove_holiday(own, by=admin, now=NOW, seen=stamp(own)) == 0
    assert dates_of(held) == [(dt.date(2041, 7, 2), 2)]


def test_propose_and_confirm_a_year(admin):
    moved = actions.propose_year(2041, by=admin, now=NOW)

    days = Holiday.objects.of_year(2041)
    assert moved == 0
    assert len(days) > 15
    assert Holiday.objects.awaits_confirmation(2041)
    assert Holiday.objects.awaits_confirmation(2042)
    with pytest.raises(TransitionError, match="entered days for this year"):
        actions.propose_year(2041, by=admin, now=NOW)
    assert actions.confirm_year(2041, by=admin, now=NOW) == len(days)
    assert actions.confirm_year(2041, by=admin, now=NOW) == 0
    assert not Holiday.objects.awaits_confirmation(2041)
    assert [one[0] for one in trail()] == [
        "provinces.propose_holidays", "provinces.confirm_holidays",
    ]  # fmt: skip


def test_only_administrators_keep_holidays(db):
    person = f.coordinator_of(None)
    for act in (actions.propose_year, actions.confirm_year):
        with pytest.raises(PermissionDenied):
            act(2041, by=person, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.add_holiday(day_off(DUE), by=person, now=NOW)


# --- the pages ------------------------------------------------------------------------------------
def test_page_shows_what_moves_before_anything_is_saved(client, admin):
    held = [running() for _ in range(3)]
    Referral.objects.update(handed_over_on=MONDAY, due_on=DUE)
    facts = {
        "date": "2041-06-12", "name_km": "ទិវា", "name_en": "Day", "source": "Sub-decree 1",
        "province": "", "seen": "",
    }  # fmt: skip
    address = reverse("issues:holiday_new", args=[2041])

    shown = at(client, admin).post(address, facts)

    assert shown.status_code == 200
    assert shown.context["total"] == 3
    assert [(one.referral.issue.reference, one.due_on) for one in shown.context["moved"]] == [
        (reference, dt.date(2041, 7, 2))
        for reference in sorted(one.issue.reference for one in held)
    ]
    assert all(one.issue.title not in shown.content.decode() for one in held)
    assert not Holiday.objects.exists()
    saved = client.post(address, facts | {"save": "1"}, follow=True)
    assert "It is saved. 3 dates moved." in saved.content.decode()
    assert dates_of(*held) == [(dt.date(2041, 7, 2), 2)] * 3


def test_pages_change_remove_propose_and_confirm(client, admin):
    kept = HolidayFactory(date=dt.date(2041, 6, 12))
    page = at(client, admin).get(reverse("issues:holiday", args=[kept.pk]))
    facts = page.context["form"].initial | {"date": "2041-06-13", "province": "", "save": "1"}

    client.post(reverse("issues:holiday", args=[kept.pk]), facts)
    kept.refresh_from_db()
    assert (kept.date, kept.confirmed_by) == (dt.date(2041, 6, 13), admin)
    again = client.post(reverse("issues:holiday", args=[kept.pk]), facts | {"date": "2041-06-14"})
    assert "Meanwhile somebody changed this day." in again.content.decode()

    removing = reverse("issues:holiday_remove", args=[kept.pk])
    seen = client.get(removing).context["seen"]
    client.post(removing, {"seen": seen, "save": "1"})
    assert not Holiday.objects.exists()

    client.post(reverse("issues:holidays_propose", args=[2041]), {"save": "1"})
    assert (
        "not confirmed yet" in client.get(reverse("issues:holidays", args=[2041])).content.decode()
    )
    client.post(reverse("issues:holidays_confirm", args=[2041]))
    assert not Holiday.objects.awaits_confirmation(2041)


def test_source_of_a_reckoned_day_is_said_in_words_and_kept_as_it_stands(client, admin):
    page = reverse("issues:holidays", args=[2041])
    at(client, admin).post(reverse("issues:holidays_propose", args=[2041]), {"save": "1"})
    proposed = client.get(page).text
    client.post(reverse("issues:holidays_confirm", args=[2041]))
    confirmed = client.get(page).text
    day = Holiday.objects.first()
    form = reverse("issues:holiday", args=[day.pk])
    typed = client.get(form).context["form"].initial | {"province": "", "save": "1"}

    client.post(form, typed | {"name_en": "New"})
    day.refresh_from_db()
    assert (day.name_en, day.source) == ("New", RECKONED)
    assert [
        (str(words) in proposed, str(words) in confirmed)
        for words in (TO_CONFIRM, CONFIRMED, RECKONED)
    ] == [(True, False), (False, True), (False, False)]


def test_home_warns_from_november_while_next_year_is_unconfirmed(client, admin, monkeypatch):
    def home(year, month, day):
        moment = dt.datetime(year, month, day, 3, tzinfo=dt.UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return at(client, admin).get("/").content.decode()

    sentence = "The holidays of 2042 are not confirmed yet"
    assert sentence not in home(2041, 10, 31)
    assert sentence in home(2041, 11, 1)
    HolidayFactory(date=dt.date(2042, 1, 1), confirmed_by=admin)
    assert sentence not in home(2041, 12, 31)


def test_would_move_is_the_same_number_of_queries(admin, django_assert_num_queries):
    days = Days.between([], [day_off(dt.date(2041, 6, 12))])
    first = running()
    with django_assert_num_queries(2):
        assert would_move(days) == [Moved(first, dt.date(2041, 7, 2))]
    for _ in range(3):
        running()
    with django_assert_num_queries(2):
        assert len(would_move(days)) == 4
