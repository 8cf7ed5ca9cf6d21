"""A private PostgreSQL for the tests: its own cluster in a temporary folder, reached by a socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg


@dataclass(frozen=True)
class Cluster:
    """A running server; databases are made as copies of a template."""

    binaries: Path
    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=60"
        self._pg_ctl("start", "-o", options)

    def stop(self) -> None:
        self._pg_ctl("stop", "-m", "immediate")

    def _pg_ctl(self, *words: str) -> None:
        data, log = self.folder / "data", self.folder / "log"
        command = [str(self.binaries / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", *words]
        subprocess.run([*as_postgres(), *command], check=True, stdout=subprocess.DEVNULL, cwd="/")


def binaries() -> Path | None:
    """Where initdb is, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).parent if path else None


def as_postgres() -> list[str]:
    """PostgreSQL refuses to be run by root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def running_cluster(found: Path) -> Iterator[Cluster]:
    """A fresh cluster, stopped and deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # directly in it: a socket's path has a limit
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        initdb = [
            str(found / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
        ]
        subprocess.run([*as_postgres(), *initdb, "--locale=C"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        cluster = Cluster(found, folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
