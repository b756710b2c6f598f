import pytest
from django.http import QueryDict

from issues.forms.agenda import ArrangeForm, MinutesForm, ScheduleForm
from issues.models import Issue


def arranged(**data):
    form = ArrangeForm(data)
    assert form.is_valid()
    return form.cleaned_data["seen"], form.cleaned_data["order"]


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ({"up": "5"}, [5, 3, 8]),
        ({"down": "5"}, [3, 8, 5]),
        ({"up": "3"}, [3, 5, 8]),
        ({"down": "8"}, [3, 5, 8]),
        ({"up": "99"}, [3, 5, 8]),
        ({"order": "8,5,3"}, [8, 5, 3]),
    ],
)
def test_arrange_moves_one_item_or_takes_the_whole_order(move, order):
    assert arranged(seen="3,5,8", **move) == ([3, 5, 8], order)


@pytest.mark.parametrize(
    ("seen", "read"), [("", []), ("3,x,8", [3, 8]), ("3,,8", [3, 8]), ("x", [])]
)
def test_arrange_reads_what_is_no_order_as_another_one(seen, read):
    assert arranged(seen=seen, up="5") == (read, read)


@pytest.mark.parametrize(
    ("typed", "minutes"), [("15", 15), ("១៥", 15), ("0", None), ("481", None), ("", None)]
)
def test_minutes_may_be_typed_in_khmer_figures(typed, minutes):
    form = MinutesForm({"minutes": typed})

    assert form.is_valid() == (minutes is not None)
    assert form.cleaned_data.get("minutes") == minutes


@pytest.mark.django_db
def test_schedule_keeps_what_was_ticked():
    form = ScheduleForm(QueryDict("issues=4&issues=7&minutes=x"), among=Issue.objects.all())

    assert (form.is_valid(), form.ticked) == (False, {"4", "7"})
