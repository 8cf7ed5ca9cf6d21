"""The door through which the watch changes hands: the record, and the cases whose tracker changes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cases import shifts
from cases.calendar import LOCAL
from cases.errors import IllegalAction, UnknownShift
from cases.lifecycle import told
from cases.model import Account, Action, Case, Event
from cases.ports import Change, Store, Tell, Transaction
from cases.shifts import Section, Shift, WatchRules

Digest = Callable[[], tuple[datetime, tuple[Section, ...]]]


@dataclass(frozen=True, slots=True)
class ShiftDesk:
    """Keeps nothing between calls; a shift that is signed for or withdrawn never changes again."""

    store: Store
    tell: Tell
    rules: WatchRules = WatchRules()

    def hand_over(
        self, officer: Account, began_at: datetime, notes: str, digest: tuple[Section, ...], now: datetime
    ) -> Shift:
        """Sign a digest as the outgoing officer. Raises NotAllowed, BadAction, IllegalAction."""
        day = now.astimezone(LOCAL).strftime("%Y%m%d")
        with self.store.transaction() as tx:
            shift = shifts.hand_over("", officer, began_at, notes, digest, now, self.rules)
            if any(each.outgoing == officer.name for each in tx.open_shifts(officer.area)):
                raise IllegalAction("您已交班，等待接班人签字；要改请先撤回", "action")
            shift = replace(shift, no=f"J{day}-{tx.next(f'shift:{day}', 1):02d}")
            tx.save_shift(shift)
        self.tell([Change("shift", shift.no, 1)])
        return shift

    def take_over(self, no: str, officer: Account, how: str, now: datetime) -> Shift:
        """Sign for a handover as the incoming officer; what the outgoing one tracked is his from now on.

        Raises UnknownShift, NotAllowed, IllegalAction.
        """
        with self.store.transaction() as tx:
            shift = self._shift(tx, no)
            shifts.may_take(shift, officer)
            tracked = [case for case in tx.open_cases() if case.first_contact == shift.outgoing]
            taken = shifts.take_over(shift, officer, how, len(tracked), now)
            changes = self._move(tx, tracked, taken, officer, now)
            tx.save_shift(taken)
        self.tell([*changes, Change("shift", no, 2)])
        return taken

    def withdraw(self, no: str, officer: Account, now: datetime) -> Shift:
        """Take back one's own handover that nobody signed for. Raises UnknownShift, NotAllowed, IllegalAction."""
        with self.store.transaction() as tx:
            back = shifts.withdraw(self._shift(tx, no), officer, now)
            tx.save_shift(back)
        self.tell([Change("shift", no, 2)])
        return back

    def _shift(self, tx: Transaction, no: str) -> Shift:
        shift = tx.shift(no)
        if shift is None:
            raise UnknownShift(no)
        return shift

    def _move(self, tx: Transaction, cases: list[Case], shift: Shift, officer: Account, now: datetime) -> list[Change]:
        first = tx.next("event", len(cases)) if cases else 0
        events, changes = [], []
        for place, case in enumerate(cases):
            after = replace(case, first_contact=officer.name, version=case.version + 1, updated_at=now)
            why = f"交接班 {shift.no}：首问负责由 {shift.outgoing} 转 {officer.name}"
            step = Event(first + place, case.no, after.version, now, officer.name, officer.role, Action.HAND_OVER, why)
            tx.save_case(after)
            events.append(told(step, case, after))
            changes.append(Change("case", after.no, after.version))
        tx.add_events(events)
        return changes
