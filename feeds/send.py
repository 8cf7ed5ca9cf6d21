"""`python -m feeds send`: one report from the command line, and its ack."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

ANSWER_WITHIN_S = 5.0
TRIES = 3

ABOUT = """把一条上报发给正在运行的综治中心，打印回执（含案件编号与所在网格）。
Send one report to a running room and print its ack: the case number and the grids, outermost first.

例 / examples:
  python -m feeds send --title 楼上噪声 --category dispute.neighbour --lon 120.12 --lat 30.28 --crs gcj02
  python -m feeds send --title 井盖缺失 --category city.manhole --address 文三路 12 号
  python -m feeds send --title 噪声 --category environment.noise --grid 330106012003 \\
      --device hotline-1 --key hotline-1.… --gateway ws://10.0.0.5:8765/v1/feed

没有 --device 时，从 DATA_DIR（默认 var/）的 demo.json 取演示用的来源设备。
Without --device the demo's source device is read from demo.json in DATA_DIR (default var/).
The same --id sent again is answered with the first case; without --id a new one is made.
Exit status: 0 committed, 1 refused or unreachable (the reason is printed), 2 wrong usage."""


class CannotSend(Exception):
    """Why nothing was sent or answered, in words for the person at the command line."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        "python -m feeds send", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--title", required=True, help="一句话说明，1–200 字")
    parser.add_argument("--category", required=True, help="类别代码，如 dispute.neighbour；不认识的记为 other")
    parser.add_argument("--text", help="详细情况，最多 5000 字")
    parser.add_argument("--lon", type=float, help="经度 longitude")
    parser.add_argument("--lat", type=float, help="纬度 latitude")
    parser.add_argument("--crs", help="坐标系: wgs84 gcj02 bd09 cgcs2000（有经纬度时必填）")
    parser.add_argument("--grid", help="网格编码（没有经纬度时）")
    parser.add_argument("--address", help="地址")
    parser.add_argument("--channel", help="渠道，默认为设备的来源")
    parser.add_argument("--severity", type=int, help="1 最重 … 4，默认 3")
    parser.add_argument("--people", type=int, help="涉及人数")
    parser.add_argument("--at", help="发生时间，带时区，默认现在")
    parser.add_argument("--id", help="消息编号，1–64 位 [A-Za-z0-9_-]")
    parser.add_argument("--exercise", action="store_true", help="演练，不计入统计")
    parser.add_argument("--device", help="设备编号（与 --key 一起）")
    parser.add_argument("--key", help="设备密钥；也可放在环境变量 DEVICE_KEY 中，以免留在命令历史里")
    parser.add_argument("--gateway", help="网关地址，默认取自 demo.json，否则 ws://127.0.0.1:8765/v1/feed")
    return parser


def main(argv: Sequence[str]) -> int:
    """Send, print the ack, say by the exit status whether it is committed."""
    given = parser().parse_args(argv)
    try:
        gateway, device, key = credentials(given, os.environ)
        ack = asyncio.run(exchange(gateway, device, key, report_of(given)))
    except CannotSend as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(ack, ensure_ascii=False))
    if not ack.get("ok"):
        print(f"{ack.get('code')}: {ack.get('msg')}", file=sys.stderr)
        return 1
    return 0


def credentials(given: argparse.Namespace, environment: Mapping[str, str]) -> tuple[str, str, str]:
    """Gateway URL, device and key: as given, else from the demo room's file."""
    key = given.key or environment.get("DEVICE_KEY")
    if given.device and key:
        return _feed(given.gateway or _gateway_of(environment)), given.device, key
    if given.device or given.key:
        raise CannotSend("--device 与 --key 须同时给出 / --device and --key go together")
    demo = _demo(environment)
    source = next((d for d in demo.get("devices", ()) if d.get("worker", "*") == "*"), None)
    if source is None:
        raise CannotSend("demo.json 中没有来源设备；请用 --device 与 --key / no source device in demo.json")
    return _feed(given.gateway or demo["gateway"]), source["device"], source["key"]


def report_of(given: argparse.Namespace) -> dict[str, Any]:
    """The frame that these arguments ask for; what was not given is left out."""
    named = ("title", "category", "text", "lon", "lat", "crs", "grid", "address", "channel", "severity", "people")
    said = {name: getattr(given, name) for name in named if getattr(given, name) is not None}
    at = given.at or datetime.now(UTC).isoformat(timespec="milliseconds")
    extra = {"exercise": True} if given.exercise else {}
    return {"type": "report", "id": given.id or uuid4().hex, "at": at, **said, **extra}


async def exchange(gateway: str, device: str, key: str, report: dict[str, Any]) -> dict[str, Any]:
    """Say hello, send the report (again when 5 s bring no ack), return the ack."""
    try:
        async with connect(gateway, compression=None, proxy=None, open_timeout=ANSWER_WITHIN_S) as socket:
            hello = {"type": "hello", "device": device, "key": key, "client": "feeds-send/1"}
            welcome = await _ask(socket, hello, "welcome")
            if welcome["type"] == "error":
                return welcome
            for _ in range(TRIES):
                try:
                    return await _ask(socket, {"channel": welcome["source"], **report}, "ack")
                except TimeoutError:
                    continue
    except ConnectionClosed as closed:
        reason = closed.rcvd.reason if closed.rcvd else ""
        raise CannotSend(f"网关断开了连接：{reason or '原因不明'} / the gateway hung up") from closed
    except (OSError, InvalidHandshake, TimeoutError) as problem:
        hint = "房间是否已启动？/ is the room running?"
        raise CannotSend(f"连不上网关 {gateway}（{type(problem).__name__}）：{hint}") from problem
    raise CannotSend("没有收到回执，请稍后以同一 --id 再发 / no ack; send again with the same --id")


async def _ask(socket: Any, message: dict[str, Any], answer: str) -> dict[str, Any]:
    await socket.send(json.dumps(message, ensure_ascii=False))
    async with asyncio.timeout(ANSWER_WITHIN_S):
        while True:
            said: dict[str, Any] = json.loads(await socket.recv())
            if said.get("type") in (answer, "error"):
                return said


def _demo(environment: Mapping[str, str]) -> dict[str, Any]:
    path = Path(environment.get("DATA_DIR") or "var") / "demo.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise CannotSend(
            f"没有可用的 {path}：先运行 make run，或用 --device 与 --key / no usable {path}: start the demo room first"
        ) from problem
    return found


def _gateway_of(environment: Mapping[str, str]) -> str:
    try:
        return str(_demo(environment)["gateway"])
    except (CannotSend, KeyError):
        return f"ws://127.0.0.1:{environment.get('GATEWAY_PORT') or 8765}"


def _feed(gateway: str) -> str:
    """The feed's full address; demo.json and people may leave the path away."""
    address = gateway.rstrip("/").replace("http://", "ws://", 1).replace("https://", "wss://", 1)
    return address if address.endswith("/v1/feed") else f"{address}/v1/feed"
