"""The loop that needs neither Celery nor Redis."""

import os
import signal
import threading
import time

import pytest
from django.core.management import call_command
from django.db import OperationalError

from outbox.models import Heartbeat
from reminders import tasks
from reminders.management.commands import dispatch


@pytest.mark.django_db
def test_dispatch_plans_and_sends_once_and_notes_it():
    call_command("dispatch")

    ran = set(Heartbeat.objects.values_list("name", flat=True))
    ran -= {"status_daily", "receipts"}  # at their own hours
    assert ran == {"plan", "look at all", "dispatch", "reconcile"}


def test_loop_outlives_the_database_and_stops_when_told(monkeypatch):
    looks = []

    def look():
        looks.append(time.monotonic())
        if len(looks) < 3:
            raise OperationalError("the database system is shutting down")

    def tell_to_stop():
        while len(looks) < 4:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(tasks, "plan", look)
    monkeypatch.setattr(dispatch.issue_tasks, "take_in", lambda: None)
    monkeypatch.setattr(tasks, "once_a_day", lambda: None)
    monkeypatch.setattr(dispatch, "close_old_connections", lambda: None)
    thread = threading.Thread(target=tell_to_stop)
    thread.start()
    try:
        call_command("dispatch", "--loop", "--every", "0.02")
    finally:
        thread.join()
        for number, handler in before.items():
            signal.signal(number, handler)

    assert len(looks) >= 4
