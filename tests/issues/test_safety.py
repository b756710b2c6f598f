"""What nobody may come upon, looked for behind every address of the project.

The addresses and what they are about come from the table of permissions; all issues behind them
are made alike (kept from an office, frozen, confidential, restricted), and whoever must not learn
of them opens and sends everything there is. A new address is walked as soon as it stands there.
"""

import logging
import re
from dataclasses import dataclass, field

import pytest
from django.urls import reverse

from accounts.models import Organization, User
from audit import clock
from config import notices
from forum.models import Delegate, Invitation, Session
from issues import actions
from issues.models import Comment, Evidence, Issue, Referral, Response
from outbox import registry
from outbox.models import Notice
from provinces.models import Authority, Locality
from reminders import actions as reminders
from reminders.models import ProvincePolicy
from tests.config.test_permissions_table import (  # noqa: F401 - the fixtures of the table
    office,
    organization,
    people,
    rows,
    things,
)
from tests.factories import (
    DAY,
    AuthorityFactory,
    ConcernFactory,
    ContactPointFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    ReferralFactory,
    ResponseFactory,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import CommentFactory, CosignFactory

pytestmark = pytest.mark.django_db
MARK = "Quietmark"  # stands in every word of an issue
FOUND_BY = "hushword"  # beside it: what somebody may search for, and the page repeats
ORGANIZATION, PERSON, COMMUNE = "Quietorganization", "Quietperson", "Quietcommune"
PUBLISHABLE = ("accepted", "scheduled", "referred", "resolved", "closed")
PLACES = ("provinces:districts", "provinces:communes", "provinces:villages")  # the gazetteer
LINK = ("issues:answer",)  # whoever holds this link is the organization
WORDS = dict.fromkeys(("q", "text", "title", "asked"), FOUND_BY)
PLACE = {"province": "11", "district": "1101", "commune": "110101"}


# What browsers keep and pass on: the title in the history, addresses in logs of servers between.
KEPT = re.compile(
    r"""<title>.*?</title>|\b(?:href|src|action|formaction|data-[a-z-]+)=(?:"[^"]*"|'[^']*')""",
    re.S,
)
STATIC = re.compile("account_|live|ready")  # no search among these
EVERY = ("GET", "SEARCH", "POST", "CODE")
READING = ("GET", "SEARCH")
REFUSED = set()  # which address takes which method is the same for everybody: asked once


@dataclass
class Walk:
    """Everything a reader comes upon: which marks stand in the answer of which address."""

    client: object
    things: dict
    search: dict
    codes: list = field(default_factory=list)  # of receipts that the reader has found

    def finds(self, reader, marks, *, besides=(), only="", methods=EVERY):
        """``(name, method, mark)`` of each mark in an answer to the reader."""
        self.client.logout()
        if reader:
            self.client.force_login(reader)
        found = set()
        for name, thing, _statuses in rows():
            if name in besides or (only and name not in only):
                continue
            path = reverse(name, args=self.things[thing])
            for method, answer in self.answers(name, thing, path, methods):
                text = text_of(answer).replace(path, "")  # the page repeats its own address
                assert (answer.status_code, name, method) != (500, name, method)
                assert (name, method, kept_of(answer, text)) == (name, method, [])
                found |= {(name, method, mark) for mark in marks if mark in text}
        return found

    def answers(self, name, thing, path, methods):
        """What is read there; what is found by a search; what is sent back for an empty form."""
        asked = [("GET", "get", None)]
        if thing == "–" and not STATIC.match(name):
            asked.append(("SEARCH", "get", self.search))
        if name.startswith("issues:"):
            asked.append(("POST", "post", {"text": "x", "reason": "x"}))
        if name == "issues:track":
            asked += [("CODE", "post", {"code": code}) for code in self.codes]
        for method, verb, sent in asked:
            if method not in methods or (name, verb) in REFUSED:
                continue
            answer = getattr(self.client, verb)(path, sent)
            if answer.status_code == 405:
                REFUSED.add((name, verb))
            yield method, answer


def kept_of(answer, text):
    """The mark in a page's title, in an address on it or in a header."""
    headers = [value for name, value in answer.headers.items() if MARK in value]
    return headers + [one for one in KEPT.findall(text) if MARK in one]


def text_of(answer):
    if answer.streaming:
        return b"".join(answer.streaming_content).decode("utf-8", "replace")
    return answer.content.decode("utf-8", "replace")


@pytest.fixture
def walk(client, things):  # noqa: F811
    client.raise_request_exception = False
    client.cookies["django_language"] = "en"
    for issue in Issue.objects.select_related("commune__parent", "province"):
        words = f"{MARK} {issue.pk} {FOUND_BY}"
        issue.title = issue.text = issue.asked = words
        issue.question = issue.reply = issue.reason = words if issue.reference else ""
        issue.write_index()
        issue.save()
    Referral.objects.update(note=MARK)
    referral = Referral.objects.get(pk=things["referral"][0])
    ResponseFactory(referral=referral, kind="question")
    CommentFactory(issue=referral.issue, to_offices=True, to_organization=True)
    Response.objects.update(text=MARK)
    Comment.objects.update(text=MARK)
    Evidence.objects.update(thumbnail=MARK.encode(), transcript=MARK)
    for evidence in Evidence.objects.all():
        with evidence.file.storage.open(evidence.file.name, "wb") as file:
            file.write(MARK.encode())
    logging.disable(logging.ERROR)  # hundreds of refusals with their tracebacks
    yield Walk(client, things, WORDS | PLACE)
    logging.disable(logging.NOTSET)


def references():
    return [one for one in Issue.objects.values_list("reference", flat=True) if one]


def codes():
    return [one for one in Issue.objects.values_list("tracking_code", flat=True) if one]


def publish_all():
    Issue.objects.filter(status__in=PUBLISHABLE).update(
        disclosure="public", published_at=clock.now() - DAY, is_named=True
    )


def test_the_walk_comes_upon_what_is_open(walk, people, office):  # noqa: F811
    """Else it would prove nothing."""
    publish_all()

    public = {"issues:issue", "issues:issues", "issues:published", "issues:agenda", "home"}
    own = {"issues:referral", "issues:referrals", "issues:evidence", "issues:thumbnail"}

    found = walk.finds(people["official"], [MARK], only=public | own)

    assert {name for name, _method, _mark in found} == public | own


# --- "this concerns office X" -------------------------------------------------------------------
@pytest.fixture
def line(office):  # noqa: F811
    """The office asked, one above it and one below it, each with a referral of its own."""
    above = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    Authority.objects.filter(pk=office.pk).update(superior=above)
    return {"above": above, "office": office, "below": AuthorityFactory(superior=office)}


@pytest.mark.parametrize(
    ("concerned", "barred"),
    [("office", ["office"]), ("above", ["above", "below"])],
)
def test_an_office_it_concerns_comes_upon_nothing_of_it(walk, line, concerned, barred):
    publish_all()
    referral = Referral.objects.get(pk=walk.things["referral"][0])
    ReferralFactory(issue=referral.issue, authority=line["below"], note=MARK)
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=line[concerned])

    for name in barred:
        marks = [MARK, *references()]
        assert walk.finds(official_of(line[name]), marks, besides=LINK) == set()


