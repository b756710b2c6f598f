import datetime as dt
import uuid

import pytest
from django.urls import reverse

from audit import clock
from forum.models import Session
from issues import actions
from issues.models import AgendaItem, Issue, Outcome, Referral
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.forum.stories import publish

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
KEY = str(uuid.UUID(int=7))
SESSION_ACTS = [
    "agenda_add",
    "agenda_point",
    "agenda_arrange",
    "session_release",
    "session_cancel",
]
ITEM_ACTS = ["item_allot", "item_remove", "item_address", "item_refer", "item_defer", "item_note"]


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
    """A published session of Mondulkiri that is open."""
    return SessionFactory(status=Session.Status.OPEN, published_at=clock.now())


def url(name, row):
    return reverse(f"issues:{name}", args=[row.pk])


def item_of(session, **fields):
    """A scheduled issue's item on the session's agenda."""
    return issue_in("scheduled", session=session, **fields).agenda_items.get()


def texts(answer):
    return answer.content.decode()


# --- who may act --------------------------------------------------------------------------------
def people(session, issue):
    """Everybody but the province's coordinator; those invited see the session."""
    official = official_of(AuthorityFactory())
    InvitationFactory(session=session, authority=official.held[0].authority)
    InvitationFactory(session=session, organization=issue.organization)
    elsewhere = coordinator_of(ProvinceFactory(code="16"))
    return {"official": official, "representative": issue.author, "elsewhere": elsewhere}


@pytest.mark.parametrize("name", SESSION_ACTS + ITEM_ACTS)
def test_an_act_is_refused_to_all_but_the_provinces_coordinators(english, opened, name):
    item = item_of(opened)
    target = item if name in ITEM_ACTS else opened
    answers = {}
    for who, user in people(opened, item.issue).items():
        english.force_login(user)
        answers[who] = english.post(url(name, target)).status_code

    assert answers == {"official": 403, "representative": 403, "elsewhere": 403}
    assert list(AgendaItem.objects.values_list("pk", "outcome")) == [(item.pk, None)]


@pytest.mark.parametrize("name", ["console", *SESSION_ACTS, *ITEM_ACTS])
def test_a_session_that_is_not_published_is_not_found_by_other_provinces(english, name):
    session = SessionFactory(status=Session.Status.OPEN)
    target = item_of(session) if name in ITEM_ACTS else session
    english.force_login(coordinator_of(ProvinceFactory(code="16")))

    get_or_post = english.get if name == "console" else english.post
    assert get_or_post(url(name, target)).status_code == 404


def test_the_console_is_for_the_provinces_coordinators(english, opened):
    item = item_of(opened)
    answers = {}
    for who, user in people(opened, item.issue).items():
        english.force_login(user)
        answers[who] = english.get(url("console", opened)).status_code

    assert answers == {"official": 403, "representative": 403, "elsewhere": 403}


# --- the agenda, read ---------------------------------------------------------------------------
def labels(client, session):
    answer = client.get(url("agenda", session))
    assert answer.status_code == 200
    return [entry.label for entry in answer.context["entries"]]


@pytest.fixture
def mixed(planned):
    """An agenda with each kind of item."""
    AgendaItemFactory(session=planned, issue=None, title="Opening")
    item_of(planned, title="Restricted", reference="11-2026-0001")
    item_of(planned, title="Secret", disclosure="confidential")
    item_of(planned, title="Public", disclosure="public", published_at=clock.now())
    return planned


def test_agenda_shows_a_visitor_published_titles_alone(english, mixed):
    assert labels(english, mixed) == [
        "Opening",
        "Issue 11-2026-0001",
        "Confidential item",
        "Public",
    ]
    page = texts(english.get(url("agenda", mixed)))
    assert "Restricted" not in page
    assert "Secret" not in page


