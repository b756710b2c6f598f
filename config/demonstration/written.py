"""The minutes of the demonstration's sessions: each stands at another of their states."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils import timezone

from audit import clock
from config.demonstration.cast import Cast
from config.demonstration.rounds import NAMESPACE
from forum.models import Session
from issues.models import AgendaItem, Outcome
from minutes import actions
from minutes.models import Comment, Place

SIGNED = "ហត្ថលេខា និងត្រា"  # stands for a name: nobody of the demonstration is a person
OPENING = {
    "km": (
        "លោកប្រធានបានស្វាគមន៍អ្នកចូលរួម ហើយរំលឹកថា វេទិកានេះជាកន្លែងស្ដាប់គ្នា និងរកដំណោះស្រាយរួម។"
        " អង្គប្រជុំបានអនុម័តរបៀបវារៈ ដោយគ្មានការកែប្រែ។"
    ),
    "en": (
        "The chair welcomed everybody and recalled that the forum is a place to listen and to find"
        " solutions together. The agenda was agreed to without a change."
    ),
}
DISCUSSION = {
    "km": (
        "តំណាងសហគមន៍បានពន្យល់ថា ស្ត្រី និងកុមារជាអ្នករងផលប៉ះពាល់មុនគេ ហើយសូមឱ្យមានកាលបរិច្ឆេទច្បាស់លាស់។"
        " មន្ទីរបានឆ្លើយថា មានផែនការ និងថវិការួចហើយ ប៉ុន្តែត្រូវការការសហការពីឃុំ។"
    ),
    "en": (
        "The community explained that women and children are the first to suffer, and asked for a"
        " clear date. The department answered that there are a plan and money for it, and that it"
        " needs the commune's help."
    ),
}
CLOSING = {
    "km": "អង្គប្រជុំបានបិទនៅវេលាម៉ោង ១១ និង ៣០ នាទី ក្រោមបរិយាកាសរួសរាយ។",
    "en": "The session was closed at half past eleven.",
}
COMMENT = "សូមបន្ថែមថា មន្ទីរបានសន្យានឹងជូនដំណឹងដល់ឃុំ មួយសប្ដាហ៍មុនចុះពិនិត្យ។"
ANSWER = "បានបន្ថែមទៅក្នុងកំណត់ត្រានៃការពិភាក្សា។"
AMENDED = {
    "text_km": "ចំនួនគ្រួសារដែលពាក់ព័ន្ធគឺ ៦១ មិនមែន ៨៦ ទេ។",
    "text_en": "The number of families concerned is 61, not 86.",
    "reason": "សាលាឃុំបានបញ្ជូនបញ្ជីដែលបានផ្ទៀងផ្ទាត់ ក្រោយការអនុម័តកំណត់ហេតុ។",
}


def write_of_founding(cast: Cast, session: Session) -> None:
    """Published, as everybody may read them since 2018."""
    writer = _Writer(cast, session)
    writer.send(5)
    writer.approve(20)
    writer.publish(22)


def write(cast: Cast, held: dict[str, Session]) -> None:
    """One is published and amended, one approved, one lies with those invited for comment."""
    for code, days in (("11", 45), ("19", 40), ("16", 8)):
        writer = _Writer(cast, held[code])
        item = writer.tell()
        writer.send(5 if days > 8 else 3)
        said = writer.comment(6 if days > 8 else 4, item)
        if days == 8:
            continue
        writer.answer(said, 10)
        writer.approve(17)
        if days == 45:
            writer.publish(19)
            writer.amend(33, item)


@dataclass(frozen=True)
class _Writer:
    cast: Cast
    session: Session

    def at(self, days: int) -> dt.datetime:
        """So many days after the session, never later than an hour ago."""
        moment = timezone.localtime(self.session.ends_at) + dt.timedelta(days=days, hours=3)
        return min(moment, clock.now() - dt.timedelta(hours=1))

    def tell(self) -> AgendaItem | None:
        """Write an opening, what was said to the first issue that an office got, and a closing."""
        items = self.session.agenda_items.filter(outcome__kind=Outcome.Kind.REFERRED)
        item: AgendaItem | None = items.first()
        discussion = [(Place.DISCUSSION, item, DISCUSSION)] if item else []
        around = [(Place.OPENING, None, OPENING), (Place.CLOSING, None, CLOSING)]
        for kind, of, texts in [*around, *discussion]:
            for language, text in texts.items():
                actions.edit_passage(
                    self.session,
                    by=self.cast.coordinator,
                    now=self.at(2),
                    kind=kind,
                    item=of,
                    language=language,
                    text=text,
                )
        return item

    def send(self, day: int) -> None:
        """To everybody who was invited, for a week of comments."""
        now = self.at(day)
        until = timezone.localdate(now) + dt.timedelta(days=9)
        actions.send_for_comment(self.session, by=self.cast.coordinator, now=now, until=until)

    def comment(self, day: int, item: AgendaItem | None) -> Comment:
        """What the first organization says of it."""
        invitation = self.session.invitations.filter(organization__isnull=False).earliest("pk")
        return actions.comment(
            invitation,
            by=self.cast.speakers[invitation.organization_id],
            now=self.at(day),
            kind=Place.DISCUSSION if item else Place.OPENING,
            item=item,
            text=COMMENT,
            client_key=uuid.uuid5(NAMESPACE, f"{self.session.client_key} comment"),
        )

    def answer(self, said: Comment, day: int) -> None:
        """It is taken up."""
        actions.answer_comment(
            said, by=self.cast.coordinator, now=self.at(day), is_taken_up=True, answer=ANSWER
        )

    def approve(self, day: int) -> None:
        """Both who presided have signed."""
        now = self.at(day)
        signatures = [
            actions.Signature(one.role, SIGNED, one.presider.title_km, timezone.localdate(now))
            for one in self.session.presidings.select_related("presider")
        ]
        actions.approve(self.session, by=self.cast.coordinator, now=now, signatures=signatures)

    def publish(self, day: int) -> None:
        """For everybody."""
        actions.publish(self.session, by=self.cast.coordinator, now=self.at(day))

    def amend(self, day: int, item: AgendaItem | None) -> None:
        """Correct a number in it."""
        now = self.at(day)
        actions.amend(
            self.session,
            by=self.cast.coordinator,
            now=now,
            client_key=uuid.uuid5(NAMESPACE, f"{self.session.client_key} amendment"),
            on=timezone.localdate(now),
            item=item,
            **AMENDED,
        )
