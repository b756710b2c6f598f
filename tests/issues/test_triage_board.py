import pytest
from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Issue
from provinces.models import Authority
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    EvidenceFactory,
    IssueFactory,
    LocalityFactory,
    ProvinceFactory,
    ThemeFactory,
    ago,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
BOARD = "/issues/triage/"


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def coordinator(english):
    user = coordinator_of(ProvinceFactory())
    english.force_login(user)
    return user


def waiting(title, days, state="submitted", **fields):
    """An issue that was sent so many days ago."""
    issue = issue_in(state, title=title, **fields)
    Issue.objects.filter(pk=issue.pk).update(submitted_at=ago(days))
    return Issue.objects.get(pk=issue.pk)


def titles(client, **query):
    return [row.issue.title for row in client.get(BOARD, query).context["board"].rows]


def opened(client, **query):
    board = client.get(BOARD, query).context["board"]
    return board.opened and board.opened.issue


# --- the list -----------------------------------------------------------------------------------
def test_board_shows_what_waits_longest_first_and_for_how_long(english, coordinator):
    for title, days in (("b", 5), ("c", 1), ("a", 12)):
        waiting(title, days)

    page = english.get(BOARD)

    rows = [(row.issue.title, row.days) for row in page.context["board"].rows]
    assert rows == [("a", 12), ("b", 5), ("c", 1)]
    assert "waiting 12 days" in page.content.decode()


def test_board_counts_its_tabs_and_shows_one_of_them(english, coordinator):
    waiting("new", 3)
    waiting("asked", 3, state="returned")
    waiting("taken", 3, state="accepted")
    for state in ("scheduled", "referred", "resolved", "closed"):
        issue_in(state)
    IssueFactory()

    page = english.get(BOARD)

    tabs = [(tab.name, tab.count, tab.is_current) for tab in page.context["board"].tabs]
    assert tabs == [("new", 1, True), ("returned", 1, False), ("accepted", 1, False)]
    shown = {tab: titles(english, tab=tab) for tab in ("new", "returned", "accepted", "other")}
    assert shown == {"new": ["new"], "returned": ["asked"], "accepted": ["taken"], "other": ["new"]}


def test_board_tells_since_when_a_question_waits(english, coordinator):
    issue = waiting("asked", 9, state="returned")
    issue.intervals.filter(left_at=None).update(entered_at=ago(2))

    assert "asked 2 days ago" in english.get(BOARD, {"tab": "returned"}).content.decode()


def test_board_holds_the_provinces_of_its_reader_alone(english):
    elsewhere = ProvinceFactory(code="16")
    waiting("here", 2)
    waiting("there", 3, province=elsewhere)
    english.force_login(coordinator_of(ProvinceFactory()))
    one = titles(english), titles(english, province="16")
    english.force_login(coordinator_of(None))
    all_of_them = titles(english), titles(english, province="16"), titles(english, province="99")

    assert one == (["here"], [])
    assert all_of_them == (["there", "here"], ["there"], [])


@pytest.mark.parametrize("make", [representative_of, official_of])
def test_board_is_for_coordinators(english, make):
    issue = issue_in("referred")
    thing = issue.organization if make is representative_of else issue.referrals.get().authority
    english.force_login(make(thing))

    answers = [english.get(BOARD).status_code, english.get(f"{BOARD}selected/").status_code]

    assert answers == [403, 403]


