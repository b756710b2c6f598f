import uuid

import pytest
from django.core.exceptions import PermissionDenied

from accounts import sealing
from audit.errors import Conflict, TransitionError
from issues import actions
from issues.actions import numbers
from issues.models import Issue
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    EvidenceFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    ReferralFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.traces import NOW, everything, states, told, trail

pytestmark = pytest.mark.django_db
KEY = uuid.UUID(int=7)


def content_of(organization, **changed):
    """What a form sends for an issue."""
    return {
        "kind": "challenge",
        "title": "ស្ពានឈើបាក់",
        "text": "ស្ពានបាក់តាំងពីខែមិថុនា។",
        "language": "km",
        "theme": ThemeFactory(),
        "province": ProvinceFactory(),
        "commune": LocalityFactory(code="110101"),
        "organization": organization,
        "people": 40,
        "women": 22,
        "disclosure": "restricted",
        "is_named": False,
    } | changed


def drafted(*, by=None, organization=None, village="", concerns=(), **changed):
    """A draft as the form makes it."""
    organization = organization or OrganizationFactory()
    return actions.save_draft(
        by=by or representative_of(organization),
        now=NOW,
        client_key=uuid.uuid4(),
        content=content_of(organization, **changed),
        village=village,
        concerns=concerns,
    )


def village_of(issue):
    return sealing.unseal(issue.protected_part.sealed)["village"]


# --- save_draft ---------------------------------------------------------------------------------
def test_save_draft_keeps_what_was_typed_and_leaves_a_trace():
    organization, office = OrganizationFactory(), AuthorityFactory()
    person = representative_of(organization)
    content = content_of(organization)

    issue = actions.save_draft(
        by=person, now=NOW, client_key=KEY, content=content, village="ភូមិពូ", concerns=[office]
    )

    issue = Issue.objects.get(pk=issue.pk)
    assert {name: getattr(issue, name) for name in content} == content
    assert (issue.status, issue.reference, issue.author, issue.client_key, issue.created_at) == (
        "draft",
        None,
        person,
        KEY,
        NOW,
    )
    assert states(issue) == ["draft"]
    assert [one.authority for one in issue.concerns.all()] == [office]
    assert village_of(issue) == "ភូមិពូ"
    assert trail() == [("issue.draft", f"issue:{issue.pk}", person, "representative", {})]
    assert told() == []


def test_save_draft_of_the_same_form_twice_is_one_draft():
    organization, office = OrganizationFactory(), AuthorityFactory()
    form = {
        "by": representative_of(organization),
        "client_key": KEY,
        "content": content_of(organization),
        "village": "ភូមិពូ",
        "concerns": [office],
    }
    first = actions.save_draft(now=NOW, **form)
    before = everything()

    assert actions.save_draft(now=NOW, **form) == first
    assert everything() == before


@pytest.mark.parametrize("changed", ["content", "village", "concerns"])
def test_save_draft_of_the_same_key_with_other_content_is_a_conflict(changed):
    organization = OrganizationFactory()
    form = {"by": representative_of(organization), "client_key": KEY}
    actions.save_draft(now=NOW, content=content_of(organization), **form)
    before = everything()
    others = {
        "content": {"content": content_of(organization, title="Another")},
        "village": {"village": "ភូមិពូ"},
        "concerns": {"concerns": [AuthorityFactory()]},
    }

    with pytest.raises(Conflict):
        actions.save_draft(
            now=NOW, **{"content": content_of(organization)} | form | others[changed]
        )

    assert everything() == before


def test_save_draft_under_somebody_elses_key_is_a_conflict():
    first = drafted()

    with pytest.raises(Conflict):
        actions.save_draft(
            by=representative_of(first.organization),
            now=NOW,
            client_key=first.client_key,
            content=content_of(first.organization),
        )


def test_save_draft_for_another_organization_is_refused():
    before = everything()

    for person in (
        representative_of(OrganizationFactory()),
        official_of(AuthorityFactory()),
        coordinator_of(ProvinceFactory(code="16")),
    ):
        with pytest.raises(PermissionDenied):
            drafted(by=person)

    assert everything() == before


