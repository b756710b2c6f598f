"""What the page of a referral shows of the way up from its office."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse

from issues.models import Referral
from provinces.permissions import sets_superiors
from reminders import by_hand
from reminders.offices import Offices

register = template.Library()


@dataclass(frozen=True)
class DeadEnd:
    """Why nobody above an office can be turned to, and where that is mended by who may."""

    why: str
    url: str = ""


@register.simple_tag(takes_context=True)
def dead_end(context: dict[str, Any], referral: Referral) -> DeadEnd | None:
    """Why there is no way up; None where there is one."""
    offices = Offices.read([referral.issue_id])
    why = by_hand.nobody_above(referral, offices)
    if not why:
        return None
    is_unset = not by_hand.has_superior(referral, offices)
    if not (is_unset and sets_superiors(context["request"].user)):
        return DeadEnd(why)
    return DeadEnd(why, reverse("provinces:authority_superior", args=[referral.authority_id]))