def test_a_row_says_what_is_needed_to_choose(english, coordinator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    issue = waiting("ស្ពានឈើបាក់", 4, priority=2, disclosure="confidential", reply="Over there.")
    EvidenceFactory(issue=issue)
    waiting("ស្ពានឈើបាក់", 2)

    page = english.get(BOARD)

    row = page.context["board"].rows[0]
    assert (row.issue, row.issue.files, row.repeats) == (issue, 1, 1)
    source = page.content.decode()
    wanted = [
        issue.reference, issue.organization.name_en, row.place, issue.theme.name_en,
        "120, of whom 64 women", "Urgent", "Confidential", "1 file", "1 similar issue",
        "Question answered",
    ]  # fmt: skip
    assert [one for one in wanted if one not in source] == []


@pytest.mark.parametrize("is_open", [False, True])
def test_board_costs_the_same_queries_with_one_row_and_with_thirty(
    english, coordinator, django_assert_max_num_queries, is_open
):
    first = waiting("first", 40)
    query = {"open": first.reference, "page": 1} if is_open else {}
    counts = []
    for more in (0, 29):
        for _ in range(more):
            waiting("more", 3)
        with django_assert_max_num_queries(20 if is_open else 12) as queries:
            board = english.get(BOARD, query).context["board"]
        counts.append((len(board.rows), len(queries)))

    (one, few), (page, many) = counts
    assert (one, page) == (1, 25)
    # The near issues of the opened one are read once there are any.
    assert many - few == (1 if is_open else 0)


def test_board_has_pages_and_opens_an_issue_on_its_own(english, coordinator):
    issues = [waiting(f"{n:02}", 60 - n) for n in range(27)]

    second = titles(english, page=2)
    board = english.get(BOARD, {"open": issues[26].reference}).context["board"]

    assert second == ["25", "26"]
    assert (board.number, board.pages, titles(english, page="x")[0]) == (2, 2, "00")
    assert (board.neighbors[0][-12:], board.neighbors[1]) == (issues[25].reference, "")


# --- the opened issue ---------------------------------------------------------------------------
def test_opened_issue_shows_its_words_and_its_acts(english, coordinator):
    issue = waiting("title", 3, text="What happened.", asked="A new bridge.")

    source = english.get(BOARD, {"open": issue.reference}).content.decode()

    wanted = ["What happened.", "A new bridge.", issue.get_absolute_url() + "#history"]
    acts = [f"/issues/{issue.reference}/{act}/?tab=new" for act in ("accept", "return", "decline")]
    assert [one for one in wanted + acts if one not in source] == []


def test_a_frozen_issue_says_so_and_offers_no_act_that_waits_with_it(english, coordinator):
    issue = waiting("title", 3, state="accepted", pressured_at=clock.now())

    board = english.get(BOARD, {"tab": "accepted", "open": issue.reference})

    acts = [link.act for link in board.context["board"].opened.links]
    assert acts == ["correct", "tighten"]
    assert "as its organization was pressured" in board.content.decode()


def near_acts(client, issue, other, **query):
    """Whether the opened issue may be merged into the other one, and linked with it."""
    source = client.get(BOARD, {"open": issue.reference} | query).content.decode()
    assert other.reference in source
    merge = f'href="/issues/{issue.reference}/merge/?into={other.reference}&amp;tab='
    return merge in source, f'action="/issues/{issue.reference}/link/?tab=' in source


@pytest.mark.parametrize(
    ("state", "tab", "other", "acts"),
    [
        ("submitted", "new", {"state": "accepted"}, (True, True)),
        ("accepted", "accepted", {"state": "referred"}, (True, True)),
        ("returned", "returned", {"state": "accepted"}, (False, True)),
        ("submitted", "new", {"state": "resolved"}, (False, True)),
        ("submitted", "new", {"state": "closed"}, (False, True)),
        ("submitted", "new", {"state": "accepted", "pressured_at": clock.now()}, (False, True)),
    ],
)
def test_opened_issue_offers_what_may_be_done_with_a_near_one(
    english, coordinator, state, tab, other, acts
):
    issue, near = waiting("title", 3, state=state), waiting("title", 9, **other)

    assert near_acts(english, issue, near, tab=tab) == acts


def test_a_frozen_issue_offers_nothing_with_a_near_one(english, coordinator):
    issue = waiting("title", 3, state="accepted", pressured_at=clock.now())
    near = waiting("title", 9, state="accepted")

    assert near_acts(english, issue, near, tab="accepted") == (False, False)


def test_linking_and_unlinking_lead_back_to_the_board(english, coordinator):
    issue, near = waiting("title", 3), waiting("title", 9)
    address = f"/issues/{issue.reference}/link/?tab=new&province=11"

    linked = english.post(address, {"earlier": near.reference}, follow=True)
    issue.refresh_from_db()
    follows = issue.follows
    unlinked = english.post(address)

    assert linked.redirect_chain[0][0] == f"{BOARD}?tab=new&province=11&open={issue.reference}"
    assert "Take the link away" in linked.content.decode()
    assert unlinked.url == linked.redirect_chain[0][0]
    issue.refresh_from_db()
    assert (follows, issue.follows) == (near, None)


def test_merging_leads_on_to_the_next_issue_of_the_board(english, coordinator):
    first, second = waiting("title", 9), waiting("title", 3)
    address = f"/issues/{first.reference}/merge/?into={second.reference}&tab=new"

    page = english.get(address)
    choose = english.get(f"/issues/{first.reference}/merge/?tab=new").content.decode()
    answer = english.post(address, {"into": second.reference, "note": "The same bridge."})
    again = english.get(address)

    assert page.context["cancel_url"] == f"{BOARD}?tab=new&open={first.reference}"
    assert f"?into={second.reference}&amp;tab=new" in choose
    assert '<input type="hidden" name="tab" value="new">' in choose
    assert answer.url == f"{BOARD}?tab=new&after={first.reference}"
    assert opened(english, tab="new", after=first.reference) == second
    assert again.url == f"{BOARD}?tab=new&open={first.reference}"


def test_opened_issue_comes_as_a_part_for_htmx_and_as_a_page_else(english, coordinator):
    issue = waiting("title", 3)
    asked = {"open": issue.reference}

    part = english.get(BOARD, asked, headers={"HX-Request": "true", "HX-Target": "opened"})
    back = english.get(
        BOARD,
        asked,
        headers={
            "HX-Request": "true", "HX-Target": "opened", "HX-History-Restore-Request": "true"
        },
    )  # fmt: skip

    assert part.content.decode().strip().startswith('<section class="panel flow" id="opened"')
    assert "<html" in back.content.decode()
    assert "HX-Request" in part.headers["Vary"]


def test_an_issue_of_another_province_is_not_opened(english, coordinator):
    other = waiting("other", 3, province=ProvinceFactory(code="16"))

    page = english.get(BOARD, {"open": other.reference})

    assert page.context["board"].opened is None
    assert other.title not in page.content.decode()


def test_after_an_act_the_board_opens_the_next_issue(english, coordinator):
    first, second, third = (waiting(name, 9 - n) for n, name in enumerate("abc"))

    answer = english.post(
        f"/issues/{second.reference}/return/?tab=new", {"question": "In which village?"}
    )

    assert answer.url == f"{BOARD}?tab=new&after={second.reference}"
    assert opened(english, tab="new", after=second.reference) == third
    assert opened(english, tab="new", after=third.reference) == first
    actions.decline(first, by=coordinator, now=clock.now(), reason="No.")
    actions.decline(third, by=coordinator, now=clock.now(), reason="No.")
    assert opened(english, tab="new", after=third.reference) is None


def test_a_refused_act_keeps_its_place_on_the_board(english, coordinator):
    issue = waiting("title", 3)

    page = english.post(f"/issues/{issue.reference}/decline/?tab=new&province=11", {"reason": ""})

    assert page.status_code == 200
    assert page.context["cancel_url"] == (f"{BOARD}?tab=new&province=11&open={issue.reference}")


# --- accept, correct ----------------------------------------------------------------------------
def taken_in(issue, **changes):
    """The form of taking in as a browser sends it."""
    return {
        "theme": issue.theme_id,
        "district": issue.commune_id[:4],
        "commune": issue.commune_id,
        "priority": issue.priority,
        "disclosure": issue.disclosure,
        "seen": issue.version,
    } | changes


def accept(client, issue, tab="new", **changes):
    return client.post(f"/issues/{issue.reference}/accept/?tab={tab}", taken_in(issue, **changes))


def test_accept_sets_all_of_it_at_once(english, coordinator):
    issue, theme = waiting("title", 3, disclosure="public"), ThemeFactory(code="roads")
    commune = LocalityFactory(code="110203")

    accept(
        english, issue, theme="roads", district="1102", commune="110203", priority=2,
        disclosure="confidential",
    )  # fmt: skip

    issue.refresh_from_db()
    assert (issue.status, issue.theme, issue.commune, issue.priority, issue.disclosure) == (
        "accepted", theme, commune, 2, "confidential",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"district": "1102", "commune": "110101"}, "commune"),
        ({"district": "1102", "commune": ""}, "commune"),
        ({"district": "1601", "commune": "160101"}, "district"),
        ({"disclosure": "public"}, "disclosure"),
        ({"office": "0"}, "office"),
    ],
)
def test_accept_refuses_what_cannot_be(english, coordinator, changes, field):
    issue = waiting("title", 3, disclosure="restricted")
    for code in ("110201", "160101"):
        LocalityFactory(code=code)

    page = accept(english, issue, **changes)

    issue.refresh_from_db()
    assert field in page.context["form"].errors
    assert issue.status == "submitted"


