"""One line of talk: who writes, who reads, who is told, and what a page shows of it."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.errors import Conflict, TransitionError
from issues import actions
from issues.models import Comment, Issue, Referral
from issues.permissions import Audience, disclosed
from issues.talk import speaker_of
from outbox import registry
from outbox.models import Notice
from tests import factories as f
from tests.factories_more import CommentFactory
from tests.issues.stories import at
from tests.issues.traces import NOW, everything, secretariat, told, trail

pytestmark = pytest.mark.django_db
KEY = uuid.UUID(int=77)
SAID = "The road was washed away again."


@pytest.fixture
def office():
    return f.AuthorityFactory(name_en="Department of roads", name_km="Department of roads")


@pytest.fixture
def organization():
    return f.OrganizationFactory(name_en="The weavers", name_km="The weavers")


@pytest.fixture
def issue(office, organization):
    return f.issue_in("referred", authority=office, organization=organization)


@pytest.fixture
def referral(issue):
    return issue.referrals.get()


@pytest.fixture
def official(office):
    return f.official_of(office, title_en="Mister Road", title_km="Mister Road")


@pytest.fixture
def coordinator(issue):
    return f.coordinator_of(issue.province, title_en="Dara", title_km="Dara")


def say(issue, by, **changes):
    facts = {"client_key": uuid.uuid4(), "to_organization": False, "to_offices": False}
    return actions.comment(issue, **(facts | {"by": by, "now": NOW, "text": SAID} | changes))


def user(person):
    return f"user:{person.pk}"


# --- the act ------------------------------------------------------------------------------------
def test_comment_keeps_the_words_leaves_a_trace_and_moves_nothing(issue, coordinator):
    said = say(issue, coordinator, client_key=KEY, to_organization=True)

    said.refresh_from_db()
    assert (said.issue, said.by, said.role, said.referral, said.text) == (
        issue,
        coordinator,
        "coordinator",
        None,
        SAID,
    )
    assert (said.to_organization, said.to_offices, said.created_at) == (True, False, NOW)
    assert trail() == [
        (
            "issue.comment",
            f"issue:{issue.pk}",
            coordinator,
            "coordinator",
            {"comment": said.pk},
        )
    ]
    assert Issue.objects.get(pk=issue.pk).status == "referred"


def test_comment_of_an_official_names_its_referral_in_the_trail(issue, referral, official):
    said = say(issue, official, referral=referral)

    assert (said.role, said.referral, said.to_offices) == ("official", referral, True)
    assert [(act, role, change) for act, _subject, _by, role, change in trail()] == [
        (
            "issue.comment",
            "official",
            {"comment": said.pk, "referral": referral.pk, "authority": referral.authority_id},
        )
    ]


# Whom each author may choose, and who is told then: (to the organization, to offices) → sides.
TOLD = {
    "representative": {
        (True, False): {"colleague", "secretariat"},
        (True, True): {"colleague", "secretariat", "office", "other office"},
    },
    "coordinator": {
        (False, False): {"secretariat"},
        (True, False): {"secretariat", "author", "colleague"},
        (False, True): {"secretariat", "office", "other office"},
        (True, True): {"secretariat", "author", "colleague", "office", "other office"},
    },
    "official": {
        (False, True): {"secretariat", "fellow official"},
        (True, True): {"secretariat", "fellow official", "author", "colleague"},
    },
}
CASES = [(who, *choice) for who, choices in TOLD.items() for choice in choices]


@pytest.mark.parametrize(("who", "to_organization", "to_offices"), CASES)
def test_comment_is_told_to_exactly_those_for_whom_it_is(
    issue, referral, official, coordinator, who, to_organization, to_offices
):
    other = f.ReferralFactory(issue=issue, role="supporting")
    f.ReferralFactory(issue=issue, role="supporting", released_at=None, handed_over_on=None)
    f.ReferralFactory(issue=issue, role="supporting", ended_as="recalled")
    sides = {
        "author": [user(issue.author)],
        "colleague": [user(f.representative_of(issue.organization))],
        "office": [user(official), user(f.official_of(referral.authority))],
        "other office": [user(f.official_of(other.authority))],
        "secretariat": secretariat(),
    }
    sides["fellow official"] = sides["office"]
    author = {"representative": issue.author, "coordinator": coordinator, "official": official}[who]

    said = say(
        issue,
        author,
        to_organization=to_organization,
        to_offices=to_offices,
        referral=referral if who == "official" else None,
    )

    names = TOLD[who][(to_organization, to_offices)]
    wanted = {one for name in names for one in sides[name]} - {user(author)}
    assert told() == sorted(("comment_added", f"comment:{said.pk}", 1, one) for one in wanted)
    for notice in Notice.objects.all():
        assert registry.wanted(notice, NOW)


@pytest.mark.parametrize("kind", ["concerned", "below", "frozen"])
def test_comment_for_offices_never_reaches_one_it_concerns_nor_any_while_frozen(
    issue, referral, official, coordinator, kind
):
    other = f.ReferralFactory(issue=issue, role="supporting")
    free = f.official_of(other.authority)
    said = say(issue, coordinator, to_offices=True)
    notices = {one.recipient: one for one in Notice.objects.all()}
    if kind == "frozen":
        Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW)
    else:
        superior = f.AuthorityFactory()
        if kind == "below":
            referral.authority.superior = superior
            referral.authority.save()
        barred = superior if kind == "below" else referral.authority
        f.ConcernFactory(issue=issue, authority=barred)

    assert not registry.wanted(notices[user(official)], NOW)
    assert registry.wanted(notices[user(free)], NOW) == (kind != "frozen")
    Notice.objects.all().delete()
    if kind == "frozen":
        with pytest.raises(TransitionError):
            say(issue, coordinator, to_offices=True)
        with pytest.raises(TransitionError):
            say(issue, official, referral=referral)
    else:
        say(issue, coordinator, to_offices=True)
        assert user(official) not in {one[3] for one in told()}
        assert user(free) in {one[3] for one in told()}
        with pytest.raises(PermissionDenied):
            say(issue, official, referral=referral)
    assert not Comment.objects.visible_to(fresh(official)).filter(pk=said.pk).exists()


def test_comment_for_offices_where_none_holds_it_is_refused(coordinator):
    issue = f.issue_in("accepted")
    before = everything()

    with pytest.raises(TransitionError):
        say(issue, coordinator, to_offices=True)

    assert everything() == before


def test_comment_is_refused_where_others_would_read_it_than_were_shown(
    issue, referral, coordinator
):
    f.ReferralFactory(issue=issue, role="supporting")
    before = everything()

    with pytest.raises(TransitionError):
        say(issue, coordinator, to_offices=True, offices_seen={referral.authority_id})

    assert everything() == before
    say(issue, coordinator, offices_seen={referral.authority_id})  # no office reads this one


@pytest.mark.parametrize("ended_as", ["resolved", "over"])
def test_comment_of_an_office_that_holds_it_no_more_is_refused(issue, referral, official, ended_as):
    Referral.objects.filter(pk=referral.pk).update(ended_at=NOW, ended_as=ended_as)
    before = everything()

    with pytest.raises(TransitionError):
        say(issue, official, referral=referral)

    assert everything() == before


def test_comment_of_a_superior_or_through_another_issues_referral_is_refused(
    issue, referral, official
):
    above = f.AuthorityFactory()
    referral.authority.superior = above
    referral.authority.save()
    elsewhere = f.ReferralFactory(authority=referral.authority)

    with pytest.raises(PermissionDenied):
        say(issue, f.official_of(above), referral=referral)
    with pytest.raises(Referral.DoesNotExist):
        say(issue, official, referral=elsewhere)


@pytest.mark.parametrize("status", ["closed", "resolved"])
def test_comment_is_possible_after_the_end(status, office):
    issue = f.issue_in(status, authority=office)

    for author in (issue.author, f.coordinator_of(issue.province)):
        say(issue, author)

    assert issue.comments.count() == 2


def test_comment_sent_twice_is_one_and_told_once(issue, coordinator):
    first = say(issue, coordinator, client_key=KEY)
    before = everything()

    assert say(issue, coordinator, client_key=KEY) == first
    assert everything() == before


@pytest.mark.parametrize(
    "change", [{"text": "Other words."}, {"to_organization": True}, {"by": "another"}]
)
def test_comment_with_a_used_key_is_a_conflict(issue, coordinator, change):
    say(issue, coordinator, client_key=KEY)
    author = f.coordinator_of(issue.province) if change.pop("by", "") else coordinator
    before = everything()

    with pytest.raises(Conflict):
        say(issue, author, client_key=KEY, **change)

    assert everything() == before


# --- who reads: each reader × each audience × how things stand ----------------------------------
def fresh(person):
    """The person as the next request reads them; their rights are kept while one lasts."""
    return type(person).objects.get(pk=person.pk) if person.pk else person


SIDES = {
    "note": {"secretariat"},
    "to organization": {"secretariat", "organization"},
    "to offices": {"secretariat", "office", "above", "other office"},
    "to both": {"secretariat", "organization", "office", "above", "other office"},
    "of organization": {"secretariat", "organization"},
    "of organization to offices": {
        "secretariat",
        "organization",
        "office",
        "above",
        "other office",
    },
    "of office": {"secretariat", "office", "above"},
    "of office to organization": {"secretariat", "office", "above", "organization"},
}
OFFICES = {"office", "above"}
CHANGES = {
    "as it is": set(),
    "recalled": OFFICES,
    "redirected": OFFICES,
    "over": OFFICES,
    "resolved": set(),
    "not released": OFFICES,
    "released later": OFFICES,
    "resolved before": OFFICES,
    "concerned": {"office"},  # who stands above it may read what is below
    "above concerned": OFFICES,
    "frozen": OFFICES | {"other office"},
    "closed": set(),
}


def change(name, issue, referral, superior):
    """Let things stand as ``name`` says after the comments were written."""
    hour = f.DAY / 24
    of_referral = {
        "not released": {"released_at": None, "handed_over_on": None, "due_on": None},
        "released later": {"released_at": NOW + hour},
        "resolved before": {"ended_as": "resolved", "ended_at": NOW - hour},
    } | {
        ending: {"ended_as": ending, "ended_at": NOW}
        for ending in ("recalled", "redirected", "over", "resolved")
    }
    of_issue = {
        "frozen": {"pressured_at": NOW},
        "closed": {"status": "closed", "closed_at": NOW, "closed_as": "withdrawn"},
    }
    barred = {"concerned": referral.authority, "above concerned": superior}
    if name in of_referral:
        Referral.objects.filter(pk=referral.pk).update(**of_referral[name])
    elif name in of_issue:
        Issue.objects.filter(pk=issue.pk).update(**of_issue[name])
    elif name in barred:
        f.ConcernFactory(issue=issue, authority=barred[name])


@pytest.mark.parametrize("name", CHANGES)
def test_comment_is_read_by_whom_it_is_for_and_nobody_else(
    issue, referral, official, coordinator, name
):
    superior = f.AuthorityFactory()
    referral.authority.superior = superior
    referral.authority.save()
    other = f.ReferralFactory(issue=issue, role="supporting")
    readers = {
        "secretariat": coordinator,
        "all secretariats": f.coordinator_of(None),
        "organization": issue.author,
        "office": official,
        "above": f.official_of(superior),
        "other office": f.official_of(other.authority),
        "no office of it": f.official_of(f.AuthorityFactory()),
        "another organization": f.representative_of(f.OrganizationFactory()),
        "another province": f.coordinator_of(f.ProvinceFactory(code="16")),
        "administrator": f.administrator(),
        "nobody": f.UserFactory(),
        "anonymous": AnonymousUser(),
    }
    of_organization = {"by": issue.author, "role": "representative", "to_organization": True}
    rows = {
        "note": {},
        "to organization": {"to_organization": True},
        "to offices": {"to_offices": True},
        "to both": {"to_organization": True, "to_offices": True},
        "of organization": of_organization,
        "of organization to offices": of_organization | {"to_offices": True},
        "of office": {"referral": referral},
        "of office to organization": {"referral": referral, "to_organization": True},
    }
    said = {
        kind: CommentFactory(issue=issue, created_at=NOW, **fields) for kind, fields in rows.items()
    }
    change(name, issue, referral, superior)

    got = {
        kind: {
            who
            for who, person in readers.items()
            if Comment.objects.visible_to(fresh(person)).filter(pk=one.pk).exists()
        }
        for kind, one in said.items()
    }

    assert got == {
        kind: (sides - CHANGES[name]) | {"all secretariats"} for kind, sides in SIDES.items()
    }


def test_comment_is_kept_from_a_coordinator_of_an_office_that_the_issue_concerns(issue):
    enemy = f.AuthorityFactory()
    f.ConcernFactory(issue=issue, authority=enemy)
    both = f.coordinator_of(issue.province)
    f.RoleAssignmentFactory(user=both, role="official", authority=enemy)
    CommentFactory(issue=issue)

    assert not Comment.objects.visible_to(both).exists()


# --- the choice ---------------------------------------------------------------------------------
def choices(user, issue, referral=None):
    issue = Issue.objects.get(pk=issue.pk)
    with translation.override("en"):
        shown = disclosed(issue, Audience.OFFICE if referral else Audience.SECRETARIAT)
        speaker = speaker_of(user, issue, shown, referral)
    return speaker and dict(speaker.choices)


def test_choice_spells_out_who_reads_it(issue, referral, official, coordinator):
    assert choices(issue.author, issue) == {
        "secretariat": "The secretariat only",
        "offices": "The secretariat and Department of roads",
    }
    assert choices(coordinator, issue) == {
        "secretariat": "The secretariat only",
        "organization": "The secretariat and The weavers",
        "offices": "The secretariat and Department of roads",
        "both": "The secretariat, The weavers and Department of roads",
    }
    assert choices(official, issue, referral) == {
        "secretariat": "The secretariat only",
        "organization": "The secretariat and the raising organization",
    }
    assert choices(f.official_of(f.AuthorityFactory()), issue) is None


def test_choice_is_not_offered_where_nobody_else_may_read(client, coordinator, organization):
    issue = f.issue_in("accepted", organization=organization)

    assert choices(issue.author, issue) == {"secretariat": "The secretariat only"}
    assert list(choices(coordinator, issue)) == ["secretariat", "organization"]
    page = at(client, issue.author).get(issue.get_absolute_url()).content.decode()
    assert 'name="audience"' not in page
    assert "Only the secretariat reads it. Your own organization reads it as well." in page


# --- the pages ----------------------------------------------------------------------------------
def typed(page_form, **changes):
    """What the form's fields hold as the page was opened, with what is typed."""
    fields = {name: page_form[name].value() for name in page_form.fields}
    return {name: value for name, value in (fields | changes).items() if value is not None}


