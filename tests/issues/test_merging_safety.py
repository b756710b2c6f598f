"""What merging, its undoing and co-signing must never show to whom it is not meant for."""

import datetime as dt
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from audit.errors import TransitionError
from issues import actions
from issues.forms.raising import IssueForm, initial_of
from issues.merged import marked_for
from issues.models import Cosign, Evidence, Issue, Merge
from issues.page import readable
from issues.sealing import Protected
from outbox import registry
from outbox.models import Notice
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    EvidenceFactory,
    OrganizationFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory
from tests.issues.stories import at, page_of
from tests.issues.traces import NOW, everything

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


@pytest.fixture
def everywhere():
    return coordinator_of(None)


def merge(source, target, by, **more):
    return actions.merge(source, by=by, now=NOW, target=target, **more)


def undo(source, by):
    return actions.unmerge(source, by=by, now=NOW + HOUR, reason="It was another bridge.")


def now_of(issue):
    return Issue.objects.get(pk=issue.pk)


# --- undone -------------------------------------------------------------------------------------
def public():
    return issue_in("accepted", disclosure="public", is_named=True, published_at=NOW - DAY)


def who_sees(issue):
    row = now_of(issue)
    return row.disclosure, row.is_named, row.published_at


def refuse(source):
    row = Cosign.objects.asked().get()
    by = representative_of(source.organization)
    actions.answer_cosign(row, by=by, now=NOW + HOUR, agrees=False)


@pytest.mark.parametrize("how", ["unmerged", "refused"])
def test_undo_publishes_and_names_nothing_again(coordinator, how):
    source, target = issue_in("accepted", disclosure="confidential"), public()
    merge(source, target, coordinator)

    undo(source, coordinator) if how == "unmerged" else refuse(source)

    assert who_sees(target) == ("public", False, None)
    assert not Issue.objects.published().exists()


SINCE = {
    "pressured": lambda target, by: actions.pressured(target, by=by, now=NOW),
    "tightened": lambda target, by: actions.tighten(
        target, by=by, now=NOW, disclosure="confidential"
    ),
    "an office barred": lambda target, by: actions.bar(
        target, by=by, now=NOW, authority=AuthorityFactory()
    ),
}


@pytest.mark.parametrize("act", SINCE)
def test_undo_loosens_nothing_that_was_touched_since(coordinator, act):
    source, target = issue_in("accepted"), public()
    merge(source, target, coordinator)
    SINCE[act](target, coordinator)
    strict = who_sees(target)

    refuse(source)

    assert who_sees(target) == strict
    assert strict[0] != "public"


def test_undo_keeps_the_office_that_another_merged_issue_brought_too(coordinator):
    enemy = AuthorityFactory()
    first, second, target = (issue_in("accepted") for _issue in range(3))
    for one in (first, second):
        ConcernFactory(issue=one, authority=enemy)
        merge(one, target, coordinator)

    undo(first, coordinator)
    assert [one.authority for one in target.concerns.all()] == [enemy]
    assert marked_for(target.author, target) == set()

    undo(second, coordinator)
    assert not target.concerns.exists()


# --- changed by its organization ----------------------------------------------------------------
def taken_in(coordinator, disclosure="confidential"):
    """A submitted issue in which a stricter one goes on, and the office that brought."""
    source, target = issue_in("accepted", disclosure=disclosure), issue_in("submitted")
    enemy = ConcernFactory(issue=source).authority
    merge(source, target, coordinator)
    return now_of(target), enemy


def edit(issue, by, concerns=None, **content):
    return actions.edit(issue, by=by, now=NOW, content=content, concerns=concerns)


@pytest.mark.parametrize("wider", [{"disclosure": "restricted"}, {"is_named": True}])
@pytest.mark.parametrize("who", ["organization", "secretariat"])
def test_edit_lets_nobody_widen_what_a_stricter_issue_goes_on_in(coordinator, wider, who):
    target, _enemy = taken_in(coordinator)
    untouched = everything()

    with pytest.raises(TransitionError):
        edit(target, target.author if who == "organization" else coordinator, **wider)

    assert everything() == untouched


def test_edit_says_that_the_secretariat_has_limited_it(coordinator):
    target, _enemy = taken_in(coordinator)

    with translation.override("en"), pytest.raises(TransitionError, match="is: Confidential"):
        edit(target, target.author, disclosure="public")


