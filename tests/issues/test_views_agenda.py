import datetime as dt
import uuid

import pytest
from django.urls import reverse

from audit import clock
from forum.models import Session
from issues import actions
from issues.models import AgendaItem, Issue, PreparedReply, Referral
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    LocalityFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    SessionFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
KEY = str(uuid.UUID(int=7))
SESSION_ACTS = [
    "agenda_add",
    "agenda_point",
    "agenda_heading",
    "agenda_arrange",
    "agenda_reviews",
    "agenda_offices",
]
ITEM_ACTS = ["item_allot", "item_remove", "item_retitle", "item_voices"]


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


@pytest.mark.parametrize("name", SESSION_ACTS + ITEM_ACTS)
def test_a_session_that_is_not_published_is_not_found_by_other_provinces(english, name):
    session = SessionFactory(status=Session.Status.OPEN)
    target = item_of(session) if name in ITEM_ACTS else session
    english.force_login(coordinator_of(ProvinceFactory(code="16")))

    assert english.post(url(name, target)).status_code == 404


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


def test_agenda_is_read_by_the_invited_and_the_coordinators_alone(english, mixed):
    InvitationFactory(session=mixed, organization=(guest := OrganizationFactory()))
    anonymous = english.get(url("agenda", mixed))
    answers = []
    for user in (
        representative_of(guest),
        coordinator_of(mixed.province),
        Issue.objects.get(title="Restricted").author,
        official_of(AuthorityFactory()),
        coordinator_of(ProvinceFactory(code="16")),
    ):
        english.force_login(user)
        answers.append(english.get(url("agenda", mixed)).status_code)

    assert (anonymous.status_code, anonymous.url.split("?")[0]) == (302, reverse("account_login"))
    assert answers == [200, 200, 404, 404, 404]


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


def test_agenda_tells_a_coordinator_of_a_concerned_office_its_number_alone(english, planned):
    item = item_of(planned, priority=2, disclosure="confidential", title="Bribes")
    office = AuthorityFactory()
    ConcernFactory(issue=item.issue, authority=office)
    both = official_of(office)
    RoleAssignmentFactory(user=both, role="coordinator", province=planned.province)
    english.force_login(both)

    page = texts(english.get(url("agenda", planned)))

    assert "An issue that is not shown at present" in page
    for word in (item.issue.get_priority_display(), "Confidential:", "Bribes"):
        assert str(word) not in page.split("Issues that wait")[0]


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


@pytest.mark.parametrize(("reader", "most"), [("coordinator", 22), ("official", 17)])
def test_agenda_costs_the_same_queries_with_one_item_and_with_thirty(
    english, planned, django_assert_max_num_queries, reader, most
):
    office = AuthorityFactory()
    InvitationFactory(session=planned, authority=office)
    user = official_of(office) if reader == "official" else coordinator_of(planned.province)
    english.force_login(user)
    pages = ["agenda", "replies" if reader == "official" else "agenda_grouped"]
    counts = []
    for more in (1, 29):
        for _ in range(more):
            item_of(planned).expected.add(office)
            issue_in("accepted")
            issue_in("referred")
            AgendaItemFactory(session=planned, issue=issue_in("referred"))
        for page in pages:
            with django_assert_max_num_queries(most) as queries:
                english.get(url(page, planned))
            counts.append(len(queries))

    assert counts[:2] == counts[2:]


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

    assert [one.issue for one in context["waiting"]] == [waiting]
    shown = [(one.issue, one.is_late) for one in context["reviews"]]
    assert shown == [(late, True), (later, False)]


def test_agenda_candidates_are_narrowed_by_every_filter(english, coordinator, planned):
    issue_in(
        "accepted",
        title="Bridge",
        theme=ThemeFactory(code="roads"),
        commune=LocalityFactory(code="110203"),
        priority=2,
        deferrals=2,
        submitted_at=clock.now() - 100 * DAY,
    )
    issue_in("accepted", title="Well")

    def offered(**query):
        context = english.get(url("agenda", planned), query).context
        return [one.issue.title for one in context["waiting"]]

    only_bridge = [
        {"q": "bridge"},
        {"theme": "roads"},
        {"district": "1102"},
        {"district": "1102", "commune": "110203"},
        {"age": "90"},
        {"priority": "2"},
        {"deferred": "2"},
    ]
    assert [offered(**one) for one in only_bridge] == [["Bridge"]] * len(only_bridge)
    assert offered(theme="land") == ["Well"]


