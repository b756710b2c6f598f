"""A released session of March 2026 with one issue of each disclosure, and who reads its minutes."""

import datetime as dt
import uuid

from django.utils import timezone

from minutes import actions
from minutes.actions import Signature
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    LocalityFactory,
    OrganizationFactory,
    OutcomeFactory,
    PresiderFactory,
    PresidingFactory,
    ProvinceFactory,
    ReferralFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

PHNOM_PENH = dt.timezone(dt.timedelta(hours=7))
DAY = dt.date(2026, 3, 26)
HELD = dt.datetime(2026, 3, 26, 8, 0, tzinfo=PHNOM_PENH)
NOW = dt.datetime(2026, 4, 10, 9, 0, tzinfo=PHNOM_PENH)
TODAY = timezone.localdate(NOW)
UNTIL = dt.date(2026, 4, 20)
SIGNED = [
    Signature("chair", "Chair Name", "Chair of the secretariat", dt.date(2026, 4, 8)),
    Signature("co_presider", "Governor Name", "Deputy Governor", dt.date(2026, 4, 9)),
]


class Story:
    """One session and its people; ``items`` by what is special about each."""

    def __init__(self) -> None:
        self.province = ProvinceFactory(code="11")
        self.session = SessionFactory(
            province=self.province,
            forum__name_en="Forum of 2026",
            forum__provinces=[self.province],
            starts_at=HELD,
            ends_at=HELD + dt.timedelta(hours=4),
            status="released",
        )
        for role, title in (("chair", "Chair"), ("co_presider", "Deputy governor")):
            who = PresiderFactory(title_en=title, title_km=f"{title} km", province=self.province)
            PresidingFactory(session=self.session, presider=who, role=role)
        self.office = AuthorityFactory(name_en="Works", name_km="សាធារណការ", province=self.province)
        self.party = OrganizationFactory(name_en="The weavers", provinces=[self.province])
        self.coordinator = coordinator_of(self.province)
        self.official = official_of(self.office)
        self.representative = representative_of(self.party)
        self.invitation = InvitationFactory(session=self.session, organization=self.party)
        InvitationFactory(session=self.session, authority=self.office)
        AttendanceFactory(session=self.session, organization=self.party, total=5, women=3)
        AttendanceFactory(session=self.session, authority=self.office, total=2, women=1)
        self.items = self._agenda()

    def _agenda(self):
        heading = AgendaItemFactory(
            session=self.session, issue=None, title="Roads", is_heading=True, minutes=0
        )
        return {
            "heading": heading,
            "public": self._turn("public", disclosure="public", published_at=HELD, is_named=True),
            "restricted": self._turn("restricted"),
            "confidential": self._turn("confidential", disclosure="confidential"),
            "frozen": self._turn("frozen", pressured_at=HELD),
            "concerning": self._turn("concerning"),
            "point": AgendaItemFactory(session=self.session, issue=None, title="Remarks"),
        }

    def _turn(self, name, **fields):
        issue = issue_in(
            "accepted",
            province=self.province,
            commune=LocalityFactory(code="110101"),
            organization=self.party,
            author=self.representative,
            title=f"Issue {name}",
            language="en",
            **fields,
        )
        if name == "concerning":
            ConcernFactory(issue=issue, authority=self.office)
        item = AgendaItemFactory(session=self.session, issue=issue)
        kind = "referred" if name == "restricted" else "noted"
        outcome = OutcomeFactory(item=item, kind=kind, text=f"Said of {name}")
        if name == "restricted":
            ReferralFactory(
                issue=issue,
                authority=self.office,
                outcome=outcome,
                wanted_on=dt.date(2026, 5, 8),
                handed_over_on=None,
            )
        return item

    # --- acts ---------------------------------------------------------------------------------
    def write(self, text="We opened.", kind="opening", item=None, **more):
        return actions.edit_passage(
            self.session,
            by=self.coordinator,
            now=NOW,
            kind=kind,
            item=item,
            text=text,
            **{"language": "en"} | more,
        )

    def send(self, **more):
        given = {"by": self.coordinator, "now": NOW, "until": UNTIL} | more
        return actions.send_for_comment(self.session, **given)

    def say(self, text="Please add the date.", **more):
        given = {"by": self.representative, "now": NOW, "kind": "opening"} | more
        given.setdefault("client_key", uuid.uuid4())
        return actions.comment(self.invitation, text=text, **given)

    def approve(self, **more):
        given = {"by": self.coordinator, "now": NOW, "signatures": SIGNED} | more
        return actions.approve(self.session, **given)

    def publish(self, **more):
        return actions.publish(self.session, by=self.coordinator, now=NOW, **more)

    def amend(self, **more):
        given = {"text_en": "It was ten.", "reason": "A slip.", "on": TODAY, "now": NOW}
        given |= {"by": self.coordinator, "client_key": uuid.uuid4()} | more
        return actions.amend(self.session, **given)

    def settled(self, *, published=False):
        """Approved minutes, published ones where that is asked for."""
        self.send()
        minutes = self.approve()
        return self.publish() if published else minutes
