"""The planning board: what lies where on it, and every move, also those that are refused."""

import datetime as dt
import gzip

import pytest
from django.urls import reverse
from django.utils import translation

from audit import clock
from forum import actions, daywords
from forum import board as boards
from forum.models import Session
from outbox.models import Message, Notice
from provinces.workdays import Calendar
from tests.factories import (
    ForumFactory,
    HolidayFactory,
    OrganizationFactory,
    PresiderFactory,
    PresidingFactory,
    ProvinceFactory,
    SessionFactory,
    VenueFactory,
    announced,
    coordinator_of,
    representative_of,
)
from tests.forum.conftest import PHNOM_PENH

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FIRST, LATEST = dt.date(2028, 12, 4), dt.date(2028, 12, 22)


def at(day, hour=8, month=12):
    return dt.datetime(2028, month, day, hour, tzinfo=PHNOM_PENH)


@pytest.fixture
def neighbor():
    return ProvinceFactory(code="16")


@pytest.fixture
def forum(neighbor):
    return ForumFactory(
        starts_on=FIRST, ends_on=LATEST, provinces=[ProvinceFactory(), neighbor], notice_days=0
    )


@pytest.fixture
def session(forum):
    return held_on(7, forum)


@pytest.fixture
def user(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    user = coordinator_of(ProvinceFactory())
    client.force_login(user)
    return user


def held_on(day, forum, province=None, **fields):
    """A session from eight to twelve; without a day in the tray."""
    times = {"starts_at": at(day), "ends_at": at(day, 12)} if day else {}
    times = times or {"starts_at": None, "ends_at": None}
    return SessionFactory(forum=forum, province=province or ProvinceFactory(), **times | fields)


def opened(client, forum, **query):
    return client.get(reverse("forum:board", args=[forum.pk]), query)


def laid(page):
    """The keys of the cells that hold cards, with the ids of their sessions."""
    cells = page.context["board"].cells.values()
    return {one.key: [card.session.pk for card in one.cards] for one in cells if one.cards}


def move(client, session, headers=HTMX, **typed):
    """Send a move as the board does, with the version that was read."""
    typed = {"seen": session.version, "view": "month", "month": "2028-12"} | typed
    return client.post(reverse("forum:session_move", args=[session.pk]), typed, headers=headers)


def day_of(session):
    return Session.objects.get(pk=session.pk).day


# --- cells --------------------------------------------------------------------------------------
def test_month_is_whole_weeks_from_monday_with_every_session_on_its_day(client, user, forum):
    session, unplaced = held_on(7, forum), held_on(None, forum)
    far = held_on(None, forum, starts_at=at(3, month=11), ends_at=at(3, 12, month=11))

    page = opened(client, forum)

    board = page.context["board"]
    assert laid(page) == {"tray": [unplaced.pk], "d-2028-12-07": [session.pk]}
    assert (board.days[0].day, board.days[-1].day) == (dt.date(2028, 11, 27), dt.date(2028, 12, 31))
    assert board.days[0].day.weekday() == 0
    assert [(one.spot.month.month, one.count, one.is_current) for one in board.months] == [
        (11, 1, False),
        (12, 1, True),
    ]
    assert laid(opened(client, forum, month="2028-11")) == {
        "tray": [unplaced.pk],
        "d-2028-11-03": [far.pk],
    }


def test_month_that_is_none_is_the_first_of_the_forum(client, user, forum):
    shown = [
        opened(client, forum, month=typed).context["board"].spot.month
        for typed in ("", "2028-13", "x", "9999-12", "2029-01")
    ]

    assert shown == [*[dt.date(2028, 12, 1)] * 4, dt.date(2029, 1, 1)]


def test_weeks_are_those_of_the_forum_and_one_on_either_side(client, user, forum, neighbor):
    session, there = held_on(7, forum), held_on(12, forum, neighbor, published_at=clock.now())

    page = opened(client, forum, view="weeks")

    board = page.context["board"]
    mondays = [dt.date(2028, 11, 27) + week * dt.timedelta(7) for week in range(5)]
    assert [(one.monday, one.is_held) for one in board.weeks] == list(
        zip(mondays, (False, True, True, True, False), strict=True)
    )
    assert {one.province.pk: len(one.slots) for one in board.rows} == {"11": 5, "16": 5}
    assert laid(page) == {"w-11-2028-12-04": [session.pk], "w-16-2028-12-11": [there.pk]}


def test_weeks_are_not_stretched_by_sessions_that_lie_elsewhere(client, user, forum):
    near = held_on(None, forum, starts_at=at(2, month=10), ends_at=at(2, 12, month=10))
    far = SessionFactory(forum=forum, starts_at=at(5) + dt.timedelta(days=900))

    page = opened(client, forum, view="weeks")

    board = page.context["board"]
    assert (laid(page), len(board.weeks)) == ({}, 5)
    assert [one.session.pk for one in board.elsewhere] == [near.pk, far.pk]
    assert f"month={far.day:%Y-%m}#s{far.pk}" in page.content.decode()


def test_closed_days_are_said_in_words(client, user, forum, neighbor):
    HolidayFactory(date=dt.date(2028, 12, 6), name_en="A feast")
    HolidayFactory(date=dt.date(2028, 12, 9), name_en="A market", province=neighbor)

    month, weeks = opened(client, forum), opened(client, forum, view="weeks")

    days = {one.key: one for one in month.context["board"].days}
    assert (days["d-2028-12-06"].holidays, days["d-2028-12-06"].is_weekend) == (["A feast"], False)
    assert days["d-2028-12-09"].holidays == ["A market (Ratanakkiri)"]
    assert all(said in month.content.decode() for said in ("Weekend", "A market (Ratanakkiri)"))
    board = weeks.context["board"]
    assert [one.holidays for one in board.weeks] == [[], ["Wed 6: A feast"], [], [], []]
    assert [one.holidays for one in board.rows[1].slots] == [[], ["Sat 9: A market"], [], [], []]


def test_card_says_how_the_draft_differs_from_what_is_published(client, user, forum):
    same, moved, off = (held_on(day, forum, published_at=clock.now()) for day in (5, 6, 7))
    new, unplaced = held_on(8, forum), held_on(None, forum)
    actions.move_session(moved, by=user, now=clock.now(), day=dt.date(2028, 12, 11))
    actions.cancel_session(off, by=user, now=clock.now(), because="The road is under water.")

    page = opened(client, forum)

    board = page.context["board"]
    said = {one.session.pk: (one.change, one.may_move) for one in board.cards}
    assert said == {
        same.pk: ("same", True),
        moved.pk: ("moved", True),
        off.pk: ("cancelled", False),
        new.pk: ("new", True),
        unplaced.pk: (None, True),
    }
    assert board.unpublished == 3
    assert "3 unpublished changes" in page.content.decode()


def test_board_counts_the_warnings_of_its_sessions(client, user, forum):
    hall = VenueFactory(province=ProvinceFactory())
    held_on(7, forum, venue=hall)
    held_on(7, forum, venue=hall)

    page = opened(client, forum)

    cards = page.context["board"].own
    assert all(any("Provincial hall" in said for said in one.warnings) for one in cards)
    assert page.context["board"].warned == sum(len(one.warnings) for one in cards) > 2


def test_sessions_of_other_forums_are_shown_and_stay(client, user, forum, neighbor):
    elsewhere = ForumFactory(provinces=[ProvinceFactory(), neighbor, ProvinceFactory(code="12")])
    own = held_on(6, elsewhere)
    held_on(6, elsewhere, neighbor)  # a draft that another province's coordinators plan
    known = held_on(6, elsewhere, neighbor, published_at=clock.now())
    held_on(6, elsewhere, ProvinceFactory(code="12"), published_at=clock.now())

    page = opened(client, forum)

    assert laid(page) == {"d-2028-12-06": [own.pk, known.pk]}
    assert {one.may_move for one in page.context["board"].cards} == {False}
    assert "data-seen" not in page.content.decode()


def test_sessions_of_provinces_that_are_not_served_are_as_published(client, user, forum, neighbor):
    session = held_on(7, forum, neighbor, published_at=clock.now())
    Session.objects.filter(pk=session.pk).update(starts_at=at(12), ends_at=at(12, 12))
    held_on(8, forum, neighbor)

    page = opened(client, forum)

    (card,) = page.context["board"].cards
    assert laid(page) == {"d-2028-12-07": [session.pk]}
    assert (card.change, card.may_move, page.context["board"].unpublished) == ("same", False, 0)


def test_cancelled_session_leaves_the_tray_once_nobody_waits_for_it(client, user, forum):
    held_on(None, forum, status="cancelled")
    known = held_on(6, forum, published_at=clock.now())
    actions.move_session(known, by=user, now=clock.now(), day=None)
    actions.cancel_session(known, by=user, now=clock.now(), because="Rain.")

    before = laid(opened(client, forum))
    announced(Session.objects.get(pk=known.pk))

    assert (before, laid(opened(client, forum))) == ({"tray": [known.pk]}, {})


def test_board_in_khmer_is_khmer(client, user, forum, session):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "km"

    month, weeks = (opened(client, forum, view=one).content.decode() for one in ("month", "weeks"))

    assert all(one in month for one in ("ធ្នូ ២០២៨", "ព្រហស្បតិ៍", "០៨:០០–១២:០០"))
    assert all(one in weeks for one in ("៤–១០ ធ្នូ", "២៧ វិច្ឆិកា – ៣ ធ្នូ", "ព្រហស្បតិ៍ ៧"))


# --- rights -------------------------------------------------------------------------------------
def test_board_is_for_coordinators_of_its_provinces(client, forum, neighbor):
    held_on(7, forum, published_at=clock.now())
    readers = [
        coordinator_of(neighbor),
        coordinator_of(None),
        coordinator_of(ProvinceFactory(code="12")),
        representative_of(OrganizationFactory()),
    ]
    answers = []
    for reader in readers:
        client.force_login(reader)
        answers.append(opened(client, forum).status_code)

    assert answers == [200, 200, 403, 403]


def test_forum_that_is_not_shown_has_no_board(client, user, neighbor):
    assert opened(client, ForumFactory(provinces=[neighbor])).status_code == 404


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_only_sessions_of_ones_own_provinces_are_moved(client, user, forum, neighbor, headers):
    session = held_on(7, forum, neighbor, published_at=clock.now())
    hidden = held_on(7, forum, neighbor)

    answers = [
        move(client, one, headers, day="2028-12-08").status_code for one in (session, hidden)
    ]

    assert answers == [403, 404]
    assert day_of(session) == dt.date(2028, 12, 7)


# --- moves --------------------------------------------------------------------------------------
def test_move_answers_with_the_cells_the_counts_and_a_sentence(client, user, forum, session):
    page = move(client, session, day="2028-12-08", cell=["d-2028-12-07", "d-2028-12-08"])

    assert page.status_code == 200
    assert day_of(session) == dt.date(2028, 12, 8)
    assert [one.key for one in page.context["cells"]] == ["tray", "d-2028-12-07", "d-2028-12-08"]
    text = " ".join(page.content.decode().split())
    assert "Mondulkiri is now on Friday 8 December, 08:00–12:00. 1 warning." in text
    assert "It is not set yet who presides." in text
    assert f'id="s{session.pk}" data-seen="2" data-day="2028-12-08"' in text
    assert "1 unpublished change" in text


def test_move_draws_anew_what_it_changed_elsewhere(client, user, forum, session):
    held_on(11, forum)
    held_on(14, forum)

    page = move(client, session, day="2028-12-11")

    assert [one.key for one in page.context["cells"]] == ["tray", "d-2028-12-07", "d-2028-12-11"]
    freed = move(client, Session.objects.get(pk=session.pk), day="2028-12-14")
    keys = [one.key for one in freed.context["cells"]]
    assert keys == ["tray", "d-2028-12-11", "d-2028-12-14"]
    (left,) = freed.context["board"].cells["d-2028-12-11"].cards
    assert len(left.warnings) == 1


def test_move_into_the_tray_and_out_of_it(client, user, forum, session):
    into = move(client, session, day="")
    placed = move(client, Session.objects.get(pk=session.pk), day="2028-12-12")

    assert "Mondulkiri lies in the tray now." in into.content.decode()
    assert laid(into) == {"tray": [session.pk]}
    assert laid(placed) == {"d-2028-12-12": [session.pk]}


def test_move_in_the_matrix_keeps_the_weekday_and_the_province(client, user, forum, session):
    weeks = {"view": "weeks", "week": "2028-12-18"}

    moved = move(client, session, **weeks, province="11")
    session.refresh_from_db()
    refused = move(
        client, session, **weeks, province="16", cell=["w-11-2028-12-18", "w-16-2028-12-18"]
    )

    assert (moved.status_code, refused.status_code) == (200, 409)
    assert session.day == day_of(session) == dt.date(2028, 12, 21)
    assert laid(refused) == {"w-11-2028-12-18": [session.pk]}
    assert "A session stays in its province." in refused.content.decode()
    assert [one.key for one in refused.context["cells"]] == [
        "tray",
        "w-11-2028-12-18",
        "w-16-2028-12-18",
    ]


def test_move_from_the_tray_into_a_week_takes_its_first_working_day(client, user, forum):
    HolidayFactory(date=dt.date(2028, 12, 11))
    session = held_on(None, forum)

    move(client, session, view="weeks", week="2028-12-11", province="11")

    assert day_of(session) == dt.date(2028, 12, 12)


def test_a_week_without_a_working_day_takes_its_monday():
    monday = dt.date(2028, 12, 11)
    closed = Calendar(frozenset(monday + day * dt.timedelta(1) for day in range(7)))

    assert boards.day_in(Session(), monday, closed) == monday


def test_move_out_of_what_is_shown_says_where_it_is(client, user, forum, session):
    page = move(client, session, day="2029-02-07")

    assert laid(page) == {}
    assert f'href="?view=month&amp;month=2029-02#s{session.pk}"' in page.content.decode()


def test_stale_move_is_refused_with_the_board_as_it_stands(client, user, forum, session):
    other = coordinator_of(None)
    actions.move_session(session, by=other, now=clock.now(), day=dt.date(2028, 12, 12))

    page = move(client, session, day="2028-12-08", cell=["d-2028-12-07", "d-2028-12-08"])

    assert page.status_code == 409
    assert day_of(session) == dt.date(2028, 12, 12)
    keys = {one.key for one in page.context["cells"]}
    assert keys == {"tray", "d-2028-12-07", "d-2028-12-08", "d-2028-12-12"}
    assert laid(page) == {"d-2028-12-12": [session.pk]}
    text = page.content.decode()
    assert "Somebody else has changed this session meanwhile, so it was not moved." in text
    assert "Mondulkiri is now on Tuesday 12 December, 08:00–12:00." in text


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("open", "Somebody else has changed"),
        ("cancelled", "The session has been cancelled."),
        ("released", "The draft minutes of the session have already been agreed."),
    ],
)
def test_move_of_a_session_that_went_on_is_refused(client, user, forum, session, status, sentence):
    becomes = {"status": status, "version": 2}
    becomes |= {"released_at": clock.now()} if status == "released" else {}
    becomes |= {"cancelled_because": "Rain."} if status == "cancelled" else {}
    Session.objects.filter(pk=session.pk).update(**becomes)

    page = move(client, session, day="2028-12-08")

    assert (page.status_code, day_of(session)) == (409, dt.date(2028, 12, 7))
    assert sentence in page.content.decode()


