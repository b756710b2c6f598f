"""What minutes consist of, drawn from the session: language neutral, ready to be frozen as JSON.

Its parts are described in ``minutes.shape``. Nothing here is masked: what a
reader is shown of it is decided by ``minutes.editions`` alone.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from django.db.models import Prefetch
from django.utils import timezone, translation

from accounts.models import Organization
from forum import turnout
from forum.models import Presiding, Session
from issues import matrix
from issues.models import AgendaItem, Cosign, Issue, Outcome, Referral
from issues.models.issue import LONG_OF_ISSUE
from issues.permissions import names_its_organization, place_of
from minutes.models import Minutes
from minutes.shape import (
    Attendance,
    Content,
    Decision,
    Figures,
    Free,
    Group,
    Handed,
    Item,
    Names,
    Party,
    Presides,
    Section,
    Signed,
    Sitting,
    Typed,
)

LAYOUT = 1  # rises when the keys below change: papers of former minutes keep theirs


def draw(minutes: Minutes) -> Content:
    """The minutes as the session stands now, whatever was frozen; queries do not grow with items.

    ``minutes`` has its session with forum, province and venue; it need not be saved.
    """
    session = minutes.session
    items = list(_items(session))
    return {
        "layout": LAYOUT,
        "number": minutes.number,
        "session": _sitting(session),
        "presiding": _presiding(session),
        "attendance": _attendance(session),
        "figures": _figures(items),
        "sections": _sections(items),
        "passages": _passages(minutes),
        "approvals": _approvals(minutes),
    }


def of_minutes(minutes: Minutes) -> Content:
    """What was approved, else what stands now."""
    return minutes.content if minutes.content is not None else draw(minutes)


def checksum_of(content: Content) -> str:
    """SHA-256, in hexadecimal, of the content's JSON with sorted keys, no spaces, in UTF-8."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


# --- the session --------------------------------------------------------------------------------
def _both(read: Callable[[], object]) -> Names:
    """What it says in each language."""
    with translation.override("km"):
        khmer = str(read())
    with translation.override("en"):
        return {"km": khmer, "en": str(read())}


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _clock(moment: dt.datetime | None) -> str:
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


def _sitting(session: Session) -> Sitting:
    venue = session.venue
    return {
        "forum": _both(lambda: session.forum.name),
        "province": _both(lambda: session.province.full_name),
        "province_code": session.province_id,
        "day": _iso(session.day),
        "starts": _clock(session.starts_at),
        "ends": _clock(session.ends_at),
        "venue": _both(lambda: venue.name) if venue else None,
        "address": _both(lambda: venue.address) if venue and venue.address else None,
    }


def _presiding(session: Session) -> list[Presides]:
    rows: Iterable[Presiding] = session.presidings.select_related("presider")
    return [
        {
            "role": one.role,
            "title": {"km": one.presider.title_km, "en": one.presider.title_en},
        }
        for one in rows
    ]


def _attendance(session: Session) -> Attendance:
    """Authorities by name; of organizations only how many people, so that nobody is exposed."""
    found = turnout.of_session(session)
    groups = [
        _group("authorities", [one for one in found.lines if one.key[1] is not None], named=True),
        _group("organizations", [one for one in found.lines if one.key[0] is not None]),
        _group("others", [one for one in found.lines if one.key == (None, None)]),
    ]
    came = found.came
    shown = [one for one in groups if one["total"]]
    return {"groups": shown, "total": came.total, "women": came.women}


def _group(kind: str, lines: list[turnout.Line], *, named: bool = False) -> Group:
    came = turnout.Turnout(lines).came
    parties: list[Party] = [
        {"name": _names(one.party), "total": one.came.total, "women": one.came.women}
        for one in lines
        if named and one.party is not None and one.came.total
    ]
    return {"kind": kind, "parties": parties, "total": came.total, "women": came.women}


