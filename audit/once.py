"""A form that is sent twice: its key makes one row, and is refused with other words."""

import uuid
from collections.abc import Mapping
from typing import TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from audit.errors import Conflict

Row = TypeVar("Row", bound=models.Model)


def made_before(
    rows: models.QuerySet[Row],
    client_key: uuid.UUID,
    said: Mapping[str, object],
    *,
    refusal: Conflict | None = None,
) -> Row | None:
    """What the form of this key made when it was sent before; None where it is new.

    ``said`` is what the form says now, by the names of the row's fields. Raises ``refusal``, else
    the usual Conflict, where the row says something else. Whoever calls holds the lock below
    which the row is made: only so does a second press find what the first one made.
    """
    made = rows.filter(client_key=client_key).first()
    if made is not None:
        refuse_other(made, said, refusal=refusal)
    return made


def refuse_other(
    made: models.Model, said: Mapping[str, object], *, refusal: Conflict | None = None
) -> None:
    """Raise ``refusal``, else the usual Conflict, where the row says something else than this."""
    if any(getattr(made, name) != value for name, value in said.items()):
        raise refusal or otherwise()


def otherwise() -> Conflict:
    """What a form answers that was sent before with other words."""
    return Conflict(_("This form was sent before with other words. Open the page again."))


def keep(row: Row) -> Row:
    """Insert the row; Conflict where its key was used elsewhere, or is at this very moment."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This form was sent before. Open the page again.")) from error
    return row
