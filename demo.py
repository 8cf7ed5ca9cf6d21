"""What a demo room starts with: accounts, devices, demo.json, and eight weeks of a past."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from cases.model import Account, Device, HandlingUnit, Role
from settings import Settings

FEED = "demo-feed"  # the device the demo speaks through; every other one is for whoever tries the room
CHUNK = 200
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody who may sign in to the demo room."""

    name: str
    password: str
    role: str
    area: str
    display: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class DemoDevice:
    """A key for the intake; `worker` is "*" for a source that speaks for many."""

    device: str
    key: str
    source: str
    worker: str


def path(settings: Settings) -> Path:
    """Where the room tells programs of this machine how to reach it."""
    return settings.data_dir.resolve() / "demo.json"


def load_or_make(
    settings: Settings,
    now: datetime,
    first_grid: str,
    worker: str,
    units: Sequence[HandlingUnit],
    place: tuple[float, float],
) -> dict[str, object]:
    """The content of demo.json: kept from the last start, or made anew with random passwords and keys.

    `place` is a (lon, lat), WGS-84, inside the town, for whoever wants to send a report of his own.
    """
    kept = _kept(path(settings))
    room: dict[str, object] = {
        "url": f"http://{settings.host}:{settings.port}",
        "gateway": f"ws://{settings.host}:{settings.gateway_port}/v1/feed",
        "accounts": kept.get("accounts") or [asdict(a) for a in _accounts(first_grid, units)],
        "devices": kept.get("devices") or [asdict(d) for d in _devices(worker)],
        "staff": kept.get("staff") or [asdict(a) for a in _staff(units)],
        "feed": kept.get("feed") or asdict(_device(FEED, "other", "*")),
        "place": place,
        "started_at": kept.get("started_at") or now.isoformat(),
    }
    _write_private(path(settings), json.dumps(room, ensure_ascii=False, indent=1))
    return room


def read(settings: Settings) -> Mapping[str, object]:
    """The content of demo.json; empty where there is none."""
    return _kept(path(settings))


def accounts_of(room: Mapping[str, object], whose: str = "accounts") -> Iterator[tuple[Account, str]]:
    """(account, password) of everybody who tries the room ("accounts"), or of the demo's own people ("staff")."""
    yield from _people(room.get(whose))


def _people(rows: object) -> Iterator[tuple[Account, str]]:
    for row in rows if isinstance(rows, list) else ():
        yield (
            Account(row["name"], Role(row["role"]), row["area"], row["display"], unit=row.get("unit"), demo=True),
            row["password"],
        )


def devices_of(room: Mapping[str, object]) -> Iterator[tuple[Device, str]]:
    """(device, key) of every link in demo.json, the feed's own included."""
    rows: list[Mapping[str, str]] = [*room["devices"], room["feed"]]  # type: ignore[misc, list-item]
    for row in rows:
        yield Device(row["device"], row["source"], row["worker"], demo=True), row["key"]


def welcome(settings: Settings) -> Iterator[str]:
    """The demo accounts, as lines for the terminal."""
    yield "  演示账号 / demo accounts（名 / 密码 / 岗位 / 辖区）"
    room = _kept(path(settings))
    for account, password in accounts_of(room):
        yield f"    {account.name:10} {password:14} {account.role:9} {account.area or '全部'}"
    yield f"  设备与密钥 / devices and keys: {path(settings)}"
    lon, lat = room["place"]  # type: ignore[misc]
    yield "  试一件 / send one from another shell:"
    yield f"    {sys.executable} -m feeds send --title 楼上噪声 --category dispute.neighbour \\"
    yield f"      --lon {lon:.6f} --lat {lat:.6f} --crs wgs84"


def first_start(settings: Settings, now: datetime) -> datetime:
    """When this demo room was first started: the end of its told past, the same at every later start."""
    began = _kept(path(settings)).get("started_at")
    return datetime.fromisoformat(began) if isinstance(began, str) else now


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Successive lists of at most `size` items."""
    each = iter(items)
    while chunk := list(islice(each, size)):
        yield chunk


def _accounts(first_grid: str, units: Sequence[HandlingUnit]) -> list[DemoAccount]:
    unit = next((u.id for u in units if u.kind == "urban"), units[0].id if units else None)
    rows = [
        ("duty", "duty", "", "值班员", None),
        ("leader", "leader", "", "指挥长", None),
        ("analyst", "analyst", "", "研判员", None),
        ("admin", "admin", "", "管理员", None),
        ("unit", "unit", "", "处置单位", unit),
        ("verifier", "verifier", "", "核查员", None),
        ("area", "duty", first_grid, "片区值班员", None),
    ]
    return [
        DemoAccount(name, secrets.token_urlsafe(9), role, area, display, u) for name, role, area, display, u in rows
    ]


def _staff(units: Sequence[HandlingUnit]) -> list[DemoAccount]:
    """The invented people who work the demo's own cases; nobody else signs in as them."""
    rows = [("demo-duty", "duty", "演示值班员", None), ("demo-verifier", "verifier", "演示核查员", None)]
    rows += [(f"demo-{unit.id}", "unit", unit.name, unit.id) for unit in units]
    return [DemoAccount(name, secrets.token_urlsafe(9), role, "", display, unit) for name, role, display, unit in rows]


def _devices(worker: str) -> list[DemoDevice]:
    return [_device("demo-source", "hotline", "*"), _device("demo-worker", "grid_worker", worker)]


def _device(name: str, source: str, worker: str) -> DemoDevice:
    return DemoDevice(name, f"{name}.{secrets.token_urlsafe(32)}", source, worker)


def _kept(file: Path) -> dict[str, object]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write_private(file: Path, text: str) -> None:
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(file)
