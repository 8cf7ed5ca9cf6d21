"""`python app.py import-orders FILE`: work orders of 12345 by file: preview, or filed with receipts like any report."""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cases.categories import CATEGORIES
from cases.errors import StoreUnavailable
from cases.model import CHANNELS, Answer, Device
from cases.register_imports import Sheet, UnreadableFile
from feeds.bells import Bells
from feeds.entry import enter
from feeds.filing import Clerk
from feeds.frames import Report
from feeds.messages import canonical, fingerprint
from feeds.refusals import Refusal
from feeds.work_orders import BadMapping, Mapped, guessed, report_of
from geo.crs import CRS_NAMES
from room import Room, now
from settings import BadSetting
from storage.register_files import read_sheet

SAID = 20  # refusals told one by one; the rest by number, and all of them in --refused
BATCH = 200
_KEPT = "orders"  # with the mapping's name, where register_maps keeps it
_CATEGORY, _CRS, _CHANNEL = "category:", "@crs", "@channel"


def add_options(ask: argparse.ArgumentParser) -> None:
    """The options of `import-orders`."""
    ask.add_argument("file", type=Path, help="CSV, CSV.GZ or XLSX; without --yes only a preview")
    ask.add_argument(
        "--mapping",
        default="default",
        help="the source: its columns' meaning is kept, its order numbers are its own",
    )
    ask.add_argument(
        "--map", default="", help="field=title,field=title; title may be a+b; else as kept, else by titles"
    )
    ask.add_argument("--categories", default="", help="theirs=ours,… for what the file calls its categories")
    ask.add_argument("--crs", default="", choices=("", *CRS_NAMES), help="the coordinate system of lon and lat")
    ask.add_argument("--channel", default="", choices=("", *CHANNELS), help="hotline where nothing else is kept")
    ask.add_argument("--yes", action="store_true", help="file what is not refused, and keep the mapping")
    ask.add_argument("--refused", type=Path, help="write the refused rows here as CSV: row, code, field, why")
    ask.add_argument("--receipts", type=Path, help="write the receipts here as CSV: row, id, case, duplicate")


@dataclass(slots=True)
class Outcome:
    """What became of a file's rows; a row's number is the line people see, titles are line 1."""

    ready: list[tuple[int, Report]] = field(default_factory=list)
    refused: list[tuple[int, Refusal]] = field(default_factory=list)
    receipts: list[tuple[int, Answer]] = field(default_factory=list)


def run(asked: argparse.Namespace, room: Room) -> int:
    """Preview, or with --yes file; 1 when a row was refused. A second run of the same file changes nothing."""
    sheet = _sheet(asked.file)
    mapped = _mapped(room, asked, sheet)
    device = Device(f"orders-{asked.mapping}", mapped.channel, "*")
    outcome = read(sheet, mapped, device, room, now())
    _tell_preview(outcome, mapped, sheet)
    if asked.yes:
        room.registry.registers.save_mapping(f"{_KEPT}:{asked.mapping}", sheet.titles, _packed(mapped))
        _file_all(outcome, device, room)
        _tell_filed(outcome)
    else:
        print("以上为预览，数据库没有改变；加 --yes 入库")
    _tell_refused(outcome.refused)
    _write(
        asked.refused, ("row", "code", "field", "why"), ((n, r.code, r.field or "", r.msg) for n, r in outcome.refused)
    )
    filed = ((n, a.id, a.receipt.number, int(a.duplicate)) for n, a in outcome.receipts if a.receipt)
    _write(asked.receipts, ("row", "id", "case", "duplicate"), filed)
    return 1 if outcome.refused else 0


def read(sheet: Sheet, mapped: Mapped, device: Device, room: Room, at: datetime) -> Outcome:
    """Every row checked as the intake would check it; nothing is written."""
    outcome, seen = Outcome(), set()
    for row in sheet.rows:
        number = int(row["__line__"])
        found = report_of(row, mapped)
        if isinstance(found, Report):
            placed = enter(found, device, "", at, room.grids)
            found = placed if isinstance(placed, Refusal) else found
        if isinstance(found, Report) and found.id in seen:
            found = Refusal("CONFLICT", "同一文件里编号出现两次", "id")
        if isinstance(found, Refusal):
            outcome.refused.append((number, found))
        else:
            seen.add(found.id)
            outcome.ready.append((number, found))
    return outcome


