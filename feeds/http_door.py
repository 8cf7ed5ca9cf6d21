"""The same door as the gateway's, for HTTP: one report in, a status and an answer out, committed in this process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from cases.errors import StoreUnavailable
from cases.model import Answer, Device
from cases.ports import Clock, Directory
from feeds.filing import Clerk, ack, unavailable
from feeds.frames import FRAME_BYTES, Report
from feeds.limits import Rates, TokenBucket
from feeds.messages import canonical, decode_body, fingerprint
from feeds.refusals import Refusal, refuse
from feeds.session import device_with_key, speaks_for
from feeds.tallies import STRANGER, RefusalTally

log = logging.getLogger("feeds.http_door")

# 400 is a matter of shape, 422 of meaning (reliability.md §6.0); whatever is not named here is 422.
STATUS_OF = {
    **dict.fromkeys(("BAD_JSON", "NOT_OBJECT", "DUPLICATE_KEY", "UNKNOWN_FIELD", "MISSING_FIELD"), 400),
    **dict.fromkeys(("BAD_TYPE", "BAD_NUMBER", "BAD_TEXT", "UNKNOWN_TYPE"), 400),
    **dict.fromkeys(("NOT_YOURS", "FORBIDDEN"), 403),
    "CONFLICT": 409,
    "RATE_LIMITED": 429,
    "STORE_UNAVAILABLE": 503,
}

Said = tuple[int, Mapping[str, object]]


class HttpDoor:
    """A `cases.ports.Intake`: POST /api/v1/reports."""

    def __init__(self, clerk: Clerk, directory: Directory, now: Clock, rates: Rates | None = None) -> None:
        self._clerk, self._directory, self._now = clerk, directory, now
        self.refusals = RefusalTally()
        self._rates = rates or Rates()
        self._buckets: dict[str, TokenBucket] = {}

    async def take(self, body: bytes, authorization: str, content: bytes = b"") -> Said:
        """Check the device key, decode, commit, answer as protocol.md §1 says.

        `content` is what tells a repeat from another message, where the body holds what its sender did not say (a
        door that stamps its own time); by default the body itself does.
        """
        device: Device | Refusal | None = None
        try:
            device = await asyncio.to_thread(self.admitted, authorization)
            status, said = await self._answer(device, body, content)
        except StoreUnavailable:
            status, said = 503, _refused(unavailable(None, "report"))
        if status >= 400:
            self.refusals.add(device.id if isinstance(device, Device) else STRANGER, str(said["code"]))
        return status, said

    async def _answer(self, device: Device | Refusal, body: bytes, content: bytes) -> Said:
        if isinstance(device, Refusal):
            return (403 if device.code == "FORBIDDEN" and device.field else 401), _refused(device)
        if len(body) > FRAME_BYTES:
            return 413, _refused(refuse("TOO_LONG", f"内容过大，最多 {FRAME_BYTES} 字节"))
        return await self._file(device, body, content)

    def admitted(self, authorization: str) -> Device | Refusal:
        """The device of a bearer key, or FORBIDDEN; a disabled one is told so. Blocking."""
        scheme, _, key = authorization.partition(" ")
        found = device_with_key(self._directory, key.strip().rpartition(".")[0], key.strip())
        if scheme.lower() != "bearer" or found is None:
            return refuse("FORBIDDEN", "设备或密钥不正确")
        if found.disabled:
            return refuse("FORBIDDEN", "设备已停用", "device")
        return found

    async def _file(self, device: Device, body: bytes, content: bytes) -> Said:
        message = self._readable(device, body)
        if isinstance(message, Refusal):
            return STATUS_OF.get(message.code, 422), _refused(message)
        received_at, print_ = self._now(), fingerprint(content or canonical(message))
        said = (await asyncio.to_thread(self._clerk.answers, [(device, received_at, message, print_)]))[0]
        if isinstance(said, Refusal):
            return STATUS_OF.get(said.code, 422), _refused(said)
        return _status_of(said), {"type": "ack", **ack(said)}

    def _readable(self, device: Device, body: bytes) -> Report | Refusal:
        message = decode_body(body)
        if isinstance(message, Refusal):
            return message
        if not isinstance(message, Report):
            return refuse("UNKNOWN_TYPE", "此处只接受上报", "type")
        if message.worker is not None and not speaks_for(device, message.worker):
            return refuse("NOT_YOURS", "本设备不能代表该网格员", "worker").of("report", message.id)
        problem = self.too_fast(device)
        return problem.of("report", message.id) if problem else message

    def too_fast(self, device: Device) -> Refusal | None:
        """RATE_LIMITED when a device sends more than it may; counts the message that it asks for."""
        wait_s = self._bucket(device).take(1, time.monotonic())
        if not wait_s:
            return None
        wait_s = round(wait_s, 3)
        return refuse("RATE_LIMITED", f"发送过快，请在 {wait_s} 秒后再发", retry_after_s=wait_s)

    def _bucket(self, device: Device) -> TokenBucket:
        if device.id not in self._buckets:
            self._buckets[device.id] = TokenBucket(self._rates.of(device.worker)[0], time.monotonic())
        return self._buckets[device.id]


def _status_of(said: Answer) -> int:
    if said.ok:
        return 200 if said.duplicate else 201
    return STATUS_OF.get(said.code, 422)


def _refused(refusal: Refusal) -> Mapping[str, object]:
    return {"type": "ack", "id": refusal.id, **refusal.answer()}
