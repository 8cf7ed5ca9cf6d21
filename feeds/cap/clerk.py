"""Files one CAP document through the one desk, and says what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from cases.cap.message import CapProblem
from cases.cap.reading import read
from cases.desk import Desk
from cases.model import Answer, Device
from cases.ports import Clock
from feeds.cap.entry import NotFiled, enter
from feeds.refusals import Refusal, refuse
from geo.grids import GridBook

Said = Answer | NotFiled | Refusal


@dataclass(frozen=True, slots=True)
class CapClerk:
    """Blocking; keeps nothing between calls."""

    desk: Desk
    book: GridBook
    now: Clock

    def file(self, body: bytes, device: Device) -> Said:
        """What a document that a device brought is answered. Raises StoreUnavailable when nothing was saved."""
        identifier: str | None = None
        try:
            message = read(body)
            identifier = message.identifier
            entered = enter(message, device, self.now(), self.book)
        except CapProblem as problem:
            return refuse(problem.code, problem.msg, problem.field).of("cap", identifier)
        if isinstance(entered, NotFiled):
            return entered
        return self.desk.file([entered], self.now())[0]
