"""Redis as transport: the stream of posted parcels, the acks back, the bells and the live positions.

Wiped at any moment, nothing acknowledged is lost: the database is the truth. A stream entry carries a whole parcel
(what came while the parcel before was on its way), so Redis costs per parcel and not per message.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import datetime

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from cases.fix_columns import FixColumns
from cases.model import Fix, WorkerId, WorkerStatus
from cases.ports import Change
from feeds.filing import Answered, Posted

REPORTS, DEAD, GROUP = "reports", "dead", "intake"
MOST_STREAMS = 64
POSITIONS, CHANGES, HEALTH, HEARD = "positions", "changes", "health", "heard"
VERSION = 1
PARCEL_MOST = 256
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


class PackedMoves(msgspec.Struct, array_like=True, frozen=True):
    """Who moved, one array a field (`cases.fix_columns`): doubles and floats as their bytes, little-endian."""

    workers: list[str]
    at: bytes
    lon: bytes
    lat: bytes
    accuracy: bytes
    status: bytes
    suspect: bytes


class PackedChange(msgspec.Struct, array_like=True, frozen=True):
    """A bell: what changed, not how."""

    kind: str
    number: str
    version: int


_encoder = msgspec.msgpack.Encoder()
_parcels = msgspec.msgpack.Decoder(Parcel)
_posted = msgspec.msgpack.Decoder(Posted)
_acks = msgspec.msgpack.Decoder(Acks)
_moves = msgspec.msgpack.Decoder(PackedMoves)
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


def unpack_parcel(data: bytes) -> Parcel | None:
    """The parcel, or None for bytes that are not ours to read."""
    try:
        parcel = _parcels.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return parcel if parcel.version == VERSION else None


def pack_acks(items: Sequence[Answered]) -> bytes:
    """One message of a gateway's channel."""
    return _encoder.encode(Acks(list(items)))


def unpack_acks(data: bytes) -> list[Answered]:
    """The answers in one message of a gateway's channel. Raises msgspec.MsgspecError."""
    return _acks.decode(data).items


def pack_posted(posted: Posted) -> bytes:
    """One message alone, as the stream of dead letters keeps it."""
    return _encoder.encode(posted)


def unpack_posted(data: bytes) -> Posted:
    """The inverse of `pack_posted`. Raises msgspec.MsgspecError."""
    return _posted.decode(data)


def pack_fix(fix: Fix) -> bytes:
    """A fix as the hash `positions` keeps it, under the worker's id."""
    return _encoder.encode(_packed(fix))


def unpack_fix(data: bytes) -> Fix:
    """The inverse of `pack_fix`. Raises msgspec.MsgspecError."""
    return _unpacked(_fix.decode(data))


def pack_fixes(fixes: Sequence[Fix]) -> bytes:
    """One frame of the channel `positions`."""
    c = FixColumns.of(fixes)
    places = (c.at.tobytes(), c.lon.tobytes(), c.lat.tobytes(), c.accuracy.tobytes())
    return _encoder.encode(PackedMoves(list(c.workers), *places, c.status, c.suspect))


def unpack_fixes(data: bytes) -> FixColumns:
    """The inverse of `pack_fixes`. Raises msgspec.MsgspecError."""
    packed = _moves.decode(data)
    try:
        places = (_doubles(packed.at), _doubles(packed.lon), _doubles(packed.lat), array("f", packed.accuracy))
        return FixColumns(packed.workers, *places, packed.status, packed.suspect)
    except ValueError as problem:
        raise msgspec.ValidationError(str(problem)) from None


def _doubles(data: bytes) -> array[float]:
    return array("d", data)


def pack_changes(changes: Sequence[Change]) -> bytes:
    """One frame of the channel `changes`."""
    return _encoder.encode([PackedChange(c.kind, c.number, c.version) for c in changes])


def unpack_changes(data: bytes) -> list[Change]:
    """The inverse of `pack_changes`. Raises msgspec.MsgspecError."""
    return [Change(c.kind, c.number, c.version) for c in _changes.decode(data)]


def report_streams(count: int) -> tuple[str, ...]:
    """The names of the streams that reports wait in: one alone, or numbered ones, shared out by `feeds.shards`."""
    return (REPORTS,) if count == 1 else tuple(f"{REPORTS}:{number}" for number in range(count))


EVERY_STREAM = (REPORTS, *report_streams(MOST_STREAMS))  # whatever the setting was, is or will be


async def post(writes: Redis, parcel: bytes, stream: str = REPORTS) -> None:
    """Put one parcel into a stream."""
    await writes.xadd(stream, {"p": parcel})


async def post_all(writes: Redis, parcels: Sequence[tuple[str, bytes]]) -> None:
    """Put each parcel into its stream, in one round trip; when it raises, some may be there."""
    if len(parcels) == 1:
        await post(writes, parcels[0][1], parcels[0][0])
        return
    pipe = writes.pipeline(transaction=False)
    for stream, parcel in parcels:
        pipe.xadd(stream, {"p": parcel})
    await pipe.execute()


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
