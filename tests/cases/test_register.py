"""The register of indicators: what it holds, what it refuses, and how figures, periods and bases are said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from cases.indicators import REGISTER, Period, RegisterError, answer, quantile, read_register
from cases.indicators.register import FILE
from tests.cases.build import MONDAY_9

NOVEMBER = Period.month(2026, 11)


class Said:
    """Counts as a test names them; a set in brackets is of another period."""

    def __init__(self, waits: Sequence[int] = (), **totals: int) -> None:
        self._waits, self._totals = waits, totals

    def total(self, name: str, period: Period) -> int:
        return self._totals.get(f"{name}_{period.first:%Y%m}", self._totals.get(name, 0))

    def waits(self, name: str, period: Period) -> Sequence[int]:
        return self._waits


def words(id: str, counts: Said) -> str:
    return answer(REGISTER[id], "T", NOVEMBER, counts, MONDAY_9).words


def test_the_register_holds_what_the_documents_ask_for() -> None:
    assert len(REGISTER.indicators) >= 40
    asked = "received resolution received_yoy received_mom resolved_micro risen_small accept_median close_p90 on_time"
    asked += " returned missent hands whistle_answer whistle_arrival repeats satisfaction response mediation coverage"
    asked += " silent_grids turned_criminal unmanned alert_load visits visitors"
    assert set(asked.split()) <= set(REGISTER.indicators)


def test_every_definition_says_what_is_counted_and_what_is_left_out() -> None:
    for each in REGISTER.indicators.values():
        told = REGISTER.definition(each)
        assert ("归期" in told or REGISTER.is_timeless(each)) and ("不含" in told or "不计" in told), each.id
        assert each.kind == "change" or REGISTER.sets[each.numerator[0]].words.removeprefix("其中") in told


def test_pieces_times_and_heads_are_three_figures() -> None:
    assert [REGISTER[id_].unit for id_ in ("received", "visits", "visitors")] == ["件", "次", "人次"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('id = "received"\nwords = "网格员录入的条数"', "录入"),
        ('id = "typed_rows"\nwords = "条数"', "typed"),
        ('id = "received"\nwords = "在线时长"', "在线时长"),
        ('id = "elsewhere"\nwords = "期内案件"', "没有名为 received"),
    ],
)
def test_the_amount_of_typing_stands_in_no_formula(tmp_path: Path, change: str, says: str) -> None:
    kept = 'id = "received"\nwords = "期内受理（排查登记）的案件"'
    content = FILE.read_text(encoding="utf-8")
    assert kept in content
    file = tmp_path / "register.toml"
    file.write_text(content.replace(kept, change, 1), encoding="utf-8")
    with pytest.raises(RegisterError, match=says):
        read_register(file)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('id = "bad"\nname = "录入率"\nkind = "count"\nnumerator = ["received"]', "录入"),
        ('id = "bad"\nname = "率"\nkind = "rate"\nnumerator = ["received"]', "须有分子和分母"),
        ('id = "bad"\nname = "率"\nkind = "rate"\nnumerator = ["visits"]\ndenominator = ["received"]', "单位不同"),
        ('id = "bad"\nname = "同比"\nkind = "change"\nof = "resolution"\nagainst = "year"', "计数指标"),
        ('id = "received"\nname = "又一个"\nkind = "count"\nnumerator = ["received"]', "两次"),
    ],
)
def test_a_register_that_cannot_be_meant_is_refused(tmp_path: Path, row: str, says: str) -> None:
    rest = '\nwords = "某"\nunit = "件"\ndirection = "none"\ngroup = "总量"\nsource = "K"\n'
    file = tmp_path / "register.toml"
    file.write_text(FILE.read_text(encoding="utf-8") + f"\n[[indicator]]\n{row}{rest}", encoding="utf-8")
    with pytest.raises(RegisterError, match=says):
        read_register(file)


def test_a_rate_is_never_without_its_base() -> None:
    assert words("resolution", Said(ended_settled=2346, received=2384)) == "98.4%（2346/2384 件）"
    assert words("resolution", Said()) == "—（0 件）"
    assert words("resolution", Said(ended_settled=19, received=19)).endswith("；基数小，仅供参考")
    assert words("resolution", Said(ended_settled=20, received=20)) == "100.0%（20/20 件）"


def test_open_and_overdue_counts_against_punctuality() -> None:
    assert words("on_time", Said(ended_on_time=60, ended=70, open_overdue=10)) == "75.0%（60/80 件）"


def test_a_change_names_both_numbers() -> None:
    said = Said(received_202611=2384, received_202511=3640, received_202610=0)
    assert words("received_yoy", said) == "-34.5%（本期 2384，上年同期 3640 件）"
    assert words("received_mom", said) == "—（本期 2384，上期 0 件）"


@pytest.mark.parametrize(
    ("waits", "median", "p90"), [([], None, None), ([5], 5, 5), (range(1, 11), 5, 9), ([9, 1], 1, 9)]
)
def test_a_median_is_one_of_the_waiting_times(waits: Sequence[int], median: int | None, p90: int | None) -> None:
    assert (quantile(waits, 0.5), quantile(waits, 0.9)) == (median, p90)


@pytest.mark.parametrize(
    ("period", "before", "year_before"),
    [
        (Period.month(2026, 3), Period.month(2026, 2), Period.month(2025, 3)),
        (Period.month(2024, 2), Period.month(2024, 1), Period.month(2023, 2)),
        (Period.month(2025, 2), Period.month(2025, 1), Period.month(2024, 2)),
        (
            Period(date(2026, 1, 1), date(2026, 6, 30)),
            Period(date(2025, 7, 1), date(2025, 12, 31)),
            Period(date(2025, 1, 1), date(2025, 6, 30)),
        ),
        (
            Period(date(2026, 11, 9), date(2026, 11, 15)),
            Period(date(2026, 11, 2), date(2026, 11, 8)),
            Period(date(2025, 11, 9), date(2025, 11, 15)),
        ),
    ],
)
def test_periods_before(period: Period, before: Period, year_before: Period) -> None:
    assert (period.before, period.year_before) == (before, year_before)


def test_a_figure_has_a_permanent_address() -> None:
    figure = answer(REGISTER["resolution"], "T-N", NOVEMBER, Said(received=1), MONDAY_9)
    assert figure.link == "/figure/resolution?grid=T-N&from=2026-11-01&to=2026-11-30"


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("close_median", "30 分钟（20 件）"),
        ("whistle_answer_median", "30 分钟（20 次）"),
        ("alert_median", "30 分钟（20 条）"),
    ],
)
def test_waiting_time_says_of_how_many_of_what_it_is(id: str, told: str) -> None:
    assert words(id, Said(waits=[30] * 20)) == told