def test_an_office_it_concerns_counts_nothing_on_its_first_page(client, walk, line):
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=line["office"])

    for name in ("above", "office", "below"):
        client.force_login(official_of(line[name]))
        home = client.get("/").context["official"]
        own = 0 if name != "above" else Referral.objects.open().count()
        assert (home.awaiting, home.groups, home.below) == (0, [], own)


def nothing_leaves_to(recipients):
    """No kind of notice about these issues is still wanted for any of these recipients."""
    subjects = [f"issue:{one}" for one in Issue.objects.values_list("pk", flat=True)]
    subjects += [f"referral:{one}" for one in Referral.objects.values_list("pk", flat=True)]
    subjects += [f"comment:{one}" for one in Comment.objects.values_list("pk", flat=True)]
    kinds = [one for one in notices.KINDS if not re.match(r"invitation|session", one)]
    leaving = []
    for kind in kinds:
        for subject in subjects:
            for recipient in recipients:
                notice = Notice(kind=kind, subject=subject, recipient=recipient, rung="+1", pk=1)
                if leaves(notice):
                    leaving.append((kind, subject, recipient))
    return leaving == [] or leaving


def leaves(notice):
    now = clock.now()
    try:
        return registry.wanted(notice, now) and not registry.held([notice], now)
    except LookupError:
        return False
    except Exception as error:
        if type(error).__name__ == "DoesNotExist":  # it is about something else
            return False
        raise


