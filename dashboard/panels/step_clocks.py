"""Beside the clock of the whole: how long the awaited step and a promise still have, and what was only guessed."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.deadlines import light
from cases.model import Case, Risk, StageClock, Standing
from cases.model import State as CaseState
from cases.stages import PROMISE, STEP_NAMES
from dashboard.components import signs
from dashboard.components.words import moment_words, span_words
from dashboard.dossier import Dossier

RISK_NAMES = {Risk.HIGH: "高", Risk.MEDIUM: "中", Risk.LOW: "低"}
RISK_MARKS = {Risk.HIGH: "■", Risk.MEDIUM: "◧", Risk.LOW: "□"}  # a shape and a word, never a hazard's colour


def lines(dossier: Dossier) -> list[Component]:
    """A line for each clock that runs, and one where a due time rests on a calendar that is not out yet."""
    running = [clock for clock in dossier.clocks if clock.ended_at is None]
    return [*(_line(clock, dossier) for clock in running), *_guessed(dossier)]


def risk(case: Case) -> str:
    """How dangerous it may become, as a person judged it; empty where nobody did."""
    return f"{RISK_MARKS[case.risk]} {RISK_NAMES[case.risk]}" if case.risk else ""


def _line(clock: StageClock, dossier: Dossier) -> Component:
    rests = dossier.case.state is CaseState.SUSPENDED and clock.step != PROMISE
    standing = clock.standing if rests else light(clock.warn_at, clock.due_at, dossier.now)
    due = moment_words(clock.due_at, dossier.now)
    words = "已挂起" if rests else _left(clock, dossier)
    name = "向群众承诺" if clock.step == PROMISE else f"待{STEP_NAMES[clock.step]}"
    said = [signs.light(standing), f"{name} · {words} · 到期 {due}"]
    return html.P(said, className=f"late-line step {standing}", **{"data-step": clock.step})


def _left(clock: StageClock, dossier: Dossier) -> str:
    left = clock.due_at - dossier.now
    late = light(clock.warn_at, clock.due_at, dossier.now) is Standing.OVERDUE
    return f"超时 {span_words(-left)}" if late else f"剩 {span_words(left)}"


def _guessed(dossier: Dossier) -> list[Component]:
    if not dossier.guessed_years:
        return []
    years = "、".join(str(year) for year in dossier.guessed_years)
    return [html.P(f"⚠ {years} 年工作日历未到，时限暂按周一至周五推算", className="guessed", role="note")]
