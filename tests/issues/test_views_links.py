"""The pages behind an office's link: what they show to whom, and what a form does."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from issues.forms.links import FORMS
from issues.models import Issue, Link, LinkUse, Referral, Response
from tests import factories as f
from tests.factories_more import LinkFactory, LinkUseFactory
from tests.issues.stories import at
from tests.issues.traces import everything

pytestmark = pytest.mark.django_db
KEY = "k" * 43
PAGE = reverse("issues:link", args=[KEY])
WHO = {"name": "Sok, deputy director", "office": "Department of roads"}
SECRET = re.compile(r'(csrfmiddlewaretoken" value=|x-csrftoken": )"\w+"')


@pytest.fixture
def link(client):
    at(client, None)
    office = f.AuthorityFactory(name_en="Roads", name_km="Roads")
    made = LinkFactory(key=KEY, referral=f.issue_in("referred", authority=office).referrals.get())
    Referral.objects.update(note="Please repair the bridge.", due_on=clock.today())
    Referral.objects.update(handed_over_on=clock.today())
    return made


def form(act):
    return reverse("issues:link_act", args=[KEY, act])


def typed(**more):
    return WHO | {"client_key": uuid.uuid4()} | more


def test_page_shows_the_matter_and_what_can_be_done_and_is_kept_by_nobody(client, link):
    issue = link.referral.issue

    answer = client.get(PAGE)

    for text in (
        issue.reference,
        issue.title,
        issue.text,
        "Please repair the bridge.",
        "due today",
    ):
        assert text in answer.text
    assert issue.commune.name_en in answer.text
    assert issue.organization.name not in answer.text
    assert [act for act in FORMS if form(act) in answer.text] == list(FORMS)
    assert answer.headers["Referrer-Policy"] == "no-referrer, strict-origin"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer.headers["Cache-Control"]


def test_confidential_issue_is_its_reference_alone(client, link):
    issue = link.referral.issue
    Response.objects.create(
        client_key=uuid.uuid4(), referral=link.referral, kind="answer", text="We repair it.",
        by=f.UserFactory(), title="x", created_at=clock.now(),
    )  # fmt: skip
    Issue.objects.update(disclosure="confidential")

    page = client.get(PAGE).text

    hidden = (
        issue.title,
        issue.text,
        "Please repair",
        "We repair",
        issue.province.name,
        "/respond/",
    )
    assert issue.reference in page
    assert [one for one in hidden if one in page] == []
    for act in FORMS:
        sent = client.post(form(act), typed(text="x", reason="x"))
        assert (client.get(form(act)).status_code, sent.status_code) == (302, 302)
    assert not LinkUse.objects.exists()


def test_superior_reads_and_is_offered_no_form(client, link):
    superior = f.AuthorityFactory()
    Link.objects.update(may_act=False, recipient=f"user:{f.official_of(superior).pk}")
    link.referral.authority.superior = superior
    link.referral.authority.save()

    page = client.get(PAGE).text

    assert link.referral.issue.title in page
    assert f"{PAGE}" not in page.replace(f'value="{PAGE}"', "")
    assert client.get(form("respond")).headers["Location"] == PAGE


def test_every_reason_against_a_link_is_the_same_page(client, link):
    issue = link.referral.issue

    def closed():
        answer = client.get(PAGE)
        return answer.status_code, SECRET.sub("", answer.text)

    def with_(row, **facts):
        before = {name: getattr(row, name) for name in facts}
        type(row).objects.filter(pk=row.pk).update(**facts)
        try:
            return closed()
        finally:
            type(row).objects.filter(pk=row.pk).update(**before)

    now, other = clock.now(), f.coordinator_of(None)
    pages = {
        with_(link, digest="0" * 64),
        with_(link, revoked_at=now, revoked_by=other),
        with_(link, expires_at=now, made_at=now - dt.timedelta(30)),
        with_(issue, pressured_at=now),
        with_(link.referral, ended_at=now, ended_as="recalled"),
        with_(link.referral, ladder_version=2, due_version=2),
    }

    ((status, page),) = pages
    assert status == 404
    assert issue.reference not in page
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("act", FORMS)
def test_each_form_asks_who_one_is_and_refuses_nobody(client, link, act):
    page = client.get(form(act))
    sent = client.post(form(act), typed(name=" "))

    assert (page.status_code, sent.status_code) == (200, 200)
    assert 'name="office" value="Roads"' in page.text
    assert sent.context["form"].errors.as_data()["name"][0].code == "required"
    assert not LinkUse.objects.exists()


def test_a_form_without_its_token_does_nothing(link):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(form("ask"), typed(text="Which road?")).status_code == 403
    assert not LinkUse.objects.exists()


def test_resolving_twice_shows_the_same_page_and_acts_once(client, link):
    sent = typed(text="It is repaired.", done_on=clock.today().isoformat())

    first = client.post(form("resolve"), sent, follow=True)
    after = everything()
    second = client.post(form("resolve"), sent, follow=True)

    assert SECRET.sub("", first.text) == SECRET.sub("", second.text)
    assert "by Sok, deputy director, Department of roads." in first.text
    assert link.referral.issue.title not in first.text
    assert everything() == after
    assert (LinkUse.objects.count(), Issue.objects.get().status) == (1, "resolved")
    other = client.post(form("resolve"), sent | {"text": "Something else."})
    assert other.status_code == 409


def test_too_much_sent_with_one_link_is_refused(client, link, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reply_link": "2/h/key"}

    answers = [client.post(form("ask"), typed(text=f"{n}")).status_code for n in range(3)]

    assert answers == [302, 302, 429]


def test_coordinators_see_the_links_and_revoke_them(client, link):
    LinkUseFactory(link=link, name="Sok", office="Department of roads")
    url = reverse("issues:referral", args=[link.referral_id])
    revoke = reverse("issues:link_revoke", args=[link.pk])
    official = f.official_of(link.referral.authority)

    assert "Department of roads" not in at(client, official).get(url).text
    assert client.post(revoke).status_code == 404
    page = at(client, f.coordinator_of(link.referral.issue.province)).get(url).text
    assert "Received: Sok, Department of roads" in page
    assert revoke in page
    page = client.post(revoke, follow=True).text
    assert "revoked" in page
    assert revoke not in page
    assert at(client, None).get(PAGE).status_code == 404


def test_what_was_said_through_the_link_names_who_said_it(client, link):
    client.post(form("respond"), typed(text="We repair it."))

    assert "We repair it." in client.get(PAGE).text
    coordinator = f.coordinator_of(link.referral.issue.province)
    page = at(client, coordinator).get(reverse("issues:referral", args=[link.referral_id])).text
    said = "Sok, deputy director, Department of roads (Through a link, without an account)"
    assert said in page
