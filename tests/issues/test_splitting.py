"""One issue becomes several, and gets its part in another province."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.errors import Conflict, TransitionError
from issues import actions
from issues.models import Issue
from tests.factories import (
    ConcernFactory,
    LocalityFactory,
    ProtectedPartFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    coordinator_of,
    issue_in,
    representative_of,
)
from tests.issues.stories import at, page_of
from tests.issues.test_races import at_once, winners  # noqa: F401 - a fixture
from tests.issues.traces import NOW, everything, states, told, trail

pytestmark = pytest.mark.django_db
PARTS = [("The bridge", "It is broken."), ("The school", "It has no roof.")]


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


@pytest.fixture
def everywhere():
    return coordinator_of(None)


def split(issue, by, *, key=None, parts=PARTS):
    return actions.split(issue, by=by, now=NOW, client_key=key or uuid.uuid4(), parts=parts)


# --- split --------------------------------------------------------------------------------------
SHARED = (
    "organization", "province", "commune", "theme", "people", "women", "disclosure", "is_named",
    "priority", "kind", "language", "spoken", "source", "status", "submitted_at",
)  # fmt: skip


@pytest.mark.parametrize("status", ["submitted", "accepted"])
def test_split_makes_issues_that_stand_where_the_issue_stands(coordinator, status):
    issue = issue_in(status, disclosure="confidential", priority=2)
    enemy = ConcernFactory(issue=issue).authority
    ProtectedPartFactory(issue=issue, sealed=b"sealed words")

    made = split(issue, coordinator)

    assert [(one.title, one.text) for one in made] == PARTS
    for one in made:
        assert {name: getattr(one, name) for name in SHARED} == {
            name: getattr(issue, name) for name in SHARED
        }
        assert (one.follows, one.root, one.link) == (issue, issue, "split")
        assert len({one.reference, one.tracking_code, issue.reference, issue.tracking_code}) == 4
        assert [row.authority for row in one.concerns.all()] == [enemy]
        assert bytes(one.protected_part.sealed) == b"sealed words"
        assert states(one) == [status]
    after = Issue.objects.get(pk=issue.pk)
    assert (after.status, after.title, after.text) == (status, issue.title, issue.text)


def test_split_tells_the_organization_once(coordinator):
    issue = issue_in("accepted")

    made = split(issue, coordinator)

    assert told() == [("issue_split", f"issue:{issue.pk}", made[0].pk, f"user:{issue.author_id}")]
    assert trail()[-1] == (
        "issue.split",
        f"issue:{issue.pk}",
        coordinator,
        "coordinator",
        {"parts": [one.pk for one in made]},
    )


def test_split_by_the_form_of_another_issue_is_a_conflict(coordinator):
    one, other, key = issue_in("accepted"), issue_in("accepted"), uuid.uuid4()
    split(one, coordinator, key=key)
    after = everything()

    with pytest.raises(Conflict):
        split(other, coordinator, key=key)

    assert everything() == after


def test_branch_by_the_form_of_another_issue_is_a_conflict(everywhere):
    one, other, key = issue_in("accepted"), issue_in("accepted"), uuid.uuid4()
    same = {"client_key": key, "commune": LocalityFactory(code="160101"), "people": 4, "women": 2}
    actions.branch(one, by=everywhere, now=NOW, **same)
    after = everything()

    with pytest.raises(Conflict):
        actions.branch(other, by=everywhere, now=NOW, **same)

    assert everything() == after


def test_split_by_the_same_form_twice_is_one(coordinator):
    issue, key = issue_in("accepted"), uuid.uuid4()
    first = split(issue, coordinator, key=key)
    after = everything()

    assert split(issue, coordinator, key=key) == first
    with pytest.raises(Conflict):
        split(issue, coordinator, key=key, parts=PARTS[:1])
    assert everything() == after


@pytest.mark.parametrize("parts", [[], PARTS * 3, [("A title", "")], [("", "A text")]])
def test_split_needs_one_to_five_whole_parts(coordinator, parts):
    issue = issue_in("accepted")
    untouched = everything()

    with pytest.raises(TransitionError):
        split(issue, coordinator, parts=parts)

    assert everything() == untouched


@pytest.mark.django_db(transaction=True)
def test_split_sent_twice_at_once_is_one(at_once):  # noqa: F811
    issue, key, by = issue_in("accepted"), uuid.uuid4(), coordinator_of(None)

    answers = at_once(issue, *(lambda: split(issue, by, key=key) for _press in range(2)))

    assert winners(answers) == 2
    assert Issue.objects.filter(follows=issue).count() == 2


# --- branch -------------------------------------------------------------------------------------
def branch(issue, by, *, key=None, code="160101", people=40, women=22):
    return actions.branch(
        issue,
        by=by,
        now=NOW,
        client_key=key or uuid.uuid4(),
        commune=LocalityFactory(code=code),
        people=people,
        women=women,
    )


@pytest.mark.parametrize("status", ["accepted", "scheduled", "referred"])
def test_branch_begins_an_accepted_part_in_the_other_province(everywhere, status):
    issue = issue_in(status, disclosure="confidential")
    ProtectedPartFactory(issue=issue)

    part = branch(issue, everywhere)

    assert (part.status, part.province_id, part.commune_id) == ("accepted", "16", "160101")
    assert (part.follows, part.root, part.link) == (issue, issue, "province")
    assert (part.people, part.women, part.disclosure) == (40, 22, "confidential")
    assert (part.title, part.text, part.organization) == (
        issue.title,
        issue.text,
        issue.organization,
    )
    assert part.reference.startswith("16-")
    assert not hasattr(part, "protected_part")  # its village lies in the leading issue's commune
    assert told() == [("issue_branched", f"issue:{part.pk}", 1, f"user:{issue.author_id}")]
    assert Issue.objects.get(pk=issue.pk).status == status


def test_branch_by_the_same_form_twice_is_one(everywhere):
    issue, key = issue_in("accepted"), uuid.uuid4()
    first = branch(issue, everywhere, key=key)
    after = everything()

    assert branch(issue, everywhere, key=key) == first
    with pytest.raises(Conflict):
        branch(issue, everywhere, key=key, people=41)
    assert everything() == after


def test_branch_is_one_a_province(everywhere):
    issue = issue_in("accepted")
    part = branch(issue, everywhere)

    with pytest.raises(TransitionError):
        branch(issue, everywhere)
    branch(issue, everywhere, code="190101")
    actions.decline(part, by=everywhere, now=NOW, reason="Not there.")
    branch(issue, everywhere)

    provinces = issue.followers.order_by("pk").values_list("province", flat=True)
    assert list(provinces) == ["16", "19", "16"]


def test_branch_not_in_its_own_province_nor_of_a_part(everywhere):
    issue = issue_in("accepted")
    part = branch(issue, everywhere)

    for one, code in [(issue, "110101"), (part, "190101")]:
        with pytest.raises(TransitionError):
            branch(one, everywhere, code=code)


def test_branch_into_a_province_one_does_not_serve_waits_for_its_secretariat(coordinator):
    issue, key = issue_in("accepted"), uuid.uuid4()
    there = coordinator_of(ProvinceFactory(code="16"))

    part = branch(issue, coordinator, key=key)

    assert (part.status, part.province_id, part.link) == ("submitted", "16", "province")
    assert states(part) == ["submitted"]
    assert told() == [
        ("issue_branched", f"issue:{part.pk}", 1, f"user:{issue.author_id}"),
        ("issue_submitted", f"issue:{part.pk}", 1, f"user:{there.pk}"),
    ]
    after = everything()
    assert branch(issue, coordinator, key=key) == part
    assert everything() == after
    actions.accept(part, by=there, now=NOW)


def test_branch_is_not_for_the_secretariat_of_the_other_province():
    issue = issue_in("accepted")
    there = coordinator_of(ProvinceFactory(code="16"))
    untouched = everything()

    with pytest.raises(PermissionDenied):
        branch(issue, there)

    assert everything() == untouched


# --- pages --------------------------------------------------------------------------------------
def url(issue, name):
    return reverse(f"issues:{name}", args=[issue.reference])


def typed(parts, **more):
    fields = {"client_key": str(uuid.uuid4()), "shown": "3"}
    for number, (title, text) in enumerate(parts):
        fields |= {f"part{number}-title": title, f"part{number}-text": text}
    return fields | more


def test_page_of_splitting_makes_the_parts_that_were_filled(client, coordinator):
    issue = issue_in("accepted")
    at(client, coordinator)

    assert len(client.get(url(issue, "issue_split")).context["parts"]) == 3
    done = client.post(url(issue, "issue_split"), typed(PARTS))

    assert done.url == issue.get_absolute_url()
    made = Issue.objects.filter(follows=issue).order_by("pk")
    assert [(one.title, one.text) for one in made] == PARTS
    page = page_of(client, representative_of(issue.organization), issue)
    assert all(one.reference in page for one in made)


def test_page_of_splitting_shows_one_more_part_and_keeps_the_typed(client, coordinator):
    issue = issue_in("accepted")
    at(client, coordinator)
    fields = typed([("The bridge", "")], more="1")

    page = client.post(url(issue, "issue_split"), fields)

    assert len(page.context["parts"]) == 4
    assert fields["client_key"] in page.content.decode()
    assert "The bridge" in page.content.decode()
    assert "A part needs" not in page.content.decode()
    assert (
        len(client.post(url(issue, "issue_split"), fields | {"shown": "9"}).context["parts"]) == 5
    )


def test_page_of_splitting_says_what_a_part_lacks(client, coordinator):
    issue = issue_in("accepted")

    page = at(client, coordinator).post(url(issue, "issue_split"), typed([("The bridge", "")]))

    assert "A part needs a title and a text." in page.content.decode()
    assert not Issue.objects.filter(follows=issue).exists()


def test_page_of_splitting_answers_409_to_a_form_sent_before(client, coordinator):
    issue, fields = issue_in("accepted"), typed(PARTS)
    at(client, coordinator).post(url(issue, "issue_split"), fields)

    page = client.post(url(issue, "issue_split"), fields | {"part0-title": "Another"})

    assert page.status_code == 409


def test_page_of_branching(client):
    issue = issue_in("accepted", women=64)
    commune = LocalityFactory(code="160101")
    by = coordinator_of(issue.province)
    RoleAssignmentFactory(user=by, role="coordinator", province=commune.province)
    at(client, by)

    form = client.get(url(issue, "issue_branch")).context["form"]
    assert issue.province not in form.fields["province"].queryset
    fields = {"province": "16", "district": "1601", "commune": "160101", "people": "៤០"}
    done = client.post(
        url(issue, "issue_branch"), fields | {"women": "22", "client_key": str(uuid.uuid4())}
    )

    part = Issue.objects.get(follows=issue)
    assert done.url == part.get_absolute_url()
    assert (part.commune, part.people, part.women) == (commune, 40, 22)
    assert part.reference in page_of(client, by, issue)
    assert issue.reference in page_of(client, by, part)


def test_page_of_branching_hands_the_part_over_to_another_secretariat(client, coordinator):
    issue, commune = issue_in("accepted"), LocalityFactory(code="160101")
    assert url(issue, "issue_branch") in page_of(client, coordinator, issue)
    fields = {"province": "16", "district": "1601", "commune": "160101", "people": "40"}

    done = client.post(
        url(issue, "issue_branch"),
        fields | {"women": "22", "client_key": str(uuid.uuid4())},
        follow=True,
    )

    part = Issue.objects.get(follows=issue)
    assert (part.status, part.commune) == ("submitted", commune)
    assert done.redirect_chain == [(issue.get_absolute_url(), 302)]
    assert "The part waits for the secretariat of" in done.content.decode()
    assert client.get(part.get_absolute_url()).status_code == 404
