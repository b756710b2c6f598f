import datetime as dt
import uuid

import pytest
from django.urls import reverse

from audit import clock
from forum.models import Session
from issues import actions
from issues.actions import Charge, Said
from issues.models import AgendaItem, Outcome, Referral
from issues.phones import mark_of
from issues.presses import BY_NAME
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
PRESSES = sorted(BY_NAME)


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def coordinator(english):
    user = coordinator_of(ProvinceFactory())
    english.force_login(user)
    return user


@pytest.fixture
def planned():
    """A published session of Mondulkiri, not opened yet."""
    return SessionFactory(published_at=clock.now())


@pytest.fixture
def opened():
    """A published session of Mondulkiri that is open, with its screen."""
    session = SessionFactory(status=Session.Status.OPEN, published_at=clock.now())
    actions.open_floor(session, now=clock.now())
    return session


def url(name, row):
    return reverse(f"issues:{name}", args=[row.pk])


def item_of(session, **fields):
    """A scheduled issue's item on the session's agenda."""
    return issue_in("scheduled", session=session, **fields).agenda_items.get()


def texts(answer):
    return answer.content.decode()


def press(client, name, item, **typed):
    """A press by its plain form."""
    sent = {"client_key": uuid.uuid4()} | typed
    return client.post(url(f"item_{name}", item), sent)


def send(client, name, item, **typed):
    """The same by the script; the status and what is answered."""
    headers = {"Accept": "application/json", "X-Recorder": mark_of(client.user)}
    sent = {"client_key": uuid.uuid4()} | typed
    answer = client.post(url(f"item_{name}", item), sent, headers=headers)
    return answer.status_code, answer.json()


@pytest.fixture
def script(english, coordinator):
    """The client, of which the script knows whose it is."""
    english.user = coordinator
    return english


def offered(client, session, **query):
    """The names of the presses that the page offers for the opened item."""
    part = client.get(url("console", session), query).context["page"].current
    return sorted(part.acts)


# --- who may act --------------------------------------------------------------------------------
def people(session, issue):
    """Everybody but the province's coordinator; those invited see the session."""
    official = official_of(AuthorityFactory())
    InvitationFactory(session=session, authority=official.held[0].authority)
    InvitationFactory(session=session, organization=issue.organization)
    elsewhere = coordinator_of(ProvinceFactory(code="16"))
    return {"official": official, "representative": issue.author, "elsewhere": elsewhere}


def test_a_press_is_refused_to_all_but_the_provinces_coordinators(english, opened):
    item = item_of(opened)
    answers = set()
    for user in people(opened, item.issue).values():
        english.force_login(user)
        answers |= {press(english, name, item).status_code for name in PRESSES}
        answers |= {english.get(url("item_part", item)).status_code}
        pages = [url("console", opened), url("console_state", opened)]
        answers |= {english.get(page).status_code for page in pages}

    assert answers == {403}
    assert list(AgendaItem.objects.values_list("started_at", "outcome")) == [(None, None)]


def test_a_session_that_is_not_published_is_not_found_by_other_provinces(english):
    session = SessionFactory(status=Session.Status.OPEN)
    item = item_of(session)
    english.force_login(coordinator_of(ProvinceFactory(code="16")))

    answers = {press(english, name, item).status_code for name in PRESSES}
    answers |= {
        english.get(url(name, session)).status_code for name in ("console", "console_state")
    }

    assert answers == {404}


def test_a_press_of_somebody_else_on_the_same_device_is_refused(script, opened):
    item = item_of(opened)
    headers = {"Accept": "application/json", "X-Recorder": mark_of(coordinator_of(None))}

    answer = script.post(url("item_defer", item), {"client_key": uuid.uuid4()}, headers=headers)

    assert (answer.status_code, Outcome.objects.count()) == (403, 0)


# --- the page -----------------------------------------------------------------------------------
def test_console_before_the_opening_offers_to_open(english, coordinator, planned):
    item_of(planned)

    page = texts(english.get(url("console", planned)))

    assert reverse("forum:session_open", args=[planned.pk]) in page
    assert offered(english, planned) == []


