"""Intake's end of the streams of reports: read once, answered, deleted; what no desk can take is buried beside it.

Blocking, for a thread of its own: through asyncio one round trip of redis-py costs several times as much, and intake
has nothing else to do meanwhile.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.connection import ConnectionInterface
from redis.exceptions import ResponseError
from redis.retry import Retry

from cases.ports import Change
from feeds.filing import Answered, Posted
from feeds.streams import (
    CHANGES,
    DEAD,
    EVERY_STREAM,
    GROUP,
    REPORTS,
    Parcel,
    acks_channel,
    pack_acks,
    pack_changes,
    pack_posted,
    unpack_parcel,
)

log = logging.getLogger("feeds.report_stream")

TRIES_MOST = 5
DEAD_MOST = 10_000
READ_MOST = 500
ADOPT_AFTER_MS = 10_000  # another's entries untouched for so long are nobody's: a living intake looks each second
BLOCK_MS = 200  # also how long intake may take to notice that it is to stop


Command = Sequence[str | int | bytes]


class Entry(msgspec.Struct, frozen=True):
    """One stream entry as intake meets it; no parcel when it cannot be read."""

    id: bytes
    parcel: Parcel | None
    fields: dict[bytes, bytes]
    stream: str = REPORTS

    @property
    def key(self) -> tuple[str, bytes]:
        """What it is called among the entries of all streams."""
        return self.stream, self.id


def connection(url: str) -> ConnectionInterface:
    """A connection of our own, more patient than any block it asks for, opened by the first command.

    A client would borrow one from its pool for each command, and ask it whether it still lives: as dear as the command.
    """
    pool = ConnectionPool.from_url(
        url, protocol=2, socket_timeout=2.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
    )
    return pool.make_connection()


class ReportStream:
    """One group, one fixed consumer name, the streams it minds; entries deleted once committed.

    `mine` are read always. What waits elsewhere has somebody of its own, and is ours as well when nobody comes for it:
    a stream of `present`, the setting's, once its oldest entry has waited ten seconds; one of another number of streams
    than the setting's, left by it or still written to by a gateway that knows only that, at once. Nothing is moved from
    stream to stream: every entry is finished where it lies. Raises what `RedisGone` names.
    """

    def __init__(
        self,
        redis: ConnectionInterface,
        consumer: str = "intake-0",
        mine: Sequence[str] = (REPORTS,),
        present: Sequence[str] = (),
    ) -> None:
        self._redis, self._consumer = redis, consumer
        self._mine, self._present = tuple(mine), frozenset(present or mine)
        self._elsewhere = tuple(name for name in EVERY_STREAM if name not in mine)
        self.minded = self._mine

    def read(self) -> list[Entry]:
        """What nobody has read yet, waiting a fifth of a second for it."""
        return self._read(">", "BLOCK", BLOCK_MS)

    def pending(self) -> list[Entry]:
        """What this consumer read once and never finished; after a crash, its own past."""
        return self._read("0")

    def look_around(self) -> list[str]:
        """Mind also the streams in which something waits that nobody comes for; their names."""
        left = self._left() if int(self._one("EXISTS", *self._elsewhere)) else []
        self.minded = (*self._mine, *left)
        return left

    def _left(self) -> list[str]:
        heads = self._ask(("TIME",), *(("XRANGE", name, "-", "+", "COUNT", 1) for name in self._elsewhere))
        since = int(heads[0][0]) * 1000 - ADOPT_AFTER_MS
        found = zip(self._elsewhere, heads[1:], strict=True)
        waiting = [(name, _order(head[0][0])[0]) for name, head in found if isinstance(head, list) and head]
        return [name for name, began in waiting if name not in self._present or began < since]

    def adopt(self, after_ms: int = ADOPT_AFTER_MS) -> int:
        """Take over what another consumer read and has not touched for so long; how many. `pending` then gives them.

        Should it live after all, the messages are filed twice and answered from one receipt.
        """
        return sum(self._adopt(stream, after_ms) for stream in self.minded)

    def _adopt(self, stream: str, after_ms: int) -> int:
        claim = ("XAUTOCLAIM", stream, GROUP, self._consumer, after_ms, "0-0", "COUNT", READ_MOST, "JUSTID")
        return len(self._grouped(*claim)[1])

    def trim(self) -> int:
        """Drop what every group has acknowledged and a crash kept from being deleted; how many entries that were.

        What nobody has read, or somebody has read and not finished, lies at or above the bound and is never dropped.
        """
        return sum(self._trim(stream) for stream in self.minded)

    def _trim(self, stream: str) -> int:
        groups = [dict(zip(row[::2], row[1::2], strict=True)) for row in self._grouped("XINFO", "GROUPS", stream)]
        read = [row[b"last-delivered-id"] for row in groups]  # asked first: what is read from now on lies above it
        waiting = [self._one("XPENDING", stream, row[b"name"])[1] for row in groups]
        bound = min([*read, *(id_ for id_ in waiting if id_)], key=_order, default=None)
        return 0 if bound is None else int(self._one("XTRIM", stream, "MINID", bound))

    def tries(self) -> dict[tuple[str, bytes], int]:
        """How often each unfinished entry has been delivered, by its key."""
        found: dict[tuple[str, bytes], int] = {}
        for stream in self.minded:
            rows = self._grouped("XPENDING", stream, GROUP, "-", "+", READ_MOST, self._consumer)
            found |= {(stream, id_): int(tries) for id_, _, _, tries in rows}
        return found

    def finish(
        self,
        entries: Sequence[Entry],
        answers: Sequence[tuple[str, Sequence[Answered]]],
        changes: Sequence[Change] = (),
    ) -> None:
        """Answer the gateways, ring the bells, and forget the entries: their content is in SQL now."""
        commands: list[Command] = [("PUBLISH", acks_channel(gateway), pack_acks(items)) for gateway, items in answers]
        if changes:
            commands += [("PUBLISH", CHANGES, pack_changes(changes))]
        for stream, ids in _by_stream(entries).items():
            commands += [("XACK", stream, GROUP, *ids), ("XDEL", stream, *ids)]
        self._ask(*commands)

    def bury(self, poison: Sequence[Posted], why: str) -> None:
        """Put what no desk can take where a person will see it."""
        for posted in poison:
            self._bury({b"posted": pack_posted(posted)}, why)
        if poison:
            log.error("%d message(s) put into the stream %r: %s", len(poison), DEAD, why)

    def bury_unreadable(self, entries: Sequence[Entry]) -> None:
        """No later try will read these: bury what is left of them; their senders got no answer and send again."""
        for entry in entries:
            if entry.fields:
                self._bury(entry.fields, "无法读取")
        log.error("%d stream entries cannot be read", len(entries))
        self.finish(entries, ())

    def _bury(self, kept: Mapping[bytes, bytes], why: str) -> None:
        fields = [part for pair in kept.items() for part in pair]
        self._one("XADD", DEAD, "MAXLEN", "~", DEAD_MOST, "*", *fields, "why", why)

    def _read(self, since: str, *block: str | int) -> list[Entry]:
        group = ("XREADGROUP", "GROUP", GROUP, self._consumer, "COUNT", READ_MOST, *block)
        found = self._grouped(*group, "STREAMS", *self.minded, *(since for _ in self.minded))
        return [_entry(name.decode(), id_, fields or ()) for name, entries in found or () for id_, fields in entries]

    def prepare(self) -> None:
        """Make the groups, from each stream's beginning: what was posted before is not skipped."""
        for answer in self._ask(*(("XGROUP", "CREATE", each, GROUP, "0", "MKSTREAM") for each in self.minded)):
            if isinstance(answer, ResponseError) and "BUSYGROUP" not in str(answer):
                raise answer

    def _grouped(self, *command: str | int) -> Any:
        """Ask, making streams and groups anew when a wiped Redis has neither."""
        try:
            return self._one(*command)
        except ResponseError as problem:
            if "NOGROUP" not in str(problem):
                raise
        self.prepare()
        return self._one(*command)

    def _one(self, *command: str | int | bytes) -> Any:
        """One command's answer; raises the error that Redis answers with."""
        (answer,) = self._ask(command)
        if isinstance(answer, ResponseError):
            raise answer
        return answer

    def _ask(self, *commands: Command) -> list[Any]:
        """All commands in one write, all answers; a refusal stands among them. A broken connection raises."""
        self._redis.send_packed_command(self._redis.pack_commands(commands))  # type: ignore[no-untyped-call]
        return [self._answer() for _ in commands]

    def _answer(self) -> Any:
        try:
            return self._redis.read_response()
        except ResponseError as refusal:
            return refusal


def _order(id_: bytes) -> tuple[int, int]:
    """A stream id as a number and its sequence, as Redis orders them."""
    at, _, number = id_.partition(b"-")
    return int(at), int(number or 0)


def _entry(stream: str, id_: bytes, fields: Sequence[bytes]) -> Entry:
    """An entry that was trimmed away has no fields, hence no parcel."""
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    return Entry(id_, unpack_parcel(named.get(b"p", b"")), named, stream)


def _by_stream(entries: Sequence[Entry]) -> dict[str, list[bytes]]:
    """The ids of each stream's entries."""
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    for entry in entries:
        found[entry.stream].append(entry.id)
    return dict(found)
