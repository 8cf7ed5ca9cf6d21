"""A real Chromium before a real web process; skipped, with the reason, where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cases.model import AlertLevel
from tests.dashboard.harness import NAME, Stage, cookies_file, play_day, running, set_stage

# Until then the page is a picture that nobody can act on, or, on a page without a picture, not there at all.
STANDS = """!document.getElementById('first-picture') && (!document.getElementById('react-entry-point')
    || window.dash_stores?.[0]?.getState().appLifecycle === 'HYDRATED' && document.querySelector('.page > *'))"""
PATIENCE_S = 40  # a page takes two seconds of a processor that other tests want too


@dataclass
class Screen:
    """One open page and everything that went wrong in it."""

    page: Any
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    held: list[Any] = field(default_factory=list)

    def release(self) -> None:
        """Let go on what `hold` held back."""
        for route in self.held:
            route.continue_()

    def reload(self) -> None:
        """Load the page anew and wait until it stands, as `open_screen` does."""
        self.page.reload(wait_until="domcontentloaded")
        self.until(STANDS, PATIENCE_S)

    def stats(self) -> dict[str, Any]:
        """What the map layer says of itself."""
        answer: dict[str, Any] = self.page.evaluate("window.room.stats()")
        return answer

    def until(self, script: str, seconds: float = 5) -> None:
        """Wait until a script is true in the page (asked from outside: the page's policy lets nobody eval inside)."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(script):
            assert time.monotonic() < deadline, f"not true within {seconds} s: {script}"
            self.page.wait_for_timeout(40)


Open = Callable[..., Screen]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A room with a day behind it, on a free port; each module has its own, for what rings is heard everywhere."""
    made = set_stage(tmp_path_factory.mktemp("room"))
    play_day(made, cases=40)
    made.alert(AlertLevel.YELLOW, "暴雨黄色预警")
    with running(made):
        yield made


@pytest.fixture
def open_screen(stage: Stage, chromium: Any, tmp_path: Path) -> Iterator[Open]:
    """Open a path of the room, signed in, at a size; pages are closed with the test."""
    contexts = []

    def open_(
        path: str = "/", size: tuple[int, int] = (1920, 1080), at: str = "", account: str = NAME, hold: str = ""
    ) -> Screen:
        address = at or stage.url
        state = cookies_file(address, tmp_path / "state.json", account)
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, storage_state=str(state))
        contexts.append(context)
        screen = Screen(context.new_page())
        _note(screen)
        if hold:
            screen.page.route(hold, lambda route: screen.held.append(route))  # noqa: PLW0108 — playwright marks its handlers
        screen.page.goto(address + path, wait_until="domcontentloaded")
        if not hold:
            screen.until(STANDS, PATIENCE_S)
        return screen

    yield open_
    for context in contexts:
        context.close()


def _note(screen: Screen) -> None:
    page = screen.page
    page.on("console", lambda message: message.type == "error" and screen.errors.append(message.text))
    page.on("console", lambda message: message.type == "warning" and screen.warnings.append(message.text))
    page.on("pageerror", lambda problem: screen.errors.append(str(problem)))
    page.on("response", lambda answer: answer.status >= 400 and screen.errors.append(f"{answer.status} {answer.url}"))
    page.on("request", lambda request: request.url.startswith("http") and screen.hosts.add(request.url.split("/")[2]))
