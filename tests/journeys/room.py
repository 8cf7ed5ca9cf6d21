"""A whole room in a temporary folder: the real command, real processes, real sockets; and what a test asks of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody holds right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(what: Callable[[], Any], within_s: float = 20.0, every_s: float = 0.05) -> Any:
    """The first true answer; AssertionError with the last one when it does not come in time."""
    end = time.monotonic() + within_s
    while True:
        answer = what()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s} s: {answer!r}")
        time.sleep(every_s)


def ended(pid: int) -> bool:
    """Whether a process is gone (a zombie that nobody reaps counts as gone)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


class RunningRoom:
    """`python app.py` on free ports with a data folder of its own."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port, self.gateway_port = free_port(), free_port()
        settings = {
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "GATEWAY_PORT": str(self.gateway_port),
            "DEMO": "1",
            "DEMO_WEEKS": "0",
        }
        self.environment = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "DATABASE_URL")}
        self.environment |= settings | environment
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir.parent / f"{data_dir.name}.log"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=self.environment, stdout=out, stderr=out
            )

    def wait_until_up(self, within_s: float = 60.0) -> RunningRoom:
        """Every role answers; AssertionError with the log when the room gave up."""

        def up() -> bool:
            assert self.process.poll() is None, self.said()
            return "调度室已启动" in self.said()

        eventually(up, within_s)
        eventually(lambda: self.health().get("ok"), within_s)
        return self

    def said(self) -> str:
        """Everything on its terminal."""
        return self.log.read_text("utf-8", errors="replace")

    def health(self) -> dict[str, Any]:
        """`/healthz`, or nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def demo(self) -> dict[str, Any]:
        """demo.json."""
        return dict(json.loads((self.data_dir / "demo.json").read_text("utf-8")))

    def account(self, name: str) -> dict[str, str]:
        """One demo account."""
        return next(a for a in self.demo()["accounts"] if a["name"] == name)

    def device(self, name: str) -> dict[str, str]:
        """One demo device with its key."""
        return next(d for d in self.demo()["devices"] if d["device"] == name)

    def pids(self) -> dict[str, int]:
        """Process id per role, as they are now."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            with contextlib.suppress(OSError):  # it may end while we look
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if b"redis" in words[0]:
                    found["redis"] = int(pid)
                elif len(words) > 2:
                    found[words[2].decode()] = int(pid)
        return found

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database directly, as an auditor would."""
        link = dbapi2.connect(f"file:{self.data_dir / 'demo.sqlite'}?mode=ro", uri=True, timeout=10)
        try:
            return list(link.execute(query, values))
        finally:
            link.close()

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command of the product beside the running room."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and wait; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(30)
