"""From a checked message to an arrival the desk can file: coordinates converted once, grids named, oddities flagged."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.categories import CATEGORIES, OTHER
from cases.model import (
    AlertReport,
    Arrival,
    CaseNo,
    Device,
    IncidentReport,
    Place,
    Reporter,
    StatusReport,
    WorkerId,
)
from feeds.frames import Alert, Filed, Report, Status
from feeds.refusals import Refusal, refuse
from geo.crs import to_wgs84
from geo.grids import GridBook

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(minutes=10)
COARSE_M = 1000.0  # a fix this coarse does not tell one grid from the next


def enter(message: Filed, device: Device, fingerprint: str, received_at: datetime, book: GridBook) -> Arrival | Refusal:
    """The arrival this message is, or UNKNOWN_CODE for a place that is named by an unknown grid only."""
    if isinstance(message, Status):
        return _status(message, device, fingerprint, received_at)
    placed = _place(message, book)
    if not isinstance(placed, Refusal) and _is_outside(placed[0], device.area):
        placed = refuse("FORBIDDEN", "位置不在本设备绑定的辖区内", "grid" if placed[0].lon is None else "lon")
    if isinstance(placed, Refusal):
        return placed.of(str(message.__struct_config__.tag), message.id)
    place, flags = placed
    flags = (*_clock(message.at, received_at), *flags)
    if isinstance(message, Alert):
        return _alert(message, device, fingerprint, received_at, place, flags)
    return _report(message, device, fingerprint, received_at, place, flags)


def _report(
    message: Report, device: Device, fingerprint: str, received_at: datetime, place: Place, flags: tuple[str, ...]
) -> IncidentReport:
    known = message.category in CATEGORIES
    teller = message.reporter
    return IncidentReport(
        source=device.id,
        id=message.id,
        fingerprint=fingerprint,
        at=message.at,
        received_at=received_at,
        channel=message.channel,
        category=message.category if known else OTHER,
        title=message.title,
        text=message.text,
        severity=message.severity,
        people=message.people,
        place=place,
        reporter=Reporter(teller.name, teller.phone, teller.anonymous) if teller else None,
        attachments=tuple(message.attachments),
        worker=message.worker or (device.worker if device.worker != "*" else None),
        exercise=message.exercise,
        original_category=None if known else message.category,
        flags=flags if known else (*flags, "UNKNOWN_CATEGORY"),
        demo=device.demo,
    )


def _alert(
    message: Alert, device: Device, fingerprint: str, received_at: datetime, place: Place, flags: tuple[str, ...]
) -> AlertReport:
    return AlertReport(
        source=device.id,
        id=message.id,
        fingerprint=fingerprint,
        at=message.at,
        received_at=received_at,
        level=message.level,
        origin=message.source,
        kind=message.kind,
        text=message.text,
        place=place,
        exercise=message.exercise,
        flags=flags,
    )


def _status(message: Status, device: Device, fingerprint: str, received_at: datetime) -> StatusReport:
    return StatusReport(
        source=device.id,
        id=message.id,
        fingerprint=fingerprint,
        at=message.at,
        received_at=received_at,
        worker=WorkerId(message.worker),
        status=message.status,
        case=CaseNo(message.case) if message.case else None,
        sos=message.sos if isinstance(message.sos, bool) else None,
        exercise=message.exercise is True,
    )


def _is_outside(place: Place, area: str) -> bool:
    """Whether a device bound to an area names a place elsewhere; a mere address is placed by people, so it may."""
    is_named = bool(place.grids) or place.lon is not None
    return bool(area) and is_named and area not in place.grids


def _clock(at: datetime, received_at: datetime) -> tuple[str, ...]:
    """How far the sender's clock, or its delivery, is off ours; limits run from receipt in any case."""
    if at - received_at > AHEAD:
        return ("CLOCK_AHEAD",)
    return ("CLOCK_BEHIND",) if received_at - at > BEHIND else ()


def _place(message: Report | Alert, book: GridBook) -> tuple[Place, tuple[str, ...]] | Refusal:
    grid = message.grid if isinstance(message, Report) else None
    if message.lon is None or message.lat is None or message.crs is None:
        return _named_place(grid, message.address, book)
    lon, lat = to_wgs84(message.lon, message.lat, message.crs)
    found = tuple(code for code in book.locate(lon, lat) if code is not None)
    flags = ("ON_BORDER",) if found and book.on_border(lon, lat) else ()
    if (message.accuracy_m or 0) > COARSE_M or (grid is not None and grid in book and grid not in found):
        flags = (*flags, "COORD_SUSPECT")
    if grid is not None and grid not in book:
        flags = (*flags, "UNKNOWN_GRID")
    raw = (message.lon, message.lat, message.crs)
    return Place(lon, lat, found, raw, message.accuracy_m, message.address), flags


def _named_place(grid: str | None, address: str, book: GridBook) -> tuple[Place, tuple[str, ...]] | Refusal:
    """A place without coordinates: a grid and those above it, or an address that somebody must look up (待定)."""
    if grid is None:
        return Place(address=address), ()
    if grid in book:
        return Place(grids=book.ancestors(grid), address=address), ()
    if address:
        return Place(address=address), ("UNKNOWN_GRID",)
    return refuse("UNKNOWN_CODE", "没有这个网格编码", "grid")
