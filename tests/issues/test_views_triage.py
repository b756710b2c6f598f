import datetime as dt

import pytest
from django.urls import reverse

from accounts import sealing
from audit import clock
from audit.models import AuditEntry
from issues.models import Referral
from provinces import workdays
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    LocalityFactory,
    OrganizationFactory,
    ProtectedPartFactory,
    ProvinceFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    official_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
ACTS = ["accept", "return", "decline", "publish", "unpublish", "reopen", "refer", "protected"]


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def coordinator(english):
    user = coordinator_of(ProvinceFactory())
    english.force_login(user)
    return user


def act_url(issue, act):
    return reverse(f"issues:issue_{act}", args=[issue.reference])


# --- who may act --------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_act_is_refused_to_all_but_the_provinces_coordinators(english, act, method):
    issue = issue_in("referred")
    official = official_of(issue.referrals.get().authority)
    elsewhere = coordinator_of(ProvinceFactory(code="16"))
    answers = {}
    for name, user in [
        ("official", official),
        ("representative", issue.author),
        ("elsewhere", elsewhere),
    ]:
        english.force_login(user)
        answers[name] = getattr(english, method)(act_url(issue, act)).status_code

    assert answers == {"official": 403, "representative": 403, "elsewhere": 404}
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("act", ACTS)
def test_an_act_asks_a_visitor_to_sign_in(english, act):
    answer = english.get(act_url(issue_in("submitted"), act))

    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_login"))


# --- accept, return, decline, reopen ------------------------------------------------------------
def test_accept_corrects_theme_and_priority(english, coordinator):
    issue, theme = issue_in("submitted"), ThemeFactory(code="roads")

    answer = english.post(act_url(issue, "accept"), {"theme": "roads", "priority": "2"})

    issue.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, issue.get_absolute_url())
    assert (issue.status, issue.theme, issue.priority) == ("accepted", theme, 2)


def test_accept_page_starts_with_what_the_organization_chose(english, coordinator):
    issue = issue_in("submitted", priority=1)

    form = english.get(act_url(issue, "accept")).context["form"]

    assert (form["theme"].initial, form["priority"].initial) == (issue.theme_id, 1)


def test_accept_by_the_slower_of_two_says_so_and_keeps_what_was_typed(english, coordinator):
    issue = issue_in("accepted")
    ThemeFactory(code="roads")

    answer = english.post(act_url(issue, "accept"), {"theme": "roads", "priority": "2"})

    form = answer.context["form"]
    assert "This is no longer possible" in form.non_field_errors()[0]
    assert (form["theme"].value(), form["priority"].value()) == ("roads", "2")
    issue.refresh_from_db()
    assert issue.priority == 0


def test_return_sends_the_question(english, coordinator):
    issue = issue_in("submitted")

    answer = english.post(act_url(issue, "return"), {"question": "ភូមិណា?"})

    issue.refresh_from_db()
    assert answer.status_code == 302
    assert (issue.status, issue.question) == ("returned", "ភូមិណា?")


def test_return_without_a_question_is_refused(english, coordinator):
    issue = issue_in("submitted")

    answer = english.post(act_url(issue, "return"), {"question": " "})

    issue.refresh_from_db()
    assert list(answer.context["form"].errors) == ["question"]
    assert issue.status == "submitted"


def test_return_by_the_slower_of_two_keeps_the_question(english, coordinator):
    issue = issue_in("accepted")

    answer = english.post(act_url(issue, "return"), {"question": "Which village?"})

    assert "This is no longer possible" in answer.content.decode()
    assert "Which village?</textarea>" in answer.content.decode()


def test_decline_closes_with_the_reason(english, coordinator):
    issue = issue_in("accepted")

    english.post(act_url(issue, "decline"), {"reason": "A court decides this."})

    issue.refresh_from_db()
    assert (issue.status, issue.closed_as, issue.reason) == (
        "closed",
        "declined",
        "A court decides this.",
    )


def test_reopen_takes_a_closed_issue_up_again(english, coordinator):
    issue = issue_in("closed")

    english.post(act_url(issue, "reopen"), {"reason": "The road broke again."})

    issue.refresh_from_db()
    assert (issue.status, issue.reason) == ("accepted", "The road broke again.")


