"""Who has which case open: each who looks at a case is told who else does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cases.model import CaseNo
from cases.ports import Views
from dashboard import shapes
from dashboard.offloop import off_loop
from dashboard.rights import scope_of
from dashboard.screens import Screen


class Lookers:
    """The screens with a case open, among all screens of the hub."""

    def __init__(self, views: Views, screens: Callable[[], Iterable[Screen]]) -> None:
        self._views, self._screens = views, screens

    async def look(self, screen: Screen, case: str) -> None:
        """A screen opens a case, or closes it (""); only one of its own area: nobody learns by guessing who is busy."""
        known = case and await off_loop(self._views.case, CaseNo(case), scope_of(screen.account))
        before, screen.looking = screen.looking, case if known else ""
        for each in {before, screen.looking}:
            self.tell(each)

    def tell(self, case: str) -> None:
        """Tell all who look at a case who else does."""
        looking = [screen for screen in self._screens() if screen.looking == case] if case else []
        for screen in looking:
            others = {s.account.name: s.account.display or s.account.name for s in looking if s is not screen}
            others.pop(screen.account.name, None)
            screen.offer("looks", shapes.encode({"type": "looks", "case": case, "by": list(others.values())}))