def test_accept_of_what_the_organization_changed_meanwhile_is_refused(english, coordinator):
    issue = waiting("title", 3)
    Issue.objects.filter(pk=issue.pk).update(version=issue.version + 1)

    page = accept(english, issue)

    issue.refresh_from_db()
    assert "changed this issue meanwhile" in page.context["form"].non_field_errors()[0]
    assert issue.status == "submitted"


def test_accept_with_an_office_goes_on_to_its_date_and_then_to_the_next_issue(english, coordinator):
    issue, following = waiting("a", 5), waiting("b", 3)
    office = AuthorityFactory()

    answer = accept(english, issue, office=office.pk)
    page = english.get(answer.url)
    due_on = page.context["form"]["due_on"].initial
    done = english.post(answer.url, {"authority": office.pk, "due_on": due_on, "note": ""})

    assert answer.url.startswith(f"/issues/{issue.reference}/refer/?office={office.pk}&tab=new")
    assert page.context["form"]["authority"].initial == str(office.pk)
    issue.refresh_from_db()
    assert (issue.status, issue.referrals.get().authority) == ("referred", office)
    assert english.get(done.url).context["board"].opened.issue == following


def test_without_a_script_the_next_list_of_places_is_shown(english, coordinator):
    issue = waiting("title", 3)
    LocalityFactory(code="110204", name_en="Far")

    page = accept(english, issue, district="1102", commune="", refresh="1")

    assert page.context["form"].errors == {}
    assert '<option value="110204">Far' in page.content.decode()
    issue.refresh_from_db()
    assert issue.status == "submitted"