# --- the items ----------------------------------------------------------------------------------
def _items(session: Session) -> Iterable[AgendaItem]:
    held = Referral.objects.exclude(ended_as=Referral.Ending.RECALLED).select_related("authority")
    cosigns = Cosign.objects.only("issue_id", "organization_id")
    rows = session.agenda_items.select_related(
        "presenter",
        "outcome__said_office",
        "issue__theme",
        "issue__province",
        "issue__commune__parent",
    )
    return rows.defer(*LONG_OF_ISSUE).prefetch_related(
        Prefetch("issue__referrals", held), Prefetch("issue__cosigns", cosigns)
    )


def _figures(items: list[AgendaItem]) -> Figures:
    outcomes = [_outcome_of(one) for one in items if one.issue_id is not None]
    return figures_of([one.kind if one else None for one in outcomes])


def figures_of(kinds: Sequence[str | None]) -> Figures:
    """How many issues had each kind of outcome; None is one without outcome."""
    counted = Counter(kinds)
    return {
        "issues": len(kinds),
        "outcomes": {kind: counted[kind] for kind in Outcome.Kind.values if counted[kind]},
        "left": counted[None],
    }


def _sections(items: list[AgendaItem]) -> list[Section]:
    sections: list[Section] = []
    number = 0
    for one in items:
        if one.is_heading:
            sections.append({"heading": one.title, "items": []})
            continue
        if not sections:
            sections.append({"heading": "", "items": []})
        number += 1
        sections[-1]["items"].append(_item(one, number))
    return sections


def _item(item: AgendaItem, number: int) -> Item:
    issue, outcome = item.issue, _outcome_of(item)
    presenter = _presenter_of(item)
    return {
        "item": item.pk,
        "number": number,
        "issue": item.issue_id,
        "reference": (issue.reference or "") if issue else "",
        "title": _title(item),
        "place": _both(lambda: place_of(issue)) if issue else None,
        "theme": _names(issue.theme) if issue and issue.theme else None,
        "presenter": _names(presenter) if presenter else None,
        "presenter_id": presenter.pk if presenter else None,
        "spoke": item.spoke,
        "communities": item.communities,
        "outcome": _decision(outcome) if outcome else None,
        "referrals": _referrals(issue, outcome) if issue and outcome else [],
    }


def _title(item: AgendaItem) -> Typed:
    if item.issue is None:
        return {"text": item.title, "language": ""}
    return {"text": item.issue.title, "language": item.issue.language}


def _outcome_of(item: AgendaItem) -> Outcome | None:
    return getattr(item, "outcome", None)


def _presenter_of(item: AgendaItem) -> Organization | None:
    """Who presented it, unless that would tell who is behind an issue that names nobody."""
    issue, presenter = item.issue, item.presenter
    if issue is None or presenter is None:
        return presenter
    behind = {issue.organization_id, *(one.organization_id for one in issue.cosigns.all())}
    return presenter if names_its_organization(issue) or presenter.pk not in behind else None


def _names(row: object) -> Names:
    return {"km": str(getattr(row, "name_km", "")), "en": str(getattr(row, "name_en", ""))}


def _decision(outcome: Outcome) -> Decision:
    office = outcome.said_office
    return {
        "kind": outcome.kind,
        "text": outcome.text,
        "commitment": outcome.commitment,
        "said_by": outcome.said_by,
        "office": _names(office) if office else None,
        "by_on": _iso(outcome.by_on),
        "review_on": _iso(outcome.review_on),
    }


def _referrals(issue: Issue, outcome: Outcome) -> list[Handed]:
    return [_handed(one) for one in matrix.referrals_after(issue, outcome)]


def _handed(referral: Referral) -> Handed:
    return {
        "office": _names(referral.authority),
        "role": referral.role,
        "due_on": referral.date.isoformat(),
    }


# --- what was written ---------------------------------------------------------------------------
def _passages(minutes: Minutes) -> list[Free]:
    if minutes.pk is None:
        return []
    rows = minutes.passages.exclude(text="").order_by("pk")
    return [
        {"kind": one.kind, "item": one.item_id, "language": one.language, "text": one.text}
        for one in rows
    ]


def _approvals(minutes: Minutes) -> list[Signed]:
    if minutes.pk is None:
        return []
    return [
        {"role": one.role, "name": one.name, "title": one.title, "on": one.on.isoformat()}
        for one in minutes.approvals.order_by("role")
    ]
