"""The leader's alert rules at work: looks every other second, and takes a changed file of rules while it runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cases import rule_turns
from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE
from cases.rule_book import RuleBook
from feeds.heard import Heard
from roles.rule_eyes import Eyes
from room import Room
from settings import BadSetting
from storage.rule_facts import SqlRuleFacts

log = logging.getLogger("room.rules")
EVERY = timedelta(seconds=2)
READ_EVERY = timedelta(seconds=5)


class Looks(Protocol):
    """The file of rules: which one, and what it holds."""

    @property
    def rules_file(self) -> Path | None:
        """The room's own file; None where it has none."""

    def read_alert_rules(self) -> RuleBook:
        """What it says; BadSetting when it cannot be used."""


class RulesFile:
    """The last good rules: a file that turned wrong changes nothing, and says so once."""

    def __init__(self, where: Looks) -> None:
        self._where = where
        self._stamp = self._now()
        self.book = where.read_alert_rules()
        self.problem = ""

    def look(self) -> RuleBook:
        """Read the file again if it changed; the rules that hold."""
        stamp = self._now()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self.book, self.problem = self._where.read_alert_rules(), ""
                log.info("alert rules read anew: %d on", sum(rule.on for rule in self.book.rules.values()))
            except BadSetting as problem:
                self.problem = str(problem)
                log.error("the rules before it hold on: %s", problem)
        return self.book

    def _now(self) -> tuple[str, int, int]:
        file = self._where.rules_file
        try:
            found = file.stat() if file is not None else None
        except OSError:
            found = None
        return str(file), found.st_mtime_ns if found else 0, found.st_size if found else 0


class RuleKeeper:
    """A chore of the leader (feeds.intake): what the rules find rings or clears through the desk. Blocking."""

    def __init__(self, room: Room, desk: Desk, tick: Callable[[], float] = time.monotonic) -> None:
        self._facts, self._desk, self._tick = SqlRuleFacts(room.engine), desk, tick
        self._file = RulesFile(room)
        self._heard = Heard(room.redis_url)
        self._eyes = Eyes(self._facts, room.grids, lambda: room.directory.workers(EVERYWHERE), self._heard)
        self._due = self._read_due = tick()

    def __call__(self, at: datetime) -> bool:
        """Look when it is time; never more at once."""
        if self._tick() < self._due:
            return False
        self._due = self._tick() + EVERY.total_seconds()
        if self._tick() >= self._read_due:
            self._read_due = self._tick() + READ_EVERY.total_seconds()
            self._file.look()
        try:
            self.turn(at)
        except StoreUnavailable:
            raise
        except Exception:  # a rule that fails may not stop reports and clocks
            log.exception("the alert rules could not be asked")
        return False

    def turn(self, at: datetime) -> int:
        """Let every rule look once; how many rang, cleared or were forgotten."""
        book, watches = self._file.book, self._facts.watches()
        found = rule_turns.moves(book, watches, self._eyes.look(book, watches, at), at)
        return self._desk.turn_rules(found, at) if found else 0

    def figures(self) -> dict[str, float]:
        """What the feed page shows of it: that the file is wrong, while it is."""
        return {"rules_wrong": 1.0} if self._file.problem else {}

    def close(self) -> None:
        """Let go of Redis."""
        self._heard.close()
