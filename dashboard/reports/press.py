"""What takes seconds to make is made behind the page: one at a time, asked for once, and it says how far it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from cases.documents import Progress

MOST = 12  # files asked for and not yet fetched


class PressFull(Exception):
    """Too many files wait to be made or fetched."""


@dataclass
class Job:
    """A file in the making."""

    name: str
    done: int = 0
    all: int = 0
    made: Future[tuple[str, bytes]] = field(default_factory=Future)

    @property
    def words(self) -> str:
        """How far it is."""
        return f"正在取数：{self.done}/{self.all}" if self.done < self.all or not self.all else "取数完成，正在排版"


Make = Callable[[Progress], tuple[str, bytes]]


class Press:
    """Jobs by whose and what; a finished one is handed over once."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[tuple[str, ...], Job] = OrderedDict()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="press")

    def ask(self, key: tuple[str, ...], name: str, make: Make) -> Job:
        """The job of this key, begun now if there is none; PressFull when too many wait."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                self._make_room()
                job = self._jobs[key] = Job(name)
                self._worker.submit(self._run, job, make)
            elif job.made.done():
                del self._jobs[key]
            return job

    def _make_room(self) -> None:
        if len(self._jobs) < MOST:
            return
        old = next((key for key, job in self._jobs.items() if job.made.done()), None)
        if old is None:
            raise PressFull
        del self._jobs[old]  # made, never fetched

    def _run(self, job: Job, make: Make) -> None:
        def tell(done: int, of_all: int) -> None:
            job.done, job.all = done, of_all

        try:
            job.made.set_result(make(tell))
        except Exception as problem:  # raised again where the file is fetched
            job.made.set_exception(problem)
