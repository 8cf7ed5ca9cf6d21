"""The golden figures of the source documents (domain.md K), each read from stored cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.desk import Desk
from cases.indicators import (
    Rate,
    Span,
    change,
    closed_by_loop,
    counted,
    covered,
    mediated,
    on_time,
    resolved,
    satisfied,
)
from cases.model import EVERYWHERE, Action, Case, CaseNo, Loop, Mediation, Scope, Stage, Standing, State
from storage.engine import Engine
from storage.evidence import SqlEvidence
from storage.store import SqlStore
from tests.cases.build import DUTY, MONDAY_9, OTHER_UNIT, case, report
from tests.contracts.build import NORTH, filed

YEAR = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
LAST = Span(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
SETTLED = {"stage": Stage.CLOSED, "outcome": "settled"}


def many(day: str, count: int, **changes: object) -> list[Case]:
    at = datetime.strptime(f"{day} +0000", "%Y%m%d %z") + timedelta(hours=1)
    return [case(no=CaseNo(f"{day}-{n:06d}"), received_at=at, reported_at=at, **changes) for n in range(1, count + 1)]


def store(engine: Engine, *groups: list[Case]) -> None:
    with SqlStore(engine).transaction() as tx:
        for group in groups:
            tx.add_cases(group)


def test_the_resolution_rate_and_its_fall_against_last_year(engine: Engine) -> None:
    store(engine, many("20260302", 2346, **SETTLED), many("20260303", 38), many("20250302", 3640, **SETTLED))
    # None of these may enter: exercises, sub-tasks, void and merged cases.
    store(engine, many("20260304", 5, exercise=True, **SETTLED), many("20260305", 5, parent=CaseNo("20260302-000001")))
    store(engine, many("20260306", 5, state=State.VOID), many("20260307", 5, state=State.MERGED))
    evidence = SqlEvidence(engine)
    now = counted(evidence.received(EVERYWHERE, YEAR.since, YEAR.until), YEAR)
    before = counted(evidence.received(EVERYWHERE, LAST.since, LAST.until), LAST)
    assert resolved(now).words == "98.4 %（2346/2384 件）"
    assert (len(now), len(before)) == (2384, 3640)
    assert f"{change(len(now), len(before)).value:.1%}" == "-34.5%"


def mediations(count: int, settled: int, kind: str, first: int) -> list[Mediation]:
    results = ["settled"] * settled + ["failed"] * (count - settled)
    one = Mediation(CaseNo("20260302-000001"), 0, MONDAY_9, "调解员", kind, "")
    return [replace(one, version=first + n, result=result) for n, result in enumerate(results)]


def test_mediations_are_counted_by_their_results(engine: Engine) -> None:
    store(engine, many("20260302", 1))
    with SqlStore(engine).transaction() as tx:
        tx.add_mediations(mediations(35, 35, "people", 1))
        tx.add_mediations(mediations(2000, 700, "marriage", 100))
    found = SqlEvidence(engine).mediations(EVERYWHERE, YEAR.since, YEAR.until)
    assert mediated(found, "people").words == "100.0 %（35/35 次）"
    assert mediated(found, "marriage").words == "35.0 %（700/2000 次）"
    assert mediated(found, "judicial").words == "—（0 次）"
    assert SqlEvidence(engine).mediations(Scope("elsewhere"), YEAR.since, YEAR.until) == []


def test_coverage_counts_the_villages_with_cases_of_theirs(engine: Engine) -> None:
    """135 of 215 villages sent video reports: told by the grids of stored cases."""
    villages = [f"V{n:03d}" for n in range(215)]
    seen = many("20260302", 135, channel="video")
    store(engine, [replace(c, place=replace(c.place, grids=("T", villages[n]))) for n, c in enumerate(seen)])
    received = SqlEvidence(engine).received(EVERYWHERE, YEAR.since, YEAR.until)
    connected = {case.grids[-1] for case in received if case.channel == "video"} & set(villages)
    assert covered(len(connected), len(villages), "个村").words == "62.8 %（135/215 个村）"


def test_the_share_closed_in_each_loop(engine: Engine) -> None:
    small = many("20260303", 3, loop=Loop.SMALL, **SETTLED)
    store(engine, many("20260302", 6, **SETTLED), small, many("20260304", 1, loop=Loop.LARGE, **SETTLED))
    store(engine, many("20260305", 4, stage=Stage.CLOSED, outcome="refused"), many("20260306", 4))
    rates = closed_by_loop(SqlEvidence(engine).received(EVERYWHERE, YEAR.since, YEAR.until))
    assert [(rates[loop].numerator, rates[loop].denominator) for loop in Loop] == [(6, 10), (3, 10), (1, 10)]


def test_what_is_open_and_overdue_counts_against_the_rate() -> None:
    late = many("20260303", 2, standing=Standing.OVERDUE)
    assert on_time([*many("20260302", 6, **SETTLED), *late], MONDAY_9 - timedelta(days=9)).words.startswith("75.0 %")


def test_content_is_shown_with_how_many_were_asked() -> None:
    content, asked = satisfied([*many("20260302", 3, score=5, **SETTLED), *many("20260303", 7, **SETTLED)])
    assert (content.words, asked.words) == ("100.0 %（3/3 件（已评价））", "30.0 %（3/10 件（已结））")


@pytest.mark.parametrize("rate", [resolved([]), mediated([]), covered(0, 0, "个村"), on_time([], MONDAY_9)])
def test_a_rate_without_a_base_has_no_value(rate: Rate) -> None:
    assert rate.value is None and rate.words.startswith("—（0 ")


def test_whistles_wait_in_the_list_until_the_unit_is_there(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report(place=replace(report().place, grids=NORTH)))
    desk.act(no, Action.WHISTLE, {"units": "U-justice,U-police", "reason": "请到场"}, DUTY, EVERYWHERE, 1, MONDAY_9)
    evidence = SqlEvidence(engine)
    assert [w.unit for w in evidence.whistles_waiting(Scope("T-N"))] == ["U-justice", "U-police"]
    assert evidence.whistles_waiting(Scope("T-S")) == []
    desk.act(no, Action.ARRIVE, {}, OTHER_UNIT, EVERYWHERE, 2, MONDAY_9)
    [police] = evidence.whistles_waiting(EVERYWHERE)
    assert (police.unit, police.case, police.answer_by) == ("U-police", no, MONDAY_9 + timedelta(minutes=15))


def test_a_link_is_seen_from_both_ends(engine: Engine, desk: Desk) -> None:
    one, other = filed(desk, report("a"), report("b"))
    desk.act(other, Action.LINK, {"to": one, "kind": "repeat"}, DUTY, EVERYWHERE, 1, MONDAY_9)
    evidence = SqlEvidence(engine)
    [link] = evidence.links(one, EVERYWHERE)
    assert evidence.links(other, EVERYWHERE) == [link]
    assert (link.case, link.other, link.kind, link.by) == (one, other, "repeat", DUTY.name)
    assert evidence.links(one, Scope("elsewhere")) == []
