"""Redis as transport: the stream of posted parcels, the acks back, the bells and the live positions.

Wiped at any moment, nothing acknowledged is lost: the database is the truth. A stream entry carries a whole parcel
(what came while the parcel before was on its way), so Redis costs per parcel and not per message.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from cases.model import Fix, WorkerId, WorkerStatus
from cases.ports import Change
from feeds.filing import Answered, Posted

log = logging.getLogger("feeds.streams")

REPORTS, DEAD, GROUP = "reports", "dead", "intake"
POSITIONS, CHANGES, HEALTH = "positions", "changes", "health"
VERSION = 1
PARCEL_MOST = 256
TRIES_MOST = 5
DEAD_MOST = 10_000
BLOCK_MS = 500

RedisGone = (RedisError, OSError)  # refused, hung, wiped, full, loading: whatever Redis says, the work goes on


class Parcel(msgspec.Struct, array_like=True, frozen=True):
    """What one gateway posts at once."""

    version: int
    gateway: str
    items: list[Posted]


class Acks(msgspec.Struct, array_like=True, frozen=True):
    """What intake answers one gateway at once."""

    items: list[Answered]


class PackedFix(msgspec.Struct, array_like=True, frozen=True):
    """A fix as the live picture carries it."""

    worker: str
    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    status: WorkerStatus
    suspect: bool


class PackedChange(msgspec.Struct, array_like=True, frozen=True):
    """A bell: what changed, not how."""

    kind: str
    number: str
    version: int


_encoder = msgspec.msgpack.Encoder()
_parcels = msgspec.msgpack.Decoder(Parcel)
_acks = msgspec.msgpack.Decoder(Acks)
_fixes = msgspec.msgpack.Decoder(list[PackedFix])
_fix = msgspec.msgpack.Decoder(PackedFix)
_changes = msgspec.msgpack.Decoder(list[PackedChange])


def writer(url: str, timeout_s: float = 1.0) -> Redis:
    """A client for writes: never repeats a command on its own (a lost reply would post twice)."""
    return Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0))


def reader(url: str) -> Redis:
    """A client for blocking reads: its patience is longer than any block it asks for."""
    patience_s = BLOCK_MS / 1000 + 2
    return Redis.from_url(url, socket_timeout=patience_s, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0))


def acks_channel(gateway: str) -> str:
    """The Pub/Sub channel on which a gateway hears its acks."""
    return f"acks:{gateway}"


def pack_parcel(gateway: str, items: Sequence[Posted]) -> bytes:
    """A parcel's bytes."""
    return _encoder.encode(Parcel(VERSION, gateway, list(items)))


def unpack_acks(data: bytes) -> list[Answered]:
    """The answers in one message of a gateway's channel. Raises msgspec.MsgspecError."""
    return _acks.decode(data).items


def pack_fix(fix: Fix) -> bytes:
    """A fix as the hash `positions` keeps it, under the worker's id."""
    return _encoder.encode(_packed(fix))


def unpack_fix(data: bytes) -> Fix:
    """The inverse of `pack_fix`. Raises msgspec.MsgspecError."""
    return _unpacked(_fix.decode(data))


def pack_fixes(fixes: Sequence[Fix]) -> bytes:
    """One frame of the channel `positions`."""
    return _encoder.encode([_packed(fix) for fix in fixes])


def unpack_fixes(data: bytes) -> list[Fix]:
    """The inverse of `pack_fixes`. Raises msgspec.MsgspecError."""
    return [_unpacked(fix) for fix in _fixes.decode(data)]


def pack_changes(changes: Sequence[Change]) -> bytes:
    """One frame of the channel `changes`."""
    return _encoder.encode([PackedChange(c.kind, c.number, c.version) for c in changes])


def unpack_changes(data: bytes) -> list[Change]:
    """The inverse of `pack_changes`. Raises msgspec.MsgspecError."""
    return [Change(c.kind, c.number, c.version) for c in _changes.decode(data)]


class Entry(msgspec.Struct, frozen=True):
    """One stream entry as intake meets it; no parcel when it cannot be read."""

    id: bytes
    parcel: Parcel | None
    fields: dict[bytes, bytes]