def send(client, user, address, page, **changes):
    form = at(client, user).get(page).context["talk"]["form"]
    return at(client, user).post(address, typed(form, **changes))


def test_page_takes_a_comment_and_shows_it_to_each_side_by_role(
    client, issue, referral, official, coordinator
):
    own = reverse("issues:referral", args=[referral.pk])
    issue_page = issue.get_absolute_url()
    to_issue = reverse("issues:issue_comment", args=[issue.reference])
    to_referral = reverse("issues:referral_comment", args=[referral.pk])

    done = send(
        client, issue.author, to_issue, issue_page, text="We wait since July.", audience="offices"
    )
    assert (done.status_code, done["Location"]) == (302, f"{issue_page}#talk")
    done = send(client, official, to_referral, own, text="It is soon.", audience="organization")
    assert (done.status_code, done["Location"]) == (302, f"{own}#talk")
    send(client, coordinator, to_issue, issue_page, text="Between us.", audience="secretariat")

    def lines(user, page):
        talk = at(client, user).get(page).context["talk"]["lines"]
        return [(one.who, one.person, one.comment.text, one.to) for one in talk]

    secretariat_only = ("The secretariat", "Dara", "Between us.", "for the secretariat only")
    author = issue.author.title_en
    assert lines(issue.author, issue_page) == [
        (
            "The weavers",
            author,
            "We wait since July.",
            "for the secretariat and the offices it is referred to",
        ),
        (
            "Department of roads",
            "",
            "It is soon.",
            "for the secretariat and the raising organization",
        ),
    ]
    assert [one[:3] for one in lines(official, own)] == [
        ("The raising organization", "", "We wait since July."),
        ("Department of roads", "Mister Road", "It is soon."),
    ]
    assert lines(coordinator, issue_page)[2] == secretariat_only
    assert [one[:2] for one in lines(coordinator, own)] == [
        ("The weavers", ""),
        ("Department of roads", ""),
        ("The secretariat", "Dara"),
    ]
    page = at(client, official).get(own).content.decode()
    assert "The weavers" not in page
    assert "Between us." not in page
    assert author not in page


