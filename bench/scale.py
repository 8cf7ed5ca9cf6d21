"""One or two gateways and intakes on PostgreSQL, reports in as many streams: throughput, and what a report costs.

A cluster of its own with sync, Redis with AOF everysec, the demo town; a load process for each gateway, `--links` links
between them. All share the machine's cores: on two of them the CPU a report costs says more than the rate, since one
gateway, one intake, PostgreSQL, Redis and the load already fill both. What waits for whom is told by PostgreSQL itself:
how many of its connections waited for the write turn (an advisory lock) at each of many looks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.intake import ROOT, TOWN, Pids, child, cpu_s, machine, redis_server

LOOK_EVERY_S = 0.05
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def main(argv: Sequence[str]) -> int:
    """Measure one and two of each; the last line is one JSON object."""
    parser = argparse.ArgumentParser("python -m bench scale", description=__doc__)
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one window")
    parser.add_argument("--windows", type=int, default=3, help="windows a figure; the median counts")
    parser.add_argument("--links", type=int, default=50, help="device links over all gateways")
    parser.add_argument("--in-flight", type=int, default=8, help="reports in flight per link")
    given = parser.parse_args(argv)
    found = {}
    for count in (1, 2):
        with room(count, given.links) as (urls, database, pids):
            for kind in ("report", "position"):
                windows = [window(urls, database, pids, kind, given) for _ in range(given.windows)]
                found[f"{kind}_{count}"] = sorted(windows, key=lambda each: each["per_s"])[len(windows) // 2]
                if not given.json:
                    print(count, kind, found[f"{kind}_{count}"], flush=True)
    ratio = {k: round(found[f"{k}_2"]["per_s"] / found[f"{k}_1"]["per_s"], 2) for k in ("report", "position")}
    print(json.dumps({"bench": "scale", "ours": found, "peer": {}, "ratio": ratio, "machine": machine()}))
    return 0


@contextmanager
def room(count: int, links: int) -> Iterator[tuple[list[str], str, Pids]]:
    """So many gateways and intakes as processes over one PostgreSQL and one Redis; the gateways' addresses."""
    pids: Pids = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as beside:
        database = beside.enter_context(postgres())
        redis_url = beside.enter_context(redis_server(Path(folder), pids))
        common = (redis_url, database, str(TOWN), str(links), str(count))
        with child(pids, "", "bench.intake_parts", "prepare", *common):
            pass
        for number in range(count):
            beside.enter_context(child(pids, f"intake-{number}", "bench.intake_parts", "intake", *common, str(number)))
        ports = [
            beside.enter_context(
                child(pids, f"gateway-{number}", "bench.intake_parts", "gateway", *common, str(number))
            )
            for number in range(count)
        ]
        yield [f"ws://127.0.0.1:{port}/v1/feed" for port in ports], database, pids


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh cluster with sync, reached by a socket only; its SQLAlchemy URL."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # directly in it: a socket's path has a limit
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it refuses to be run by root
    control = [*as_user, str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log"), "-w"]
    if as_user:
        shutil.chown(folder, "postgres")
    try:
        initdb = [*as_user, str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"]
        subprocess.run([*initdb, "-E", "UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c shared_buffers=256MB"
        subprocess.run([*control, "start", "-o", options], check=True, stdout=subprocess.DEVNULL, cwd="/")
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "stop", "-m", "immediate"], check=False, stdout=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


def window(urls: Sequence[str], database: str, pids: Pids, kind: str, given: argparse.Namespace) -> dict[str, Any]:
    """One window of load on all gateways at once; reports count when they are committed."""
    each = given.links // len(urls)
    shape = (each, given.seconds, given.in_flight if kind == "report" else 1)
    before, spent, stop = _committed(database), cpu_s(pids), threading.Event()
    waits: list[int] = []
    looking = threading.Thread(target=_look, args=(database, waits, stop))
    looking.start()
    loads = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.intake_load", url, kind, *map(str, (*shape, number * each))],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        for number, url in enumerate(urls)
    ]
    done = [json.loads(load.communicate()[0]) for load in loads]
    stop.set()
    looking.join()
    messages = sum(one["messages"] for one in done)
    if kind == "report" and (arrived := _committed(database) - before) < messages:
        raise AssertionError(f"{messages} reports answered, only {arrived} committed")
    cost = {name: round((now - spent[name]) / messages * 1e6, 1) for name, now in cpu_s(pids).items()}
    told = {"per_s": sum(one["per_s"] for one in done), "messages": messages, "cpu_us": cost}
    if kind == "report":
        told |= {"p50_ms": max(one["p50_ms"] for one in done), "p99_ms": max(one["p99_ms"] for one in done)}
        told["waiting_for_the_turn"] = round(statistics.fmean(waits), 2) if waits else 0.0
    return told


def _committed(database: str) -> int:
    with _asking(database) as connection:
        return int(connection.execute("SELECT count(*) FROM receipts").fetchone()[0])  # type: ignore[index]


def _look(database: str, waits: list[int], stop: threading.Event) -> None:
    """How many connections wait for an advisory lock, again and again."""
    with _asking(database) as connection:
        while not stop.is_set():
            row = connection.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            ).fetchone()
            waits.append(int(row[0]) if row else 0)
            time.sleep(LOOK_EVERY_S)


def _asking(database: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(database.replace("+psycopg", ""), autocommit=True)
