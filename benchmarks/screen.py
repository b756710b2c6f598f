"""Two hundred phones that follow the room's screen: how many unchanged answers a second there are.

The web server is started as script/server starts it. Beside the screen the same phones ask a view
that does nothing, in turns, so that both are measured on the same machine in the same state. Then
they ask as often as the page does, and a press is timed until each has its outcome.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.urls import reverse

from accounts.models import User
from audit import clock
from benchmarks import issues_made, phones
from benchmarks.phones import Phone
from config import machine
from config.machine import ROOT
from forum.models import Forum, Session
from issues import actions
from issues.models import AgendaItem, Issue, Outcome, Screen

PHONES, ITEMS, DECIDED = 200, 60, 20
SECONDS, ROUNDS = 3.0, 3  # of hurried asking
PROVINCE = "11"


def run(*, rows: int, times: int) -> str:
    """Make the session, measure, and say it in a table; the arguments are for other benchmarks."""
    session = _session()
    path = reverse("issues:room_part", args=[Screen.objects.get(session=session).key])
    connection.close()
    with _server() as port:
        rates = asyncio.run(_rates(port, f"{path}?lang=km"))
        spans = asyncio.run(_follow(port, f"{path}?lang=km", session))
    return _report(rates, spans)


# --- what is asked for ----------------------------------------------------------------------------
def _session() -> Session:
    """An open session of sixty issues, of which twenty have an outcome and the next one runs."""
    if not Issue.objects.exists():
        issues_made.make(1000)
    now = clock.now()
    forum = Forum.objects.create(
        client_key=uuid.uuid4(),
        name_km="Screen",
        name_en="Screen",
        starts_on=clock.today(),
        ends_on=clock.today(),
    )
    session = Session.objects.create(
        client_key=uuid.uuid4(),
        forum=forum,
        province_id=PROVINCE,
        starts_at=now,
        ends_at=now + 4 * issues_made.DAY / 24,
        status=Session.Status.OPEN,
    )
    issues = Issue.objects.filter(province=PROVINCE, reference__isnull=False)[:ITEMS]
    items = AgendaItem.objects.bulk_create(
        AgendaItem(
            session=session,
            issue=issue,
            position=position,
            started_at=now if position == DECIDED + 1 else None,
        )
        for position, issue in enumerate(issues, start=1)
    )
    coordinator = _coordinator()
    Outcome.objects.bulk_create(
        Outcome(
            item=item,
            kind=Outcome.Kind.NOTED,
            recorded_by=coordinator,
            recorded_at=now,
            shown_at=now,
        )
        for item in items[:DECIDED]
    )
    Screen.objects.create(session=session)
    return session


def _coordinator() -> User:
    return User.objects.get(username="coordinator")


# --- the server -----------------------------------------------------------------------------------
@contextmanager
def _server() -> Iterator[int]:
    """The web server of the Procfile, at a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = (ROOT / "Procfile").read_text().splitlines()
    command = next(line.partition(":")[2].strip() for line in lines if line.startswith("web:"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    process = machine.spawn(
        ["/bin/sh", "-c", f"exec {command}"],
        env=os.environ | {"PORT": str(port), "PATH": path, "PYTHONWARNINGS": "ignore"},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )
    try:
        _await(port)
        yield port
    finally:
        machine.end(process)


def _await(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


# --- measuring ------------------------------------------------------------------------------------
async def _rates(port: int, path: str) -> dict[str, list[float]]:
    """Answers a second of both, round by round."""
    asked = {
        "minimal view (200)": [Phone(port, reverse("live")) for _ in range(PHONES)],
        "screen, unchanged (304)": [Phone(port, path) for _ in range(PHONES)],
    }
    for room in asked.values():
        await phones.hurried(room, 1.0)  # connections, compiled templates, tags
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, room in asked.items():
            rates[name].append(await _round(name, room))
    for room in asked.values():
        for phone in room:
            phone.close()
    return rates


async def _round(name: str, room: list[Phone]) -> float:
    """One round of answers of one kind; again where a minute ended in it: then all is new once."""
    wanted = {304 if "304" in name else 200}
    for _ in range(3):
        rate, found = await phones.hurried(room, SECONDS)
        if set(found) == wanted:
            return rate
    raise AssertionError((name, found))


async def _follow(port: int, path: str, session: Session) -> list[float]:
    def press() -> None:
        item, by = session.agenda_items.get(position=DECIDED + 1), _coordinator()
        actions.stop(item, by=by, now=clock.now())
        connection.close()

    return await phones.following([Phone(port, path) for _ in range(PHONES)], press)


def _report(rates: dict[str, list[float]], spans: list[float]) -> str:
    middle = {name: statistics.median(found) for name, found in rates.items()}
    bare = next(iter(middle.values()))
    lines = [f"\nscreen: {PHONES} phones, {ITEMS} items, {ROUNDS} rounds of {SECONDS:.0f} s"]
    lines.append(f"{'':<42} {'median 1/s':>10} {'best 1/s':>9} {'ratio':>8}")
    for name, found in rates.items():
        ratio = middle[name] / bare
        lines.append(f"{name:<42} {middle[name]:>10.0f} {max(found):>9.0f} {ratio:>8.2f}")
    lines.append(
        f"after a press, asking every {phones.PERIOD:.0f} s: first phone {spans[0]:.2f} s, "
        f"half of them {statistics.median(spans):.2f} s, last {spans[-1]:.2f} s"
    )
    return "\n".join(lines)
