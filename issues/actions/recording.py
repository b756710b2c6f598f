"""What an office said otherwise, as by mail, written down for it by the secretariat."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from audit import once
from issues.actions import notify
from issues.actions.evidence import add_evidence
from issues.actions.move import lock, move
from issues.actions.referring import open_referral
from issues.files import Kept
from issues.models import Referral, Response
from issues.workflow import Act


@transaction.atomic
def record_answer(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    title: str,
    files: Sequence[Kept] = (),
) -> Response:
    """Write down an office's answer that did not come by these pages; the reminders go on.

    ``title`` is who said it, by name and office. The same key twice is one answer; Conflict where
    it says something else. Raises PermissionDenied for who is no coordinator of the province,
    TransitionError where the referral has ended.
    """
    issue = lock(referral.issue)
    said = {"referral_id": referral.pk, "text": text, "title": title}
    if made := once.made_before(Response.objects.all(), client_key, said):
        return made
    held = open_referral(referral, Act.RECORD_ANSWER, issue, by)
    trace: dict[str, object] = {"referral": held.pk, "authority": held.authority_id}
    move(issue, Act.RECORD_ANSWER, by=by, now=now, trace=trace)
    response = Response(client_key=client_key, referral=held, kind=Response.Kind.ANSWER)
    response.text, response.title, response.on_behalf = text, title, True
    response.by, response.created_at = by, now
    once.keep(response)
    add_evidence(issue, by=by, now=now, files=files, response=response)
    people = [*notify.representatives(issue), *notify.coordinators(issue)]
    notify.tell("response_given", issue, people, now=now, version=response.pk, about=held)
    return response
