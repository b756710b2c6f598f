"""Everything sealed under an old key is sealed anew, and nothing twice."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import BinaryField

from accounts import sealing
from issues.actions import rotating
from issues.actions.rotating import SEALED, Rotated, Sealed
from issues.models import Batch, ProtectedPart
from tests import factories as f

pytestmark = pytest.mark.django_db
OLD, NEW = (Fernet.generate_key().decode() for _key in range(2))
CONTENT = {"village": "11010101", "contact": "The elder of the red hills"}


@pytest.fixture
def parts(settings):
    """Three protected parts under the old key; the new one stands before it by now."""
    settings.FIELD_KEYS = [OLD]
    made = [f.ProtectedPartFactory(sealed=sealing.seal(CONTENT)) for _ in range(3)]
    settings.FIELD_KEYS = [NEW, OLD]
    return made


def batch():
    return Batch.objects.create(
        client_key="6a7e0f2e-52c7-4d0e-8d3a-0a3e3f1c2b4d",
        by=f.UserFactory(),
        digest="0",
        sealed=sealing.seal({"rows": "[]"}),
        total=1,
        sent_at=f.ago(1),
    )


def test_rotate_seals_everything_under_the_newest_key(parts, settings):
    settings.FIELD_KEYS = [OLD]
    sent = batch()
    settings.FIELD_KEYS = [NEW, OLD]
    out = StringIO()

    call_command("rotate_keys", "--chunk=2", stdout=out)

    settings.FIELD_KEYS = [NEW]
    opened = [sealing.unseal(part.sealed) for part in ProtectedPart.objects.all()]
    sent.refresh_from_db()
    assert opened == [CONTENT] * 3
    assert sealing.unseal(sent.sealed) == {"rows": "[]"}
    assert out.getvalue().splitlines()[-2:] == [
        "4 sealed anew, 0 stood already",
        "Everything is sealed under the newest key.",
    ]


def test_rotate_goes_on_where_it_was_broken_off(parts):
    first = next(rotating.rotate(size=1))
    done = dict(ProtectedPart.objects.values_list("pk", "sealed"))[parts[0].pk]

    rest = list(rotating.rotate(size=5))

    parts[0].refresh_from_db()
    assert (first, rest) == (Rotated(resealed=1), [Rotated(resealed=2, standing=1)])
    assert bytes(parts[0].sealed) == bytes(done)


def test_rotate_says_which_rows_no_key_opens_and_leaves_them(parts, settings):
    lost = f.ProtectedPartFactory(sealed=b"sealed under a lost key")

    with pytest.raises(CommandError, match="1 rows are opened by none of the keys"):
        call_command("rotate_keys", stdout=StringIO())

    lost.refresh_from_db()
    settings.FIELD_KEYS = [NEW]
    assert bytes(lost.sealed) == b"sealed under a lost key"
    assert sealing.unseal(ProtectedPart.objects.get(pk=parts[0].pk).sealed) == CONTENT


def test_rotated_content_is_closed_to_the_old_key(parts, settings):
    call_command("rotate_keys", stdout=StringIO())
    settings.FIELD_KEYS = [OLD]

    with pytest.raises(InvalidToken):
        sealing.unseal(ProtectedPart.objects.first().sealed)


def test_every_sealed_column_of_the_project_is_rotated():
    """A column of bytes whose name begins with "sealed" is a line in ``SEALED``."""
    columns = {
        Sealed(model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and field.name.startswith("sealed")
    }

    assert set(SEALED) == columns
