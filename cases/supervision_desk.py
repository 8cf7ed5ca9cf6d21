"""The door through which supervision and the ledger of rectification change: load, apply one rule, save."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cases import supervision
from cases.calendar import LOCAL, WorkCalendar
from cases.errors import BadAction, UnknownCase
from cases.model import Account, Scope
from cases.ports.meetings import Meetings
from cases.supervision import LookBack, Rectification, Rectifying, Supervision, Target

Matter = TypeVar("Matter", Supervision, Rectification)


class UnknownMatter(UnknownCase):
    """A supervision or ledger entry that is absent or not of the account."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.msg = "没有这件督办或整改，或不在您的辖区内"


@dataclass(frozen=True, slots=True)
class SupervisionDesk:
    """Keeps nothing between calls; who supervises stays in his area, who is meant answers for his own."""

    store: Meetings
    calendar: WorkCalendar

    # the ladder -----------------------------------------------------------------------------------------------

    def supervise(self, target: Target, reason: str, text: str, account: Account, now: datetime) -> Supervision:
        """催办: the first rung. Raises NotAllowed, BadAction."""
        with self.store.transaction() as tx:
            no = f"S{_day(now)}-{tx.next(f'supervision:{_day(now)}', 1):03d}"
            made = supervision.supervise(no, target, reason, text, account, self.calendar, now)
            tx.save_supervision(made)
        return made

    def answer(self, no: str, account: Account, text: str, now: datetime) -> Supervision:
        """Whom it concerns answers. Raises UnknownMatter, NotAllowed, IllegalAction, BadAction."""
        return self._step(no, account, lambda one: supervision.answer(one, account, text, now))

    def close(self, no: str, account: Account, text: str, now: datetime) -> Supervision:
        """The answer is accepted. Raises UnknownMatter, NotAllowed, IllegalAction, BadAction."""
        return self._step(no, account, lambda one: supervision.close(one, account, text, now))

    def rise(self, no: str, account: Account, why: str, now: datetime) -> Supervision:
        """One rung up. Raises UnknownMatter, NotAllowed, IllegalAction, BadAction."""
        return self._step(no, account, lambda one: supervision.rise(one, account, why, self.calendar, now))

    def _step(self, no: str, account: Account, change: Callable[[Supervision], Supervision]) -> Supervision:
        with self.store.transaction() as tx:
            return _changed(no, account, change, tx.supervision, tx.save_supervision)

    # the ledger -----------------------------------------------------------------------------------------------

    def enter(
        self, target: Target, problem: str, measure: str, due_at: datetime, account: Account, now: datetime
    ) -> Rectification:
        """立号. Raises NotAllowed, BadAction."""
        with self.store.transaction() as tx:
            no = f"Z{_day(now)}-{tx.next(f'rectification:{_day(now)}', 1):03d}"
            made = supervision.enter(no, target, problem, measure, due_at, account, now)
            tx.save_rectification(made)
        return made

    def rectify(self, no: str, account: Account, words: str, now: datetime) -> Rectification:
        """整改. Raises UnknownMatter, NotAllowed, IllegalAction, BadAction."""
        return self._move(no, account, lambda one: supervision.rectify(one, account, words, now))

    def recheck(self, no: str, account: Account, is_right: bool, words: str, now: datetime) -> Rectification:
        """复核. Raises UnknownMatter, NotAllowed, IllegalAction, BadAction."""
        return self._move(no, account, lambda one: supervision.recheck(one, account, is_right, words, now))

    def strike(self, no: str, account: Account, words: str, now: datetime) -> Rectification:
        """销号. Raises UnknownMatter, NotAllowed, IllegalAction, BadAction."""
        return self._move(no, account, lambda one: supervision.strike(one, account, words, now))

    def look_back(self, no: str, account: Account, is_kept: bool, words: str, now: datetime) -> Rectification:
        """回头看 of an entry that was drawn. Raises UnknownMatter, NotAllowed, IllegalAction, BadAction."""
        drawings = self.store.look_backs(Scope(account.area))
        if not any(no in one.drawn for one in drawings):
            raise BadAction("只对抽中的已销号问题回头看", "no")
        return self._move(no, account, lambda one: supervision.looked_back(one, account, is_kept, words, now))

    def draw(self, count: int, account: Account, now: datetime, seed: int | None = None) -> LookBack:
        """Draw struck entries of the account's area at random; the seed is kept. Raises NotAllowed, BadAction."""
        scope = Scope(account.area)
        struck = [one.no for one in self.store.rectifications(scope) if one.stage is Rectifying.STRUCK]
        seed = secrets.randbelow(1_000_000) if seed is None else seed
        with self.store.transaction() as tx:
            no = f"H{_day(now)}-{tx.next(f'look_back:{_day(now)}', 1):02d}"
            drawn = supervision.draw(no, account.area, struck, count, seed, account, now)
            tx.add_look_back(drawn)
        return drawn

    def _move(self, no: str, account: Account, change: Callable[[Rectification], Rectification]) -> Rectification:
        with self.store.transaction() as tx:
            return _changed(no, account, change, tx.rectification, tx.save_rectification)


def _changed(
    no: str,
    account: Account,
    change: Callable[[Matter], Matter],
    read: Callable[[str], Matter | None],
    save: Callable[[Matter], None],
) -> Matter:
    """One matter of the account after one rule, saved; UnknownMatter where it is absent or not the account's."""
    before = read(no)
    if before is None or not _concerns(before.target, account):
        raise UnknownMatter(no)
    after = change(before)
    save(after)
    return after


def _concerns(target: Target, account: Account) -> bool:
    """Whether an account may touch a matter at all; what it may do there the rules say."""
    return account.area in ("", target.area) or target.is_of(account)


def _day(now: datetime) -> str:
    return now.astimezone(LOCAL).strftime("%Y%m%d")
