"""The rows of domain.md K one by one, each asked of the register over stored cases.

K1 K2 K3 K6 stand in test_figure_book.py and test_indicators.py. K14–K17 are of questionnaires: rounds of asking are
stored for them, for a case says nothing of who was never in one. K18 counts matters and never logs (L9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from cases.desk import Desk
from cases.errors import BadAction, NotAllowed
from cases.indicators import REGISTER, Figure, FigureRows, Period
from cases.indicators.places import overall, places
from cases.model import EVERYWHERE, Account, Case, CaseNo, Place, Risk, Role, Scope, Stage, Whistle
from cases.surveys import Survey, entered
from storage.aggregates import Aggregates
from storage.engine import Engine
from storage.figure_book import SqlFigureBook
from storage.store import SqlStore
from storage.surveys import SqlSurveys
from tests.cases.build import MONDAY_9
from tests.contracts.build import NORTH, SOUTH
from tests.contracts.test_figure_book import lived
from tests.contracts.test_indicators import SETTLED, many, mediations, store

NOW = datetime(2026, 12, 31, 4, 0, tzinfo=UTC)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def ask(engine: Engine, id: str, period: Period = YEAR) -> Figure:
    Aggregates(engine).rebuild()
    return SqlFigureBook(engine).ask(id, None, period, EVERYWHERE, NOW)


def test_k4_a_hundred_and_sixteen_mediations_keep_their_denominator(engine: Engine) -> None:
    store(engine, many("20260302", 1))
    with SqlStore(engine).transaction() as tx:
        tx.add_mediations(mediations(116, 116, "people", 1))
    assert ask(engine, "mediations").value == 116
    assert ask(engine, "mediation").words == "100.0%（116/116 次）"


def test_k5_fifty_three_found_and_settled(engine: Engine) -> None:
    store(engine, many("20260302", 53, **SETTLED))
    assert (ask(engine, "received").value, ask(engine, "settled").value) == (53, 53)
    assert ask(engine, "resolution").words == "100.0%（53/53 件）"


def test_k7_of_grave_risks_nine_in_ten_are_resolved(engine: Engine) -> None:
    grave = {"risk": Risk.HIGH}
    store(engine, many("20260302", 27, **SETTLED, **grave), many("20260303", 3, **grave), many("20260304", 9))
    assert ask(engine, "risk_resolution").words == "90.0%（27/30 件）"


def test_k8_content_is_said_with_how_many_were_asked(engine: Engine) -> None:
    asked = many("20260302", 40, score=5, **SETTLED)
    store(engine, asked, many("20260303", 10, score=2, **SETTLED), many("20260304", 50, **SETTLED))
    figure = ask(engine, "satisfaction")
    assert figure.words.startswith("80.0%（40/50 件")


def test_k9_petitions_against_last_year(engine: Engine) -> None:
    store(engine, many("20260302", 30, channel="visit"), many("20250302", 40, channel="visit"), many("20260303", 9))
    assert ask(engine, "petitions").value == 30
    assert ask(engine, "petitions_yoy").words.startswith("-25.0%（本期 30，上年同期 40")


def test_k10_what_is_not_resolved_is_a_share_of_all(engine: Engine) -> None:
    store(engine, many("20260302", 30, **SETTLED), many("20260303", 10))
    assert ask(engine, "unresolved").words == "25.0%（10/40 件）"


def test_k19_as_of_a_day_counts_what_was_in_by_then(engine: Engine) -> None:
    store(engine, many("20261215", 73), many("20261216", 9))
    assert ask(engine, "received", Period(date(2026, 12, 1), date(2026, 12, 15))).value == 73


def test_k20_cases_visits_and_visitors_are_three_figures(engine: Engine) -> None:
    people = [replace(each, people=25) for each in many("20260302", 20, channel="visit")]
    store(engine, people)
    assert [ask(engine, id).value for id in ("petitions", "visits", "visitors")] == [20, 20, 500]


@pytest.mark.parametrize(("id", "words"), [("close_median", "10.0 天（10 件）"), ("close_p90", "10.0 天（10 件）")])
def test_k11_k12_one_long_case_moves_neither_median_nor_ninth_decile(engine: Engine, id: str, words: str) -> None:
    """The plain mean would be 13 days: nine of ten days each, one of forty (K11: not the average alone)."""
    days = [*([10] * 9), 40]
    cases = many("20260302", 10)
    stamped = [
        replace(each, accepted_at=each.received_at, closed_at=each.received_at + timedelta(days=span), **SETTLED)
        for each, span in zip(cases, days, strict=True)
    ]
    store(engine, stamped)
    assert REGISTER[id].source == "K11"
    assert ask(engine, id).words.startswith(words)


# K13: how quickly those who were sent move ----------------------------------------------------------------------


def test_k13_from_dispatch_to_signature_and_to_the_scene(engine: Engine) -> None:
    """Nine in ten sign within 12 minutes and are there within 40; the tenth takes half a day and moves no median."""
    sent = many("20260302", 10, stage=Stage.DISPATCHED, accepted_at=MONDAY_9)
    spans = [*(timedelta(minutes=m) for m in (5, 6, 7, 8, 9, 10, 11, 12, 12)), timedelta(hours=12)]
    stamped = [
        replace(
            each,
            dispatched_at=each.received_at,
            signed_at=each.received_at + span,
            arrived_at=each.received_at + span + timedelta(minutes=28),
        )
        for each, span in zip(sent, spans, strict=True)
    ]
    store(engine, stamped)
    told = {id: ask(engine, id).value for id in ("sign_median", "sign_p90", "arrive_median", "arrive_p90")}
    assert told == {"sign_median": 9, "sign_p90": 12, "arrive_median": 37, "arrive_p90": 40}
    assert all("K13" in REGISTER[id].source for id in told)


def test_k13_whistles_answered_and_arrived_at_in_time(engine: Engine) -> None:
    store(engine, many("20260302", 1))
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    with SqlStore(engine).transaction() as tx:
        tx.save_whistles([_whistle(n, at, answered=n <= 18, there=n <= 15) for n in range(1, 21)])
    assert ask(engine, "whistle_answer").words == "90.0%（18/20 次）"
    assert ask(engine, "whistle_arrival").words == "75.0%（15/20 次）"


def _whistle(number: int, at: datetime, *, answered: bool, there: bool) -> Whistle:
    answer_by, arrive_by = at + timedelta(minutes=15), at + timedelta(minutes=60)
    called = Whistle(CaseNo("20260302-000001"), number, f"U-{number}", "duty", at, answer_by, arrive_by, "请到场")
    late = at + timedelta(hours=3)
    return replace(called, answered_at=answer_by if answered else late, arrived_at=arrive_by if there else late)


# K14–K17: what residents say when they are asked ----------------------------------------------------------------

LEADER = Account("leader", Role.LEADER, "", "指挥长")
DAY = date(2026, 11, 10)


def asked(question: str, yes: int, of: int, grids: tuple[str, ...] = (), day: date = DAY) -> Survey:
    return Survey(f"{question}-{day}-{grids}", question, grids, day, of, yes, "镇统计站入户问卷", "leader", NOW)


@pytest.mark.parametrize(
    ("question", "name", "source", "target"),
    [
        ("known", "群众知晓率", "K14", 0.95),
        ("content", "群众满意率（问卷）", "K14", 0.95),
        ("order", "社会治安满意率", "K15", 0.95),
        ("safe", "群众安全感", "K16", None),
        ("peace", "平安建设知晓率", "K17", None),
    ],
)
def test_k14_to_k17_residents_who_said_yes_of_those_asked(
    engine: Engine, question: str, name: str, source: str, target: float | None
) -> None:
    surveys = SqlSurveys(engine)
    surveys.add(asked(question, 380, 400, NORTH))
    surveys.add(asked(question, 190, 200, SOUTH, date(2026, 11, 12)))
    figure, indicator = ask(engine, f"survey_{question}"), REGISTER[f"survey_{question}"]
    assert figure.words == "95.0%（570/600 人）"
    assert (indicator.name, indicator.source, indicator.target) == (name, source, target)
    assert "居民" in figure.definition and "撤回" in figure.definition


def test_a_round_counts_in_its_area_and_days_and_not_once_withdrawn(engine: Engine) -> None:
    surveys, book = SqlSurveys(engine), SqlFigureBook(engine)
    surveys.add(asked("safe", 90, 100, NORTH))
    surveys.add(asked("safe", 10, 100))  # of the whole town: it says nothing of a grid

    def words(grid: str | None, period: Period = YEAR) -> str:
        return book.ask("survey_safe", grid, period, EVERYWHERE, NOW).words

    assert (words("T"), words("T-N")) == ("90.0%（90/100 人）", "90.0%（90/100 人）")
    assert words(None) == "50.0%（100/200 人）"
    assert words(SOUTH[-1]) == "—（期内未记录）"
    assert words(None, Period(date(2026, 10, 1), date(2026, 10, 31))) == "—（期内未记录）"
    number = asked("safe", 90, 100, NORTH).no
    assert not surveys.withdraw(number, Scope(SOUTH[-1]), "leader", NOW)
    assert surveys.withdraw(number, Scope(NORTH[-1]), "leader", NOW)
    assert words(None) == "10.0%（10/100 人）"
    assert [each.yes for each in surveys.listed("safe", EVERYWHERE)] == [10]


@pytest.mark.parametrize(
    ("change", "account", "problem"),
    [
        ({"yes": 101}, LEADER, BadAction),
        ({"asked": 0, "yes": 0}, LEADER, BadAction),
        ({"day": date(2027, 1, 1)}, LEADER, BadAction),
        ({"question": "other"}, LEADER, BadAction),
        ({"note": ""}, LEADER, BadAction),
        ({}, replace(LEADER, role=Role.UNIT), NotAllowed),
        ({}, replace(LEADER, area="T-S"), NotAllowed),
    ],
)
def test_a_round_that_cannot_be_is_refused(
    change: Mapping[str, object], account: Account, problem: type[Exception]
) -> None:
    good = asked("safe", 90, 100, NORTH)
    assert entered(good, LEADER) == good
    with pytest.raises(problem):
        entered(replace(good, **change), account)  # type: ignore[arg-type]


# K18, K21 -------------------------------------------------------------------------------------------------------


def test_k18_fourth_and_third_make_fourth_of_all(engine: Engine) -> None:
    """57 matters told (fourth of the district), 157 found on rounds (third): fourth over both."""
    told = {"S1": 90, "S2": 80, "S3": 70, "S4": 57, "S5": 40}
    found = {"S1": 20, "S2": 170, "S3": 160, "S4": 157, "S5": 150}
    for number, street in enumerate(told, start=1):
        store(engine, _of_street(street, f"2026030{number}", told[street], "grid_worker"))
        store(engine, _of_street(street, f"2026031{number}", found[street], "patrol"))
    Aggregates(engine).rebuild()
    asking = SqlFigureBook(engine).ask_many(["told_by_worker", "found_on_patrol"], list(told), YEAR, EVERYWHERE, NOW)
    first, second = (
        places({street: asking[id, street].value for street in told}) for id in ("told_by_worker", "found_on_patrol")
    )
    assert asking["told_by_worker", "S4"].words == "57 件"
    assert asking["found_on_patrol", "S4"].words == "157 件"
    assert (first["S4"], second["S4"], overall([first, second])["S4"]) == (4, 3, 4)
    assert all("K18" in REGISTER[id].source for id in ("told_by_worker", "found_on_patrol"))


def _of_street(street: str, day: str, count: int, channel: str) -> list[Case]:
    return [replace(each, place=Place(grids=(street,))) for each in many(day, count, channel=channel)]


def test_equal_values_share_a_place_and_none_has_none() -> None:
    assert places({"a": 2, "b": 2, "c": 1, "d": None}) == {"a": 1, "b": 1, "c": 3}
    assert places({"a": 2, "b": 1}, is_low_good=True) == {"b": 1, "a": 2}
    assert overall([]) == {}


def test_k21_every_figure_of_cases_opens_exactly_the_cases_it_counts(engine: Engine, desk: Desk) -> None:
    """用数据说话: of each count and rate in 件, the rows in its sets are as many as its numerator and its base say."""
    lived(desk, Random(21), 60)
    Aggregates(engine).catch_up()
    book, at = SqlFigureBook(engine), datetime(2026, 11, 20, 4, tzinfo=UTC)
    opened = 0
    for one in REGISTER.indicators.values():
        if one.kind not in ("count", "rate") or not all(_is_of_matters(name) for name in one.sets):
            continue
        figure = book.ask(one.id, None, YEAR, EVERYWHERE, at)
        rows = book.rows(one.id, None, YEAR, EVERYWHERE, at, size=500)
        above, below = (_inside(rows, names) for names in (one.numerator, one.denominator or one.numerator))
        assert (above, below) == (figure.numerator, figure.base), one.id
        assert rows.total == len(rows.items) and all(rows.sets), one.id
        opened += rows.total > 0
    assert opened > 20


def _is_of_matters(name: str) -> bool:
    return REGISTER.sets[name].unit == "件" and REGISTER.sets[name].source in ("facts", "running")


def _inside(rows: FigureRows, names: Sequence[str]) -> int:
    """How many of the rows stand in these sets, once for each set they stand in."""
    return sum(name in sets for sets in rows.sets for name in names)
