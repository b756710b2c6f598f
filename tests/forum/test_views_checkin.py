"""The pages at the door: who may open them, presses with and without a script, the papers."""

import uuid

import pytest
from django.urls import reverse

from audit import clock
from audit.models import AuditEntry
from forum.models import Delegate, Invitation, Session, Tick
from forum.views.checking_in import mark_of
from tests.factories import (
    DAY,
    AttendanceFactory,
    InvitationFactory,
    OrganizationFactory,
    coordinator_of,
    representative_of,
)
from tests.factories_more import DelegateFactory
from tests.paper import reading

pytestmark = pytest.mark.django_db
TEN_MINUTES = DAY / 144


@pytest.fixture
def invitation(session):
    return InvitationFactory(session=session, organization__name_en="Forest network")


@pytest.fixture
def delegate(invitation):
    return DelegateFactory(invitation=invitation, title="Head of the forest network")


@pytest.fixture
def client(client, coordinator):
    coordinator.language = "en"
    coordinator.save()
    client.force_login(coordinator)
    return client


def page(session, name="check_in", *more):
    return reverse(f"forum:{name}", args=[session.pk, *more])


def row(**changes):
    made = {"key": str(uuid.uuid4()), "at": clock.now().isoformat()} | changes
    return {name: value for name, value in made.items() if value is not None}


def send(client, session, owner, *rows):
    body = {"owner": mark_of(owner), "rows": list(rows)}
    return client.post(page(session, "check_in_ticks"), body, content_type="application/json")


def test_check_in_lists_everybody_by_party_without_names(client, session, delegate):
    waits = DelegateFactory(invitation=delegate.invitation, is_waiting=True, title="Elder")
    DelegateFactory(invitation=delegate.invitation, title="Replaced", left_at=clock.now())

    html = client.get(page(session)).text

    assert "Forest network" in html
    assert f'value="{delegate.pk}"' in html
    assert f'value="{waits.pk}"' in html
    assert "on the waiting list" in html
    assert "Replaced" not in html
    assert "0 here, of whom 0 women" in html


def test_search_hides_all_others(client, session, delegate):
    other = DelegateFactory(invitation=delegate.invitation, title="Elder")

    html = client.get(page(session), {"q": "FOREST head"}).text

    assert f'id="delegate-{delegate.pk}" data-words="1  {delegate.title} Forest network">' in html
    assert f'id="delegate-{other.pk}" data-words="2  Elder Forest network" hidden>' in html


def test_button_of_a_row_ticks_and_unticks_without_a_script(client, session, delegate):
    key = uuid.uuid4()
    address = page(session, "check_in_ticks")
    for _time in range(2):
        answer = client.post(address, {"client_key": key, "here": delegate.pk, "q": "head"})

    delegate.refresh_from_db()
    assert answer.url == f"{page(session)}?q=head#delegate-{delegate.pk}"
    assert (delegate.came_at is not None, Tick.objects.count()) == (True, 1)
    assert "1 here, of whom 1 women" in client.get(page(session)).text
    client.post(address, {"client_key": key, "gone": delegate.pk})
    delegate.refresh_from_db()
    assert delegate.came_at is None


def test_two_rows_of_one_form_are_two_presses(client, session, delegate):
    other, key = DelegateFactory(invitation=delegate.invitation), uuid.uuid4()
    for pk in (delegate.pk, other.pk):
        client.post(page(session, "check_in_ticks"), {"client_key": key, "here": pk})

    assert session.delegates.all().counted() == {"total": 2, "women": 2}


def test_press_of_a_delegate_elsewhere_is_refused_in_words(client, session):
    sent = {"client_key": uuid.uuid4(), "here": DelegateFactory().pk}
    answer = client.post(page(session, "check_in_ticks"), sent, follow=True)

    assert "This delegate does not belong to the session." in answer.text
    assert not Tick.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"here": "1"}, {"client_key": "x", "here": "1"}])
def test_press_that_no_page_sends_is_a_bad_request(client, session, sent):
    assert client.post(page(session, "check_in_ticks"), sent).status_code == 400


def test_batch_is_kept_once_however_often_it_is_sent(client, session, coordinator, delegate):
    came = row(title="Elder", sex="man", party=f"invitation:{delegate.invitation_id}")
    rows = [row(delegate=delegate.pk, here=True), came]

    answers = [send(client, session, coordinator, *rows).json() for _time in range(2)]

    made = Delegate.objects.get(title="Elder")
    assert [set(one["taken"]) for one in answers] == [{one["key"] for one in rows}] * 2
    assert [one["refused"] for one in answers] == [{}, {}]
    state = answers[1]["state"]
    assert (state["total"], state["women"]) == (2, 1)
    assert state["here"] == sorted([delegate.pk, made.pk])
    assert state["parties"] == {f"invitation:{delegate.invitation_id}": [2, 1, False]}
    assert (made.number, made.client_key) == (2, uuid.UUID(came["key"]))
    assert AuditEntry.objects.filter(action="forum.check_in").count() == 1