def test_page_names_the_organization_to_an_office_only_where_it_may_be_named(
    client, issue, referral, official
):
    CommentFactory(
        issue=issue, by=issue.author, role="representative", to_organization=True, to_offices=True
    )
    own = reverse("issues:referral", args=[referral.pk])

    for fields, name in [
        ({"is_named": True}, "The weavers"),
        ({"is_named": True, "disclosure": "confidential"}, "The raising organization"),
    ]:
        Issue.objects.filter(pk=issue.pk).update(**fields)
        talk = at(client, official).get(own).context["talk"]
        assert [one.who for one in talk["lines"]] == [name]


def test_page_keeps_what_was_typed_where_the_offices_changed(client, issue, coordinator):
    address = reverse("issues:issue_comment", args=[issue.reference])
    form = at(client, coordinator).get(issue.get_absolute_url()).context["talk"]["form"]
    f.ReferralFactory(issue=issue, role="supporting")

    sent = typed(form, text="For all.", audience="offices")
    answer = at(client, coordinator).post(address, sent)

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Look again who will read what you write." in page
    assert "For all." in page
    again = typed(answer.context["form"], text="For all.", audience="offices")
    assert at(client, coordinator).post(address, again).status_code == 302
    assert Comment.objects.get().text == "For all."


def test_page_answers_409_to_a_used_key_and_keeps_the_words(client, issue, coordinator):
    address = reverse("issues:issue_comment", args=[issue.reference])
    sent = {"client_key": str(KEY), "text": "One.", "audience": "secretariat"}
    at(client, coordinator).post(address, sent)

    again = at(client, coordinator).post(address, sent)
    other = at(client, coordinator).post(address, sent | {"text": "Two."})

    assert (again.status_code, other.status_code) == (302, 409)
    assert "Two." in other.content.decode()
    assert Comment.objects.get().text == "One."


