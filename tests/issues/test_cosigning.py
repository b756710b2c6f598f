"""Several organizations behind one issue: who agrees to what, and who sees whom."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.errors import TransitionError
from audit.models import AuditEntry
from config import notice_together
from issues import actions
from issues.models import Cosign, Issue, Merge
from outbox.models import Notice
from tests.factories import (
    EvidenceFactory,
    IssueFactory,
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
from tests.issues.traces import NOW, TODAY, everything, secretariat, told, trail

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
ONE, OTHER = "Union of the river", "Friends of the forest"


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


@pytest.fixture
def published():
    return issue_in(
        "accepted", disclosure="public", published_at=NOW - DAY, organization=named(OTHER)
    )


def named(name):
    return OrganizationFactory(name_en=name, name_km=name)


@pytest.fixture
def person():
    return representative_of(named(ONE))


def organization_of(person):
    return person.held[0].organization


def cosign(issue, person):
    return actions.cosign(issue, by=person, now=NOW, organization=organization_of(person))


def kinds_to(person):
    return sorted(kind for kind, _about, _version, to in told() if to == f"user:{person.pk}")


# --- co-sign ------------------------------------------------------------------------------------
def test_cosign_agrees_at_once_and_tells_the_secretariat_and_who_raised_it(
    published, person, coordinator
):
    raiser = representative_of(published.organization)

    row = cosign(published, person)

    assert (row.state, row.answered_at, row.answered_by) == ("agreed", NOW, person)
    people = {f"user:{raiser.pk}", f"user:{published.author_id}", *secretariat()}
    assert {(kind, to) for kind, _about, _version, to in told()} == {
        ("cosigned", one) for one in people
    }
    assert trail() == [
        ("issue.cosign", f"issue:{published.pk}", person, "representative", {"cosign": row.pk})
    ]


def test_cosign_twice_is_one(published, person):
    first = cosign(published, person)
    after = everything()

    assert cosign(published, person) == first == Cosign.objects.get()
    assert everything() == after


def test_cosign_lets_them_read_on_when_it_is_no_longer_published(published, person, coordinator):
    cosign(published, person)
    actions.unpublish(published, by=coordinator, now=NOW)

    assert list(Issue.objects.visible_to(person)) == [published]
    assert not Issue.objects.visible_to(representative_of(OrganizationFactory())).exists()


def test_cosign_not_what_one_may_not_read(person):
    issue = issue_in("accepted")
    untouched = everything()

    with pytest.raises(PermissionDenied):
        cosign(issue, person)

    assert everything() == untouched


def test_cosign_not_for_an_organization_of_others_nor_ones_own(published, person):
    theirs = representative_of(published.organization)

    for by, organization in [
        (person, OrganizationFactory()),
        (person, published.organization),
        (theirs, published.organization),
    ]:
        with pytest.raises(PermissionDenied):
            actions.cosign(published, by=by, now=NOW, organization=organization)


def test_cosign_answers_what_was_asked(published, person):
    row = CosignFactory(issue=published, organization=organization_of(person), state="asked")

    assert cosign(published, person) == row
    assert Cosign.objects.get().state == "agreed"


def test_uncosign_ends_it_and_its_reading(published, person, coordinator):
    row = cosign(published, person)
    actions.unpublish(published, by=coordinator, now=NOW)

    actions.uncosign(row, by=person, now=NOW)

    assert Cosign.objects.get().state == "ended"
    assert not Issue.objects.visible_to(person).exists()
    assert trail()[-1][0] == "issue.uncosign"


def test_uncosign_is_for_its_organization_alone(published, person, coordinator):
    row = cosign(published, person)

    for other in (coordinator, published.author):
        with pytest.raises(PermissionDenied):
            actions.uncosign(row, by=other, now=NOW)


def test_uncosign_not_while_ones_own_issue_goes_on_there(coordinator):
    row = merged(coordinator)
    someone = representative_of(row.organization)
    actions.answer_cosign(row, by=someone, now=NOW, agrees=True)

    with pytest.raises(TransitionError):
        actions.uncosign(row, by=someone, now=NOW)


# --- what co-signers are told -------------------------------------------------------------------
def claimed(issue):
    referral = issue.referrals.get()
    actions.resolve(
        referral,
        by=official_of(referral.authority),
        now=NOW,
        client_key=uuid.uuid4(),
        text="The bridge stands again.",
        done_on=TODAY,
    )
    return Issue.objects.get(pk=issue.pk)


def test_cosigners_are_told_of_the_claim_and_of_the_end(person):
    issue = issue_in("referred", disclosure="public", published_at=NOW - DAY)
    cosign(issue, person)

    resolved = claimed(issue)
    assert kinds_to(person) == ["cosigned_resolved"]

    actions.confirm(resolved, by=issue.author, now=NOW)
    assert kinds_to(person) == ["cosigned_ended", "cosigned_resolved"]


def test_cosigners_are_told_of_a_partial_end(person):
    issue = issue_in("resolved", disclosure="public", published_at=NOW - DAY)
    cosign(issue, person)

    actions.partly(issue, by=issue.author, now=NOW, reason="Half of it.")

    assert kinds_to(person) == ["cosigned_ended"]


def wanted(person):
    """The kinds of the person's notices that are still true."""
    mine = Notice.objects.filter(recipient=f"user:{person.pk}")
    return sorted(one.kind for one in mine if notice_together.KINDS[one.kind][1](one, NOW))


