"""Fault 24: a link that scanners open again and again, and a form that is sent twice."""

import re
import uuid

import pytest
from django.core import mail
from django.urls import reverse

from audit import clock
from audit.models import AuditEntry
from config import notices
from issues.models import Issue, Link, LinkUse, Referral, Response
from outbox import actions as outbox
from outbox.models import Notice
from tests.factories import NoticeFactory, issue_in, official_of

pytest_plugins = ["tests.faults.stage"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]
ROWS = (Issue, Referral, Response, Link, LinkUse, Notice, AuditEntry)


def facts():
    return [list(model.objects.order_by("pk").values()) for model in ROWS]


def test_link_opened_fifty_times_changes_nothing_and_its_form_sent_twice_acts_once(client):
    """Fault 24."""
    referral = issue_in("referred").referrals.get()
    head = official_of(referral.authority, email="head@office.example", language="en")
    NoticeFactory(
        subject=f"referral:{referral.pk}", kind="first_referral", recipient=f"user:{head.pk}"
    )
    notices.register()
    outbox.dispatch_some(now=clock.now())
    (key,) = re.findall(r"/r/([\w-]{43})/", mail.outbox[-1].body)
    page = reverse("issues:link", args=[key])
    form = reverse("issues:link_act", args=[key, "resolve"])
    before = facts()

    for look in (client.get, client.head):
        answers = {look(form if time % 5 else page).status_code for time in range(50)}
        assert answers == {200}
    assert facts() == before

    sent = {
        "client_key": uuid.uuid4(),
        "text": "It is repaired.",
        "done_on": clock.today().isoformat(),
        "name": "Deputy director",
        "office": "Department of roads",
    }
    first = client.post(form, sent)
    after = facts()
    second = client.post(form, sent)

    assert (first.status_code, first.headers["Location"]) == (302, page)
    assert (second.status_code, second.headers["Location"]) == (302, page)
    assert facts() == after
    assert (Issue.objects.get().status, LinkUse.objects.count()) == ("resolved", 1)
    assert client.get(page).status_code == 200