def addresses(authority):
    return [
        f"user:{official_of(authority).pk}",
        f"contact:{ContactPointFactory(authority=authority).pk}",
        f"authority:{authority.pk}",
    ]


def test_no_notice_of_it_leaves_to_an_office_it_concerns(walk, line):
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=line["office"])

    assert nothing_leaves_to([*addresses(line["office"]), *addresses(line["below"])]) is True


def test_no_rung_of_the_ladder_reaches_a_superior_it_concerns(walk, line):
    reminders.seed_policy()
    by_itself = {"escalates_by_itself": True}
    ProvincePolicy.objects.update_or_create(province_id="11", defaults=by_itself)
    top = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    Authority.objects.filter(pk=line["above"].pk).update(superior=top)
    long_ago = clock.today() - 90 * DAY
    Referral.objects.update(due_on=long_ago, handed_over_on=long_ago - 9 * DAY)
    far = official_of(top)
    barred = addresses(line["above"])
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=top)
        ConcernFactory(issue=issue, authority=line["below"])
    Notice.objects.all().delete()

    reminders.plan(now=clock.now())

    told = set(Notice.objects.values_list("recipient", flat=True))
    assert told.isdisjoint({f"user:{far.pk}", *barred, *addresses(top)})


# --- "we were pressured" ------------------------------------------------------------------------
@pytest.fixture
def outside(walk, line, organization):  # noqa: F811
    """Everybody who read the issues until they were frozen."""
    publish_all()
    cosigner, guest = OrganizationFactory(), OrganizationFactory()
    for issue in Issue.objects.exclude(status="draft"):
        CosignFactory(issue=issue, organization=cosigner)
    session = walk.things["session"][0]
    InvitationFactory(session_id=session, organization=guest)
    announced(Session.objects.get(pk=session), clock.now() - DAY)
    return {
        "public": None,
        "official": official_of(line["office"]),
        "superior": official_of(line["above"]),
        "cosigner": representative_of(cosigner),
        "participant": representative_of(guest),
        "elsewhere": coordinator_of(ProvinceFactory(code="16")),
    }


def freeze_all():
    for issue in Issue.objects.exclude(status="draft"):
        actions.pressured(issue, by=issue.author, now=clock.now())


@pytest.mark.parametrize(
    "reader", ["public", "official", "superior", "cosigner", "participant", "elsewhere"]
)
def test_nobody_outside_comes_upon_anything_of_what_is_frozen(walk, outside, reader):
    marks = [MARK, *references()]
    read = {"issues:issue", "issues:published"}
    if reader in ("official", "superior", "participant"):  # were invited
        read.add("issues:agenda")
    before = walk.finds(outside[reader], [MARK], only=read | {"issues:agenda"})
    assert {name for name, *_rest in before} == read

    freeze_all()
    walk.codes = codes()

    assert walk.finds(outside[reader], marks) == set()


def test_an_office_counts_nothing_of_what_is_frozen_on_its_first_page(client, outside):
    freeze_all()

    for name in ("official", "superior"):
        client.force_login(outside[name])
        home = client.get("/").context["official"]
        assert (home.awaiting, home.groups, home.below, home.below_late) == (0, [], 0, 0)


def test_no_notice_of_what_is_frozen_leaves_to_anybody_outside(walk, outside, line):
    freeze_all()
    recipients = [f"user:{one.pk}" for one in outside.values() if one]
    recipients += [*addresses(line["office"]), *addresses(line["above"])]

    assert nothing_leaves_to(recipients) is True


def test_the_organization_and_its_secretariat_go_on_reading_what_is_frozen(walk, people, outside):  # noqa: F811
    freeze_all()

    for reader in ("representative", "coordinator"):
        own = {"issues:issue", "issues:issues", "issues:agenda", "issues:evidence"}
        assert {name for name, *_rest in walk.finds(people[reader], [MARK], only=own)} == own


