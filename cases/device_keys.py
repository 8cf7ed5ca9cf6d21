"""Keys of devices: issued, changed, bound and revoked by one set of rules, for the command line and the page alike."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cases.errors import BadAction
from cases.model import CHANNELS, EVERYWHERE, SELF_PROBE, Device
from cases.ports import Directory

ANYBODY = "*"  # a source that speaks for many
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a key is <device>.<random>: the name ends at the last point
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """Every method raises BadAction in words. Blocking. A key is told once; the record keeps its SHA-256."""

    directory: Directory
    is_grid: Callable[[str], bool]

    def issue(self, name: str, source: str, worker: str, area: str, now: datetime) -> str:
        """A new device's key."""
        if not _NAME.fullmatch(name):
            raise BadAction("设备编号须为 1–64 位的字母、数字、下划线或连字符", "device")
        if name == SELF_PROBE or self.directory.device(name) is not None:
            raise BadAction(f"设备 {name} 已存在", "device")
        device = self._checked(Device(name, source, worker or ANYBODY, area=area, issued_at=now))
        return self._keyed(device)

    def rotate(self, name: str, now: datetime) -> str:
        """Another key for a device, which may talk again with it; the old one is worth nothing any more."""
        return self._keyed(replace(self._known(name), issued_at=now, disabled=False))

    def bind(
        self, name: str, *, source: str | None = None, worker: str | None = None, area: str | None = None
    ) -> Device:
        """The device with what is given changed; its key stays, its open link has to come in again."""
        given = {"source": source, "worker": worker, "area": area}
        changes = {field: value for field, value in given.items() if value is not None}
        device = self._checked(replace(self._known(name), **changes))  # type: ignore[arg-type]
        self.directory.bind_device(device)
        return device

    def revoke(self, name: str) -> None:
        """The device may not talk any more."""
        self._known(name)
        self.directory.revoke_device(name)

    def _known(self, name: str) -> Device:
        device = None if name == SELF_PROBE else self.directory.device(name)
        if device is None:
            raise BadAction(f"没有设备 {name[:64]}", "device")
        return device

    def _checked(self, device: Device) -> Device:
        if device.source not in CHANNELS:
            raise BadAction(f"没有这个渠道，可用：{' '.join(CHANNELS)}", "source")
        if device.area and not self.is_grid(device.area):
            raise BadAction("没有这个网格", "area")
        if device.worker != ANYBODY and device.worker not in {each.id for each in self.directory.workers(EVERYWHERE)}:
            raise BadAction("没有这个网格员", "worker")
        return device

    def _keyed(self, device: Device) -> str:
        key = f"{device.id}.{secrets.token_urlsafe(_KEY_BYTES)}"
        self.directory.put_device(device, key)
        return key
