"""A folder in which other systems leave CAP documents: each is filed once and moved away with its answer.

What was filed goes to done/, what was not to refused/ with a .txt of the same name that says why. A document counts as
whole when it has not been touched for a second; names that begin with a dot or end in .tmp or .part wait for their own
renaming. What was committed and not moved (a crash between the two) is a repeat next time and changes nothing.
"""

from __future__ import annotations

import logging
import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cases.cap.xml_tree import MOST_BYTES
from cases.errors import StoreUnavailable
from cases.model import Answer, Device
from feeds.cap.clerk import CapClerk, Said
from feeds.cap.entry import NotFiled

log = logging.getLogger("feeds.cap.inbox")

DEVICE = Device("cap-inbox", "superior", "*")
EVERY = timedelta(seconds=2)
SETTLED_S = 1.0
UNFINISHED = (".tmp", ".part", ".filepart", ".txt")


@dataclass(slots=True)
class CapInbox:
    """A chore of intake's leader; one document a call, so that reports never wait for a full folder. Blocking."""

    folder: Path
    clerk: CapClerk
    _due: datetime | None = None
    _told: set[str] = field(default_factory=set)  # what could not be moved, said once in the log

    def __call__(self, at: datetime) -> bool:
        """File the oldest document when it is time; whether another one waits."""
        if self._due is not None and at < self._due:
            return False
        waiting = self._waiting(at)
        self._due = at + EVERY if len(waiting) < 2 else None
        if waiting:
            self._file(waiting[0])
        return len(waiting) > 1

    def _waiting(self, at: datetime) -> list[Path]:
        """Whole documents, oldest first; symbolic links and folders are none."""
        found = []
        try:
            for each in self.folder.iterdir():
                known = each.lstat()
                is_whole = abs(at.timestamp() - known.st_mtime) >= SETTLED_S  # a share's clock may be ahead of ours
                if stat.S_ISREG(known.st_mode) and is_whole and self._is_document(each.name):
                    found.append((known.st_mtime, each))
        except FileNotFoundError:
            return []
        except OSError as problem:
            log.warning("the folder of warnings cannot be read: %s", problem.strerror)
            return []
        return [each for _, each in sorted(found)]

    def _is_document(self, name: str) -> bool:
        return not name.startswith(".") and not name.endswith(UNFINISHED) and name not in self._told

    def _file(self, document: Path) -> None:
        try:
            with document.open("rb") as file:
                body = file.read(MOST_BYTES + 1)
            said = self.clerk.file(body, DEVICE)
        except StoreUnavailable as problem:
            log.warning("warnings wait for the store: %s", problem)
            return
        except OSError as problem:
            log.warning("a document cannot be read: %s", problem.strerror)
            self._told.add(document.name)
            return
        try:
            self._move(document, said)
        except OSError as problem:
            log.warning("a filed document cannot be moved, it is not read again: %s", problem.strerror)
            self._told.add(document.name)

    def _move(self, document: Path, said: Said) -> None:
        why = reason(said)
        shelf = self.folder / ("refused" if why else "done")
        shelf.mkdir(mode=0o700, exist_ok=True)
        place = _free(shelf / document.name)
        if why:
            place.with_name(f"{place.name}.txt").write_text(f"{why}\n", "utf-8")
        document.rename(place)


def reason(said: Said) -> str:
    """Why a document was not filed, for whoever left it there; empty when it was."""
    if isinstance(said, NotFiled):
        return said.why
    if isinstance(said, Answer) and said.ok:
        return ""
    about = f"（{said.field}）" if said.field else ""
    return f"{said.msg}{about} {said.code}"


def _free(place: Path) -> Path:
    """The place itself, or one beside it where the name is taken."""
    number = 1
    while place.exists():
        number += 1
        place = place.with_name(f"{place.name.removesuffix(f'.{number - 1}')}.{number}")
    return place
