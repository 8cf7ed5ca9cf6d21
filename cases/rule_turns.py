"""From what the alert rules see to what the desk does about it: which watch rings, clears or is forgotten, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from cases import alerts
from cases.model import EVERYWHERE, AlertNo, AlertReport
from cases.rule_book import Cluster, Dwell, Kind, Rule, RuleBook
from cases.rule_signals import span_words
from cases.rule_watch import Signal, Turn, Watch, judge

if TYPE_CHECKING:
    from cases.ports import Change, Transaction

SOURCE = "rules"
ORIGIN = "规则"
OVER: Mapping[Kind, str] = {
    Kind.SOS: "求助已解除",
    Kind.DEADLINE: "案件已办结、延期或挂起",
    Kind.CLUSTER: "同类事件已减少",
    Kind.SILENCE: "已恢复来数",
    Kind.DWELL: "已离开或已离岗",
}
OFF_WORDS = "规则已停用"


@dataclass(frozen=True, slots=True)
class Move:
    """One turn of one watch: `before` as it was seen; `made` is the rule that rings, None where it only ends."""

    turn: Turn
    rule: str
    subject: str
    before: Watch | None
    made: Rule | None = None
    signal: Signal | None = None
    why: str = ""

    def report(self, now: datetime) -> AlertReport | None:
        """The alert that it raises: what, and by which rule."""
        if self.turn is not Turn.RAISE or self.made is None or self.signal is None:
            return None
        text = f"{self.signal.text}。规则 {self.rule}：{rule_words(self.made)}"
        id = f"{self.rule}:{self.subject}:{now.timestamp():.6f}"
        return AlertReport(
            source=SOURCE,
            id=id,
            fingerprint=id,
            at=now,
            received_at=now,
            level=self.made.level,
            origin=ORIGIN,
            kind=self.made.words,
            text=text,
            place=self.signal.place,
            exercise=self.signal.exercise,
            rule=self.rule,
        )


def rule_words(rule: Rule) -> str:
    """When a rule rings, in words."""
    option, lasting = rule.option, span_words(rule.timing.lasting)
    if isinstance(option, Cluster):
        return f"同一网格 {span_words(option.within)}内同类 {option.count} 起"
    if isinstance(option, Dwell):
        return f"为其安全，涉险区域内停留 {lasting}"
    return {
        Kind.SOS: "网格员发出求助",
        Kind.DEADLINE: "案件转为超时",
        Kind.SILENCE: f"{lasting}没有消息",
    }[rule.kind]


def moves(book: RuleBook, watches: Iterable[Watch], seen: Mapping[str, Sequence[Signal]], now: datetime) -> list[Move]:
    """What changes at `now`: `seen` is what each rule that is on sees, one signal a subject.

    What a rule rang for when it was put off or taken away clears, and says so.
    """
    kept = {(watch.rule, watch.subject): watch for watch in watches}
    signals = {(rule, signal.subject): signal for rule, found in seen.items() for signal in found}
    found: list[Move] = []
    for key in dict.fromkeys((*kept, *signals)):
        move = _move(book, key, kept.get(key), signals.get(key), now)
        if move.turn is not Turn.STAY:
            found.append(move)
    return found


def _move(book: RuleBook, key: tuple[str, str], watch: Watch | None, signal: Signal | None, now: datetime) -> Move:
    if not book.is_on(key[0]):
        turn = Turn.CLEAR if watch is not None and watch.is_ringing else Turn.FORGET
        return Move(turn, *key, watch, why=OFF_WORDS)
    rule = book.rules[key[0]]
    return Move(judge(rule.timing, watch, signal, now), *key, watch, rule, signal, OVER[rule.kind])


def settle(tx: Transaction, move: Move, numbers: Mapping[str, AlertNo], now: datetime) -> list[Change]:
    """Keep a move's watch, and clear its alert; `numbers` are those of the alerts raised in this transaction, by id."""
    if move.turn is Turn.RAISE:
        report = move.report(now)
        number = numbers.get(report.id) if report is not None else None
        if number is not None:
            tx.save_watch(Watch(move.rule, move.subject, number, now))
        return []
    if move.before is None:
        return []
    if move.turn is Turn.FORGET:
        tx.drop_watch(move.before)
        return []
    tx.save_watch(replace(move.before, cleared_at=now))
    return _cleared(tx, move.before.alert, move.why, now)


def _cleared(tx: Transaction, number: AlertNo, why: str, now: datetime) -> list[Change]:
    from cases.ports import Change  # noqa: PLC0415 — ports names our nouns

    alert = tx.alert(number, EVERYWHERE)
    step = alerts.clear(alert, why, now) if alert is not None else None
    if step is None:
        return []
    tx.save_alert(step.after)
    tx.add_alert_events([step.event])
    return [Change("alert", step.after.no, step.after.version)]
