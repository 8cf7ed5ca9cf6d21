"""One room for all journeys that do not break it."""

from collections.abc import Iterator

import pytest

from tests.journeys.room import RunningRoom


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRoom]:
    """A demo room that is up."""
    running = RunningRoom(tmp_path_factory.mktemp("room") / "var").wait_until_up()
    yield running
    assert running.stop() == 0, running.said()
    assert "Traceback" not in running.said(), running.said()