def test_page_of_an_office_offers_no_form_once_it_resolved_it(client, issue, referral, official):
    Referral.objects.filter(pk=referral.pk).update(ended_at=clock.now(), ended_as="resolved")
    own = reverse("issues:referral", args=[referral.pk])
    address = reverse("issues:referral_comment", args=[referral.pk])

    assert at(client, official).get(own).context["talk"]["form"] is None
    assert at(client, official).get(address).status_code == 302


def test_page_keeps_what_an_official_typed_whose_office_lost_it(
    client, referral, official, coordinator
):
    address = reverse("issues:referral_comment", args=[referral.pk])
    actions.recall(referral, by=coordinator, now=NOW, reason="Not theirs.")

    sent = {"client_key": str(KEY), "text": "My long comment.", "audience": "secretariat"}
    answer = at(client, official).post(address, sent)

    assert answer.status_code == 409
    assert "My long comment." in answer.content.decode()
    assert referral.issue.reference not in answer.content.decode()
    assert not Comment.objects.exists()


def test_page_shows_the_public_nothing_of_the_talk(client):
    issue = f.issue_in("accepted", disclosure="public", published_at=clock.now())
    CommentFactory(issue=issue, to_organization=True, to_offices=True, text="Between us.")

    assert "Between us." not in at(client, None).get(issue.get_absolute_url()).content.decode()


