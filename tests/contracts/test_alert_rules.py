"""Alert rules on both engines: what rings is a row like any other alert, once, and clears before everybody's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cases import rule_turns
from cases.alerts import AlertAction
from cases.desk import Desk
from cases.model import (
    EVERYWHERE,
    Action,
    Alert,
    AlertState,
    Fix,
    GridWorker,
    IncidentReport,
    Place,
    Standing,
    StatusReport,
    WorkerId,
    WorkerStatus,
)
from cases.registers import Load, Record
from cases.rule_book import RuleBook, read_rules
from geo.grids import GridBook
from roles.rule_eyes import Eyes
from roles.rule_past import RulePast
from storage.engine import Engine
from storage.past import SqlPast
from storage.positions import SqlPositions
from storage.registers import SqlRegisters
from storage.rule_facts import SqlRuleFacts
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, report
from tests.feeds.town import write_town

NOW = MONDAY_9
MINUTE = timedelta(minutes=1)
A1 = Place(120.01, 30.05, ("A", "A1"))
WORKERS = [GridWorker(WorkerId("W-0001"), "王建国", "A1")]

RULES = """
[rules.cluster]
count = 3
clear_below = 2
cooldown = "10min"
[rules.overdue]
severities = []
[rules.feed]
kind = "silence"
words = "数据来源中断"
level = "yellow"
devices = ["hotline-1"]
lasting = "15min"
[rules.water]
kind = "dwell"
words = "涉险区域滞留"
level = "orange"
purpose = "safety"
circle = [120.01, 30.05, 200]
accuracy_m = 50
lasting = "10min"
clear_after = "1min"
"""


@dataclass
class Ears:
    """Who was heard, by hand."""

    heard: dict[str, datetime] = field(default_factory=dict)

    def last(self, devices: Sequence[str]) -> Mapping[str, datetime]:
        return {device: self.heard[device] for device in devices if device in self.heard}


@dataclass
class Watching:
    """A room whose leader looks when told to; `restarted` is the leader after it."""

    engine: Engine
    desk: Desk
    book: RuleBook
    grids: GridBook
    ears: Ears = field(default_factory=Ears)

    def __post_init__(self) -> None:
        self.facts = SqlRuleFacts(self.engine)
        self.eyes = Eyes(self.facts, self.grids, lambda: WORKERS, self.ears)

    def look(self, minute: float) -> int:
        """Let every rule look once, so many minutes after NOW; how many rang, cleared or were forgotten."""
        at, watches = NOW + minute * MINUTE, self.facts.watches()
        return self.desk.turn_rules(
            rule_turns.moves(self.book, watches, self.eyes.look(self.book, watches, at), at), at
        )

    def restarted(self) -> Watching:
        return Watching(self.engine, self.desk, self.book, self.grids, self.ears)

    def alerts(self, minute: float = 0) -> list[Alert]:
        """What lists show then, oldest first."""
        views = SqlViews(self.engine, lambda: NOW + minute * MINUTE)
        return sorted(views.alerts(EVERYWHERE), key=lambda alert: alert.no)

    def told(self) -> list[tuple[str, str, bool]]:
        """(rule, kind, whether it has cleared) of every alert."""
        return [(alert.rule, alert.kind, alert.cleared_at is not None) for alert in self.alerts()]


@pytest.fixture(scope="module")
def grids(tmp_path_factory: pytest.TempPathFactory) -> GridBook:
    return GridBook.load(write_town(tmp_path_factory.mktemp("town")))


@pytest.fixture
def watching(engine: Engine, desk: Desk, grids: GridBook, tmp_path: Path) -> Watching:
    file = tmp_path / "alert_rules.toml"
    file.write_text(RULES, encoding="utf-8")
    return Watching(engine, desk, read_rules(file), grids)


def came(minute: float, late: float = 0, **given: object) -> IncidentReport:
    """A report that happened so many minutes after NOW and came `late` minutes later."""
    at = NOW + minute * MINUTE
    plain: dict[str, object] = {"at": at, "received_at": at + late * MINUTE, "place": A1, "exercise": False} | given
    return report(f"r{minute}{plain['exercise']}", **plain)


def test_a_cluster_rings_once_says_why_and_stays_until_somebody_answers(watching: Watching) -> None:
    watching.desk.file([came(0), came(5)], NOW)
    assert watching.look(6) == 0
    watching.desk.file([came(7, late=3)], NOW + 10 * MINUTE)
    assert watching.look(10) == 1
    assert watching.look(11) == 0
    assert watching.restarted().look(12) == 0
    (alert,) = watching.alerts()
    assert (alert.rule, alert.kind, alert.place.grids, alert.state) == ("cluster", "同类事件聚集", ("A", "A1"), "new")
    assert "30 分钟内邻里纠纷 3 起。规则 cluster：同一网格 30 分钟内同类 3 起" in alert.text
    assert watching.look(40) == 1  # two left, then one
    (cleared,) = watching.alerts(40)
    assert (cleared.state, cleared.cleared_at) == (AlertState.NEW, NOW + 40 * MINUTE)
    found = SqlViews(watching.engine).alert(alert.no, EVERYWHERE)
    assert found is not None
    assert [(step.action, step.by, step.why) for step in found[1]] == [(AlertAction.CLEAR, "system", "同类事件已减少")]
    assert watching.desk.turn_alerts(NOW + 60 * MINUTE) == 0  # what is over is told to no commander
    then = SqlPast(watching.engine).room(EVERYWHERE, NOW + 20 * MINUTE, NOW, 50)
    assert [(each.rule, each.cleared_at) for each in then.alerts] == [("cluster", None)]
    watching.desk.act_on_alert(alert.no, "acknowledge", {}, DUTY, EVERYWHERE, NOW + 41 * MINUTE)
    assert watching.alerts(41)[0].state is AlertState.ACKNOWLEDGED
    assert (watching.look(50), watching.facts.watches()) == (1, [])  # its rest is over


def test_of_two_leaders_that_saw_the_same_one_rings(watching: Watching) -> None:
    watching.desk.file([came(0), came(1), came(2)], NOW)
    other = watching.restarted()
    at, nothing = NOW + 3 * MINUTE, watching.facts.watches()
    both = [rule_turns.moves(w.book, nothing, w.eyes.look(w.book, nothing, at), at) for w in (watching, other)]
    assert [w.desk.turn_rules(m, at) for w, m in zip((watching, other), both, strict=True)] == [1, 0]
    assert len(watching.alerts()) == 1


def test_exercises_make_exercises_and_never_help_to_make_a_real_one(watching: Watching) -> None:
    watching.desk.file([came(0), came(1), came(2, exercise=True)], NOW)
    assert watching.look(3) == 0
    watching.desk.file([came(3, exercise=True), came(4, exercise=True)], NOW)
    assert watching.look(5) == 1
    assert [alert.exercise for alert in watching.alerts()] == [True]


def test_reports_from_long_ago_that_come_together_are_no_cluster(watching: Watching) -> None:
    watching.desk.file([came(minute, late=90) for minute in (-90, -89, -88)], NOW)
    assert watching.look(0) == 0


def test_a_red_light_rings_and_clears_when_the_case_is_voided(watching: Watching) -> None:
    (answer,) = watching.desk.file([came(0)], NOW)
    number = answer.receipt.number if answer.receipt else ""
    case = SqlViews(watching.engine).case(number, EVERYWHERE)  # type: ignore[arg-type]
    assert case is not None
    assert case.due_at is not None
    late = (case.due_at - NOW) / MINUTE
    watching.desk.turn_clocks(case.due_at)
    assert watching.look(late) == 1
    assert watching.look(late + 1) == 0
    assert number in watching.alerts(late)[0].text
    (case,) = [SqlViews(watching.engine).case(case.no, EVERYWHERE)]
    assert case is not None
    assert case.standing is Standing.OVERDUE
    watching.desk.act(
        case.no, Action.VOID, {"reason": "重复"}, DUTY, EVERYWHERE, case.version, case.due_at + 5 * MINUTE
    )
    assert watching.look(late + 6) == 1
    assert watching.alerts(late + 6)[0].cleared_at is not None


def test_what_turned_red_long_before_the_room_looked_calls_nobody(watching: Watching) -> None:
    (answer,) = watching.desk.file([came(0)], NOW)
    case = SqlViews(watching.engine).case(answer.receipt.number, EVERYWHERE)  # type: ignore[union-attr, arg-type]
    assert case is not None
    assert case.due_at is not None
    watching.desk.turn_clocks(case.due_at)
    assert watching.look((case.due_at - NOW) / MINUTE + 31) == 0


def said(
    id: str, minute: float, sos: bool | None, heard: float | None = None, *, exercise: bool = False
) -> StatusReport:
    at, received = NOW + minute * MINUTE, NOW + (minute if heard is None else heard) * MINUTE
    who, status = WorkerId("W-0001"), WorkerStatus.ON_SCENE
    return StatusReport("w-1", id, id, at, received, who, status, sos=sos, exercise=exercise)


def test_a_call_for_help_rings_at_once_and_only_its_own_word_ends_it(watching: Watching) -> None:
    where = Fix(WorkerId("W-0001"), NOW - MINUTE, 120.01, 30.05, 8.0, WorkerStatus.ON_SCENE)
    SqlPositions(watching.engine).keep([where])
    watching.desk.file([said("s1", 0, True)], NOW)
    assert watching.look(0) == 1
    (alert,) = watching.alerts()
    assert (alert.level, alert.place.grids, alert.place.lon) == ("red", ("A", "A1"), 120.01)
    assert "网格员 王**（W-0001） 11-16 09:00 求助，定位在 1 分钟前" in alert.text
    watching.desk.file([said("s2", 1, None), said("s3", -5, False, 2)], NOW)  # a status; an old all-clear
    assert watching.look(2) == 0
    watching.desk.file([said("s4", 3, False)], NOW)
    assert watching.restarted().look(3) == 1
    assert watching.told() == [("sos", "网格员求助", True)]
    watching.desk.file([said("s5", 4, True)], NOW)
    assert watching.look(4) == 1  # a call for help has no rest
    assert len(watching.alerts()) == 2


def test_a_call_in_an_exercise_says_so_and_neither_hides_nor_ends_a_real_one(watching: Watching) -> None:
    watching.desk.file([said("e1", 0, True, exercise=True)], NOW)
    assert watching.look(0) == 1
    (drill,) = watching.alerts()
    assert (drill.exercise, "演练求助" in drill.text) == (True, True)
    watching.desk.file([said("s1", 1, True)], NOW)
    assert watching.look(1) == 1
    assert sorted(alert.exercise for alert in watching.alerts()) == [False, True]
    watching.desk.file([said("e2", 2, False, exercise=True)], NOW)
    assert watching.look(2) == 1
    assert [alert.exercise for alert in watching.alerts() if alert.cleared_at is None] == [False]
    watching.desk.file([said("e3", 3, True, exercise=True)], NOW)
    assert watching.look(3) == 1
    watching.desk.file([said("s2", 4, False)], NOW)  # it is over, whatever it was
    assert watching.look(4) == 2
    assert all(alert.cleared_at is not None for alert in watching.alerts())


def test_a_feed_that_falls_silent_rings_until_it_is_heard_again(watching: Watching) -> None:
    watching.desk.file([came(0, source="hotline-1")], NOW)
    assert watching.look(0) == 0
    watching.ears.heard["hotline-1"] = NOW + 10 * MINUTE  # it files nothing, and beats
    assert watching.look(20) == 0
    assert watching.restarted().look(25) == 1
    watching.ears.heard["hotline-1"] = NOW + 30 * MINUTE
    assert watching.look(30) == 1
    assert watching.told() == [("feed", "数据来源中断", True)]


def stay(watching: Watching, *fixes: tuple[float, float, float]) -> None:
    """Fixes as (minute, degrees east of the fence's centre, accuracy)."""
    SqlPositions(watching.engine).keep(
        [
            Fix(WorkerId("W-0001"), NOW + minute * MINUTE, 120.01 + east, 30.05, accuracy, WorkerStatus.ON_SCENE)
            for minute, east, accuracy in fixes
        ]
    )


def test_a_stay_in_a_dangerous_place_rings_by_good_fixes_alone(watching: Watching) -> None:
    stay(watching, *((minute, 0.0, 10.0) for minute in range(0, 9)))
    assert watching.look(9) == 0
    stay(watching, (9, 0.1, 500.0), (11, 0.0, 10.0), (10, 0.001, 10.0))  # one of them coarse, one late
    assert watching.look(11) == 1
    assert "网格员 王**（W-0001） 自 11-16 09:00 在涉险区域内" in watching.alerts()[0].text
    stay(watching, (12, 0.00215, 10.0))  # seven metres over the edge: in the margin
    assert watching.look(14) == 0
    stay(watching, (15, 0.01, 10.0), (16, 0.01, 10.0))
    assert watching.look(15.5) == 0
    assert watching.look(16) == 1
    assert watching.told() == [("water", "涉险区域滞留", True)]


def test_a_fence_may_lie_around_the_places_that_a_register_has(watching: Watching) -> None:
    rules = dict(watching.book.rules)
    around = replace(rules["water"].option, circle=None, around=("place", "水库", 200.0))  # type: ignore[type-var]
    watching.book = RuleBook({**rules, "water": replace(rules["water"], option=around)})
    stay(watching, *((minute, 0.0, 10.0) for minute in range(0, 30)))
    assert watching.look(12) == 0  # the register has no such place yet
    load = Load("place", "地.csv", "水利站", NOW, NOW, "甲")
    other = {"key": "2", "name": '名"type": "水库"', "type": "公园"}
    records = [
        Record("1", {"key": "1", "name": "青芝水库", "type": "水库"}, 120.01, 30.05),
        Record("3", {"key": "3", "name": "南水库", "type": "水库"}, 120.15, 30.05),
        Record("2", other, 120.05, 30.05),
        Record("4", {"key": "4", "name": "北水库", "type": "水库"}),  # nobody knows where
    ]
    SqlRegisters(watching.engine).keep(load, records)
    assert watching.facts.places("place", "水库") == [(120.01, 30.05), (120.15, 30.05)]
    assert watching.facts.places("place", "2") == [(120.05, 30.05)]
    assert watching.look(14) == 1
    assert watching.told() == [("water", "涉险区域滞留", False)]
    later = replace(load, at=NOW + 15 * MINUTE)
    SqlRegisters(watching.engine).keep(later, [replace(each, values={"key": each.key}) for each in records])
    assert watching.look(16) == 1  # it is no reservoir any more
    assert watching.told() == [("water", "涉险区域滞留", True)]


def test_a_rule_that_is_put_off_clears_what_it_rang_for(watching: Watching) -> None:
    watching.desk.file([said("s1", 0, True)], NOW)
    watching.look(0)
    rules = dict(watching.book.rules)
    watching.book = RuleBook({**rules, "sos": replace(rules["sos"], on=False)})
    assert watching.look(1) == 1
    assert watching.told() == [("sos", "网格员求助", True)]
    assert (watching.look(2), watching.facts.watches()) == (1, [])


def test_the_past_tells_what_the_room_rang(watching: Watching) -> None:
    """The same day, lived minute by minute and read afterwards: the same rings, each within the minute."""
    facts = {
        0: [came(0), said("s0", 0, True)],
        4: [came(3), came(4, exercise=True)],
        9: [said("s1", 8, False)],
        12: [came(12), came(12.5, source="hotline-1")],
        50: [came(50, source="hotline-1", category="other")],
        52: [came(51)],
        55: [came(54), came(54.5)],
    }
    for minute in range(0, 150):
        arrivals = [
            replace(each, received_at=NOW + minute * MINUTE) if isinstance(each, IncidentReport) else each
            for each in facts.get(minute, [])
        ]
        if arrivals:
            watching.desk.file(arrivals, NOW + minute * MINUTE)
        if minute < 60:
            stay(watching, (minute, 0.0 if 10 <= minute < 40 else 0.02, 10.0))
        watching.desk.turn_clocks(NOW + minute * MINUTE)
        watching.look(minute)
    lived = sorted((a.rule, (a.received_at - NOW) / MINUTE) for a in watching.alerts(150))
    past = RulePast(watching.facts, watching.grids, {worker.id: worker for worker in WORKERS})
    rules = [rule for rule in watching.book.rules.values() if rule.on]
    read = [each for rule in rules for each in past.rang(rule, NOW, NOW + 150 * MINUTE)]
    told = sorted((each.rule, (each.raised_at - NOW) / MINUTE) for each in read)
    assert [rule for rule, _ in lived] == ["cluster", "cluster", "feed", "feed", "sos", "water"]
    assert [rule for rule, _ in told] == [rule for rule, _ in lived]
    assert all(0 <= rang - would <= 1 for (_, rang), (_, would) in zip(lived, told, strict=True))
    over = {alert.no: alert.cleared_at for alert in watching.alerts(150)}
    assert sum(each is not None for each in over.values()) == sum(each.cleared_at is not None for each in read)
