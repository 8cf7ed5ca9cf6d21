"""One device's conversation with the gateway, without a socket: frames in, things to do out."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache

import msgspec

from cases.model import Device, Fix, Task, WorkerId, WorkerStatus
from cases.ports import Directory
from feeds import checks
from feeds.frames import (
    FRAME_BYTES,
    Alert,
    Beat,
    Filed,
    Hello,
    Message,
    Position,
    Positions,
    Report,
    Spot,
    Status,
    TaskAck,
)
from feeds.limits import Rates, Strikes, TokenBucket
from feeds.messages import canonical, decode
from feeds.refusals import Refusal, refuse
from geo.crs import to_wgs84

log = logging.getLogger("feeds.session")

HELLO_WITHIN_S = 5.0
AHEAD_MOST = timedelta(minutes=5)
_ONE_COMPLAINT_S = 1.0  # a flood of positions is told so once a second, not once a fix


@dataclass(frozen=True, slots=True)
class Reply:
    """Send this text frame; `code` is set when it refuses something."""

    data: bytes
    code: str = ""


@dataclass(frozen=True, slots=True)
class Verify:
    """Look the credentials up (blocking work), then call `verified`; read nothing meanwhile."""

    device: str
    key: str


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The device is in: an older link of it is to be closed (4409), its open tasks are to be sent."""

    device: Device


@dataclass(frozen=True, slots=True)
class File:
    """Commit this message and acknowledge it; `status` is set when a worker speaks about himself."""

    id: str
    kind: str
    body: bytes
    received_at: datetime
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Workers' fixes, WGS-84, in the order they came."""

    fixes: Sequence[Fix]


@dataclass(frozen=True, slots=True)
class TaskSeen:
    """The worker's device has the task."""

    task: str
    worker: WorkerId


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the link with this code and these words."""

    code: int
    reason: str


Effect = Reply | Verify | Welcomed | File | Moved | TaskSeen | HangUp

HELLO_EXPECTED = HangUp(4400, "请在 5 秒内先发送 hello")
BAD_CREDENTIALS = HangUp(4401, "设备或密钥不正确")
DISABLED = HangUp(4403, "设备已停用")
REBOUND = HangUp(1013, "设备的绑定已变更，请重新连接")
TOO_SLOW = HangUp(4408, "接收过慢")
REPLACED = HangUp(4409, "同一设备已在别处连接")
TOO_MANY_BAD = HangUp(4429, "一分钟内错误消息过多")
TRY_LATER = HangUp(1013, "暂时无法登录，请稍后再试")


class Phase(Enum):
    """Where the conversation is."""

    WAITING = "waiting"
    CHECKING = "checking"
    OPEN = "open"


WAITING, CHECKING, OPEN = Phase


def device_with_key(directory: Directory, device: str, key: str) -> Device | None:
    """The device whose key this is, or None; the same work whatever is wrong. Blocking."""
    found, known = directory.device_and_key(device) or (None, "0" * 64)
    right = hmac.compare_digest(hash_of(key), known)
    return found if right else None


def hash_of(key: str) -> str:
    """The SHA-256 (hex) by which a key is known."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


