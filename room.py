"""One room's parts, opened from its settings: database, grids, calendar, desk. Every role begins here."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import redis_server
from cases.alerts import Patience
from cases.calendar import LOCAL, CalendarError, WorkCalendar
from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.limits import DEFAULT_TABLE, LimitsError, LimitTable, read_limits
from cases.loops import LoopRules, LoopRulesError, read_loop_rules
from cases.mediation import KINDS, HandoffKind, HandoffsError, read_handoffs
from cases.model import EVERYWHERE, GridWorker, HandlingUnit, Loop, UnitId, WorkerId
from cases.ports import Change, Registry, Tell
from cases.rule_book import Dwell, RuleBook, RuleError, read_rules
from cases.schemes import SCHEMES
from cases.shifts import WatchRules
from cases.whistles import WhistleTimes
from geo.errors import GridError
from geo.fences import Ring
from geo.grids import GridBook
from settings import BadSetting, Settings
from storage.accounts import SqlAccounts
from storage.directory import SqlDirectory
from storage.engine import Engine, open_engine
from storage.errors import SchemaNewer, UnsafeLibrary
from storage.lease import Leases
from storage.migrate import upgrade
from storage.positions import SqlPositions
from storage.registry import registry_of
from storage.shifts import SqlShifts
from storage.store import SqlStore
from storage.views import SqlViews


def now() -> datetime:
    """The one clock of the room."""
    return datetime.now(UTC)


def no_bell(_: Sequence[Change]) -> None:
    """Nobody to tell."""


@dataclass(frozen=True)
class Room:
    """The parts that every role shares; what is costly is opened when it is first asked for."""

    settings: Settings
    engine: Engine

    @cached_property
    def grids(self) -> GridBook:
        """The boundaries; BadSetting says how to repair them."""
        try:
            return GridBook.load(self.settings.grids)
        except (GridError, OSError) as problem:
            raise BadSetting(f"网格文件夹 {self.settings.grids}：{problem}") from problem

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Official holidays and make-up days from the kept library, and above them DATA_DIR/calendar.toml.

        Years that neither knows follow the weekday rule; `guessed_years` names them.
        """
        from chinese_calendar import constants  # noqa: PLC0415 — a large table that only clocks need

        days = set(constants.holidays) | set(constants.workdays)
        official = WorkCalendar(
            frozenset(constants.holidays), frozenset(constants.workdays), frozenset(day.year for day in days)
        )
        try:
            return official.with_file(self.settings.data_dir / "calendar.toml")
        except CalendarError as problem:
            raise BadSetting(f"工作日历 {problem}") from problem

    @cached_property
    def limits(self) -> LimitTable:
        """How long matters may take: DATA_DIR/limits.toml, else the defaults."""
        own = self.settings.data_dir / "limits.toml"
        try:
            return read_limits(own) if own.exists() else DEFAULT_TABLE
        except LimitsError as problem:
            raise BadSetting(f"时限表 {problem}") from problem

    @cached_property
    def loops(self) -> LoopRules:
        """When a case rises by itself: DATA_DIR/loops.toml, else the defaults."""
        own = self.settings.data_dir / "loops.toml"
        try:
            return read_loop_rules(own) if own.exists() else read_loop_rules()
        except LoopRulesError as problem:
            raise BadSetting(f"三级循环 {problem}") from problem

    @property
    def rules_file(self) -> Path | None:
        """The room's own alert rules: the file that is set, or DATA_DIR/alert_rules.toml where there is one."""
        own = self.settings.data_dir / "alert_rules.toml"
        if self.settings.alert_rules:
            return Path(self.settings.alert_rules)
        return own if own.exists() else None

    def read_alert_rules(self, file: Path | None = None) -> RuleBook:
        """The defaults with a file over them, the room's own unless named; BadSetting names the key in one line."""
        try:
            book = read_rules(file or self.rules_file, self.grids.__contains__)
            for rule in book.rules.values():
                if isinstance(rule.option, Dwell) and rule.option.ring and not Ring(rule.option.ring).is_sound:
                    raise RuleError(f"[rules.{rule.id}]: the edges of ring cross, or it has no inside")
        except RuleError as problem:
            raise BadSetting(f"预警规则 {problem}") from problem
        return book

    @cached_property
    def handoffs(self) -> Mapping[str, HandoffKind]:
        """To whom disputes may be given, and the law's limits there: DATA_DIR/handoffs.toml, else the defaults."""
        own = self.settings.data_dir / "handoffs.toml"
        try:
            return read_handoffs(own) if own.exists() else KINDS
        except HandoffsError as problem:
            raise BadSetting(f"对接表 {problem}") from problem

    @cached_property
    def scheme(self) -> str:
        """The life cycle that new cases follow; BadSetting names those there are."""
        if self.settings.scheme not in SCHEMES:
            raise BadSetting(f"SCHEME 须是 {'、'.join(sorted(SCHEMES))} 之一 / must be one of them")
        return self.settings.scheme

    @property
    def redis_url(self) -> str:
        """Where Redis answers: as set, or our own child's socket."""
        return self.settings.redis_url or redis_server.url(self.settings.data_dir)

    @property
    def directory(self) -> SqlDirectory:
        """Workers, units, devices, accounts."""
        return SqlDirectory(self.engine)

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Sign-in and sessions; one a process, it counts wrong tries and queues hashing."""
        return SqlAccounts(self.engine)

    @property
    def positions(self) -> SqlPositions:
        """Last fixes, tracks, tasks."""
        return SqlPositions(self.engine)

    @property
    def leases(self) -> Leases:
        """Who leads."""
        return Leases(self.engine)

    @cached_property
    def views(self) -> SqlViews:
        """Read models."""
        return SqlViews(self.engine)

    @property
    def registry(self) -> Registry:
        """Secrets, files, who was told and who was shown what."""
        return registry_of(self.engine, self.watch_rules)

    @property
    def shifts(self) -> SqlShifts:
        """Handovers and seats."""
        return SqlShifts(self.engine, self.watch_rules)

    @property
    def watch_rules(self) -> WatchRules:
        """When a seat is unmanned and a handover is late, as set."""
        s = self.settings
        return WatchRules(timedelta(minutes=s.unmanned_min), timedelta(minutes=s.handover_min))

    def desk(self, tell: Tell = no_bell) -> Desk:
        """The one door; `tell` rings the bell after a commit."""
        return Desk(
            SqlStore(self.engine),
            self.calendar,
            tell,
            self.limits,
            self.scheme,
            self.loops,
            self.handoffs,
            roll=self.directory,
            patience=self.patience,
            whistle_times=self.whistle_times,
        )

    @property
    def whistle_times(self) -> WhistleTimes:
        """How long a whistled unit has, as set."""
        s = self.settings
        return WhistleTimes(timedelta(minutes=s.whistle_answer_min), timedelta(minutes=s.whistle_arrive_min))

    @property
    def patience(self) -> Patience:
        """How long alerts wait before they rise, as set."""
        s = self.settings
        spans = (timedelta(minutes=each) for each in (s.alert_seat_min, s.alert_commander_min, s.alert_same_min))
        return Patience(*spans)

    @property
    def title(self) -> str:
        """The centre's name on the screens."""
        return self.settings.title or f"{self.grids.scheme.name}综治中心"

    def duty(self, at: datetime) -> list[tuple[str, str]]:
        """(post, name) of the shift on duty, from the grid folder's duty.json; empty without one."""
        roster = read_json(self.settings.grids / "duty.json")
        if not isinstance(roster, dict):
            return []
        here = at.astimezone(LOCAL)
        shift = next((s for s in roster["shifts"] if _is_in(s["from"], s["to"], f"{here:%H:%M}")), None)
        if shift is None:
            return []
        day = here.weekday() if f"{here:%H:%M}" >= shift["from"] else (here.weekday() - 1) % 7
        return [
            (row["post"], row["name"])
            for row in roster["roster"]
            if row["weekday"] == day and row["shift"] == shift["id"]
        ]


