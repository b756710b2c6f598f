"""A session is moved while its invitation hangs at the mail server: all end with the newest day."""

import datetime as dt

from audit import clock
from forum import actions
from forum.models import Session, Told
from outbox.models import Notice
from tests.factories import OrganizationFactory, SessionFactory, coordinator_of, representative_of
from tests.faults.engines import wait_until
from tests.faults.ledger import none_in_transaction
from tests.forum.stories import Diary, mails_of, publish

pytest_plugins = ["tests.faults.stage"]


def test_a_session_moved_while_its_invitation_hangs_ends_with_the_newest_day(engines, sink):
    session = SessionFactory()
    officer, organization = coordinator_of(session.province), OrganizationFactory()
    guest = representative_of(organization, language="en")
    actions.invite(session, by=officer, now=clock.now(), quota=2, organizations=[organization])
    publish(session.forum, officer, now=clock.now())
    sink.hold("data", keep=True)
    engines.start("loop", "loop")
    wait_until(lambda: sink.held, "the invitation waits for the mail server")
    none_in_transaction()

    newest = session.day + dt.timedelta(days=1)
    actions.move_session(Session.objects.get(), by=officer, now=clock.now(), day=newest)
    publish(session.forum, officer, now=clock.now())
    wait_until(lambda: sink.held == 2, "its change waits beside it")
    sink.let_go()
    engines.settle()

    assert [one.sequence for one in mails_of(sink, guest)] == [1, 2]
    assert Diary().read(mails_of(sink, guest)).days() == [newest.day]
    told = Told.objects.select_related("entry").get()
    assert (told.recipient, told.entry.sequence) == (f"user:{guest.pk}", 2)
    assert sorted(Notice.objects.filter(state="sent").values_list("kind", flat=True)) == [
        "invitation",
        "session_changed",
    ]
