"""Every page of each role on a phone: whole, in one language, without errors, readable to all."""

import pytest

from issues.forms.steps import FIELDS
from tests.browser.scene import make_scene
from tests.browser.screen import PHONE
from tests.factories_more import LetterFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROLES = ("visitor", "representative", "official", "coordinator", "administrator")


def pages_of(role, scene):
    """Address and arguments of each page, as ``reverse`` takes them."""
    return {
        "visitor": visitors,
        "representative": representatives,
        "official": officials,
        "coordinator": coordinators,
        "administrator": administrators,
    }[role](scene)


def visitors(scene):
    return [
        ("home",),
        ("account_login",),
        ("account_reset_password",),
        ("forum:forums",),
        ("forum:calendar",),
        ("forum:forum", scene.ahead.forum_id),
        ("forum:session", scene.ahead.pk),
        ("issues:published",),
        ("issues:issue", scene.issues["public"].reference),
    ]


def representatives(scene):
    issues = scene.issues
    return [
        ("home",),
        ("issues:issues",),
        ("issues:issue_new",),
        ("issues:draft", issues["draft"].client_key),
        ("issues:draft_edit", issues["draft"].client_key),
        *[("issues:draft_step", issues["draft"].client_key, name) for name in FIELDS],
        ("issues:draft_files", issues["draft"].client_key),
        ("issues:drafts",),
        ("issues:on_this_phone",),
        ("issues:issue", issues["resolved"].reference),
        ("issues:issue_files", issues["accepted"].reference),
        ("issues:issue_reply", issues["returned"].reference),
        ("issues:issue_withdraw", issues["accepted"].reference),
        ("issues:issue_dispute", issues["resolved"].reference),
        ("forum:session", scene.ahead.pk),
        ("forum:invitation_answer", scene.ahead.invitations.get(authority=None).pk),
        ("issues:agenda", scene.ahead.pk),
        ("accounts:organization", scene.organization.pk),
        ("accounts:account",),
    ]


def officials(scene):
    return [
        ("home",),
        ("issues:referrals",),
        ("issues:referral", scene.late.pk),
        ("issues:referral_respond", scene.late.pk),
        ("issues:referral_ask", scene.late.pk),
        ("issues:referral_resolve", scene.late.pk),
        ("issues:referral_extend", scene.late.pk),
        ("issues:issue", scene.issues["referred"].reference),
        ("issues:agenda", scene.ahead.pk),
        ("provinces:authorities",),
        ("provinces:authority", scene.office.pk),
    ]


def coordinators(scene):
    issues = {state: one.reference for state, one in scene.issues.items()}
    return [
        ("home",),
        ("issues:issues",),
        ("issues:issue", issues["submitted"]),
        ("issues:issue", issues["referred"]),
        ("issues:issue_accept", issues["submitted"]),
        ("issues:issue_return", issues["submitted"]),
        ("issues:issue_refer", issues["accepted"]),
        ("issues:issue_protected", issues["accepted"]),
        ("issues:agenda", scene.ahead.pk),
        ("issues:console", scene.running.pk),
        ("issues:session_release", scene.running.pk),
        ("issues:session_cancel", scene.ahead.pk),
        ("issues:referrals",),
        ("issues:referral", scene.late.pk),
        ("issues:referral_recall", scene.late.pk),
        ("reminders:rungs", scene.late.pk),
        ("outbox:bulk", "hold"),
        ("climbs:escalate", scene.late.pk),
        ("climbs:deescalate", scene.late.pk),
        ("issues:extensions",),
        ("issues:calls",),
        ("issues:no_one",),
        ("outbox:release_all",),
        ("issues:letters",),
        ("issues:letter_new",),
        ("issues:letter", LetterFactory(referral=scene.late).pk),
        ("forum:forum", scene.ahead.forum_id),
        ("forum:forum_new",),
        ("forum:programme_publish", scene.ahead.forum_id),
        ("forum:programmes", scene.ahead.forum_id),
        ("forum:told", scene.ahead.forum_id),
        ("forum:session", scene.ahead.pk),
        ("forum:session_edit", scene.ahead.pk),
        ("forum:session_presiders", scene.ahead.pk),
        ("forum:session_team", scene.ahead.pk),
        ("forum:venues",),
        ("forum:venue_edit", scene.ahead.venue_id),
        ("forum:presiders",),
        ("forum:invitations", scene.ahead.pk),
        ("forum:session_attendance", scene.running.pk),
        ("outbox:outbox",),
        ("outbox:notice", scene.notice.pk),
        ("accounts:organizations",),
        ("accounts:people",),
        ("accounts:person_new",),
        ("provinces:contact_new", scene.office.pk),
    ]


def administrators(scene):
    return [
        ("home",),
        ("accounts:people",),
        ("accounts:person", scene.people["official"].pk),
        ("outbox:service_address", scene.people["official"].pk),
        ("accounts:organization_new",),
        ("provinces:authority", scene.office.pk),
        ("provinces:authority_superior", scene.office.pk),
        ("reminders:policy",),
        ("reminders:ladder", 0),
        ("reminders:provinces",),
        ("reminders:hours",),
        ("issues:holidays", 2044),
        ("issues:holiday_new", 2044),
        ("account_change_password",),
        ("account_email",),
    ]


@pytest.mark.parametrize("role", ROLES)
def test_page_is_whole_in_khmer_on_a_phone(role, window):
    scene = make_scene("km")
    screen = window("km", PHONE, user=scene.people.get(role))

    for name, *arguments in pages_of(role, scene):
        screen.open(name, *arguments)
        screen.look(f"{role}-{name.replace(':', '-')}-{len(arguments)}")


@pytest.mark.parametrize("role", ROLES)
def test_page_is_whole_in_english_and_readable_to_a_screen_reader(role, window):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    scene = make_scene("en")
    screen = window("en", PHONE, user=scene.people.get(role))

    for name, *arguments in pages_of(role, scene):
        screen.open(name, *arguments)
        screen.look(f"{role}-{name.replace(':', '-')}-{len(arguments)}")
        screen.problems += [f"{name}: {one}" for one in violations(axe, screen)]


def violations(axe, screen):
    """What axe-core finds wrong with the page: the rule, and the first element that breaks it."""
    found = axe.run(screen.page).response["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}" for one in found]
