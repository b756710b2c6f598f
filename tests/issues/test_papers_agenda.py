"""The agenda pack: what each copy shows of a mixed agenda, hours, sums and histories."""

import datetime as dt

import pytest

from audit import clock
from forum import replies
from forum.models import Session
from issues import agenda_rows, papers_agenda
from issues.agenda_rows import EVERYBODY, Copy
from provinces.models import Theme
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
    representative_of,
)
from tests.factories_more import CosignFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 22)
EIGHT = dt.datetime(2027, 1, 5, 1, 0, tzinfo=dt.UTC)  # in Phnom Penh
HIDDEN = "An issue that is not shown at present"


@pytest.fixture
def session():
    return SessionFactory(
        starts_at=EIGHT, ends_at=EIGHT + dt.timedelta(hours=4), published_at=clock.now()
    )


@pytest.fixture
def office():
    return AuthorityFactory(name_en="Department of roads")


def turn(session, minutes=10, **fields):
    issue = issue_in("scheduled", session=session, **fields)
    issue.agenda_items.update(minutes=minutes)
    return issue


def heading(session, title):
    return AgendaItemFactory(session=session, issue=None, is_heading=True, minutes=0, title=title)


@pytest.fixture
def mixed(session, office):
    """A point, and below a heading an issue in full and one of each kind that is not shown."""
    AgendaItemFactory(session=session, issue=None, title="Anthem", minutes=5)
    heading(session, "Roads")
    district = LocalityFactory(code="1101", name_en="Keo Seima")
    full = turn(
        session,
        title="A road is cut",
        text="It is cut.\n\nSince May.",
        asked="A bridge.",
        reference="11-2026-9001",
        commune=LocalityFactory(code="110103", name_en="Srae Khtum", parent=district),
        theme=Theme.objects.create(code="roads", name_km="ផ្លូវ", name_en="Roads"),
        deferrals=2,
    )
    item = full.agenda_items.get()
    item.presenter = OrganizationFactory(name_en="Forest Watch")
    item.save()
    item.expected.add(office)
    CosignFactory(issue=full)
    ConcernFactory(issue=turn(session, title="Feared"), authority=office)
    turn(session, title="Secret", disclosure="confidential")
    turn(session, title="Frozen", pressured_at=clock.now())
    return session


def pack(session, copy=EVERYBODY, language="en"):
    return papers_agenda.agenda_of(session, copy, language, DAY)


def told(session, copy):
    """What stands for each item in a copy."""
    items = [one for section in pack(session, copy)["sections"] for one in section["items"]]
    return [one["hidden"] or one["title"] for one in items]


def test_the_copy_for_everybody_in_whole(mixed):
    made = pack(mixed)

    hidden = {"reference": "", "title": "", "place": "", "presenter": ""}
    nothing = {"facts": [], "matter": [], "history": []}
    place = "Srae Khtum commune, Keo Seima district, Mondulkiri"
    assert made["sections"] == [
        {
            "heading": "",
            "sum": "",
            "items": [
                hidden
                | nothing
                | {
                    "number": "1",
                    "slot": "08:00–08:05",
                    "minutes": "5",
                    "title": "Anthem",
                    "hidden": "",
                }
            ],
        },
        {
            "heading": "Roads",
            "sum": "40 minutes",
            "items": [
                {
                    "number": "2",
                    "slot": "08:05–08:15",
                    "minutes": "10",
                    "reference": "11-2026-9001",
                    "title": "A road is cut",
                    "place": "Srae Khtum commune, Keo Seima district",
                    "presenter": "Forest Watch",
                    "hidden": "",
                    "facts": [
                        {"label": "Place", "lines": [place]},
                        {"label": "Theme", "lines": ["Roads"]},
                        {"label": "Presented by", "lines": ["Forest Watch"]},
                        {"label": "Expected to answer", "lines": ["Department of roads"]},
                    ],
                    "matter": ["It is cut.", "Since May.", "What is asked: A bridge."],
                    "history": [
                        "1 organization co-signs it.",
                        "It was deferred 2 times before.",
                    ],
                },
                *(
                    hidden
                    | nothing
                    | {"number": number, "slot": slot, "minutes": "10", "hidden": sentence}
                    for number, slot, sentence in [
                        ("3", "08:15–08:25", HIDDEN),
                        ("4", "08:25–08:35", "Confidential item"),
                        ("5", "08:35–08:45", HIDDEN),
                    ]
                ),
            ],
        },
    ]
    assert (made["sum"], made["mark"]) == ("Together: 45 minutes", "")