class Session:
    """One conversation. `now` is the wall clock (aware UTC), `tick` a steady clock in seconds."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._phase = WAITING
        self._strikes = Strikes()
        self._complained = -_ONE_COMPLAINT_S
        self.device: Device | None = None

    # -- the way in ---------------------------------------------------------------------------

    def receive(self, raw: str | bytes, now: datetime, tick: float) -> list[Effect]:
        """Turn one frame into what the gateway should do about it."""
        if isinstance(raw, bytes):
            return self._refused(refuse("UNSUPPORTED_BINARY", "只接受文本帧（UTF-8 JSON）"), tick)
        message = decode(raw)
        if self._phase is not OPEN or self.device is None:
            return self._greet(message)
        if isinstance(message, Refusal):
            return self._refused(message, tick)
        return self._take(message, self.device, now, tick)

    def _greet(self, message: Message | Refusal) -> list[Effect]:
        if isinstance(message, Refusal):
            return [Reply(message.frame(), message.code), HELLO_EXPECTED]
        if self._phase is not WAITING or not isinstance(message, Hello):
            return [HELLO_EXPECTED]
        self._phase = CHECKING
        return [Verify(message.device, message.key)]

    def verified(self, device: Device | None, now: datetime, tick: float) -> list[Effect]:
        """What the look-up found; None for whatever was wrong with the credentials."""
        if device is None:
            return [BAD_CREDENTIALS]
        if device.disabled:
            return [DISABLED]
        reports, positions = self._rates.of(device.worker)
        self._reports, self._positions = TokenBucket(reports, tick), TokenBucket(positions, tick)
        self.device, self._phase = device, OPEN
        return [Reply(_welcome(device, reports, positions, now)), Welcomed(device)]

    # -- messages -----------------------------------------------------------------------------

    def _take(self, message: Message, device: Device, now: datetime, tick: float) -> list[Effect]:
        match message:
            case Position():
                return self._move([message], device, now, tick)
            case Report() | Alert() | Status():
                return self._file(message, device, now, tick)
            case Positions():
                return self._move(message.items, device, now, tick)
            case Beat():
                return [Reply(msgspec.json.encode({"type": "beat", "server_at": stamp(now)}))]
            case TaskAck():
                return [TaskSeen(message.id, WorkerId(device.worker))]
            case Hello():
                return self._refused(refuse("FORBIDDEN", "本连接已登录，请勿再次发送 hello", "type"), tick)

    def _file(self, message: Filed, device: Device, now: datetime, tick: float) -> list[Effect]:
        kind = str(message.__struct_config__.tag)
        wait = self._reports.take(1, tick)
        if wait:
            return [Reply(_rate_limited(wait).of(kind, message.id).frame(), "RATE_LIMITED")]
        worker = None if isinstance(message, Alert) else message.worker
        if worker is not None and not speaks_for(device, worker):
            return self._refused(_not_yours(device).of(kind, message.id), tick)
        status = message if isinstance(message, Status) else None
        return [File(message.id, kind, canonical(message), now, status)]

    def _move(self, spots: Sequence[Spot], device: Device, now: datetime, tick: float) -> list[Effect]:
        wait = self._positions.take(len(spots), tick)
        if wait:
            return self._complain(_rate_limited(wait), tick)
        single = len(spots) == 1 and isinstance(spots[0], Position)
        fixes: list[Fix] = []
        problems: list[Refusal] = []
        for index, spot in enumerate(spots):
            problem = (None if single else checks.spot(spot)) or _out_of_place(spot, device, now)
            if problem is None:
                fixes.append(fix_of(spot))
            elif not problems:
                problems.append(problem if single else _item(problem, index))
        moved: list[Effect] = [Moved(fixes)] if fixes else []
        return moved + (self._refused(problems[0], tick) if problems else [])

    # -- the way out --------------------------------------------------------------------------

    def _complain(self, refusal: Refusal, tick: float) -> list[Effect]:
        if tick - self._complained < _ONE_COMPLAINT_S:
            return []
        self._complained = tick
        return [Reply(refusal.frame(), refusal.code)]

    def _refused(self, refusal: Refusal, tick: float) -> list[Effect]:
        if self._phase is not OPEN:
            return [Reply(refusal.frame(), refusal.code), HELLO_EXPECTED]
        over = [TOO_MANY_BAD] if self._strikes.strike(tick) else []
        return [Reply(refusal.frame(), refusal.code), *over]


def speaks_for(device: Device, worker: str) -> bool:
    """Whether the device may speak about this worker."""
    return device.worker in ("*", worker)


def fix_of(spot: Spot) -> Fix:
    """The fix in WGS-84; its status is the picture's to say."""
    lon, lat = to_wgs84(spot.lon, spot.lat, spot.crs)
    return Fix(WorkerId(spot.worker), spot.at, lon, lat, spot.accuracy_m, WorkerStatus.AVAILABLE)


def task_frame(task: Task) -> bytes:
    """A task as the worker's device receives it."""
    said = {"type": "task", "id": task.id, "case": task.case, "version": task.version, "title": task.title}
    return msgspec.json.encode(
        said | {"text": task.text, "lon": task.lon, "lat": task.lat, "by": task.by, "at": stamp(task.at)}
    )


@lru_cache(maxsize=64)  # a batch of acks says one instant
def stamp(at: datetime) -> str:
    """An instant as the wire writes it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _welcome(device: Device, reports: float, positions: float, now: datetime) -> bytes:
    limits = {"frame_bytes": FRAME_BYTES, "reports_per_s": reports, "positions_per_s": positions}
    said = {"type": "welcome", "device": device.id, "source": device.source, "server_at": stamp(now)}
    return msgspec.json.encode(said | {"limits": limits})


def _rate_limited(wait_s: float) -> Refusal:
    wait = round(wait_s, 3)
    return refuse("RATE_LIMITED", f"发送过快，请在 {wait} 秒后再发", retry_after_s=wait)


def _not_yours(device: Device) -> Refusal:
    refusal = refuse("NOT_YOURS", "本设备不能代表该网格员", "worker")
    log.warning("%s device %s spoke for another worker", refusal.ref, device.id)
    return refusal


def _out_of_place(spot: Spot, device: Device, now: datetime) -> Refusal | None:
    if not speaks_for(device, spot.worker):
        return _not_yours(device)
    if spot.at - now > AHEAD_MOST:
        return refuse("BAD_TIME", "定位时间超前 5 分钟以上，请校准设备时钟", "at")
    return None


def _item(problem: Refusal, index: int) -> Refusal:
    return replace(problem, field=f"items[{index}].{problem.field}")