def test_save_draft_by_a_coordinator_is_on_behalf_of_the_organization():
    coordinator = coordinator_of(ProvinceFactory())

    issue = drafted(by=coordinator)

    assert trail() == [("issue.draft", f"issue:{issue.pk}", coordinator, "coordinator", {})]


# --- edit ---------------------------------------------------------------------------------------
def test_edit_changes_what_was_typed_and_records_the_names_of_the_fields():
    first, second = AuthorityFactory(), AuthorityFactory()
    issue = drafted(village="ភូមិចាស់", concerns=[first])
    person = representative_of(issue.organization)

    actions.edit(
        issue,
        by=person,
        now=NOW,
        content={"title": "ផ្លូវថ្មី", "people": 50, "women": issue.women},
        village="ភូមិថ្មី",
        concerns=[second],
    )

    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.title, issue.people, issue.women, issue.status) == ("ផ្លូវថ្មី", 50, 22, "draft")
    assert list(Issue.objects.matching("ផ្លូវថ្មី")) == [issue]
    assert [one.authority for one in issue.concerns.all()] == [second]
    assert village_of(issue) == "ភូមិថ្មី"
    assert trail()[1:] == [
        (
            "issue.edit",
            f"issue:{issue.pk}",
            person,
            "representative",
            {"fields": ["title", "people"], "people": [40, 50]},
        )
    ]


def test_edit_without_a_village_keeps_the_sealed_one_and_an_empty_one_removes_it():
    issue = drafted(village="ភូមិពូ")

    actions.edit(issue, by=issue.author, now=NOW, content={"people": 50})
    assert village_of(Issue.objects.get(pk=issue.pk)) == "ភូមិពូ"

    actions.edit(issue, by=issue.author, now=NOW, content={"people": 50}, village="")
    assert village_of(Issue.objects.get(pk=issue.pk)) == ""


def test_edit_by_a_coordinator_keeps_the_village_that_was_not_shown():
    issue = drafted(village="ភូមិពូ")
    actions.submit(issue, by=issue.author, now=NOW)

    actions.edit(
        issue, by=coordinator_of(issue.province), now=NOW, content={"people": 50}, village=""
    )

    assert village_of(Issue.objects.get(pk=issue.pk)) == "ភូមិពូ"


def test_edit_by_the_coordinator_who_wrote_it_changes_the_village():
    coordinator = coordinator_of(ProvinceFactory())
    issue = drafted(by=coordinator, village="11010101")
    actions.submit(issue, by=coordinator, now=NOW)

    actions.edit(issue, by=coordinator, now=NOW, content={}, village="11010102")
    assert village_of(Issue.objects.get()) == "11010102"

    actions.edit(issue, by=coordinator, now=NOW, content={}, village="")
    assert village_of(Issue.objects.get()) == ""


def test_edit_drops_a_village_that_does_not_lie_in_the_new_commune():
    issue = drafted(village="11010101")
    actions.submit(issue, by=issue.author, now=NOW)
    other = LocalityFactory(code="110102")

    actions.edit(issue, by=coordinator_of(issue.province), now=NOW, content={"commune": other})

    assert village_of(Issue.objects.get()) == ""


def test_edit_of_what_was_changed_meanwhile_is_refused():
    issue = drafted()
    actions.edit(issue, by=issue.author, now=NOW, content={"people": 50}, seen=1)
    before = everything()

    for typed in (
        {"content": {"people": 60}},
        {"content": {"people": 50}, "village": "11010101"},
        {"content": {"people": 50}, "concerns": [AuthorityFactory()]},
    ):
        with pytest.raises(TransitionError):
            actions.edit(issue, by=issue.author, now=NOW, seen=1, **typed)

    assert everything() == before


def test_edit_sent_twice_is_done_once():
    issue = drafted(village="11010101")
    form = {"content": {"people": 50}, "village": "11010102", "seen": 1}
    first = actions.edit(issue, by=issue.author, now=NOW, **form)
    before = everything()

    assert actions.edit(issue, by=issue.author, now=NOW, **form) == first
    assert everything() == before


def test_edit_gives_the_issue_the_fingerprint_of_what_it_holds_now():
    organization = OrganizationFactory()
    person = representative_of(organization)
    form = {"by": person, "now": NOW, "client_key": KEY}
    issue = actions.save_draft(content=content_of(organization), **form)

    actions.edit(issue, by=person, now=NOW, content={"people": 50})

    assert actions.save_draft(content=content_of(organization, people=50), **form) == issue
    with pytest.raises(Conflict):
        actions.save_draft(content=content_of(organization), **form)