def test_move_that_lets_somebody_preside_twice_at_once_is_refused(client, user, forum, session):
    presider = PresiderFactory()
    PresidingFactory(session=session, presider=presider)
    PresidingFactory(session=held_on(8, forum), presider=presider)

    page = move(client, session, day="2028-12-08")

    assert (page.status_code, day_of(session)) == (409, dt.date(2028, 12, 7))
    assert str(presider.title_en) in page.content.decode()


def test_the_same_move_twice_is_one(client, user, session):
    answers = [move(client, session, day="2028-12-08").status_code for _time in range(2)]

    assert answers == [200, 200]
    assert Session.objects.get(pk=session.pk).version == 2


def test_move_tells_nobody(client, user, forum):
    session = held_on(7, forum, published_at=clock.now())

    move(client, session, day="2028-12-08")
    move(client, Session.objects.get(pk=session.pk), day="")

    assert (Notice.objects.count(), Message.objects.count()) == (0, 0)
    assert Session.objects.get(pk=session.pk).announced.starts_at == at(7)


# --- without a script ---------------------------------------------------------------------------
def test_form_moves_and_leads_back_to_the_board(client, user, forum, session):
    form = client.get(reverse("forum:session_move", args=[session.pk]))
    page = move(client, session, {}, day="2029-01-10")
    weeks = move(client, Session.objects.get(pk=session.pk), {}, day="2028-12-11", view="weeks")

    assert form.status_code == 200
    assert 'value="2028-12-07"' in form.content.decode()
    board = reverse("forum:board", args=[forum.pk])
    assert page.url == f"{board}?view=month&month=2029-01#s{session.pk}"
    assert weeks.url == f"{board}?view=weeks#s{session.pk}"
    text = client.get(weeks.url).content.decode()
    assert "Mondulkiri is now on Monday 11 December, 08:00–12:00." in text


