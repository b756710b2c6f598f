"""An issue that is another office's: proposed, decided on, passed on at once, the way it took."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit import clock
from audit.errors import TransitionError
from issues import actions
from issues.models import Issue, Redirection, Referral
from outbox import registry
from outbox.models import Notice
from reminders import actions as reminders
from tests import factories as f
from tests.factories_more import RedirectionFactory
from tests.issues.stories import at
from tests.issues.traces import DUE, NOW, TODAY, everything, secretariat, states, told, trail

pytestmark = pytest.mark.django_db
WHY = "Roads of the district are not ours."


@pytest.fixture
def office():
    return f.AuthorityFactory(name_en="Department of roads", name_km="Department of roads")


@pytest.fixture
def other():
    return f.AuthorityFactory(name_en="Department of bridges", name_km="Department of bridges")


@pytest.fixture
def issue(office):
    return f.issue_in("referred", authority=office)


@pytest.fixture
def referral(issue):
    return issue.referrals.get()


@pytest.fixture
def official(office):
    return f.official_of(office)


@pytest.fixture
def coordinator(issue):
    return f.coordinator_of(issue.province)


@pytest.fixture
def proposal(referral, official, other):
    return propose(referral, official, to=other)


def propose(referral, by, **changes):
    return actions.propose_redirect(referral, **({"by": by, "now": NOW, "reason": WHY} | changes))


def accept(proposal, by, authority, **changes):
    facts = {"accepts": True, "authority": authority, "due_on": DUE} | changes
    return actions.decide_redirect(proposal, by=by, now=NOW, **facts)


def refuse(proposal, by, answer="It is yours."):
    return actions.decide_redirect(proposal, by=by, now=NOW, accepts=False, answer=answer)


def pass_on(referral, by, authority, **changes):
    facts = {"authority": authority, "reason": "A mistake of ours."} | changes
    return actions.redirect(referral, by=by, now=NOW, **facts)


def user(person):
    return f"user:{person.pk}"


def brief():
    """(kind, subject, recipient) of every notice."""
    return {(kind, subject, recipient) for kind, subject, _version, recipient in told()}


# --- proposed -----------------------------------------------------------------------------------
def test_propose_keeps_the_reason_and_tells_the_secretariat(
    issue, referral, office, official, other, coordinator
):
    made = propose(referral, official, to=other)

    made.refresh_from_db()
    assert (made.referral, made.to, made.reason, made.proposed_by, made.proposed_at) == (
        referral,
        other,
        WHY,
        official,
        NOW,
    )
    assert (made.decided_at, made.is_accepted) == (None, None)
    assert Referral.objects.get(pk=referral.pk).is_open
    assert trail() == [
        (
            "issue.redirect",
            f"issue:{issue.pk}",
            official,
            "official",
            {"referral": referral.pk, "authority": office.pk, "redirect": "proposed"},
        )
    ]
    assert told() == [
        ("redirect_proposed", f"referral:{referral.pk}", made.pk, one) for one in secretariat()
    ]
    assert all(registry.wanted(one, NOW) for one in Notice.objects.all())


def test_propose_twice_with_the_same_words_is_one_proposal(referral, official, proposal, other):
    before = everything()

    assert propose(referral, official, to=other) == proposal
    assert everything() == before
    with pytest.raises(TransitionError):
        propose(referral, official, reason="Other words.")
    with pytest.raises(TransitionError):
        propose(referral, f.official_of(referral.authority), to=other)
    assert everything() == before


def test_propose_is_for_officials_of_the_office_alone(issue, referral, coordinator):
    above = f.AuthorityFactory()
    referral.authority.superior = above
    referral.authority.save()
    people = [coordinator, issue.author, f.official_of(above), f.administrator()]

    for person in people:
        with pytest.raises(PermissionDenied):
            propose(referral, person)

    assert not Redirection.objects.exists()


def an_office_elsewhere():
    return f.AuthorityFactory(province=f.ProvinceFactory(code="16"))


def an_office_that_ended():
    return f.AuthorityFactory(ended_on=TODAY)


@pytest.mark.parametrize("which", [an_office_elsewhere, an_office_that_ended])
def test_propose_of_an_office_that_cannot_have_it_is_refused(referral, official, which):
    with pytest.raises(TransitionError):
        propose(referral, official, to=which())
    with pytest.raises(TransitionError):
        propose(referral, official, to=referral.authority)


def test_propose_never_tells_whom_the_issue_concerns(issue, referral, official):
    enemy = f.AuthorityFactory()
    f.ConcernFactory(issue=issue, authority=enemy)

    assert propose(referral, official, to=enemy).to == enemy


# --- decided ------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", Referral.Role.values)
def test_accept_ends_the_old_referral_and_opens_the_new_one_in_the_same_part(
    coordinator, official, office, other, role
):
    issue = f.issue_in("referred")
    referral = f.ReferralFactory(issue=issue, authority=office, role=role, note="Repair it.")
    before = states(issue)

    following = accept(propose(referral, official), coordinator, other)

    referral.refresh_from_db()
    following.refresh_from_db()
    assert (referral.ended_as, referral.ended_at) == ("redirected", NOW)
    assert (following.authority, following.role, following.note, following.redirected_from) == (
        other,
        role,
        "Repair it.",
        referral,
    )
    assert (following.wanted_on, following.days) == (DUE, 10)
    assert (following.released_at, following.handed_over_on, following.due_on) == (NOW, None, None)
    assert (following.referred_at, following.referred_by) == (NOW, coordinator)
    assert states(issue) == before
    assert trail()[-1] == (
        "issue.redirect",
        f"issue:{issue.pk}",
        coordinator,
        "coordinator",
        {
            "referral": referral.pk,
            "authority": other.pk,
            "redirection": Redirection.objects.get().pk,
            "redirect": "passed_on",
            "following": following.pk,
        },
    )
    made = Redirection.objects.get()
    assert (made.decided_by, made.decided_at, made.is_accepted) == (coordinator, NOW, True)


def test_accept_of_the_last_lead_keeps_the_issue_referred_and_its_access_goes_over(
    issue, official, other, coordinator, proposal
):
    new = f.official_of(other)

    accept(proposal, coordinator, other)

    assert Issue.objects.get().status == "referred"
    assert not Referral.objects.visible_to(official).exists()
    assert not Issue.objects.visible_to(official).exists()
    assert Referral.objects.visible_to(new).get().authority == other


def test_accept_without_a_date_gives_as_many_days_as_before(referral, coordinator, proposal, other):
    following = accept(proposal, coordinator, other, due_on=None)

    assert following.days == referral.days == 20


def test_accept_tells_organization_proposer_and_old_office_once_each(
    issue, referral, official, office, other, coordinator, proposal
):
    fellow, new = f.official_of(office), f.official_of(other)
    Notice.objects.all().delete()

    following = accept(proposal, coordinator, other)

    old = f"referral:{referral.pk}"
    assert brief() == {
        ("issue_passed_on", f"referral:{following.pk}", user(issue.author)),
        ("redirect_decided", old, user(official)),
        ("referral_passed_on", old, user(fellow)),
    }
    assert all(registry.wanted(one, NOW) for one in Notice.objects.all())
    reminders.plan(now=NOW)
    assert brief() >= {("first_referral", f"referral:{following.pk}", user(new))}
    assert [one for one in brief() if one[0] == "first_referral"] == [
        ("first_referral", f"referral:{following.pk}", user(new))
    ]


def test_refuse_says_why_and_tells_the_proposer_alone(
    issue, referral, official, office, coordinator, proposal
):
    f.official_of(office)
    Notice.objects.all().delete()

    assert refuse(proposal, coordinator) == referral

    proposal.refresh_from_db()
    assert (proposal.is_accepted, proposal.answer, proposal.decided_by) == (
        False,
        "It is yours.",
        coordinator,
    )
    assert brief() == {("redirect_decided", f"referral:{referral.pk}", user(official))}
    assert trail()[-1][-1] == {
        "referral": referral.pk,
        "authority": office.pk,
        "redirection": proposal.pk,
        "redirect": "refused",
    }
    body = registry.render(Notice.objects.get(), "en").body
    assert "It is yours." in body
    Issue.objects.filter(pk=issue.pk).update(disclosure="confidential")
    assert "It is yours." not in registry.render(Notice.objects.get(), "en").body
    assert propose(referral, official).pk != proposal.pk  # it may be proposed anew


def test_decide_is_for_the_provinces_secretariat_alone(issue, official, proposal, other):
    elsewhere = f.coordinator_of(f.ProvinceFactory(code="16"))

    for person in (official, issue.author, elsewhere, f.administrator()):
        for decide in (lambda by: accept(proposal, by, other), lambda by: refuse(proposal, by)):
            with pytest.raises(PermissionDenied):
                decide(person)

    proposal.refresh_from_db()
    assert proposal.decided_at is None


@pytest.mark.parametrize("faster", ["decided", "recalled", "resolved"])
def test_decide_after_somebody_was_faster_is_refused(
    referral, official, coordinator, proposal, other, faster
):
    if faster == "decided":
        refuse(proposal, coordinator)
    elif faster == "recalled":
        actions.recall(referral, by=coordinator, now=NOW, reason="Not theirs.")
    else:
        key = uuid.uuid4()
        actions.resolve(referral, by=official, now=NOW, client_key=key, text="Done.", done_on=TODAY)
    before = everything()

    for decide in (accept, lambda *facts: refuse(*facts[:2])):
        with pytest.raises(TransitionError):
            decide(proposal, f.coordinator_of(None), other)

    assert everything() == before


@pytest.mark.parametrize("which", ["none", "the same", "concerned", "elsewhere", "holding"])
def test_accept_for_an_office_that_cannot_have_it_is_refused(
    issue, office, coordinator, proposal, which
):
    chosen = None if which == "none" else f.AuthorityFactory()
    if which == "the same":
        chosen = office
    elif which == "concerned":
        f.ConcernFactory(issue=issue, authority=chosen)
    elif which == "elsewhere":
        chosen = an_office_elsewhere()
    elif which == "holding":
        f.ReferralFactory(issue=issue, authority=chosen, role="supporting")
    before = everything()

    with pytest.raises(TransitionError):
        accept(proposal, coordinator, chosen)

    assert everything() == before
    assert Redirection.objects.get().decided_at is None


def test_decide_without_what_it_needs_is_refused(coordinator, proposal, other):
    with pytest.raises(TransitionError):
        accept(proposal, coordinator, other, due_on=TODAY)
    with pytest.raises(TransitionError):
        refuse(proposal, coordinator, answer="")


# --- at once ------------------------------------------------------------------------------------
def test_redirect_at_once_keeps_its_reason_and_tells_the_whole_old_office(
    issue, referral, official, coordinator, other
):
    following = pass_on(referral, coordinator, other)

    made = Redirection.objects.get()
    assert (made.to, made.reason, made.proposed_by, made.decided_by, made.is_accepted) == (
        other,
        "A mistake of ours.",
        coordinator,
        coordinator,
        True,
    )
    assert brief() == {
        ("issue_passed_on", f"referral:{following.pk}", user(issue.author)),
        ("referral_passed_on", f"referral:{referral.pk}", user(official)),
    }


def test_redirect_at_once_accepts_the_proposal_that_waits(referral, coordinator, proposal, other):
    pass_on(referral, coordinator, other)

    proposal.refresh_from_db()
    assert (proposal.is_accepted, proposal.answer) == (True, "A mistake of ours.")
    assert Redirection.objects.count() == 1


def test_redirect_tells_an_office_nothing_that_never_knew_of_it(issue, coordinator, other):
    unknown = f.ReferralFactory(issue=issue, role="supporting", handed_over_on=None)
    f.official_of(unknown.authority)

    following = pass_on(unknown, coordinator, other)

    assert brief() == {("issue_passed_on", f"referral:{following.pk}", user(issue.author))}


@pytest.mark.parametrize("accepts", [True, False])
def test_decision_reaches_the_proposer_though_no_notice_had_left(
    issue, referral, official, coordinator, other, accepts
):
    f.official_of(referral.authority)
    Referral.objects.filter(pk=referral.pk).update(
        handed_over_on=None, due_on=None, acknowledged_at=None, acknowledged_by=None
    )
    proposed = propose(referral, official)

    accept(proposed, coordinator, other) if accepts else refuse(proposed, coordinator)

    told = Notice.objects.filter(subject=f"referral:{referral.pk}")
    told = told.exclude(kind="redirect_proposed").values_list("kind", "recipient")
    assert list(told) == [("redirect_decided", user(official))]


def test_redirect_of_what_was_not_released_is_refused(issue, coordinator, other):
    waiting = f.ReferralFactory(
        issue=issue, role="supporting", released_at=None, handed_over_on=None
    )

    with pytest.raises(TransitionError):
        pass_on(waiting, coordinator, other)


@pytest.mark.parametrize("kind", ["concerned", "frozen"])
def test_redirect_notices_are_kept_from_an_office_meanwhile_concerned_or_frozen(
    issue, referral, official, coordinator, other, kind
):
    pass_on(referral, coordinator, other)
    notice = Notice.objects.get(kind="referral_passed_on")
    assert registry.wanted(notice, NOW)

    if kind == "concerned":
        f.ConcernFactory(issue=issue, authority=referral.authority)
    else:
        Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW)

    assert not registry.wanted(notice, NOW)


def test_redirect_back_makes_the_old_notice_untrue(referral, official, coordinator, other):
    following = pass_on(referral, coordinator, other)
    notice = Notice.objects.get(kind="referral_passed_on", recipient=user(official))

    pass_on(following, coordinator, referral.authority)

    assert not registry.wanted(notice, NOW)


# --- the way it took ----------------------------------------------------------------------------
def test_chain_is_kept_and_the_third_hop_is_warned_of(client, referral, coordinator, other):
    third, warning = f.AuthorityFactory(), "This issue has been passed on twice already."
    one = pass_on(referral, coordinator, other)
    two = pass_on(one, coordinator, third)

    assert two.passed_through() == [referral, one]
    assert referral.passed_through() == []
    pages = {
        hop.pk: at(client, coordinator)
        .get(reverse("issues:referral_redirect", args=[hop.pk]))
        .content.decode()
        for hop in (two,)
    }
    assert warning in pages[two.pk]
    proposed = RedirectionFactory(referral=two)
    page = at(client, coordinator).get(reverse("issues:redirection", args=[proposed.pk]))
    assert warning in page.content.decode()


def test_second_hop_is_not_warned_of_and_offices_never_see_the_way(
    client, referral, coordinator, other
):
    one = pass_on(referral, coordinator, other)
    name, new = referral.authority.name_en, f.official_of(other)

    page = at(client, coordinator).get(reverse("issues:referral_redirect", args=[one.pk]))

    assert "twice already" not in page.content.decode()
    seen = {
        who: name in at(client, who).get(reverse("issues:referral", args=[one.pk])).content.decode()
        for who in (coordinator, one.issue.author, new)
    }
    assert seen == {coordinator: True, one.issue.author: True, new: False}


# --- the pages ----------------------------------------------------------------------------------
def test_official_presses_this_is_not_for_us(client, referral, official, other):
    own = reverse("issues:referral", args=[referral.pk])
    address = reverse("issues:referral_propose", args=[referral.pk])
    assert f'href="{address}"' in at(client, official).get(own).content.decode()

    empty = at(client, official).post(address, {"reason": ""})
    done = at(client, official).post(address, {"reason": WHY, "to": other.pk})

    assert empty.status_code == 200
    assert (done.status_code, done["Location"]) == (302, own)
    page = at(client, official).get(own).content.decode()
    assert address not in page
    assert "The secretariat has still to decide on it." in page
    assert at(client, official).get(address).status_code == 302


def test_official_whose_office_lost_it_keeps_what_they_typed(
    client, referral, official, coordinator
):
    address = reverse("issues:referral_propose", args=[referral.pk])
    actions.recall(referral, by=coordinator, now=NOW, reason="Not theirs.")

    answer = at(client, official).post(address, {"reason": WHY})

    assert answer.status_code == 409
    assert WHY in answer.content.decode()
    assert not Redirection.objects.exists()


def test_official_is_offered_every_office_but_their_own(client, issue, referral, official, other):
    f.ConcernFactory(issue=issue, authority=other)

    form = (
        at(client, official)
        .get(reverse("issues:referral_propose", args=[referral.pk]))
        .context["form"]
    )

    assert other in form.fields["to"].queryset
    assert referral.authority not in form.fields["to"].queryset


def test_coordinator_decides_from_the_first_page(client, referral, proposal, coordinator, other):
    address = reverse("issues:redirection", args=[proposal.pk])
    home = at(client, coordinator).get("/").content.decode()
    assert f'href="{address}"' in home
    assert WHY in at(client, coordinator).get(address).content.decode()

    undecided = at(client, coordinator).post(address, {})
    no_office = at(client, coordinator).post(address, {"accepts": "yes"})
    no_answer = at(client, coordinator).post(address, {"accepts": "no"})
    day = (clock.today() + 30 * f.DAY).isoformat()
    done = at(client, coordinator).post(
        address, {"accepts": "yes", "authority": other.pk, "due_on": day}
    )

    assert [one.status_code for one in (undecided, no_office, no_answer)] == [200, 200, 200]
    assert "Choose the office that is to have it." in no_office.content.decode()
    assert "Tell the office why it should keep the issue." in no_answer.content.decode()
    assert (done.status_code, done["Location"]) == (
        302,
        reverse("issues:referral", args=[referral.pk]),
    )
    assert Referral.objects.open().get().authority == other
    assert address not in at(client, coordinator).get("/").content.decode()


def test_coordinator_refuses_and_who_is_late_keeps_what_they_typed(
    client, proposal, coordinator, other
):
    address = reverse("issues:redirection", args=[proposal.pk])
    at(client, coordinator).post(address, {"accepts": "no", "answer": "It is yours."})

    late = at(client, f.coordinator_of(None)).post(
        address, {"accepts": "no", "answer": "My long answer."}
    )

    assert late.status_code == 200
    assert "My long answer." in late.content.decode()
    assert "Meanwhile somebody of the secretariat has decided on it." in late.content.decode()
    assert Redirection.objects.get().answer == "It is yours."


def test_coordinator_passes_on_at_once(client, referral, coordinator, other):
    address = reverse("issues:referral_redirect", args=[referral.pk])
    page = at(client, coordinator).get(reverse("issues:referral", args=[referral.pk]))
    assert f'href="{address}"' in page.content.decode()
    day = (clock.today() + 30 * f.DAY).isoformat()

    done = at(client, coordinator).post(
        address, {"authority": other.pk, "due_on": day, "reason": "A mistake."}
    )

    assert done.status_code == 302
    assert Referral.objects.open().get().authority == other


def test_timeline_names_each_step_inside(client, issue, referral, official, coordinator, other):
    refuse(propose(referral, official), coordinator)
    pass_on(referral, coordinator, other)

    page = at(client, issue.author).get(issue.get_absolute_url()).content.decode()

    for sentence in (
        "The office says that another should have it",
        "The office was asked to keep it",
        "Passed on to Department of bridges",
    ):
        assert sentence in page


# --- who reads ----------------------------------------------------------------------------------
def test_redirection_is_read_by_who_reads_its_referral(issue, referral, official, coordinator):
    made = RedirectionFactory(referral=referral, proposed_by=official)
    people = {
        "organization": issue.author,
        "secretariat": coordinator,
        "office": official,
        "other office": f.official_of(f.AuthorityFactory()),
        "another organization": f.representative_of(f.OrganizationFactory()),
        "another province": f.coordinator_of(f.ProvinceFactory(code="16")),
        "administrator": f.administrator(),
    }

    def readers():
        return {
            name
            for name, person in people.items()
            if Redirection.objects.visible_to(person).filter(pk=made.pk).exists()
        }

    assert readers() == {"organization", "secretariat", "office"}
    Referral.objects.filter(pk=referral.pk).update(ended_as="redirected", ended_at=NOW)
    assert readers() == {"organization", "secretariat"}
