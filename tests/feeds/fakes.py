"""Hand-written stand-ins for storage's ports: small, real, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cases.model import Account, Device, Fix, GridWorker, HandlingUnit, Scope, Task, WorkerId


class FakeDirectory:
    """Devices and their keys."""

    def __init__(self, devices: Iterable[Device], keys: Mapping[str, str]) -> None:
        self._devices = {device.id: device for device in devices}
        self._hashes = {device: hashlib.sha256(key.encode()).hexdigest() for device, key in keys.items()}

    def workers(self, scope: Scope) -> list[GridWorker]:
        return []

    def units(self) -> list[HandlingUnit]:
        return []

    def device(self, device: str) -> Device | None:
        return self._devices.get(device)

    def device_and_key(self, device: str) -> tuple[Device, str] | None:
        return (self._devices[device], self._hashes[device]) if device in self._devices else None

    def account(self, name: str) -> Account | None:
        return None


class FakePositions:
    """Last fixes, the kept track, open tasks."""

    def __init__(self, last: Sequence[Fix] = ()) -> None:
        self.kept: list[Fix] = list(last)
        self.tasks: list[Task] = []

    def keep(self, fixes: Sequence[Fix]) -> None:
        self.kept += fixes

    def last(self, scope: Scope) -> list[Fix]:
        return list({fix.worker: fix for fix in self.kept}.values())

    def track(self, worker: WorkerId, since: datetime, until: datetime, scope: Scope) -> list[Fix]:
        return [fix for fix in self.kept if fix.worker == worker and since <= fix.at <= until]

    def open_tasks(self, worker: WorkerId) -> list[Task]:
        return [task for task in self.tasks if task.worker == worker]

    def acknowledge(self, task: str, worker: WorkerId, at: datetime) -> bool:
        return any(t.id == task and t.worker == worker for t in self.tasks)
