"""Notices as pages show them to coordinators: with titles, names and what may be done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from audit import clock
from outbox import other_ways, recipients, registry
from outbox.forms import CancelForm, OtherWayForm, PhoneForm, ReasonForm
from outbox.handling import BY_HAND, CANCELLED, RETRIED
from outbox.models import Attempt, ByPhone, Notice
from outbox.post import IN_DIGEST, MUTED
from outbox.registry import Title

State = Notice.State
UNCERTAIN = (Attempt.Outcome.BEGUN, Attempt.Outcome.UNKNOWN)
LEFT = RETRIED | {State.SENT, State.DELIVERED}


@dataclass(frozen=True)
class Row:
    """A notice as the pages show it."""

    notice: Notice
    title: Title
    recipient: str
    kind: str
    forms: dict[str, Any] = field(default_factory=dict)

    @property
    def by_phone(self) -> ByPhone | None:
        """What was told by telephone instead."""
        return getattr(self.notice, "by_phone", None)

    @property
    def is_by_hand(self) -> bool:
        """A coordinator holds it."""
        return self.notice.state == State.HELD and self.notice.reason.startswith(BY_HAND)

    @property
    def reason(self) -> str:
        """Why it stands so, in the reader's language as far as we said it."""
        if self.is_by_hand:
            words = self.notice.reason.removeprefix(BY_HAND)
            return _("Held by the secretariat: %(reason)s") % {"reason": words}
        return _(self.notice.reason) if self.notice.reason else ""

    @property
    def referral(self) -> int | None:
        """The number of the referral it is about."""
        name, _colon, pk = self.notice.subject.partition(":")
        return int(pk) if name == "referral" else None

    @property
    def may_send(self) -> bool:
        """Whether it can be made due at once."""
        return self.notice.state == State.PLANNED or self.is_by_hand or self._waits_for_reader

    @property
    def _waits_for_reader(self) -> bool:
        """It waits for a digest, or for the end of a silence."""
        return self.notice.state == State.HELD and self.notice.reason in (IN_DIGEST, MUTED)

    @property
    def may_hold(self) -> bool:
        """Whether a coordinator can keep it back."""
        in_digest = self.notice.state == State.HELD and self.notice.reason == IN_DIGEST
        return self.notice.state == State.PLANNED or in_digest

    @property
    def may_retry(self) -> bool:
        """Whether it can be sent again."""
        return self.notice.state in RETRIED and self.by_phone is None

    @property
    def may_cancel(self) -> bool:
        """Whether it can be kept from being sent."""
        return self.notice.state in CANCELLED and self.by_phone is None

    @property
    def may_phone(self) -> bool:
        """Whether telling it by telephone still changes something."""
        return self.notice.state in CANCELLED | RETRIED and self.by_phone is None

    @property
    def may_release(self) -> bool:
        """Whether it waits for a press."""
        return self.notice.state == State.PREPARED

    @property
    def has_acts(self) -> bool:
        """Whether anything can be done with it."""
        return any((self.may_send, self.may_hold, self.may_phone, "other_way" in self.forms))


def rows_of(notices: Iterable[Notice], *, with_forms: bool = False) -> list[Row]:
    """Each notice with its title and names; a constant number of queries."""
    notices = list(notices)
    titles = registry.titles(one.subject for one in notices)
    names = recipients.labels(one.recipient for one in notices)
    forms = _forms_of(notices) if with_forms else {}
    return [
        Row(
            notice=one,
            title=titles.get(one.subject, Title(one.subject)),
            recipient=names.get(one.recipient, one.recipient),
            kind=registry.label(one.kind),
            forms=forms.get(one.pk, {}),
        )
        for one in notices
    ]


def _forms_of(notices: list[Notice]) -> dict[int, dict[str, Any]]:
    """The forms of each of these notices, by their names."""
    ways = ways_of(notices)
    return {
        one.pk: {
            "cancel": CancelForm(auto_id=f"id_{one.pk}_cancel_%s"),
            "hold": ReasonForm(auto_id=f"id_{one.pk}_hold_%s"),
            "by_phone": PhoneForm(
                initial={"told_at": clock.now()}, auto_id=f"id_{one.pk}_phone_%s"
            ),
            **({"other_way": other_way_form(one, ways[one.pk])} if ways[one.pk] else {}),
        }
        for one in notices
    }


def other_way_form(
    notice: Notice, ways: list[str], data: Any = None, *, is_uncertain: bool = False
) -> OtherWayForm:
    """The form for another way; it asks about arriving twice where that may happen."""
    tries = notice.message.attempts.all() if notice.message else []
    is_uncertain |= notice.state == State.UNKNOWN
    is_uncertain |= any(one.outcome in UNCERTAIN for one in tries)
    initial = {"channel": ways[0]} if len(ways) == 1 else {}
    return OtherWayForm(
        data,
        ways=ways,
        is_uncertain=is_uncertain,
        initial=initial,
        auto_id=f"id_{notice.pk}_way_%s",
    )


def ways_of(notices: Iterable[Notice]) -> dict[int, list[str]]:
    """By which ways each can be told besides those it went or goes; none while it waits."""
    notices = list(notices)
    asked = [one for one in notices if one.state in LEFT and getattr(one, "by_phone", None) is None]
    known = other_ways.addresses(one.recipient for one in asked) if asked else {}
    used = _used(asked)
    found = {
        one.pk: [
            way for way in known.get(one.recipient, {}) if way not in used.get(_key(one), set())
        ]
        for one in asked
    }
    return {one.pk: found.get(one.pk, []) for one in notices}


def _key(notice: Notice) -> tuple[str, ...]:
    """The key but for the way."""
    return notice.key[:-1]


def _used(notices: list[Notice]) -> dict[tuple[str, ...], set[str]]:
    """The ways by which each of these, or its like, goes or went; one query."""
    used: dict[tuple[str, ...], set[str]] = {}
    subjects = {one.subject for one in notices}
    if not subjects:
        return used
    like = Notice.objects.filter(
        subject__in=subjects, recipient__in={one.recipient for one in notices}
    )
    for one in like.select_related("message"):
        ways = used.setdefault(_key(one), set())
        ways.add(one.channel)
        if one.message is not None:
            ways.add(one.message.channel)
    return used
