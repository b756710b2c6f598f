"""A best-effort word to the worker that something may be due; losing it costs seconds."""

import logging
import time

from reminders import tasks

log = logging.getLogger(__name__)
PAUSE = 30.0  # seconds without a hint after one that failed, so that no page waits twice


class Hint:
    """Remembers when the broker last failed, for this process."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    def look_now(self) -> None:
        """Ask the worker to plan and dispatch; whatever goes wrong is only logged."""
        if time.monotonic() < self.quiet_until:
            return
        try:
            tasks.plan.apply_async(retry=False, ignore_result=True)
        except Exception:  # a hint never fails a request
            self.quiet_until = time.monotonic() + PAUSE
            log.warning("No hint to the worker; beat and the loop send all the same.")


look_now = Hint().look_now
