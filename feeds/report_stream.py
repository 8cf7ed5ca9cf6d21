"""Intake's end of the stream of reports: read once, answered, deleted; what no desk can take is buried beside it.

Blocking, for a thread of its own: through asyncio one round trip of redis-py costs several times as much, and intake
has nothing else to do meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

from feeds.filing import Answered, Posted
from feeds.streams import DEAD, GROUP, REPORTS, Parcel, acks_channel, pack_acks, pack_posted, unpack_parcel

log = logging.getLogger("feeds.report_stream")

TRIES_MOST = 5
DEAD_MOST = 10_000
READ_MOST = 500
BLOCK_MS = 200  # also how long intake may take to notice that it is to stop


class Entry(msgspec.Struct, frozen=True):
    """One stream entry as intake meets it; no parcel when it cannot be read."""

    id: bytes
    parcel: Parcel | None
    fields: dict[bytes, bytes]


def client(url: str) -> Redis:
    """A blocking client, more patient than any block it asks for, that never repeats a command on its own."""
    return Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0))


class ReportStream:
    """One group, one fixed consumer name a shard, entries deleted once committed. Raises what `RedisGone` names."""

    def __init__(self, redis: Redis, consumer: str = "intake-0") -> None:
        self._redis, self._consumer = redis, consumer

    def read(self) -> list[Entry]:
        """What nobody has read yet, waiting a fifth of a second for it."""
        return self._read(">", BLOCK_MS)

    def pending(self) -> list[Entry]:
        """What this consumer read once and never finished; after a crash, its own past."""
        return self._read("0", None)

    def tries(self) -> dict[bytes, int]:
        """How often each unfinished entry has been delivered."""
        rows = self._grouped(lambda: self._redis.xpending_range(REPORTS, GROUP, "-", "+", READ_MOST, self._consumer))
        return {row["message_id"]: int(row["times_delivered"]) for row in rows}

    def finish(self, ids: Sequence[bytes], answers: Sequence[tuple[str, Sequence[Answered]]]) -> None:
        """Answer the gateways, and forget the entries: their content is in SQL now."""
        pipe = self._redis.pipeline(transaction=False)
        for gateway, items in answers:
            pipe.publish(acks_channel(gateway), pack_acks(items))
        if ids:
            pipe.xack(REPORTS, GROUP, *ids)
            pipe.xdel(REPORTS, *ids)
        pipe.execute(raise_on_error=False)

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
        self.finish([entry.id for entry in entries], ())

    def _bury(self, kept: Mapping[bytes, bytes], why: str) -> None:
        fields: dict[Any, Any] = {**kept, b"why": why}
        self._redis.xadd(DEAD, fields, maxlen=DEAD_MOST, approximate=True)

    def _read(self, since: str, block: int | None) -> list[Entry]:
        found: Any = self._grouped(
            lambda: self._redis.xreadgroup(GROUP, self._consumer, {REPORTS: since}, count=READ_MOST, block=block)
        )
        return [_entry(id_, fields or {}) for _, entries in found or () for id_, fields in entries]

    def _grouped(self, ask: Callable[[], Any]) -> Any:
        """Ask, making stream and group anew when a wiped Redis has neither."""
        try:
            return ask()
        except ResponseError as problem:
            if "NOGROUP" not in str(problem):
                raise
        self.prepare()
        return ask()

    def prepare(self) -> None:
        """Make the group, from the stream's beginning: what was posted before is not skipped."""
        try:
            self._redis.xgroup_create(REPORTS, GROUP, id="0", mkstream=True)
        except ResponseError as problem:
            if "BUSYGROUP" not in str(problem):
                raise


def _entry(id_: bytes, fields: dict[bytes, bytes]) -> Entry:
    """An entry that was trimmed away has no fields, hence no parcel."""
    return Entry(id_, unpack_parcel(fields.get(b"p", b"")), fields)