def test_console_goes_from_item_to_item(english, coordinator, opened):
    first, second, third = item_of(opened), item_of(opened), item_of(opened)

    def current(**query):
        return english.get(url("console", opened), query).context["page"].current.item

    assert (current(), current(item=third.pk)) == (first, third)
    actions.defer(first, by=coordinator, now=clock.now())
    assert current() == second
    actions.start(third, by=coordinator, now=clock.now())
    assert current() == third


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        (
            "scheduled",
            "address defer higher not_competent note refer speakers start study suspend withdraw",
        ),
        ("referred", "higher not_competent note refer speakers start study suspend withdraw"),
        ("", "note speakers start"),
    ],
)
def test_console_offers_what_the_item_allows(english, coordinator, opened, status, acts):
    if status == "scheduled":
        item_of(opened)
    else:
        AgendaItemFactory(session=opened, issue=issue_in(status) if status else None)

    assert offered(english, opened) == acts.split()


def test_console_offers_to_correct_until_the_minutes_are_approved(english, coordinator, opened):
    item = item_of(opened)
    actions.defer(item, by=coordinator, now=clock.now())
    instead = ["address", "defer", "higher", "not_competent", "note", "refer", "reword"]
    instead += ["speakers", "study", "suspend", "withdraw"]

    assert offered(english, opened, item=item.pk) == sorted([*instead, "show", "start"])
    Session.objects.update(status="released", released_at=clock.now())
    assert offered(english, opened, item=item.pk) == instead
    Session.objects.update(minutes_approved_at=clock.now())
    assert offered(english, opened, item=item.pk) == []


def test_console_offers_only_other_words_once_the_issue_went_on(english, coordinator, opened):
    item = item_of(opened)
    actions.defer(item, by=coordinator, now=clock.now())
    item.issue.refresh_from_db()
    actions.decline(item.issue, by=coordinator, now=clock.now(), reason="Raised twice.")

    assert offered(english, opened, item=item.pk) == ["reword", "show", "speakers", "start"]


def test_console_shows_the_room_no_organization_and_no_commune_of_a_confidential_issue(
    english, coordinator, opened
):
    item_of(
        opened,
        disclosure="confidential",
        commune=LocalityFactory(code="110203", name_en="Srae Ampum"),
        organization=OrganizationFactory(name_en="River Watch"),
    )

    page = texts(english.get(url("console", opened)))

    assert "Confidential: do not show it to the room" in page
    assert "River Watch" not in page
    assert "Srae Ampum" not in page


def test_console_holds_nothing_of_a_frozen_issue_and_passes_it_over(english, coordinator, opened):
    words = {"title": "Sealed title", "text": "Sealed text"}
    item = item_of(opened, pressured_at=clock.now(), **words)
    actions.defer(item, by=coordinator, now=clock.now(), said=Said("Sealed words"))
    other = item_of(opened, pressured_at=clock.now(), **words)

    pages = [url("console", opened), url("console_state", opened)]
    shown = "".join(texts(english.get(page)) for page in [*pages, url("item_part", item)])

    assert "Sealed" not in shown
    assert offered(english, opened, item=other.pk) == ["defer", "note", "start"]
    assert "Pass it over" in shown


def test_console_links_to_the_screen_and_its_address(english, coordinator, opened):
    item_of(opened)

    page = texts(english.get(url("console", opened)))

    assert url("screen", opened) in page
    assert reverse("issues:room", args=[opened.screen.key]) in page


def test_console_costs_the_same_queries_with_one_item_and_with_thirty(
    english, coordinator, opened, django_assert_max_num_queries
):
    office, counts = AuthorityFactory(), []
    for more in (1, 29):
        for _ in range(more):
            item_of(opened)
            actions.refer_in_session(
                item_of(opened),
                by=coordinator,
                now=clock.now(),
                charges=[Charge(office.pk, clock.today() + 30 * DAY)],
            )
        with django_assert_max_num_queries(30) as queries:
            english.get(url("console", opened))
            whole = len(queries)
            english.get(url("console_state", opened))
        counts.append((whole, len(queries)))

    assert counts[0] == counts[1]


# --- plain forms --------------------------------------------------------------------------------
def test_address_records_what_was_said_and_goes_on(english, coordinator, opened):
    item, office = item_of(opened), AuthorityFactory()
    said = {
        "text": "ដោះស្រាយហើយ",
        "commitment": "We open the road by June.",
        "said_by": "Deputy Governor of Mondulkiri",
        "said_office": office.pk,
        "by_on": clock.today() + DAY,
    }

    answer = press(english, "address", item, **said)

    item.issue.refresh_from_db()
    names = ["text", "commitment", "said_by", "said_office", "by_on"]
    assert answer.url == url("console", opened)
    assert Outcome.objects.values("kind", *names).get() == {"kind": "addressed"} | said
    assert item.issue.status == "resolved"


