"""Soak of one wall: a room at many times its speed before one browser, which must stay as it was in its first minutes.

`python -m bench soak-wall --minutes N --speed S --json`. The wall is a kiosk, opened by its one-use link. Every ten
seconds, after a collection: JavaScript heap, DOM nodes, listeners; slopes by least squares over the second half.
Frozen frames are gaps of more than a second between two frames; reconnects are links opened after the first.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.live import CHROMIUM, FLAGS, await_server
from bench.live_wire import free_port

EVERY_S = 10.0
WATCH = """
window.soak = { frozen: 0, longest: 0, opened: 0, cases: 0 };
(function frame(before) {
  requestAnimationFrame((now) => {
    const gap = before ? now - before : 0;
    if (gap > 1000) window.soak.frozen++;
    window.soak.longest = Math.max(window.soak.longest, gap);
    frame(now);
  });
})(0);
addEventListener('DOMContentLoaded', () => {
  if (!window.room || !window.room.live) return;
  window.room.live.on('open', () => window.soak.opened++);
  window.room.live.on('hint', (hint) => { if (hint.version === 1) window.soak.cases++; });
});
"""

Sample = Mapping[str, float]


@contextmanager
def room(folder: Path, speed: float) -> Iterator[tuple[int, dict[str, str]]]:
    """A demo room of its own at `speed`; its port and the environment it was started with."""
    port = free_port()
    settings = {"DATA_DIR": str(folder), "DEMO": "1", "DEMO_WEEKS": "0", "SPEED": f"{speed:g}", "PORT": str(port)}
    environment = {**os.environ, **settings, "GATEWAY_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "app.py"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await_server(port)
        yield port, environment
    finally:
        process.terminate()
        process.wait(30)


def link_of(environment: Mapping[str, str]) -> str:
    """A one-use link, by the command that an administrator has."""
    command = [sys.executable, "app.py", "kiosk", "add", "soak"]
    return subprocess.run(command, env=dict(environment), check=True, capture_output=True, text=True).stdout.split()[-1]


def sample(page: Page, session: CDPSession, begun: float) -> Sample:
    """What the page holds now, after a collection."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return {
        "at_s": round(time.monotonic() - begun, 1),
        "heap_mb": round(metrics["JSHeapUsedSize"] / 2**20, 2),
        "nodes": metrics["Nodes"],
        "listeners": metrics["JSEventListeners"],
        **page.evaluate("window.soak"),
    }


def soak(link: str, minutes: float) -> list[Sample]:
    """Open the wall and look at it every ten seconds."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        page.add_init_script(WATCH)
        page.goto(link)
        page.click("button")
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.wait_for_timeout(15_000)
        begun, found = time.monotonic(), []
        while time.monotonic() - begun < minutes * 60:
            found.append(sample(page, session, begun))
            page.wait_for_timeout(EVERY_S * 1000)
        browser.close()
    return found


def slope(samples: Sequence[Sample], name: str) -> float:
    """How much a figure grows in an hour, over the second half."""
    half = samples[len(samples) // 2 :]
    if len(half) < 3:
        return float("nan")
    return float(np.polyfit([each["at_s"] / 3600 for each in half], [each[name] for each in half], 1)[0])


def main(argv: Sequence[str]) -> int:
    """Soak, and print one JSON object on the last line."""
    ask = argparse.ArgumentParser(prog="bench soak-wall", description=__doc__)
    ask.add_argument("--minutes", type=float, default=10.0)
    ask.add_argument("--speed", type=float, default=30.0)
    ask.add_argument("--json", action="store_true", help="only the last line")
    asked = ask.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, room(Path(folder), asked.speed) as (_, environment):
        samples = soak(link_of(environment), asked.minutes)
    if not asked.json:
        for each in samples:
            print(each)
    first, last = samples[0], samples[-1]
    figures = {
        "bench": "soak-wall",
        "minutes": asked.minutes,
        "speed": asked.speed,
        "samples": len(samples),
        "heap_mb": [first["heap_mb"], last["heap_mb"]],
        "heap_mb_an_hour": round(slope(samples, "heap_mb"), 2),
        "nodes": [first["nodes"], last["nodes"]],
        "nodes_an_hour": round(slope(samples, "nodes"), 1),
        "listeners": [first["listeners"], last["listeners"]],
        "reconnects": max(0, last["opened"] - 1),
        "frozen_frames": last["frozen"],
        "longest_frame_ms": round(last["longest"]),
        "cases_seen": last["cases"],
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(figures))
    return 0
