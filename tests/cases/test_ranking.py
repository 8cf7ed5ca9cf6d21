"""Who should go: duty, status, load, skill, way, fix and the hole left behind; reasons for every row."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.categories import CATEGORIES
from cases.model import GridWorker, HandlingUnit, Place, UnitId, WorkerId, WorkerStatus
from cases.ranking import LOST_S, WEIGHTS, Candidate, Ranked, Reach, rank, skills_for, with_colleagues
from tests.cases.build import case

HERE = case(place=Place(120.1, 30.2, ("T", "T1", "T1a")), category="dispute.neighbour")


def worker(id: str = "W-0001", **facts: object) -> Candidate:
    """The worker of the case's own grid, near, fresh and free, except for what is named."""
    skills = facts.pop("skills", ())
    base = Candidate(
        who=GridWorker(WorkerId(id), "王一", "T1", skills=skills),  # type: ignore[arg-type]
        status=WorkerStatus.AVAILABLE,
        own_grids=("T", "T1"),
        distance_m=320.0,
        fix_age_s=8.0,
        accuracy_m=10.0,
        colleagues_left=2,
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def squad(id: str = "U-01", kind: str = "justice", area: str = "", **facts: object) -> Candidate:
    """A squad without a fix."""
    unit = HandlingUnit(UnitId(id), "司法所", kind, area)
    return replace(Candidate(unit, WorkerStatus.AVAILABLE), **facts)  # type: ignore[arg-type]


def ids(rows: list[Ranked]) -> list[str]:
    return [str(row.candidate.who.id) for row in rows]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"own_grids": ("T", "T2")}),
        ({"own_grids": ("T", "T2")}, {"own_grids": ("S", "S1")}),
        ({}, {"status": WorkerStatus.DISPATCHED}),
        ({"status": WorkerStatus.DISPATCHED}, {"status": WorkerStatus.EN_ROUTE}),
        ({"status": WorkerStatus.EN_ROUTE}, {"status": WorkerStatus.ON_SCENE}),
        ({"status": WorkerStatus.ON_SCENE}, {"status": WorkerStatus.OFF_DUTY}),
        ({"open_tasks": 1}, {"open_tasks": 3}),
        ({"skills": ("调解",)}, {"skills": ("水域救援",)}),
        ({"skills": ("调解", "法律")}, {"skills": ("调解",)}),
        ({"distance_m": 100.0}, {"distance_m": 900.0}),
        ({"distance_m": 5000.0}, {"distance_m": None}),
        ({}, {"fix_age_s": 300.0}),
        ({"fix_age_s": LOST_S}, {"fix_age_s": LOST_S + 1}),
        ({"fix_age_s": 3600.0}, {"fix_age_s": None}),
        ({}, {"accuracy_m": 800.0}),
        ({}, {"accuracy_m": None}),
        ({}, {"suspect": True}),
        ({"colleagues_left": 1}, {"colleagues_left": 0}),
    ],
)
def test_the_better_of_two_goes_first(better: dict[str, object], worse: dict[str, object]) -> None:
    # The worse one has the smaller id, so a tie would put it first.
    assert ids(rank(HERE, [worker("W-1", **worse), worker("W-2", **better)])) == ["W-2", "W-1"]


def test_a_row_says_what_a_duty_officer_would_say() -> None:
    assert rank(HERE, [worker(open_tasks=1)])[0].why == "本格网格员 · 距 320 米 · 定位 8 秒前 · 手上 1 件"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"own_grids": ("T", "T2")}, "邻格"),
        ({"own_grids": ("T", "T2", "T2a")}, "同片"),
        ({"own_grids": ("S",)}, "外片"),
        ({"status": WorkerStatus.ON_SCENE}, "在另一现场"),
        ({"status": WorkerStatus.OFF_DUTY}, "离岗，不宜派"),
        ({"fix_age_s": 750.0}, "失联 12 分钟"),
        ({"fix_age_s": None}, "没有定位"),
        ({"fix_age_s": 200.0}, "定位 3 分钟前"),
        ({"accuracy_m": 1200.0}, "误差 1.2 公里"),
        ({"suspect": True}, "定位跳变存疑"),
        ({"distance_m": 2345.0}, "距 2.3 公里"),
        ({"distance_m": None}, "距离不详"),
        ({"colleagues_left": 0}, "派走后本片无人可派"),
        ({"skills": ("调解",)}, "会调解"),
        ({"open_tasks": 0}, "手上无事"),
    ],
)
def test_what_speaks_for_or_against_is_in_the_words(facts: dict[str, object], words: str) -> None:
    assert words in rank(HERE, [worker(**facts)])[0].why