def test_timeline_tells_of_notes_to_the_secretariat_alone(client, issue, referral, coordinator):
    say(issue, coordinator)
    people = {"secretariat": coordinator, "organization": issue.author}
    people["office"] = f.official_of(referral.authority)

    told_to = {
        name
        for name, person in people.items()
        if "A comment was written"
        in at(client, person).get(issue.get_absolute_url()).content.decode()
    }

    assert told_to == {"secretariat"}


# --- the e-mail ---------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("disclosure", ["public", "restricted", "confidential"])
def test_notice_says_the_words_but_of_a_confidential_issue(
    issue, referral, official, disclosure, language
):
    Issue.objects.filter(pk=issue.pk).update(disclosure=disclosure)
    say(issue, issue.author, to_offices=True)
    notice = Notice.objects.get(recipient=user(official))

    text = registry.render(notice, language)

    assert issue.title not in text.subject
    assert SAID not in text.subject
    assert (SAID in text.body) == (disclosure != "confidential")
    assert "The weavers" not in text.body
    assert str(issue.author) not in text.body
    assert f"/issues/{issue.reference}/" in text.body


def test_notice_to_an_address_of_an_office_holds_while_it_may_read(issue, referral, coordinator):
    contact = f.ContactPointFactory(authority=referral.authority)
    say(issue, coordinator, to_offices=True)
    notice = Notice.objects.get(recipient=f"contact:{contact.pk}")

    assert registry.wanted(notice, NOW)
    Referral.objects.filter(pk=referral.pk).update(ended_at=NOW, ended_as="recalled")
    assert not registry.wanted(notice, NOW)