def test_form_says_why_it_was_refused(client, user, session):
    actions.move_session(session, by=user, now=clock.now(), day=dt.date(2028, 12, 12))

    pages = [move(client, session, {}, day=day) for day in ("2028-12-08", "31 Dec")]

    assert [one.status_code for one in pages] == [200, 200]
    assert "has changed this meanwhile" in pages[0].content.decode()
    assert "day" in pages[1].context["form"].errors


def test_button_of_the_board_works_without_a_script(client, user, forum, session):
    stale = move(client, held_on(8, forum, version=3), {}, seen=1, day="", plain="1")
    page = move(client, session, {}, day="", plain="1")

    board = reverse("forum:board", args=[forum.pk])
    assert page.url == f"{board}?view=month&month=2028-12#s{session.pk}"
    assert day_of(session) is None
    assert stale.url.startswith(board)
    text = client.get(board).content.decode()
    assert "Somebody else has changed this session meanwhile" in text


# --- weight -------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", ["month", "weeks"])
@pytest.mark.parametrize("count", [3, 20])
def test_board_of_sixty_sessions_is_light(client, view, count, django_assert_max_num_queries):
    client.force_login(coordinator_of(None))
    provinces = [ProvinceFactory(code=f"{number:02}") for number in range(1, count + 1)]
    forum = ForumFactory(starts_on=FIRST, ends_on=LATEST, provinces=provinces)
    url = f"{reverse('forum:board', args=[forum.pk])}?view={view}&month=2028-12"

    asked = []
    for made in (2, 58):
        for number in range(made):
            SessionFactory(
                forum=forum,
                province=provinces[number % count],
                starts_at=at(4 + number % 20),
                published_at=clock.now() if number % 3 else None,
            )
        client.get(url)
        with django_assert_max_num_queries(12) as queries:
            page = client.get(url, headers={"Accept-Language": "km"})
        asked.append(len(queries))

    assert len(page.context["board"].own) == 60
    assert asked[0] == asked[1] <= 12
    assert len(gzip.compress(page.content)) <= 15 * 1024


