"""What a person keeps or takes away of the list of issues: saved views and tables."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Role, User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from issues.models import SavedView

MOST_VIEWS = 30


@transaction.atomic
def save_view(*, by: User, name: str, query: str) -> SavedView:
    """Keep a list under a name; under a name that stands already, instead of what stood there.

    Raises TransitionError where the person has as many as one may.
    """
    views = _views_of(by)
    if not views.filter(name=name).exists() and views.count() >= MOST_VIEWS:
        raise TransitionError(
            _("You keep %(most)s views already. Delete one that you no longer need.")
            % {"most": MOST_VIEWS}
        )
    return views.update_or_create(user=by, name=name, defaults={"query": query})[0]


@transaction.atomic
def rename_view(view: SavedView, *, by: User, name: str) -> SavedView:
    """Give a saved view another name; raises TransitionError where another view has it."""
    views = _views_of(by)
    if views.exclude(pk=view.pk).filter(name=name).exists():
        raise TransitionError(_("You keep another view under this name."))
    renamed = views.get(pk=view.pk)
    renamed.name = name
    renamed.save(update_fields=["name"])
    return renamed


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Forget a saved view; deleted before, there is nothing left to do."""
    _views_of(by).filter(pk=view.pk).delete()


@transaction.atomic
def record_export(*, by: User, now: dt.datetime, rows: int, filters: Iterable[str]) -> None:
    """Write down that somebody took a table of issues: how many, by which filters."""
    held = {one.role for one in by.held}
    role = next((one for one in (Role.COORDINATOR, *Role) if one in held), AuditEntry.Role.SYSTEM)
    record("issue.export", by, by=by, role=role, at=now, rows=rows, filters=sorted(filters))


def _views_of(user: User) -> QuerySet[SavedView]:
    """The person's views, after everybody else who writes them."""
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    return SavedView.objects.visible_to(user)