@pytest.mark.parametrize(
    ("name", "typed", "wrong"),
    [
        ("address", {"text": "", "said_by": "Governor"}, ["text"]),
        (
            "address",
            {"text": "x", "commitment": "June", "said_office": "x"},
            ["said_by", "said_office"],
        ),
        ("refer", {"text": "Governor"}, ["authority"]),
        ("study", {"text": "Governor", "until": clock.today()}, ["until"]),
        ("suspend", {"until": clock.today() + DAY, "said_by": "Governor"}, ["text"]),
        ("withdraw", {"text": ""}, ["text"]),
        ("speakers", {"spoke": "Governor", "communities": "many"}, ["communities"]),
        ("defer", {"client_key": "x", "text": "Governor"}, ["client_key"]),
    ],
)
def test_what_is_missing_or_wrong_is_said_with_what_was_typed(
    english, coordinator, opened, name, typed, wrong
):
    item = item_of(opened)
    item_of(opened)

    answer = press(english, name, item, **typed)

    acts = {act.press.name: act for act in answer.context["decisions"]}
    acts["speakers"] = answer.context["speakers"]
    assert (answer.status_code, answer.context["page"].current.item) == (200, item)
    assert sorted(acts[name].form.errors) == sorted(wrong)
    assert [name for name, act in acts.items() if act.form.is_bound] == [name]
    assert "Governor" in texts(answer) or "Governor" not in typed.values()
    assert not Outcome.objects.exists()


def test_refer_in_the_session_charges_a_leading_office_and_others(english, coordinator, opened):
    item, lead, helps, knows = item_of(opened), *(AuthorityFactory() for _ in range(3))
    offices = {"authority": lead.pk, "authority_2": helps.pk, "authority_4": knows.pk}

    press(english, "refer", item, **offices, role_4="information", days="២០", text="Repair it.")

    found = Referral.objects.order_by("pk").values_list("authority", "role", "days", "note")
    assert list(found) == [
        (lead.pk, "lead", 20, "Repair it."),
        (helps.pk, "supporting", 20, "Repair it."),
        (knows.pk, "information", 20, "Repair it."),
    ]
    assert set(Referral.objects.values_list("released_at", "outcome__kind")) == {(None, "referred")}


@pytest.mark.parametrize("case", ["past", "elsewhere", "concerned", "unknown", "twice"])
def test_refer_in_the_session_refuses_a_past_date_and_wrong_offices(
    english, coordinator, opened, case
):
    item, office = item_of(opened), AuthorityFactory()
    typed = {"authority": office.pk, "due_on": clock.today() + 30 * DAY, "text": "Repair it."}
    if case == "past":
        typed["due_on"] = clock.today()
    if case == "elsewhere":
        typed["authority"] = AuthorityFactory(province=ProvinceFactory(code="16")).pk
    if case == "concerned":
        ConcernFactory(issue=item.issue, authority=office)
    if case == "unknown":
        typed["authority"] = 10**9
    if case == "twice":
        typed["authority_3"] = office.pk

    answer = press(english, "refer", item, **typed)

    assert "Repair it.</textarea>" in texts(answer)
    assert not Referral.objects.exists()


def test_presses_of_the_other_kinds_record_what_they_say(english, coordinator, opened):
    office, day = AuthorityFactory(), clock.today() + 30 * DAY
    charged = {"authority": office.pk, "days": "10"}
    cases = {
        "study": {"until": day, "text": "A visit", **charged},
        "suspend": {"until": day, "text": "Flooded", **charged},
        "higher": {"text": "To the ministry", **charged},
        "not_competent": {"text": "Of another sector", **charged},
        "withdraw": {"text": "Solved at home"},
        "defer": {},
        "note": {"text": "Heard"},
    }
    for name, typed in cases.items():
        item = item_of(opened)
        assert press(english, name, item, **typed).status_code == 302, name
    declined = item_of(opened)
    press(english, "not_competent", declined, text="Of nobody here")

    found = Outcome.objects.order_by("pk").values_list("kind", "text", "item__issue__status")
    assert list(found) == [
        ("study", "A visit", "referred"),
        ("suspended", "Flooded", "referred"),
        ("higher", "To the ministry", "referred"),
        ("not_competent", "Of another sector", "referred"),
        ("withdrawn", "Solved at home", "closed"),
        ("deferred", "", "accepted"),
        ("noted", "Heard", "accepted"),
        ("not_competent", "Of nobody here", "closed"),
    ]
    assert list(Referral.objects.order_by("pk").values_list("review_on", "suspended_until")) == [
        (day, None),
        (day, day),
        (None, None),
        (None, None),
    ]