@pytest.mark.parametrize(
    ("status", "act"),
    [("closed", "accept"), ("accepted", "return"), ("resolved", "decline"), ("accepted", "reopen")],
)
def test_page_of_an_act_that_is_over_leads_back_with_a_sentence(english, coordinator, status, act):
    issue = issue_in(status)

    answer = english.get(act_url(issue, act))

    (message,) = answer.wsgi_request._messages
    assert (answer.status_code, answer.url) == (302, issue.get_absolute_url())
    assert "This is no longer possible" in str(message)


# --- publish ------------------------------------------------------------------------------------
def test_publish_page_shows_what_becomes_public_and_not_who_raised_it(english, coordinator):
    issue = issue_in(
        "accepted",
        disclosure="public",
        text="The bridge is broken.",
        organization=OrganizationFactory(name_en="River Watch"),
    )

    page = english.get(act_url(issue, "publish")).content.decode()

    assert "The bridge is broken." in page
    assert "The raising organization" in page
    assert "River Watch" not in page


def test_publish_and_unpublish(english, coordinator):
    issue = issue_in("accepted", disclosure="public")

    english.post(act_url(issue, "publish"))
    issue.refresh_from_db()
    assert issue.published_at is not None

    english.post(act_url(issue, "unpublish"))
    issue.refresh_from_db()
    assert issue.published_at is None


@pytest.mark.parametrize("disclosure", ["restricted", "confidential"])
def test_publish_of_what_its_organization_did_not_allow_is_refused(
    english, coordinator, disclosure
):
    issue = issue_in("accepted", disclosure=disclosure)

    opened = english.get(act_url(issue, "publish"))
    sent = english.post(act_url(issue, "publish"))

    issue.refresh_from_db()
    assert (opened.status_code, opened.url) == (302, issue.get_absolute_url())
    assert "did not allow" in sent.content.decode()
    assert issue.published_at is None


# --- refer --------------------------------------------------------------------------------------
def refer(client, issue, authority, **changed):
    due_on = clock.today() + 30 * DAY
    sent = {"authority": authority.pk, "due_on": due_on.isoformat(), "note": "Repair it."}
    return client.post(act_url(issue, "refer"), sent | changed)


def test_refer_hands_the_issue_to_the_office(english, coordinator):
    issue, office = issue_in("accepted"), AuthorityFactory()

    answer = refer(english, issue, office)

    referral = Referral.objects.get()
    assert (answer.status_code, answer.url) == (302, issue.get_absolute_url())
    assert (referral.issue, referral.authority, referral.role) == (issue, office, "lead")
    assert (referral.wanted_on, referral.note) == (clock.today() + 30 * DAY, "Repair it.")


def test_refer_understands_khmer_figures_in_the_date(english, coordinator):
    issue = issue_in("accepted")
    due_on = f"{clock.today() + 30 * DAY:%Y-%m-%d}".translate(
        str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
    )

    refer(english, issue, AuthorityFactory(), due_on=due_on)

    assert Referral.objects.get().wanted_on == clock.today() + 30 * DAY


@pytest.mark.parametrize("days", [-1, 0])
def test_refer_with_a_date_in_the_past_keeps_what_was_typed(english, coordinator, days):
    issue = issue_in("accepted")

    answer = refer(english, issue, AuthorityFactory(), due_on=clock.today() + days * DAY)

    form = answer.context["form"]
    assert form.errors.as_data()["due_on"][0].code == "due_in_past"
    assert form["note"].value() == "Repair it."
    assert not Referral.objects.exists()


def test_refer_to_another_provinces_office_is_refused(english, coordinator):
    issue = issue_in("accepted")
    elsewhere = AuthorityFactory(province=ProvinceFactory(code="16"))

    answer = refer(english, issue, elsewhere)

    assert list(answer.context["form"].errors) == ["authority"]
    assert not Referral.objects.exists()


def test_refer_to_an_office_below_one_the_issue_concerns_is_refused(english, coordinator):
    issue, concerned = issue_in("accepted"), AuthorityFactory()
    below = AuthorityFactory(superior=concerned)
    ConcernFactory(issue=issue, authority=concerned)

    answer = refer(english, issue, below)

    assert list(answer.context["form"].errors) == ["authority"]
    assert not Referral.objects.exists()


def test_refer_to_an_office_that_holds_it_says_so(english, coordinator):
    issue = issue_in("referred")
    office = issue.referrals.get().authority

    answer = refer(english, issue, office, role="lead")

    assert "This office already holds the issue." in answer.content.decode()
    assert issue.referrals.count() == 1


