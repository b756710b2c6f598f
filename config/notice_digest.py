"""The one message of the day: what may join it, the line of each notice, and how it reads.

Nothing of an issue but its reference stands in it, however public the issue is: the message lies
in one mailbox for long, and grows by whatever is told that day. An administrator's own words of a
rung may name what their closed set of placeholders holds (``reminders.policy_words``), no more.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from django.conf import settings
from django.template import Context, loader
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from audit import clock
from config.notice_truths import id_of
from config.notice_words import Words, date_in_words, link
from issues.models import Referral
from khmer import numbers
from outbox.models import Notice
from outbox.registry import Line, Manner, Text
from provinces import workdays
from reminders import actions as reminders
from reminders.digest_lines import DUE, OVERDUE, dated

NEWS = "news"
GROUPS = (OVERDUE, DUE, NEWS)

# Kinds that are not named go alone, at once, however much their reader was told that day: first
# referrals, escalations, safety alerts, the question whether it is solved, requests that a silence
# decides, whatever concerns a session or its minutes, and what keeps the sending itself going.
MANNERS: dict[str, Manner] = {
    # To an office: its reminders always together.
    reminders.REMINDER: Manner.DAILY,
    # Progress, which can wait where the reader wants it so.
    reminders.COPY: Manner.PATIENT,
    "issue_submitted": Manner.PATIENT,
    "issue_replied": Manner.PATIENT,
    "issue_accepted": Manner.PATIENT,
    "issue_scheduled": Manner.PATIENT,
    "issue_referred": Manner.PATIENT,
    "issue_partly": Manner.PATIENT,
    "issue_resolved": Manner.PATIENT,
    "referral_acknowledged": Manner.PATIENT,
    "response_given": Manner.PATIENT,
    "issue_withdrawn": Manner.PATIENT,
    "cosigned_closed": Manner.PATIENT,
    "referral_taken_back": Manner.PATIENT,
    "issue_passed_on": Manner.PATIENT,
    "issue_merged": Manner.PATIENT,
    "issue_unmerged": Manner.PATIENT,
    "cosigned": Manner.PATIENT,
    "cosigned_resolved": Manner.PATIENT,
    "cosigned_ended": Manner.PATIENT,
    "merged_closed": Manner.PATIENT,
    "comment_added": Manner.PATIENT,
    # Somebody is asked, or loses or gets work: by itself, unless they were told enough today.
    "issue_returned": Manner.SINGLE,
    "issue_declined": Manner.SINGLE,
    "issue_disputed": Manner.SINGLE,
    "question_asked": Manner.SINGLE,
    "question_answered": Manner.SINGLE,
    "referral_recalled": Manner.SINGLE,
    "referral_passed_on": Manner.SINGLE,
    "referral_moved": Manner.SINGLE,
    "redirect_proposed": Manner.SINGLE,
    "redirect_decided": Manner.SINGLE,
    "extension_decided": Manner.SINGLE,
    "cosign_asked": Manner.SINGLE,
    "cosign_refused": Manner.SINGLE,
    "issue_split": Manner.SINGLE,
    "issue_branched": Manner.SINGLE,
}


def is_early(notice: Notice) -> bool:
    """A reminder before the date, as "-7"; its reader may ask to be spared it."""
    return notice.kind == reminders.REMINDER and notice.rung.startswith("-")


# --- one line -------------------------------------------------------------------------------------
def line_of(kind: str, label: str | Promise, said: Words) -> Callable[[Notice, str], Line]:
    """The line of a kind, from the words of its own message: of those the reference and links.

    And what an administrator wrote for its rung, which else would reach nobody.
    """

    def line(notice: Notice, language: str) -> Line:
        context = said(notice, language)
        group, text = _dated(notice, language) if kind == reminders.REMINDER else (NEWS, "")
        if not text:
            day = date_in_words(timezone.localdate(notice.created_at), language)
            text = f"{label}, {day}"
        links = [context["link"]]
        if act_link := context.get("act_link"):
            links += [_("To answer without signing in (for your office alone):"), act_link]
        return Line(
            group,
            f"{context['reference'] or '–'}: {text}",
            tuple(links),
            lead=context.get("own_opening", ""),
            own=context.get("own_subject", ""),
        )

    return line


def _dated(notice: Notice, language: str) -> tuple[str, str]:
    """The date of a referral, and how many working days it is away or has passed."""
    referral = Referral.objects.select_related("issue").get(pk=id_of(notice.subject))
    if referral.due_on is None:
        return DUE, ""
    today = timezone.localdate(clock.now())
    calendar = workdays.calendar_of(referral.issue.province_id)
    return dated(referral.due_on, today, calendar, language)


# --- the whole ------------------------------------------------------------------------------------
def render(lines: Sequence[Line], language: str) -> Text:
    """Counts as its subject; then one link to everything, and the lines by their group.

    The link comes first: of the whole text an SMS takes that alone.
    """
    context = {
        "blocks": _blocks(lines),
        "link": link("/"),
    }
    template = loader.get_template("notices/digest.txt")
    said = template.template.render(Context(context, autoescape=False))  # type: ignore[attr-defined]
    body = "\n".join(row.rstrip() for row in said.strip().splitlines())
    subject = counts(lines, language)
    # A reply to several things at once is for a person to place: no signed address of one of them.
    return Text(subject, re.sub(r"\n{3,}", "\n\n", body) + "\n", reply_to=settings.REPLY_ADDRESS)


def _blocks(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """The lines by their group, those below one paragraph together; ours stand before those.

    No line stands below a paragraph that is not its own: ours that follow one have a short one.
    """
    blocks: list[tuple[str, list[Line]]] = []
    for group in GROUPS:
        found: dict[str, list[Line]] = {"": []}
        for one in lines:
            if one.group == group:
                found.setdefault(one.lead, []).append(one)
        for lead, some in found.items():
            above = lead or (_("Besides:") if blocks and blocks[-1][0] else "")
            if blocks and blocks[-1][0] == above:
                blocks[-1][1].extend(some)
            elif some:
                blocks.append((above, some))
    return blocks


def counts(lines: Sequence[Line], language: str) -> str:
    """As "Vedika: 2 overdue, 3 due, 1 new"; groups without any are left out."""
    found = Counter(one.group for one in lines)
    words = {
        OVERDUE: _("%(number)s overdue"),
        DUE: _("%(number)s due"),
        NEWS: _("%(number)s new"),
    }
    said = [
        words[group] % {"number": numbers.in_language(found[group], language)}
        for group in GROUPS
        if found[group]
    ]
    return f"{_('Vedika')}: {', '.join(said)}"
