"""Bench of the live map: 5,000 workers, a fifth moving every half second, to a drawn frame, bytes and server CPU.

Peers in the same run: Dash's own persistent WebSocket callback with the whole GeoJSON, a Bokeh server, and the classic
`dcc.Interval` page. Ours is the real wall behind the real guard and hub, with real symbols and picking. Time: from the
server's clock when it encodes the change to the page's clock in the task after the frame that drew it (one machine, one
clock).
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

from bench.live_crowd import TICK_S
from bench.live_server import NAME, PASSWORD
from bench.live_told import report_to_screens
from bench.live_walk import walking
from bench.live_wire import CountingProxy, cpu_ms, discard, free_port

# The whole browser where there is one; `make test` brings the headless shell.
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-headless-shell")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(os.path.exists, BROWSERS), BROWSERS[0])
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WATCH = """
window.bench = window.bench || { log: [] };
addEventListener('DOMContentLoaded', () => {
  if (!window.room) return;
  const channel = new MessageChannel();
  let asOf = 0, seen = 0;
  channel.port1.onmessage = () => {
    if (asOf !== seen) { seen = asOf; window.bench.log.push([asOf, performance.timeOrigin + performance.now()]); }
  };
  window.room.drawn = (stamp) => { asOf = stamp; channel.port2.postMessage(0); };
});
"""


@dataclass(frozen=True)
class Server:
    """One of the servers, running."""

    pid: int
    port: int
    cookie: str


@contextmanager
def serving(kind: str, workers: int) -> Iterator[Server]:
    """A server process of its own, fresh, ours with Redis and the walking crowd beside it; ended with the block."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as beside:
        if kind == "ours":
            beside.enter_context(walking(Path(folder), workers))
        port = free_port()
        command = [sys.executable, "-m", "bench.live_server", kind, str(port), str(workers), folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            await_server(port)
            yield Server(process.pid, port, _sign_in(port) if kind == "ours" else "")
        finally:
            process.terminate()
            process.wait(10)


def await_server(port: int) -> None:
    """Return when something answers on the port."""
    for _ in range(900):
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            link.request("GET", "/healthz")
            link.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not come up")


def _sign_in(port: int) -> str:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/x-www-form-urlencoded"}
    link.request("POST", "/login", urlencode({"name": NAME, "password": PASSWORD}), headers)
    cookies = link.getresponse().headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.split(";")[0] for cookie in cookies)


