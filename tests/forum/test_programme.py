"""The pages of publishing: what would change and be sent, versions, and who holds an old date."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from forum import actions, programme, publishing
from forum.models import Entry, Invitation, Programme, Session, Told
from outbox.models import Notice
from tests.forum.stories import dispatch, fresh, publish

DAY = dt.timedelta(days=1)


@pytest.fixture
def forum(make, province, neighbor):
    return make.ForumFactory(provinces=[province, neighbor])


@pytest.fixture
def session(make, forum, province):
    """In thirty days; the pages go by the real clock."""
    return make.SessionFactory(forum=forum, province=province)


@pytest.fixture
def organization(make, province):
    return make.OrganizationFactory(provinces=[province], name_en="Weavers")


@pytest.fixture
def guest(make, organization):
    return make.representative_of(organization, language="en")


@pytest.fixture
def client(coordinator):
    made = Client(headers={"accept-language": "en"})
    made.force_login(coordinator)
    return made


@pytest.fixture
def invited(session, coordinator, organization, guest):
    """Published; the weavers' message stands in the outbox."""
    invite(session, coordinator, organization)
    publish(session.forum, coordinator, now=clock.now())
    return fresh(session)


def invite(session, by, *organizations):
    return actions.invite(session, by=by, now=clock.now(), quota=2, organizations=organizations)


def shift(session, days):
    """Move the draft; None puts it into the tray."""
    session = fresh(session)
    if days is None:
        session.starts_at = session.ends_at = None
    else:
        session.starts_at += days * DAY
        session.ends_at += days * DAY
    session.version += 1
    session.save()
    return session


def url(name, forum, *more, **query):
    address = reverse(f"forum:{name}", args=[forum.pk, *more])
    return f"{address}?{urlencode(query, doseq=True)}" if query else address


def text_of(response):
    return " ".join(response.content.decode().split())


# --- what would be published ----------------------------------------------------------------------
def test_publish_shows_what_changed_and_who_is_told(
    client, make, forum, session, coordinator, organization, guest
):
    invite(session, coordinator, organization, make.OrganizationFactory(name_en="Unreachable"))
    cold = make.SessionFactory(forum=forum, province=session.province, starts_at=None, ends_at=None)

    response = client.get(url("programme_publish", forum))

    page, shown = response.context["page"], text_of(response)
    assert [row.changed.session for row in page.rows] == [session]
    assert cold not in [row.changed.session for row in page.rows]
    assert [(one.label, one.number, one.parties) for one in page.messages] == [
        ("Invitation", 1, [(organization, 1)])
    ]
    assert [(one.name, one.is_office) for one in page.unreachable] == [("Unreachable", False)]
    assert "Publish version 1 and send 1 message" in shown
    assert "No message goes to the secretariat's team or to those who preside" in shown
    assert reverse("accounts:organization", args=[page.unreachable[0].pk]) in shown
    assert [row.warnings for row in page.rows] == [page.rows[0].warnings]
    assert all(str(one.sentence) in response.content.decode() for one in page.rows[0].warnings[:1])
    assert not Notice.objects.exists()


def test_publish_sends_and_leads_to_the_version(
    client, forum, session, coordinator, organization, guest
):
    invite(session, coordinator, organization)
    page = client.get(url("programme_publish", forum)).context["page"]

    response = client.post(
        url("programme_publish", forum), {"fingerprint": page.fingerprint}, follow=True
    )

    assert response.redirect_chain == [(url("programme", forum, 1), 302)]
    assert "Version 1 is published" in text_of(response)
    assert Invitation.objects.get().released_at is not None
    assert Notice.objects.filter(kind="invitation", state="planned").count() == 1
    again = client.post(url("programme_publish", forum), {"fingerprint": page.fingerprint})
    assert "Nothing has changed since it was published." in text_of(again)
    assert Programme.objects.count() == 1


def test_publish_of_what_changed_meanwhile_is_refused_and_shown_anew(client, forum, session):
    seen = client.get(url("programme_publish", forum)).context["page"].fingerprint
    shift(session, 1)

    response = client.post(url("programme_publish", forum), {"fingerprint": seen})

    page = response.context["page"]
    assert "Meanwhile the draft has changed: look again before you publish." in text_of(response)
    assert not Programme.objects.exists()
    client.post(url("programme_publish", forum), {"fingerprint": page.fingerprint})
    assert Programme.objects.count() == 1


def test_publish_narrowed_to_sessions_publishes_them_alone(client, make, forum, session):
    other = make.SessionFactory(forum=forum, province=session.province)
    narrowed = url("programme_publish", forum, session=[session.pk])

    response = client.get(narrowed)
    assert [row.changed.session for row in response.context["page"].rows] == [session]
    client.post(narrowed, {"fingerprint": response.context["page"].fingerprint})

    assert (fresh(session).sequence, fresh(other).sequence) == (1, 0)
    assert client.get(url("programme_publish", forum, session="x")).context["page"].rows == []


