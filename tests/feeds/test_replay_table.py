"""Recorded tables through a socket: every row once, whatever breaks on the way; and the summary tells it."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import serve

from feeds import client
from feeds.replay import main
from tests.feeds.fake_gateway import KEY, FakeGateway, Message, listening, until
from tests.feeds.town import write_town

REPORTS = ("--time", "t", "--lon", "x", "--lat", "y", "--crs", "wgs84", "--category", "kind")


@pytest.fixture
def play(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Run `python -m feeds replay` against a gateway; its summary, its exit status as `status`."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setattr(client, "AGAIN_S", 0.3)
    town = write_town(tmp_path)

    def run(gateway: FakeGateway, file: Path, *options: str, key: str = KEY) -> dict[str, Any]:
        async def story() -> int:
            async with listening(gateway) as url:
                room = ("--gateway", url, "--device", "src", "--key", key, "--grids", str(town))
                return await asyncio.to_thread(main, [str(file), *options, *room])

        status = asyncio.run(story())
        said = capsys.readouterr().out.splitlines()
        return {"status": status, **(json.loads(said[-1]) if said else {})}

    return run


def table(folder: Path, count: int) -> Path:
    """One row a minute."""
    start = datetime(2024, 1, 1, 8)
    rows = [f"{start + timedelta(minutes=n)},120.02,30.05,噪声,A1 网格" for n in range(count)]
    file = folder / "table.csv"
    file.write_text("\n".join(["t,x,y,kind,where", *rows]), "utf-8")
    return file


def test_every_row_is_acked_once_and_located(tmp_path: Path, play: Callable[..., dict[str, Any]]) -> None:
    gateway = FakeGateway()
    said = play(gateway, table(tmp_path, 300), *REPORTS, "--speed", "max", "--expect", "where=2")
    assert (said["status"], said["sent"], said["acked"], len(gateway.committed)) == (0, 300, 300, 300)
    assert said["located"] == {"一级网格": 300, "二级网格": 300}
    assert said["expected"] == {"level": "二级网格", "matched": 300, "of": 300}
    sent = gateway.committed["table-000001"]
    assert (sent["category"], sent["title"], sent["crs"]) == ("噪声", "噪声", "wgs84")


def test_lost_acks_and_cut_links_neither_lose_nor_double_a_row(
    tmp_path: Path, play: Callable[..., dict[str, Any]]
) -> None:
    gateway = FakeGateway()
    gateway.swallow = lambda count: count % 7 == 0
    gateway.cut = lambda count: count % 90 == 0
    said = play(gateway, table(tmp_path, 250), *REPORTS, "--speed", "max")
    assert (said["acked"], said["refused"], len(gateway.committed)) == (250, {}, 250)
    assert gateway.links > 2
    assert gateway.repeats > 0


def test_a_run_that_was_killed_goes_on_and_doubles_nothing(tmp_path: Path, play: Callable[..., dict[str, Any]]) -> None:
    file, gateway = table(tmp_path, 200), FakeGateway()
    play(gateway, file, *REPORTS, "--speed", "max", "--limit", "120")
    state = tmp_path / "var" / "replay" / "table.json"
    kept = json.loads(state.read_text("utf-8"))
    assert kept["done"] == 120
    state.write_text(json.dumps({**kept, "done": 80, "after": [85, 90]}), "utf-8")  # as kill -9 leaves it behind
    said = play(gateway, file, *REPORTS, "--speed", "max")
    assert (said["settled_before"], said["sent"], said["duplicates"], said["refused"]) == (82, 118, 38, {})
    assert len(gateway.committed) == 200
    assert play(gateway, file, *REPORTS, "--speed", "max")["sent"] == 0
    assert play(gateway, file, *REPORTS, "--speed", "max", "--run", "two")["acked"] == 200


def test_refusals_are_counted_with_their_reasons(tmp_path: Path, play: Callable[..., dict[str, Any]]) -> None:
    def refuse(message: Message) -> Message | None:
        if not message["id"].endswith("3"):
            return None
        return {"type": "ack", "id": message["id"], "ok": False, "code": "NULL_ISLAND", "msg": "坐标为零"}

    gateway = FakeGateway()
    gateway.answer = refuse
    said = play(gateway, table(tmp_path, 50), *REPORTS, "--speed", "max")
    assert said["refused"] == {"NULL_ISLAND": {"count": 5, "reason": "坐标为零"}}
    assert said["acked"] == 45


def test_busy_answers_are_tried_again_not_counted(tmp_path: Path, play: Callable[..., dict[str, Any]]) -> None:
    met: set[str] = set()

    def busy_once(message: Message) -> Message | None:
        if message["id"] in met:
            return None
        met.add(message["id"])
        busy = {"type": "ack", "id": message["id"], "ok": False, "code": "RATE_LIMITED", "msg": "稍后"}
        return busy | {"retry_after_s": 0.1}

    gateway = FakeGateway()
    gateway.answer = busy_once
    said = play(gateway, table(tmp_path, 20), *REPORTS, "--speed", "max")
    assert (said["acked"], said["refused"]) == (20, {})


def test_times_move_to_now_at_the_speed_asked_or_stay(tmp_path: Path, play: Callable[..., dict[str, Any]]) -> None:
    gateway = FakeGateway()
    began = datetime.now().astimezone()
    play(gateway, table(tmp_path, 5), *REPORTS, "--speed", "600")
    at = [datetime.fromisoformat(m["at"]) for m in gateway.committed.values()]
    assert abs(at[0] - began) < timedelta(seconds=10)
    assert [b - a for a, b in itertools.pairwise(at)] == [timedelta(seconds=0.1)] * 4
    play(gateway, table(tmp_path, 5), *REPORTS, "--speed", "max", "--keep-time", "--run", "kept")
    assert gateway.committed["table-kept-000001"]["at"] == "2024-01-01T08:00:00.000000+08:00"


def test_a_workers_table_becomes_fixes_and_bad_ones_are_counted(
    tmp_path: Path, play: Callable[..., dict[str, Any]]
) -> None:
    file = tmp_path / "tracks.csv"
    rows = ["who,t,x,y", "V2,2024-01-01T00:00:05Z,114.1,22.5", "V1,2024-01-01T00:00:00Z,114,22.5"]
    rows += ["V1,2024-01-01T00:00:10Z,0,0", "V1,2024-01-01T00:00:20Z,114,95", "V1,never,114,22.5"]
    file.write_text("\n".join(rows), "utf-8")
    gateway = FakeGateway()
    columns = ("--time", "t", "--lon", "x", "--lat", "y", "--crs", "wgs84", "--worker", "who")
    said = play(gateway, file, *columns, "--speed", "max", "--sort")
    assert [(f["worker"], f["lon"]) for f in gateway.fixes] == [("V1", 114.0), ("V2", 114.1)]
    assert (said["sent"], said["unreadable"]) == (2, {"time": 1})
    assert {code: told["count"] for code, told in said["refused"].items()} == {"NULL_ISLAND": 1, "OUT_OF_RANGE": 1}
    first, second = (datetime.fromisoformat(f["at"]) for f in gateway.fixes)
    assert second - first == timedelta(seconds=5)  # at full speed, too, the track keeps its own


def test_wrong_key_and_wrong_table_end_with_words_not_a_trace(
    tmp_path: Path, play: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert play(FakeGateway(), table(tmp_path, 3), *REPORTS, key="wrong")["status"] == 1
    assert play(FakeGateway(), table(tmp_path, 3), *REPORTS, "--title", "absent")["status"] == 1


def test_client_outlives_the_gateway() -> None:
    class Counting(client.Ears):
        def __init__(self) -> None:
            self.acked: list[str] = []

        def answered(self, frame: client.Frame, ack: client.Heard) -> None:
            self.acked.append(str(frame["id"]))

    async def story() -> None:
        gateway, ears = FakeGateway(), Counting()
        async with listening(gateway) as url:
            peer = client.Client(client.Address(url, "src", KEY), ears)
            running = asyncio.create_task(peer.run())
            await peer.file({"type": "report", "id": "a"})
            await until(lambda: ears.acked == ["a"])
        await until(lambda: not peer.is_up)
        await peer.file({"type": "report", "id": "b"})  # nobody is there
        assert not await peer.say({"type": "positions", "items": []})
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        async with asyncio.timeout(10), serve(gateway.handle, "127.0.0.1", port):
            await peer.settled()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert sorted(gateway.committed) == ["a", "b"]

    asyncio.run(story())
