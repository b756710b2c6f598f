"""One key, one row: sent again it is found, with other words it is refused."""

import uuid

import pytest
from django.utils import translation

from audit import once
from audit.errors import Conflict
from outbox.models import Standstill
from tests.factories import administrator
from tests.issues.traces import NOW

pytestmark = pytest.mark.django_db
KEY = uuid.UUID(int=1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def held(reason="flood"):
    return Standstill(client_key=KEY, reason=reason, set_at=NOW, set_by=administrator())


def found(**said):
    return once.made_before(Standstill.objects.all(), KEY, said)


def test_made_before_finds_what_the_same_form_made_and_nothing_else():
    assert found(reason="flood") is None
    made = once.keep(held())
    assert found(reason="flood", set_by_id=made.set_by_id) == made


def test_other_words_are_refused_with_the_usual_sentence_or_ones_own():
    made = once.keep(held())
    with pytest.raises(Conflict, match="other words"):
        found(reason="flood", set_by_id=None)
    with pytest.raises(Conflict, match="Of another day"):
        once.refuse_other(made, {"reason": "storm"}, refusal=Conflict("Of another day."))


def test_keep_refuses_a_key_that_was_used_meanwhile():
    made = once.keep(held())
    with pytest.raises(Conflict, match="sent before"):
        once.keep(held("storm"))
    assert Standstill.objects.get() == made
