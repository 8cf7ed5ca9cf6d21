"""A served room per test module, and what a screen hears."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dashboard.rig import Rig, rigged, served


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One room for all tests of a module; each test files its own cases."""
    with rigged(tmp_path_factory.mktemp("room")) as rig, served(rig):
        yield rig
