"""Who is invited to the demonstration's sessions, whom they send, and who came."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Sequence

from django.utils import timezone

from accounts.models import Organization, User
from forum.models import Attendance, Delegate, Invitation, Session, Tick
from outbox import letters
from provinces.models import Authority

Sex, Status = Delegate.Sex, Invitation.Status
KINDS = (Authority.Kind.ADMINISTRATION, Authority.Kind.DEPARTMENT, Authority.Kind.DISTRICT)
# How many came for a party, of whom women, taken in turn.
CAME = ((2, 1), (3, 2), (1, 0), (2, 2), (4, 1), (1, 1), (2, 0))
# Whom parties send, taken in turn.
OF_ORGANIZATIONS = (
    ("ប្រធានសហគមន៍", Sex.WOMAN), ("អនុប្រធានសហគមន៍", Sex.MAN), ("តំណាងក្រុមស្ត្រី", Sex.WOMAN),
    ("មន្ត្រីគម្រោង", Sex.MAN), ("តំណាងយុវជន", Sex.WOMAN), ("ចាស់ទុំភូមិ", Sex.MAN),
)  # fmt: skip
OF_OFFICES = (
    ("អនុប្រធានមន្ទីរ", Sex.MAN), ("ប្រធានការិយាល័យ", Sex.WOMAN), ("មន្ត្រីជំនាញ", Sex.MAN),
)  # fmt: skip
GUESTS = (("អ្នកសារព័ត៌មានមូលដ្ឋាន", Sex.MAN), ("អ្នកភូមិ", Sex.WOMAN))


def invite(session: Session, *, came: bool) -> list[Invitation]:
    """Ask the province's organizations, its larger offices and a commune council.

    Most answered in a few days; councils have no address, so that theirs is a printed letter.
    """
    invitations = _invitations(session)
    numbers = letters.draw(len(invitations), on=timezone.localdate(session.published_at))
    for number, one in enumerate(invitations):
        one.released_at, one.letter_number = session.published_at, numbers[number]
        if came or number % 3:
            one.status = Status.DECLINED if number % 7 == 5 else Status.ACCEPTED
            one.answered_at = session.published_at + dt.timedelta(days=2 + number % 5)
            one.answered_sequence = session.sequence
            one.answered_by_way = Invitation.Way.RECORDED if number % 4 else Invitation.Way.ACCOUNT
    return Invitation.objects.bulk_create(invitations)


def draft(session: Session) -> None:
    """Ask the province's organizations, as yet unsent."""
    asked = Organization.objects.filter(provinces=session.province_id)
    Invitation.objects.bulk_create(Invitation(session=session, organization=one) for one in asked)


def draft_ministries(session: Session, number: int) -> None:
    """Ask some ministries as well, as yet unsent."""
    ministries = Authority.objects.filter(kind=Authority.Kind.MINISTRY).order_by("pk")[:number]
    Invitation.objects.bulk_create(
        Invitation(session=session, authority=one, quota=1) for one in ministries
    )


def _invitations(session: Session) -> list[Invitation]:
    organizations = Organization.objects.filter(provinces=session.province_id)
    offices = Authority.objects.filter(province=session.province_id, kind__in=KINDS)
    councils = Authority.objects.filter(
        province=session.province_id, kind=Authority.Kind.COMMUNE
    ).order_by("pk")[:1]
    asked = [Invitation(session=session, organization=one) for one in organizations]
    return asked + [Invitation(session=session, authority=one) for one in [*offices, *councils]]


# --- who comes ----------------------------------------------------------------------------------
def name_delegates(invitations: Iterable[Invitation], *, every: int = 1) -> list[Delegate]:
    """Two delegates, by title and sex, for every so-manieth party that comes."""
    coming = [one for one in invitations if one.status == Status.ACCEPTED][::every]
    turns = {True: itertools.cycle(OF_ORGANIZATIONS), False: itertools.cycle(OF_OFFICES)}
    return Delegate.objects.bulk_create(
        _delegate(one, number, *next(turns[one.organization_id is not None]))
        for one in coming
        for number in range(1, one.quota + 1)
    )


def _delegate(invitation: Invitation, number: int, title: str, sex: str) -> Delegate:
    answered = invitation.answered_at
    assert answered is not None  # noqa: S101 - only those who come are asked for
    return Delegate(
        session=invitation.session,
        invitation=invitation,
        number=number,
        title=title,
        sex=sex,
        named_at=answered,
        client_key=uuid.uuid4(),
    )


def check_in(session: Session, delegates: Sequence[Delegate], by: User) -> None:
    """Tick most of them and two guests of nobody's, a minute apiece from half an hour before."""
    assert session.starts_at is not None  # noqa: S101 - it has been held
    opened = session.starts_at - dt.timedelta(minutes=30)
    came = [one for number, one in enumerate(delegates) if number % 8 != 7]
    for number, one in enumerate(came):
        one.came_at = opened + dt.timedelta(minutes=number % 60)
    Delegate.objects.bulk_update(came, ["came_at"])
    guests = Delegate.objects.bulk_create(
        Delegate(
            session=session,
            number=number,
            title=title,
            sex=sex,
            named_at=session.starts_at,
            came_at=session.starts_at,
            client_key=uuid.uuid4(),
        )
        for number, (title, sex) in enumerate(GUESTS, start=1)
    )
    Tick.objects.bulk_create(
        Tick(
            client_key=uuid.uuid4(),
            delegate=one,
            is_here=True,
            at=one.came_at,
            received_at=one.came_at,
            by=by,
        )
        for one in [*came, *guests]
    )


def count_by_hand(session: Session, invitations: Iterable[Invitation]) -> None:
    """As it was done before there were ticks."""
    accepted = [one for one in invitations if one.status == Status.ACCEPTED]
    Attendance.objects.bulk_create(
        Attendance(
            session=session,
            organization_id=one.organization_id,
            authority_id=one.authority_id,
            total=total,
            women=women,
        )
        for one, (total, women) in zip(accepted, itertools.cycle(CAME), strict=False)
    )