def test_a_case_in_no_grid_is_nobodys_duty() -> None:
    unplaced = replace(HERE, place=Place())
    assert "案件位置待定" in rank(unplaced, [worker(distance_m=None)])[0].why


def test_the_nearest_says_why_it_is_not_first() -> None:
    busy = worker("W-2", distance_m=90.0, own_grids=("S", "S1"), open_tasks=3)
    first, second = rank(HERE, [busy, worker("W-1")])
    assert ids([first, second]) == ["W-1", "W-2"]
    assert first.why_not_first == ""
    assert second.why_not_first == "最近（90 米）而未列第一：外片（首位本格网格员）；手上 3 件（首位手上无事）"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"status": WorkerStatus.OFF_DUTY}, "离岗"),
        ({"fix_age_s": 1800.0}, "失联 30 分钟"),
        ({"fix_age_s": 500.0, "accuracy_m": 900.0}, "定位不可靠，实际可能在 2.5 公里外"),
    ],
)
def test_the_nearest_may_be_out_of_reach(facts: dict[str, object], words: str) -> None:
    rows = rank(HERE, [worker("W-1"), worker("W-2", distance_m=50.0, **facts)])
    assert rows[1].why_not_first == f"最近（50 米）而未列第一：{words}" or words in rows[1].why_not_first


def test_nobody_explains_himself_when_the_nearest_is_first_or_unknown() -> None:
    assert not any(row.why_not_first for row in rank(HERE, [worker("W-1"), worker("W-2", distance_m=900.0)]))
    assert not any(row.why_not_first for row in rank(HERE, [worker("W-1", distance_m=None)]))


def test_a_fire_goes_to_the_nearest_and_a_quarrel_to_the_own_grid() -> None:
    near = worker("W-near", own_grids=("S", "S1"), distance_m=60.0)
    own = worker("W-own", distance_m=1200.0)
    assert ids(rank(HERE, [near, own]))[0] == "W-own"
    assert ids(rank(replace(HERE, category="safety.fire", severity=1), [near, own]))[0] == "W-near"


def test_a_squad_whose_list_names_the_matter_ranks_above_one_whose_list_does_not() -> None:
    rows = rank(HERE, [squad("U-1", kind="water"), squad("U-2")])
    assert ids(rows) == ["U-2", "U-1"]
    assert rows[0].why == "职责清单在列 · 距离不详 · 手上无事"
    assert rows[0].reach is Reach.READY


def test_a_squad_of_another_area_has_no_duty_here() -> None:
    assert "不在辖区" in rank(HERE, [squad(area="S")])[0].why
    assert "职责清单在列" in rank(HERE, [squad(area="T1")])[0].why


def test_colleagues_left_are_the_other_available_and_reachable_of_the_same_first_level_grid() -> None:
    people = [
        worker("W-1"),
        worker("W-2"),
        worker("W-3", status=WorkerStatus.ON_SCENE),
        worker("W-4", fix_age_s=LOST_S + 1),
        worker("W-5", own_grids=("S", "S1")),
        squad(own_grids=("T",)),
    ]
    assert [c.colleagues_left for c in with_colleagues(people)] == [1, 1, 2, 2, 0, 2]


def test_every_weight_has_a_sentence_and_each_table_sums_to_a_hundred() -> None:
    assert all(weight.because for weight in WEIGHTS.values())
    assert sum(w.routine for w in WEIGHTS.values()) == sum(w.urgent for w in WEIGHTS.values()) == 100


def test_skills_are_ones_the_catalogue_can_ask_for() -> None:
    assert skills_for("dispute.marriage") == ("心理疏导", "调解", "法律", "方言")
    assert skills_for("city.advert") == ()
    assert any(skills_for(category) for category in CATEGORIES)


