"""A disk that loses its power: all writes are logged; what was not synced may be gone, torn or out of order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512  # what a disk writes whole or not at all


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes that went to a place of a file."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file made this long."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """All that had been written to a file is on the disk."""

    file: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What somebody outside was told is safe."""

    ids: tuple[str, ...]


Step = Written | Cut | Synced | Acknowledged


class _File(apsw.VFSFile):  # type: ignore[misc]
    """A file of the machine's own that tells the log what is done to it."""

    def __init__(self, base: str, name: Any, flags: list[int], log: list[Step]) -> None:
        super().__init__(base, name, flags)
        path = name if isinstance(name, str) else name.filename() if name else ""
        self._name, self._log = Path(path).name, log

    def xWrite(self, data: bytes, offset: int) -> None:
        self._log.append(Written(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self._log.append(Cut(self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._log.append(Synced(self._name))


class LoggedDisk(apsw.VFS):  # type: ignore[misc]
    """SQLite's way to the disk, with a log."""

    def __init__(self, name: str) -> None:
        self.log: list[Step] = []
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:
        return _File("", name, flags, self.log)


@contextmanager
def connected(path: Path, disk: str, pragmas: Iterable[str]) -> Iterator[apsw.Connection]:
    """The database over a logged disk. One connection has it alone: the log's memory of WAL is its own."""
    connection = apsw.Connection(str(path), vfs=disk)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    try:
        yield connection
    finally:
        connection.close()


def after_power_loss(before: bytes, name: str, log: Sequence[Step], dice: random.Random | None) -> dict[str, bytes]:
    """The files as the next start finds them; `before` is what `name` held at first.

    Without `dice` nothing that was not synced is there; with them some of it is, in any order, torn between sectors.
    """
    files: dict[str, bytearray] = {name: bytearray(before)}
    unsynced: dict[str, list[Written | Cut]] = {}
    for step in log:
        if isinstance(step, Written | Cut):
            unsynced.setdefault(step.file, []).append(step)
        elif isinstance(step, Synced):
            for each in unsynced.pop(step.file, []):
                _apply(files.setdefault(step.file, bytearray()), each)
    for file, steps in unsynced.items() if dice else ():
        for each in _what_came_through(steps, dice):
            _apply(files.setdefault(file, bytearray()), each)
    return {file: bytes(content) for file, content in files.items()}


def _what_came_through(steps: Sequence[Written | Cut], dice: random.Random | None) -> Iterator[Written | Cut]:
    assert dice is not None
    for step in dice.sample(steps, len(steps)):
        if dice.random() < 0.5:
            continue
        if isinstance(step, Written) and dice.random() < 0.3:
            yield Written(step.file, step.offset, step.data[: SECTOR * dice.randrange(1 + len(step.data) // SECTOR)])
        else:
            yield step


def _apply(content: bytearray, step: Written | Cut) -> None:
    if isinstance(step, Cut):
        del content[step.size :]
        content.extend(bytes(max(0, step.size - len(content))))
        return
    content.extend(bytes(max(0, step.offset - len(content))))
    content[step.offset : step.offset + len(step.data)] = step.data
