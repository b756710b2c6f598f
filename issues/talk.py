"""What is said about an issue, as its reader sees it, and who reads what they write next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import AuditEntry
from issues import workflow
from issues.models import Comment, Issue, Referral
from issues.models.issue import Reader
from issues.permissions import Shown, answers, listeners, raised, serves
from issues.workflow import Act
from provinces.models import Authority

Role = AuditEntry.Role
SECRETARIAT, ORGANIZATION, OFFICES, BOTH = "secretariat", "organization", "offices", "both"


@dataclass(frozen=True)
class Line:
    """A comment as its reader sees it: whose word it is, to whom; ``person`` only of one's own."""

    comment: Comment
    who: str
    person: str
    to: str


@dataclass(frozen=True)
class Speaker:
    """In which role somebody writes, and whom they may choose to read it."""

    role: Role
    choices: Sequence[tuple[str, str]]
    always: str
    offices: Sequence[Authority]


def speaker(comment: Comment, shown: Shown) -> str:
    """Whose word it is towards other sides: never a person's; needs ``referral__authority``."""
    if comment.role == Role.REPRESENTATIVE:
        return shown.organization
    if comment.role == Role.OFFICIAL and comment.referral:
        return comment.referral.authority.name
    return _("The secretariat")


def lines(user: Reader, issue: Issue, shown: Shown) -> list[Line]:
    """What the reader may read of it, the oldest first; one query."""
    if not user.is_authenticated:
        return []
    rows = Comment.objects.visible_to(user).filter(issue=issue)
    rows = rows.select_related("by", "referral__authority")
    return [
        Line(one, speaker(one, shown), str(one.by) if _is_own(user, one, issue) else "", _to(one))
        for one in rows
    ]


def _is_own(user: User, comment: Comment, issue: Issue) -> bool:
    """The comment was written on the reader's own side, where people know each other's names."""
    if comment.role == Role.REPRESENTATIVE:
        return raised(user, issue)
    if comment.role == Role.OFFICIAL:
        return comment.referral is not None and comment.referral.authority_id in user.office_ids
    return serves(user, issue)


def _to(comment: Comment) -> str:
    """Who reads it besides the side that wrote it."""
    names = [] if comment.role == Role.COORDINATOR else [_("the secretariat")]
    if comment.to_organization and comment.role != Role.REPRESENTATIVE:
        names.append(_("the raising organization"))
    if comment.to_offices and comment.role != Role.OFFICIAL:
        names.append(_("the offices it is referred to"))
    if not names:
        return _("for the secretariat only")
    return _("for %(readers)s") % {"readers": get_text_list(names, _("and"))}


def speaker_of(
    user: User,
    issue: Issue,
    shown: Shown,
    referral: Referral | None = None,
    referrals: Iterable[Referral] | None = None,
) -> Speaker | None:
    """As whom the user writes on the issue, or on their office's ``referral``; None: not at all.

    ``referrals`` are all of the issue, where they were read already.
    """
    if issue.status not in workflow.TRANSITIONS[Act.COMMENT].sources:
        return None
    is_named = shown.organization == issue.organization.name
    name = shown.organization if is_named else _("the raising organization")
    organization = {"organization": name}
    with_organization = _("The secretariat and %(organization)s") % organization
    only = (SECRETARIAT, _("The secretariat only"))
    if referral is not None:
        if not (answers(user, referral) and referral.is_open) or issue.pressured_at:
            return None
        always = _("Your own office reads it as well.")
        return Speaker(Role.OFFICIAL, [only, (ORGANIZATION, with_organization)], always, [])
    if not (raised(user, issue) or serves(user, issue)):
        return None
    held = listeners(issue, referrals)
    names = {"offices": get_text_list([one.name for one in held], _("and"))} | organization
    to_offices = (OFFICES, _("The secretariat and %(offices)s") % names)
    if raised(user, issue):
        always = _("Your own organization reads it as well.")
        return Speaker(Role.REPRESENTATIVE, [only, to_offices] if held else [only], always, held)
    choices = [only, (ORGANIZATION, with_organization)]
    if held:
        everybody = _("The secretariat, %(organization)s and %(offices)s") % names
        choices += [to_offices, (BOTH, everybody)]
    return Speaker(Role.COORDINATOR, choices, "", held)
