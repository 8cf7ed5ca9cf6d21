"""The replay role: what it sends, when, and that it neither dies without a room nor holds up a stop."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.demo.role import Schedule, read_room
from feeds.demo.story import Story
from feeds.replay import run
from geo.grids import GridBook
from tests.feeds.fake_gateway import KEY, FakeGateway, listening, until

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def demo_json(folder: Path, gateway: str) -> Path:
    """What a demo room writes, its web process away."""
    account = {"password": "x", "area": "", "display": ""}
    room: dict[str, Any] = {"url": "http://127.0.0.1:9", "gateway": gateway}
    room["accounts"] = [{"name": role, "role": role, **account} for role in ("duty", "unit", "verifier")]
    room["devices"] = [
        {"device": "demo-source", "key": "k", "source": "hotline", "worker": "*"},
        {"device": "demo-worker", "key": "k", "source": "grid_worker", "worker": "W-0065"},
    ]
    room["feed"] = {"device": "demo-feed", "key": KEY, "source": "other", "worker": "*"}
    file = folder / "demo.json"
    file.write_text(json.dumps(room), "utf-8")
    return file


def sent(schedule: Schedule, hours: float, step: timedelta = timedelta(minutes=5)) -> list[dict[str, Any]]:
    now, frames = START, []
    while now < START + timedelta(hours=hours):
        now += step
        frames += schedule.due(now)
    return [dict(frame) for frame in frames]


def test_a_day_at_real_speed_sends_a_days_reports_once_each(story: Story) -> None:
    frames = sent(Schedule(story, START, 1.0, "r1"), 24)
    reports = [f for f in frames if f["type"] == "report"]
    assert 200 <= len(reports) <= 420
    assert len({f["id"] for f in frames}) == len(frames)


def test_speed_quickens_reports_and_their_times_stay_real(story: Story) -> None:
    frames = sent(Schedule(story, START, 600.0, "r1"), 0.1, timedelta(seconds=2))
    assert len(frames) > 300  # sixty hours in six minutes
    at = [datetime.fromisoformat(f["at"]) for f in frames]
    assert all(START - timedelta(minutes=5) < when <= START + timedelta(hours=0.1) for when in at)


def test_another_run_of_the_same_day_sends_other_ids(story: Story) -> None:
    first = {f["id"] for f in sent(Schedule(story, START, 1.0, "r1"), 2)}
    assert first.isdisjoint(f["id"] for f in sent(Schedule(story, START, 1.0, "r2"), 2))


def test_role_brings_reports_workers_and_statuses_within_seconds(tmp_path: Path, book: GridBook) -> None:
    async def play() -> None:
        gateway, stop = FakeGateway(), asyncio.Event()
        async with listening(gateway) as url:
            role = asyncio.create_task(run(demo_json(tmp_path, url), book, 30.0, stop))
            await until(lambda: len({fix["worker"] for fix in gateway.fixes}) == 65, 15)
            await until(lambda: any(m["type"] == "report" for m in gateway.committed.values()), 15)
            own = [fix for fix in gateway.fixes if fix["worker"] == "W-0065"]
            assert len(own) == 1  # introduced, then left to his own device
            stop.set()
            await asyncio.wait_for(role, 5)
        statuses = {m["worker"] for m in gateway.committed.values() if m["type"] == "status"}
        assert len(statuses) == 65

    asyncio.run(play())


def test_role_waits_for_a_room_that_is_not_there_and_stops_at_once(tmp_path: Path, book: GridBook) -> None:
    async def play(file: Path) -> None:
        stop = asyncio.Event()
        role = asyncio.create_task(run(file, book, 1.0, stop))
        done, _ = await asyncio.wait({role}, timeout=0.5)
        assert not done
        stop.set()
        await asyncio.wait_for(role, 5)

    asyncio.run(play(tmp_path / "absent.json"))
    asyncio.run(play(demo_json(tmp_path, "ws://127.0.0.1:9/v1/feed")))


def test_room_file_names_the_feed_and_prefers_the_demos_own_staff(tmp_path: Path) -> None:
    file = demo_json(tmp_path, "ws://127.0.0.1:9/v1/feed")
    room = read_room(file)
    assert (room.address.device, room.own_accounts, room.strangers) == ("demo-feed", False, {"W-0065"})
    content = json.loads(file.read_text("utf-8"))
    content["staff"] = [{"name": "demo-duty", "password": "x", "role": "duty", "unit": None}]
    file.write_text(json.dumps(content), "utf-8")
    assert [(p.name, p.role) for p in read_room(file).people] == [("demo-duty", "duty")]
    file.write_text(json.dumps({"gateway": "x"}), "utf-8")
    with pytest.raises(ValueError, match="lacks"):
        read_room(file)
