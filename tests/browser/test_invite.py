"""Choosing whom to invite among many: looking for a name, a whole group at once."""

import pytest
from playwright.sync_api import expect

from forum.models import Invitation
from tests.browser.screen import PHONE
from tests.browser.test_pages import violations
from tests.factories import AuthorityFactory, SessionFactory, coordinator_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_invite_finds_a_name_in_a_folded_group_and_takes_a_whole_group(window):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    session = SessionFactory()
    for number in range(12):
        AuthorityFactory(province=session.province, kind="commune", name_en=f"Commune {number:02}")
    office = AuthorityFactory(province=session.province, kind="department", name_en="Mines")
    screen = window("en", PHONE, user=coordinator_of(session.province, language="en"))
    screen.open("forum:invitations", session.pk)
    commune = screen.page.get_by_label("Commune 07")

    expect(commune).to_be_hidden()
    screen.page.get_by_label("Look for a name in the list").fill("MMUNE 07")
    expect(commune).to_be_visible()
    expect(screen.page.get_by_label("Mines")).to_be_hidden()
    commune.check()
    screen.page.get_by_label("Look for a name in the list").fill("")
    expect(screen.page.get_by_label("Commune 08")).to_be_visible()  # what is ticked stays unfolded
    screen.page.get_by_role("button", name="Select all of this group").first.click()
    assert violations(axe, screen) == []
    screen.page.get_by_label("Places for each").fill("3")
    screen.page.get_by_role("button", name="Invite", exact=True).click()
    expect(screen.page.get_by_text("2 invitations have been added.")).to_be_visible()

    asked = Invitation.objects.values_list("authority", "quota")
    assert len(asked) == 2
    assert (office.pk, 3) in asked
    assert screen.problems == []
