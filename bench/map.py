"""Bench of the map under a hand: 10,000, 50,000 and 100,000 markers, half workers and half cases, dragged and zoomed.

The real wall behind the real guard; its map is handed pictures through `room.map.setPicture`, the door that replay
uses, so what is measured is drawing, not the wire (that is `bench live`). Frames are counted by requestAnimationFrame
while a mouse drags and a wheel zooms; the machine's own limit is the same drag before a page with an empty canvas of
that size, in the same run. Long tasks come from the browser. The ticks feed the live door: the hub's frames.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.live import CHROMIUM, FLAGS, Server, machine, serving
from bench.live_crowd import EAST, NORTH, SOUTH, WEST

SIZES = (10_000, 50_000, 100_000)
TICKS = 10_000
SCREEN = {"width": 1920, "height": 1080}
LONG_MS = 200  # a task this long is a stutter that people see
EMPTY = """<!DOCTYPE html><body style="margin:0;overflow:hidden;background:#0b1220">
<canvas width=1920 height=1080 style="position:absolute;will-change:transform"></canvas></body>"""
EMPTY_DRAG = """() => {
  const canvas = document.querySelector('canvas'), pen = canvas.getContext('2d');
  addEventListener('mousemove', (e) => {
    pen.clearRect(0, 0, 1920, 1080);
    canvas.style.transform = `translate3d(${e.clientX % 40}px,${e.clientY % 40}px,0)`;
  });
}"""
WATCH = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach((e) => window.tasks.push(e.duration)))
    .observe({ entryTypes: ['longtask'] });
  window.frames = [];
  const next = (at) => { window.frames.push(at); requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
PICTURE = """([count, west, east, south, north]) => {
  let seed = 20261122;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const near = () => (random() + random() + random()) / 3;
  const place = () => [west + (east - west) * near(), south + (north - south) * near()];
  const kinds = ['dispute.neighbour', 'environment.noise', 'safety.ebike', 'order.fight', 'people.hardship'];
  const statuses = ['available', 'dispatched', 'en_route', 'on_scene'], now = Date.now();
  const standing = () => { const r = random(); return r < 0.9 ? 'on_time' : r < 0.97 ? 'at_risk' : 'overdue'; };
  const severity = () => { const r = random(); return r < 0.01 ? 1 : r < 0.1 ? 2 : r < 0.7 ? 3 : 4; };
  room.map.setPicture({
    as_of: now,
    workers: Array.from({ length: count }, (_, i) =>
      ['W-' + i, ...place(), now - 400000 * random(), statuses[i % 4], 8, 0]),
    incidents: Array.from({ length: count }, (_, i) =>
      ['C-' + i, ...place(), kinds[i % 5], severity(), standing()]),
  });
}"""
TICK = """([count, ticks, west, east, south, north]) => {
  const moved = count / 5, whole = new ArrayBuffer(32 + count * 12);
  const write = (buffer, kind, seq, n, index) => {
    const view = new DataView(buffer);
    view.setUint32(0, 0x44525031, false); view.setUint8(4, kind); view.setUint32(8, n, true);
    view.setUint32(12, seq, true); view.setFloat64(16, Date.now(), true);
    for (let i = 0; i < n; i++) {
      view.setUint32(32 + i * 12, index(i), true);
      view.setInt32(36 + i * 12, (west + (east - west) * Math.random()) * 1e7, true);
      view.setInt32(40 + i * 12, (south + (north - south) * Math.random()) * 1e7, true);
    }
    return buffer;
  };
  let seq = 1e6;
  room.map.takePositions(write(whole, 1, seq, count, (i) => i));
  const delta = new ArrayBuffer(32 + moved * 12);
  return new Promise((done) => {
    let left = ticks;
    (function next() {
      const until = performance.now() + 8;
      do {
        room.map.takePositions(write(delta, 2, ++seq, moved, (i) => (i * 5 + left) % count));
        left--;
      } while (left > 0 && performance.now() < until);
      left > 0 ? requestAnimationFrame(next) : done();
    })();
  });
}"""


@contextmanager
def wall(browser: Browser, server: Server) -> Iterator[Page]:
    """The wall, signed in and standing, its own link cut so that only the bench moves it."""
    context = browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    for pair in filter(None, server.cookie.split("; ")):
        name, value = pair.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{server.port}"}])
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/", wait_until="domcontentloaded")
    for _ in range(600):
        if page.evaluate("!document.getElementById('first-picture') && window.room && room.stats().workers > 0"):
            break
        page.wait_for_timeout(50)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    yield page
    context.close()


def empty_rate(browser: Browser, seconds: float) -> float:
    """Frames a second of an empty canvas under the same drag: what this machine can show at all."""
    page = browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]
    page.set_content(EMPTY)
    page.evaluate(EMPTY_DRAG)
    page.evaluate(WATCH)
    found = frames_while(page, lambda: drag(page, (900, 540), seconds))
    page.close()
    return found["rate"]


def drag(page: Page, at: tuple[float, float], seconds: float) -> None:
    """Hold the map and move it round in circles as a hand would, about sixty moves a second."""
    page.mouse.move(*at)
    page.mouse.down()
    steps = int(seconds * 60)
    for step in range(steps):
        turn = step % 120
        dx, dy = (turn if turn < 60 else 120 - turn) * 5, (turn if turn < 60 else 120 - turn) * 2
        page.mouse.move(at[0] + dx, at[1] + dy)
    page.mouse.up()


def zoom(page: Page, at: tuple[float, float], turns: int) -> None:
    """Turn the wheel in and out again, a notch every fifth of a second."""
    page.mouse.move(*at)
    for turn in range(turns):
        page.mouse.wheel(0, -120 if turn % 6 < 3 else 120)
        page.wait_for_timeout(200)


def frames_while(page: Page, act: Any) -> dict[str, float]:
    """Frames a second, the longest gap and the long tasks while something is done."""
    page.evaluate("window.frames.length = 0; window.tasks.length = 0")
    act()
    times, tasks = page.evaluate("[window.frames, window.tasks]")
    gaps = sorted(b - a for a, b in pairwise(times)) or [float("inf")]
    return {
        "rate": round(1000 * len(gaps) / max(1.0, sum(gaps)), 1),
        "p99_gap_ms": round(gaps[int(len(gaps) * 0.99) - 1], 1),
        "worst_gap_ms": round(gaps[-1], 1),
        "long_tasks": len(tasks),
        f"tasks_over_{LONG_MS}_ms": sum(each > LONG_MS for each in tasks),
    }


def moved(page: Page, count: int, seconds: float) -> dict[str, Any]:
    """One number of markers: shown, dragged at the first view, zoomed, dragged again close by."""
    page.evaluate(PICTURE, [count, WEST, EAST, SOUTH, NORTH])
    page.wait_for_timeout(500)
    box = page.locator("#incident-map .leaflet-container").bounding_box() or {"x": 0, "y": 0, "width": 1, "height": 1}
    at = (box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    page.evaluate("room.map.fit()")
    far = frames_while(page, lambda: drag(page, at, seconds))
    wheel = frames_while(page, lambda: zoom(page, at, 12))
    page.evaluate("room.map.fit(); room.map.state.map.setZoom(room.map.state.map.getZoom() + 2, {animate: false})")
    close = frames_while(page, lambda: drag(page, at, seconds))
    return {"markers": 2 * count, "pan": far, "zoom": wheel, "pan_close": close, "paint_ms": paint_ms(page)}


def paint_ms(page: Page) -> float:
    """Median of painting everything once: workers, cases, names."""
    page.evaluate("room.map.fit()")
    return round(
        float(
            page.evaluate("""() => {
      const times = [];
      for (let i = 0; i < 15; i++) {
        const from = performance.now(); room.map.paintNow(); times.push(performance.now() - from);
      }
      return times.sort((a, b) => a - b)[7];
    }""")
        ),
        1,
    )


def memory(page: Page, count: int, ticks: int) -> dict[str, object]:
    """The JavaScript heap in MB after a collection: before, and after so many ticks of a fifth moving."""
    link = page.context.new_cdp_session(page)

    def heap() -> float:
        link.send("HeapProfiler.collectGarbage")
        return round(float(link.send("Runtime.getHeapUsage")["usedSize"]) / 1e6, 1)

    page.evaluate("room.map.setPicture(null)")
    bounds = [WEST, EAST, SOUTH, NORTH]
    page.evaluate(TICK, [count, 50, *bounds])
    before = heap()
    page.evaluate("window.tasks.length = 0; window.frames.length = 0")
    page.evaluate(TICK, [count, ticks, *bounds])
    long = page.evaluate(f"window.tasks.filter((each) => each > {LONG_MS}).length")
    return {"workers": count, "ticks": ticks, "before_mb": before, "after_mb": heap(), f"tasks_over_{LONG_MS}_ms": long}


def main(argv: list[str]) -> int:
    """Measure; the last line is one JSON object."""
    ask = argparse.ArgumentParser(prog="bench map")
    ask.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    ask.add_argument("--seconds", type=float, default=3.0, help="of each drag")
    ask.add_argument("--ticks", type=int, default=TICKS)
    asked = ask.parse_args(argv)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        empty = [empty_rate(browser, asked.seconds)]
        with serving("ours", 200) as server, wall(browser, server) as page:
            rows = [moved(page, count // 2, asked.seconds) for count in SIZES]
            os.kill(server.pid, signal.SIGTERM)  # from here on the bench alone moves the page
            page.wait_for_timeout(1500)
            held = memory(page, 5000, asked.ticks)
        empty.append(empty_rate(browser, asked.seconds))
        version = browser.version
        browser.close()
    limit = statistics.mean(empty)
    for row in rows:
        row["share_of_empty"] = round(min(row[each]["rate"] for each in ("pan", "zoom", "pan_close")) / limit, 2)
    print(
        json.dumps(
            {
                "bench": "map",
                "ours": {"rows": rows, "memory": held},
                "empty_canvas_rate": round(limit, 1),
                "machine": machine(version),
            }
        )
    )
    return 0