def test_publish_shows_sessions_of_ones_own_provinces_alone(client, make, forum, session, neighbor):
    make.SessionFactory(forum=forum, province=neighbor)

    page = client.get(url("programme_publish", forum)).context["page"]

    assert [row.changed.session for row in page.rows] == [session]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ("moved", "Session changed", "Until now"),
        ("postponed", "Session changed", "Postponed"),
        ("cancelled", "Session cancelled", "Rain."),
    ],
)
def test_publish_names_each_kind_of_change(
    client, coordinator, invited, guest, change, kind, words
):
    dispatch(clock.now())
    if change == "cancelled":
        actions.cancel_session(invited, by=coordinator, now=clock.now(), because="Rain.")
    else:
        shift(invited, 1 if change == "moved" else None)

    response = client.get(url("programme_publish", invited.forum))

    page = response.context["page"]
    assert [row.changed.change for row in page.rows] == [change]
    assert [(one.label, one.number) for one in page.messages] == [(kind, 1)]
    assert words in text_of(response)
    assert "Publish version 2 and send 1 message" in text_of(response)


def test_publish_asks_as_often_for_one_session_as_for_many(
    client, make, forum, session, coordinator, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(32) as queries:
            client.get(url("programme_publish", forum))
        return len(queries)

    def fill():
        organization = make.OrganizationFactory()
        make.representative_of(organization)
        made = make.SessionFactory(forum=forum, province=session.province, published_at=clock.now())
        make.InvitationFactory(session=made, organization=organization)
        make.InvitationFactory(session=made, authority=make.AuthorityFactory(), released_at=None)
        shift(made, 1)

    fill()
    few = count()
    for _ in range(4):
        fill()
    assert count() == few


# --- what waits -----------------------------------------------------------------------------------
def is_waiting(session):
    """As the database says it, which must be what Python says."""
    rows = Session.objects.filter(pk=session.pk)
    found = publishing.unpublished(rows).exists()
    full = rows.select_related("announced").prefetch_related("invitations").get()
    assert found == any(one.is_news for one in programme.changes([full]))
    assert found == publishing.is_unpublished(full, full.invitations.all())
    return found


def test_unpublished_changes_are_the_same_in_the_database(make, coordinator, invited):
    tray = make.SessionFactory(starts_at=None, ends_at=None)
    assert not is_waiting(tray)
    assert not is_waiting(invited)
    assert is_waiting(make.SessionFactory())
    assert not is_waiting(make.SessionFactory(status="cancelled"))
    assert is_waiting(shift(invited, 1))
    assert not is_waiting(shift(invited, -1))
    Session.objects.filter(pk=invited.pk).update(venue=None)
    assert is_waiting(invited)
    publish(invited.forum, coordinator, now=clock.now())
    assert not is_waiting(invited)
    invite(invited, coordinator, make.OrganizationFactory())
    assert is_waiting(invited)
    assert is_waiting(shift(invited, None))
    publish(invited.forum, coordinator, now=clock.now())
    assert not is_waiting(invited)  # its draft invitation waits for a day
    actions.cancel_session(fresh(invited), by=coordinator, now=clock.now(), because="Rain.")
    assert is_waiting(invited)
    publish(invited.forum, coordinator, now=clock.now())
    assert not is_waiting(invited)
    over = make.SessionFactory(status="released", published_at=clock.now())
    make.InvitationFactory(session=over, released_at=None)
    assert not is_waiting(over)  # nobody is asked any more to what is over


def test_unpublished_changes_stand_on_the_session_and_the_first_page(client, make, invited, guest):
    sentence, page = "There are unpublished changes.", reverse("forum:session", args=[invited.pk])
    assert sentence not in text_of(client.get(page))
    assert sentence not in text_of(client.get("/"))
    shift(invited, 1)

    narrowed = url("programme_publish", invited.forum, session=invited.pk)
    assert sentence in text_of(client.get(page))
    assert narrowed in text_of(client.get(page))
    home = client.get("/")
    assert [(one.forum, one.number) for one in home.context["home"].unpublished] == [
        (invited.forum, 1)
    ]
    assert sentence in text_of(home)
    client.force_login(guest)
    assert sentence not in text_of(client.get(page))


def test_edit_and_cancel_of_a_published_session_lead_to_publishing_it(client, invited, session):
    narrowed = url("programme_publish", invited.forum, session=invited.pk)
    edit = client.get(reverse("forum:session_edit", args=[invited.pk])).context["form"]
    fields = {one.html_name: one.value() or "" for one in edit}
    fields |= {"day": (invited.day + DAY).isoformat()}

    response = client.post(reverse("forum:session_edit", args=[invited.pk]), fields, follow=True)
    assert response.redirect_chain == [(narrowed, 302)]
    assert "Nobody has been told yet" in text_of(response)
    response = client.post(
        reverse("issues:session_cancel", args=[invited.pk]), {"because": "Rain."}, follow=True
    )

    assert response.redirect_chain == [(narrowed, 302)]
    assert "Nobody has been told yet" in text_of(response)


# --- versions -------------------------------------------------------------------------------------
def test_versions_say_who_when_and_what(client, coordinator, make, invited, neighbor):
    first_day = invited.starts_at
    shift(invited, 1)
    publish(invited.forum, coordinator, now=clock.now())

    listed = client.get(url("programmes", invited.forum))
    old = client.get(url("programme", invited.forum, 1))

    assert [(one.number, one.news, one.published_by) for one in listed.context["page_obj"]] == [
        (2, 1, coordinator),
        (1, 1, coordinator),
    ]
    entries = [(one.change, one.starts_at) for one in old.context["entries"]]
    assert entries == [(Entry.Change.NEW, first_day)]
    assert "A later version stands" in text_of(old)
    assert client.get(url("programme", invited.forum, 3)).status_code == 404
    client.force_login(make.coordinator_of(make.ProvinceFactory(code="19")))
    assert client.get(url("programme", invited.forum, 1)).status_code == 403


# --- who holds an old date ------------------------------------------------------------------------
def test_told_lists_who_holds_an_old_date_until_they_are_told(client, coordinator, invited, guest):
    assert "Everybody who was told of a session knows its newest date." in text_of(
        client.get(url("told", invited.forum))
    )
    dispatch(clock.now())
    shift(invited, 1)
    publish(invited.forum, coordinator, now=clock.now())

    response = client.get(url("told", invited.forum))
    (row,) = response.context["rows"]
    assert (row.name, row.told.entry.sequence, row.told.way, row.state) == (
        guest.title_en,
        1,
        "email",
        "planned",
    )
    assert "Message" in text_of(response)
    found = {"told": row.told.pk, "way": "phone", "seen": 2}
    for _ in range(2):  # a second press says the same
        response = client.post(url("told", invited.forum), found, follow=True)
        assert "It is noted that they know." in text_of(response)
    assert response.context["rows"] == []
    told = Told.objects.get(pk=row.told.pk)
    assert (told.way, told.entry.sequence, told.by) == ("phone", 2, coordinator)
    dispatch(clock.now())
    assert Notice.objects.get(kind="session_changed").state == "cancelled"


def test_told_of_another_version_than_was_shown_is_refused(client, coordinator, invited, guest):
    dispatch(clock.now())
    shift(invited, 1)
    publish(invited.forum, coordinator, now=clock.now())
    told = Told.objects.get()

    found = {"told": told.pk, "way": "phone", "seen": 1}
    response = client.post(url("told", invited.forum), found, follow=True)

    assert "Meanwhile the session has changed again" in text_of(response)
    assert Told.objects.get().entry.sequence == 1


def test_told_without_the_version_that_was_shown_notes_nothing(client, coordinator, invited, guest):
    dispatch(clock.now())
    shift(invited, 1)
    publish(invited.forum, coordinator, now=clock.now())
    told = Told.objects.get()

    for seen in ({}, {"seen": ""}, {"seen": "9" * 5000}):
        found = {"told": told.pk, "way": "phone"} | seen
        assert client.post(url("told", invited.forum), found).status_code == 404
    assert Told.objects.get().entry.sequence == 1


def test_told_by_hand_is_for_the_province_s_coordinators(client, make, forum, invited, neighbor):
    dispatch(clock.now())
    told = Told.objects.get()
    client.force_login(make.coordinator_of(neighbor))

    assert client.get(url("told", forum)).context["rows"] == []
    for found in ({"told": told.pk, "way": "phone"}, {"told": "x", "way": "phone"}, {}):
        assert client.post(url("told", forum), found).status_code == 404


def test_told_asks_as_often_for_one_as_for_many(
    client, make, forum, session, coordinator, organization, django_assert_max_num_queries
):
    def fill():
        make.representative_of(organization)

    def count():
        with django_assert_max_num_queries(14) as queries:
            client.get(url("told", forum))
        return len(queries)

    fill()
    invite(session, coordinator, organization)
    publish(forum, coordinator, now=clock.now())
    dispatch(clock.now())
    shift(session, 1)
    publish(forum, coordinator, now=clock.now())
    few = count()
    (told,) = Told.objects.all()
    for _ in range(4):
        told.pk, told.recipient = None, f"user:{make.UserFactory().pk}"
        told.save(force_insert=True)
    assert count() == few
    assert Told.objects.count() == 5
