"""Files on their way into a register: kept in memory, one an account, for half an hour, and nowhere else."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cases.errors import BadAction
from cases.register_imports import Sheet

LIFE = timedelta(minutes=30)
MOST = 8  # of all accounts together


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that somebody handed in and has neither kept nor thrown away."""

    id: str
    file: str
    sheet: Sheet
    at: datetime


@dataclass(frozen=True)
class Drafts:
    """The drafts of one web process; they hold persons' data and so never reach a disk."""

    _kept: dict[str, Draft] = field(default_factory=dict)  # by account
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, account: str, file: str, sheet: Sheet, now: datetime) -> Draft:
        """Keep a file in place of the account's last one; the oldest of too many gives way."""
        draft = Draft(secrets.token_hex(8), file, sheet, now)
        with self._lock:
            self._kept.pop(account, None)
            self._forget(lambda each: now - each.at > LIFE)
            while len(self._kept) >= MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[account] = draft
        return draft

    def of(self, account: str, id: str, now: datetime) -> Draft:
        """The account's own draft; BadAction when it is there no more."""
        with self._lock:
            self._forget(lambda each: now - each.at > LIFE)
            draft = self._kept.get(account)
        if draft is None or draft.id != id:
            raise BadAction("文件已不在（超过 30 分钟或已选了别的文件），请重新选择", "draft")
        return draft

    def newest(self, account: str, now: datetime) -> Draft | None:
        """The account's draft, if there is one."""
        with self._lock:
            self._forget(lambda each: now - each.at > LIFE)
            return self._kept.get(account)

    def drop(self, account: str) -> None:
        """Forget the account's draft."""
        with self._lock:
            self._kept.pop(account, None)

    def _forget(self, is_over: Callable[[Draft], bool]) -> None:
        for account in [name for name, draft in self._kept.items() if is_over(draft)]:
            del self._kept[account]