def open_room(settings: Settings) -> Room:
    """Open the database and bring it to this program's schema; BadSetting in words when it cannot be."""
    make_data_dir(settings)
    try:
        engine = open_engine(settings.database)
        upgrade(engine)
    except (SchemaNewer, UnsafeLibrary) as problem:
        raise BadSetting(str(problem)) from problem
    except StoreUnavailable as problem:
        says = f"数据库不可用，请检查 DATABASE_URL 或 DATA_DIR / database unavailable: {problem}"
        raise BadSetting(says) from problem
    return Room(settings, engine)


def make_data_dir(settings: Settings) -> None:
    """Make the data folder, private to this user; BadSetting when it cannot be written."""
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # no name of its own: several roles look at once
            pass
    except OSError as problem:
        raise BadSetting(
            f"数据目录 {folder} 不可写，请更改权限或设置 DATA_DIR / data folder is not writable: {problem.strerror}"
        ) from problem


def lock_data_dir(settings: Settings) -> int:
    """One room a data folder: a lock held for as long as the returned descriptor is open."""
    handle = os.open(settings.data_dir / "room.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise BadSetting(
            f"数据目录 {settings.data_dir} 正被另一个调度室使用，请停止它或另设 DATA_DIR / in use by another room"
        ) from None
    return handle


def seed_directory(room: Room) -> None:
    """Put the grid folder's own workers and units into an empty directory; a kept one is left alone."""
    folder = room.settings.grids
    if not room.directory.units():
        room.directory.put_units(_units(read_json(folder / "units.json") or []))
    workers = _workers(read_json(folder / "workers.json") or [])
    if workers and not room.directory.workers(EVERYWHERE):
        room.directory.put_workers(workers, room.grids.ancestors)


def read_json(file: Path) -> object:
    """A file's content, None when there is no such file."""
    if not file.is_file():
        return None
    content: object = json.loads(file.read_text(encoding="utf-8"))
    return content


def _workers(rows: object) -> list[GridWorker]:
    return [
        GridWorker(WorkerId(r["id"]), r["name"], r["grid"], r.get("phone", ""), tuple(r.get("skills", ())), r["role"])
        for r in _rows(rows)
    ]


def _units(rows: object) -> list[HandlingUnit]:
    return [
        HandlingUnit(
            UnitId(r["id"]),
            r["name"],
            r["kind"],
            r.get("area", ""),
            tuple(r.get("categories", ())),
            tuple(Loop(each) for each in r.get("loops", ())),
            date.fromisoformat(r["founded"]) if r.get("founded") else None,
        )
        for r in _rows(rows)
    ]


def _rows(content: object) -> list[Mapping[str, str]]:
    return content if isinstance(content, list) else []


def _is_in(begin: str, end: str, clock: str) -> bool:
    """Whether HH:MM lies in a shift that may run over midnight."""
    return begin <= clock < end if begin < end else clock >= begin or clock < end