def test_refer_asks_for_the_part_only_of_further_offices(english, coordinator):
    first = english.get(act_url(issue_in("accepted"), "refer")).context["form"]
    further = english.get(act_url(issue_in("referred"), "refer")).context["form"]

    assert ("role" in first.fields, "role" in further.fields) == (False, True)


def test_refer_suggests_twenty_working_days(english, coordinator):
    form = english.get(act_url(issue_in("accepted"), "refer")).context["form"]

    assert form["due_on"].initial == workdays.calendar_of("11").add(clock.today(), 20)


# --- fewer people see it ------------------------------------------------------------------------
def test_tighten_offers_what_is_stricter_and_takes_it_from_the_public(english, coordinator):
    issue = issue_in("accepted", disclosure="public", published_at=clock.now())

    form = english.get(act_url(issue, "tighten")).context["form"]
    answer = english.post(act_url(issue, "tighten"), {"disclosure": "confidential"})

    issue.refresh_from_db()
    assert [value for value, _label in form.fields["disclosure"].choices] == [
        "restricted",
        "confidential",
    ]
    assert answer.url == issue.get_absolute_url()
    assert (issue.disclosure, issue.published_at) == ("confidential", None)


def test_tighten_of_a_confidential_issue_says_that_it_is_so_already(english, coordinator):
    issue = issue_in("accepted", disclosure="confidential")

    page = english.get(act_url(issue, "tighten"), follow=True)
    sent = english.post(act_url(issue, "tighten"), {"disclosure": "public"})

    issue.refresh_from_db()
    assert "it is confidential already" in page.content.decode()
    assert sent.status_code == 200
    assert issue.disclosure == "confidential"


def test_concern_offers_who_holds_it_first_and_keeps_it_from_them(english, coordinator):
    office = AuthorityFactory()
    issue = issue_in("referred", authority=office)
    AuthorityFactory(province=ProvinceFactory(code="16"))

    _none, (label, choices) = (
        english.get(act_url(issue, "concern")).context["form"].fields["authority"].choices
    )
    english.post(act_url(issue, "concern"), {"authority": office.pk})
    again = english.post(act_url(issue, "concern"), {"authority": office.pk})

    issue.refresh_from_db()
    assert (label, choices) == ("They hold the issue now", [(office.pk, office.name_en)])
    assert again.status_code == 200
    assert issue.status == "accepted"
    assert not Referral.objects.visible_to(official_of(office)).exists()


# --- the protected part -------------------------------------------------------------------------
def test_protected_part_is_shown_once_for_a_reason_and_the_reading_is_recorded(
    english, coordinator
):
    issue = issue_in("accepted")
    ProtectedPartFactory(issue=issue, sealed=sealing.seal({"village": "ភូមិពូតាង"}))

    opened = english.get(act_url(issue, "protected"))
    shown = english.post(act_url(issue, "protected"), {"reason": "place"})

    assert "ភូមិពូតាង" not in opened.content.decode()
    assert "ភូមិពូតាង" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.actor) == ("issue.read_protected", coordinator)
    assert entry.change == {"reason": "place"}


def test_protected_part_names_the_village_of_its_code(english, coordinator):
    issue, village = issue_in("accepted"), LocalityFactory(code="11010101", name_en="Pu Tang")
    ProtectedPartFactory(issue=issue, sealed=sealing.seal({"village": village.pk}))

    page = english.post(act_url(issue, "protected"), {"reason": "safety"}).content.decode()

    assert "Pu Tang" in page
    assert "11010101" in page


def test_protected_part_without_a_reason_stays_closed(english, coordinator):
    issue = issue_in("accepted")
    ProtectedPartFactory(issue=issue, sealed=sealing.seal({"village": "ភូមិពូតាង"}))

    answer = english.post(act_url(issue, "protected"), {"reason": ""})

    assert "ភូមិពូតាង" not in answer.content.decode()
    assert not AuditEntry.objects.exists()


def test_refer_to_a_closed_day_says_the_day_it_is_due_on(english, coordinator):
    issue = issue_in("accepted")
    saturday = clock.today() + DAY * (30 + (5 - (clock.today() + 30 * DAY).weekday()) % 7)

    refer(english, issue, AuthorityFactory(), due_on=saturday.isoformat())

    held = Referral.objects.get()
    assert held.wanted_on.weekday() == 0
    page = english.get(issue.get_absolute_url()).content.decode()
    assert "Offices are closed on the day you chose: it is due on Monday" in page