class ReportStream:
    """Intake's end of the stream: one group, one fixed consumer name a shard, entries deleted once committed."""

    def __init__(self, reads: Redis, writes: Redis, consumer: str = "intake-0") -> None:
        self._reads, self._writes, self._consumer = reads, writes, consumer

    async def read(self) -> list[Entry]:
        """What nobody has read yet, waiting up to half a second for it."""
        return await self._read(">", 500)

    async def pending(self) -> list[Entry]:
        """What this consumer read once and never finished; after a crash, its own past."""
        return await self._read("0", 500)

    async def tries(self) -> dict[bytes, int]:
        """How often each unfinished entry has been delivered."""
        rows = await self._grouped(lambda: self._writes.xpending_range(REPORTS, GROUP, "-", "+", 500, self._consumer))
        return {row["message_id"]: int(row["times_delivered"]) for row in rows}

    async def finish(self, ids: Sequence[bytes], answers: Sequence[tuple[str, Sequence[Answered]]]) -> None:
        """Answer the gateways, and forget the entries: their content is in SQL now."""
        pipe = self._writes.pipeline(transaction=False)
        for gateway, items in answers:
            pipe.publish(acks_channel(gateway), _encoder.encode(Acks(list(items))))
        if ids:
            pipe.xack(REPORTS, GROUP, *ids)
            pipe.xdel(REPORTS, *ids)
        await pipe.execute(raise_on_error=False)

    async def bury(self, poison: Sequence[Posted], why: str) -> None:
        """Put what no desk can take where a person will see it."""
        for posted in poison:
            fields: dict[Any, Any] = {"posted": _encoder.encode(posted), "why": why}
            await self._writes.xadd(DEAD, fields, maxlen=DEAD_MOST, approximate=True)
        if poison:
            log.error("%d message(s) put into the stream %r: %s", len(poison), DEAD, why)

    async def bury_unreadable(self, entries: Sequence[Entry]) -> None:
        """No later try will read these: bury what is left of them; their senders got no answer and send again."""
        for entry in entries:
            if entry.fields:
                fields: dict[Any, Any] = {**entry.fields, b"why": "无法读取"}
                await self._writes.xadd(DEAD, fields, maxlen=DEAD_MOST, approximate=True)
        log.error("%d stream entries cannot be read", len(entries))
        await self.finish([entry.id for entry in entries], ())

    async def _read(self, since: str, count: int) -> list[Entry]:
        block = BLOCK_MS if since == ">" else None
        found = await self._grouped(
            lambda: self._reads.xreadgroup(GROUP, self._consumer, {REPORTS: since}, count=count, block=block)
        )
        return [Entry(id_, _parcel_of(fields), fields or {}) for _, entries in found or () for id_, fields in entries]

    async def _grouped(self, ask: Any) -> Any:
        """Ask, making stream and group anew when a wiped Redis has neither."""
        try:
            return await ask()
        except ResponseError as problem:
            if "NOGROUP" not in str(problem):
                raise
        await self.prepare()
        return await ask()

    async def prepare(self) -> None:
        """Make the group, from the stream's beginning: what was posted before is not skipped."""
        try:
            await self._writes.xgroup_create(REPORTS, GROUP, id="0", mkstream=True)
        except ResponseError as problem:
            if "BUSYGROUP" not in str(problem):
                raise


async def post(writes: Redis, parcel: bytes) -> None:
    """Put one parcel into the stream."""
    await writes.xadd(REPORTS, {"p": parcel})


def _parcel_of(fields: dict[bytes, bytes] | None) -> Parcel | None:
    """The parcel, or None for an entry that was trimmed away or is not ours to read."""
    try:
        parcel = _parcels.decode((fields or {}).get(b"p", b""))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return parcel if parcel.version == VERSION else None


def _packed(fix: Fix) -> PackedFix:
    return PackedFix(fix.worker, fix.at, fix.lon, fix.lat, fix.accuracy_m, fix.status, fix.suspect)


def _unpacked(packed: PackedFix) -> Fix:
    return Fix(
        WorkerId(packed.worker),
        packed.at,
        packed.lon,
        packed.lat,
        packed.accuracy_m,
        packed.status,
        packed.suspect,
    )
