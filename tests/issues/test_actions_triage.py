import pytest
from django.core.exceptions import PermissionDenied

from audit.errors import TransitionError
from issues import actions, sealing
from issues.models import Issue
from tests.factories import (
    AgendaItemFactory,
    LocalityFactory,
    ProtectedPartFactory,
    ProvinceFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    representative_of,
)
from tests.issues.traces import NOW, everything, states, told, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    return issue_in("submitted")


@pytest.fixture
def coordinator(issue):
    return coordinator_of(issue.province)


@pytest.fixture
def person(issue):
    """The one representative with an address; the issue's author has none."""
    issue.author.email = None
    issue.author.save()
    return representative_of(issue.organization)


def test_accept_gives_theme_and_priority_and_tells_the_organization(issue, coordinator, person):
    theme = ThemeFactory(code="water")

    actions.accept(issue, by=coordinator, now=NOW, theme=theme, priority=2)

    issue.refresh_from_db()
    assert (issue.status, issue.theme, issue.priority) == ("accepted", theme, 2)
    assert states(issue) == ["draft", "submitted", "accepted"]
    subject = f"issue:{issue.pk}"
    assert trail() == [
        (
            "issue.accept",
            subject,
            coordinator,
            "coordinator",
            {
                "theme": ["land", "water"],
                "priority": [0, 2],
                "status": ["submitted", "accepted"],
            },
        )
    ]
    assert told() == [("issue_accepted", subject, 1, f"user:{person.pk}")]


def test_accept_keeps_theme_and_priority_where_none_are_given(issue, coordinator):
    actions.accept(issue, by=coordinator, now=NOW)
    assert Issue.objects.filter(theme=issue.theme, priority=issue.priority).exists()

    urgent = issue_in("submitted", priority=2)
    actions.accept(urgent, by=coordinator, now=NOW, priority=0)
    assert Issue.objects.get(pk=urgent.pk).priority == 0


def test_accept_corrects_place_and_disclosure_in_the_same_entry():
    issue = issue_in("submitted", disclosure="public", is_named=True)
    commune, version = LocalityFactory(code="110203", name_en="Far"), issue.version

    actions.accept(
        issue,
        by=coordinator_of(issue.province),
        now=NOW,
        commune=commune,
        disclosure="confidential",
    )

    issue.refresh_from_db()
    assert (issue.commune, issue.disclosure, issue.is_named, issue.version) == (
        commune, "confidential", False, version + 1,
    )  # fmt: skip
    assert Issue.objects.matching("Far").get() == issue
    assert [change for *_who, change in trail()] == [
        {
            "commune": ["110101", "110203"],
            "disclosure": ["public", "confidential"],
            "status": ["submitted", "accepted"],
        }
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        {"disclosure": "public"},
        {"commune": "1102"},
        {"commune": "11010101"},
        {"commune": "160101"},
        {"seen": 7},
    ],
)
def test_accept_of_what_may_not_be_is_refused(issue, coordinator, wanted):
    if "commune" in wanted:
        wanted = {"commune": LocalityFactory(code=wanted["commune"])}
    before = everything()

    with pytest.raises(TransitionError):
        actions.accept(issue, by=coordinator, now=NOW, priority=1, **wanted)

    assert everything() == before


@pytest.mark.parametrize(
    ("commune", "village"), [("110102", ""), ("110101", "11010101"), (None, "11010101")]
)
@pytest.mark.parametrize("act", ["accept", "correct"])
def test_the_village_is_forgotten_with_its_commune_and_the_contact_is_kept(
    issue, coordinator, act, commune, village
):
    sealed = sealing.sealed(sealing.Protected("11010101", "The elder"))
    ProtectedPartFactory(issue=issue, sealed=sealed)
    place = LocalityFactory(code=commune) if commune else None

    getattr(actions, act)(issue, by=coordinator, now=NOW, commune=place, priority=1)

    assert sealing.protected_of(issue) == sealing.Protected(village, "The elder")


def test_correct_says_from_what_to_what(coordinator, issue):
    later, theme = issue_in("referred"), ThemeFactory(code="water")
    commune = LocalityFactory(code="110102")

    actions.correct(later, by=coordinator, now=NOW, theme=theme, commune=commune, priority=1)

    later.refresh_from_db()
    assert (later.theme, later.commune, later.priority) == (theme, commune, 1)
    assert (later.status, later.version) == ("referred", 2)
    change = {"theme": ["land", "water"], "commune": ["110101", "110102"], "priority": [0, 1]}
    assert trail() == [("issue.correct", f"issue:{later.pk}", coordinator, "coordinator", change)]
    assert told() == []


def test_correct_to_what_stands_there_leaves_no_trace(issue, coordinator):
    before = everything()

    actions.correct(
        issue, by=coordinator, now=NOW, theme=issue.theme, commune=issue.commune, priority=0
    )

    assert everything() == before


