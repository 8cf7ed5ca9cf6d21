"""月考评: three years of monthly orders made by hand, and what the rules must propose with which evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cases.assessment import (
    RULES,
    AssessmentError,
    Measure,
    Month,
    Ruling,
    Score,
    proposals,
    rank,
    read_rules,
    refused_namings,
    rule,
    score,
)
from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.indicators import Figure, Period
from cases.model import Account, Role
from tests.cases.build import MONDAY_9

FOUNDED = {"N": Month(2025, 5)}  # a unit founded in May 2025
LEADER = Account("leader", Role.LEADER, "", "指挥长")

# month · order, best first, "=" ties, lower case has too few cases · letters · listed · veto
YEARS = """
2024-01 ABCDEFGH        FGH  -    -
2024-02 ABCDFEGH        EGH  GH   -
2024-03 ABCGHDEF        DEF  E    -
2024-04 ABCDEGHF        FGH  F    FGH
2024-05 ABCDEF=G=H      FGH  FGH  FGH
2024-06 ABCDE=F=G=H     EFGH FGH  EFGH
2024-07 A=B=C=D=E=F=G=H -    -    -
2024-08 HGFEDCBA        ABC  -    -
2024-09 ABCDEfgh        -    -    -
2024-10 ABCDEFGH        FG   -    FG
2024-11 ABCDEFGH        FGH  FG   FGH
2024-12 ABCDEFGH        FGH  FGH  FGH
2025-01 ABCDEFGH        FGH  FGH  -
2025-02 HGFEDCBA        ABC  -    -
2025-03 HGFEDCBA        ABC  ABC  -
2025-04 ABCDEFGH        FGH  -    -
2025-05 ABCDEFGHN       FGH  FGH  FGH
2025-06 ABCDEFGHN       GHN  GH   GH
2025-07 ABCDEFGHN       GHN  GHN  GH
2025-08 NABCDEFGH       FGH  GH   FGH
2025-09 HGFEDCBAN       ABN  -    ABN
2025-10 ABCDEFGHN       GHN  N    GHN
2025-12 ABCDEFGHN       GHN  -    GHN
2026-01 ABCDEFGHN       GHN  GHN  -
2026-02 NHGABCDEF       DEF  -    -
2026-03 ABCDEFGHN       GHN  -    -
2026-04 ABCDEFGHN       GHN  GHN  GHN
2026-05 GHNABCDEF       DEF  -    -
2026-06 GHNABCDEF       DEF  DEF  DEF
2026-07 A=B=CDEFG=H=N   GHN  -    GHN
2026-08 ABCDEFGHn       FGH  GH   FGH
2026-09 HABCDEFGN       FGN  FG   FGN
2026-10 BACDEFGHN       GHN  GN   GHN
2026-11 CBADEFGHN       GHN  GHN  GHN
2026-12 ABCNHGFED       DEF  -    DEF
"""
ROWS = [row.split() for row in YEARS.strip().splitlines()]
REFUSED = {(Month(2024, 10), "H")}  # a leader refused this one: H was never named in October 2024


def scores(order: str) -> list[Score]:
    """The scores of an order: best first, equal after "="."""
    made, value = [], 100.0
    for place, unit in enumerate(order):
        if unit == "=":
            continue
        value -= 0 if place and order[place - 1] == "=" else 5
        made.append(Score(unit.upper(), value, 2 if unit.islower() else 40))
    return made


TABLES = {Month.read(month): rank(scores(order), Month.read(month), RULES, FOUNDED) for month, order, *_ in ROWS}


def proposed(month: str) -> Mapping[Measure, str]:
    found: dict[Measure, str] = {}
    for each in proposals(TABLES, Month.read(month), RULES, REFUSED):
        found[each.measure] = found.get(each.measure, "") + each.unit
    return found


@pytest.mark.parametrize(("month", "letters", "listed", "veto"), [(m, a, b, c) for m, _, a, b, c in ROWS])
def test_three_years_of_orders_give_the_expected_proposals(month: str, letters: str, listed: str, veto: str) -> None:
    found = proposed(month)
    expected = {Measure.LETTER: letters, Measure.GUIDANCE: letters, Measure.LISTED: listed, Measure.VETO: veto}
    assert found == {measure: units for measure, units in expected.items() if units != "-"}


def evidence(month: str, unit: str, measure: Measure) -> list[str]:
    found = proposals(TABLES, Month.read(month), RULES, REFUSED)
    only = next(each for each in found if (each.unit, each.measure) == (unit, measure))
    return [str(at) for at, _ in only.evidence]


def test_evidence_lists_every_month_that_counts_and_no_other() -> None:
    assert evidence("2024-05", "F", Measure.LISTED) == ["2024-03", "2024-04", "2024-05"]
    assert evidence("2025-01", "H", Measure.LISTED) == ["2024-11", "2024-12", "2025-01"]
    assert evidence("2024-11", "H", Measure.VETO) == ["2024-01", "2024-02", "2024-04", "2024-05", "2024-06", "2024-11"]
    assert evidence("2025-09", "N", Measure.VETO) == ["2025-06", "2025-07", "2025-09"]


def test_month_without_a_table_breaks_a_run() -> None:
    assert Measure.LISTED not in proposed("2025-12")
    assert evidence("2026-01", "G", Measure.LISTED) == ["2025-12", "2026-01"]


def test_new_unit_is_not_ranked_in_its_first_month_and_is_told_why() -> None:
    place = TABLES[Month(2025, 5)]["N"]
    assert (place.rank, place.words) == (None, "2025 年 5 月设立，新设，不参加排名")
    assert TABLES[Month(2025, 6)]["N"].words == "第 9 位，共 9 个"


def test_ties_and_small_bases_are_said_in_words() -> None:
    assert TABLES[Month(2024, 6)]["G"].words == "第 5 位，共 8 个（4 个单位并列）"
    assert TABLES[Month(2024, 9)]["H"].words == "当月受理 2 件，少于 5 件，不参加排名"


@pytest.mark.parametrize(("includes", "expected"), [(True, True), (False, False)])
def test_three_or_more_counts_three_or_not_as_set(includes: bool, expected: bool) -> None:
    found = proposals(TABLES, Month(2024, 4), replace(RULES, veto_includes=includes), REFUSED)
    assert any(each.measure is Measure.VETO for each in found) is expected


def figure(id: str, value: float | None, base: int, direction: str = "up") -> Figure:
    period = Period(date(2026, 11, 1), date(2026, 11, 30))
    return Figure(id, id, value, base, 1, "%", MONDAY_9, f"/figure/{id}", "", "", direction, "G1", period)


def test_score_turns_what_should_be_low_and_leaves_out_what_has_no_base() -> None:
    figures = {
        "resolution": figure("resolution", 0.8, 40),
        "on_time": figure("on_time", 0.6, 40),
        "repeats": figure("repeats", 0.1, 40, "down"),
        "satisfaction": figure("satisfaction", None, 0),
        "returned": figure("returned", 0.0, 40, "down"),
    }
    made = score("G1", 40, figures, RULES, excluded=2)
    assert made.value == round((35 * 0.8 + 25 * 0.6 + 15 * 0.9 + 10) / 85 * 100, 2)
    assert [point.share for point in made.points] == [0.8, 0.6, 0.9, None, 1.0]
    empty = score("G1", 0, {id: figure(id, None, 0) for id in figures}, RULES)
    assert empty.value is None


def test_leader_signs_or_refuses_once_with_a_reason() -> None:
    one = proposals(TABLES, Month(2024, 1), RULES)[0]
    ruling = rule(one, False, LEADER, "当月受灾，情况特殊", MONDAY_9, ())
    assert ruling == Ruling("2024-01/F/letter", False, "leader", MONDAY_9, "当月受灾，情况特殊")
    assert refused_namings([ruling]) == {(Month(2024, 1), "F")}
    with pytest.raises(BadAction):
        rule(one, True, LEADER, " ", MONDAY_9, ())
    with pytest.raises(IllegalAction):
        rule(one, True, LEADER, "同意", MONDAY_9, {one.key})
    with pytest.raises(NotAllowed):
        rule(one, True, Account("duty", Role.DUTY, "", ""), "同意", MONDAY_9, ())


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ('indicator = "typed_entries"\npoints = 100', "typed_entries"),
        ('indicator = "resolution"\npoints = 90', "100 points"),
        ('indicator = "share_micro"\npoints = 100', "share_micro"),
    ],
)
def test_weights_are_of_outcomes_that_the_register_knows(tmp_path: Path, weights: str, says: str) -> None:
    file = tmp_path / "assessment.toml"
    file.write_text(f"[[weight]]\n{weights}\n")
    with pytest.raises(AssessmentError, match=says):
        read_rules(file)
