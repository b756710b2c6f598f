"""What pages show of letters: those about a referral, and what a notice may become."""

from typing import Any

from django import template

from audit import clock
from issues import letters
from issues.letters import Desk, Offer
from issues.models import Referral
from outbox.models import Notice

register = template.Library()


@register.simple_tag(takes_context=True)
def letter_offer(context: dict[str, Any], notice: Notice) -> Offer | None:
    """The letter that a notice is or may become, for its coordinators."""
    return letters.offer_of(context["request"].user, notice)


@register.simple_tag(takes_context=True)
def letter_desk(context: dict[str, Any], referral: Referral) -> Desk | None:
    """The letters about a referral, and what could be had as one."""
    return letters.desk_of(context["request"].user, referral, clock.now())


register.filter("letter_subject", letters.subject_line)