def test_correct_does_not_overwrite_somebody_faster(issue, coordinator):
    seen = issue.version
    actions.correct(issue, by=coordinator, now=NOW, theme=ThemeFactory(code="water"), seen=seen)
    before = everything()

    with pytest.raises(TransitionError):
        actions.correct(issue, by=coordinator, now=NOW, theme=ThemeFactory(code="roads"), seen=seen)

    assert everything() == before


# --- with a selection ---------------------------------------------------------------------------
def test_each_does_what_is_possible_and_names_the_rest(issue, coordinator):
    late, other = issue_in("accepted"), issue_in("submitted")
    ids = [issue.pk, late.pk, other.pk]

    done = actions.each(ids, actions.Bulk.ACCEPT, by=coordinator, now=NOW, expected=3)

    assert done.done == 2
    assert [reference for reference, _sentence in done.left] == [late.reference]
    assert [(act, subject) for act, subject, *_more in trail()] == [
        ("issue.accept", f"issue:{issue.pk}"),
        ("issue.accept", f"issue:{other.pk}"),
    ]


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_each_does_nothing_where_the_number_is_not_the_confirmed_one(issue, coordinator, expected):
    ids, before = [issue.pk, issue_in("submitted").pk], everything()

    with pytest.raises(TransitionError):
        actions.each(ids, actions.Bulk.ACCEPT, by=coordinator, now=NOW, expected=expected)

    assert len(everything()[0]) == 2
    assert trail() == before[1]


def test_each_does_nothing_where_one_is_not_theirs_to_decide(issue, coordinator):
    elsewhere = issue_in("submitted", province=ProvinceFactory(code="16"))
    before = everything()

    with pytest.raises(PermissionDenied):
        actions.each(
            [issue.pk, elsewhere.pk],
            actions.Bulk.DECLINE,
            by=coordinator,
            now=NOW,
            expected=2,
            reason="Not here.",
        )

    assert everything() == before


def test_return_asks_and_forgets_the_former_answer(issue, coordinator, person):
    Issue.objects.update(reply="an older answer")

    actions.return_(issue, by=coordinator, now=NOW, question="In which commune?")

    issue.refresh_from_db()
    assert (issue.status, issue.question, issue.reply) == ("returned", "In which commune?", "")
    assert states(issue) == ["draft", "submitted", "returned"]
    subject = f"issue:{issue.pk}"
    assert trail() == [
        ("issue.return", subject, coordinator, "coordinator", {"status": ["submitted", "returned"]})
    ]
    assert told() == [("issue_returned", subject, 1, f"user:{person.pk}")]


def test_decline_closes_with_its_reason_and_tells_the_organization(issue, coordinator, person):
    actions.decline(issue, by=coordinator, now=NOW, reason="Not of this forum.")

    issue.refresh_from_db()
    assert (issue.status, issue.closed_as, issue.closed_at, issue.reason) == (
        "closed",
        "declined",
        NOW,
        "Not of this forum.",
    )
    subject = f"issue:{issue.pk}"
    assert trail() == [
        ("issue.decline", subject, coordinator, "coordinator", {"status": ["submitted", "closed"]})
    ]
    assert told() == [("issue_declined", subject, 1, f"user:{person.pk}")]


def test_decline_ends_referrals_leaves_agendas_and_the_public():
    issue = issue_in("referred", disclosure="public", published_at=NOW)
    AgendaItemFactory(issue=issue)

    actions.decline(issue, by=coordinator_of(issue.province), now=NOW, reason="Not here.")

    issue.refresh_from_db()
    assert issue.published_at is None
    assert [(one.ended_as, one.ended_at) for one in issue.referrals.all()] == [("over", NOW)]
    assert not issue.agenda_items.exists()


def test_decline_again_after_a_reopening_is_told_again(issue, coordinator, person):
    for _time in range(2):
        actions.decline(issue, by=coordinator, now=NOW, reason="Not here.")
        actions.reopen(issue, by=coordinator, now=NOW, reason="Perhaps.")

    assert [(kind, version) for kind, _subject, version, _to in told()] == [
        ("issue_declined", 1),
        ("issue_declined", 2),
    ]


def test_publish_and_unpublish_move_nothing_else():
    issue = issue_in("accepted", disclosure="public")
    coordinator = coordinator_of(issue.province)

    actions.publish(issue, by=coordinator, now=NOW)
    assert Issue.objects.published().get().published_at == NOW
    actions.unpublish(issue, by=coordinator, now=NOW)

    assert not Issue.objects.published().exists()
    assert states(issue) == ["draft", "submitted", "accepted"]
    subject = f"issue:{issue.pk}"
    assert trail() == [
        ("issue.publish", subject, coordinator, "coordinator", {}),
        ("issue.unpublish", subject, coordinator, "coordinator", {}),
    ]
    assert told() == []


@pytest.mark.parametrize("disclosure", ["restricted", "confidential"])
def test_publish_of_what_the_organization_keeps_back_is_refused(disclosure):
    issue = issue_in("accepted", disclosure=disclosure)
    coordinator = coordinator_of(issue.province)
    before = everything()

    with pytest.raises(TransitionError):
        actions.publish(issue, by=coordinator, now=NOW)

    assert everything() == before
