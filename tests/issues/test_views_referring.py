import datetime as dt
import io
import uuid

import pytest
from django.urls import reverse
from PIL import Image

from audit import clock
from issues.models import Call, Evidence, Issue, Referral, Response
from outbox.models import Notice
from tests.factories import (
    DAY,
    AuthorityFactory,
    ConcernFactory,
    NoticeFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    ReferralFactory,
    ResponseFactory,
    RoleAssignmentFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(client, settings, tmp_path):
    client.cookies["django_language"] = "en"
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def superior():
    return AuthorityFactory(name_en="Provincial administration")


@pytest.fixture
def office(superior):
    return AuthorityFactory(name_en="Department of roads", superior=superior)


@pytest.fixture
def referral(office):
    organization = OrganizationFactory(name_en="Weavers of Bousra", name_km="Weavers of Bousra")
    return issue_in("referred", authority=office, organization=organization).referrals.get()


@pytest.fixture
def official(client, office):
    person = official_of(office)
    client.force_login(person)
    return person


def page(pk, name="referral"):
    return reverse(f"issues:{name}", args=[pk])


def text_of(response):
    return " ".join(response.content.decode().split())


def test_skipped_reminders_are_folded_away_from_what_was_sent(client, referral):
    client.force_login(coordinator_of(referral.issue.province))
    facts = {"subject": f"referral:{referral.pk}", "kind": "reminder"}
    facts["province"] = referral.issue.province
    NoticeFactory(**facts, rung="+5", state="sent")
    for rung in ("-7", "-1"):
        NoticeFactory(**facts, rung=rung, state="skipped")

    shown = text_of(client.get(page(referral.pk)))

    before, folded = shown.split(
        '<details class="more card"> <summary class="card-title">2 earlier'
    )
    rungs = [f"{one} the due date" for one in ("days before", "day before", "days after")]
    assert [one in before for one in rungs] == [False, False, True]
    assert [one in folded.split("</details>")[0] for one in rungs] == [True, True, False]


def photo(name="photo.jpg"):
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(content, "JPEG")
    content.seek(0)
    content.name = name
    return content


def broken(name="notes.jpg"):
    content = io.BytesIO(b"no photo at all")
    content.name = name
    return content


def answer(**fields):
    return {"client_key": str(uuid.uuid4()), "text": "A team will come."} | fields


# --- the list -----------------------------------------------------------------------------------
def test_list_shows_own_and_lower_offices_the_oldest_date_first(client, office, superior, referral):
    late = ReferralFactory(authority=office, wanted_on=clock.today() - 2 * DAY)
    ReferralFactory()  # another office's
    client.force_login(official_of(superior))

    response = client.get("/referrals/")

    shown = [row.referral for _group, rows in response.context["groups"] for row in rows]
    assert shown == [late, referral]
    assert "Department of roads" in text_of(response)


def test_list_keeps_ended_referrals_on_their_own_tab(client, official, office, referral):
    ended = ReferralFactory(authority=office, ended_as=Referral.Ending.RESOLVED)

    assert list(client.get("/referrals/").context["page_obj"]) == [referral]
    assert list(client.get("/referrals/?state=ended").context["page_obj"]) == [ended]


def test_list_never_shows_a_referral_that_was_not_released(client, official, office):
    ReferralFactory(authority=office, released_at=None)

    assert list(client.get("/referrals/").context["page_obj"]) == []


def test_list_of_a_coordinator_holds_the_provinces_with_their_latest_message(client, referral):
    ReferralFactory(issue=issue_in("accepted", province=ProvinceFactory(code="16")))
    subject = f"referral:{referral.pk}"
    NoticeFactory(subject=subject, state=Notice.State.SENT, due_at=clock.now() - DAY)
    NoticeFactory(subject=subject, state=Notice.State.FAILED)
    client.force_login(coordinator_of(referral.issue.province))

    response = client.get("/referrals/")

    rows = [row for _group, members in response.context["groups"] for row in members]
    assert [(row.referral, row.notice.state) for row in rows] == [(referral, "failed")]


def test_list_shows_no_message_to_officials(client, official, referral):
    NoticeFactory(subject=f"referral:{referral.pk}", state=Notice.State.FAILED)

    assert "Failed" not in text_of(client.get("/referrals/"))


def test_list_answers_to_its_filters(client, office, referral):
    other = ReferralFactory(wanted_on=clock.today() - DAY)
    client.force_login(coordinator_of(None))

    def shown(query):
        return list(client.get(f"/referrals/?{query}").context["page_obj"])

    assert shown(f"office={office.pk}") == [referral]
    assert shown(f"q={other.issue.reference}") == [other]
    assert shown("date=overdue") == [other]
    assert shown("province=11") == [other, referral]
    assert shown("office=999999") == [other, referral]


@pytest.mark.parametrize("person", ["representative", "administrator"])
def test_list_is_not_for_who_is_neither_official_nor_coordinator(client, person):
    people = {
        "representative": lambda: representative_of(OrganizationFactory()),
        "administrator": administrator,
    }
    client.force_login(people[person]())

    assert client.get("/referrals/").status_code == 403


@pytest.mark.parametrize("role", ["official", "coordinator"])
def test_list_asks_the_database_as_often_for_thirty_rows(
    client, office, role, django_assert_max_num_queries
):
    def count():
        client.force_login(
            official_of(office) if role == "official" else coordinator_of(ProvinceFactory())
        )
        with django_assert_max_num_queries(12) as queries:
            client.get("/referrals/")
        return len(queries)

    first = ReferralFactory(authority=office)
    NoticeFactory(subject=f"referral:{first.pk}")
    few = count()
    for _ in range(29):
        one = ReferralFactory(authority=office)
        NoticeFactory(subject=f"referral:{one.pk}")

    assert count() == few


# --- one referral -------------------------------------------------------------------------------
def test_page_shows_what_is_asked_but_not_who_raised_it(client, official, referral):
    response = client.get(page(referral.pk))

    shown = text_of(response)
    assert "Please repair the road before the rains." in shown
    assert referral.issue.organization.name_en not in shown
    assert "The raising organization" in shown
    assert referral.issue.commune.name_en in shown
    assert {"acknowledge", "respond", "ask", "resolve"} <= response.context["acts"]


def test_page_of_a_confidential_issue_names_no_commune(client, official, referral):
    Issue.objects.update(disclosure="confidential", is_named=True)

    shown = text_of(client.get(page(referral.pk)))

    assert referral.issue.commune.name_en not in shown
    assert referral.issue.organization.name_en not in shown
    assert "Mondulkiri" in shown


def test_page_shows_the_commitment_of_the_session(client, official, referral):
    referral.outcome = OutcomeFactory(text="The road will be open in May.", said_by="The director")
    referral.save()

    shown = text_of(client.get(page(referral.pk)))

    assert "The road will be open in May." in shown
    assert "The director" in shown


def test_page_of_a_superior_is_read_only_and_says_so(client, superior, referral):
    client.force_login(official_of(superior))

    response = client.get(page(referral.pk))

    assert response.context["acts"] == frozenset()
    assert "your office stands above Department of roads" in text_of(response)


def test_page_of_the_organization_shows_the_answers_and_no_act(client, referral):
    ResponseFactory(referral=referral, text="A team will visit.")
    NoticeFactory(subject=f"referral:{referral.pk}", recipient="user:1")
    client.force_login(representative_of(referral.issue.organization))

    response = client.get(page(referral.pk))

    assert "A team will visit." in text_of(response)
    assert response.context["acts"] & {"acknowledge", "respond", "resolve", "recall"} == set()
    assert response.context["told"] == []


def test_page_shows_coordinators_what_was_sent_to_whom(client, official, referral):
    NoticeFactory(
        subject=f"referral:{referral.pk}", recipient=f"user:{official.pk}", state=Notice.State.SENT
    )
    assert client.get(page(referral.pk)).context["told"] == []
    client.force_login(coordinator_of(referral.issue.province))

    response = client.get(page(referral.pk))

    (told,) = response.context["told"]
    assert (told.recipient, told.notice.state) == (official.title_en, "sent")


@pytest.mark.parametrize(
    "name",
    ["referral", "referral_respond", "referral_ask", "referral_resolve", "referral_recall"],
)
def test_pages_of_others_referrals_are_not_found(client, official, name):
    assert client.get(page(ReferralFactory().pk, name)).status_code == 404


# --- acts of the office -------------------------------------------------------------------------
def test_received_is_one_press(client, official, referral):
    response = client.post(page(referral.pk, "referral_acknowledge"))

    referral.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, page(referral.pk))
    assert referral.acknowledged_by == official
    assert client.get(page(referral.pk, "referral_acknowledge")).status_code == 405


