import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from audit import clock
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum.models import Session
from issues import actions
from issues.models import PreparedReply, Referral
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    OutcomeFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def office():
    return AuthorityFactory()


@pytest.fixture
def official(office):
    return official_of(office)


@pytest.fixture
def item(office):
    """An item of a planned session at which the office is expected."""
    made = issue_in("scheduled", session=SessionFactory()).agenda_items.get()
    made.expected.add(office)
    return made


def prepare(item, office, by, text="In May.", **more):
    return actions.prepare_reply(item, authority=office, by=by, now=clock.now(), text=text, **more)


def entries():
    rows = AuditEntry.objects.filter(action__endswith="_reply")
    return list(rows.order_by("pk").values_list("action", "subject", "actor", "role", "change"))


def test_prepare_reply_is_kept_once_changed_and_withdrawn_with_one_entry_each(
    item, office, official
):
    first = prepare(item, office, official, title="Director")
    same = prepare(item, office, official, title="Director")
    changed = prepare(item, office, official, "In June.", seen=1)
    nothing = prepare(item, office, official, "", seen=2)
    actions.withdraw_reply(item, authority=office, by=official, now=clock.now())

    assert (first.version, same.pk, changed.version, nothing) == (1, first.pk, 2, None)
    assert not PreparedReply.objects.exists()
    about = (f"session:{item.session_id}", official.pk, "official")
    trace = {"item": item.pk, "authority": office.pk}
    assert entries() == [
        ("issue.prepare_reply", *about, trace),
        ("issue.prepare_reply", *about, trace),
        ("issue.withdraw_reply", *about, trace),
    ]


@pytest.mark.parametrize("text", ["In June.", ""])
def test_prepare_reply_refuses_what_a_colleague_changed_meanwhile(item, office, official, text):
    prepare(item, office, official_of(office))

    with pytest.raises(TransitionError, match="a colleague has changed"):
        prepare(item, office, official, text)

    assert PreparedReply.objects.values_list("text", "version").get() == ("In May.", 1)


def test_prepare_reply_is_for_who_holds_the_issue_as_well(office, official):
    review = AgendaItemFactory(issue=issue_in("referred", authority=office))
    Referral.objects.update(released_at=clock.now())

    assert prepare(review, office, official).text == "In May."


@pytest.mark.parametrize("case", ["not asked", "not released", "concerned", "frozen", "point"])
def test_prepare_reply_is_refused_to_offices_that_are_not_asked(item, office, official, case):
    if case in ("not asked", "not released"):
        item.expected.clear()
    if case == "not released":
        item = AgendaItemFactory(issue=issue_in("referred", authority=office))
        Referral.objects.update(released_at=None, handed_over_on=None, due_on=None)
    if case == "concerned":
        ConcernFactory(issue=item.issue, authority=office)
    if case == "frozen":
        item.issue.pressured_at = clock.now()
        item.issue.save()
    if case == "point":
        item = AgendaItemFactory(session=item.session, issue=None)

    with pytest.raises(PermissionDenied):
        prepare(item, office, official)


def test_prepare_reply_is_refused_to_all_but_the_offices_own_officials(item, office):
    above = AuthorityFactory()
    office.superior = above
    office.save()
    for by in (official_of(above), coordinator_of(None)):
        with pytest.raises(PermissionDenied):
            prepare(item, office, by)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("released", "The session is over"), ("open", "an outcome was recorded")],
)
def test_prepare_reply_is_refused_once_its_turn_is_over(item, office, official, status, sentence):
    if status == "open":
        OutcomeFactory(item=item)
    fields = {"status": status, "released_at": clock.now() if status == "released" else None}
    Session.objects.update(**fields)

    with pytest.raises(TransitionError, match=sentence):
        prepare(item, office, official)
