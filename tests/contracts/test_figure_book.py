"""The register's figures on both databases: golden ones, two hundred random ones against a slow recount, and repair."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from cases.desk import Desk, Past, Step
from cases.errors import CaseError, NotAllowed
from cases.indicators import REGISTER, Figure, Narrowing, Period
from cases.model import EVERYWHERE, Action, Actor, CaseNo, IncidentReport, Place, Scope, State
from cases.ports import CaseFilter
from storage.aggregates import Aggregates
from storage.engine import Engine
from storage.figure_book import SqlFigureBook
from storage.grid_past import SqlGridPast
from storage.recount import recount
from storage.shifts import SqlShifts
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import DUTY, LEADER, MONDAY_9, OTHER_UNIT, UNIT, VERIFIER, case, report
from tests.contracts.build import NORTH, SOUTH, filed, seen
from tests.contracts.engines import POSTGRES_WHEN_LONG
from tests.contracts.slow_recount import ANSWERED, Slow
from tests.contracts.test_indicators import SETTLED, many, mediations, store

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
TODAY = Period(date(2026, 11, 16), date(2026, 11, 16))


def ask(engine: Engine, id: str, grid: str | None = None, period: Period = YEAR, **more: object) -> Figure:
    return SqlFigureBook(engine).ask(id, grid, period, EVERYWHERE, NOW, **more)  # type: ignore[arg-type]


# golden figures (domain.md K) ---------------------------------------------------------------------------------


def test_golden_figures_come_from_stored_cases(engine: Engine) -> None:
    store(engine, many("20260302", 2346, **SETTLED), many("20260303", 38), many("20250302", 3640, **SETTLED))
    store(engine, many("20260304", 5, exercise=True, **SETTLED), many("20260305", 5, parent=CaseNo("20260302-000001")))
    store(engine, many("20260306", 5, state=State.VOID), many("20260307", 5, state=State.MERGED))
    with SqlStore(engine).transaction() as tx:
        tx.add_mediations(mediations(35, 35, "people", 1))
        tx.add_mediations(mediations(2000, 700, "marriage", 100))
    assert Aggregates(engine).rebuild() == 2346 + 38 + 3640 + 20
    assert ask(engine, "resolution").words == "98.4%（2346/2384 件）"
    assert ask(engine, "received_yoy").words == "-34.5%（本期 2384，上年同期 3640 件）"
    assert ask(engine, "reconciliation").words == "35.0%（700/2000 次）"
    assert ask(engine, "mediation").words == "36.1%（735/2035 次）"
    assert ask(engine, "visits").words == "2389 次"  # those merged away came too, those void did not


def test_a_third_of_a_town_is_covered(engine: Engine) -> None:
    """135 of 215 villages (K): told by the grids of stored cases."""
    villages = [f"V{n:03d}" for n in range(215)]
    seen = many("20260302", 135)
    store(engine, [replace(c, place=replace(c.place, grids=("T", villages[n]))) for n, c in enumerate(seen)])
    Aggregates(engine).rebuild()
    assert ask(engine, "coverage", leaves=villages).words == "62.8%（135/215 个网格）"
    assert ask(engine, "silent_grids", leaves=villages).value == 80


def test_a_small_base_says_so_and_none_is_no_figure(engine: Engine, desk: Desk) -> None:
    filed(desk, report("a"))
    assert ask(engine, "resolution").words == "0.0%（0/1 件）；基数小，仅供参考"
    assert (ask(engine, "satisfaction").value, ask(engine, "satisfaction").words) == (None, "—（0 件）")


# two hundred random answers -----------------------------------------------------------------------------------


@POSTGRES_WHEN_LONG
def test_parts_of_a_figure_add_up_to_it_and_are_its_rows(engine: Engine, desk: Desk) -> None:
    lived(desk, Random(7))
    book, past = SqlFigureBook(engine), SqlGridPast(engine)
    for grid in ("", NORTH[-1]):
        whole = ask(engine, "received", grid or None)
        mix = past.mix(Scope(grid), YEAR.since, YEAR.until)
        assert whole.value and mix.base == sum(map(sum, mix.hours)) == whole.value
        slots = [(n, Narrowing(weekday=day, hour=h)) for day, row in enumerate(mix.hours) for h, n in enumerate(row)]
        busiest = max(slots, key=lambda slot: slot[0])
        again = [(each.count, Narrowing(address=each.address)) for each in past.repeats(Scope(grid), YEAR.since, NOW)]
        assert again
        for told, part in [*((count, Narrowing(kind)) for kind, count in mix.kinds), busiest, *again]:
            figure = book.ask("received", grid or None, YEAR, EVERYWHERE, NOW, part=part)
            rows = book.rows("received", grid or None, YEAR, EVERYWHERE, NOW, size=500, part=part)
            assert figure.value == told == rows.total == len(rows.items), part
            assert all(part.holds(each.category, each.reported_at, each.place.address) for each in rows.items)


def test_case_received_later_than_reported_keeps_its_hour_and_the_day_of_its_receipt(engine: Engine) -> None:
    late = case(received_at=MONDAY_9 + timedelta(days=1), reported_at=MONDAY_9, no=CaseNo("20261117-000001"))
    store(engine, [late])
    book, day, hour = SqlFigureBook(engine), TODAY.first + timedelta(days=1), Narrowing(weekday=0, hour=9)
    assert book.ask("received", None, Period(day, day), EVERYWHERE, NOW, part=hour).value == 1
    assert book.ask("received", None, TODAY, EVERYWHERE, NOW, part=hour).value == 0


def test_area_drawn_by_hand_is_a_part_of_the_register(engine: Engine) -> None:
    west, east, nowhere = ((110.01, 30.01), (110.02, 30.01), (None, None))
    seen = many("20260302", 3)
    placed = [
        replace(c, place=replace(c.place, lon=x, lat=y)) for c, (x, y) in zip(seen, (west, east, nowhere), strict=True)
    ]
    store(engine, placed)
    book, ring = SqlFigureBook(engine), Narrowing(ring="110.0,30.0;110.015,30.0;110.015,30.02;110.0,30.02")
    figure = book.ask("received", None, YEAR, EVERYWHERE, NOW, part=ring)
    rows = book.rows("received", None, YEAR, EVERYWHERE, NOW, part=ring)
    assert figure.value == rows.total == 1 and [each.no for each in rows.items] == [seen[0].no]
    assert "只数圈定范围内" in figure.definition and "ring=110.0%2C30.0" in figure.link


def test_past_put_into_an_empty_room_is_counted_by_its_cases(
    engine: Engine, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.aggregates.FAR", 10)
    monkeypatch.setattr("storage.figure_book.TAIL", 1)
    Aggregates(engine).catch_up()  # of nothing
    lived(desk, Random(3))
    assert SqlFigureBook(engine).counting() == 0.0
    while_counting = Aggregates(engine)
    assert while_counting._step() and SqlFigureBook(engine).counting() == 0.0
    while_counting.catch_up()
    assert SqlFigureBook(engine).counting() is None
    assert ask(engine, "received").behind == 0
    assert recount(engine, lambda done, total: None).differing == 0


def test_figure_without_parts_refuses_them(engine: Engine) -> None:
    with pytest.raises(ValueError, match="no part"):
        ask(engine, "resolution", part=Narrowing("dispute.land"))


def lived(desk: Desk, chance: Random, count: int = 90) -> None:
    """Cases of three months in two townships, each with some way behind it."""
    desk.backfill([_past(chance, number) for number in range(count)])


def _past(chance: Random, number: int) -> Past:
    at = NOW - timedelta(days=chance.uniform(0.1, 95))
    told = report(
        f"p{number}",
        at=at,
        received_at=at,
        people=chance.choice((None, 1, 4)),
        severity=chance.choice((1, 2, 3)),
        channel=chance.choice(("call", "visit", "letter", "grid_worker", "patrol")),
        category=chance.choice(("dispute.neighbour", "dispute.land", "environment.noise")),
        place=replace(report().place, grids=chance.choice((NORTH, SOUTH, ())), address=f"荷花苑 {number % 7} 幢"),
        exercise=chance.random() < 0.05,
    )
    return Past(told, tuple(_steps(chance, told)))


def _steps(chance: Random, told: IncidentReport) -> list[Step]:
    road: list[tuple[Action, Actor, dict[str, object]]] = [
        (Action.ACCEPT, DUTY, {}),
        (Action.DISPATCH, DUTY, {"unit": "U-urban"}),
    ]
    if chance.random() < 0.1:
        road = [(Action.REFUSE, DUTY, {"reason": "已由诉讼程序受理"})]
    elif chance.random() < 0.1:
        road = [(Action.VOID, DUTY, {"reason": "误报"})]
    else:
        if chance.random() < 0.3:
            why = chance.choice(("不属本单位职责", "情况不清，需补充材料"))
            road += [(Action.RETURN, UNIT, {"reason": why}), (Action.DISPATCH, DUTY, {"unit": "U-urban"})]
        road += [(Action.SIGN, UNIT, {}), (Action.HANDLE, UNIT, {})]
        if chance.random() < 0.2:
            road += [(Action.REWORK, VERIFIER, {"reason": "仍有遗留"}), (Action.HANDLE, UNIT, {})]
        outcome = chance.choice(("settled", "settled", "explained"))
        road += [(Action.VERIFY, VERIFIER, {}), (Action.CLOSE, DUTY, {"outcome": outcome})]
        if chance.random() < 0.6:
            road.append((Action.EVALUATE, DUTY, {"score": chance.randint(1, 5)}))
    at, steps = told.received_at, []
    for action, actor, details in road[: chance.choice((1, 2, 4, 9, 9, 9, 9))]:
        at += timedelta(minutes=chance.expovariate(1 / 500) + 1)
        if at < NOW:
            steps.append(Step(at, action, actor, details))
    return steps


def disturb(engine: Engine, desk: Desk, chance: Random, numbers: list[CaseNo], now: datetime) -> None:
    """One thing that people do beside the road; what the rules refuse does not happen."""
    no = chance.choice(numbers)
    case = seen(SqlViews(engine), no)
    deeds: list[tuple[Action, Actor, dict[str, object]]] = [
        (Action.WHISTLE, DUTY, {"units": "U-justice", "reason": "请到场"}),
        (Action.ANSWER, OTHER_UNIT, {}),
        (Action.ARRIVE, OTHER_UNIT, {}),
        (Action.URGE, DUTY, {}),
        (Action.SUPERVISE, LEADER, {"reason": "久拖"}),
        (Action.MEDIATE, LEADER, {"result": chance.choice(("settled", "failed")), "kind": "marriage"}),
        (Action.SUSPEND, DUTY, {"reason": "等鉴定"}),
        (Action.RESUME, DUTY, {}),
        (Action.ESCALATE, DUTY, {"reason": "跨街道"}),
        (Action.ASSESS, DUTY, {"risk": "high", "reason": "扬言"}),
        (Action.PROMISE, DUTY, {"by": 3}),
        (Action.HAND_OFF, DUTY, {"kind": "litigation", "reason": "诉"}),
        (Action.HAND_BACK, DUTY, {"text": "已判"}),
        (Action.LINK, DUTY, {"to": chance.choice(numbers), "kind": "repeat"}),
        (Action.MERGE, DUTY, {"into": chance.choice(numbers)}),
        (Action.UNMERGE, DUTY, {}),
        (Action.SPLIT, DUTY, {"units": "U-urban,U-justice", "lead": "U-urban"}),
        (Action.REOPEN, DUTY, {"reason": "反弹"}),
        (Action.RETURN, UNIT, {"reason": "不在本单位辖区"}),
        (Action.DISPATCH, DUTY, {"unit": "U-urban"}),
        (Action.UNDO, DUTY, {}),
    ]
    action, actor, details = chance.choice(deeds)
    try:
        desk.act(no, action, details, actor, EVERYWHERE, case.version, now)
    except CaseError:
        return


@POSTGRES_WHEN_LONG
def test_two_hundred_random_answers_equal_a_slow_recount(engine: Engine, desk: Desk) -> None:
    chance = Random(20261122)
    lived(desk, chance)
    Aggregates(engine).catch_up()
    numbers = [case.no for case in SqlViews(engine).cases(EVERYWHERE, CaseFilter(), size=500).items]
    for number in range(80):
        disturb(engine, desk, chance, numbers, NOW - timedelta(minutes=80 - number))
        if number == 50:
            Aggregates(engine).catch_up()  # what comes after it, the reader adds
    while desk.turn_clocks(NOW):
        pass
    slow, book = Slow(engine, NOW), SqlFigureBook(engine)
    asked = told = 0
    while asked < 200 or (told <= 80 and asked < 400):  # two hundred, and more until enough of them say something
        asked += 1
        id_, grid = chance.choice(sorted(ANSWERED)), chance.choice(("", "T", "T-N", "T-S", "T-S-1", "nowhere"))
        first = date(2026, 8, 10) + timedelta(days=chance.randrange(100))
        last = first + timedelta(days=chance.choice((0, 6, 30, 89)))
        period = chance.choice((Period(first, last), Period.month(2026, chance.choice((9, 10, 11)))))
        figure = book.ask(id_, grid, period, EVERYWHERE, NOW)
        again = slow.value(id_, grid, period.first, period.last)
        assert figure.value == pytest.approx(again, abs=1e-12), (id_, grid, period, figure.words)
        told += again is not None and again > 0
    assert told > 80, "most answers must say something"
    found = recount(engine, lambda done, total: None)
    assert (found.differing, found.cases) == (0, len(slow.wholes))


# exact, scoped, and repaired ----------------------------------------------------------------------------------


def test_an_answer_knows_what_the_cursor_does_not(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a", place=replace(report().place, grids=NORTH)))
    Aggregates(engine).catch_up()
    assert (ask(engine, "received", "T-N", TODAY).value, ask(engine, "accepted", "T-N", TODAY).value) == (1, 0)
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9 + timedelta(minutes=7))
    filed(desk, report("b", place=replace(report().place, grids=SOUTH)))
    assert (ask(engine, "received", "T", TODAY).value, ask(engine, "accepted", "T-N", TODAY).value) == (2, 1)
    assert ask(engine, "accept_median", "T-N", TODAY).words == "7 分钟（1 件）；基数小，仅供参考"
    before = ask(engine, "received", "T", TODAY)
    Aggregates(engine).catch_up()
    assert ask(engine, "received", "T", TODAY) == before


def test_rows_behind_a_number_are_as_many_as_it_says(engine: Engine, desk: Desk) -> None:
    lived(desk, Random(5), 60)
    Aggregates(engine).catch_up()
    filed(desk, report("new", place=replace(report().place, grids=NORTH)))
    book = SqlFigureBook(engine)
    for id_ in ("received", "settled", "open", "open_overdue", "closed"):
        figure, found = (f(id_, "T-N", YEAR, EVERYWHERE, NOW) for f in (book.ask, book.rows))
        assert found.total == figure.value, id_
    first, second = (book.rows("received", "T-N", YEAR, EVERYWHERE, NOW, page, 5) for page in (1, 2))
    assert len(first.items) == 5 and first.items[-1].no > second.items[0].no
    assert set(book.rows("resolution", "T-N", YEAR, EVERYWHERE, NOW).sets) >= {("ended_settled", "received")}


def test_an_area_sees_no_figure_of_another(engine: Engine, desk: Desk) -> None:
    filed(desk, report("a", place=replace(report().place, grids=NORTH)), report("b", place=Place(grids=SOUTH)))
    book, north = SqlFigureBook(engine), Scope("T-N")
    assert book.ask("received", None, TODAY, north, NOW).value == 1
    for asking in (book.ask, book.rows):
        with pytest.raises(NotAllowed):
            asking("received", "T-S", TODAY, north, NOW)
    assert list(book.ask_many(["received"], ["T-S", "T-N-1", None], TODAY, north, NOW)) == [
        ("received", "T-N-1"),
        ("received", None),
    ]


def test_an_objection_that_stands_leaves_the_figure(engine: Engine) -> None:
    store(engine, many("20260302", 3, **SETTLED))
    Aggregates(engine).rebuild()
    assert ask(engine, "settled", without=[CaseNo("20260302-000002")]).value == 2


def test_a_moved_case_counts_where_it_lies(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a", place=replace(report().place, grids=())))
    Aggregates(engine).catch_up()
    assert (ask(engine, "unplaced", period=TODAY).value, ask(engine, "received", "T", TODAY).value) == (1, 0)
    with SqlStore(engine).transaction() as tx:
        found = tx.case(no, EVERYWHERE)
        assert found is not None
        tx.save_case(replace(found, version=2, place=replace(found.place, grids=NORTH)))
    Aggregates(engine).rebuild()
    assert (ask(engine, "unplaced", period=TODAY).value, ask(engine, "received", "T", TODAY).value) == (0, 1)


def test_a_recount_names_each_difference_and_a_rebuild_mends_it(engine: Engine, desk: Desk) -> None:
    filed(desk, report("a", place=replace(report().place, grids=NORTH)))
    Aggregates(engine).catch_up()
    assert recount(engine, lambda done, total: None).differing == 0
    with engine.write() as connection:
        connection.exec_driver_sql("UPDATE tallies SET amount = 5 WHERE code = 'T-N' AND name = 'received'")
    [wrong] = recount(engine, lambda done, total: None).told
    assert wrong == ("T-N received 202611", "5", "1")
    bar: list[tuple[int, int]] = []
    Aggregates(engine).rebuild(lambda done, total: bar.append((done, total)))
    assert bar == [(1, 1)] and recount(engine, lambda done, total: None).differing == 0


def test_figures_of_a_long_tail_say_what_is_missing(
    engine: Engine, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.figure_book.TAIL", 2)
    filed(desk, *(report(f"r{n}") for n in range(4)))
    figure = ask(engine, "received", period=TODAY)
    assert (figure.value, figure.behind) == (0, 4) and "另有 4 条变动待计入" in figure.words


def test_a_seat_that_nobody_watched_is_not_zero_minutes(engine: Engine) -> None:
    assert (ask(engine, "unmanned").value, ask(engine, "unmanned").words) == (None, "—（期内未记录）")
    shifts = SqlShifts(engine)
    shifts.active("", MONDAY_9)
    assert ask(engine, "unmanned").words == "0 分钟"
    assert ask(engine, "unmanned", period=Period(date(2026, 10, 1), date(2026, 10, 31))).value is None


def test_every_indicator_answers(engine: Engine) -> None:
    store(engine, [case()])
    for id_ in REGISTER.indicators:
        assert ask(engine, id_).words
        assert SqlFigureBook(engine).rows(id_, None, YEAR, EVERYWHERE, NOW).total >= 0