def test_edit_widens_again_once_the_issues_are_apart(coordinator):
    target, _enemy = taken_in(coordinator)
    undo(Merge.objects.get().source, coordinator)

    edit(target, target.author, disclosure="public", is_named=True)

    assert who_sees(target) == ("public", True, None)


def test_edit_of_other_fields_and_to_something_stricter_stays_possible(coordinator):
    target, _enemy = taken_in(coordinator, disclosure="restricted")

    edit(target, target.author, title="Another bridge.", disclosure="confidential")

    assert now_of(target).title == "Another bridge."
    assert who_sees(target)[0] == "confidential"


def test_edit_keeps_the_office_that_the_merging_brought(coordinator):
    target, enemy = taken_in(coordinator)

    edit(target, target.author, concerns=[])

    assert [one.authority for one in target.concerns.all()] == [enemy]
    assert marked_for(target.author, target) == set()
    assert marked_for(coordinator, target) == {enemy.pk}


@pytest.mark.parametrize("how", ["edit", "bar"])
def test_the_organizations_own_mark_stays_after_the_undo(coordinator, how):
    target, enemy = taken_in(coordinator)

    if how == "edit":
        edit(target, target.author, concerns=[enemy])
    else:
        actions.bar(target, by=target.author, now=NOW, authority=enemy)
    assert marked_for(target.author, target) == {enemy.pk}
    undo(Merge.objects.get().source, coordinator)

    assert [one.authority for one in target.concerns.all()] == [enemy]


def test_what_the_organization_unmarks_and_a_merged_issue_needs_stays_unseen(coordinator):
    source, target = issue_in("accepted"), issue_in("submitted")
    enemy = ConcernFactory(issue=source).authority
    ConcernFactory(issue=target, authority=enemy)
    merge(source, target, coordinator)

    edit(target, target.author, concerns=[])
    assert marked_for(target.author, target) == set()
    assert target.concerns.exists()

    undo(source, coordinator)
    assert not target.concerns.exists()


