"""Withdrawn, declined, recalled, passed on: everyone concerned is told, once, and nobody else."""

import pytest

from issues import actions
from issues.models import Issue, Referral
from outbox import registry
from outbox.models import Notice
from tests import factories as f
from tests.factories_more import CosignFactory
from tests.issues.traces import NOW, secretariat, told

pytestmark = pytest.mark.django_db
WHY = "It was solved by us."


class Story:
    """A referred issue with everybody whom its end concerns, and some whom it does not."""

    def __init__(self):
        self.issue = f.issue_in("referred")
        self.lead = self.issue.referrals.get()
        self.helper = self.holds(role="supporting")
        self.untold = self.holds(role="supporting", handed_over_on=None)
        self.waiting = self.holds(role="supporting", released_at=None, handed_over_on=None)
        self.former = self.holds(role="supporting", ended_as="recalled")
        self.coordinator = f.coordinator_of(self.issue.province)
        self.colleague = f.representative_of(self.issue.organization)
        self.people = {
            one: user(f.official_of(one.authority))
            for one in (self.lead, self.helper, self.untold, self.waiting, self.former)
        }
        cosign = CosignFactory(issue=self.issue)
        self.cosigner = user(f.representative_of(cosign.organization))
        for state in ("asked", "refused", "ended"):
            f.representative_of(CosignFactory(issue=self.issue, state=state).organization)
        f.official_of(f.AuthorityFactory())

    def holds(self, **fields):
        return f.ReferralFactory(issue=self.issue, **fields)

    def representatives(self, kind, subject):
        return {(kind, subject, user(one)) for one in (self.issue.author, self.colleague)}

    def offices(self, kind, *referrals):
        return {(kind, f"referral:{one.pk}", self.people[one]) for one in referrals}

    def withdraw(self, by):
        actions.withdraw(self.issue, by=by, now=NOW, reason=WHY)

    def decline(self):
        actions.decline(self.issue, by=self.coordinator, now=NOW, reason=WHY)

    def recall(self, referral):
        actions.recall(referral, by=self.coordinator, now=NOW, reason=WHY)


@pytest.fixture
def story():
    return Story()


def user(person):
    return f"user:{person.pk}"


def brief():
    """(kind, subject, recipient) of every notice; none stands there twice."""
    found = [(kind, subject, recipient) for kind, subject, _version, recipient in told()]
    assert len(found) == len(set(found))
    return set(found)


def all_wanted():
    return all(registry.wanted(one, NOW) for one in Notice.objects.all())


# --- withdraw -----------------------------------------------------------------------------------
def test_withdraw_by_a_representative_tells_secretariat_offices_and_cosigners(story):
    story.withdraw(story.issue.author)

    subject = f"issue:{story.issue.pk}"
    assert brief() == {
        *(("issue_withdrawn", subject, one) for one in secretariat()),
        ("cosigned_closed", subject, story.cosigner),
        *story.offices("referral_recalled", story.lead, story.helper, story.untold),
    }
    assert all_wanted()


def test_withdraw_on_behalf_tells_the_representatives_instead(story):
    story.withdraw(story.coordinator)

    subject = f"issue:{story.issue.pk}"
    assert brief() == {
        *story.representatives("issue_withdrawn", subject),
        ("cosigned_closed", subject, story.cosigner),
        *story.offices("referral_recalled", story.lead, story.helper, story.untold),
    }
    assert all_wanted()


def test_withdraw_of_what_no_office_held_tells_no_office():
    issue = f.issue_in("submitted")
    f.coordinator_of(issue.province)

    actions.withdraw(issue, by=issue.author, now=NOW, reason=WHY)

    assert brief() == {("issue_withdrawn", f"issue:{issue.pk}", one) for one in secretariat()}


# --- decline ------------------------------------------------------------------------------------
def test_decline_tells_representatives_offices_and_cosigners(story):
    story.decline()

    subject = f"issue:{story.issue.pk}"
    assert brief() == {
        *story.representatives("issue_declined", subject),
        ("cosigned_closed", subject, story.cosigner),
        *story.offices("referral_recalled", story.lead, story.helper, story.untold),
    }
    assert all_wanted()


def test_who_speaks_for_both_organizations_is_told_once(story):
    both = f.representative_of(story.issue.organization)
    cosigner = story.issue.cosigns.agreed().get().organization
    f.RoleAssignmentFactory(user=both, role="representative", organization=cosigner)

    story.decline()

    assert {kind for kind, _subject, one in brief() if one == user(both)} == {"issue_declined"}


# --- recall -------------------------------------------------------------------------------------
def test_recall_tells_the_office_that_knew_of_it_and_the_organization(story):
    story.recall(story.helper)

    assert brief() == {
        *story.offices("referral_recalled", story.helper),
        *story.representatives("referral_taken_back", f"referral:{story.helper.pk}"),
    }
    assert all_wanted()


def test_recall_of_the_last_lead_tells_every_office_that_knew_of_it(story):
    story.recall(story.lead)

    assert brief() == {
        *story.offices("referral_recalled", story.lead, story.helper),
        *story.representatives("referral_taken_back", f"referral:{story.lead.pk}"),
    }
    assert all_wanted()


def test_recall_tells_an_office_nothing_that_never_knew_of_it(story):
    story.recall(story.untold)

    assert brief() == story.representatives("referral_taken_back", f"referral:{story.untold.pk}")


