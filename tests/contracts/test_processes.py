"""Several processes on one database: unique numbers, a gapless cursor, and kill -9 loses nothing acknowledged."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from cases.model import EVERYWHERE
from cases.ports import CaseFilter
from storage.engine import Engine
from storage.rows import case_no
from storage.search_tail import TailKeeper
from storage.tables import events, receipts
from storage.views import SqlViews
from tests.cases.build import report

ROOT = Path(__file__).parents[2]


def started(url: str, source: str, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contracts.writer", url, source, str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def acknowledged(lines: list[str]) -> dict[str, str]:
    return dict(line.split() for line in lines if line.endswith("\n"))


def recorded(engine: Engine, source: str) -> dict[str, str]:
    mine = sa.select(receipts.c.id, receipts.c.number).where(receipts.c.source == source)
    with engine.read() as connection:
        return {row.id: row.number for row in connection.execute(mine)}


def event_seqs(engine: Engine) -> list[tuple[int, str]]:
    with engine.read() as connection:
        rows = connection.execute(sa.select(events.c.seq, events.c.case_id).order_by(events.c.seq)).all()
    return [(seq, case_no(case)) for seq, case in rows]


def test_what_was_acknowledged_survives_kill_9(url: str, engine: Engine, views: SqlViews) -> None:
    said: dict[str, str] = {}
    for kill in range(3):
        with started(url, "dev", kill * 1000, 1000) as process:
            assert process.stdout is not None
            lines = list(islice(process.stdout, 17 + kill))
            process.kill()
            said |= acknowledged(lines + process.stdout.readlines())
    kept = recorded(engine, "dev")
    assert len(said) >= 3 * 17
    assert {id: kept.get(id) for id in said} == said
    numbers = [c.no for c in views.cases(EVERYWHERE, CaseFilter(), size=4000).items]
    assert sorted(numbers) == sorted(kept.values())
    assert event_seqs(engine) == list(enumerate(sorted(numbers), 1))
    for indexed in (False, True):  # whatever the kill left half done, each is found once
        assert not indexed or TailKeeper(engine).follow(9.0)
        found = views.cases(EVERYWHERE, CaseFilter(text=report("1").title), size=4000)
        assert ([c.no for c in found.items], found.total) == (numbers, len(numbers))


def test_two_writers_at_once_share_the_numbers_without_a_gap(url: str, engine: Engine, views: SqlViews) -> None:
    writers = [started(url, source, 0, 60) for source in ("left", "right")]
    followed: list[str] = []
    cursor = 0
    while len(followed) < 120 and any(w.poll() is None for w in writers):
        cursor, touched = views.changed_since(cursor, limit=7)
        followed += [no for no, _ in touched]
    said = {source: acknowledged(w.communicate()[0].splitlines(True)) for source, w in zip("lr", writers, strict=True)}
    while len(followed) < 120:
        cursor, touched = views.changed_since(cursor, limit=7)
        followed += [no for no, _ in touched]
    everything = [number for answers in said.values() for number in answers.values()]
    assert sorted(everything) == [f"20261116-{n:06d}" for n in range(1, 121)]
    assert followed == [no for _, no in event_seqs(engine)]  # nothing skipped, nothing twice, in order
    assert [seq for seq, _ in event_seqs(engine)] == list(range(1, 121))
