"""Bench of the wall's first load: cold browser to the first grid polygon drawn, against a default Dash page.

Both show the demo town with the same component libraries at hand and the same 65 polygons; the wall draws the outlines
of 16 over them. The peer uses the libraries as their documentation shows, polygons in the layout. Time: from the start
of navigation to the frame after the first polygon's path exists. The wall's first path is that of its first picture;
`own_map_ms` is when dash-leaflet's map has taken over from it, which the peer shows from the start. Loads of the two
take turns, so that a busy machine is busy for both. JavaScript as sent.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.live import CHROMIUM, FLAGS, Server, await_server, serving
from bench.live_wire import free_port

FIRST_POLYGON = """
window.firstPolygon = 0;
new MutationObserver((_, watcher) => {
  if (!document.querySelector('.leaflet-overlay-pane path, path.leaflet-interactive')) return;
  watcher.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstPolygon = performance.now(); }));
}).observe(document, { subtree: true, childList: true });
window.ownMap = 0;
new MutationObserver((_, watcher) => {
  if (!document.querySelector('#react-entry-point .leaflet-overlay-pane path')) return;
  if (document.getElementById('first-picture')) return;
  watcher.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.ownMap = performance.now(); }));
}).observe(document, { subtree: true, childList: true });
"""


@contextmanager
def peer() -> Iterator[Server]:
    """The default Dash page in a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.page_peer", str(port)])
    try:
        await_server(port)
        yield Server(process.pid, port, "")
    finally:
        process.terminate()
        process.wait(10)


def load(browser: Browser, server: Server) -> dict[str, float]:
    """One cold load in a fresh context: time to the first polygon, JavaScript bytes as sent, scripts."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    for pair in filter(None, server.cookie.split("; ")):
        name, value = pair.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{server.port}"}])
    page = context.new_page()
    page.add_init_script(FIRST_POLYGON)
    page.goto(f"http://127.0.0.1:{server.port}/", wait_until="domcontentloaded")
    waited = 0
    while not page.evaluate("window.firstPolygon && window.ownMap") and waited < 600:
        page.wait_for_timeout(50)
        waited += 1
    page.wait_for_timeout(1000)
    found: dict[str, float] = page.evaluate(
        """() => {
          const scripts = performance.getEntriesByType('resource')
            .filter((r) => new URL(r.name).pathname.endsWith('.js') && r.encodedBodySize);
          return { polygon_ms: window.firstPolygon, map_ms: window.ownMap, scripts: scripts.length,
                   script_kb: scripts.reduce((sum, r) => sum + r.encodedBodySize, 0) / 1024 };
        }"""
    )
    context.close()
    return found


def in_turn(browser: Browser, servers: Sequence[Server], loads: int) -> list[list[dict[str, float]]]:
    """For each server `loads` cold loads after one warm-up, the servers taking turns."""
    for server in servers:
        load(browser, server)
    rounds = [[load(browser, server) for server in servers] for _ in range(loads)]
    return [list(runs) for runs in zip(*rounds, strict=True)]


def told(runs: Sequence[dict[str, float]]) -> dict[str, Any]:
    """The figures of one page's loads."""
    times = [run["polygon_ms"] for run in runs]
    return {
        "first_polygon_ms": round(statistics.median(times)),
        "min_ms": round(min(times)),
        "max_ms": round(max(times)),
        "own_map_ms": round(statistics.median(run["map_ms"] for run in runs)),
        "scripts": round(runs[-1]["scripts"]),
        "script_kb_sent": round(runs[-1]["script_kb"]),
    }


def main(argv: list[str]) -> int:
    """Measure both pages; the last line is one JSON object."""
    ask = argparse.ArgumentParser(prog="bench page")
    ask.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    ask.add_argument("--loads", type=int, default=5)
    asked = ask.parse_args(argv)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving("ours", 65) as our_server, peer() as their_server:
            ours, theirs = map(told, in_turn(browser, [our_server, their_server], asked.loads))
        chromium = browser.version
        browser.close()
    ratio = {
        "first_polygon": round(ours["first_polygon_ms"] / theirs["first_polygon_ms"], 3),
        "own_map": round(ours["own_map_ms"] / theirs["own_map_ms"], 3),
        "script_bytes": round(ours["script_kb_sent"] / theirs["script_kb_sent"], 3),
    }
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "chromium": chromium}
    print(json.dumps({"bench": "page", "ours": ours, "peer": theirs, "ratio": ratio, "machine": machine}))
    return 0
