"""Two issues become one, and apart again."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit import clock
from audit.errors import TransitionError
from issues import actions
from issues.models import Cosign, Evidence, Issue, Merge, Referral
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    EvidenceFactory,
    OrganizationFactory,
    ProvinceFactory,
    ResponseFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory, PressureFactory
from tests.issues.stories import page_of
from tests.issues.test_races import at_once, winners  # noqa: F401 - a fixture
from tests.issues.traces import NOW, everything, states, told, trail

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def merge(source, target, by, *, now=NOW, **more):
    return actions.merge(source, by=by, now=now, target=target, **more)


def now_of(issue):
    return Issue.objects.get(pk=issue.pk)


def pair(before="accepted", **fields):
    """An issue and the one it may be merged into, of two organizations."""
    return issue_in(before), issue_in("accepted", **fields)


# --- merge --------------------------------------------------------------------------------------
@pytest.mark.parametrize("before", ["submitted", "accepted", "scheduled", "referred"])
def test_merge_closes_the_source_and_asks_its_organization(coordinator, before):
    source, target = pair(before)
    person = representative_of(source.organization)

    merge(source, target, coordinator, note="The same bridge.")

    closed = now_of(source)
    assert (closed.status, closed.closed_as, closed.merged_into) == ("closed", "merged", target)
    assert not Referral.objects.open().filter(issue=source).exists()
    assert not source.agenda_items.exists()
    row = Cosign.objects.get()
    assert (row.issue, row.organization, row.state) == (target, source.organization, "asked")
    made = Merge.objects.get()
    about = f"issue:{source.pk}"
    assert ("cosign_asked", about, made.pk, f"user:{person.pk}") in told()
    assert now_of(target).status == "accepted"
    assert states(source)[-1] == "closed"


def test_merge_of_one_organization_asks_nothing_and_tells_it(coordinator):
    source = issue_in("accepted")
    target = issue_in("accepted", organization=source.organization)

    made = merge(source, target, coordinator)

    assert not Cosign.objects.exists()
    assert {(kind, version) for kind, _about, version, _to in told()} == {("issue_merged", made.pk)}


def test_merge_asks_nobody_who_co_signs_already(coordinator):
    source, target = pair()
    CosignFactory(issue=target, organization=source.organization)

    merge(source, target, coordinator)

    assert [one.state for one in Cosign.objects.all()] == ["agreed"]
    assert {kind for kind, *_rest in told()} == {"issue_merged"}


def test_merge_asks_those_too_who_co_signed_the_source(coordinator):
    source, target = pair()
    third = CosignFactory(issue=source).organization

    merge(source, target, coordinator)

    asked = Cosign.objects.asked().filter(issue=target)
    assert {one.organization for one in asked} == {source.organization, third}


STRICT = {
    ("public", "public"): "public",
    ("restricted", "public"): "restricted",
    ("public", "confidential"): "confidential",
    ("confidential", "public"): "confidential",
    ("confidential", "restricted"): "confidential",
}


@pytest.mark.parametrize("of", STRICT)
def test_merge_takes_the_stricter_disclosure(coordinator, of):
    source = issue_in("accepted", disclosure=of[0])
    published = NOW - DAY if of[1] == "public" else None
    target = issue_in("accepted", disclosure=of[1], is_named=True, published_at=published)

    merge(source, target, coordinator)

    after = now_of(target)
    assert (after.disclosure, after.is_named, after.published_at) == (
        STRICT[of],
        STRICT[of] != "confidential",
        published if STRICT[of] == "public" else None,
    )
    assert now_of(source).disclosure == of[0]


def test_merge_unites_the_offices_that_must_not_see_it_and_recalls_from_them(coordinator):
    source = issue_in("accepted")
    enemy = ConcernFactory(issue=source).authority
    target = issue_in("referred", authority=enemy)

    merge(source, target, coordinator)

    assert [one.authority for one in target.concerns.all()] == [enemy]
    assert Referral.objects.get(issue=target).ended_as == "recalled"
    assert now_of(target).status == "accepted"
    assert not Issue.objects.visible_to(official_of(enemy)).exists()


def test_merge_lets_offices_go_on_with_the_same_date(coordinator):
    source, target = pair("referred")
    old = source.referrals.get()

    merge(source, target, coordinator, moves_referrals=True)

    new = Referral.objects.open().get()
    assert (new.issue, new.authority, new.due_on) == (target, old.authority, old.due_on)
    assert Referral.objects.get(pk=old.pk).ended_as == "over"
    assert now_of(target).status == "referred"
    office = official_of(old.authority)
    assert list(Issue.objects.visible_to(office)) == [target]


def test_merge_moves_no_word_that_was_said_to_the_organization_of_the_source(coordinator):
    source, target = pair("referred")
    said = ResponseFactory(referral=source.referrals.get())

    merge(source, target, coordinator, moves_referrals=True)

    theirs = representative_of(target.organization)
    assert not type(said).objects.visible_to(theirs).exists()
    assert type(said).objects.visible_to(representative_of(source.organization)).get() == said


def test_merge_leaves_an_office_its_one_referral_where_it_holds_the_target(coordinator):
    source = issue_in("referred")
    office = source.referrals.get().authority
    target = issue_in("referred", authority=office)

    merge(source, target, coordinator, moves_referrals=True)

    assert [one.issue for one in Referral.objects.open()] == [target]


def test_merge_recalls_from_an_office_that_must_not_see_the_target(coordinator):
    source, target = pair("referred")
    ConcernFactory(issue=target, authority=source.referrals.get().authority)

    merge(source, target, coordinator, moves_referrals=True)

    assert not Referral.objects.open().exists()
    assert source.referrals.get().ended_as == "recalled"
    assert now_of(target).status == "accepted"


def test_merge_recalls_from_the_offices_of_another_province():
    everywhere = coordinator_of(None)
    source = issue_in("referred")
    target = issue_in("accepted", province=ProvinceFactory(code="16"))

    merge(source, target, everywhere, moves_referrals=True)

    assert source.referrals.get().ended_as == "recalled"
    assert not target.referrals.exists()


def test_merge_twice_by_the_same_press_is_one(coordinator):
    source, target = pair()

    first = merge(source, target, coordinator)
    after = everything()
    second = merge(source, target, coordinator)

    assert first == second == Merge.objects.get()
    assert everything() == after


REFUSED = {
    "itself": lambda source: source,
    "a closed one": lambda source: issue_in("closed"),
    "a resolved one": lambda source: issue_in("resolved"),
    "a draft": lambda source: issue_in("draft"),
    "one of another province": lambda source: issue_in(
        "accepted", province=ProvinceFactory(code="16")
    ),
    "a frozen one": lambda source: (
        PressureFactory(issue=issue_in("accepted", pressured_at=NOW)).issue
    ),
    "one that waits to be accepted": lambda source: issue_in("submitted"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_merge_refuses(coordinator, case):
    source = issue_in("referred")
    target = REFUSED[case](source)
    untouched = everything()

    with pytest.raises(TransitionError):
        merge(source, target, coordinator, moves_referrals=True)

    assert everything() == untouched


def test_merge_refuses_a_source_in_which_another_goes_on(coordinator):
    first, second, third = (issue_in("accepted") for _issue in range(3))
    merge(first, second, coordinator)

    with pytest.raises(TransitionError):
        merge(second, third, coordinator)


def test_merge_records_ids_and_no_words(coordinator):
    source, target = pair()

    merge(source, target, coordinator, note="The same bridge.")

    assert [one for one in trail() if one[0] in ("issue.merge", "issue.take_in")] == [
        (
            "issue.merge",
            f"issue:{source.pk}",
            coordinator,
            "coordinator",
            {"into": target.pk, "status": ["accepted", "closed"]},
        ),
        (
            "issue.take_in",
            f"issue:{target.pk}",
            coordinator,
            "coordinator",
            {"source": source.pk},
        ),
    ]


# --- unmerge ------------------------------------------------------------------------------------
def undo(source, by, *, after=HOUR):
    return actions.unmerge(source, by=by, now=NOW + after, reason="It was another bridge.")


def standing(issue):
    """What an undo restores of an issue."""
    row = now_of(issue)
    return (
        (row.status, row.closed_as, row.merged_into),
        (row.disclosure, row.is_named, row.published_at),
        sorted(row.concerns.values_list("authority", flat=True)),
        sorted(Referral.objects.open().filter(issue=row).values_list("authority", flat=True)),
        sorted(row.agenda_items.values_list("session", "minutes")),
    )


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("before", ["submitted", "accepted", "scheduled", "referred"])
def test_unmerge_restores_both_as_they_were(coordinator, before, moves):
    session = SessionFactory(starts_at=NOW + 9 * DAY)
    fields = {"session": session} if before == "scheduled" else {}
    source = issue_in(before, disclosure="confidential", **fields)
    ConcernFactory(issue=source)
    target = issue_in("accepted", disclosure="public")
    both = [standing(source), standing(target)]

    merge(source, target, coordinator, moves_referrals=moves)
    undo(source, coordinator)

    assert [standing(source), standing(target)] == both
    assert [one.state for one in Cosign.objects.all()] == ["ended"]
    assert Merge.objects.get().undone_because == "It was another bridge."
    assert states(source)[-1] == before


def test_unmerge_gives_the_target_its_recalled_office_back(coordinator):
    source = issue_in("accepted")
    enemy = ConcernFactory(issue=source).authority
    target = issue_in("referred", authority=enemy)
    before = standing(target)

    merge(source, target, coordinator)
    undo(source, coordinator)

    assert standing(target) == before


def test_unmerge_after_the_session_leaves_the_issue_accepted(coordinator):
    session = SessionFactory(starts_at=NOW - 2 * DAY)
    source = issue_in("scheduled", session=session)
    target = issue_in("accepted")

    merge(source, target, coordinator)
    undo(source, coordinator)

    assert now_of(source).status == "accepted"
    assert not source.agenda_items.exists()


def test_unmerge_leaves_what_was_solved_at_the_target(coordinator):
    source, target = pair("referred")
    merge(source, target, coordinator, moves_referrals=True)
    copy = Referral.objects.open().get()
    Referral.objects.filter(pk=copy.pk).update(ended_at=NOW, ended_as="resolved")

    undo(source, coordinator)

    assert now_of(source).status == "accepted"
    assert not Referral.objects.open().exists()


def test_unmerge_opens_nothing_that_another_act_recalled(coordinator):
    source, target = pair("referred")
    merge(source, target, coordinator, moves_referrals=True)
    copy = Referral.objects.open().get()
    actions.recall(copy, by=coordinator, now=NOW + HOUR / 2, reason="A wrong office.")

    undo(source, coordinator)

    assert (now_of(source).status, now_of(target).status) == ("accepted", "accepted")


def test_unmerge_keeps_what_somebody_changed_since(coordinator):
    source = issue_in("accepted", disclosure="restricted")
    target = issue_in("accepted", disclosure="public")
    merge(source, target, coordinator)
    actions.tighten(target, by=coordinator, now=NOW, disclosure="confidential")

    undo(source, coordinator)

    assert now_of(target).disclosure == "confidential"


def test_unmerge_keeps_the_target_as_strict_as_another_merged_issue(coordinator):
    strict, also_strict = (issue_in("accepted", disclosure="confidential") for _issue in range(2))
    enemy = AuthorityFactory()
    for one in (strict, also_strict):
        ConcernFactory(issue=one, authority=enemy)
    target = issue_in("accepted", disclosure="public")
    merge(strict, target, coordinator)
    merge(also_strict, target, coordinator)

    undo(strict, coordinator)

    assert now_of(target).disclosure == "confidential"
    assert [one.authority for one in target.concerns.all()] == [enemy]


@pytest.mark.parametrize(("after", "is_undone"), [(24 * HOUR, True), (24 * HOUR + HOUR, False)])
def test_unmerge_within_a_day_and_not_later(coordinator, after, is_undone):
    source, target = pair()
    merge(source, target, coordinator)

    if is_undone:
        undo(source, coordinator, after=after)
    else:
        with pytest.raises(TransitionError, match=r"24|២៤"):
            undo(source, coordinator, after=after)

    assert now_of(source).is_open == is_undone


@pytest.mark.parametrize(("ago", "is_offered"), [(23 * HOUR, True), (25 * HOUR, False)])
def test_unmerge_is_offered_for_a_day(client, coordinator, ago, is_offered):
    source, target = pair()
    merge(source, target, coordinator, now=clock.now() - ago)
    address = reverse("issues:issue_unmerge", args=[source.reference])

    assert (address in page_of(client, coordinator, source)) == is_offered
    client.post(address, {"reason": "It was another bridge."})

    assert (now_of(source).merged_into is None) == is_offered


def test_unmerge_is_refused_to_who_does_not_serve_both():
    source = issue_in("accepted")
    target = issue_in("accepted", province=ProvinceFactory(code="16"))
    merge(source, target, coordinator_of(None))

    with pytest.raises(PermissionDenied):
        undo(source, coordinator_of(source.province))


def test_unmerge_twice_is_refused_the_second_time(coordinator):
    source, target = pair()
    merge(source, target, coordinator)
    undo(source, coordinator)

    with pytest.raises(TransitionError):
        undo(source, coordinator)


def test_merged_again_after_an_undo(coordinator):
    source, target = pair()
    merge(source, target, coordinator)
    undo(source, coordinator)

    again = merge(source, target, coordinator, now=NOW + 2 * HOUR)

    assert again in Merge.objects.standing()
    assert sorted(one.state for one in Cosign.objects.all()) == ["asked", "ended"]


# --- taken up again -----------------------------------------------------------------------------
def test_reopen_not_while_the_target_is_open(coordinator):
    source, target = pair()
    merge(source, target, coordinator)

    with pytest.raises(TransitionError):
        actions.reopen(source, by=coordinator, now=NOW, reason="It is back.")

    assert now_of(source).merged_into == target


def test_reopen_of_a_merged_issue_whose_target_was_withdrawn(coordinator):
    source, target = pair()
    merge(source, target, coordinator)
    actions.withdraw(target, by=coordinator, now=NOW, reason="They no longer want it.")

    actions.reopen(source, by=coordinator, now=NOW, reason="Ours goes on.")

    again = now_of(source)
    assert (again.status, again.closed_as, again.merged_into) == ("accepted", "", None)
    assert not Merge.objects.standing().exists()


# --- files --------------------------------------------------------------------------------------
def files_read(person):
    return set(Evidence.objects.visible_to(person).values_list("issue", flat=True))


@pytest.mark.parametrize("is_inside", [False, True])
def test_files_of_the_merged_issue_for_every_reader(coordinator, is_inside):
    source, target = pair("referred")
    EvidenceFactory(issue=source, is_inside=is_inside)
    EvidenceFactory(issue=target, is_inside=is_inside)
    people = {
        "source": representative_of(source.organization),
        "target": representative_of(target.organization),
        "office": official_of(source.referrals.get().authority),
        "coordinator": coordinator,
        "elsewhere": coordinator_of(ProvinceFactory(code="16")),
        "another office": official_of(AuthorityFactory()),
        "a third": representative_of(OrganizationFactory()),
    }
    merge(source, target, coordinator, moves_referrals=True)
    both, hidden = {source.pk, target.pk}, set()

    before = {name: files_read(person) for name, person in people.items()}
    row = Cosign.objects.get()
    actions.answer_cosign(row, by=people["source"], now=NOW + HOUR, agrees=True)
    after = {name: files_read(person) for name, person in people.items()}

    wanted = {
        "source": {source.pk},
        "target": {target.pk},
        "office": hidden if is_inside else both,
        "coordinator": both,
        "elsewhere": hidden,
        "another office": hidden,
        "a third": hidden,
    }
    assert before == wanted
    assert after == wanted | {"target": {target.pk} if is_inside else both}


def test_files_of_the_merged_issue_for_no_office_that_it_concerns_since(coordinator):
    source, target = pair("referred")
    EvidenceFactory(issue=source)
    office = source.referrals.get().authority
    merge(source, target, coordinator, moves_referrals=True)
    actions.bar(source, by=coordinator, now=NOW, authority=office)

    assert files_read(official_of(office)) == set()


def test_files_of_a_frozen_merged_issue_for_no_office(coordinator):
    source, target = pair("referred")
    EvidenceFactory(issue=source)
    office = source.referrals.get().authority
    merge(source, target, coordinator, moves_referrals=True)
    actions.pressured(source, by=coordinator, now=NOW)

    assert files_read(official_of(office)) == set()


# --- two at once --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_merged_into_each_other_at_once_is_only_one_of_them(at_once):  # noqa: F811
    one, two = issue_in("accepted"), issue_in("accepted")
    people = coordinator_of(None), coordinator_of(None)

    answers = at_once(
        min(one, two, key=lambda row: row.pk),
        lambda: merge(one, two, people[0]),
        lambda: merge(two, one, people[1]),
    )

    assert winners(answers) == 1
    assert Merge.objects.count() == 1
    assert Issue.objects.filter(status="closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_merged_twice_at_once_by_one_person_is_merged_once(at_once):  # noqa: F811
    one, two = issue_in("accepted"), issue_in("accepted")
    by = coordinator_of(None)

    answers = at_once(one, *(lambda: merge(one, two, by) for _press in range(2)))

    assert winners(answers) == 2
    assert Merge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_undone_and_refused_at_once_is_undone_once(at_once):  # noqa: F811
    one, two = issue_in("accepted"), issue_in("accepted")
    by, person = coordinator_of(None), representative_of(one.organization)
    merge(one, two, by)
    row = Cosign.objects.get()

    answers = at_once(
        one,
        lambda: undo(one, by),
        lambda: actions.answer_cosign(row, by=person, now=NOW + HOUR, agrees=False),
    )

    assert winners(answers) == 1
    assert now_of(one).status == "accepted"


def test_the_page_of_an_office_lists_the_files_of_the_merged_issue(client, coordinator):
    source, target = pair("referred")
    file = EvidenceFactory(issue=source)
    office = official_of(source.referrals.get().authority)
    merge(source, target, coordinator, moves_referrals=True)
    client.force_login(office)

    for url in (
        target.get_absolute_url(),
        reverse("issues:referral", args=[Referral.objects.open().get().pk]),
    ):
        assert reverse("issues:evidence", args=[file.key]) in client.get(url).content.decode()
    answer = client.get(reverse("issues:evidence", args=[file.key]))
    assert answer.status_code == 200
    answer.close()
