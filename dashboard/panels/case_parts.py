"""拆分 in the case pane: the sub-tasks of a case with unit and stage, or the case that a sub-task is part of."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.lifecycle import STAGE_NAMES, STATE_NAMES
from cases.model import Case
from cases.model import State as CaseState
from dashboard.components import signs
from dashboard.dossier import Dossier


def section(dossier: Dossier) -> Component | None:
    """The rows, each a link to its case; None where there is neither a part nor a whole."""
    parent, children = dossier.case.parent, dossier.record.children
    if parent:
        link = html.A(f"主案 {parent}", href=f"/case/{parent}", **{"data-case": parent})
        return html.Section([html.H3("本案是子任务"), link], className="parts")
    if not children:
        return None
    left = sum(child.is_open for child in children)
    note = f"{left} 件未结，主案须等它们办完" if left else "都已办完"
    rows = html.Ul([_row(child, dossier) for child in children])
    return html.Section([html.H3(["子任务", html.Small(f"{len(children)} 件 · {note}")]), rows], className="parts")


def _row(child: Case, dossier: Dossier) -> Component:
    unit = dossier.unit_names.get(child.unit or "", child.unit or "未派遣")
    state = "" if child.state is CaseState.ACTIVE else f" · {STATE_NAMES[child.state]}"
    link = html.A(unit, href=f"/case/{child.no}", **{"data-case": child.no})
    return html.Li(
        [signs.light(child.standing), link, html.Span(STAGE_NAMES[child.stage] + state), html.Small(child.no)]
    )
