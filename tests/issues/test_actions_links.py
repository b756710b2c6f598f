"""What an office does through its link, without an account: made, used, ended, revoked."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from accounts.models import BY_LINK, User
from audit import clock
from audit.errors import Conflict, TransitionError
from issues import actions, history, links
from issues.models import Link, LinkUse, Referral
from issues.permissions import Audience
from outbox import actions as outbox
from outbox import packing, registry
from outbox.models import Message
from tests import factories as f
from tests.factories_more import LinkFactory, PressureFactory
from tests.issues.traces import NOW, TODAY, everything, trail

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(1)
WHO = {"name": "Sok, deputy director", "office": "Department of roads"}
SAID = f"{WHO['name']}, {WHO['office']}"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def link():
    office = f.AuthorityFactory(name_en="Roads", name_km="Roads")
    return LinkFactory(
        referral=f.issue_in("referred", authority=office).referrals.get(), made_at=NOW - DAY
    )


def use(link, act, key=None, **facts):
    facts = WHO | facts
    return actions.use_link(link, act=act, client_key=key or uuid.uuid4(), now=NOW, **facts)


def first_notice(referral, recipient):
    return f.NoticeFactory(
        subject=f"referral:{referral.pk}",
        kind="first_referral",
        version=referral.due_version,
        recipient=recipient,
        province=referral.issue.province,
    )


# --- made -----------------------------------------------------------------------------------------
def key_in(body):
    (line,) = [one for one in body.splitlines() if "/r/" in one]
    return line.rstrip("/").rpartition("/")[2]


def test_message_holds_the_key_and_the_database_its_digest():
    referral = f.issue_in("referred").referrals.get()
    head = f.official_of(referral.authority, email="head@office.example", language="en")
    notice = first_notice(referral, f"user:{head.pk}")

    outbox.dispatch_some(now=clock.now())

    message, made = Message.objects.get(), Link.objects.get()
    key = key_in(message.body)
    assert len(key) == 43
    assert made.digest == links.digest_of(key) != key
    assert (made.notice, made.referral, made.recipient, made.version, made.may_act) == (
        notice, referral, f"user:{head.pk}", referral.due_version, True,
    )  # fmt: skip
    assert made.expires_at - made.made_at == 30 * DAY
    assert links.read(key, clock.now()).link == made


def test_words_that_are_only_looked_at_make_no_link():
    referral = f.issue_in("referred").referrals.get()
    notice = first_notice(referral, f"user:{f.official_of(referral.authority).pk}")

    for language in ("km", "en"):
        assert links.address(links.BLANK) in registry.render(notice, language).body

    assert not Link.objects.exists()
    assert links.read(links.BLANK, clock.now()) is None


def test_words_made_anew_before_they_left_end_the_former_key():
    referral = f.issue_in("referred").referrals.get()
    notice = first_notice(referral, f"user:{f.official_of(referral.authority).pk}")

    keys = [key_in(packing.words(notice, "km")["body"]) for _time in range(2)]

    assert [links.read(one, clock.now()) is not None for one in keys] == [False, True]


def test_confidential_issue_gets_no_link():
    referral = f.issue_in("referred", disclosure="confidential").referrals.get()
    notice = first_notice(referral, f"user:{f.official_of(referral.authority).pk}")

    assert "/r/" not in packing.words(notice, "en")["body"]
    assert not Link.objects.exists()


# --- used -----------------------------------------------------------------------------------------
def test_acknowledge_is_the_offices_and_keeps_who_said_so(link):
    made = use(link, "acknowledge", expected_on=TODAY + 7 * DAY)

    held = Referral.objects.get()
    account = User.objects.get(username=BY_LINK)
    assert (held.acknowledged_at, held.acknowledged_by, held.expected_on) == (
        NOW, account, TODAY + 7 * DAY,
    )  # fmt: skip
    entry = made.entry
    assert (entry.action, entry.actor, entry.role, entry.at) == (
        "issue.acknowledge", account, "official", NOW,
    )  # fmt: skip
    assert entry.change == {"referral": held.pk, "authority": held.authority_id}
    assert LinkUse.objects.values_list("link", "act", "name", "office", "at").get() == (
        link.pk, "acknowledge", WHO["name"], WHO["office"], NOW,
    )  # fmt: skip
    assert not account.is_active
    assert not account.has_usable_password()
    assert not account.role_assignments.exists()
    assert account not in User.people.visible_to(f.administrator())


@pytest.mark.parametrize(
    ("act", "facts"),
    [
        ("ask", {"text": "Which road?"}),
        ("respond", {"text": "We repair it.", "files": []}),
        ("resolve", {"text": "It is repaired.", "done_on": TODAY, "files": []}),
        ("extend", {"wanted_on": TODAY + 20 * DAY, "reason": "Rains."}),
        ("redirect", {"to": None, "reason": "Not ours."}),
    ],
)
def test_each_act_happens_once_however_often_it_is_sent(link, act, facts):
    Referral.objects.update(handed_over_on=TODAY, due_on=TODAY + 7 * DAY)
    key = uuid.uuid4()

    made = use(link, act, key, **facts)
    after = everything()

    assert use(link, act, key, **facts) == made
    assert everything() == after
    assert LinkUse.objects.get() == made
    assert [one for one in trail() if one[0] == f"issue.{act}"] == [
        (made.entry.action, made.entry.subject, made.entry.actor, "official", made.entry.change)
    ]
    with pytest.raises(Conflict):
        use(link, act, key, **facts | {"name": "Somebody else"})
    said = list(link.referral.responses.values_list("title", "on_behalf"))
    assert said == ([(SAID, False)] if act in ("ask", "respond", "resolve") else [])


def test_history_names_to_coordinators_alone_who_used_the_link(link):
    use(link, "respond", text="We repair it.", files=[])
    referral = link.referral

    def who(audience):
        rows = history.Rows.of(referral.issue, [referral], list(referral.responses.all()), [])
        events = history.tell(rows, audience, {referral.pk})
        return [one.who for one in events if one.act == "respond"]

    assert who(Audience.SECRETARIAT) == [f"Roads, through the link: {WHO['name']}, {WHO['office']}"]
    assert who(Audience.ORGANIZATION) == ["Roads, through the link"]
    assert who(Audience.OFFICE) == ["the office"]


@pytest.mark.parametrize("sql", ["UPDATE {} SET name = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_uses_are_append_only(link, sql):
    use(link, "ask", text="Which road?")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(LinkUse._meta.db_table))


# --- ended ----------------------------------------------------------------------------------------
def _change(row, **facts):
    type(row).objects.filter(pk=row.pk).update(**facts)


def _leave(link):
    _change(User.objects.get(pk=link.recipient.partition(":")[2]), is_active=False)


def _concern(link):
    f.ConcernFactory(issue=link.referral.issue, authority=link.referral.authority)


ENDS = {
    "revoked": lambda link: actions.revoke_link(
        link, by=f.coordinator_of(link.referral.issue.province), now=NOW
    ),
    "30 days later": lambda link: _change(link, made_at=NOW - 30 * DAY, expires_at=NOW),
    "another ladder": lambda link: _change(link.referral, due_version=2, ladder_version=2),
    "recalled": lambda link: _change(link.referral, ended_at=NOW, ended_as="recalled"),
    "resolved by somebody else": lambda link: _change(
        link.referral, ended_at=NOW, ended_as="resolved"
    ),
    "frozen": lambda link: (
        PressureFactory(issue=link.referral.issue)
        and _change(link.referral.issue, pressured_at=NOW)
    ),
    "the official left": _leave,
    "concerns the office": _concern,
}


@pytest.mark.parametrize("why", ENDS)
def test_link_ends_for_reading_and_acting(link, why):
    assert links.opened(link, NOW) is not None

    ENDS[why](link)

    held = Link.objects.select_related(*links.LOADED).get()
    assert links.opened(held, NOW) is None
    with pytest.raises(TransitionError):
        use(held, "ask", text="Which road?")
    assert not LinkUse.objects.exists()


def test_a_date_that_moved_a_little_ends_no_link(link):
    _change(link.referral, due_version=2)

    assert links.opened(Link.objects.get(), NOW).acts >= {"acknowledge", "resolve"}


def test_confidential_or_superior_links_allow_no_act(link):
    _change(link.referral.issue, disclosure="confidential")
    superior = f.AuthorityFactory()
    office = f.AuthorityFactory(superior=superior)
    held = f.issue_in("referred", authority=office).referrals.get()
    above = LinkFactory(
        referral=held, may_act=False, recipient=f"user:{f.official_of(superior).pk}"
    )

    for one in (Link.objects.get(pk=link.pk), above):
        assert links.opened(one, clock.now()).acts == frozenset()
        with pytest.raises(TransitionError):
            use(one, "ask", text="Which road?")


def test_an_address_of_the_office_answers_like_its_official(link):
    contact = f.ContactPointFactory(authority=link.referral.authority, value="a@office.example")
    other = f.ContactPointFactory(value="b@office.example")

    opens = [
        links.opened(_of(link, f"contact:{one.pk}"), NOW) is not None for one in (contact, other)
    ]

    assert opens == [True, False]


def _of(link, recipient):
    """The link as somebody else's."""
    link.recipient = recipient
    return link


def test_revoke_is_its_coordinators_and_done_once(link):
    coordinator = f.coordinator_of(link.referral.issue.province)
    with pytest.raises(PermissionDenied):
        actions.revoke_link(link, by=f.official_of(link.referral.authority), now=NOW)

    for _time in range(2):
        held = actions.revoke_link(link, by=coordinator, now=NOW)

    assert (held.revoked_at, held.revoked_by) == (NOW, coordinator)
    trace = {"referral": link.referral_id, "link": link.pk}
    subject = f"issue:{link.referral.issue_id}"
    assert trail() == [("issue.revoke_link", subject, coordinator, "coordinator", trace)]
