"""Life cycles as data: a scheme file names its steps, moves and reasons; this reads and checks it.

A file that does not hold together is refused with its name and the row, never half-read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from cases.model import Action, Case, Role, Stage, State

FOLDER = Path(__file__).parent / "schemes"
DEFAULT = "seven"

_Kind = TypeVar("_Kind", bound=StrEnum)


class SchemeError(ValueError):
    """A scheme file that cannot be used, and where it is wrong."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: from these stages and states, this action leads to `to`/`state` (None: stays).

    `needs` are details that must be given; `after` are actions that must have been taken since the dispatch. With
    `approval` it takes effect when that role approves. `undo`: whoever took it may take it back at once.
    """

    action: Action
    stages: frozenset[Stage]
    to: Stage | None
    roles: frozenset[Role]
    states: frozenset[State] = frozenset({State.ACTIVE})
    state: State | None = None
    needs: tuple[str, ...] = ()
    after: frozenset[Action] = frozenset()
    approval: Role | None = None
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step as this scheme calls it, on the wire one of the seven stages; `sign` and `arrive` refine 派遣."""

    name: str
    stage: Stage
    done: Action | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason that the rules know: its words, what it rests on, and to whom a returned case falls back.

    `notice` is what the reporter is told besides: where else to turn to (不予受理须告知).
    """

    code: str
    words: str
    basis: str = ""
    falls_to: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons one action may be given. Where `free`, other words stand too and count as 其他."""

    rows: tuple[Reason, ...]
    free: bool = True

    def find(self, said: str) -> Reason | None:
        """The row that a code or its words name; other words as they are where these are free, else None."""
        for row in self.rows:
            if said in (row.code, row.words):
                return row
        return Reason("other", said, falls_to=self.rows[0].falls_to, notice=self.rows[0].notice) if self.free else None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A life cycle: its steps in order, its table of moves, its reasons by action."""

    code: str
    name: str
    source: str
    steps: tuple[Step, ...]
    moves: tuple[Move, ...]
    reasons: Mapping[Action, Reasons] = field(default_factory=dict)
    undo_s: float = 10.0

    def step_name(self, case: Case) -> str:
        """What this scheme calls where the case is: the last of its steps that is done."""
        done = [
            step for step in self.steps if step.stage is case.stage and (step.done is None or is_done(case, step.done))
        ]
        return done[-1].name

    def stage_name(self, stage: Stage) -> str:
        """What this scheme calls a stage by its first step."""
        return next(step.name for step in self.steps if step.stage is stage)


_STAMPS: Mapping[Action, str] = {Action.SIGN: "signed_at", Action.ARRIVE: "arrived_at"}


def is_done(case: Case, action: Action) -> bool:
    """Whether it was signed for, or somebody arrived, since it was dispatched."""
    return getattr(case, _STAMPS[action]) is not None


def read_scheme(path: Path) -> Scheme:
    """The scheme of a file; SchemeError names the file and the row that is wrong.

    A file with a `base` says only what differs: its steps replace the base's, its moves those of the same action.
    """
    try:
        return _Reader(path.stem, _whole(path)).scheme()
    except (KeyError, OSError, TypeError, ValueError) as problem:
        raise SchemeError(f"{path.name}: {problem}") from problem


def _whole(path: Path) -> dict[str, object]:
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    if "base" not in own:
        return own
    base = _whole(path.with_name(f"{own.pop('base')}.toml"))
    moves: dict[str, list[Mapping[str, object]]] = {}
    for row in _rows(base, "move"):
        moves.setdefault(str(row["action"]), []).append(row)
    moves |= {name: [row for row in _rows(own, "move") if row["action"] == name] for name in _names_of(own)}
    rows = [row for some in moves.values() for row in some]
    merged = {name: dict(_tables(base, name)) | dict(_tables(own, name)) for name in ("sets", "reasons")}
    return base | own | merged | {"move": rows}


def _names_of(data: Mapping[str, object]) -> list[str]:
    return [str(row["action"]) for row in _rows(data, "move")]


def read_schemes(folder: Path = FOLDER) -> dict[str, Scheme]:
    """Every scheme of a folder by its code, the file's name."""
    return {path.stem: read_scheme(path) for path in sorted(folder.glob("*.toml"))}