# --- confidential, restricted -------------------------------------------------------------------
def test_an_office_reads_a_confidential_matter_without_organization_place_or_person(walk, line):
    Issue.objects.update(disclosure="confidential", is_named=False)
    Delegate.objects.all().delete()  # who comes is no secret
    Invitation.objects.filter(organization__isnull=False).delete()
    for issue in Issue.objects.select_related("organization", "author"):
        Organization.objects.filter(pk=issue.organization_id).update(
            name_km=ORGANIZATION, name_en=ORGANIZATION
        )
        User.objects.filter(pk=issue.author_id).update(title_km=PERSON, title_en=PERSON)
    Locality.objects.filter(level=6).update(name_km=COMMUNE, name_en=COMMUNE)
    secrets = [ORGANIZATION, PERSON, COMMUNE]
    walk.search = WORDS  # the page repeats the name of the place that is looked for

    for name, methods in [("office", EVERY), ("above", READING)]:
        official = official_of(line[name])
        assert walk.finds(official, secrets, besides=PLACES + LINK, methods=methods) == set()
        own = {"issues:issue", "issues:referral", "issues:issues"}
        assert {one for one, *_rest in walk.finds(official, [MARK], only=own)} == own


def test_an_office_finds_no_confidential_matter_by_its_place(walk, line):
    Issue.objects.update(disclosure="confidential", is_named=False)
    lists = {"issues:issues", "issues:referrals"}

    walk.search = WORDS
    found = walk.finds(official_of(line["office"]), [MARK], only=lists)
    assert {name for name, method, _mark in found if method == "SEARCH"} == lists
    for search in (PLACE, {"q": COMMUNE}):
        walk.search = search
        Locality.objects.filter(level=6).update(name_km=COMMUNE, name_en=COMMUNE)
        for issue in Issue.objects.select_related("commune__parent", "province"):
            issue.write_index()
            issue.save()
        found = walk.finds(official_of(line["office"]), [MARK], only={"issues:issues"})
        assert {method for _name, method, _mark in found} == {"GET"}


def test_the_public_comes_upon_nothing_of_what_is_restricted(walk):
    Issue.objects.update(disclosure="restricted", published_at=None)
    session = walk.things["session"][0]
    announced(Session.objects.get(pk=session), clock.now() - DAY)

    assert walk.finds(None, [MARK, *references()], besides=LINK) == set()


OUTSIDERS = (
    "anonymous", "administrator", "other_representative", "other_official", "other_coordinator",
)  # fmt: skip


@pytest.mark.parametrize("reader", OUTSIDERS)
def test_who_has_nothing_to_do_with_it_comes_upon_nothing_unpublished(walk, people, reader):  # noqa: F811
    marks = [MARK, *references()]
    walk.codes = codes()

    for disclosure, methods in [("restricted", EVERY), ("confidential", ("GET", "SEARCH", "CODE"))]:
        Issue.objects.update(disclosure=disclosure, published_at=None, is_named=False)
        assert walk.finds(people[reader], marks, besides=LINK, methods=methods) == set()


def test_a_code_of_a_receipt_opens_the_state_alone(walk):
    Issue.objects.update(disclosure="restricted", published_at=None)
    walk.codes = codes()

    track = list(walk.answers("issues:track", "–", "/track/", ["CODE"]))

    assert len(track) == len(references())
    for _method, answer in track:
        assert answer.context["found"].stands in text_of(answer)
        assert [one for one in [MARK, *references()] if one in text_of(answer)] == []


@pytest.mark.parametrize("disclosure", ["restricted", "confidential"])
def test_no_suggestion_leads_another_organization_to_it(client, walk, disclosure):
    issue = Issue.objects.get(reference=walk.things["referred"][0])
    same = {"title": issue.title, "text": issue.text, "theme": issue.theme}
    draft = issue_in("draft", commune=issue.commune, **same)
    client.force_login(draft.author)
    path = reverse("issues:draft_alike", args=[draft.client_key])
    publish_all()
    assert issue.reference in text_of(client.get(path))  # else it would prove nothing

    Issue.objects.update(disclosure=disclosure, published_at=None)

    page = text_of(client.get(path))
    assert [one for one in references() if one in page] == []


@pytest.mark.parametrize("reader", ["representative", "coordinator", "official"])
def test_no_title_address_or_log_holds_anything_of_it(walk, people, caplog, reader):  # noqa: F811
    Issue.objects.update(disclosure="restricted", published_at=None)
    logging.disable(logging.NOTSET)

    with caplog.at_level(logging.INFO):
        found = walk.finds(people[reader], [MARK], methods=READING)  # looks at titles, addresses

    assert "issues:issue" in {name for name, *_rest in found}
    assert caplog.records
    assert [one for one in caplog.records if MARK in f"{one.getMessage()} {one.exc_text}"] == []