def test_agenda_shows_the_invited_what_the_room_may_see(english, mixed):
    organization = OrganizationFactory()
    InvitationFactory(session=mixed, organization=organization)
    english.force_login(representative_of(organization))

    assert labels(english, mixed) == ["Opening", "Restricted", "Confidential item", "Public"]


def test_agenda_shows_an_office_nothing_of_what_concerns_it_or_one_above(english, mixed):
    above = AuthorityFactory()
    office = AuthorityFactory(superior=above)
    InvitationFactory(session=mixed, authority=office)
    ConcernFactory(issue=Issue.objects.get(title="Restricted"), authority=above)
    english.force_login(official_of(office))

    assert labels(english, mixed)[1] == "An issue that is not shown at present"


def test_agenda_shows_an_organization_the_title_of_its_own_issue(english, mixed):
    english.force_login(Issue.objects.get(title="Restricted").author)

    assert labels(english, mixed)[1] == "Restricted"


def test_agenda_shows_coordinators_everything(english, coordinator, mixed):
    assert labels(english, mixed) == ["Opening", "Restricted", "Secret", "Public"]


def test_agenda_names_an_organization_only_where_it_lets_itself_be_named(english, planned):
    item_of(planned, is_named=True, organization=OrganizationFactory(name_en="River Watch"))
    item_of(planned, organization=OrganizationFactory(name_en="Forest Watch"))
    InvitationFactory(session=planned, organization=(guest := OrganizationFactory()))
    english.force_login(representative_of(guest))

    page = texts(english.get(url("agenda", planned)))

    assert "River Watch" in page
    assert "Forest Watch" not in page


def test_agenda_of_a_session_not_published_is_not_found_by_visitors(english):
    assert english.get(url("agenda", SessionFactory())).status_code == 404


@pytest.mark.parametrize("reader", ["coordinator", "invited", "visitor"])
def test_agenda_costs_the_same_queries_with_one_item_and_with_thirty(
    english, planned, django_assert_max_num_queries, reader
):
    if reader == "coordinator":
        english.force_login(coordinator_of(planned.province))
    if reader == "invited":
        InvitationFactory(session=planned, authority=(office := AuthorityFactory()))
        english.force_login(official_of(office))
    counts = []
    for more in (1, 29):
        for _ in range(more):
            item_of(planned)
            issue_in("accepted")
            issue_in("referred")
        with django_assert_max_num_queries(12) as queries:
            english.get(url("agenda", planned))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- the agenda, built --------------------------------------------------------------------------
def test_agenda_offers_eligible_issues_and_heads_them_with_open_referrals(
    english, coordinator, planned
):
    waiting = issue_in("accepted")
    late, later = issue_in("referred", title="late"), issue_in("referred", title="later")
    late.referrals.update(due_on=clock.today() - DAY)
    issue_in("submitted")
    issue_in("accepted", province=ProvinceFactory(code="16"))

    context = english.get(url("agenda", planned)).context

    assert list(context["page_obj"]) == [waiting]
    assert context["reviews"] == [(late, True), (later, False)]


def test_agenda_candidates_are_narrowed_by_words_and_theme(english, coordinator, planned):
    issue_in("accepted", title="Bridge", theme=ThemeFactory(code="roads"))
    issue_in("accepted", title="Well")

    def offered(**query):
        context = english.get(url("agenda", planned), query).context
        return [issue.title for issue in context["page_obj"]]

    assert (offered(q="bridge"), offered(theme="land")) == (["Bridge"], ["Well"])


def test_agenda_add_puts_the_ticked_issues_on_the_agenda(english, coordinator, planned):
    first, second = issue_in("accepted"), issue_in("referred")

    answer = english.post(
        url("agenda_add", planned), {"issues": [first.pk, second.pk], "minutes": "១៥"}
    )

    assert answer.url == url("agenda", planned)
    items = AgendaItem.objects.values_list("issue", "issue__status", "minutes")
    assert set(items) == {(first.pk, "scheduled", 15), (second.pk, "referred", 15)}