def test_agenda_tells_what_a_coordinator_weighs(english, coordinator, planned):
    issue = issue_in("accepted", deferrals=1, priority=1)
    again = issue_in("accepted", follows=issue, root=issue, link="again")
    CosignFactory(issue=issue)
    CosignFactory(issue=issue)

    answer = english.get(url("agenda", planned))

    found = {
        one.issue: (one.age, one.issue.cosigners, one.issue.raised, one.issue.reopened)
        for one in answer.context["waiting"]
    }
    assert found == {issue: (18, 2, 2, False), again: (18, 0, 2, False)}
    for said in ("2 co-signers", "raised 2 times", "deferred 1 time", "18 days old", "High"):
        assert said in texts(answer)


def test_agenda_add_puts_the_ticked_issues_on_the_agenda(english, coordinator, planned):
    first, second = issue_in("accepted"), issue_in("referred")

    answer = english.post(
        url("agenda_add", planned), {"issues": [first.pk, second.pk], "minutes": "១៥"}
    )

    assert answer.url == url("agenda", planned) + "#items"
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

    assert f'method="post" action="{url("item_allot", item)}' in page
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


# --- sections and times -------------------------------------------------------------------------
def test_sections_have_headings_sums_and_times_of_their_items(english, coordinator, planned):
    AgendaItemFactory(session=planned, issue=None, title="Opening", minutes=10)
    english.post(url("agenda_heading", planned), {"title": "Land", "client_key": KEY})
    item_of(planned)
    AgendaItemFactory(session=planned, issue=None, title="Remarks", minutes=250)
    begins = planned.starts_at

    entries = english.get(url("agenda", planned)).context["entries"]

    slots = [(e.slot.number, e.slot.minutes, e.slot.items, e.slot.is_over) for e in entries]
    assert slots == [(1, 10, 0, False), (0, 260, 2, True), (2, 10, 0, False), (3, 250, 0, True)]
    times = [(e.slot.starts_at, e.slot.ends_at) for e in entries]
    minute = dt.timedelta(minutes=1)
    assert times[1:3] == [
        (begins + 10 * minute, begins + 270 * minute),
        (begins + 10 * minute, begins + 20 * minute),
    ]
    assert "after the end" in texts(english.get(url("agenda", planned)))


def test_agenda_of_a_session_without_a_day_has_no_times(english, coordinator):
    session = SessionFactory(starts_at=None, ends_at=None)
    item_of(session)

    answer = english.get(url("agenda", session))

    assert answer.context["entries"][0].slot.starts_at is None
    assert "10 minutes are planned." in texts(answer)


def test_a_point_is_retitled_against_the_title_that_was_seen(english, coordinator, planned):
    point = AgendaItemFactory(session=planned, issue=None, title="Opening")

    done = english.post(url("item_retitle", point), {"seen": "Opening", "title": "Anthem"})
    late = english.post(url("item_retitle", point), {"seen": "Opening", "title": "Words"})
    empty = english.post(url("item_retitle", point), {"seen": "Anthem", "title": " "})

    assert done.url == f"{url('agenda', planned)}#item-{point.pk}"
    assert (late.status_code, empty.status_code) == (409, 200)
    assert "Meanwhile somebody else has named it “Anthem”." in texts(late)
    assert list(empty.context["retitle_form"].errors) == ["title"]
    assert AgendaItem.objects.get().title == "Anthem"


def test_issues_are_added_at_the_end_of_a_section(english, coordinator, planned):
    first = item_of(planned)
    heading = AgendaItemFactory(
        session=planned, issue=None, is_heading=True, minutes=0, title="Water"
    )
    issue = issue_in("accepted")

    page = texts(english.get(url("agenda", planned), {"q": "x"}))
    answer = english.post(
        url("agenda_add", planned) + "?q=x&key=7",
        {"issues": [issue.pk], "minutes": "10", "before": heading.pk},
    )

    assert "Before “Water”" not in page  # nothing is found to be added
    assert answer.url == url("agenda", planned) + "?q=x#items"
    assert order_of(planned) == [first.pk, issue.agenda_items.get().pk, heading.pk]


