import pytest
from django.urls import reverse

from audit.models import AuditEntry
from inbox import raw
from issues.models import Comment, Evidence, Response
from outbox.models import Notice
from tests.factories import (
    ProvinceFactory,
    administrator,
    coordinator_of,
    issue_in,
)
from tests.factories_inbox import IncomingFactory, mail, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def issue():
    return issue_in("referred")


@pytest.fixture
def officer(client, issue):
    person = coordinator_of(issue.province)
    client.force_login(person)
    return person


@pytest.fixture
def held(issue):
    made = mail(
        sender='"Head of works" <head@elsewhere.example>',
        text="We shall repair it.\n<script>alert(1)</script>\n-- \nDirector\n",
    )
    made.add_attachment(pdf(), maintype="application", subtype="pdf", filename="plan.pdf")
    made.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="run.exe")
    return IncomingFactory(
        content=made.as_bytes(),
        sender="head@elsewhere.example",
        title="Re: a road",
        state="held",
        province=issue.province,
    )


def said(issue, target):
    return {"target": target, "title": "Head of works, by mail", "text": "We shall repair it."}


def trail():
    rows = AuditEntry.objects.filter(action__startswith="inbox.")
    return [(one.action, one.subject, one.actor, one.role, one.change) for one in rows]


def test_inbox_lists_what_waits_and_what_else_came(client, officer, held):
    IncomingFactory(state="auto", title="Away", province=held.province)
    IncomingFactory(state="held", title="Elsewhere", province=ProvinceFactory(code="16"))

    page = client.get("/inbox/").content.decode()

    assert "Re: a road" in page
    assert "The sender is not known here." in page
    assert "Away" not in page
    assert "Elsewhere" not in page
    assert "Away" in client.get("/inbox/?state=auto").content.decode()
    assert client.get("/inbox/?state=none").status_code == 200
    assert b"1 mail that came in waits for you" in b" ".join(client.get("/").content.split())


@pytest.mark.parametrize("number", [1, 30])
def test_inbox_asks_the_database_as_often_however_much_waits(
    client, officer, issue, number, django_assert_max_num_queries
):
    for _ in range(number):
        IncomingFactory(state="held", province=issue.province, issue=issue)

    with django_assert_max_num_queries(8):
        client.get("/inbox/")


def test_a_mail_is_shown_as_text_and_given_whole(client, officer, held):
    page = client.get(held.get_absolute_url()).content.decode()
    whole = client.get(reverse("inbox:incoming_raw", args=[held.pk]))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert [name in page for name in ("plan.pdf", "run.exe", "Head of works")] == [True] * 3
    assert whole.content == raw.opened(held)
    assert (whole["Content-Type"], whole["Content-Disposition"], whole["Cache-Control"]) == (
        "message/rfc822", f'attachment; filename="mail-{held.pk}.eml"', "private, no-store",
    )  # fmt: skip


def test_a_mail_nobody_can_open_still_has_its_page(client, officer, issue):
    row = IncomingFactory(sealed=b"lost", state="held", province=issue.province)

    assert b"No text of it can be shown." in client.get(row.get_absolute_url()).content


def test_attach_writes_down_the_offices_answer(client, officer, held, issue):
    referral = issue.referrals.get()
    url = reverse("inbox:attach", args=[held.pk]) + f"?q={issue.reference}"
    form = client.get(url).context["form"]
    assert form.initial == {
        "target": f"referral:{referral.pk}",
        "title": "Head of works",
        "text": "We shall repair it.\n<script>alert(1)</script>",
    }

    done = client.post(url, said(issue, f"referral:{referral.pk}"))
    again = client.post(url, said(issue, f"referral:{referral.pk}"))

    answer = Response.objects.get()
    held.refresh_from_db()
    assert (done.status_code, again.status_code) == (302, 200)
    assert (answer.text, answer.title, answer.by, answer.on_behalf) == (
        "We shall repair it.", "Head of works, by mail", officer, True,
    )  # fmt: skip
    assert (held.state, held.response, held.refused) == ("attached", answer, [2])
    assert Evidence.objects.get().response == answer
    assert trail() == [
        (
            "inbox.attach", f"incoming:{held.pk}", officer, "coordinator",
            {"state": ["held", "attached"], "issue": issue.pk, "referral": referral.pk},
        )
    ]  # fmt: skip
    assert b"The secretariat wrote down an answer of the office" in (
        client.get(issue.get_absolute_url()).content
    )
    assert Notice.objects.filter(kind="response_given").exists()


def test_attach_notes_it_on_the_issue_for_the_secretariat(client, officer, held, issue):
    url = reverse("inbox:attach", args=[held.pk]) + f"?q={issue.reference}"

    client.post(url, said(issue, f"issue:{issue.pk}"))

    note = Comment.objects.get()
    assert note.text == "By e-mail, from Head of works, by mail:\n\nWe shall repair it."
    assert (note.to_organization, note.to_offices, note.by) == (False, False, officer)
    assert Evidence.objects.get().is_inside


def test_attach_finds_issues_of_ones_own_province_alone(client, officer, held, issue):
    elsewhere = issue_in("referred", province=ProvinceFactory(code="16"))
    url = reverse("inbox:attach", args=[held.pk])

    found = [client.get(f"{url}?q={one}") for one in (issue.reference[:7], elsewhere.reference)]

    assert [one.context["issues"] for one in found] == [[issue], []]
    gone = client.post(f"{url}?q={elsewhere.reference}", said(elsewhere, f"issue:{elsewhere.pk}"))
    assert (gone.context["form"], Comment.objects.count()) == (None, 0)


def test_dismiss_says_why_and_keeps_the_mail(client, officer, held):
    url = reverse("inbox:dismiss", args=[held.pk])

    unsaid = client.post(url, {"reason": " "})
    done = client.post(url, {"reason": "Advertising"})
    client.post(url, {"reason": "Again"})

    held.refresh_from_db()
    assert (unsaid.status_code, done.status_code) == (422, 302)
    assert (held.state, held.reason, held.handled_by) == ("dismissed", "Advertising", officer)
    assert trail() == [
        (
            "inbox.dismiss", f"incoming:{held.pk}", officer, "coordinator",
            {"state": ["held", "dismissed"]},
        )
    ]  # fmt: skip
    assert b"Advertising" in client.get(held.get_absolute_url()).content


def test_an_administrator_puts_aside_what_is_of_no_province_and_attaches_nothing(client, issue):
    row = IncomingFactory(state="held")
    client.force_login(administrator())

    attach = client.get(reverse("inbox:attach", args=[row.pk]))
    client.post(reverse("inbox:dismiss", args=[row.pk]), {"reason": "Advertising"})

    row.refresh_from_db()
    assert (attach.status_code, row.state, trail()[0][3]) == (403, "dismissed", "administrator")
