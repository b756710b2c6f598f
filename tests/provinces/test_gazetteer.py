from collections import Counter

import pytest

from provinces import gazetteer
from provinces.models import Locality


@pytest.fixture(scope="module")
def places():
    return gazetteer.read()


def kinds_of(places, province):
    return Counter(one.kind for one in places.localities if one.province_id == province)


def test_read_has_the_founding_provinces_exactly(places):
    assert kinds_of(places, "11") == {"srok": 4, "krong": 1, "khum": 17, "sangkat": 4, "phum": 92}
    assert kinds_of(places, "16") == {"srok": 8, "krong": 1, "khum": 46, "sangkat": 4, "phum": 243}
    assert kinds_of(places, "19") == {"srok": 5, "krong": 1, "khum": 30, "sangkat": 4, "phum": 137}


def test_read_has_khans_and_sangkats_in_the_capital(places):
    assert {one.kind for one in places.localities if one.province_id == "12"} == {
        "khan",
        "sangkat",
        "phum",
    }


def test_read_leaves_out_what_has_no_code_or_place_of_its_own(places):
    codes = [one.code for one in places.localities]

    assert len(codes) == len(set(codes))
    assert all(one.code.startswith(one.parent_id or "") for one in places.localities)
    villages = [one for one in places.localities if one.level == Locality.Level.VILLAGE]
    assert (len(villages), places.repeated, places.misplaced) == (14_487, 24, 65)


def test_read_names_provinces_as_they_write_themselves(places):
    names = {one.code: one for one in places.provinces}

    assert [names[code].name_en for code in ("11", "16", "19")] == [
        "Mondulkiri",
        "Ratanakkiri",
        "Stung Treng",
    ]
    assert "Mondul Kiri" in names["11"].aliases
    assert {"Ratanak Kiri", "Ratanakiri", "Rattanakiri"} <= set(names["16"].aliases)
    assert {"Steung Treng", "Stoeung Treng"} <= set(names["19"].aliases)
    assert names["12"].name_km == "ភ្នំពេញ"