def test_an_office_barred_from_the_source_later_is_not_told_at_the_target(coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    merge(source, target, coordinator)
    enemy = AuthorityFactory()

    actions.bar(source, by=source.author, now=NOW, authority=enemy)

    assert [one.authority for one in target.concerns.all()] == [enemy]
    assert marked_for(target.author, target) == set()


def test_pages_tell_coordinators_alone_which_office_the_merging_brought(client, coordinator):
    target, enemy = taken_in(coordinator)
    own = ConcernFactory(issue=target).authority
    for office, name in ((enemy, "Office of mines"), (own, "Office of forests")):
        type(office).objects.filter(pk=office.pk).update(name_en=name)
        office.refresh_from_db()

    told = {
        user: readable(user).get(pk=target.pk).concerned for user in (target.author, coordinator)
    }
    assert told[target.author] == [own.name_km]
    assert set(told[coordinator]) == {own.name_km, enemy.name_km}
    page = page_of(client, target.author, target)
    assert own.name_en in page
    assert enemy.name_en not in page
    assert enemy.name_en in page_of(client, coordinator, target)


def test_the_form_offers_the_organization_nothing_that_the_merging_brought(coordinator):
    target, enemy = taken_in(coordinator)
    far = AuthorityFactory(province=ProvinceFactory(code="16"))
    Merge.objects.update(before=Merge.objects.get().before | {"concerns": [enemy.pk, far.pk]})
    ConcernFactory(issue=target, authority=far)

    shown = {}
    for user in (target.author, coordinator):
        initial = initial_of(target, Protected(), user=user)
        form = IssueForm(user=user, issue=target, initial=initial)
        offered = {pk for pk, _name in form.fields["concerns"].widget.choices}
        shown[user] = set(initial["concerns"]), far.pk in offered

    assert shown == {
        target.author: (set(), False),
        coordinator: ({enemy.pk, far.pk}, True),
    }


# --- files --------------------------------------------------------------------------------------
def recording(issue):
    return EvidenceFactory(issue=issue, kind="audio", is_inside=True, transcript="What was said.")


@pytest.mark.parametrize("case", ["nothing", "frozen", "concerned"])
def test_the_words_of_a_merged_recording_for_no_barred_office(client, coordinator, case):
    source, target = issue_in("referred"), issue_in("accepted")
    office = source.referrals.get().authority
    recording(source)
    merge(source, target, coordinator, moves_referrals=True)
    if case == "frozen":
        Issue.objects.filter(pk=source.pk).update(pressured_at=NOW)
    elif case == "concerned":
        ConcernFactory(issue=source, authority=office)

    page = page_of(client, official_of(office), target)

    assert ("What was said." in page) == (case == "nothing")


def seen_by(person):
    return set(Evidence.objects.visible_to(person))


def test_files_of_a_frozen_merged_issue_not_for_the_other_organization(coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    file = EvidenceFactory(issue=source)
    merge(source, target, coordinator)
    asked = representative_of(source.organization)
    actions.answer_cosign(Cosign.objects.get(), by=asked, now=NOW, agrees=True)
    assert seen_by(target.author) == {file}

    Issue.objects.filter(pk=source.pk).update(pressured_at=NOW)

    assert seen_by(target.author) == set()


def test_what_stays_inside_is_for_the_secretariat_of_its_own_province(everywhere):
    source = issue_in("accepted")
    target = issue_in("accepted", province=ProvinceFactory(code="16"))
    photo, scan, sound = (
        EvidenceFactory(issue=source),
        EvidenceFactory(issue=source, is_inside=True),
        recording(source),
    )
    merge(source, target, everywhere)

    assert seen_by(coordinator_of(target.province)) == {photo}
    assert seen_by(coordinator_of(source.province)) == {photo, scan, sound}


# --- co-signing ---------------------------------------------------------------------------------
def official_and_representative(office, organization):
    person = official_of(office)
    RoleAssignmentFactory(user=person, role="representative", organization=organization)
    return person


def test_cosign_not_what_is_not_published_though_one_reads_it():
    issue = issue_in("referred")
    office = issue.referrals.get().authority
    organization = OrganizationFactory()
    both = official_and_representative(office, organization)
    untouched = everything()

    with pytest.raises(TransitionError):
        actions.cosign(issue, by=both, now=NOW, organization=organization)

    assert everything() == untouched


def test_cosign_of_who_was_asked_needs_no_publishing():
    organization = OrganizationFactory()
    issue = issue_in("referred")
    row = CosignFactory(issue=issue, organization=organization, state="asked")
    office = issue.referrals.get().authority
    person = official_and_representative(office, organization)

    assert actions.cosign(issue, by=person, now=NOW, organization=organization) == row


def test_page_of_co_signing_leads_back_from_what_is_not_published(client):
    organization = OrganizationFactory()
    issue = issue_in("referred")
    both = official_and_representative(issue.referrals.get().authority, organization)
    url = reverse("issues:issue_cosign", args=[issue.reference])

    assert at(client, both).get(url).status_code == 302
    at(client, both).post(url, {"organization": organization.pk})

    assert not Cosign.objects.exists()


# --- told ---------------------------------------------------------------------------------------
def test_the_refusal_is_told_by_references_alone(everywhere):
    source = issue_in("accepted", is_named=True)
    target = issue_in("accepted", province=ProvinceFactory(code="16"))
    there = coordinator_of(target.province)
    merge(source, target, everywhere)
    refuse(source)

    notice = Notice.objects.get(kind="cosign_refused", recipient=f"user:{there.pk}")
    text = registry.render(notice, "en")
    words = text.subject + text.body

    for one in (source, target):
        assert one.reference in words
        assert one.title not in words
    assert source.organization.name_en not in words
    assert source.commune.name_en not in words
    assert target.get_absolute_url() in words
    assert source.get_absolute_url() not in words


def test_parts_tell_their_organization_no_office_that_the_merging_brought(coordinator):
    target, office = taken_in(coordinator)
    person = representative_of(target.organization)

    (part,) = actions.split(
        target, by=coordinator, now=NOW, parts=[("The well", "It is dry.")], client_key=uuid4()
    )

    assert {one.authority for one in part.concerns.all()} == {office}
    assert marked_for(person, part) == set()
    assert marked_for(coordinator, part) == {office.pk}
    assert readable(person).get(pk=part.pk).concerned == []
    assert readable(coordinator).get(pk=part.pk).concerned == [office.name]


def test_office_barred_from_the_target_is_not_told_at_what_goes_on_in_it(coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    merge(source, target, coordinator)

    actions.bar(target, by=coordinator, now=NOW, authority=AuthorityFactory())

    assert (target.concerns.count(), source.concerns.count()) == (1, 0)