def test_agenda_add_adds_none_when_one_is_gone_and_keeps_the_ticks(english, coordinator, planned):
    waiting, gone = issue_in("accepted"), issue_in("closed")

    answer = english.post(
        url("agenda_add", planned), {"issues": [waiting.pk, gone.pk], "minutes": "25"}
    )

    form = answer.context["schedule_form"]
    assert form.non_field_errors()[0].startswith(f"{gone.reference}: This is no longer possible")
    assert f'value="{waiting.pk}" checked' in texts(answer)
    assert 'value="25"' in texts(answer)
    assert not AgendaItem.objects.exists()


def test_agenda_add_without_a_tick_says_so(english, coordinator, planned):
    issue_in("accepted")

    answer = english.post(url("agenda_add", planned), {"minutes": "10"})

    assert "Tick at least one issue." in texts(answer)


def test_agenda_add_of_another_provinces_issue_is_refused(english, coordinator, planned):
    elsewhere = issue_in("accepted", province=ProvinceFactory(code="16"))

    english.post(url("agenda_add", planned), {"issues": [elsewhere.pk], "minutes": "10"})

    assert not AgendaItem.objects.exists()


def test_agenda_point_adds_a_titled_point(english, coordinator, planned):
    english.post(
        url("agenda_point", planned), {"title": "សុន្ទរកថា", "minutes": "5", "client_key": KEY}
    )

    assert AgendaItem.objects.values_list("title", "issue", "minutes").get() == (
        "សុន្ទរកថា",
        None,
        5,
    )


def test_agenda_point_without_a_title_keeps_the_minutes(english, coordinator, planned):
    answer = english.post(
        url("agenda_point", planned), {"title": "", "minutes": "7", "client_key": KEY}
    )

    form = answer.context["point_form"]
    assert (list(form.errors), form["minutes"].value()) == (["title"], "7")


def order_of(session):
    return list(session.agenda_items.values_list("pk", flat=True))


def test_arrange_moves_an_item_and_comes_back_to_it(english, coordinator, planned):
    first, second = item_of(planned), item_of(planned)
    seen = f"{first.pk},{second.pk}"

    answer = english.post(url("agenda_arrange", planned), {"seen": seen, "up": second.pk})

    assert answer.url == f"{url('agenda', planned)}#item-{second.pk}"
    assert order_of(planned) == [second.pk, first.pk]


def test_arrange_of_an_order_that_no_longer_stands_is_refused_and_shows_it_as_it_is(
    english, coordinator, planned
):
    first, second, third = (item_of(planned) for _ in range(3))
    seen = f"{first.pk},{second.pk},{third.pk}"
    order = [third.pk, first.pk, second.pk]
    actions.arrange(planned, by=coordinator, seen=[first.pk, second.pk, third.pk], order=order)

    answer = english.post(url("agenda_arrange", planned), {"seen": seen, "up": second.pk})

    assert answer.status_code == 409
    assert "Meanwhile the agenda has changed." in texts(answer)
    assert order_of(planned) == [third.pk, first.pk, second.pk]
    assert answer.context["order"] == f"{third.pk},{first.pk},{second.pk}"


def test_minutes_of_an_item_are_changed_without_a_script(english, coordinator, planned):
    item = item_of(planned)
    page = texts(english.get(url("agenda", planned)))

    answer = english.post(url("item_allot", item), {"minutes": "២៥"})

    assert f'<form id="allot-{item.pk}" method="post" action="{url("item_allot", item)}' in page
    assert f'<input form="allot-{item.pk}"' in page
    assert answer.url == f"{url('agenda', planned)}#item-{item.pk}"
    assert AgendaItem.objects.get().minutes == 25


