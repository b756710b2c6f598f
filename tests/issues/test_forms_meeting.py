import pytest
from django.http import QueryDict

from issues.forms.meeting import ArrangeForm, MinutesForm, ScheduleForm
from issues.models import Issue


def arranged(current, **data):
    form = ArrangeForm(data, current=current)
    return form.cleaned_data["order"] if form.is_valid() else form.errors


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
    assert arranged([3, 5, 8], seen="3,5,8", **move) == order


@pytest.mark.parametrize("seen", ["3,8,5", "3,5", "", "3,5,8,9", "3,x,8"])
def test_arrange_refuses_an_order_that_no_longer_stands(seen):
    errors = arranged([3, 5, 8], seen=seen, up="5")

    assert errors.as_data()["__all__"][0].code == "stale"


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