def test_presses_of_the_floor_run_the_clock_show_and_name_who_spoke(english, coordinator, opened):
    item = item_of(opened)

    press(english, "start", item)
    started = AgendaItem.objects.get().started_at
    press(english, "stop", item)
    press(english, "speakers", item, spoke=" Governor \n\nHead of a department", communities="៣")
    press(english, "defer", item)
    press(english, "show", item)
    shown = Outcome.objects.get().shown_at
    answer = press(english, "hide", item)

    now = AgendaItem.objects.values_list("started_at", "spoke", "communities").get()
    assert started
    assert shown
    assert now == (None, "Governor\nHead of a department", 3)
    assert Outcome.objects.get().shown_at is None
    assert answer.url == f"{url('console', opened)}?item={item.pk}#item-{item.pk}"


def test_who_spoke_is_not_written_over_by_a_second_recorder(english, coordinator, opened):
    item = item_of(opened)
    seen = {"seen_spoke": "", "seen_communities": "0"}

    press(english, "speakers", item, spoke="Governor", communities="1", **seen)
    second = press(english, "speakers", item, spoke="Director", communities="2", **seen)

    assert (second.status_code, AgendaItem.objects.get().spoke) == (409, "Governor")
    assert "Director</textarea>" in texts(second)


def test_an_outcome_recorded_meanwhile_is_shown_with_what_was_typed(english, coordinator, opened):
    item = item_of(opened)
    said = Said("Solved by the governor.")
    actions.address(item, by=coordinator, now=clock.now(), said=said)

    answer = press(english, "defer", item, text="No time left.")

    page = texts(answer)
    assert answer.status_code == 409
    assert "recorded “Addressed in the session” for this item." in page
    assert "Solved by the governor." in page
    assert "No time left." in page
    assert Outcome.objects.get().kind == "addressed"


def test_a_correction_takes_the_place_of_what_stood_and_leaves_a_trace(
    english, coordinator, opened
):
    item = item_of(opened)
    press(english, "defer", item, text="No time.")

    press(english, "reword", item, text="No time left.", corrects=1)
    press(english, "address", item, text="Solved after all.", corrects=2)

    page = english.get(url("console", opened), {"item": item.pk})
    trace = [(one.label, one.text) for one in page.context["page"].current.trace]
    outcome = Outcome.objects.values_list("kind", "text", "version").get()
    assert outcome == ("addressed", "Solved after all.", 3)
    assert trace == [("Deferred", "No time."), ("Deferred", "No time left.")]
    assert "Corrected 2 times" in texts(page)


def test_other_words_for_an_outcome_that_needs_some_are_not_empty(english, coordinator, opened):
    item = item_of(opened)
    press(english, "address", item, text="Solved.")

    answer = press(english, "reword", item, text="", corrects=1)

    assert list(answer.context["reword"].form.errors) == ["text"]
    assert Outcome.objects.get().text == "Solved."


def test_nothing_is_recorded_before_the_session_is_open(english, coordinator, planned):
    item = item_of(planned)

    answer = press(english, "defer", item, text="No time.")

    assert "This is not possible now: the session is “Planned”." in texts(answer)
    assert not Outcome.objects.exists()


def test_a_titled_point_can_only_be_noted(english, coordinator, opened):
    point = AgendaItemFactory(session=opened, issue=None)

    refused = press(english, "address", point, text="x")
    press(english, "note", point)

    assert "This point is no issue: it can only be noted." in texts(refused)
    assert Outcome.objects.get().kind == "noted"


# --- what the script sends ----------------------------------------------------------------------
def test_a_press_of_the_script_is_recorded_once_however_often_it_is_sent(script, opened):
    item, key = item_of(opened), uuid.uuid4()

    answers = [send(script, "defer", item, client_key=key) for _ in range(2)]

    recorded = {"state": "recorded", "item": item.pk, "version": 1}
    assert answers == [(200, recorded), (200, recorded)]
    item.issue.refresh_from_db()
    assert item.issue.deferrals == 1
    status, answer = send(script, "defer", item, client_key=key, text="Other words")
    assert (status, answer["state"]) == (409, "taken")