def test_minutes_that_are_no_minutes_stay_typed_with_a_sentence(english, coordinator, planned):
    item, other = item_of(planned), item_of(planned)

    page = texts(english.post(url("item_allot", item), {"minutes": "999"}))

    assert 'value="999"' in page
    assert page.count("aria-invalid") == 1
    assert set(AgendaItem.objects.values_list("minutes", flat=True)) == {other.minutes}


def test_minutes_of_a_decided_item_are_refused_with_a_sentence(english, coordinator, opened):
    item = item_of(opened)
    actions.defer(item, by=coordinator, now=clock.now())

    answer = english.post(url("item_allot", item), {"minutes": "25"})

    assert answer.status_code == 409
    assert "Meanwhile an outcome was recorded for this item." in texts(answer)


def test_remove_takes_an_issue_off_and_removes_a_point(english, coordinator, planned):
    item, point = item_of(planned), AgendaItemFactory(session=planned, issue=None)

    english.post(url("item_remove", item))
    english.post(url("item_remove", point))

    assert not AgendaItem.objects.exists()
    item.issue.refresh_from_db()
    assert item.issue.status == "accepted"


def test_remove_of_a_decided_item_is_refused(english, coordinator, opened):
    item = item_of(opened)
    actions.defer(item, by=coordinator, now=clock.now())

    answer = english.post(url("item_remove", item))

    assert answer.status_code == 409
    assert "Meanwhile an outcome was recorded for this item." in texts(answer)
    assert AgendaItem.objects.exists()


def test_agenda_warns_in_words_when_it_is_too_full_and_never_blocks(english, coordinator, planned):
    for _ in range(2):
        AgendaItemFactory(session=planned, issue=None, minutes=125)

    page = texts(english.get(url("agenda", planned)))

    assert "250 minutes are planned; the session lasts 240." in page
    assert "That is 10 minutes too many" in page


def test_agenda_of_a_released_session_is_only_read(english, coordinator):
    session = SessionFactory(status=Session.Status.RELEASED)

    page = texts(english.get(url("agenda", session)))

    assert url("agenda_add", session) not in page
    assert url("agenda_arrange", session) not in page


# --- the console --------------------------------------------------------------------------------
def test_console_before_the_opening_offers_to_open(english, coordinator, planned):
    item_of(planned)

    page = texts(english.get(url("console", planned)))

    assert reverse("forum:session_open", args=[planned.pk]) in page
    assert "Record:" not in page


def test_console_goes_from_item_to_item(english, coordinator, opened):
    first, second = item_of(opened), item_of(opened)

    def current(**query):
        return english.get(url("console", opened), query).context["current"]

    assert (current(), current(item=second.pk)) == (first, second)
    actions.defer(first, by=coordinator, now=clock.now())
    assert current() == second


def test_console_tells_how_often_an_issue_was_deferred(english, coordinator, opened):
    item_of(opened, deferrals=2)

    assert "It was deferred 2 times before." in texts(english.get(url("console", opened)))


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        ("scheduled", ["address", "refer", "defer", "note"]),
        ("referred", ["refer", "note"]),
        ("", ["note"]),
    ],
)
def test_console_offers_what_the_item_allows(english, coordinator, opened, status, acts):
    if status == "scheduled":
        item_of(opened)
    else:
        AgendaItemFactory(session=opened, issue=issue_in(status) if status else None)

    decisions = english.get(url("console", opened)).context["decisions"]

    assert [str(decision.act) for decision, _form in decisions] == acts


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


def test_address_records_what_was_said_and_goes_on(english, coordinator, opened):
    item = item_of(opened)

    answer = english.post(
        url("item_address", item), {"text": "ដោះស្រាយហើយ", "said_by": "Deputy governor"}
    )

    item.issue.refresh_from_db()
    outcome = Outcome.objects.get()
    assert answer.url == url("console", opened)
    assert (outcome.kind, outcome.text, outcome.said_by) == (
        "addressed",
        "ដោះស្រាយហើយ",
        "Deputy governor",
    )
    assert item.issue.status == "resolved"


