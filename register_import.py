"""`python app.py register import FILE --kind … --map …`: preview a file, or keep it whole in one transaction."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cases.calendar import LOCAL
from cases.registers import (
    REGISTERS,
    Load,
    Reading,
    Record,
    Refusal,
    Register,
    division_notes,
    meanings,
    missing,
    understood,
)
from geo.crs import CRS_NAMES, to_wgs84
from geo.grids import GridBook
from room import Room, now
from settings import BadSetting
from storage.register_files import Sheet, UnreadableFile, read_sheet

SAID = 20  # refusals told one by one; the rest by number


def add_verbs(ask: argparse.ArgumentParser) -> None:
    """The verbs of `register`."""
    verbs = ask.add_subparsers(metavar="VERB", dest="verb", required=True)
    one = verbs.add_parser("import", help="CSV, CSV.GZ, XLSX or GeoJSON; without --yes only a preview")
    one.add_argument("file", type=Path)
    one.add_argument("--kind", required=True, choices=tuple(REGISTERS))
    one.add_argument("--map", default="", help="field=title,field=title; else as last time, else by the titles")
    one.add_argument("--source", default="", help="whose data these are; needed to keep them")
    one.add_argument("--as-of", default="", help="the day the data are of, YYYY-MM-DD; needed to keep them")
    one.add_argument(
        "--crs", default="", choices=("", *CRS_NAMES), help="the coordinate system, where there are places"
    )
    one.add_argument("--yes", action="store_true", help="keep it, if no row is refused")
    one.add_argument("--rest", action="store_true", help="with --yes: leave refused rows out and keep the rest")
    verbs.add_parser("list", help="what was imported")


def import_file(room: Room, asked: argparse.Namespace) -> int:
    """Preview, and with --yes keep; 1 when nothing was kept because of the file."""
    kind, sheet = REGISTERS[asked.kind], _sheet(asked.file)
    mapping = _mapping(room, asked, kind, sheet)
    reading = read(kind, sheet, mapping, asked.crs, room.grids)
    _tell(reading, mapping)
    if not asked.yes:
        print("以上为预览，数据库没有改变；加 --yes --source 来源 --as-of 日期 入库")
        return 0
    why = reading.why_wrong(in_part=asked.rest)
    if why is not None:
        print(f"没有入库：{why}", file=sys.stderr)
        return 1
    load = _load(asked, reading)
    room_registers = room.registry.registers
    room_registers.keep(load, reading.records, lambda done: _progress(done, len(reading.records)))
    room_registers.save_mapping(kind.code, sheet.titles, mapping)
    print(f"\n已入库 {load.rows} 条，不合格 {load.refused} 条")
    return 0


def list_loads(room: Room, _: argparse.Namespace) -> int:
    """Every import, newest first."""
    for load in room.registry.registers.loads(200):
        name = REGISTERS[load.kind].name
        print(f"{load.at.astimezone(LOCAL):%F %T}  {name}  {load.file}  {load.source}  {load.as_of:%F}  {load.rows} 条")
    return 0


def read(kind: Register, sheet: Sheet, mapping: dict[str, str], crs: str, book: GridBook) -> Reading:
    """Everything of a file, places converted to WGS-84 and found in the grids; BadSetting for an unnamed system."""
    reading = Reading(kind, unused=tuple(t for t in sheet.titles if t and t not in mapping.values()))
    rows = list(understood(kind, mapping, sheet.rows))
    reading.refusals = [each for each in rows if isinstance(each, Refusal)]
    records = [each for each in rows if isinstance(each, Record)]
    if any(each.lon is not None for each in records) and not crs:
        raise BadSetting(f"文件里有坐标，须用 --crs 说明坐标系：{' '.join(CRS_NAMES)} / name the coordinate system")
    reading.records = located([_converted(each, crs) for each in records], book)
    outside = sum(1 for each in reading.records if each.lon is not None and not each.grids)
    if outside:
        reading.notes.append(f"{outside} 条的位置不在任何网格内，记为待定")
    unknown = sum(1 for each in reading.records if each.values.get("grid") and each.values["grid"] not in book)
    if unknown:
        reading.notes.append(f"{unknown} 条写的网格编码不在网格底图中")
    if kind.code == "division":
        reading.notes += division_notes(reading.records)
    return reading


def _converted(record: Record, crs: str) -> Record:
    if record.lon is None or record.lat is None:
        return record
    lon, lat = to_wgs84(record.lon, record.lat, crs)
    return replace(record, lon=lon, lat=lat)


def located(records: Sequence[Record], book: GridBook) -> list[Record]:
    """Each with its grids: those that its code names, else those that hold its place."""
    placed = [each for each in records if each.lon is not None]
    found = book.locate_many([each.lon for each in placed], [each.lat for each in placed]) if placed else ()
    by_key = {
        each.key: tuple(book.codes(level)[row[at]] for level, row in enumerate(found) if row[at] >= 0)
        for at, each in enumerate(placed)
    }
    return [replace(each, grids=_named(each, book) or by_key.get(each.key, ())) for each in records]


def _named(record: Record, book: GridBook) -> tuple[str, ...]:
    code = record.values.get("grid", "")
    return book.ancestors(code) if code in book else ()


def _sheet(path: Path) -> Sheet:
    try:
        return read_sheet(path)
    except UnreadableFile as problem:
        raise BadSetting(f"{path.name}：{problem}") from problem


def _mapping(room: Room, asked: argparse.Namespace, kind: Register, sheet: Sheet) -> dict[str, str]:
    """As asked, else as kept for these titles, else by the field table's titles; BadSetting where it cannot be used."""
    given = dict(part.split("=", 1) for part in asked.map.split(",") if "=" in part)
    kept = None if given else room.registry.registers.mapping(kind.code, sheet.titles)
    mapping = {**meanings(kind, sheet.titles), **given} if given or kept is None else kept
    wrong = missing(kind, mapping, sheet.titles)
    if wrong:
        raise BadSetting(f"{'；'.join(wrong)}。文件的列：{'、'.join(sheet.titles)} / the mapping cannot be used")
    return mapping