def test_words_of_days_are_in_both_languages():
    monday, said = dt.date(2028, 12, 25), {}
    for language in ("en", "km"):
        with translation.override(language):
            said[language] = [
                daywords.week(monday),
                daywords.week(monday - dt.timedelta(7)),
                daywords.long(monday),
            ]

    assert said == {
        "en": ["25–31 December", "18–24 December", "Monday 25 December"],
        "km": ["២៥–៣១ ធ្នូ", "១៨–២៤ ធ្នូ", "ថ្ងៃចន្ទ ទី២៥ ខែធ្នូ"],
    }


@pytest.mark.parametrize(
    "typed", [{"week": "9999-12-31"}, {"week": "2000-01-01"}, {"day": "0001-01-01"}]
)
def test_move_out_of_reach_is_refused_with_a_sentence(client, user, session, typed):
    before = day_of(session)

    answer = move(client, session, **({"province": session.province_id} | typed))

    assert answer.status_code == 409
    assert "Choose a day between 2000 and 2200." in answer.content.decode()
    assert day_of(session) == before


def test_move_looked_at_by_htmx_shows_the_form(client, session, user):
    page = client.get(reverse("forum:session_move", args=[session.pk]), headers=HTMX)

    assert page.status_code == 200
    assert page.context["form"].is_bound is False
