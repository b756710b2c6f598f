"""The people of the stories about one issue in Mondulkiri."""

import pytest

from tests import factories as f
from tests.issues.stories import NAME, VILLAGE


@pytest.fixture
def organization():
    f.LocalityFactory(code="11010101", name_en=VILLAGE, name_km=VILLAGE)
    return f.OrganizationFactory(name_en=NAME, name_km=NAME, provinces=[f.ProvinceFactory()])


@pytest.fixture
def author(organization):
    return f.representative_of(organization)


@pytest.fixture
def coordinator(organization):
    return f.coordinator_of(f.ProvinceFactory(), title_en="Coordinator Dara")


@pytest.fixture
def office():
    return f.AuthorityFactory(name_en="Department of roads", name_km="Department of roads")


@pytest.fixture
def enemy():
    """An office that the issue concerns."""
    return f.AuthorityFactory(name_en="Department of secrets", name_km="Department of secrets")
