"""The upper part of the case pane: what and where, how late, who has it, who told it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.categories import category_of
from cases.lifecycle import ACTION_NAMES, STAGE_NAMES, STATE_NAMES
from cases.masking import masked_name, masked_phone
from cases.model import CHANNELS, Action, Case, Reporter
from cases.model import State as CaseState
from dashboard.components.signs import light
from dashboard.components.words import SEVERITY_NAMES, STANDING_NAMES, due_words, moment_words, place_words
from dashboard.dossier import Dossier
from dashboard.panels import step_clocks
from dashboard.panels.case_buttons import REVEAL
from dashboard.panels.case_ids import button_id


def head(dossier: Dossier) -> Component:
    """Title, place and clock; they stay in view while the pane is scrolled."""
    case, now = dossier.case, dossier.now
    marks = [html.Em("演练")] if case.exercise else []
    due = f" · 到期 {moment_words(case.due_at, now)}" if case.due_at else ""
    return html.Header(
        [
            html.Button("×", className="close", title="关闭（Esc）", **{"data-close-case": "", "aria-label": "关闭"}),
            html.H2([*marks, case.title]),
            html.P(place_words(case.grids, dossier.grid_names, 3)),
            html.P(
                [light(case.standing), html.B(due_words(case, now)), f"（{STANDING_NAMES[case.standing]}）{due}"],
                className=f"late-line {case.standing}",
            ),
            *step_clocks.lines(dossier),
        ]
    )


def facts(dossier: Dossier) -> Component:
    """What was told, and the pairs of name and value."""
    case, now = dossier.case, dossier.now
    who = dossier.unit_names.get(case.unit or "", case.unit or "尚未派遣")
    worker = f" · {dossier.worker_names.get(case.worker, case.worker)}" if case.worker else ""
    state = "" if case.state is CaseState.ACTIVE else f" · {STATE_NAMES[case.state]}"
    rows = [
        ("承办", who + worker),
        ("阶段", STAGE_NAMES[case.stage] + state),
        *([("待批准", pending_words(case))] if case.pending else []),
        *([("风险", step_clocks.risk(case))] if case.risk else []),
        ("类别", f"{category_of(case.category).name} · {SEVERITY_NAMES.get(case.severity, '')}"),
        ("来源", f"{CHANNELS.get(case.channel, case.channel)} · {moment_words(case.reported_at, now)}"),
        ("报告人", _reporter(case, dossier.reveal)),
        ("地址", case.place.address or "未填写"),
        ("编号", case.no),
    ]
    told = [html.P(case.text, className="told")] if case.text else []
    pairs = [part for name, value in rows for part in (html.Dt(name), html.Dd(value))]
    return html.Div([*told, html.Dl(pairs)])


def pending_words(case: Case) -> str:
    """What waits for the leader's word: 延期 5 天, 作废; empty where nothing does."""
    if not case.pending:
        return ""
    return f"延期 {case.pending} 天" if case.pending.isdigit() else ACTION_NAMES[Action(case.pending)]


def _reporter(case: Case, may_reveal: bool) -> Component:
    """Masked for everybody; who may know presses, and the press is recorded."""
    reporter = case.reporter
    if reporter is None or reporter.anonymous or not (reporter.name or reporter.phone):
        return html.Span("匿名或未留")
    masked = _masked(reporter)
    show = html.Button("显示", id=button_id(case, REVEAL), className="reveal", title="查看会被记录")
    return html.Span([masked, " ", show] if may_reveal else masked)


def _masked(reporter: Reporter) -> str:
    return f"{masked_name(reporter.name)} {masked_phone(reporter.phone)}".strip()