def test_a_press_that_came_second_is_told_what_stands(script, opened):
    item = item_of(opened)
    first = coordinator_of(opened.province, title_en="Coordinator Dara")
    actions.address(item, by=first, now=clock.now(), said=Said("Solved.", "By June.", "Governor"))

    status, answer = send(script, "defer", item)

    at = answer["stands"].pop("at")
    assert (status, answer["state"], len(at)) == (409, "taken", 5)
    assert answer["stands"] == {
        "version": 1,
        "kind": "addressed",
        "label": "Addressed in the session",
        "text": "Solved.",
        "commitment": "By June.",
        "by": "Coordinator Dara",
    }


def test_a_press_of_the_script_that_is_wrong_is_refused_in_sentences(script, opened):
    status, answer = send(script, "address", item_of(opened), text="")

    assert (status, answer) == (
        400,
        {
            "state": "refused",
            "errors": {"text": ["This field is required."]},
            "sentence": "What was said: This field is required.",
        },
    )


def test_a_press_on_an_item_that_is_gone_says_so(script, opened):
    item = item_of(opened)
    AgendaItem.objects.all().delete()

    assert send(script, "defer", item) == (
        404,
        {"state": "gone", "sentence": "Meanwhile this item was taken off the agenda."},
    )


def test_start_counts_from_when_it_was_pressed(script, opened):
    Session.objects.update(starts_at=clock.now() - DAY / 12, ends_at=clock.now() + DAY / 12)
    item, at = item_of(opened), clock.now() - DAY / 24

    send(script, "start", item, at=at.isoformat())

    assert AgendaItem.objects.get().started_at == at


@pytest.mark.parametrize("name", PRESSES)
def test_a_press_is_answered_in_ten_queries(script, opened, django_assert_max_num_queries, name):
    office, day = AuthorityFactory(), clock.today() + 30 * DAY
    item = item_of(opened)
    if name in ("show", "hide", "reword"):
        actions.defer(item, by=script.user, now=clock.now())
    charged = {"authority": office.pk, "due_on": day, "until": clock.today() + 9 * DAY}
    typed = {"text": "Said.", "commitment": "By June.", "said_by": "Governor", "corrects": ""}
    if name == "reword":
        typed["corrects"] = 1

    signed_in = 3  # session, user, roles
    most = 14 if name == "withdraw" else 10  # five of these tell everybody concerned
    with django_assert_max_num_queries(99) as queries:
        status, _answer = send(script, name, item, **typed, **charged)

    cost = [one for one in queries if "SAVEPOINT" not in one["sql"]]
    assert status == 200
    assert len(cost) - signed_in <= most, "\n".join(one["sql"][:150] for one in cost)


# --- what others recorded -----------------------------------------------------------------------
def test_state_is_answered_by_304_until_something_happened(
    english, coordinator, opened, django_assert_num_queries
):
    item, _other = item_of(opened), item_of(opened)
    first = english.get(url("console_state", opened))
    headers = {"If-None-Match": first.headers["ETag"]}
    with django_assert_num_queries(4):  # session, user, roles, revision
        same = english.get(url("console_state", opened), headers=headers)
    actions.defer(item, by=coordinator, now=clock.now())
    after = english.get(url("console_state", opened), headers=headers)

    before, now = first.json()["marks"], after.json()["marks"]
    changed = {pk for pk in now if now[pk] != before[pk]}
    assert (same.status_code, after.status_code, changed) == (304, 200, {str(item.pk)})
    assert "Deferred" in after.json()["list"]


def test_part_shows_an_item_alone_as_the_page_does(english, coordinator, opened):
    item_of(opened)
    item = item_of(opened, title="The road is cut")
    actions.defer(item, by=coordinator, now=clock.now())

    part = texts(english.get(url("item_part", item)))
    page = texts(english.get(url("console", opened), {"item": item.pk}))

    assert part.strip() in page
    assert "2. <span" in part


# --- opening ------------------------------------------------------------------------------------
def test_console_of_another_day_opens_with_a_tick_and_stays(english, coordinator, planned):
    console, press = url("console", planned), reverse("forum:session_open", args=[planned.pk])
    assert 'name="confirm"' in english.get(console).content.decode()

    refused = english.post(press, {"next": console})
    planned.refresh_from_db()
    assert (refused.status_code, planned.status) == (200, "planned")
    assert "Today is not the day" in refused.content.decode()

    answer = english.post(press, {"next": console, "confirm": "on"})
    planned.refresh_from_db()
    assert (answer.url, planned.status) == (console, "open")


def test_opening_leads_nowhere_else(english, coordinator, planned):
    press = reverse("forum:session_open", args=[planned.pk])

    answer = english.post(press, {"next": "https://elsewhere.example/", "confirm": "on"})

    assert answer.url == planned.get_absolute_url()