WIDER = {
    "disclosure": ({"disclosure": "restricted"}, {"disclosure": "public"}),
    "much wider": ({"disclosure": "confidential"}, {"disclosure": "public"}),
    "named": ({"is_named": False}, {"is_named": True}),
}


@pytest.mark.parametrize("case", WIDER)
def test_edit_by_a_coordinator_never_lets_more_people_see_it(case):
    typed, wider = WIDER[case]
    issue = drafted(**typed)
    actions.submit(issue, by=issue.author, now=NOW)
    before = everything()

    with pytest.raises(TransitionError):
        actions.edit(issue, by=coordinator_of(issue.province), now=NOW, content=wider)

    assert everything() == before
    actions.edit(issue, by=issue.author, now=NOW, content=wider)
    assert Issue.objects.filter(**wider).exists()


def test_edit_by_a_coordinator_never_unmarks_an_office_it_concerns():
    first, second = AuthorityFactory(), AuthorityFactory()
    issue = drafted(concerns=[first])
    actions.submit(issue, by=issue.author, now=NOW)
    coordinator = coordinator_of(issue.province)

    with pytest.raises(TransitionError):
        actions.edit(issue, by=coordinator, now=NOW, content={}, concerns=[second])

    actions.edit(issue, by=coordinator, now=NOW, content={}, concerns=[first, second])
    assert {one.authority for one in issue.concerns.all()} == {first, second}


def test_edit_by_a_coordinator_may_be_stricter():
    issue = drafted(disclosure="public", is_named=True)
    actions.submit(issue, by=issue.author, now=NOW)
    stricter = {"disclosure": "confidential", "is_named": False}

    actions.edit(issue, by=coordinator_of(issue.province), now=NOW, content=stricter)

    assert Issue.objects.filter(**stricter).exists()


def test_edit_of_their_own_draft_lets_a_coordinator_correct_everything():
    coordinator = coordinator_of(ProvinceFactory())
    issue = drafted(by=coordinator, concerns=[AuthorityFactory()])

    actions.edit(issue, by=coordinator, now=NOW, content={"disclosure": "public"}, concerns=[])

    assert Issue.objects.get().disclosure == "public"
    assert not issue.concerns.exists()


# --- submit -------------------------------------------------------------------------------------
def test_submit_gives_a_reference_and_tells_the_provinces_secretariat():
    issue = drafted()
    coordinator = coordinator_of(issue.province)
    coordinator_of(ProvinceFactory(code="16"))
    coordinator_of(None)

    actions.submit(issue, by=issue.author, now=NOW)

    issue = Issue.objects.get(pk=issue.pk)
    assert issue.reference[:8] == "11-2041-"
    assert len(issue.reference) == 12
    assert (issue.status, issue.submitted_at) == ("submitted", NOW)
    assert states(issue) == ["draft", "submitted"]
    assert list(Issue.objects.matching(issue.reference)) == [issue]
    assert trail()[1:] == [
        (
            "issue.submit",
            f"issue:{issue.pk}",
            issue.author,
            "representative",
            {"reference": issue.reference, "status": ["draft", "submitted"]},
        )
    ]
    assert told() == [("issue_submitted", f"issue:{issue.pk}", 1, f"user:{coordinator.pk}")]


def test_submit_tells_the_coordinators_of_all_where_the_province_has_none():
    coordinator = coordinator_of(None)
    issue = drafted()

    actions.submit(issue, by=issue.author, now=NOW)

    assert told() == [("issue_submitted", f"issue:{issue.pk}", 1, f"user:{coordinator.pk}")]


def test_submit_twice_changes_nothing_the_second_time():
    issue = drafted()
    coordinator_of(issue.province)
    first = actions.submit(issue, by=issue.author, now=NOW)
    before = everything()

    assert actions.submit(issue, by=issue.author, now=NOW).reference == first.reference
    assert everything() == before


def test_submit_takes_the_year_of_the_province_not_of_greenwich():
    issue = drafted()
    new_year = NOW.replace(month=12, day=31, hour=18)  # 01:00 on 1 January in Phnom Penh

    assert actions.submit(issue, by=issue.author, now=new_year).reference[:8] == "11-2042-"