def test_address_without_words_opens_the_item_again_with_what_was_typed(
    english, coordinator, opened
):
    item = item_of(opened)

    answer = english.post(url("item_address", item), {"text": "", "said_by": "Governor"})

    assert answer.context["current"] == item
    opened_forms = [form for _decision, form in answer.context["decisions"] if form.is_bound]
    assert [list(form.errors) for form in opened_forms] == [["text"]]
    assert 'value="Governor"' in texts(answer)
    assert texts(answer).count('name="decision" open') == 1


def test_refer_in_the_session_waits_for_the_minutes(english, coordinator, opened):
    item, office = item_of(opened), AuthorityFactory()
    due_on = clock.today() + 30 * DAY

    english.post(
        url("item_refer", item), {"authority": office.pk, "due_on": due_on, "text": "Repair it."}
    )

    referral = Referral.objects.get()
    assert (referral.authority, referral.wanted_on, referral.note) == (
        office,
        due_on,
        "Repair it.",
    )
    assert (referral.released_at, referral.outcome.kind) == (None, "referred")


@pytest.mark.parametrize("case", ["past", "elsewhere", "concerned"])
def test_refer_in_the_session_refuses_a_past_date_and_wrong_offices(
    english, coordinator, opened, case
):
    item, office = item_of(opened), AuthorityFactory()
    due_on = clock.today() + 30 * DAY
    if case == "past":
        due_on = clock.today()
    if case == "elsewhere":
        office = AuthorityFactory(province=ProvinceFactory(code="16"))
    if case == "concerned":
        ConcernFactory(issue=item.issue, authority=office)

    answer = english.post(
        url("item_refer", item), {"authority": office.pk, "due_on": due_on, "text": "Repair it."}
    )

    assert "Repair it.</textarea>" in texts(answer)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [("item_defer", "deferred", "accepted"), ("item_note", "noted", "accepted")],
)
def test_defer_and_note_need_no_words(english, coordinator, opened, name, kind, status):
    item = item_of(opened)

    english.post(url(name, item), {"text": ""})

    item.issue.refresh_from_db()
    assert (item.outcome.kind, item.issue.status) == (kind, status)


def test_an_outcome_recorded_meanwhile_is_shown_with_what_was_typed(english, coordinator, opened):
    item = item_of(opened)
    actions.address(item, by=coordinator, now=clock.now(), text="Solved by the governor.")

    answer = english.post(url("item_defer", item), {"text": "No time left."})

    page = texts(answer)
    assert "Meanwhile an outcome was recorded for this item." in page
    assert "Solved by the governor." in page
    assert "No time left." in page
    assert Outcome.objects.get().kind == "addressed"


def test_nothing_is_recorded_before_the_session_is_open(english, coordinator, planned):
    item = item_of(planned)

    answer = english.post(url("item_defer", item), {"text": "No time."})

    assert "This is not possible now: the session is “Planned”." in texts(answer)
    assert not Outcome.objects.exists()


@pytest.mark.parametrize("name", ["item_address", "item_refer", "item_defer"])
def test_a_titled_point_can_only_be_noted(english, coordinator, opened, name):
    point = AgendaItemFactory(session=opened, issue=None)

    assert english.post(url(name, point), {"text": "x"}).status_code == 403
    english.post(url("item_note", point), {})
    assert Outcome.objects.get().kind == "noted"


def test_console_counts_what_was_decided(english, coordinator, opened):
    deferred, noted, _left = (item_of(opened) for _ in range(3))
    actions.defer(deferred, by=coordinator, now=clock.now())
    actions.note(noted, by=coordinator, now=clock.now())

    context = english.get(url("console", opened)).context

    assert (dict(context["counts"]), context["left"]) == ({"deferred": 1, "noted": 1}, 1)