def watch(browser: Browser, server: Server, port: int, seconds: float, proxy: CountingProxy | None) -> dict[str, float]:
    """One fresh page: delays of the frames drawn in `seconds`, bytes and server CPU over the same time."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    for pair in filter(None, server.cookie.split("; ")):
        name, value = pair.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"http://127.0.0.1:{port}/", wait_until="domcontentloaded")
    deadline = time.monotonic() + 60
    while page.evaluate("window.bench.log.length") < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    page.wait_for_timeout(1500)
    page.evaluate("window.bench.log.length = 0")
    cpu, sent, begun = cpu_ms(server.pid), proxy.received if proxy else 0, time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    spent = time.monotonic() - begun
    ticks = spent / TICK_S
    log: list[list[float]] = page.evaluate("window.bench.log")
    delays = [drawn - stamp for stamp, drawn in log]
    found = {
        "ms": statistics.median(delays) if delays else float("inf"),
        "worst_ms": max(delays, default=float("inf")),
        "frames_per_tick": len(log) / ticks,
        "cpu_ms_per_tick": (cpu_ms(server.pid) - cpu) / ticks,
        "bytes_per_tick": (proxy.received - sent) / ticks if proxy else 0.0,
    }
    context.close()
    return found


def measure(browser: Browser, kind: str, workers: int, seconds: float, loads: int) -> dict[str, object]:
    """Some loads for the time, one more through the counting proxy for the bytes; ours also before 50 screens."""
    with serving(kind, workers) as server:
        runs = [watch(browser, server, server.port, seconds, None) for _ in range(loads)]
        proxy = CountingProxy(server.port)
        counted = watch(browser, server, proxy.port, seconds, proxy)
        found: dict[str, object] = {
            "median_ms": round(statistics.median(run["ms"] for run in runs), 1),
            "min_ms": round(min(run["ms"] for run in runs), 1),
            "max_ms": round(max(run["ms"] for run in runs), 1),
            "worst_frame_ms": round(max(run["worst_ms"] for run in runs), 1),
            "frames_per_tick": round(statistics.median(run["frames_per_tick"] for run in runs), 2),
            "bytes_per_tick": round(counted["bytes_per_tick"]),
            "server_cpu_ms_per_tick_1_screen": round(statistics.median(run["cpu_ms_per_tick"] for run in runs), 2),
        }
    if kind == "ours":
        found |= before_screens(workers, 50, seconds)
    return found


def before_screens(workers: int, count: int, seconds: float) -> dict[str, object]:
    """Server CPU per screen and tick with `count` clients that read and discard."""
    with serving("ours", workers) as server:
        ready, stop = threading.Event(), threading.Event()
        url = f"ws://127.0.0.1:{server.port}/live"
        screens = threading.Thread(target=lambda: asyncio.run(discard(url, server.cookie, count, ready, stop)))
        screens.start()
        ready.wait(30)
        time.sleep(4)
        windows = []
        for _ in range(3):
            cpu, begun = cpu_ms(server.pid), time.monotonic()
            time.sleep(seconds)
            windows.append((cpu_ms(server.pid) - cpu) / ((time.monotonic() - begun) / TICK_S) / count)
        stop.set()
        screens.join(10)
    return {"screens": count, CPU: round(statistics.median(windows), 3)}


def matrix(browser: Browser, seconds: float, *, quiet: bool) -> dict[str, object]:
    """Ours over the whole table: to drawn and bytes before one browser, CPU before many screens, ack to screens."""
    rows = []
    for workers in MATRIX_WORKERS:
        row = drawn(browser, workers, seconds) | {
            f"cpu_ms_per_screen_and_tick_{count}": before_screens(workers, count, seconds)[CPU]
            for count in MATRIX_SCREENS
        }
        rows.append(row)
        if not quiet:
            print(row, flush=True)
    with serving("ours", 5000) as server, ThreadPoolExecutor() as beside:  # this one has a loop
        told = beside.submit(report_to_screens, server.port, server.cookie, 100).result()
    return {
        "bench": "live",
        "ours": {"matrix": rows, "ack_to_100_screens_ms": told},
        "machine": machine(browser.version),
    }


def drawn(browser: Browser, workers: int, seconds: float) -> dict[str, object]:
    """One row's part that a browser sees."""
    with serving("ours", workers) as server:
        proxy = CountingProxy(server.port)
        run, counted = (
            watch(browser, server, link, seconds, p) for link, p in ((server.port, None), (proxy.port, proxy))
        )
    return {
        "workers": workers,
        "median_ms": round(run["ms"], 1),
        "worst_frame_ms": round(run["worst_ms"], 1),
        "frames_per_tick": round(run["frames_per_tick"], 2),
        "bytes_per_tick": round(counted["bytes_per_tick"]),
    }


def main(argv: list[str]) -> int:
    """Measure ours and its peers; the last line is one JSON object."""
    ask = argparse.ArgumentParser(prog="bench live")
    ask.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    ask.add_argument("--workers", type=int, default=5000)
    ask.add_argument("--seconds", type=float, default=5.0)
    ask.add_argument("--loads", type=int, default=3)
    ask.add_argument("--matrix", action="store_true", help="screens 1, 10, 100 × workers 1k, 5k, 10k, 50k, ours alone")
    asked = ask.parse_args(argv)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if asked.matrix:
            print(json.dumps(matrix(browser, asked.seconds, quiet=asked.json)))
            browser.close()
            return 0
        found = {kind: measure(browser, kind, asked.workers, asked.seconds, asked.loads) for kind in KINDS}
        if not asked.json:
            for kind, row in found.items():
                print(kind, row)
        print(json.dumps(report(found, asked.workers, browser.version)))
        browser.close()
    return 0


MATRIX_WORKERS, MATRIX_SCREENS = (1_000, 5_000, 10_000, 50_000), (1, 10, 100)
CPU = "server_cpu_ms_per_screen_and_tick"
KINDS = ("ours", "socket", "bokeh", "interval")


def report(found: dict[str, dict[str, Any]], workers: int, chromium: str) -> dict[str, object]:
    """Ours, the peers and the ratios as protocol.md §5 wants them."""
    ours, peer, bokeh, classic = (found[kind] for kind in KINDS)
    return {
        "bench": "live",
        "ours": {"workers": workers, **ours},
        "peer": {"dash_websocket": peer, "bokeh": bokeh, "dcc_interval": classic},
        "ratio": {
            "times_faster_than_dash_websocket": round(peer["median_ms"] / ours["median_ms"], 1),
            "times_faster_than_bokeh": round(bokeh["median_ms"] / ours["median_ms"], 1),
            "times_faster_than_dcc_interval": round(classic["median_ms"] / ours["median_ms"], 1),
            "bytes_of_dash_websocket": round(ours["bytes_per_tick"] / max(1, peer["bytes_per_tick"]), 3),
            "bytes_of_bokeh": round(ours["bytes_per_tick"] / max(1, bokeh["bytes_per_tick"]), 3),
        },
        "machine": machine(chromium),
    }


def machine(chromium: str) -> dict[str, object]:
    """What it ran on."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "chromium": chromium}
