"""Links for offices: made with the words of a notice, used without an account, revoked."""

import datetime as dt
import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import BY_LINK, Role, RoleAssignment, User
from audit import once
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from issues import links
from issues.actions.approving import resolve, respond
from issues.actions.extending import ask_extension
from issues.actions.move import lock
from issues.actions.redirecting import propose_redirect
from issues.actions.referring import acknowledge, ask
from issues.files import Kept
from issues.models import Issue, Link, LinkUse, Referral
from issues.permissions import serves
from outbox.models import Notice

Act = LinkUse.Act
DONE: dict[str, Callable[..., Any]] = {
    Act.ACKNOWLEDGE: acknowledge,
    Act.ASK: ask,
    Act.RESPOND: respond,
    Act.EXTEND: ask_extension,
    Act.REDIRECT: propose_redirect,
    Act.RESOLVE: resolve,
}
DRAFTED = "issue.draft_answer"
KEYED = {Act.ASK, Act.RESPOND, Act.EXTEND, Act.RESOLVE}


def make_links(
    asked: Sequence[tuple[Notice, Referral]], *, may_act: bool, now: dt.datetime
) -> list[str]:
    """Fresh keys for the recipients of these notices; those of the same that never left are void.

    One that was revoked stays so. Only the digests are kept: the keys go into the messages.
    """
    keys = [secrets.token_urlsafe(32) for _each in asked]
    made = [
        Link(
            notice=notice,
            referral=referral,
            recipient=notice.recipient,
            version=referral.due_version,
            may_act=may_act,
            digest=links.digest_of(key),
            made_at=now,
            expires_at=now + links.LASTS,
        )
        for (notice, referral), key in zip(asked, keys, strict=True)
    ]
    anew = ["recipient", "version", "may_act", "digest", "made_at", "expires_at"]
    Link.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["notice"], update_fields=anew
    )
    return keys


@transaction.atomic
def use_link(
    link: Link,
    *,
    act: str,
    name: str,
    office: str,
    client_key: uuid.UUID,
    now: dt.datetime,
    **facts: object,
) -> LinkUse:
    """Do for the office what somebody sent who holds the link; the same form twice acts once.

    Raises TransitionError where the link allows it no more, Conflict for the same key with other
    content.
    """
    issue = lock(link.referral.issue)
    content = _content(act, name, office, facts)
    said = {"link_id": link.pk, "content": content}
    if made := once.made_before(LinkUse.objects.all(), client_key, said):
        return made
    held = Link.objects.select_related(*links.LOADED).get(pk=link.pk)
    allowed = links.opened(held, now)
    if allowed is None or act not in allowed.acts:
        raise TransitionError(_("This is no longer possible through the link."))
    by = _speaker(held.referral, name, office)
    keyed = {"client_key": client_key} if act in KEYED else {}
    DONE[act](held.referral, by=by, now=now, **keyed, **facts)
    return LinkUse.objects.create(
        client_key=client_key,
        content=content,
        link=held,
        act=act,
        name=name,
        office=office,
        at=now,
        entry=_entry(issue, act, by),
    )


def _speaker(referral: Referral, name: str, office: str) -> User:
    """Who acts: the account of all links, for this once of the office and by the name given.

    It cannot sign in, and its row holds no role: what is set here is never saved.
    """
    titles = {"title_km": "តាមតំណភ្ជាប់ ដោយគ្មានគណនី", "title_en": "Through a link, without an account"}
    fresh = {"is_active": False, "password": make_password(None)} | titles
    person, _made = User.objects.get_or_create(username=BY_LINK, defaults=fresh)
    person.held = [
        RoleAssignment(user=person, role=Role.OFFICIAL, authority=referral.authority),
    ]
    person.title_km = person.title_en = f"{name}, {office}"
    return person


def _entry(issue: Issue, act: str, by: User) -> AuditEntry:
    """What the act has just recorded; under the issue's lock nobody else records one of this kind.

    An act that changed nothing, as somebody of the office was faster, is refused.
    """
    acts = [f"issue.{act}", DRAFTED]  # an answer may wait for the office's director
    rows = AuditEntry.objects.filter(
        subject=subject_of(issue), action__in=acts, actor=by, link_use=None
    )
    entry = rows.order_by("pk").last()
    if entry is None:
        raise TransitionError(_("Somebody of your office has done it already."))
    return entry


def _content(act: str, name: str, office: str, facts: Mapping[str, object]) -> str:
    """A digest of what was sent."""
    plain = [act, name, office, sorted((key, _plain(one)) for key, one in facts.items())]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def _plain(fact: object) -> str:
    if isinstance(fact, list):
        return ",".join(one.digest for one in fact if isinstance(one, Kept))
    return str(fact.pk if isinstance(fact, models.Model) else fact)


@transaction.atomic
def revoke_link(link: Link, *, by: User, now: dt.datetime) -> Link:
    """A coordinator ends a link at once; what was done through it stays. Twice ends it once."""
    issue = lock(link.referral.issue)
    if not serves(by, issue):
        raise PermissionDenied
    held = Link.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if held.revoked_at:
        return held
    held.revoked_at, held.revoked_by = now, by
    held.save(update_fields=["revoked_at", "revoked_by"])
    role, trace = AuditEntry.Role.COORDINATOR, {"referral": held.referral_id, "link": held.pk}
    record("issue.revoke_link", issue, by=by, role=role, at=now, **trace)
    return held
