"""`python app.py register import FILE --kind … --map …`: preview a file, or keep it whole in one transaction."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cases.calendar import LOCAL
from cases.errors import BadAction
from cases.register_imports import Sheet, UnreadableFile, load_of, mapping_of
from cases.registers import REGISTERS, Reading
from geo.crs import CRS_NAMES
from room import Room, now
from settings import BadSetting
from storage.register_files import read_sheet
from storage.register_reading import RegisterReader

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
    """Preview, and with --yes keep; 1 when nothing was kept because of the file. BadSetting for what is not said."""
    try:
        return _import(room, asked)
    except BadAction as problem:
        raise BadSetting(problem.msg) from problem


def _import(room: Room, asked: argparse.Namespace) -> int:
    kind, sheet, kept = REGISTERS[asked.kind], _sheet(asked.file), room.registry.registers
    given = dict(part.split("=", 1) for part in asked.map.split(",") if "=" in part)
    mapping = mapping_of(kind, sheet.titles, given, kept.mapping(kind.code, sheet.titles))
    reading = RegisterReader(room.grids).read(kind, sheet, mapping, asked.crs)
    _tell(reading, mapping)
    if not asked.yes:
        print("以上为预览，数据库没有改变；加 --yes --source 来源 --as-of 日期 入库")
        return 0
    why = reading.why_wrong(in_part=asked.rest)
    if why is not None:
        print(f"没有入库：{why}", file=sys.stderr)
        return 1
    load = load_of(reading, asked.file.name, asked.source, asked.as_of, "命令行", now())
    kept.keep(load, reading.records, lambda done: _progress(done, len(reading.records)))
    kept.save_mapping(kind.code, sheet.titles, mapping)
    print(f"\n已入库 {load.rows} 条，不合格 {load.refused} 条")
    return 0


def list_loads(room: Room, _: argparse.Namespace) -> int:
    """Every import, newest first."""
    for load in room.registry.registers.loads(200):
        name = REGISTERS[load.kind].name
        print(f"{load.at.astimezone(LOCAL):%F %T}  {name}  {load.file}  {load.source}  {load.as_of:%F}  {load.rows} 条")
    return 0


def _sheet(path: Path) -> Sheet:
    try:
        return read_sheet(path)
    except UnreadableFile as problem:
        raise BadSetting(f"{path.name}：{problem}") from problem


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