def test_notices_to_co_signers_are_true_only_while_they_co_sign(person):
    issue = issue_in("referred", disclosure="public", published_at=NOW - DAY)
    row = cosign(issue, person)
    claimed(issue)

    assert wanted(person) == ["cosigned_resolved"]
    actions.uncosign(row, by=person, now=NOW)
    assert wanted(person) == []


# --- the answer after a merging -----------------------------------------------------------------
def merged(coordinator, **fields):
    """The question asked of the organization of a merged issue."""
    source = issue_in("accepted", organization=named(ONE))
    target = issue_in("accepted", organization=named(OTHER), **fields)
    actions.merge(source, by=coordinator, now=NOW, target=target, note="The same bridge.")
    return Cosign.objects.asked().get()


def test_answer_yes_tells_the_secretariat_and_the_other_organization(coordinator):
    row = merged(coordinator)
    someone = representative_of(row.organization)

    actions.answer_cosign(row, by=someone, now=NOW, agrees=True)

    assert Cosign.objects.get().state == "agreed"
    assert Merge.objects.standing().exists()
    assert "cosigned" in kinds_to(row.issue.author)
    assert "cosigned" in kinds_to(coordinator)


def test_answer_no_undoes_the_merging_also_after_a_day(coordinator):
    row = merged(coordinator)
    source = row.merge.source
    someone = representative_of(row.organization)

    actions.answer_cosign(row, by=someone, now=NOW + 40 * DAY, agrees=False)

    again = Issue.objects.get(pk=source.pk)
    assert (again.status, again.merged_into) == ("accepted", None)
    assert Cosign.objects.get().state == "refused"
    assert not Merge.objects.standing().exists()
    assert kinds_to(coordinator).count("cosign_refused") == 1
    assert kinds_to(source.author) == ["cosign_asked", "issue_unmerged"]
    assert kinds_to(row.issue.author) == []  # it never knew
    assert [one[0] for one in trail()[-3:]] == [
        "issue.refuse_cosign",
        "issue.let_go",
        "issue.unmerge",
    ]


@pytest.mark.parametrize("agrees", [True, False])
def test_answer_twice_is_one_and_the_contrary_is_too_late(coordinator, agrees):
    row = merged(coordinator)
    someone = representative_of(row.organization)
    actions.answer_cosign(row, by=someone, now=NOW, agrees=agrees)
    after = everything()

    actions.answer_cosign(row, by=someone, now=NOW, agrees=agrees)
    with pytest.raises(TransitionError):
        actions.answer_cosign(row, by=someone, now=NOW, agrees=not agrees)

    assert everything() == after


def test_answer_is_for_the_organization_asked_alone(coordinator):
    row = merged(coordinator)

    for other in (coordinator, row.issue.author, representative_of(OrganizationFactory())):
        with pytest.raises(PermissionDenied):
            actions.answer_cosign(row, by=other, now=NOW, agrees=True)