def test_reviews_are_taken_up_at_one_press(english, coordinator, planned):
    fresh = item_of(planned)
    review = issue_in("referred")
    Referral.objects.update(released_at=clock.now(), review_on=clock.today())

    before = english.get(url("agenda", planned))
    english.post(url("agenda_reviews", planned))
    after = english.get(url("agenda", planned))

    assert (before.context["come_back"], after.context["come_back"]) == (1, 0)
    assert "Take 1 review up now" in texts(before)
    shown = [(e.item.issue, e.is_review, e.review_on) for e in after.context["entries"]]
    assert shown == [(review, True, clock.today()), (fresh.issue, False, None)]


# --- who speaks ---------------------------------------------------------------------------------
def test_voices_are_suggested_saved_and_shown_to_the_invited(english, coordinator, planned):
    item = item_of(planned)
    office = AuthorityFactory(kind="administration", name_en="Administration")
    presenter = OrganizationFactory(name_en="River Watch")
    InvitationFactory(session=planned, organization=(guest := OrganizationFactory()))

    form = english.get(url("item_voices", item)).context["form"]
    chosen = {"presenter": presenter.pk, "expected": [office.pk], "seen": form["seen"].value()}
    answer = english.post(url("item_voices", item), chosen)
    second = english.post(url("item_voices", item), chosen | {"presenter": ""})
    english.force_login(representative_of(guest))
    page = texts(english.get(url("agenda", planned)))

    assert form.initial == {"presenter": None, "expected": {office.pk}, "seen": "0"}
    assert "Meanwhile somebody else chose: River Watch, Administration." in texts(second)
    assert second.context["form"]["seen"].value() == f"{presenter.pk},{office.pk}"
    assert item.issue.organization not in form.fields["presenter"].queryset
    assert answer.url == f"{url('agenda', planned)}#item-{item.pk}"
    assert "Presented by: River Watch" in page
    assert "Expected to answer: Administration" in page


def test_likely_offices_are_entered_where_there_is_none(english, coordinator, planned):
    office = AuthorityFactory(kind="administration")
    holder, named = AuthorityFactory(), AuthorityFactory()
    bare, done, barred = (item_of(planned) for _ in range(3))
    done.expected.add(named)
    ConcernFactory(issue=barred.issue, authority=office)
    review = AgendaItemFactory(session=planned, issue=issue_in("referred", authority=holder))
    Referral.objects.update(released_at=clock.now())

    before = english.get(url("agenda", planned)).context["bare"]
    english.post(url("agenda_offices", planned))

    expected = [list(one.expected.all()) for one in (bare, done, barred, review)]
    assert (before, expected) == (3, [[office], [named], [], [holder]])


@pytest.mark.parametrize("name", ["agenda_suggested", "agenda_grouped"])
def test_a_proposed_order_changes_nothing_until_it_is_used(english, coordinator, planned, name):
    office, other = AuthorityFactory(), AuthorityFactory()
    items = [item_of(planned), item_of(planned, deferrals=1), item_of(planned, priority=2)]
    for item, expected in zip(items, [office, other, office], strict=True):
        item.expected.add(expected)
    first, second, third = (one.pk for one in items)

    answer = english.get(url(name, planned))
    context = answer.context
    assert order_of(planned) == [first, second, third]
    english.post(
        url("agenda_arrange", planned), {"seen": context["seen"], "order": context["order"]}
    )

    if name == "agenda_grouped":
        assert order_of(planned) == [first, third, second]
        needed = [(one.office, one.minutes, one.before) for one in context["needed"]]
        assert needed == [(office, 20, 30), (other, 10, 10)]
    else:
        assert order_of(planned) == [third, second, first]
        assert "Urgent" in texts(answer)
    assert english.get(url(name, planned)).context["is_same"]


