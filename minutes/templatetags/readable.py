"""Which sessions have minutes that the reader of a page may open."""

from collections.abc import Iterable
from typing import Any

from django import template

from forum.models import Session
from minutes import permissions
from minutes.models import Minutes

register = template.Library()


@register.simple_tag(takes_context=True)
def has_minutes(context: dict[str, Any], session: Session) -> bool:
    """Whether the reader finds minutes of this session, or the draft that was agreed."""
    user = context["request"].user
    if Minutes.objects.visible_to(user).filter(session=session.pk).exists():
        return True
    is_agreed = session.status == Session.Status.RELEASED
    return is_agreed and permissions.without_row(user).filter(pk=session.pk).exists()


@register.simple_tag
def with_published_minutes(parts: Iterable[Any]) -> set[int]:
    """Keys of a forum's sessions whose minutes anybody may read; one query once one was held."""
    sessions = (card.session for part in parts for card in part.cards)
    held = [one.pk for one in sessions if one.status == Session.Status.RELEASED]
    rows = Minutes.objects.filter(status=Minutes.Status.PUBLISHED, session__in=held)
    return set(rows.values_list("session", flat=True)) if held else set()