def test_answer_is_kept_with_its_files(client, official, referral):
    data = answer(files=[photo(), photo("second.jpg")])

    response = client.post(page(referral.pk, "referral_respond"), data)

    assert response.status_code == 302
    said = Response.objects.get()
    assert (said.kind, said.text, said.by) == ("answer", "A team will come.", official)
    assert said.evidence.count() == 1  # the same photo twice is one


def test_answer_with_a_bad_file_saves_nothing_and_keeps_the_words(client, official, referral):
    data = answer(files=[photo(), broken()])

    response = client.post(page(referral.pk, "referral_respond"), data)

    shown = text_of(response)
    assert response.status_code == 200
    assert not Response.objects.exists()
    assert not Evidence.objects.exists()
    assert "notes.jpg: This is neither a photo" in shown
    assert "Choose them again" in shown
    assert "A team will come." in shown
    assert data["client_key"] in shown


def test_answer_sent_twice_is_said_once(client, official, referral):
    data = answer()

    answers = [client.post(page(referral.pk, "referral_respond"), data) for _ in range(2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert Response.objects.count() == 1


def test_answer_sent_again_with_other_words_is_a_conflict(client, official, referral):
    data = answer()
    client.post(page(referral.pk, "referral_respond"), data)

    response = client.post(page(referral.pk, "referral_respond"), data | {"text": "Never mind."})

    assert response.status_code == 409
    assert "Never mind." in text_of(response)
    assert Response.objects.get().text == "A team will come."


def test_question_is_kept(client, official, referral):
    client.post(page(referral.pk, "referral_ask"), answer(text="In which village?"))

    assert list(Response.objects.values_list("kind", "text")) == [("question", "In which village?")]


def test_resolve_reports_the_issue_resolved_with_what_shows_it(client, official, referral):
    data = answer(text="The road is open.", done_on=clock.today().isoformat(), files=[photo()])

    response = client.post(page(referral.pk, "referral_resolve"), data, follow=True)

    referral.refresh_from_db()
    claim = Response.objects.get()
    assert (referral.ended_as, referral.issue.status) == ("resolved", "resolved")
    assert (claim.kind, claim.done_on) == ("claim", clock.today())
    assert claim.evidence.count() == 1
    assert response.status_code == 200  # it stays readable for the office


def test_resolve_sent_twice_is_claimed_once(client, official, referral):
    data = answer(done_on=clock.today().isoformat())

    answers = [client.post(page(referral.pk, "referral_resolve"), data) for _ in range(2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert Issue.objects.get(pk=referral.issue_id).claims == 1


def test_resolve_understands_khmer_digits_and_refuses_a_day_to_come(client, official, referral):
    data = answer(done_on="២០៩៩-០១-០១")

    response = client.post(page(referral.pk, "referral_resolve"), data)

    assert "Choose today or an earlier day." in text_of(response)
    assert not Response.objects.exists()


def test_resolve_after_somebody_else_was_faster_says_so_and_keeps_the_words(
    client, official, referral
):
    Referral.objects.update(ended_at=clock.now(), ended_as="resolved")
    data = answer(done_on=clock.today().isoformat())

    response = client.post(page(referral.pk, "referral_resolve"), data)

    assert response.status_code == 200
    assert "Meanwhile this referral has ended." in text_of(response)
    assert "A team will come." in text_of(response)


@pytest.mark.parametrize("name", ["referral_respond", "referral_ask", "referral_resolve"])
@pytest.mark.parametrize("who", ["superior", "representative"])
def test_only_the_very_office_may_act(client, superior, referral, name, who):
    readers = {
        "superior": lambda: official_of(superior),
        "representative": lambda: representative_of(referral.issue.organization),
    }
    client.force_login(readers[who]())
    data = answer(done_on=clock.today().isoformat())

    assert client.get(page(referral.pk, name)).status_code == 403
    assert client.post(page(referral.pk, name), data).status_code == 403
    assert client.post(page(referral.pk, "referral_acknowledge")).status_code == 403
    assert not Response.objects.exists()


# --- acts of the secretariat --------------------------------------------------------------------
def test_recall_ends_the_access_of_the_office(client, official, referral):
    client.force_login(coordinator_of(referral.issue.province))

    client.post(page(referral.pk, "referral_recall"), {"reason": "It was the wrong office."})

    referral.refresh_from_db()
    assert (referral.ended_as, referral.issue.status) == ("recalled", "accepted")
    client.force_login(official)
    assert client.get(page(referral.pk)).status_code == 404


def test_recall_is_not_for_the_office(client, official, referral):
    assert client.get(page(referral.pk, "referral_recall")).status_code == 403
    assert client.get(page(referral.pk, "referral_hand_over")).status_code == 403


def test_hand_over_by_letter_starts_the_clock(client, referral):
    Referral.objects.update(handed_over_on=None, due_on=None)
    client.force_login(coordinator_of(referral.issue.province))
    on = clock.today() - DAY

    client.post(page(referral.pk, "referral_hand_over"), {"on": on.isoformat()})

    referral.refresh_from_db()
    assert referral.handed_over_on == on
    assert referral.due_on > clock.today()


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(1, "Choose today or an earlier day."), (-400, "It was referred only after that day.")],
)
def test_hand_over_refuses_impossible_days(client, referral, days, sentence):
    Referral.objects.update(handed_over_on=None, due_on=None)
    client.force_login(coordinator_of(referral.issue.province))
    on = clock.today() + dt.timedelta(days=days)

    response = client.post(page(referral.pk, "referral_hand_over"), {"on": on.isoformat()})

    assert sentence in text_of(response)


def test_hand_over_a_second_time_says_that_the_clock_runs(client, referral):
    client.force_login(coordinator_of(referral.issue.province))
    data = {"on": clock.today().isoformat()}

    response = client.post(page(referral.pk, "referral_hand_over"), data)

    assert "count already" in text_of(response)


def test_coordinator_resolves_on_behalf_of_the_office(client, referral):
    client.force_login(coordinator_of(referral.issue.province))
    address = page(referral.pk, "referral_resolve")
    data = answer(text="Told by telephone: open.", done_on=clock.today().isoformat())

    assert "how you were told" in text_of(client.get(address))
    client.post(address, data)

    referral.refresh_from_db()
    assert referral.issue.status == "resolved"


def test_what_concerns_the_office_is_out_of_its_sight(client, official, office, referral):
    ConcernFactory(issue=referral.issue, authority=office)

    assert client.get(page(referral.pk)).status_code == 404
    assert list(client.get("/referrals/").context["page_obj"]) == []
    # As of what was recalled: neither what it was nor why it is gone.
    assert client.post(page(referral.pk, "referral_acknowledge")).status_code == 409


# --- names of persons ---------------------------------------------------------------------------
def test_page_names_the_person_only_to_coordinators_and_the_office(
    client, official, superior, referral
):
    Referral.objects.update(acknowledged_at=clock.now(), acknowledged_by=official)
    ResponseFactory(referral=referral, by=official)
    near = [official, coordinator_of(referral.issue.province)]
    far = [referral.issue.author, official_of(superior)]

    def shows(person):
        client.force_login(person)
        shown = text_of(client.get(page(referral.pk))).partition("<main")[2]
        assert "Department of roads" in shown
        return shown.count(official.title_en)

    assert [shows(person) for person in near + far] == [2, 2, 0, 0]


def test_page_says_what_the_secretariat_recorded_without_a_name(client, official, referral):
    writer = coordinator_of(referral.issue.province)
    ResponseFactory(referral=referral, by=writer, on_behalf=True)

    shown = text_of(client.get(page(referral.pk)))

    assert "recorded by the secretariat" in shown
    assert writer.title_en not in shown


def test_page_shows_why_it_was_taken_back_to_the_organization(client, referral):
    issue = referral.issue
    Referral.objects.update(
        ended_at=clock.now(), ended_as="recalled", ended_because="A wrong office."
    )

    for person in (issue.author, coordinator_of(issue.province)):
        client.force_login(person)
        for address in (page(referral.pk), issue.get_absolute_url()):
            assert "A wrong office." in text_of(client.get(address))


# --- an office's question -----------------------------------------------------------------------
def test_reply_of_the_organization_reaches_the_office(client, official, referral):
    author = referral.issue.author
    ResponseFactory(referral=referral, kind="question", text="Where is it?", by=official)
    client.force_login(author)
    reply = page(referral.pk, "referral_reply")
    assert reply in text_of(client.get("/"))
    assert reply in text_of(client.get(referral.issue.get_absolute_url()))
    assert reply in text_of(client.get(page(referral.pk)))

    client.post(reply, answer(text="At the bridge."))

    assert reply not in text_of(client.get("/"))
    client.force_login(official)
    shown = text_of(client.get(page(referral.pk)))
    assert "At the bridge." in shown
    assert "The raising organization" in shown
    assert author.title_en not in shown
    assert "At the bridge." in text_of(client.get(referral.issue.get_absolute_url()))


def test_open_questions_stand_on_the_coordinators_first_page(client, referral):
    ResponseFactory(referral=referral, kind="question")
    client.force_login(coordinator_of(referral.issue.province))

    assert client.get("/").context["coordinator"].asked.total == 1
    client.post(page(referral.pk, "referral_reply"), answer())
    assert client.get("/").context["coordinator"].asked.total == 0
    assert Response.objects.get(kind="reply").on_behalf


def test_coordinator_may_only_recall_before_the_minutes_are_agreed(client, referral):
    waiting = ReferralFactory(issue=referral.issue, released_at=None)
    client.force_login(coordinator_of(referral.issue.province))

    assert client.get(page(waiting.pk)).context["acts"] == {"recall"}


# --- calls --------------------------------------------------------------------------------------
@pytest.mark.parametrize("chosen", ["spoke", "no_answer"])
def test_call_is_logged_with_the_choice_of_the_button(client, official, referral, chosen):
    coordinator = coordinator_of(referral.issue.province)
    client.force_login(coordinator)
    address = page(referral.pk, "referral_call")

    form = client.get(address, {"outcome": chosen}).context["form"]
    assert form["outcome"].value() == chosen
    assert client.get(address, {"outcome": "nonsense"}).context["form"]["outcome"].value() is None
    data = {"client_key": str(uuid.uuid4()), "outcome": chosen, "spoke_to": "The chief of roads"}
    for _press in range(2):
        assert client.post(address, data).status_code == 302

    call = Call.objects.get()
    assert (call.outcome, call.spoke_to, call.by) == (chosen, "The chief of roads", coordinator)
    assert "The chief of roads" in text_of(client.get(page(referral.pk)))
    assert "The secretariat called the office" in text_of(
        client.get(referral.issue.get_absolute_url())
    )
    for other in (official, referral.issue.author):
        client.force_login(other)
        assert "The chief of roads" not in text_of(client.get(page(referral.pk)))
        assert address not in text_of(client.get(page(referral.pk)))


@pytest.mark.parametrize(("who", "status"), [("official", 403), ("author", 403), ("other", 404)])
def test_call_is_not_logged_by_others(client, office, referral, who, status):
    people = {
        "official": lambda: official_of(office),
        "author": lambda: referral.issue.author,
        "other": lambda: coordinator_of(ProvinceFactory(code="16")),
    }
    client.force_login(people[who]())
    data = {"client_key": str(uuid.uuid4()), "outcome": "spoke"}

    assert client.post(page(referral.pk, "referral_call"), data).status_code == status
    assert not Call.objects.exists()


def test_call_without_its_outcome_or_of_an_ended_referral_says_so(client, referral):
    client.force_login(coordinator_of(referral.issue.province))
    address = page(referral.pk, "referral_call")
    data = {"client_key": str(uuid.uuid4()), "outcome": "spoke"}

    assert client.post(address, data | {"outcome": ""}).context["form"].errors
    Referral.objects.update(ended_at=clock.now(), ended_as="recalled")
    assert "Meanwhile this referral has ended." in text_of(client.post(address, data))
    assert not Call.objects.exists()


# --- the letter ---------------------------------------------------------------------------------
LETTER = "/referrals/letter/"


def test_letter_holds_the_offices_open_referrals_as_the_office_may_read_them(
    client, official, office, referral
):
    Issue.objects.update(disclosure="confidential")
    waiting = ReferralFactory(authority=office, released_at=None)
    ended = ReferralFactory(authority=office, ended_as="resolved")
    below = ReferralFactory(authority=AuthorityFactory(superior=office))

    shown = text_of(client.get(LETTER))

    (letter,) = client.get(LETTER).context["letters"]
    assert [one.referral for one in letter.requests] == [referral]
    for part in (referral.issue.reference, referral.note, "Department of roads", "data-print"):
        assert part in shown
    assert "secretariat of the dialogue forums" in shown
    for hidden in (waiting, ended, below):
        assert hidden.issue.reference not in shown
    assert "Weavers of Bousra" not in shown
    assert referral.issue.commune.name_en not in shown
    assert LETTER in text_of(client.get("/"))
    assert LETTER in text_of(client.get("/referrals/"))


def test_letter_has_a_page_for_each_office_and_none_of_what_concerns_one(
    client, official, office, referral
):
    second = AuthorityFactory()
    other = ReferralFactory(authority=second)
    RoleAssignmentFactory(user=official, role="official", authority=second)
    RoleAssignmentFactory(user=official, role="coordinator", province=office.province)
    ConcernFactory(issue=ReferralFactory(authority=office).issue, authority=second)
    ReferralFactory(authority=second, released_at=None)

    letters = client.get(LETTER).context["letters"]

    found = {one.office: [request.referral for request in one.requests] for one in letters}
    assert found == {office: [referral], second: [other]}


def test_letter_in_khmer_carries_the_heading_and_the_lunar_date(client, official, referral):
    heading = "ព្រះរាជាណាចក្រកម្ពុជា"
    assert heading not in text_of(client.get(LETTER))
    client.cookies["django_language"] = "km"

    shown = text_of(client.get(LETTER))

    assert heading in shown
    assert "ជាតិ សាសនា ព្រះមហាក្សត្រ" in shown
    assert "ព.ស." in shown


def test_letter_without_requests_says_so(client, official):
    assert "No request awaits your answer." in text_of(client.get(LETTER))


def test_letter_is_for_officials_alone(client, referral):
    for person in (coordinator_of(referral.issue.province), referral.issue.author):
        client.force_login(person)
        assert client.get(LETTER).status_code == 403


def test_letter_asks_the_database_as_often_for_many(
    client, official, office, referral, django_assert_max_num_queries
):
    for _ in range(8):
        ReferralFactory(authority=office)

    with django_assert_max_num_queries(12):
        client.get(LETTER)
