import datetime as dt
import uuid

import pytest

from issues.actions import Charge, Press, Said
from issues.forms import charges
from issues.forms import console as forms
from provinces.workdays import Calendar

TODAY = dt.date(2026, 11, 20)  # a Friday
CLOSED = dt.date(2026, 11, 24)
KEY = uuid.UUID(int=7)


def sent(form, **typed):
    more = {}
    if issubclass(form, charges.DueForm):
        more = {"calendar": Calendar(frozenset({CLOSED})), "today": TODAY}
    return form({"client_key": KEY} | typed, **more)


@pytest.mark.parametrize(
    ("typed", "due_on"),
    [
        ({"days": "1"}, dt.date(2026, 11, 23)),
        ({"days": "២"}, dt.date(2026, 11, 25)),
        ({"due_on": "2026-12-01"}, dt.date(2026, 12, 1)),
        ({"due_on": "2026-12-01", "days": "20"}, dt.date(2026, 12, 1)),
    ],
)
def test_due_date_is_typed_as_such_or_in_working_days(typed, due_on):
    form = sent(charges.HigherForm, authority="5", **typed)

    assert form.is_valid()
    assert form.content == {
        "said": Said(),
        "press": Press(KEY, None),
        "charges": [Charge(5, due_on)],
    }


@pytest.mark.parametrize(
    ("form", "typed", "wrong"),
    [
        (charges.HigherForm, {"authority": "5"}, ["days"]),
        (charges.HigherForm, {"authority": "5", "days": "0"}, ["days"]),
        (charges.HigherForm, {"authority": "5", "due_on": "2026-11-20"}, ["due_on"]),
        (charges.HigherForm, {"authority": "x", "days": "5"}, ["authority"]),
        (charges.ReferForm, {"authority": "5", "authority_2": "5", "days": "5"}, ["authority_2"]),
        (charges.StudyForm, {"until": "2026-12-01", "authority": "5"}, ["days"]),
        (charges.NotCompetentForm, {"authority": "5", "text": "x"}, ["days"]),
        (forms.SpeakersForm, {"communities": "-1"}, ["communities"]),
    ],
)
def test_what_an_office_is_given_without_a_date_is_refused(form, typed, wrong):
    assert sorted(sent(form, **typed).errors) == wrong


def test_working_days_of_a_suspension_count_from_its_end():
    form = sent(charges.SuspendForm, until="2026-11-30", text="x", authority="5", days="2")

    assert form.is_valid()
    assert form.content["charges"] == [Charge(5, dt.date(2026, 12, 2))]
    assert form.content["until"] == dt.date(2026, 11, 30)


def test_a_day_on_which_offices_are_closed_is_remarked(settings):
    settings.LANGUAGE_CODE = "en"
    closed = sent(charges.HigherForm, authority="5", due_on=CLOSED.isoformat())
    open_ = sent(charges.HigherForm, authority="5", due_on="2026-11-25")

    assert (closed.is_valid(), open_.is_valid()) == (True, True)
    assert (bool(closed.remark), open_.remark) == (True, "")


def test_a_commitment_says_who_made_it():
    form = sent(forms.NoteForm, commitment="By June.")

    assert list(form.errors) == ["said_by"]


def test_who_spoke_is_a_title_a_line():
    form = sent(forms.SpeakersForm, spoke="Governor\r\n\r\n Chief ", communities="")

    assert form.is_valid()
    assert form.content == {"spoke": "Governor\nChief", "communities": 0, "seen": None}
    seen = sent(forms.SpeakersForm, seen_spoke="A\r\nB", seen_communities="2")
    assert seen.is_valid()
    assert seen.content["seen"] == ("A\nB", 2)
