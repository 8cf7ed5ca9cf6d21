"""The rows of domain.md K one by one, each asked of the register over stored cases.

K1 K2 K3 K6 stand in test_figure_book.py and test_indicators.py, K13 (waits to sign, to arrive, to answer a whistle) in
the two hundred random answers of test_figure_book.py. K14–K17 are of questionnaires and K18 of visit logs,
which the room does not keep: it has no figure for them and says none. K21 is every figure's own list of cases.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cases.indicators import REGISTER, Figure, Period
from cases.model import EVERYWHERE, Risk
from storage.aggregates import Aggregates
from storage.engine import Engine
from storage.figure_book import SqlFigureBook
from storage.store import SqlStore
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
