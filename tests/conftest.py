"""What every part of the tests shares: one Chromium, and the order that it forces."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.empty import empty_database

# The headless shell opens a page for a sixth of what the whole browser takes; it draws and runs the same.
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = Path(os.environ.get("CHROMIUM") or next(filter(os.path.exists, BROWSERS), BROWSERS[-1]))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MEMORY, LEAST_FREE = Path("/dev/shm"), 4 * 2**30

# Thousands of small databases, each commit synced: on a disc the run waits for that more than for anything else.
# A killed process leaves its files in memory just as on a disc, so what the tests prove stays the same.
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= LEAST_FREE:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # asked anew


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that drive the browser come last: its driver keeps an event loop running in the main thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser of this machine."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; apt install chromium, or name one in CHROMIUM")
    with playwright.sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the present schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "room.sqlite"
    empty_database(path).close()
    return path
