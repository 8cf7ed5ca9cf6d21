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
    shutil.copy(sqlite_template, tmp_path / "room.sqlite")
    command = [sys.executable, "app.py", *words.format(file=file).split()]
    home = {**os.environ, "DATA_DIR": str(tmp_path)}
    ran = subprocess.run(command, cwd=ROOT, env=home, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stderr.count("Traceback")) == (0, 0), ran.stderr
