"""What the key of a rung says to people."""

import pytest
from django.utils import translation

from reminders import rung_words
from reminders.actions import ESCALATED_OFFICE, ESCALATION, REMINDER
from reminders.claims import CONFIRMATION


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        (REMINDER, "-7", "7 working days before the due date"),
        (REMINDER, "-1", "1 working day before the due date"),
        (REMINDER, "0", "On the due date"),
        (REMINDER, "+0.12", "On the due date"),
        (REMINDER, "+5", "5 working days after the due date"),
        (REMINDER, "+3.17", "3 working days after the due date"),
        (ESCALATION, "+10", "1 level above the office"),
        (ESCALATED_OFFICE, "+20", "2 levels above the office"),
        (CONFIRMATION, "+45", "45 days after it was reported resolved"),
        ("invitation_reminder", "2026-11-20", "20 November 2026"),
        (REMINDER, "", ""),
        (REMINDER, "of old", "of old"),
        ("invitation_reminder", "of old", "of old"),
    ],
)
def test_rung_is_said_in_words(kind, key, said):
    with translation.override("en"):
        assert rung_words.words(key, kind) == said


def test_rung_is_said_in_khmer_figures():
    with translation.override("km"):
        said = [rung_words.words(*one) for one in (("-7", REMINDER), ("+45", CONFIRMATION))]
        day = rung_words.words("2026-11-20", "invitation_reminder")

    assert [("៧" in said[0], "៤៥" in said[1]), day] == [(True, True), "២០ វិច្ឆិកា ២០២៦"]
