"""Who is told next when an office is silent: set by administrators, never in a circle."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from audit.errors import TransitionError
from audit.models import AuditEntry
from provinces import actions
from provinces.models import Authority
from tests.factories import AuthorityFactory, ProvinceFactory, administrator, coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def line():
    """C stands above B, B above A."""
    third = AuthorityFactory(name_en="C", name_km="C")
    second = AuthorityFactory(name_en="B", name_km="B", superior=third)
    return AuthorityFactory(name_en="A", name_km="A", superior=second), second, third


def test_set_superior_leaves_one_trace(line):
    first, second, third = line
    admin = administrator()

    for _press in range(2):
        actions.set_superior(first, by=admin, superior=third, seen=second.pk)

    assert Authority.objects.get(pk=first.pk).superior == third
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.change) == (
        "provinces.set_superior", f"authority:{first.pk}", {"superior": [second.pk, third.pk]},
    )  # fmt: skip
    with pytest.raises(TransitionError, match="Meanwhile somebody set another one"):
        actions.set_superior(first, by=admin, superior=None, seen=second.pk)
    with pytest.raises(PermissionDenied):
        actions.set_superior(first, by=coordinator_of(None), superior=None, seen=third.pk)


def test_page_refuses_a_circle_and_names_it(client, line):
    first, _second, third = line
    client.force_login(administrator())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    address = reverse("provinces:authority_superior", args=[third.pk])

    refused = client.post(address, {"superior": first.pk, "seen": ""})

    assert refused.status_code == 200
    assert refused.context["form"].errors["superior"] == [
        "It would stand above itself: C → A → B → C."
    ]
    assert Authority.objects.get(pk=third.pk).superior is None
    above = AuthorityFactory(province=third.province)
    assert client.post(address, {"superior": above.pk, "seen": ""}).status_code == 302
    assert Authority.objects.get(pk=third.pk).superior == above
    elsewhere = AuthorityFactory(province=ProvinceFactory(code="16"))
    wrong = client.post(address, {"superior": elsewhere.pk, "seen": above.pk})
    assert "superior" in wrong.context["form"].errors


def test_the_database_refuses_a_circle_as_well(line):
    first, second, third = line

    for low, high in ((third, first), (second, second)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Authority.objects.filter(pk=low.pk).update(superior=high)
