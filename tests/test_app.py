"""The front door as people use it: every command runs, and what cannot work is said in words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDERS = "工单编号,受理时间,标题,地址\nS1,2026-11-21 08:00:00,楼上噪声,青芝路1号\n"


def ran(folder: Path, template: Path, words: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
    """A command in a room of its own that nobody started yet."""
    shutil.copy(template, folder / "room.sqlite")
    command = [sys.executable, "app.py", *words]
    home = {**os.environ, "DATA_DIR": str(folder)}
    return subprocess.run(
        command, cwd=ROOT, env=home, input=given, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(("words", "said"), [("--unit U-99", "没有单位 U-99"), ("", "须写明单位")])
def test_an_account_of_a_unit_that_is_not_there_is_refused(
    tmp_path: Path, sqlite_template: Path, words: str, said: str
) -> None:
    password = "一个很长的口令 2026\n"
    done = ran(tmp_path, sqlite_template, ["account", "add", "u1", "--role", "unit", *words.split()], password * 2)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "settings",
        "account list",
        "kiosk list",
        "device list",
        "register list",
        "import-orders {file}",
        "alert-rules check",
        "webhook list",
        "report due",
        "ledger all --month 2026-10",
        "recount",
    ],
)
def test_every_command_runs(tmp_path: Path, sqlite_template: Path, words: str) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    done = ran(tmp_path, sqlite_template, words.format(file=file).split())
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
