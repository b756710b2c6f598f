"""A best-effort word to the worker that something may be due; losing it costs seconds."""

import logging
import time

from config.celery import app
from reminders import tasks

log = logging.getLogger(__name__)
PAUSE = 30.0  # seconds without a hint after one that failed, so that no page waits twice
PATIENCE = 0.5  # seconds to wait for the broker to connect, and again for it to answer
# The workers' own connections wait longer (CELERY_BROKER_TRANSPORT_OPTIONS), and would make a
# page wait as long for a broker that accepts connections and says nothing.
IMPATIENT = {
    "socket_connect_timeout": PATIENCE,
    "socket_timeout": PATIENCE,
    "retry_on_timeout": False,
    "max_retries": 0,
    "connect_retries_timeout": PATIENCE,
}


class Hint:
    """Remembers when the broker last failed, for this process."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    def look_now(self) -> None:
        """Ask the worker to plan and dispatch; whatever goes wrong is only logged."""
        if time.monotonic() < self.quiet_until:
            return
        try:
            # A connection of its own: those of the pool are as patient as the workers'.
            with app.connection_for_write(transport_options=IMPATIENT) as connection:
                tasks.plan.apply_async(connection=connection, retry=False, ignore_result=True)
        except Exception:  # a hint never fails a request
            self.quiet_until = time.monotonic() + PAUSE
            log.warning("No hint to the worker; beat and the loop send all the same.")


look_now = Hint().look_now