def test_who_gets_which_copy(mixed, office):
    below = AuthorityFactory(superior=office)
    contact = InvitationFactory(session=mixed, authority=below)
    guest = InvitationFactory(session=mixed)
    person = representative_of(guest.organization)
    readers = {
        "coordinator": agenda_rows.copy_for(coordinator_of(mixed.province), mixed),
        "representative": agenda_rows.copy_for(person, mixed),
        "official": agenda_rows.copy_for(official_of(below), mixed),
        "office's link": agenda_rows.copy_by_link(replies.Asked(contact, "contact:1")),
        "guest's link": agenda_rows.copy_by_link(replies.Asked(guest, f"user:{person.pk}")),
    }

    shown = ["Anthem", "A road is cut", "Feared", "Confidential item", HIDDEN]
    barred = ["Anthem", "A road is cut", HIDDEN, "Confidential item", HIDDEN]
    assert {who: told(mixed, copy) for who, copy in readers.items()} == {
        "coordinator": barred,
        "representative": shown,
        "official": barred,
        "office's link": barred,
        "guest's link": shown,
    }


def test_the_raising_organization_is_named_only_where_it_wants_to_be(session):
    named = turn(session, is_named=True, organization=OrganizationFactory(name_en="River Watch"))
    quiet = turn(session, organization=OrganizationFactory(name_en="The weavers"))
    for issue in (named, quiet):
        issue.agenda_items.update(presenter=issue.organization)

    (section,) = pack(session)["sections"]

    presenters = [item["presenter"] for item in section["items"]]
    labels = [{one["label"] for one in item["facts"]} for item in section["items"]]
    assert presenters == ["River Watch", ""]
    assert labels == [{"Raised by", "Place", "Theme", "Presented by"}, {"Place", "Theme"}]


def test_a_matter_is_raised_as_often_as_the_room_may_know(session):
    """Published, or heard in a session before; not what nobody outside knows of."""
    year = {"submitted_at": dt.datetime(2019, 3, 1, 2, tzinfo=dt.UTC)}
    first = issue_in("closed", published_at=clock.now(), disclosure="public", **year)
    again = {"follows": first, "root": first, "link": "again"}
    former = SessionFactory(status=Session.Status.RELEASED)
    AgendaItemFactory(issue=issue_in("accepted", **again), session=former)
    secret = issue_in("accepted", disclosure="confidential", **again)
    AgendaItemFactory(issue=secret, session=former)
    issue_in("accepted", **again)
    turn(session, **again)

    (section,) = pack(session)["sections"]

    assert section["items"][0]["history"] == ["Raised 3 times since 2019."]


def test_a_draft_says_so_and_has_no_hours_before_it_has_a_day():
    session = SessionFactory(starts_at=None, ends_at=None, venue=None)
    turn(session)

    made = pack(session)

    slots = [item["slot"] for item in made["sections"][0]["items"]]
    assert (made["mark"], slots, made["facts"]) == ("Draft", [""], [])


def test_rows_cost_the_same_queries_with_one_item_and_with_ten(
    session, office, django_assert_max_num_queries
):
    counts = []
    for more in (1, 9):
        for _ in range(more):
            turn(session).agenda_items.get().expected.add(office)
        with django_assert_max_num_queries(6) as queries:
            agenda_rows.rows(session, Copy(frozenset({office.pk})))
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF"), ("docx", b"PK\x03\x04")])
def test_both_files_are_made_in_khmer(mixed, kind, start):
    assert papers_agenda.file(mixed, EVERYBODY, kind, "km", DAY)[:4] == start


def test_province_elsewhere_is_no_coordinator_of_this_copy(mixed):
    """A coordinator of another province who is invited reads as a guest."""
    assert agenda_rows.copy_for(coordinator_of(ProvinceFactory(code="16")), mixed) != EVERYBODY
