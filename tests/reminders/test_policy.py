"""A ladder that is changed while referrals climb it: nothing is repeated, nothing is lost."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import translation

from audit.errors import TransitionError
from audit.models import AuditEntry
from issues.models import Issue, Referral
from issues.permissions import place_of
from outbox import registry
from outbox.models import Hours, Message, Notice
from provinces.models import Authority
from reminders import actions, policy, reconciling
from reminders.models import Ladder, ProvincePolicy, Rung
from tests.factories import (
    AuthorityFactory,
    MessageFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.factories_more import LinkFactory

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
HANDED, DUE = dt.date(2026, 3, 2), dt.date(2026, 5, 8)
NORMAL = Issue.Priority.NORMAL
pytestmark = pytest.mark.django_db


def at(month, day, hour=8):
    return dt.datetime(2026, month, day, hour, 0, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def _english():
    actions.seed_policy()
    with translation.override("en"):
        yield


@pytest.fixture
def admin():
    return administrator()


@pytest.fixture
def referral():
    """Handed over in March, due on Friday 8 May 2026; two superiors above its office."""
    top = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    middle = AuthorityFactory(superior=top)
    office = AuthorityFactory(superior=middle)
    for one in (office, middle, top):
        official_of(one)
    issue = issue_in("referred", authority=office)
    held = issue.referrals.get()
    Referral.objects.filter(pk=held.pk).update(
        referred_at=at(3, 2), released_at=at(3, 2), handed_over_on=HANDED, due_on=DUE
    )
    held.refresh_from_db()
    return held


def change(by, now, seen=0, *, remove=(), add=(), **moved):
    """Save the ladder with some rungs moved (``m7=-5``), some removed, some added."""
    names = {"m7": "-7", "m1": "-1", "d0": "0", "p1": "+1", "p5": "+5", "p10": "+10"}
    offsets = {names.get(name, name): offset for name, offset in moved.items()}
    rungs = [one for one in Rung.objects.filter(priority=NORMAL) if one.key not in remove]
    for one in rungs:
        one.offset = offsets.get(one.key, one.offset)
    rungs += [
        Rung(offset=offset, audience="superior" if audience else "officials")
        for offset, audience in add
    ]
    return policy.save_ladder(NORMAL, rungs, by=by, now=now, seen=seen)


def told(now):
    """Rungs that stand to be told after the planner looked, by their keys, and left meanwhile."""
    actions.plan(now=now)
    rows = Notice.objects.exclude(state="skipped").exclude(kind="first_referral").order_by("pk")
    found = list(dict.fromkeys(rows.filter(state__in=["planned", "prepared"]).values_list("rung")))
    rows.filter(state__in=["planned", "prepared"]).update(
        state="sent", message=MessageFactory(state="sent")
    )
    return [rung for (rung,) in found]


def test_a_rung_that_was_told_is_not_told_again_wherever_it_is_moved(referral, admin):
    assert told(at(4, 29)) == ["-7"]

    change(admin, at(4, 29, 10), m7=-5)

    assert told(at(5, 1)) == []  # five working days before
    change(admin, at(5, 1, 10), 1, m7=2)
    assert (told(at(5, 7)), told(at(5, 8)), told(at(5, 11))) == (["-1"], ["0"], ["+1"])
    assert (told(at(5, 12)), told(at(5, 15))) == ([], ["+5"])
    assert Notice.objects.filter(kind="reminder", rung="-7").count() == 1
    assert reconciling.reconcile(now=at(5, 17)) == 0


def test_a_rung_that_was_not_told_is_told_on_its_new_day(referral, admin):
    told(at(4, 29))

    change(admin, at(5, 1), m1=-3)

    assert (told(at(5, 4)), told(at(5, 5)), told(at(5, 7))) == ([], ["-1"], [])
    change(admin, at(5, 7, 10), 1, d0=-4)  # into the past: it is the newest nobody was told of
    assert told(at(5, 7, 11)) == []  # … no: "-1" stands after it and was told
    change(admin, at(5, 7, 12), 2, p1=-2)
    assert told(at(5, 7, 13)) == ["+1"]
    assert told(at(5, 8)) == []


def test_a_rung_that_only_waits_is_taken_back_and_told_on_its_new_day(referral, admin):
    actions.plan(now=at(4, 29, 20))  # in the evening: it waits for the morning
    assert [one.state for one in Notice.objects.filter(rung="-7")] == ["planned"]

    change(admin, at(4, 29, 21), m7=-5)

    assert not Notice.objects.filter(rung="-7").exists()
    assert (told(at(4, 30)), told(at(5, 1))) == ([], ["-7"])


def test_what_is_packed_but_never_tried_is_taken_back_with_its_message(referral, admin):
    actions.plan(now=at(4, 29))
    message = MessageFactory(state="queued")
    Notice.objects.filter(rung="-7").update(state="queued", message=message)

    change(admin, at(4, 29, 9), m7=-5)

    assert Message.objects.get(pk=message.pk).state == "cancelled"
    assert not Notice.objects.filter(rung="-7").exists()


def test_what_only_waits_and_has_a_link_waits_for_its_new_day(referral, admin):
    actions.plan(now=at(4, 29, 20))
    notice = Notice.objects.get(rung="-7")
    LinkFactory(referral=referral, notice=notice, recipient=notice.recipient)

    change(admin, at(4, 29, 21), m7=-5)

    assert list(Notice.objects.filter(rung="-7").values_list("pk", "state", "due_at")) == [
        (notice.pk, "planned", at(5, 1, 7).replace(minute=30))
    ]


def test_others_at_a_rung_that_was_told_to_some_are_told_on_its_new_day(referral, admin):
    official_of(referral.authority)
    actions.plan(now=at(4, 29))
    first, second = Notice.objects.filter(rung="-7").order_by("pk")
    Notice.objects.filter(pk=first.pk).update(state="sent", message=MessageFactory(state="sent"))

    change(admin, at(4, 29, 9), m7=-5)

    second.refresh_from_db()
    assert (second.state, second.due_at) == (
        "planned", dt.datetime(2026, 5, 1, 7, 30, tzinfo=ZONE),
    )  # fmt: skip


def test_removing_a_rung_tells_nobody(referral, admin):
    told(at(4, 29))
    actions.plan(now=at(5, 7, 20))  # "-1" waits for the morning

    change(admin, at(5, 7, 21), remove=["-1"])

    waiting = Notice.objects.get(rung="-1")
    assert (waiting.state, waiting.reason) == ("cancelled", policy_settled())
    assert (told(at(5, 8)), told(at(5, 11))) == (["0"], ["+1"])
    change(admin, at(5, 11, 10), 1, remove=["+1"])  # told just now
    assert told(at(5, 12)) == []


def policy_settled():
    return "Its rung was taken out of the ladder."


def test_a_rung_behind_one_that_was_told_is_told_to_nobody_even_when_that_goes(referral, admin):
    for day in ((4, 29), (5, 7), (5, 8), (5, 11), (5, 15)):
        told(at(*day))
    before = Notice.objects.exclude(state="skipped").count()

    change(admin, at(5, 18), add=[(3, False), (4, False)])  # both lie in the past
    assert told(at(5, 18, 9)) == []
    change(admin, at(5, 18, 10), 1, remove=["+5"])

    assert told(at(5, 18, 11)) == []
    assert Notice.objects.exclude(state="skipped").count() == before
    assert reconciling.reconcile(now=at(5, 19)) == 0


def test_of_rungs_added_in_the_past_only_the_newest_is_told(referral, admin):
    told(at(4, 29))

    change(admin, at(5, 6), add=[(-5, False), (-4, False), (-3, False)])

    keys = list(Rung.objects.filter(offset__in=[-4, -3]).values_list("key", flat=True))
    assert told(at(5, 6, 9)) == keys[1:]
    assert Notice.objects.filter(rung=keys[0]).get().state == "skipped"


def test_a_superior_is_asked_once_however_the_escalations_are_changed(referral, admin):
    coordinator_of(referral.issue.province)
    actions.plan(now=at(5, 22))
    escalations = Notice.objects.filter(kind="escalation")
    assert list(escalations.values_list("rung", "state")) == [("+10", "prepared")]

    change(admin, at(5, 22, 9), p10=12)  # nobody pressed yet: it is prepared again on its day
    assert not escalations.exists()
    assert (told(at(5, 25)), told(at(5, 26))) == ([], ["+10"])
    change(admin, at(5, 26, 9), 1, p10=14, add=[(20, True)])
    assert told(at(5, 28)) == []
    change(admin, at(5, 28, 9), 2, remove=["+10"])  # the other becomes the first: told already
    assert told(at(6, 5)) == []
    assert told(at(6, 19)) == ["+20"]  # the second superior, ten days after it
    assert escalations.count() == 2
    assert reconciling.reconcile(now=at(6, 21)) == 0


def test_keys_stay_when_a_rung_is_changed_and_never_come_back(admin):
    change(admin, at(5, 1), m1=-2, d0=-1, p1=0)  # they change places
    assert dict(Rung.objects.filter(priority=NORMAL).values_list("key", "offset")) == {
        "-7": -7, "-1": -2, "0": -1, "+1": 0, "+5": 5, "+10": 10,
    }  # fmt: skip
    change(admin, at(5, 1), 1, add=[(3, False)])
    first = Rung.objects.get(priority=NORMAL, offset=3)
    assert first.key == f"+3.{first.pk}"
    change(admin, at(5, 1), 2, remove=[first.key])
    change(admin, at(5, 1), 3, add=[(3, False)])
    again = Rung.objects.get(priority=NORMAL, offset=3)
    assert again.key != first.key
    rungs = list(Rung.objects.filter(priority=NORMAL))
    rungs[-2].audience, rungs[-2].offset = "superior", 8  # "+5": now another thing to be told
    policy.save_ladder(NORMAL, rungs, by=admin, now=at(5, 1), seen=4)
    assert not Rung.objects.filter(priority=NORMAL, key="+5").exists()


# --- one trace, one editor ------------------------------------------------------------------------
def test_a_change_leaves_one_entry_without_any_words(admin):
    rungs = list(Rung.objects.filter(priority=NORMAL))
    rungs[0].offset, rungs[0].subject_km, rungs[0].subject_en = -6, "ជម្រាប", "Kindly"
    removed, new = rungs.pop(1), Rung(offset=3, audience="with_copy", channel="sms")

    assert policy.save_ladder(NORMAL, [*rungs, new], by=admin, now=at(5, 1), seen=0)

    entry, key = AuditEntry.objects.get(), Rung.objects.get(priority=NORMAL, offset=3).key
    assert (entry.action, entry.subject, entry.actor, entry.change) == (
        "reminders.change_ladder",
        f"ladder:{NORMAL.value}",
        admin,
        {
            "changed": {"-7": {"offset": [-7, -6], "words": ["subject_km", "subject_en"]}},
            "removed": [removed.key],
            "added": {key: {"offset": 3, "audience": "with_copy", "channel": "sms"}},
        },
    )
    same = list(Rung.objects.filter(priority=NORMAL))
    assert not policy.save_ladder(NORMAL, same, by=admin, now=at(5, 1), seen=1)
    assert (AuditEntry.objects.count(), Ladder.objects.get().version) == (1, 1)
    with pytest.raises(TransitionError, match="Meanwhile somebody changed this ladder"):
        policy.save_ladder(NORMAL, same, by=admin, now=at(5, 1), seen=0)
    with pytest.raises(PermissionDenied):
        policy.save_ladder(NORMAL, same, by=coordinator_of(None), now=at(5, 1), seen=1)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"subject_en": "Soon"}, "Write it in both languages"),
        ({"opening_en": "{title}", "opening_km": "x"}, r"We do not know \{title\}\. You may"),
        ({"subject_en": "{place}", "subject_km": "x"}, r"\{place\} may not stand in a subject"),
        ({"subject_en": "{0.__class__}", "subject_km": "x"}, "We do not know {0.__class__}"),
        ({"subject_en": "due }", "subject_km": "x"}, "A curly bracket stands alone"),
        ({"offset": -1}, "Another rung stands on this day"),
        ({"offset": -60}, "too far from the due date"),
        ({"audience": "superior", "offset": -3}, "only after the due date"),
        ({"audience": "superior", "offset": 2}, "after the last reminder of the office"),
    ],
)
def test_a_rule_that_is_broken_is_said(admin, facts, sentence):
    rungs = list(Rung.objects.filter(priority=NORMAL))
    for name, value in facts.items():
        setattr(rungs[0], name, value)

    with pytest.raises(TransitionError, match=sentence):
        policy.save_ladder(NORMAL, rungs, by=admin, now=at(5, 1), seen=0)
    assert not AuditEntry.objects.exists()


def test_a_ladder_has_some_rungs_and_not_too_many(admin):
    many = [Rung(offset=one, audience="officials") for one in range(13)]
    for rungs, sentence in ((many, "at most 12 times"), ([], "at least one rung")):
        with pytest.raises(TransitionError, match=sentence):
            policy.save_ladder(NORMAL, rungs, by=admin, now=at(5, 1), seen=0)


VIOLATIONS = {
    "rung_stands_once": {"key": "-1"},
    "rung_has_a_day_of_its_own": {"offset": -1},
    "rung_escalates_exactly_to_a_superior": {"is_escalation": True, "offset": 9},
    "rung_escalates_only_after_the_date": {"is_escalation": True, "audience": "superior"},
    "rung_has_its_subject_in_both_languages": {"subject_en": "Soon"},
    "rung_has_its_opening_in_both_languages": {"opening_km": "x"},
}


def test_every_constraint_of_a_rung_is_tried():
    assert set(VIOLATIONS) == {one.name for one in Rung._meta.constraints}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_the_database_refuses_a_rung_that_cannot_be(name):
    rung = Rung.objects.filter(priority=NORMAL, key="-7")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rung.update(**VIOLATIONS[name])


# --- the way and the words ------------------------------------------------------------------------
def test_the_words_and_the_way_of_a_rung_are_used(referral, admin):
    rungs = list(Rung.objects.filter(priority=NORMAL))
    rungs[0].channel = "email"
    rungs[0].subject_en = rungs[0].subject_km = "{reference} {authority} {due}"
    rungs[0].opening_km = "{days}"
    rungs[0].opening_en = "{% now 'Y' %} {{ title }}"
    with pytest.raises(TransitionError, match=r"We do not know {% now 'Y' %}"):
        policy.save_ladder(NORMAL, rungs, by=admin, now=at(4, 1), seen=0)
    rungs[0].opening_en = "%s <b> {place}. $reference"
    rungs[-1].subject_km, rungs[-1].subject_en = "{due}", "Support by {authority}?"
    policy.save_ladder(NORMAL, rungs, by=admin, now=at(4, 1), seen=0)

    actions.plan(now=at(4, 29))
    notice = Notice.objects.get(kind="reminder", rung="-7")
    english, khmer = registry.render(notice, "en"), registry.render(notice, "km")
    above = registry.render(Notice(subject=notice.subject, kind="escalation", rung="+30"), "en")

    reference, office = referral.issue.reference, referral.authority
    assert (notice.channel, notice.state) == ("email", "planned")
    assert english.subject == f"{reference} {office.name_en} Friday 8 May 2026"
    paragraphs = english.body.split("\n\n")
    assert paragraphs[1] == f"%s <b> {place_of(referral.issue)}. $reference"
    assert paragraphs[2].startswith("If it has been solved")
    assert khmer.subject.startswith(f"{reference} {office.name_km} ថ្ងៃសុក្រ")
    assert set(khmer.body.split("\n\n")[1]) <= set("០១២៣៤៥៦៧៨៩")
    assert above.subject == f"Support by {office.name_en}?"


def test_who_has_no_such_address_is_told_as_they_have_chosen(referral, admin):
    rungs = list(Rung.objects.filter(priority=NORMAL))
    rungs[0].channel = "sms"
    policy.save_ladder(NORMAL, rungs, by=admin, now=at(4, 1), seen=0)

    actions.plan(now=at(4, 29))

    assert Notice.objects.get(kind="reminder", rung="-7").channel == "usual"


# --- provinces and hours --------------------------------------------------------------------------
def test_who_escalates_by_itself_is_decided_once_and_by_administrators(referral, admin):
    province = referral.issue.province
    decide = {"now": at(5, 1), "by_itself": True, "seen": 0}

    assert policy.set_escalation(province, by=admin, **decide)

    entry = policy.decisions([province])[province.pk]
    assert (entry.actor, entry.change) == (admin, {"escalates_by_itself": [False, True]})
    assert ProvincePolicy.objects.get().escalates_by_itself
    with pytest.raises(TransitionError, match="Meanwhile somebody decided"):
        policy.set_escalation(province, by=admin, **decide)
    assert not policy.set_escalation(province, by=admin, **decide | {"seen": entry.pk})
    with pytest.raises(PermissionDenied):
        policy.set_escalation(province, by=coordinator_of(None), **decide)


def test_hours_are_changed_once_and_must_begin_before_they_end(admin):
    seen = policy.stamp(Hours.current())
    hours = {"opens": dt.time(8), "closes": dt.time(16), "most_a_day": 6, "now": at(5, 1)}

    assert policy.set_hours(by=admin, seen=seen, **hours)

    assert str(Hours.current()) == "08:00–16:00, 6"
    assert AuditEntry.objects.get().change == {
        "opens": ["07:30:00", "08:00:00"], "closes": ["17:00:00", "16:00:00"],
    }  # fmt: skip
    with pytest.raises(TransitionError, match="Meanwhile somebody changed the hours"):
        policy.set_hours(by=admin, seen=seen, **hours)
    with pytest.raises(TransitionError, match="must begin before they end"):
        policy.set_hours(by=admin, seen=seen, **hours | {"opens": dt.time(17)})
    with pytest.raises(PermissionDenied):
        policy.set_hours(by=coordinator_of(None), seen=seen, **hours)
