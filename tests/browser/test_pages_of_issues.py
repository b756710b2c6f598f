"""What becomes of an issue, on a phone: its whole page, and the page of each act on it."""

import pytest
from django.urls import reverse

from issues import tracking
from tests.browser.later import make_later
from tests.browser.scene import make_scene
from tests.browser.screen import PHONE
from tests.browser.test_pages import violations
from tests.factories_more import HonorificFactory, RoadTimeFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROLES = ("visitor", "representative", "partner", "official", "guide", "administrator")


def pages_of(role, scene, later):
    """Address and arguments of each page, as ``Screen.open`` takes them."""
    return {
        "visitor": visitors,
        "representative": representatives,
        "partner": partners,
        "official": officials,
        "guide": guides,
        "administrator": administrators,
    }[role](scene, later)


def visitors(scene, later):
    return [
        ("issues:on_this_phone",),
        ("issues:track",),
        ("issues:answer", later.token),
        ("issues:issue", later.shown.reference),
    ]


def representatives(scene, later):
    issues = {state: one.reference for state, one in scene.issues.items()}
    full = later.full.reference
    return [
        ("home",),
        ("issues:draft_alike", scene.issues["draft"].client_key),
        ("issues:issue", full),
        ("issues:issue", issues["resolved"]),
        ("issues:issue", later.joined.reference),
        ("issues:receipt", issues["accepted"]),
        ("issues:issue_alike", issues["accepted"]),
        ("issues:issue_comment", full),
        ("issues:issue_pressured", issues["accepted"]),
        ("issues:issue_partly", issues["resolved"]),
        ("issues:report_back", issues["resolved"]),
        ("issues:views",),
    ]


def partners(scene, later):
    return [
        ("home",),
        ("issues:issue", later.asked.reference),
        ("issues:issue_same", later.asked.reference),
        ("issues:issue", later.shown.reference),
        ("issues:issue_cosign", later.shown.reference),
    ]


def officials(scene, later):
    held = later.full.referrals.get()
    return [
        ("issues:referrals_letter",),
        ("issues:issue", later.full.reference),
        ("issues:referral", held.pk),
        ("issues:referral_comment", held.pk),
        ("issues:referral_propose", held.pk),
        ("issues:referral", later.proposed.referral_id),
        ("issues:step_add", later.full.reference),
        ("issues:step_finish", later.full.steps.first().pk),
    ]


def guides(scene, later):
    full, held = later.full.reference, later.full.referrals.get().pk
    submitted, accepted, resolved, public = (
        scene.issues[state].reference for state in ("submitted", "accepted", "resolved", "public")
    )
    return [
        ("home",),
        ("issues:triage",),
        (f"{reverse('issues:triage')}?open={submitted}",),
        ("issues:issue", full),
        ("issues:issue", resolved),
        ("issues:issue", later.frozen.reference),
        ("issues:issue", later.joined.reference),
        ("issues:issue_merge", submitted),
        (f"{reverse('issues:issue_merge', args=[submitted])}?into={accepted}",),
        ("issues:issue_unmerge", later.joined.reference),
        ("issues:issue_split", submitted),
        ("issues:issue_branch", full),
        ("issues:issue_alike", full),
        ("issues:issue_correct", full),
        ("issues:issue_tighten", public),
        ("issues:issue_concern", full),
        ("issues:issue_publish", later.ready.reference),
        ("issues:issue_pressured", accepted),
        ("issues:issue_lift", later.frozen.reference),
        ("issues:issue_comment", full),
        ("issues:issue_call", resolved),
        ("issues:report_back", resolved),
        ("issues:step_add", full),
        ("issues:step_drop", later.full.steps.first().pk),
        ("issues:field_check", full),
        ("issues:evidence_transcript", later.recording.key),
        ("issues:referral", held),
        ("issues:referral_call", held),
        ("issues:referral_redirect", held),
        ("issues:redirection", later.proposed.pk),
        ("issues:batch_new",),
        *[("issues:batch", batch.pk) for batch in later.batches.values()],
        ("issues:issues",),
        ("issues:view", later.view.pk),
        ("issues:views",),
        ("provinces:themes",),
    ]


def administrators(scene, later):
    road, honorific = RoadTimeFactory(), HonorificFactory()
    return [
        (f"/roads/?province={road.one_id}",),
        ("provinces:road", road.one_id, road.other_id),
        ("provinces:honorifics",),
        ("provinces:honorific", honorific.pk),
        ("provinces:themes",),
        ("provinces:theme_new",),
        ("provinces:theme", "water"),
        ("provinces:authority_themes", scene.office.pk),
    ]


def people(scene, later):
    return scene.people | {"guide": later.guide, "partner": later.partner}


def walk(role, scene, later, screen, look):
    """Open each page of the role; the visitor types the code of a receipt, too."""
    for number, (name, *arguments) in enumerate(pages_of(role, scene, later)):
        screen.open(name, *arguments)
        goal = name if name.startswith("/") else reverse(name, args=arguments)
        landed = screen.page.url.removeprefix(screen.base)
        if (
            landed.split("?key=")[0] != goal and name != "issues:view"
        ):  # a list kept leads to the list
            screen.problems.append(f"{goal} leads to {landed}")
        look(f"later-{role}-{number:02}-{name.split(':')[-1].strip('/').replace('/', '-')}")
    if role == "visitor":
        screen.open("issues:track")
        screen.fill(code=tracking.grouped(later.full.tracking_code))
        screen.send()
        screen.says("How it stands")
        screen.hides(later.full.reference)
        look("later-visitor-tracked")


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize("role", ROLES)
def test_page_of_an_issue_is_whole_in_khmer_on_a_phone(role, window):
    scene = make_scene("km")
    later = make_later(scene, "km")
    screen = window("km", PHONE, user=people(scene, later).get(role))

    walk(role, scene, later, screen, screen.look)


@pytest.mark.parametrize("role", ROLES)
def test_page_of_an_issue_is_whole_in_english_and_readable_to_a_screen_reader(role, window):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    scene = make_scene("en")
    later = make_later(scene, "en")
    screen = window("en", PHONE, user=people(scene, later).get(role))

    def look(name):
        screen.look(name)
        screen.problems += [f"{name}: {one}" for one in violations(axe, screen)]

    walk(role, scene, later, screen, look)
