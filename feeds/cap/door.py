"""`POST /api/v1/cap`: a CAP 1.2 document with a device's key, answered like a report."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from cases.errors import StoreUnavailable
from cases.model import Answer
from feeds.cap.clerk import CapClerk, Said
from feeds.cap.entry import NotFiled
from feeds.filing import ack, unavailable
from feeds.http_door import STATUS_OF, HttpDoor
from feeds.refusals import Refusal
from feeds.tallies import STRANGER

_STATUS = STATUS_OF | {"BAD_XML": 400, "TOO_LONG": 413}


class CapDoor:
    """A `cases.feed_ports.Warnings`: the keys, limits and tally of refusals are the report door's."""

    def __init__(self, clerk: CapClerk, reports: HttpDoor) -> None:
        self._clerk, self._reports = clerk, reports

    async def take(self, body: bytes, authorization: str) -> tuple[int, Mapping[str, object]]:
        """Check the key, read, commit in this process; the status and the answer."""
        device_id = STRANGER
        try:
            device = await asyncio.to_thread(self._reports.admitted, authorization)
            if isinstance(device, Refusal):
                status, said = 403 if device.field else 401, said_of(device)
            else:
                device_id = device.id
                waits = self._reports.too_fast(device)
                found: Said = waits if waits is not None else await asyncio.to_thread(self._clerk.file, body, device)
                status, said = status_of(found), said_of(found)
        except StoreUnavailable:
            status, said = 503, said_of(unavailable(None, "cap"))
        if status >= 400:
            self._reports.refusals.add(device_id, str(said["code"]))
        return status, said


def status_of(said: Said) -> int:
    """201 for a new one, 200 for a repeat or what is not filed, else the refusal's."""
    if isinstance(said, NotFiled):
        return 200
    if isinstance(said, Answer) and said.ok:
        return 200 if said.duplicate else 201
    return _STATUS.get(said.code, 422)


def said_of(said: Said) -> Mapping[str, object]:
    """The answer as protocol.md §1 has it; `filed` is false for what was read and not filed."""
    if isinstance(said, NotFiled):
        return {"type": "ack", "id": said.id, "ok": True, "filed": False, "msg": said.why}
    if isinstance(said, Refusal):
        return {"type": "ack", "id": said.id, **said.answer()}
    return {"type": "ack", **ack(said)} | ({"filed": True} if said.ok else {})