def test_answer_no_of_who_only_co_signed_the_source_undoes_nothing(coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    third = CosignFactory(issue=source).organization
    actions.merge(source, by=coordinator, now=NOW, target=target)
    row = Cosign.objects.asked().get(organization=third)

    actions.answer_cosign(row, by=representative_of(third), now=NOW, agrees=False)

    assert Merge.objects.standing().exists()


def test_notice_of_the_question_is_true_until_it_is_answered(coordinator):
    row = merged(coordinator)
    author = row.merge.source.author

    assert wanted(author) == ["cosign_asked"]
    actions.answer_cosign(row, by=author, now=NOW, agrees=True)
    assert wanted(author) == []


# --- who sees whom ------------------------------------------------------------------------------
def seen(client, person, issue):
    """Which of the two organizations the person's page of the issue names; None for no page."""
    if not Issue.objects.visible_to(person).filter(pk=issue.pk).exists():
        return None
    page = page_of(client, person, issue)
    return {name for name in (ONE, OTHER) if name in page}


@pytest.mark.parametrize("disclosure", ["public", "restricted", "confidential"])
def test_neither_organization_sees_the_other_before_the_agreement(client, coordinator, disclosure):
    published_at = NOW - DAY if disclosure == "public" else None
    row = merged(coordinator, disclosure=disclosure, published_at=published_at)
    source, target = row.merge.source, row.issue
    asked, raiser = (representative_of(one.organization) for one in (source, target))

    before = [
        seen(client, reader, issue)
        for reader in (asked, raiser, coordinator)
        for issue in (source, target)
    ]
    actions.answer_cosign(row, by=asked, now=NOW, agrees=True)
    after = [
        seen(client, reader, issue)
        for reader in (asked, raiser, coordinator)
        for issue in (source, target)
    ]

    # the merged issue is restricted, so what was published is no longer
    assert before == [{ONE}, None, None, {OTHER}, {ONE}, {ONE, OTHER}]
    assert after == [{ONE}, {OTHER}, None, {ONE, OTHER}, {ONE}, {ONE, OTHER}]


def test_who_co_signs_by_itself_learns_no_name(client, published, person):
    cosign(published, person)
    raiser = representative_of(published.organization)

    assert seen(client, person, published) == set()
    assert seen(client, raiser, published) == {ONE, OTHER}
    page = page_of(client, representative_of(OrganizationFactory()), published)
    assert ONE not in page
    assert "Another organization co-signs it." in page


def test_a_co_signer_sees_no_file_and_no_commune_of_a_confidential_issue(
    client, coordinator, person
):
    issue = issue_in("referred", disclosure="public", published_at=NOW - DAY)
    EvidenceFactory(issue=issue)
    cosign(issue, person)
    actions.tighten(issue, by=coordinator, now=NOW, disclosure="confidential")

    page = page_of(client, person, issue)

    assert issue.commune.name_en not in page
    assert "Photos and documents" not in page
    assert "Your organization co-signs it" in page


def test_a_co_signer_reads_no_words_of_the_office(client, person):
    issue = issue_in("referred", disclosure="public", published_at=NOW - DAY)
    cosign(issue, person)
    claimed(issue)

    assert "The bridge stands again." not in page_of(client, person, issue)


def test_the_merged_issue_says_where_it_goes_on_to_who_may_read_that(client, coordinator):
    row = merged(coordinator)
    source, target = row.merge.source, row.issue
    asked = representative_of(source.organization)

    assert target.reference in page_of(client, coordinator, source)
    assert target.reference not in page_of(client, asked, source)
    actions.answer_cosign(row, by=asked, now=NOW, agrees=True)
    assert target.reference in page_of(client, asked, source)


# --- pages --------------------------------------------------------------------------------------
def post(client, user, name, issue, **typed):
    return at(client, user).post(reverse(f"issues:{name}", args=[issue.reference]), typed)


def get(client, user, name, issue, **query):
    return at(client, user).get(reverse(f"issues:{name}", args=[issue.reference]), query)


def test_page_of_merging_offers_the_other_issue_by_its_reference(client, coordinator):
    source, target = issue_in("referred"), issue_in("accepted")

    chosen = get(client, coordinator, "issue_merge", source)
    assert chosen.templates[0].name == "issues/merge_choose.html"

    shown = get(client, coordinator, "issue_merge", source, into=f" {target.reference} ")
    assert [one.issue for one in shown.context["sides"]] == [source, target]
    assert "moves_referrals" in shown.context["form"].fields

    done = post(
        client, coordinator, "issue_merge", source, into=target.reference, moves_referrals="move"
    )
    assert done.url == source.get_absolute_url()
    assert Merge.objects.get().moves_referrals


def test_page_of_merging_knows_no_issue_of_another_province(client, coordinator):
    source = issue_in("accepted")
    other = issue_in(
        "accepted",
        province=ProvinceFactory(code="16"),
        disclosure="public",
        published_at=NOW - DAY,
    )

    page = get(client, coordinator, "issue_merge", source, into=other.reference)

    assert "No issue of your provinces has this reference." in page.content.decode()
    assert other.title not in page.content.decode()


def test_page_of_merging_keeps_what_was_typed_where_it_is_too_late(client, coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    actions.decline(source, by=coordinator, now=NOW, reason="A reason.")

    page = post(
        client, coordinator, "issue_merge", source, into=target.reference, note="The same bridge."
    )

    assert page.status_code == 200
    assert "no longer possible" in page.content.decode()
    assert "The same bridge." in page.content.decode()


def test_page_of_undoing(client, coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    at(client, coordinator).post(
        reverse("issues:issue_merge", args=[source.reference]), {"into": target.reference}
    )

    assert "Undo the merging" in page_of(client, coordinator, source)
    assert get(client, coordinator, "issue_unmerge", source).status_code == 200
    post(client, coordinator, "issue_unmerge", source, reason="It was another bridge.")

    assert Issue.objects.get(pk=source.pk).status == "accepted"
    assert get(client, coordinator, "issue_unmerge", source).status_code == 302


def test_page_of_the_question_shows_the_note_and_nothing_of_the_other(client, coordinator):
    row = merged(coordinator)
    source, target = row.merge.source, row.issue
    someone = representative_of(row.organization)

    assert reverse("issues:issue_same", args=[source.reference]) in page_of(client, someone, source)
    page = get(client, someone, "issue_same", source).content.decode()
    assert "The same bridge." in page
    for secret in (OTHER, target.title, target.text, target.reference):
        assert secret not in page

    post(client, someone, "issue_same", source, agrees="yes")
    assert Cosign.objects.get().state == "agreed"
    assert get(client, someone, "issue_same", source).status_code == 302


def test_page_of_co_signing(client, published, person):
    assert reverse("issues:issue_cosign", args=[published.reference]) in page_of(
        client, person, published
    )
    assert get(client, person, "issue_cosign", published).status_code == 200

    organization = organization_of(person)
    post(client, person, "issue_cosign", published, organization=organization.pk)
    assert Cosign.objects.get().organization == organization
    assert get(client, person, "issue_cosign", published).status_code == 302

    assert get(client, person, "issue_uncosign", published).status_code == 200
    post(client, person, "issue_uncosign", published)
    assert Cosign.objects.get().state == "ended"


def test_co_signing_from_a_draft_leads_to_its_deleting(client, published, person):
    draft = IssueFactory(organization=organization_of(person), author=person)
    address = reverse("issues:issue_cosign", args=[published.reference])

    page = at(client, person).post(
        f"{address}?draft={draft.client_key}",
        {"organization": organization_of(person).pk},
        follow=True,
    )

    url = reverse("issues:draft_delete", args=[draft.client_key])
    assert page.redirect_chain == [(url, 302)]
    assert "You have co-signed. You can delete your draft now." in page.content.decode()
    assert Issue.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("whose", ["others", "sent", "nothing"])
def test_co_signing_leads_back_to_the_issue_where_there_is_no_draft_of_theirs(
    client, published, person, whose
):
    own = organization_of(person)
    key = {
        "others": lambda: IssueFactory().client_key,
        "sent": lambda: issue_in("submitted", organization=own, author=person).client_key,
        "nothing": lambda: "nothing",
    }[whose]()
    address = reverse("issues:issue_cosign", args=[published.reference])

    answer = at(client, person).post(f"{address}?draft={key}", {"organization": own.pk})

    assert answer.url == published.get_absolute_url()
    assert Cosign.objects.get().state == "agreed"


def test_page_of_co_signing_asks_for_which_of_several(client, published, person):
    second = OrganizationFactory()
    RoleAssignmentFactory(user=person, role="representative", organization=second)

    form = get(client, person, "issue_cosign", published).context["form"]

    assert not form.fields["organization"].widget.is_hidden
    post(client, person, "issue_cosign", published, organization=second.pk)
    assert Cosign.objects.get().organization == second


def test_page_of_co_signing_is_refused_to_all_but_other_organizations(
    client, published, coordinator
):
    for user in (coordinator, published.author):
        assert get(client, user, "issue_cosign", published).status_code == 403
        assert post(client, user, "issue_cosign", published).status_code == 403
    assert not AuditEntry.objects.exists()


def test_home_lists_what_is_asked(client, coordinator):
    row = merged(coordinator)

    page = at(client, representative_of(row.organization)).get("/")

    assert [one.pk for one in page.context["representative"].same] == [row.pk]
    assert reverse("issues:issue_same", args=[row.merge.source.reference]) in page.content.decode()
