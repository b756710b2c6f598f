from issues import ordering
from issues.ordering import Turn


def keys(turns):
    return [turn.key for turn in turns]


def test_by_weight_moves_issues_within_their_section_alone():
    opening, heading = Turn(1, stays=True), Turn(5, is_heading=True)
    turns = [
        opening,
        Turn(2, age=9),
        Turn(3, is_review=True),
        Turn(4, priority=2),
        heading,
        Turn(6, cosigners=1, age=1),
        Turn(7, stays=True),
        Turn(8, deferrals=1),
        Turn(9, age=40),
    ]

    assert keys(ordering.by_weight(turns)) == [1, 3, 4, 2, 5, 8, 7, 6, 9]


def test_by_weight_keeps_the_order_of_reviews_and_of_equals():
    turns = [Turn(1, is_review=True), Turn(2, is_review=True, priority=2), Turn(3), Turn(4)]

    assert keys(ordering.by_weight(turns)) == [1, 2, 3, 4]


def test_by_office_puts_the_items_of_an_office_in_a_row():
    turns = [
        Turn(1, offices=(10,)),
        Turn(2, offices=(20,)),
        Turn(3),
        Turn(4, offices=(10, 30)),
        Turn(5, stays=True, offices=(20,)),
        Turn(6, offices=(20,)),
    ]

    assert keys(ordering.by_office(turns)) == [1, 4, 2, 6, 5, 3]


def test_by_office_ends_a_block_with_whom_the_next_one_begins_with():
    turns = [
        Turn(1, is_review=True, offices=(10,)),
        Turn(2, is_review=True, offices=(20,)),
        Turn(3, offices=(30,)),
        Turn(4, offices=(10,)),
        Turn(5, is_heading=True),
        Turn(6, offices=(40,)),
        Turn(7, offices=(30,)),
    ]

    assert keys(ordering.by_office(turns)) == [2, 1, 4, 3, 5, 7, 6]


def test_by_office_groups_an_item_of_two_offices_with_the_one_that_has_more():
    turns = [Turn(1, offices=(10, 20)), Turn(2, offices=(30,)), Turn(3, offices=(20,))]

    assert keys(ordering.by_office(turns)) == [1, 3, 2]


def test_sections_begin_at_their_headings():
    turns = [Turn(1), Turn(2, is_heading=True), Turn(3), Turn(4, is_heading=True)]

    assert [keys(one) for one in ordering.sections(turns)] == [[1], [2, 3], [4]]
    assert ordering.sections([]) == []


def test_needed_says_from_when_to_when_each_office_has_to_be_there():
    turns = [
        Turn(1, minutes=10, stays=True),
        Turn(2, minutes=5, offices=(10, 20)),
        Turn(3, is_heading=True),
        Turn(4, minutes=20, offices=(30,)),
        Turn(5, minutes=15, offices=(10,)),
    ]

    assert ordering.needed(turns) == {10: (10, 50), 20: (10, 15), 30: (15, 35)}