def test_console_costs_the_same_queries_with_one_item_and_with_thirty(
    english, coordinator, opened, django_assert_max_num_queries
):
    office, counts = AuthorityFactory(), []
    for more in (1, 29):
        for _ in range(more):
            item_of(opened)
            done = item_of(opened)
            due_on = clock.today() + 30 * DAY
            actions.refer_in_session(
                done, by=coordinator, now=clock.now(), authority=office, due_on=due_on
            )
        with django_assert_max_num_queries(12) as queries:
            english.get(url("console", opened))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- the end ------------------------------------------------------------------------------------
def test_release_page_counts_what_leaves_and_what_is_left(english, coordinator, opened):
    office = AuthorityFactory()
    for item in [item_of(opened), item_of(opened)]:
        actions.refer_in_session(
            item,
            by=coordinator,
            now=clock.now(),
            authority=office,
            due_on=clock.today() + 30 * DAY,
        )
    item_of(opened)

    context = english.get(url("session_release", opened)).context

    assert {name: context[name] for name in ["referrals", "offices", "left"]} == {
        "referrals": 2,
        "offices": 1,
        "left": 1,
    }


def test_release_with_items_left_is_refused_until_they_are_deferred(english, coordinator, opened):
    item = item_of(opened)

    refused = english.post(url("session_release", opened))
    opened.refresh_from_db()
    assert "1 issue has no outcome yet." in texts(refused)
    assert opened.status == "open"

    answer = english.post(url("session_release", opened), {"defer_rest": "on"})
    opened.refresh_from_db()
    item.issue.refresh_from_db()
    assert (answer.url, opened.status) == (url("console", opened), "released")
    assert (item.issue.status, item.issue.deferrals) == ("accepted", 1)


def test_release_of_a_released_session_is_refused_with_a_sentence(english, coordinator):
    session = SessionFactory(status=Session.Status.RELEASED)

    answer = english.post(url("session_release", session), {"defer_rest": "on"})

    assert "This is not possible now" in texts(answer)


def test_cancel_lets_the_issues_wait_again_once_it_is_published(english, coordinator, planned):
    item = item_of(planned)

    because = "The road to the hall is under water."

    silent = english.post(url("session_cancel", planned))
    answer = english.post(url("session_cancel", planned), {"because": because})

    planned.refresh_from_db()
    item.issue.refresh_from_db()
    assert silent.status_code == 200
    publishing = reverse("forum:programme_publish", args=[planned.forum_id])
    assert (answer.status_code, answer.url) == (302, f"{publishing}?session={planned.pk}")
    assert because in texts(english.get(answer.url))
    assert "once the cancellation is published" in texts(silent)
    assert (planned.status, item.issue.status) == ("cancelled", "scheduled")

    publish(planned.forum, coordinator, now=clock.now())
    item.issue.refresh_from_db()
    assert item.issue.status == "accepted"


def test_cancelled_in_the_draft_its_agenda_is_shown_to_the_public_as_before(english, planned):
    item_of(planned)

    def read():
        page = english.get(reverse("issues:agenda", args=[planned.pk]))
        return texts(page).split("<main")[1].split("</main>")[0]

    before = read()
    by = coordinator_of(planned.province)
    actions.cancel_session(planned, by=by, now=clock.now(), because="Rain.")

    assert read() == before


def test_cancel_page_tells_whom_it_reaches_and_changes_nothing(english, coordinator, planned):
    item_of(planned)
    InvitationFactory(session=planned)

    context = english.get(url("session_cancel", planned)).context

    planned.refresh_from_db()
    assert (context["invited"], context["waiting"], planned.status) == (1, 1, "planned")


def test_cancel_of_an_open_session_is_refused_with_a_sentence(english, coordinator, opened):
    item_of(opened)

    answer = english.post(url("session_cancel", opened), {"because": "Rain."})

    opened.refresh_from_db()
    assert "The session has already been opened." in texts(answer)
    assert (opened.status, AgendaItem.objects.count()) == ("open", 1)


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