def test_batch_says_which_rows_cannot_be_kept(client, session, coordinator, delegate):
    rows = [
        row(delegate=DelegateFactory().pk, here=True),
        row(title="", sex="man"),
        row(title="Elder", sex="man", party="invitation:0"),
        row(delegate=delegate.pk, here=True),
    ]

    answer = send(client, session, coordinator, *rows).json()

    assert answer["taken"] == [rows[3]["key"]]
    assert answer["refused"] == {
        rows[0]["key"]: "This delegate does not belong to the session.",
        rows[1]["key"]: "This field is required.",
        rows[2]["key"]: "This organization or office cannot be chosen.",
    }


def test_batch_with_signs_that_cannot_be_kept_loses_no_other_row(
    client, session, coordinator, delegate
):
    rows = [
        row(title="\ud800", sex="man"),
        row(title="Elder\0", sex="man"),
        row(title="Elder", sex="\udfff"),
        row(delegate=delegate.pk, here=True),
    ]

    answer = send(client, session, coordinator, *rows).json()

    assert answer["taken"] == [rows[3]["key"]]
    assert list(answer["refused"]) == [one["key"] for one in rows[:3]]
    assert answer["refused"][rows[0]["key"]] == "This holds signs that cannot be kept."
    assert Tick.objects.count() == 1


def test_batch_of_somebody_else_on_the_same_device_is_refused(client, session, province, delegate):
    other = coordinator_of(province)

    assert send(client, session, other, row(delegate=delegate.pk, here=True)).status_code == 403
    assert not Tick.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "x"},
        {"at": "soon"},
        {"at": "2026-03-26T08:00"},
        {"here": 1},
        {"here": None},
        {"delegate": True},
        {"delegate": 0},
    ],
)
def test_row_that_no_script_sends_is_refused_alone(client, session, coordinator, delegate, changes):
    bad = row(**({"delegate": delegate.pk, "here": True} | changes))
    good = row(delegate=delegate.pk, here=True)

    answer = send(client, session, coordinator, bad, 7, None, good).json()

    assert answer["taken"] == [good["key"]]
    assert answer["refused"] == {bad["key"]: "This could not be kept."}


def test_batch_without_rows_is_a_bad_request(client, session, coordinator):
    for body in ({"owner": mark_of(coordinator)}, [], {"owner": 1, "rows": []}):
        address = page(session, "check_in_ticks")
        assert client.post(address, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize(("says", "is_here"), [(True, False), (False, True)])
def test_correction_by_a_device_whose_clock_is_late(
    client, session, coordinator, delegate, says, is_here
):
    """The good clock ticked five minutes ago; the other, ten minutes late, unticks now."""
    now = clock.now()
    late = (now - TEN_MINUTES).isoformat()
    ticked = row(delegate=delegate.pk, here=True, at=(now - TEN_MINUTES / 2).isoformat())
    send(client, session, coordinator, ticked)
    body = {
        "owner": mark_of(coordinator),
        "rows": [row(delegate=delegate.pk, here=False, at=late)],
    } | ({"now": late} if says else {})

    client.post(page(session, "check_in_ticks"), body, content_type="application/json")

    delegate.refresh_from_db()
    assert (delegate.came_at is not None) is is_here


def test_walk_in_sent_again_after_its_party_was_invited_or_uninvited(client, session, coordinator):
    party = OrganizationFactory()
    party.provinces.add(session.province)
    first = row(title="Elder", sex="man", party=f"organization:{party.pk}")
    invited = InvitationFactory(session=session, organization=OrganizationFactory())
    second = row(title="Chief", sex="man", party=f"invitation:{invited.pk}")
    send(client, session, coordinator, first, second)
    InvitationFactory(session=session, organization=party)
    Invitation.objects.filter(pk=invited.pk).update(withdrawn_at=clock.now())

    answer = send(client, session, coordinator, first, second).json()

    assert (answer["taken"], answer["refused"]) == ([first["key"], second["key"]], {})
    assert Delegate.objects.count() == 2


def test_form_counts_a_party_invited_anew_once(client, session, invitation):
    party = invitation.organization
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=clock.now())
    again = InvitationFactory(session=session, organization=party)
    InvitationFactory(session=session, released_at=None)
    Session.objects.filter(pk=session.pk).update(status="open")
    address = page(session, "session_attendance")

    html = client.get(address).text
    assert f'name="total_{again.pk}"' in html
    assert html.count('name="total_') == 1
    client.post(address, {f"total_{again.pk}": "5", f"women_{again.pk}": "2"})
    assert list(session.attendances.values_list("organization", "total", "women")) == [
        (party.pk, 5, 2)
    ]


def test_batch_is_refused_to_all_but_coordinators(client, session, invitation, delegate):
    for person, status in (
        (representative_of(invitation.organization), 403),
        (coordinator_of(None), 200),
    ):
        client.force_login(person)
        assert send(client, session, person).status_code == status


