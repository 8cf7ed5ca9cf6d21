"""Replay: the demo day as a role of the room, and `python -m feeds replay FILE …` for any recorded table."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import geo
from cases.model import CHANNELS
from feeds.client import Address, RefusedByGateway
from feeds.demo.role import play
from feeds.demo.town import read_town
from feeds.progress import Progress
from feeds.rows import BadTable, Columns, Table
from feeds.table import Plan, Player, slug_of
from geo.crs import CRS_NAMES
from geo.errors import GridError
from geo.grids import GridBook

DEMO_TOWN = Path(geo.__file__).parent / "towns" / "demo"


async def run(demo_json: Path, grids: GridBook, speed: float, stop: asyncio.Event, folder: Path = DEMO_TOWN) -> None:
    """The replay role: feed, walking workers and staff of the town in `folder`, until `stop`.

    A client of the public protocol and nothing else: it needs the gateway and the web process, waits for both, and
    comes back when they do. `speed` quickens the reports and the staff, not the walking.
    """
    await play(demo_json, grids, read_town(folder, grids), speed, stop)


def main(argv: Sequence[str]) -> int:
    """Play one table; the summary is the last line on standard output. 0: every row has its answer."""
    asked = _parser().parse_args(list(argv))
    try:
        return asyncio.run(_replay(asked))
    except (BadTable, GridError, RefusedByGateway, OSError, ValueError) as problem:
        print(f"无法回放 / cannot replay: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("已中断；再次运行同一命令即可继续 / stopped; the same command goes on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    ask = argparse.ArgumentParser(
        prog="python -m feeds replay",
        description="Play a recorded table (CSV or CSV.gz) into a room: one report, or one worker's fix, a row.",
        epilog="docs/replay.md has command lines for four real tables.",
    )
    ask.add_argument("file", type=Path, metavar="FILE")
    _add_columns(ask.add_argument_group("columns"))
    _add_manner(ask.add_argument_group("how to play"))
    _add_room(ask.add_argument_group("the room"))
    return ask


def _add_columns(ask: argparse._ArgumentGroup) -> None:
    ask.add_argument("--time", required=True, metavar="COL", help="ISO 8601, Unix seconds, or see --time-format")
    ask.add_argument("--lon", required=True, metavar="COL")
    ask.add_argument("--lat", required=True, metavar="COL")
    ask.add_argument("--crs", required=True, choices=CRS_NAMES, help="the system of the table's coordinates")
    ask.add_argument("--category", metavar="COL", help="codes, or the table's own words (see --map)")
    ask.add_argument("--worker", metavar="COL", help="every row is a fix of this worker, not a report")
    ask.add_argument("--title", metavar="COL", help="default: the category's words")
    ask.add_argument("--text", metavar="COL")
    ask.add_argument("--address", metavar="COL")
    ask.add_argument("--id", metavar="COL", help="the row's own id, where it has one; else its number in the file")
    ask.add_argument("--order", metavar="COL", help="order within the day, where the time is only a date")
    ask.add_argument("--time-format", metavar="FORMAT", help="as for strptime, for example %%d.%%m.%%Y")
    ask.add_argument("--zone", type=_zone, default=_zone("Asia/Shanghai"), help="of times without one")
    ask.add_argument("--map", action="append", default=[], metavar="WORD=CODE", help="a category's code; repeatable")
    ask.add_argument("--expect", metavar="COL=LEVEL", help="count rows whose grid of that level has the column's name")


def _add_manner(ask: argparse._ArgumentGroup) -> None:
    ask.add_argument("--speed", type=_speed, default=1.0, help="a factor, or max")
    ask.add_argument("--keep-time", action="store_true", help="send the table's own times, not times from now on")
    ask.add_argument("--sort", action="store_true", help="play by time, not in the file's order; needs memory")
    ask.add_argument("--limit", type=int, metavar="N", help="only the first N rows")
    ask.add_argument("--channel", choices=list(CHANNELS), default="other")
    ask.add_argument("--run", default="", metavar="TAG", help="plays the same table once more, as new messages")
    ask.add_argument("--state", type=Path, help="where the progress is kept (default: DATA_DIR/replay/…)")


def _add_room(ask: argparse._ArgumentGroup) -> None:
    ask.add_argument("--demo-json", type=Path, help="default: DATA_DIR/demo.json")
    ask.add_argument("--gateway", help="ws://host:port/v1/feed, with --device and --key")
    ask.add_argument("--device")
    ask.add_argument("--key", help="default: the environment's FEED_KEY")
    grids = Path(os.environ.get("GRIDS") or DEMO_TOWN)
    ask.add_argument("--grids", type=Path, default=grids, help="the room's grid folder, to name grids in the summary")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(f"no time zone {name}") from None


def _speed(text: str) -> float:
    speed = math.inf if text == "max" else float(text)
    if not speed > 0:
        raise argparse.ArgumentTypeError("a factor above 0, or max")
    return speed


def _columns(asked: argparse.Namespace) -> Columns:
    return Columns(
        time=asked.time,
        lon=asked.lon,
        lat=asked.lat,
        crs=asked.crs,
        category=asked.category,
        title=asked.title,
        text=asked.text,
        address=asked.address,
        id=asked.id,
        order=asked.order,
        worker=asked.worker,
        expect=_expectation(asked)[0],
        time_format=asked.time_format,
        zone=asked.zone,
        words=dict(_pair(word, "--map") for word in asked.map),
    )


def _plan(asked: argparse.Namespace, book: GridBook) -> Plan:
    if asked.worker is None and asked.category is None:
        raise ValueError("--category or --worker is needed")
    return Plan(
        slug=slug_of(asked.file.name, asked.run),
        channel=asked.channel,
        crs=asked.crs,
        speed=asked.speed,
        keep_time=asked.keep_time,
        positions=asked.worker is not None,
        limit=asked.limit,
        expect=_level(_expectation(asked)[1], book),
    )


def _expectation(asked: argparse.Namespace) -> tuple[str | None, str | None]:
    return _pair(asked.expect, "--expect") if asked.expect else (None, None)


def _level(asked: str | None, book: GridBook) -> int | None:
    """A level by its name, or by its number counted from 1, the outermost."""
    if asked is None:
        return None
    names = book.levels()
    if asked in names:
        return names.index(asked)
    if asked.isdigit() and 1 <= int(asked) <= len(names):
        return int(asked) - 1
    raise ValueError(f"no level {asked}; the levels are {', '.join(names)}")


def _pair(text: str, option: str) -> tuple[str, str]:
    left, found, right = text.rpartition("=")
    if not found:
        raise ValueError(f"{option} takes NAME=VALUE, not {text}")
    return left, right


def _identity(asked: argparse.Namespace) -> str:
    """What must be the same for a broken-off run to be the same run: everything a message is made of."""
    said = {name: str(value) for name, value in sorted(vars(asked).items()) if name not in _BY_THE_WAY}
    return json.dumps(said | {"file": asked.file.name, "bytes": asked.file.stat().st_size}, ensure_ascii=False)


_BY_THE_WAY = frozenset({"limit", "state", "demo_json", "gateway", "device", "key", "grids", "expect"})


def _address(asked: argparse.Namespace) -> Address:
    """The room named by --gateway, or the one whose demo.json is here."""
    if asked.gateway or asked.device:
        key = asked.key or os.environ.get("FEED_KEY", "")
        if not (asked.gateway and asked.device and key):
            raise ValueError("--gateway, --device and --key (or FEED_KEY) go together")
        return Address(asked.gateway, asked.device, key, "replay/1")
    room: dict[str, Any] = json.loads((asked.demo_json or _data_dir() / "demo.json").read_text("utf-8"))
    sources = [d for d in room["devices"] if d.get("worker", "*") == "*"]
    if not sources:
        raise ValueError("demo.json has no device that speaks for many")
    return Address(room["gateway"], sources[0]["device"], sources[0]["key"], "replay/1")


def _data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR") or "var")


async def _replay(asked: argparse.Namespace) -> int:
    book = GridBook.load(asked.grids)
    plan = _plan(asked, book)
    state = asked.state or _data_dir() / "replay" / f"{plan.slug}.json"
    progress = Progress.resume(state, _identity(asked), datetime.now(UTC))
    player = Player(Table(asked.file, _columns(asked), by_time=asked.sort), plan, _address(asked), progress, book)
    began = time.monotonic()
    try:
        await player.run()
    finally:
        print(json.dumps(player.outcome.summary(plan, book, time.monotonic() - began), ensure_ascii=False))
    return 0