def _load(asked: argparse.Namespace, reading: Reading) -> Load:
    if not asked.source.strip() or not asked.as_of:
        raise BadSetting("入库须写 --source 来源 和 --as-of 数据日期 / name the source and the day of the data")
    try:
        as_of = datetime.strptime(asked.as_of, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadSetting("--as-of 须写成 2026-11-01") from None
    at = now()
    if as_of > at:
        raise BadSetting("--as-of 是将来的日期 / lies in the future")
    counts = (len(reading.records), len(reading.refusals))
    return Load(reading.kind.code, asked.file.name, asked.source.strip(), as_of, at, "命令行", *counts)


def _tell(reading: Reading, mapping: dict[str, str]) -> None:
    labels = {each.name: each.label for each in reading.kind.fields}
    print(
        f"登记册：{reading.kind.name}；{reading.rows} 行，合格 {len(reading.records)}，不合格 {len(reading.refusals)}"
    )
    print("对应：" + "，".join(f"{labels[name]}←{title}" for name, title in mapping.items()))
    if reading.unused:
        print(f"没有取用的列：{'、'.join(reading.unused)}")
    for note in reading.notes:
        print(f"提示：{note}")
    for refusal in reading.refusals[:SAID]:
        print(f"第 {refusal.row} 行：{refusal.why}")
    if len(reading.refusals) > SAID:
        print(f"……另有 {len(reading.refusals) - SAID} 行不合格")


def _progress(done: int, total: int) -> None:
    """A bar that grows on a terminal; silent in a pipe until the end."""
    if sys.stderr.isatty() or done == total:
        filled = 40 * done // max(total, 1)
        print(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{total}", end="", file=sys.stderr, flush=True)
