"""The product's own town, read once."""

from __future__ import annotations

import pytest

from feeds.demo.story import Story
from feeds.demo.town import Town, read_town
from feeds.replay import DEMO_TOWN
from geo.grids import GridBook


@pytest.fixture(scope="session")
def book() -> GridBook:
    """The demo town's grids."""
    return GridBook.load(DEMO_TOWN)


@pytest.fixture(scope="session")
def town(book: GridBook) -> Town:
    """The demo town's addresses, workers and units."""
    return read_town(DEMO_TOWN, book)


@pytest.fixture(scope="session")
def story(town: Town) -> Story:
    """What happens there."""
    return Story(town)