def test_correct_changes_theme_and_place_and_leads_back(english, coordinator):
    issue, theme = issue_in("referred"), ThemeFactory(code="roads")
    address = f"/issues/{issue.reference}/correct/"

    page = english.get(issue.get_absolute_url()).content.decode()
    answer = english.post(address, taken_in(issue, theme="roads"))

    issue.refresh_from_db()
    assert f'href="{address}"' in page
    assert (answer.url, issue.theme) == (issue.get_absolute_url(), theme)
    assert "Corrected by the secretariat" in english.get(answer.url).content.decode()


# --- suggested offices --------------------------------------------------------------------------
def offered(client, issue, **query):
    answer = client.get(reverse("issues:issue_offices", args=[issue.reference]), query)
    return answer.content.decode()


def test_the_office_nearest_to_the_place_is_suggested_first(english, coordinator):
    issue = waiting("title", 3)
    commune, district = issue.commune, issue.commune.parent
    kind = Authority.Kind
    ranked = [
        AuthorityFactory(kind=kind.COMMUNE, locality=commune, name_en="Commune"),
        AuthorityFactory(kind=kind.DISTRICT, locality=district, name_en="District"),
        AuthorityFactory(name_en="Department"),
    ]
    AuthorityFactory(kind=kind.ADMINISTRATION, name_en="Administration")
    AuthorityFactory(ministry=True, name_en="Ministry").themes.add(issue.theme)
    for office in ranked:
        office.themes.add(issue.theme)
    found = []
    for office in [*ranked, None]:
        source = offered(english, issue)
        found.append(source.split(" (suggested)")[0].rsplit(">", 1)[1])
        if office:
            ConcernFactory(issue=issue, authority=office)

    assert found == ["Commune", "District", "Department", "Administration"]


def test_an_office_below_one_that_the_issue_concerns_is_never_offered(english, coordinator):
    issue = waiting("title", 3)
    above = AuthorityFactory(name_en="Above")
    below = AuthorityFactory(superior=above, name_en="Below")
    below.themes.add(issue.theme)
    ConcernFactory(issue=issue, authority=above)

    page = english.get(BOARD, {"open": issue.reference}).content.decode()

    assert [one for one in ("Above", "Below") if one in offered(english, issue) + page] == []


def test_suggestion_follows_the_theme_that_is_chosen(english, coordinator):
    issue = waiting("title", 3)
    works = AuthorityFactory(name_en="Works")
    works.themes.add(ThemeFactory(code="roads"))

    assert "suggested" not in offered(english, issue)
    assert "Works (suggested)" in offered(english, issue, theme="roads")


# --- home ---------------------------------------------------------------------------------------
def test_home_leads_to_the_board(english, coordinator):
    assert f'href="{BOARD}"' in english.get("/").content.decode()