def test_count_travels_only_when_it_has_changed(client, session, coordinator, delegate):
    AttendanceFactory(session=session, total=7, women=3)
    first = client.get(page(session, "check_in_count"))
    again = {"if-none-match": first.headers["ETag"]}

    assert (first.json()["total"], first.json()["women"]) == (7, 3)
    assert client.get(page(session, "check_in_count"), headers=again).status_code == 304
    send(client, session, coordinator, row(delegate=delegate.pk, here=True))
    changed = client.get(page(session, "check_in_count"), headers=again)
    assert (changed.status_code, changed.json()["total"]) == (200, 8)


def test_walk_in_by_the_form(client, session, invitation):
    sent = {
        "client_key": uuid.uuid4(),
        "party": f"invitation:{invitation.pk}",
        "title": "Deputy village chief",
        "sex": "woman",
    }
    for _time in range(2):
        answer = client.post(page(session), sent)

    made = Delegate.objects.get()
    assert answer.url == page(session)
    assert (made.invitation, made.title, made.sex) == (invitation, sent["title"], "woman")
    assert client.post(page(session), sent | {"title": "Other"}).status_code == 409
    assert "This field is required." in client.post(page(session), sent | {"title": ""}).text


# --- the code on the sheet ----------------------------------------------------------------------
def test_code_of_the_sheet_shows_one_delegate_and_changes_nothing(client, session, delegate):
    address = page(session, "check_in_one", delegate.code)
    html = client.get(address).text

    assert delegate.title in html
    assert "Forest network" in html
    assert not Tick.objects.exists()
    answer = client.post(address, {"client_key": uuid.uuid4(), "here": delegate.pk})
    assert answer.url == address
    assert "Done: here since" in client.get(address).text


def test_code_is_for_its_own_session_alone(client, session, delegate, province):
    elsewhere = DelegateFactory(invitation__session__province=province)

    for code in ("unknown", elsewhere.code):
        assert client.get(page(session, "check_in_one", code)).status_code == 404
    sent = {"client_key": uuid.uuid4(), "here": elsewhere.pk}
    client.post(page(session, "check_in_one", delegate.code), sent)
    assert not Tick.objects.exists()


def test_code_of_somebody_replaced_says_so(client, session, invitation):
    gone = DelegateFactory(invitation=invitation, left_at=clock.now())

    html = client.get(page(session, "check_in_one", gone.code)).text

    assert "This delegate has been replaced or taken back." in html
    assert 'name="here"' not in html


# --- papers and the session's page --------------------------------------------------------------
def test_sheet_is_in_khmer_unless_asked_and_has_a_code_a_row(client, session, delegate):
    DelegateFactory(invitation=delegate.invitation, is_waiting=True, title="Waiting")
    answer = client.get(page(session, "session_sheet"))
    english = client.get(page(session, "session_sheet"), {"language": "en"})
    text = " ".join(reading.text_in(english.content).split())

    assert answer.headers["Content-Language"] == "km"
    assert answer.content[:5] == b"%PDF-"
    assert delegate.title in text
    assert "Waiting" not in text


def test_certificates_are_for_those_who_came(client, session, delegate):
    address = page(session, "session_certificates")
    assert client.get(address).url == session.get_absolute_url()  # it has not begun
    Session.objects.filter(pk=session.pk).update(status="open")
    assert client.get(address).url == session.get_absolute_url()  # nobody has come
    DelegateFactory(invitation=delegate.invitation, came_at=clock.now(), title="Elder")
    answer = client.get(address, {"language": "en"})

    pages = [" ".join(one.split()) for one in reading.pages_in(answer.content)]
    assert len(pages) == 1
    assert "Elder – Forest network" in pages[0]


def test_session_page_shows_the_turnout_by_party_to_coordinators_alone(client, session, delegate):
    Session.objects.filter(pk=session.pk).update(status="open")
    Delegate.objects.update(came_at=clock.now())

    html = client.get(session.get_absolute_url()).text
    assert '<summary class="card-title">By organization and authority</summary>' in html
    assert page(session) in html
    assert page(session, "session_sheet") in html
    client.force_login(representative_of(delegate.invitation.organization, language="en"))
    html = client.get(session.get_absolute_url()).text
    assert 'id="attendance"' in html
    assert "By organization and authority" not in html


def test_attendance_form_hints_at_ticks_and_says_what_holds(client, session, delegate):
    Session.objects.filter(pk=session.pk).update(status="open")
    Delegate.objects.update(came_at=clock.now())
    address = page(session, "session_attendance")

    html = client.get(address).text
    assert 'placeholder="1"' in html
    assert "ticked at the door" in html
    AttendanceFactory(session=session, organization=delegate.invitation.organization)
    html = client.get(address).text
    assert "counted by hand" in html


@pytest.mark.parametrize("number", [1, 100])
@pytest.mark.parametrize(("name", "queries"), [("check_in", 12), ("check_in_count", 8)])
def test_pages_take_the_same_queries_for_few_and_many(
    client, session, invitation, number, name, queries, django_assert_num_queries
):
    Delegate.objects.bulk_create(
        DelegateFactory.build(invitation=invitation, session=session, number=one)
        for one in range(1, number + 1)
    )
    with django_assert_num_queries(queries):
        client.get(page(session, name))
