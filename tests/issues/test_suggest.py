from issues.suggest import suggested
from provinces.models import Authority

Kind = Authority.Kind
COMMUNE = "110101"


def office(pk, kind=Kind.DEPARTMENT, locality=None):
    return Authority(pk=pk, kind=kind, locality_id=locality)


def test_suggested_are_the_offices_of_the_theme_from_the_commune_up_then_the_administration():
    offices = [
        office(1, Kind.ADMINISTRATION),
        office(2),
        office(3, Kind.DISTRICT, "1101"),
        office(4, Kind.COMMUNE, COMMUNE),
        office(5, Kind.COMMUNE, "110102"),
        office(6, Kind.DISTRICT, "1102"),
        office(7, Kind.MINISTRY),
    ]

    found = suggested(offices, of_theme={2, 3, 4, 5, 6, 7}, commune_id=COMMUNE)

    assert [one.pk for one in found] == [4, 3, 2, 1]


def test_suggested_is_only_the_administration_where_nobody_answers_for_the_theme():
    offices = [office(1), office(2, Kind.COMMUNE, COMMUNE), office(3, Kind.ADMINISTRATION)]

    assert suggested(offices, of_theme=set(), commune_id=COMMUNE) == [offices[2]]


def test_suggested_keep_the_order_they_come_in_where_they_are_alike():
    offices = [office(2), office(1)]

    assert suggested(offices, of_theme={1, 2}, commune_id=COMMUNE) == offices
