"""Seeing what goes over the wire: a proxy that counts, clients that read and discard, a process's CPU clock."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time

import websockets

TOPICS = ["positions", "incidents", "kpi", "alerts", "health", "panels"]


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_ms(pid: int) -> float:
    """CPU time of a process with all its threads, those that have ended too, in ms (clock_getcpuclockid(3))."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


class CountingProxy:
    """A TCP proxy in a thread; `received` counts the bytes that went to the browser."""

    def __init__(self, target: int) -> None:
        self.port, self.received = free_port(), 0
        self._target = target
        listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", self._target))
            for pair, counted in (((near, far), False), ((far, near), True)):
                threading.Thread(target=self._carry, args=(*pair, counted), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        try:
            while chunk := source.recv(1 << 18):
                self.received += len(chunk) * counted
                sink.sendall(chunk)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                end.close()


async def discard(url: str, cookie: str, count: int, ready: threading.Event, stop: threading.Event) -> None:
    """`count` screens that ask for what our page asks for, read and throw away, until `stop`."""
    await asyncio.gather(*(_one_screen(url, cookie, stop, ready if n == count - 1 else None, n) for n in range(count)))


async def _one_screen(url: str, cookie: str, stop: threading.Event, ready: threading.Event | None, number: int) -> None:
    await asyncio.sleep(0.04 * number)
    origin = url.replace("ws://", "http://").removesuffix("/live")
    async with websockets.connect(
        url,
        additional_headers={"Cookie": cookie},
        origin=origin,
        compression=None,
        max_size=None,  # type: ignore[arg-type]
    ) as link:
        await link.send(json.dumps({"type": "watch", "topics": TOPICS, "scope": "", "positions": "binary"}))
        if ready:
            ready.set()
        while not stop.is_set():
            await link.recv()