def test_submit_where_no_number_is_free_is_refused(monkeypatch):
    monkeypatch.setattr(numbers.secrets, "randbelow", lambda _limit: 41)
    taken, issue = drafted(), drafted()
    assert actions.submit(taken, by=taken.author, now=NOW).reference == "11-2041-0042"
    before = everything()

    with pytest.raises(TransitionError):
        actions.submit(issue, by=issue.author, now=NOW)

    assert everything() == before


def test_submit_on_behalf_is_the_secretariats():
    coordinator = coordinator_of(ProvinceFactory())
    issue = drafted(by=coordinator)

    with pytest.raises(PermissionDenied):
        actions.submit_on_behalf(issue, by=representative_of(issue.organization), now=NOW)
    actions.submit_on_behalf(issue, by=coordinator, now=NOW)

    assert [(act, role) for act, _subject, _by, role, _change in trail()] == [
        ("issue.draft", "coordinator"),
        ("issue.submit", "coordinator"),
    ]


# --- reply --------------------------------------------------------------------------------------
def test_reply_submits_the_issue_again_and_tells_of_each_turn():
    issue = drafted()
    coordinator = coordinator_of(issue.province)
    actions.submit(issue, by=issue.author, now=NOW)
    for turn in ("one", "two"):
        actions.return_(issue, by=coordinator, now=NOW, question=turn)
        actions.reply(issue, by=issue.author, now=NOW, text=f"answer {turn}")

    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.status, issue.question, issue.reply) == ("submitted", "two", "answer two")
    assert states(issue) == ["draft", "submitted", "returned", "submitted", "returned", "submitted"]
    assert trail()[-1] == (
        "issue.reply",
        f"issue:{issue.pk}",
        issue.author,
        "representative",
        {"status": ["returned", "submitted"]},
    )
    subject, secretary, author = f"issue:{issue.pk}", coordinator.pk, issue.author.pk
    assert told() == [
        ("issue_replied", subject, 2, f"user:{secretary}"),
        ("issue_replied", subject, 3, f"user:{secretary}"),
        ("issue_returned", subject, 1, f"user:{author}"),
        ("issue_returned", subject, 2, f"user:{author}"),
        ("issue_submitted", subject, 1, f"user:{secretary}"),
    ]


# --- withdraw -----------------------------------------------------------------------------------
def test_withdraw_closes_and_ends_what_is_open_at_offices():
    issue = issue_in("referred", disclosure="public", published_at=NOW)
    lead = issue.referrals.get()
    supporting = ReferralFactory(issue=issue, role="supporting")
    former = ReferralFactory(issue=issue, ended_as="recalled")
    item = AgendaItemFactory(issue=issue)
    person = representative_of(issue.organization)

    actions.withdraw(issue, by=person, now=NOW, reason="It was solved by us.")

    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.status, issue.closed_as, issue.closed_at, issue.reason, issue.published_at) == (
        "closed",
        "withdrawn",
        NOW,
        "It was solved by us.",
        None,
    )
    assert {one.pk: one.ended_as for one in issue.referrals.all()} == {
        lead.pk: "over",
        supporting.pk: "over",
        former.pk: "recalled",
    }
    assert not type(item).objects.filter(pk=item.pk).exists()
    assert states(issue)[-2:] == ["referred", "closed"]
    assert trail() == [
        (
            "issue.withdraw",
            f"issue:{issue.pk}",
            person,
            "representative",
            {"status": ["referred", "closed"]},
        )
    ]


def test_withdraw_leaves_the_agenda_it_was_on():
    issue = issue_in("scheduled")

    actions.withdraw(issue, by=coordinator_of(issue.province), now=NOW, reason="At its word.")

    assert not issue.agenda_items.exists()


# --- discard ------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_discard_removes_the_draft_with_its_parts_and_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    issue = drafted()
    file = EvidenceFactory(issue=issue).file
    assert file.storage.exists(file.name)

    actions.discard(issue, by=issue.author, now=NOW)

    assert not Issue.objects.exists()
    assert not file.storage.exists(file.name)
    assert trail()[-1] == ("issue.discard", f"issue:{issue.pk}", issue.author, "representative", {})