def test_outcomes_stay_readable_to_the_invited(english):
    session = SessionFactory(status=Session.Status.RELEASED, published_at=clock.now())
    InvitationFactory(session=session, organization=(guest := OrganizationFactory()))
    for fields in ({}, {"disclosure": "confidential"}):
        OutcomeFactory(item=item_of(session, **fields), kind="deferred")
    english.force_login(representative_of(guest))

    entries = english.get(url("agenda", session)).context["entries"]

    assert [one.outcome and one.outcome.kind for one in entries] == ["deferred", None]


# --- prepared replies ---------------------------------------------------------------------------
@pytest.fixture
def office(planned):
    made = AuthorityFactory()
    InvitationFactory(session=planned, authority=made)
    return made


def reply_url(item, office):
    return reverse("issues:item_reply", args=[item.pk, office.pk])


def test_replies_are_written_changed_and_withdrawn_by_the_office(english, planned, office):
    item, other = item_of(planned), item_of(planned, title="Not ours")
    item.expected.add(office)
    english.force_login(official_of(office))

    page = texts(english.get(url("replies", planned)))
    sent = {"text": "It is built in May.", "title": "Director", "seen": "0"}
    kept = english.post(reply_url(item, office), sent)
    late = english.post(reply_url(item, office), sent | {"text": "In June."})
    again = english.post(reply_url(item, office), sent | {"text": "In June.", "seen": "1"})

    assert other.issue.title not in page
    assert kept.url == again.url == f"{url('replies', planned)}#item-{item.pk}"
    assert late.status_code == 409
    assert "Meanwhile a colleague has changed this reply." in texts(late)
    assert 'name="seen" value="1"' in texts(late)
    assert PreparedReply.objects.values_list("text", "version").get() == ("In June.", 2)
    agenda = texts(english.get(url("agenda", planned)))
    assert f"{url('replies', planned)}#item-{item.pk}" in agenda
    english.post(reply_url(item, office), {"text": "", "seen": "2"})
    assert not PreparedReply.objects.exists()


def test_replies_are_read_by_the_secretariat_and_that_office_alone(english, planned, office):
    item, rival = item_of(planned), AuthorityFactory()
    InvitationFactory(session=planned, authority=rival)
    item.expected.set([office, rival])
    by = official_of(office)
    actions.prepare_reply(item, authority=office, by=by, now=clock.now(), text="In May.")

    seen = {}
    readers = {"own": by, "rival": official_of(rival), "coordinator": coordinator_of(None)}
    for name, user in readers.items():
        english.force_login(user)
        entries = english.get(url("agenda", planned)).context["entries"]
        replies = texts(english.get(url("replies", planned)))
        seen[name] = (len(entries[0].replies), "In May." in replies)

    assert seen == {"own": (1, True), "rival": (0, False), "coordinator": (1, False)}


@pytest.mark.parametrize("case", ["not asked", "concerned", "frozen", "stranger", "decided"])
def test_replies_to_what_the_office_is_not_asked_are_refused(english, opened, case):
    office, item = AuthorityFactory(), item_of(opened)
    user = official_of(AuthorityFactory() if case == "stranger" else office)
    if case != "not asked":
        item.expected.add(office)
    if case == "concerned":
        ConcernFactory(issue=item.issue, authority=office)
    if case == "frozen":
        Issue.objects.update(pressured_at=clock.now())
    if case == "decided":
        OutcomeFactory(item=item, kind="noted")
    english.force_login(user)

    page = english.get(url("replies", opened)).status_code
    sent = english.post(reply_url(item, office), {"text": "In May.", "seen": "0"}).status_code

    assert (page, sent) == ((200, 409) if case == "decided" else (404, 404))
    assert not PreparedReply.objects.exists()


def test_replies_show_an_office_the_room_s_part_of_a_confidential_issue(english, planned, office):
    item = item_of(planned, title="Secret", disclosure="confidential")
    item.expected.add(office)
    english.force_login(official_of(office))

    page = texts(english.get(url("replies", planned)))

    assert "Confidential item" in page
    assert "Secret" not in page