@pytest.mark.parametrize(
    ("state", "is_told"), [("sent", True), ("delivered", True), ("planned", False)]
)
def test_recall_tells_an_office_to_which_a_notice_left(story, state, is_told):
    subject = f"referral:{story.untold.pk}"
    f.NoticeFactory(
        kind="first_referral",
        subject=subject,
        recipient=story.people[story.untold],
        state=state,
    )

    story.recall(story.untold)

    wanted = story.offices("referral_recalled", story.untold)
    assert (wanted <= brief()) == is_told


def test_recall_does_not_count_what_left_to_the_organization(story):
    f.NoticeFactory(
        kind="issue_referred",
        subject=f"referral:{story.untold.pk}",
        recipient=user(story.issue.author),
        state="sent",
    )

    story.recall(story.untold)

    assert "referral_recalled" not in {kind for kind, _subject, _one in brief()}


def test_recall_of_what_was_not_released_tells_nobody(story):
    story.recall(story.waiting)

    assert brief() == set()


def test_bar_tells_the_office_it_concerns_nothing(story):
    actions.bar(story.issue, by=story.coordinator, now=NOW, authority=story.helper.authority)

    assert brief() == story.representatives("referral_taken_back", f"referral:{story.helper.pk}")


# --- for whom nothing is ------------------------------------------------------------------------
ENDS = {
    "withdraw": lambda story: story.withdraw(story.issue.author),
    "decline": lambda story: story.decline(),
    "recall": lambda story: story.recall(story.lead),
}


def to_offices():
    return {one for one in brief() if one[0] in ("referral_recalled", "referral_passed_on")}


@pytest.mark.parametrize("act", ENDS)
def test_end_tells_offices_nothing_while_the_issue_is_frozen(story, act):
    Issue.objects.filter(pk=story.issue.pk).update(pressured_at=NOW)

    ENDS[act](story)

    assert to_offices() == set()
    assert brief()


@pytest.mark.parametrize("act", ENDS)
def test_end_tells_an_office_nothing_that_the_issue_concerns(story, act):
    superior = f.AuthorityFactory()
    story.lead.authority.superior = superior
    story.lead.authority.save()
    f.ConcernFactory(issue=story.issue, authority=superior)

    ENDS[act](story)

    assert story.people[story.lead] not in {one for _kind, _subject, one in to_offices()}
    assert story.people[story.helper] in {one for _kind, _subject, one in to_offices()}


@pytest.mark.parametrize("act", ENDS)
def test_end_tells_nobody_who_is_also_of_an_office_it_concerns(story, act):
    enemy = f.AuthorityFactory()
    f.ConcernFactory(issue=story.issue, authority=enemy)
    both = f.official_of(story.lead.authority)
    f.RoleAssignmentFactory(user=both, role="official", authority=enemy)

    ENDS[act](story)

    assert user(both) not in {one for _kind, _subject, one in to_offices()}


# --- still true? --------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ENDS)
def test_notice_of_an_end_is_dropped_where_the_office_is_asked_anew(story, act):
    ENDS[act](story)
    notice = Notice.objects.get(recipient=story.people[story.lead])
    assert registry.wanted(notice, NOW)

    f.ReferralFactory(issue=story.issue, authority=story.lead.authority)

    assert not registry.wanted(notice, NOW)


def test_notice_of_an_end_is_for_who_is_of_the_office_still(story):
    story.decline()
    notice = Notice.objects.get(recipient=story.people[story.lead])
    notice.recipient = story.people[story.helper]
    assert not registry.wanted(notice, NOW)

    notice.recipient = f"authority:{story.lead.authority_id}"
    assert registry.wanted(notice, NOW)


@pytest.mark.parametrize("act", ["withdraw", "decline"])
def test_notice_of_the_closing_is_dropped_once_it_is_taken_up_again(story, act):
    ENDS[act](story)
    kinds = ["issue_withdrawn", "issue_declined", "cosigned_closed"]

    actions.reopen(story.issue, by=story.coordinator, now=NOW, reason="It is back.")

    notices = Notice.objects.filter(kind__in=kinds)
    assert notices.exists()
    assert [one.kind for one in notices if registry.wanted(one, NOW)] == []


# --- the words ----------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "km"])
def test_neutral_notice_says_the_reference_and_nothing_of_the_matter(story, language):
    Referral.objects.filter(pk=story.lead.pk).update(note="Repair the road.")
    story.withdraw(story.issue.author)
    notice = Notice.objects.get(recipient=story.people[story.lead])

    text = registry.render(notice, language)

    words = text.subject + text.body
    assert story.issue.reference in text.subject
    secrets = {story.issue.title, WHY, "Repair the road.", story.issue.organization.name_en}
    assert [one for one in secrets if one in words] == []
    assert f"/issues/{story.issue.reference}/" not in words  # a page the office does not see
    if language == "en":
        assert "is no longer asked of your office" in text.body


@pytest.mark.parametrize("language", ["en", "km"])
def test_cosigner_is_told_neither_the_organization_nor_its_reason(story, language):
    story.withdraw(story.issue.author)
    notice = Notice.objects.get(kind="cosigned_closed")

    body = registry.render(notice, language).body

    assert WHY not in body
    assert story.issue.organization.name not in body
    assert story.issue.reference in body
