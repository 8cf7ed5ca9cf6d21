"""Keys of devices: what may be issued, bound, changed and ended, in words when it may not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cases.device_keys import DeviceKeys
from cases.errors import BadAction
from cases.model import Device, GridWorker, WorkerId

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


class Book:
    """A directory of one worker, in memory; it remembers whole keys so that a test can see them."""

    def __init__(self) -> None:
        self.kept: dict[str, Device] = {}
        self.keys: dict[str, str] = {}

    def device(self, device: str) -> Device | None:
        return self.kept.get(device)

    def workers(self, scope: object) -> list[GridWorker]:
        return [GridWorker(WorkerId("W-1"), "王建国", "A1")]

    def put_device(self, device: Device, key: str) -> None:
        self.kept[device.id], self.keys[device.id] = device, key

    def bind_device(self, device: Device) -> bool:
        self.kept[device.id] = device
        return True

    def revoke_device(self, device: str) -> bool:
        self.kept[device] = Device(device, "iot", "*", disabled=True)
        return True


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def keys(book: Book) -> DeviceKeys:
    return DeviceKeys(book, {"A", "A1"}.__contains__)  # type: ignore[arg-type]


def test_a_key_begins_with_its_device_and_is_never_the_same_twice(keys: DeviceKeys, book: Book) -> None:
    first = keys.issue("gate-1", "grid_worker", "W-1", "", NOW)
    second = keys.rotate("gate-1", NOW)
    assert [key.startswith("gate-1.") and len(key) > 40 for key in (first, second)] == [True, True]
    assert first != second == book.keys["gate-1"]
    assert book.kept["gate-1"] == Device("gate-1", "grid_worker", "W-1", issued_at=NOW)


def test_binding_changes_what_is_given_and_leaves_the_key(keys: DeviceKeys, book: Book) -> None:
    key = keys.issue("cam", "video", "", "A", NOW)
    assert keys.bind("cam", area="A1") == Device("cam", "video", "*", area="A1", issued_at=NOW)
    assert (keys.bind("cam", worker="W-1", area="").area, book.keys["cam"]) == ("", key)


def test_a_revoked_device_talks_again_only_with_a_new_key(keys: DeviceKeys, book: Book) -> None:
    keys.issue("cam", "video", "", "", NOW)
    keys.revoke("cam")
    assert book.kept["cam"].disabled
    keys.rotate("cam", NOW)
    assert not book.kept["cam"].disabled


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("a.b", "video", "", ""), "device"),
        (("", "video", "", ""), "device"),
        (("设备", "video", "", ""), "device"),
        (("self-probe", "video", "", ""), "device"),
        (("taken", "video", "", ""), "device"),
        (("new", "telegraph", "", ""), "source"),
        (("new", "video", "W-9", ""), "worker"),
        (("new", "video", "", "Z"), "area"),
    ],
)
def test_what_cannot_be_issued_is_refused_with_its_field(keys: DeviceKeys, book: Book, given: Any, field: str) -> None:
    keys.issue("taken", "video", "", "", NOW)
    with pytest.raises(BadAction) as refused:
        keys.issue(*given, NOW)
    assert (refused.value.field, list(book.kept)) == (field, ["taken"])


@pytest.mark.parametrize("name", ["nobody", "self-probe"])
def test_nobody_is_not_changed(keys: DeviceKeys, name: str) -> None:
    for change in (lambda: keys.rotate(name, NOW), lambda: keys.bind(name, area="A"), lambda: keys.revoke(name)):
        with pytest.raises(BadAction):
            change()