def test_five_thousand_candidates_are_ranked_while_a_key_is_down() -> None:
    crowd = [worker(f"W-{n}", distance_m=float(n % 700), open_tasks=n % 4) for n in range(5000)]
    spans = []
    for _ in range(3):
        begun = time.process_time()
        rank(HERE, crowd)
        spans.append(time.process_time() - begun)
    assert min(spans) < 0.5


metres = st.none() | st.floats(0, 50_000)
seconds = st.none() | st.floats(0, 100_000)
candidates = st.builds(
    worker,
    st.uuids().map(str),
    own_grids=st.sampled_from([("T", "T1"), ("T", "T2"), ("T", "T1", "T1a"), ("S", "S1"), ()]),
    status=st.sampled_from(WorkerStatus),
    distance_m=metres,
    fix_age_s=seconds,
    accuracy_m=st.none() | st.floats(0, 10_000),
    suspect=st.booleans(),
    open_tasks=st.integers(0, 20),
    colleagues_left=st.integers(0, 20),
    skills=st.sets(st.sampled_from(["调解", "法律", "消防", "急救"])).map(tuple),
)
situations = st.builds(
    lambda category, severity: replace(HERE, category=category, severity=severity),
    st.sampled_from(sorted(CATEGORIES)),
    st.integers(1, 4),
)


def improved(who: Candidate, data: st.DataObject) -> Candidate:
    """The same person in no respect worse off, in at least one better."""
    shrink = st.floats(0, 0.9)
    better: dict[str, object] = {
        "status": WorkerStatus.AVAILABLE,
        "own_grids": who.own_grids if who.own_grids[:2] == ("T", "T1") else ("T", "T1"),  # a part of T1 is no worse
        "suspect": False,
        "open_tasks": data.draw(st.integers(0, who.open_tasks)),
        "colleagues_left": who.colleagues_left + data.draw(st.integers(0, 5)),
        "distance_m": 100.0 if who.distance_m is None else who.distance_m * data.draw(shrink),
        "fix_age_s": 5.0 if who.fix_age_s is None else who.fix_age_s * data.draw(shrink),
    }
    chosen = data.draw(st.sets(st.sampled_from(sorted(better)), min_size=1))
    return replace(who, **{name: better[name] for name in chosen})  # type: ignore[arg-type]


@settings(deadline=None)
@given(situations, st.lists(candidates, max_size=6), candidates, st.data())
def test_a_better_candidate_never_ranks_lower(where, others: list[Candidate], who: Candidate, data) -> None:  # type: ignore[no-untyped-def]
    better = replace(improved(who, data), who=replace(who.who, id=WorkerId("W-better")))
    if better.distance_m is not None and (who.accuracy_m is None or who.fix_age_s is None):
        better = replace(better, accuracy_m=who.accuracy_m)
    order = ids(rank(where, [*others, who, better]))
    assert order.index("W-better") < order.index(str(who.who.id)) or better == replace(who, who=better.who)


@settings(deadline=None)
@given(situations, st.lists(candidates, max_size=8, unique_by=lambda c: c.who.id), st.randoms())
def test_the_order_of_the_input_does_not_matter(where, crowd: list[Candidate], shuffle: random.Random) -> None:  # type: ignore[no-untyped-def]
    mixed = list(crowd)
    shuffle.shuffle(mixed)
    assert rank(where, mixed) == rank(where, crowd)


@settings(deadline=None)
@given(situations, st.lists(candidates, max_size=8))
def test_every_row_has_reasons_and_a_score(where, crowd: list[Candidate]) -> None:  # type: ignore[no-untyped-def]
    rows = rank(where, crowd)
    assert len(rows) == len(crowd)
    for row in rows:
        assert row.why and all(part.words and part.points >= 0 for part in row.parts.values())
        assert 0 <= row.score <= 100.000001
    assert [row.reach for row in rows] == sorted(row.reach for row in rows)


@settings(deadline=None)
@given(situations, st.lists(candidates, min_size=1, max_size=8))
def test_the_nearest_is_first_or_says_why_not(where, crowd: list[Candidate]) -> None:  # type: ignore[no-untyped-def]
    rows = rank(where, crowd)
    far = [row.candidate.distance_m for row in rows if row.candidate.distance_m is not None]
    explained = [row for row in rows if row.why_not_first]
    assert len(explained) <= 1
    if far and rows[0].candidate.distance_m != min(far):
        assert explained and explained[0].candidate.distance_m == min(far)