class _Reader:
    """Reads one file's tables; sets (`@open`) are named once at the head and used in the rows."""

    def __init__(self, code: str, data: Mapping[str, object]) -> None:
        self._code = code
        self._data = _only(data, "name source undo_s sets step move reasons", "the file")
        self._sets: Mapping[str, list[str]] = _only(data.get("sets", {}), None, "sets")  # type: ignore[assignment]

    def scheme(self) -> Scheme:
        data = self._data
        steps = tuple(self._step(row) for row in _rows(data, "step"))
        missing = set(Stage) - {step.stage for step in steps}
        if missing:
            raise ValueError(f"no step for {', '.join(sorted(missing))}")
        moves = tuple(self._move(row) for row in _rows(data, "move"))
        reasons = {Action(name): self._reasons(name, rows) for name, rows in _tables(data, "reasons")}
        undo_s = data.get("undo_s", 10.0)
        if not isinstance(undo_s, int | float):
            raise TypeError("undo_s must be seconds")
        return Scheme(self._code, str(data["name"]), str(data["source"]), steps, moves, reasons, float(undo_s))

    def _step(self, row: Mapping[str, object]) -> Step:
        _only(row, "name stage done", f"step {row.get('name')}")
        done = row.get("done")
        if done is not None and Action(str(done)) not in _STAMPS:
            raise ValueError(f"step {row['name']}: done may be {', '.join(_STAMPS)}")
        return Step(str(row["name"]), Stage(str(row["stage"])), None if done is None else Action(str(done)))

    def _move(self, row: Mapping[str, object]) -> Move:
        action = Action(str(row["action"]))
        _only(row, "action at to by in state needs after approval undo", f"move {action}")
        after = self._members(Action, row.get("after", []))
        if not after <= _STAMPS.keys():
            raise ValueError(f"move {action}: after may name {', '.join(_STAMPS)}")
        return Move(
            action,
            self._members(Stage, row["at"]),
            Stage(str(row["to"])) if "to" in row else None,
            self._members(Role, row["by"]),
            self._members(State, row.get("in", [State.ACTIVE])),
            State(str(row["state"])) if "state" in row else None,
            tuple(self._names(row.get("needs", []))),
            after,
            Role(str(row["approval"])) if "approval" in row else None,
            bool(row.get("undo", False)),
        )

    def _reasons(self, action: str, table: Mapping[str, object]) -> Reasons:
        _only(table, "free row", f"reasons.{action}")
        rows = tuple(
            Reason(**{name: str(value) for name, value in row.items()})  # an unknown name is a TypeError that says so
            for row in _rows(table, "row")
        )
        if not rows:
            raise ValueError(f"reasons.{action} has no rows")
        return Reasons(rows, bool(table.get("free", True)))

    def _members(self, kind: type[_Kind], said: object) -> frozenset[_Kind]:
        return frozenset(kind(name) for name in self._names(said))

    def _names(self, said: object) -> list[str]:
        """A list of names in which `@name` stands for a set."""
        listed = [said] if isinstance(said, str) else said
        if not isinstance(listed, list):
            raise TypeError(f"{said!r} is not a list of names")
        return [name for one in listed for name in (self._sets[one[1:]] if one.startswith("@") else [one])]


def _rows(data: Mapping[str, object], name: str) -> Iterable[Mapping[str, object]]:
    rows = data.get(name, [])
    if not isinstance(rows, list):
        raise TypeError(f"{name} must be written [[{name}]]")
    return rows


def _tables(data: Mapping[str, object], name: str) -> Iterable[tuple[str, Mapping[str, object]]]:
    tables = data.get(name, {})
    if not isinstance(tables, dict):
        raise TypeError(f"{name} must be a table")
    return tables.items()


def _only(table: object, allowed: str | None, where: str) -> Mapping[str, object]:
    """The table, unless it holds names that nobody reads."""
    if not isinstance(table, Mapping):
        raise TypeError(f"{where} must be a table")
    unknown = set(table) - set(allowed.split()) if allowed else set()
    if unknown:
        raise ValueError(f"{where}: unknown {', '.join(sorted(unknown))}")
    return table


SCHEMES: Mapping[str, Scheme] = read_schemes()
