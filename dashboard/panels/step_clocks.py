"""Beside the clock of the whole: how long the awaited step and a promise still have, and what was only guessed."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from cases.deadlines import light
from cases.mediation import legal_light
from cases.model import Case, Handoff, StageClock, Standing, Whistle
from cases.model import State as CaseState
from cases.stages import PROMISE, STEP_NAMES
from cases.whistles import lateness
from dashboard.components import signs
from dashboard.components.signs import RISK_MARKS, RISK_NAMES
from dashboard.components.words import moment_words, span_words
from dashboard.dossier import Dossier


def lines(dossier: Dossier) -> list[Component]:
    """A line for each clock that runs, and one where a due time rests on a calendar that is not out yet."""
    running = [clock for clock in dossier.clocks if clock.ended_at is None]
    out = [each for each in dossier.record.handoffs if each.back_at is None]
    called = [each for each in dossier.record.whistles if each.arrived_at is None and dossier.case.is_open]
    return [
        *(_line(clock, dossier) for clock in running),
        *(_legal(each, dossier) for each in out),
        *(_called(each, dossier) for each in called),
        *_guessed(dossier),
    ]


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


def _legal(out: Handoff, dossier: Dossier) -> Component:
    """The law's own clock of what another body has: it runs while the room's rests (H1–H3)."""
    kind, standing = dossier.kinds.get(out.kind), legal_light(out, dossier.now)
    name = f"{kind.name} · {kind.party}" if kind else out.kind
    if standing is None or out.due_at is None:
        words = f"{name} · {moment_words(out.out_at, dossier.now)} 移送 · 未设法定期限"
        return html.P(words, className="late-line step")
    said = f"{name} · {_left_to(out.due_at, dossier.now)} · 法定期限 {moment_words(out.due_at, dossier.now)}"
    said += "（已延长）" if out.extended else ""
    if out.decide_by is not None:
        decide = "应于" if dossier.now <= out.decide_by else "已过"
        said += f" · {decide} {moment_words(out.decide_by, dossier.now)} 前决定受理"
    return html.P([signs.light(standing), said], className=f"late-line step {standing}", **{"data-legal": out.kind})


def _called(whistle: Whistle, dossier: Dossier) -> Component:
    """A whistle's clock: first the answer's, then the arrival's."""
    late, unit = lateness(whistle, dossier.now), dossier.unit_names.get(whistle.unit, whistle.unit)
    waits = ("应哨", whistle.answer_by) if whistle.answered_at is None else ("到场", whistle.arrive_by)
    standing = Standing.OVERDUE if late else Standing.ON_TIME
    said = f"吹哨 {unit} · 待{waits[0]} · {_left_to(waits[1], dossier.now)}"
    marked = {"data-whistle": whistle.unit}
    return html.P([signs.light(standing), said], className=f"late-line step {standing}", **marked)


def _left_to(due_at: datetime, now: datetime) -> str:
    return f"超时 {span_words(now - due_at)}" if now > due_at else f"剩 {span_words(due_at - now)}"


def _left(clock: StageClock, dossier: Dossier) -> str:
    left = clock.due_at - dossier.now
    late = light(clock.warn_at, clock.due_at, dossier.now) is Standing.OVERDUE
    return f"超时 {span_words(-left)}" if late else f"剩 {span_words(left)}"


def _guessed(dossier: Dossier) -> list[Component]:
    if not dossier.guessed_years:
        return []
    years = "、".join(str(year) for year in dossier.guessed_years)
    return [html.P(f"⚠ {years} 年工作日历未到，时限暂按周一至周五推算", className="guessed", role="note")]
