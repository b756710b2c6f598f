"""Phones in the room: each keeps a connection and asks the same address again and again."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable

HOST = "testserver"
PERIOD, SPREAD = 4.0, 0.2  # as static/js/screen.js asks


class Phone:
    """One connection, opened again where the server ended it; ``etag`` is what it has."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.etag = ""
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self) -> int:
        """Ask once; the status of the answer."""
        try:
            return await self._exchange()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()  # it was idle for longer than the server waits
            return await self._exchange()

    async def _exchange(self) -> int:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {HOST}", "Accept-Encoding: gzip"]
        if self.etag:
            lines.append(f"If-None-Match: {self.etag}")
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *fields = head.split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _colon, value in (field.partition(":") for field in fields)
        }
        await self.reader.readexactly(int(headers.get("content-length", 0)))
        self.etag = headers.get("etag", self.etag)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return int(status.split()[1])

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def hurried(phones: list[Phone], seconds: float) -> tuple[float, Counter[int]]:
    """Each asks again as soon as it is answered: answers a second, and their statuses."""
    found: Counter[int] = Counter()
    until = time.perf_counter() + seconds

    async def go_on(phone: Phone) -> None:
        while time.perf_counter() < until:
            found[await phone.ask()] += 1

    began = time.perf_counter()
    await asyncio.gather(*map(go_on, phones))
    return found.total() / (time.perf_counter() - began), found


async def following(phones: list[Phone], press: Callable[[], object]) -> list[float]:
    """Each asks as a screen does; the seconds from the press until each saw the change, sorted."""
    pressed = asyncio.Event()
    spans: list[float] = []
    moment = 0.0

    async def follow(phone: Phone) -> None:
        await asyncio.sleep(random.uniform(0, PERIOD))  # noqa: S311 - as people open the page
        while True:
            status = await phone.ask()
            if status == 200 and pressed.is_set():
                spans.append(time.perf_counter() - moment)
                return
            await asyncio.sleep(PERIOD * (1 + SPREAD * random.uniform(-0.5, 0.5)))  # noqa: S311

    tasks = [asyncio.create_task(follow(phone)) for phone in phones]
    await asyncio.sleep(PERIOD * 1.5)
    await asyncio.to_thread(press)
    moment = time.perf_counter()
    pressed.set()
    await asyncio.gather(*tasks)
    return sorted(spans)