def _file_all(outcome: Outcome, device: Device, room: Room) -> None:
    """Commit in batches through the one intake; a break in the middle is mended by running the same file again."""
    bells = Bells(room.redis_url)
    clerk = Clerk(room.desk(bells), room.grids, now)
    try:
        for start in range(0, len(outcome.ready), BATCH):
            _file_some(outcome, outcome.ready[start : start + BATCH], device, clerk)
            _bar(min(start + BATCH, len(outcome.ready)), len(outcome.ready))
    except StoreUnavailable as problem:
        done = len(outcome.receipts)
        raise BadSetting(
            f"数据库暂时无法写入：已入库 {done} 件，稍后以同一文件重新执行即可 / run it again"
        ) from problem
    finally:
        bells.close()


def _file_some(outcome: Outcome, some: Sequence[tuple[int, Report]], device: Device, clerk: Clerk) -> None:
    at = now()
    said = clerk.answers([(device, at, report, fingerprint(canonical(report))) for _, report in some])
    for (number, _), answer in zip(some, said, strict=True):
        if isinstance(answer, Refusal):
            outcome.refused.append((number, answer))
        elif answer.ok:
            outcome.receipts.append((number, answer))
        else:
            outcome.refused.append((number, Refusal(answer.code, answer.msg, answer.field)))


def _sheet(path: Path) -> Sheet:
    try:
        sheet = read_sheet(path)
    except UnreadableFile as problem:
        raise BadSetting(f"{path.name}：{problem}") from problem
    if sheet.is_placed:
        raise BadSetting("工单须为 CSV 或 XLSX / a table is wanted")
    return sheet


def _mapped(room: Room, asked: argparse.Namespace, sheet: Sheet) -> Mapped:
    """As asked, over what is kept under this name for these titles, over what the titles say."""
    kept = room.registry.registers.mapping(f"{_KEPT}:{asked.mapping}", sheet.titles) or guessed(sheet.titles)
    columns = {name: title for name, title in kept.items() if not name.startswith((_CATEGORY, "@"))}
    theirs = {name.removeprefix(_CATEGORY): code for name, code in kept.items() if name.startswith(_CATEGORY)}
    columns |= _pairs(asked.map)
    crs, channel = asked.crs or kept.get(_CRS, ""), asked.channel or kept.get(_CHANNEL, "hotline")
    try:
        return Mapped(columns, theirs | _pairs(asked.categories), crs, channel).checked(sheet.titles)
    except BadMapping as problem:
        raise BadSetting(f"{problem}。文件的列：{'、'.join(sheet.titles)} / the mapping cannot be used") from problem


def _packed(mapped: Mapped) -> dict[str, str]:
    theirs = {f"{_CATEGORY}{name}": code for name, code in mapped.categories.items()}
    return {**mapped.columns, **theirs, _CRS: mapped.crs, _CHANNEL: mapped.channel}


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for part in filter(None, text.split(",")):
        name, mark, value = part.partition("=")
        if not mark:
            raise BadSetting(f"{part} 须写成 名=值 / write name=value")
        found[name.strip()] = value.strip()
    return found


def _tell_preview(outcome: Outcome, mapped: Mapped, sheet: Sheet) -> None:
    used = {part for title in mapped.columns.values() for part in title.split("+")}
    print(f"{len(sheet.rows)} 行：可入库 {len(outcome.ready)}，不合格 {len(outcome.refused)}")
    print("对应：" + "，".join(f"{name}←{title}" for name, title in mapped.columns.items()))
    unused = [title for title in sheet.titles if title and title not in used]
    if unused:
        print(f"没有取用的列：{'、'.join(unused)}")
    strange = Counter(report.category for _, report in outcome.ready if report.category not in CATEGORIES)
    if strange:
        listed = "、".join(f"{name}（{count}）" for name, count in strange.most_common(SAID))
        print(f"不认识的类别记为其他并保留原文，可用 --categories 对应：{listed}")


def _tell_filed(outcome: Outcome) -> None:
    again = sum(answer.duplicate for _, answer in outcome.receipts)
    print(f"\n已入库 {len(outcome.receipts) - again} 件，此前已入库 {again} 件，不合格 {len(outcome.refused)} 件")


def _tell_refused(refused: Sequence[tuple[int, Refusal]]) -> None:
    for number, refusal in refused[:SAID]:
        print(f"第 {number} 行：{refusal.code} {refusal.field or ''} {refusal.msg}")
    if len(refused) > SAID:
        by_code = Counter(refusal.code for _, refusal in refused)
        print(f"……共 {len(refused)} 行不合格：" + "，".join(f"{code} {count}" for code, count in by_code.most_common()))


def _write(path: Path | None, titles: Sequence[str], rows: Iterator[tuple[object, ...]]) -> None:
    if path is None:
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(titles)
        writer.writerows(rows)


def _bar(done: int, total: int) -> None:
    if sys.stderr.isatty() or done == total:
        print(f"\r[{'#' * (30 * done // max(total, 1)):<30}] {done}/{total}", end="", file=sys.stderr, flush=True)
